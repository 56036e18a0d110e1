//! Tokens and keys in scenarios, from `tests/jwt`.
//!
//! ```text
//! {jwks}                      the key set
//! {token RS256}               one of `tokens.json`
//! {signed NAME=VALUE …}       one that is signed here, good but for these claims; a value is JSON, else text
//! ```

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair};
use serde_json::{Value, json};

pub const KEYS: &str = include_str!("../jwt/jwks.json");
const TOKENS: &str = include_str!("../jwt/tokens.json");
const SIGNER: &str = include_str!("../jwt/signer.txt");

/// A text with what is in braces filled in.
pub fn filled_in(text: &str) -> String {
    let keys: Value = serde_json::from_str(KEYS).unwrap();
    let tokens: BTreeMap<String, String> = serde_json::from_str(TOKENS).unwrap();
    let mut text = text.replace("{jwks}", &keys.to_string());
    for (name, token) in tokens {
        text = text.replace(&format!("{{token {name}}}"), &token);
    }
    while let Some((before, rest)) = text.split_once("{signed") {
        let (claims, after) = rest.split_once('}').expect("a brace ends what one began");
        let claims = claims.split_whitespace().map(|claim| {
            let (name, value) = claim.split_once('=').expect("NAME=VALUE");
            (name.to_owned(), serde_json::from_str(value).unwrap_or_else(|_| value.into()))
        });
        text = format!("{before}{}{after}", signed("ec256", claims.collect()));
    }
    text
}

/// A token that is good but for these claims.
pub fn signed(kid: &str, claims: serde_json::Map<String, Value>) -> String {
    let mut all = json!({ "iss": "https://issuer.test", "aud": "me", "exp": 4_102_444_800_u64 });
    all.as_object_mut().unwrap().extend(claims);
    let header = json!({ "alg": "ES256", "kid": kid });
    let text = [header, all].map(|part| URL_SAFE_NO_PAD.encode(part.to_string())).join(".");
    let (rng, key) = (SystemRandom::new(), STANDARD.decode(SIGNER.trim()).unwrap());
    let key = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &key, &rng).unwrap();
    let signature = key.sign(&rng, text.as_bytes()).unwrap();
    format!("{text}.{}", URL_SAFE_NO_PAD.encode(signature.as_ref()))
}
