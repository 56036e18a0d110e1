use std::collections::BTreeMap;
use std::time::Instant;

use base64::Engine;
use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::base::Now;

const KEYS: &str = include_str!("../../../tests/jwt/jwks.json");
const TOKENS: &str = include_str!("../../../tests/jwt/tokens.json");

fn keys() -> KeySet {
    KeySet::parse(KEYS.as_bytes()).expect("the test's key set is one")
}

fn tokens() -> BTreeMap<String, String> {
    serde_json::from_str(TOKENS).unwrap()
}

fn now(unix_seconds: u64) -> Now {
    Now { instant: Instant::now(), unix_ms: unix_seconds * 1000 }
}

fn part(value: &Value) -> String {
    URL_SAFE_NO_PAD.encode(value.to_string())
}

/// A token with this header and these claims, and a signature that is none.
fn unsigned(header: &Value, claims: &Value) -> String {
    format!("{}.{}.AAAA", part(header), part(claims))
}

fn claiming(claims: &Value) -> String {
    unsigned(&json!({ "alg": "RS256", "kid": "a" }), claims)
}

/// What comes of it, with the keys of the test.
fn verified(text: &str) -> Result<(), Error> {
    let token = Token::parse(text)?;
    token.verify(keys().get(token.kid()).ok_or(Error::UnknownKey)?)
}

#[test]
fn every_algorithm() {
    for (algorithm, token) in tokens() {
        let good = algorithm.len() == 5;
        assert_eq!(verified(&token), if good { Ok(()) } else { Err(Error::Signature) }, "{algorithm}");
        if good {
            let token = Token::parse(&token).unwrap();
            assert_eq!(token.check("https://issuer.test", &["me".into()], now(1_700_000_000)), Ok(()));
        }
    }
}

#[test]
fn what_was_changed_is_not_signed() {
    for (algorithm, token) in tokens() {
        let parts: Vec<&str> = token.split('.').collect();
        let [header, claims, signature] = parts[..] else { panic!("{algorithm}") };
        let mut changed: Value = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(claims).unwrap()).unwrap();
        changed["sub"] = "root".into();
        let forged = format!("{header}.{}.{signature}", part(&changed));
        assert_eq!(verified(&forged), Err(Error::Signature), "{algorithm}");
        let mut bytes = URL_SAFE_NO_PAD.decode(signature).unwrap();
        for at in [0, bytes.len() / 2, bytes.len() - 1] {
            bytes[at] ^= 1;
            let forged = format!("{header}.{claims}.{}", URL_SAFE_NO_PAD.encode(&bytes));
            assert_eq!(verified(&forged), Err(Error::Signature), "{algorithm} {at}");
            bytes[at] ^= 1;
        }
        for length in [0, bytes.len() - 1] {
            let cut = format!("{header}.{claims}.{}", URL_SAFE_NO_PAD.encode(&bytes[..length]));
            assert_eq!(verified(&cut), Err(Error::Signature), "{algorithm} {length}");
        }
    }
}

/// Each signature under each name of an algorithm and of a key: only those that were made so are good.
#[test]
fn no_algorithm_passes_for_another() {
    for (made, token) in tokens().into_iter().filter(|(name, _)| name.len() == 5) {
        let rest = token.split_once('.').unwrap().1;
        for algorithm in ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384"] {
            for kid in ["rsa", "ec256", "ec384", "only512"] {
                let header = part(&json!({ "alg": algorithm, "kid": kid, "typ": "JWT" }));
                let original =
                    token.starts_with(&part(&json!({ "alg": algorithm, "kid": kid, "typ": "JWT" })));
                let is_good = verified(&format!("{header}.{rest}")).is_ok();
                assert_eq!(is_good, original, "{made} as {algorithm} of {kid}");
            }
        }
    }
}

#[test]
fn what_is_no_token() {
    let header = |header: Value| unsigned(&header, &json!({}));
    let method = |name: &str| Err(Error::Algorithm(name.to_owned()));
    for (text, expected) in [
        (String::new(), Err(Error::Segments)),
        ("token".into(), Err(Error::Segments)),
        ("a.b".into(), Err(Error::Segments)),
        ("a.b.c.d".into(), Err(Error::Segments)),
        ("..".into(), Err(Error::Malformed)),
        ("!.e30.AAAA".into(), Err(Error::Malformed)),
        ("e30=.e30.AAAA".into(), Err(Error::Malformed)),
        ("e30.W10.AAAA".into(), Err(Error::Malformed)),
        (format!("{}.e30.A", part(&json!({ "alg": "RS256", "kid": "a" }))), Err(Error::Malformed)),
        (header(json!([])), Err(Error::Malformed)),
        (header(json!({})), method("")),
        (header(json!({ "alg": 1 })), Err(Error::Malformed)),
        (header(json!({ "alg": "none", "kid": "rsa" })), method("none")),
        (header(json!({ "alg": "None", "kid": "rsa" })), method("None")),
        (header(json!({ "alg": "HS256", "kid": "rsa" })), method("HS256")),
        (header(json!({ "alg": "HS256", "kid": "secret" })), method("HS256")),
        (header(json!({ "alg": "EdDSA", "kid": "rsa" })), method("EdDSA")),
        (header(json!({ "alg": "x\"\r\n: y", "kid": "rsa" })), method("xy")),
        (header(json!({ "alg": "RS256" })), Err(Error::NoKey)),
        (header(json!({ "alg": "RS256", "kid": null })), Err(Error::NoKey)),
        (
            header(json!({ "alg": "RS256", "kid": "rsa", "crit": ["b64"], "b64": false })),
            Err(Error::Malformed),
        ),
        (header(json!({ "alg": "RS256", "kid": "nobody" })), Err(Error::UnknownKey)),
        // In the set, but none that verifies.
        (header(json!({ "alg": "RS256", "kid": "secret" })), Err(Error::UnknownKey)),
        (header(json!({ "alg": "RS256", "kid": "encrypts" })), Err(Error::UnknownKey)),
        (header(json!({ "alg": "RS256", "kid": "broken" })), Err(Error::UnknownKey)),
        (header(json!({ "alg": "RS256", "kid": "rsa" })), Err(Error::Signature)),
        (format!("{}.e30.AAAA", "A".repeat(MOST_TEXT)), Err(Error::Malformed)),
    ] {
        assert_eq!(verified(&text), expected, "{text:.200}");
    }
}

#[test]
fn claims_that_are_checked() {
    let base = json!({ "iss": "https://i", "aud": "me", "exp": 2000, "nbf": 1000, "iat": 1000 });
    for (more, at, expected) in [
        (json!({}), 1000, Ok(())),
        (json!({}), 1999, Ok(())),
        (json!({}), 2000, Err(Error::Expired)),
        (json!({}), 999, Err(Error::Early)),
        (json!({ "nbf": null }), 999, Err(Error::Unissued)),
        (json!({ "nbf": null, "iat": null }), 0, Ok(())),
        (json!({ "exp": null }), 1500, Err(Error::Expired)),
        (json!({ "exp": 1500.5 }), 1500, Ok(())),
        (json!({ "exp": "9999" }), 1500, Err(Error::Malformed)),
        (json!({ "iat": [] }), 1500, Err(Error::Malformed)),
        (json!({ "iss": "https://i/" }), 1500, Err(Error::Issuer)),
        (json!({ "iss": null }), 1500, Err(Error::Issuer)),
        (json!({ "iss": ["https://i"] }), 1500, Err(Error::Issuer)),
        (json!({ "aud": "you" }), 1500, Err(Error::Audience)),
        (json!({ "aud": ["you", "too"] }), 1500, Ok(())),
        (json!({ "aud": ["you", 1] }), 1500, Err(Error::Audience)),
        (json!({ "aud": [] }), 1500, Err(Error::Audience)),
        (json!({ "aud": {} }), 1500, Err(Error::Audience)),
        (json!({ "aud": null }), 1500, Err(Error::Audience)),
        (json!({ "aud": null, "client_id": "me" }), 1500, Ok(())),
        (json!({ "aud": null, "client_id": "you" }), 1500, Err(Error::Audience)),
        (json!({ "aud": "you", "client_id": "me" }), 1500, Err(Error::Audience)),
    ] {
        let mut claims = base.clone();
        claims.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        let text = claiming(&claims);
        let token = Token::parse(&text).unwrap();
        assert_eq!(
            token.check("https://i", &["me".into(), "too".into()], now(at)),
            expected,
            "{claims} {at}"
        );
    }
}

#[test]
fn claims_that_are_handed_on() {
    for (claim, expected) in [
        (json!("text"), Some("text")),
        (json!(1_600_000_000), Some("1600000000")),
        (json!(1_600_000_000.0), Some("1600000000")),
        (json!(-1.5), Some("-1.5")),
        (json!(1e300), Some("1e+300")),
        (json!(true), Some("true")),
        (json!(null), None),
        (json!([]), Some("[]")),
        (json!(["admin", "power user", 1, true]), Some("[admin power user 1 true]")),
        (json!([["a"], []]), Some("[[a] []]")),
        (json!({ "a": [1] }), Some(r#"{"a":[1]}"#)),
    ] {
        let text = claiming(&json!({ "x": claim }));
        let token = Token::parse(&text).unwrap();
        assert_eq!(token.claims().next().map(|(_, text)| text).as_deref(), expected, "{claim}");
    }
}

#[test]
fn scopes() {
    for (claims, expected) in [
        (json!({}), vec![]),
        (json!({ "scope": "a b  c" }), vec!["a", "b", "c"]),
        (json!({ "scope": ["a", 1, "b c"] }), vec!["a", "b c"]),
        (json!({ "scp": "x", "scope": "a" }), vec!["x"]),
        (json!({ "scp": ["x", "y"] }), vec!["x", "y"]),
        (json!({ "scope": 1 }), vec![]),
    ] {
        let text = claiming(&claims);
        assert_eq!(Token::parse(&text).unwrap().scopes(), expected, "{claims}");
    }
}

#[test]
fn key_sets_and_configurations() {
    for (text, expected) in [
        (r#"{"keys":[]}"#, true),
        (r#"{"keys":[1,{},{"kty":"RSA"}]}"#, true),
        (r#"{"keys":{}}"#, false),
        ("[]", false),
        ("", false),
    ] {
        assert_eq!(KeySet::parse(text.as_bytes()).is_some(), expected, "{text}");
    }
    let large = format!(r#"{{"keys":[]}}{}"#, " ".repeat(MOST_KEYS_TEXT));
    assert!(KeySet::parse(&large.as_bytes()[..MOST_KEYS_TEXT]).is_some());
    assert!(KeySet::parse(large.as_bytes()).is_none(), "larger than AWS takes");
    assert_eq!(jwks_uri(br#"{"issuer":"x","jwks_uri":"https://k/"}"#).as_deref(), Some("https://k/"));
    assert_eq!(jwks_uri(br#"{"issuer":"x"}"#), None);
    assert_eq!(jwks_uri(large.as_bytes()), None);
}

proptest! {
    #[test]
    fn nothing_panics_and_nothing_unsigned_passes(text in "([A-Za-z0-9_-]{0,40}\\.?){0,5}", at in 0..200_usize, with in "[A-Za-z0-9._=-]") {
        prop_assert!(verified(&text).is_err());
        let mut token = tokens().remove("ES256").unwrap();
        if token.as_bytes()[at] != with.as_bytes()[0] {
            token.replace_range(at..=at, &with);
            prop_assert!(verified(&token).is_err());
        }
    }
}
