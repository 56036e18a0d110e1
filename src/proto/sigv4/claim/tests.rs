//! AWS's own test suite for Signature Version 4 (in awslabs/aws-c-auth, `tests/aws-signing-test-suite/v4`), and what
//! must not pass.

use proptest::prelude::*;

use super::*;
use crate::proto::sigv4::{Credentials, authorization};

const SECRET: &str = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";
/// 2015-08-30T12:36:00Z
const SIGNED: u64 = 1_440_938_160;

fn at(unix_seconds: u64) -> Now {
    Now { instant: std::time::Instant::now(), unix_ms: unix_seconds * 1000 }
}

fn request(text: &str) -> Request {
    let text = text.replacen("\n\n", "\r\n\r\n", 1);
    let (head, body) = text.split_once("\r\n\r\n").expect("a head ends");
    let bytes = format!("{}\r\n\r\n{body}", head.replace('\n', "\r\n"));
    Request::of(bytes.as_bytes()).unwrap_or_else(|error| panic!("{text}: {error:?}"))
}

fn verified(request: &Request, secret: &str, now: u64) -> Result<(), Refusal> {
    Claim::of(request)?.verify(request, secret, ("us-east-1", "service"), at(now))
}

/// A request of the suite, signed by header.
fn by_header(line: &str, more: &str, names: &str, signature: &str, body: &str) -> String {
    format!(
        "{line} HTTP/1.1\nHost:example.amazonaws.com\n{more}Authorization:AWS4-HMAC-SHA256 \
         Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, SignedHeaders={names}, \
         Signature={signature}\nX-Amz-Date:20150830T123600Z\n\n{body}"
    )
}

/// One of the suite, signed by query.
fn by_query(line: &str, more: &str, names: &str, signature: &str, body: &str) -> String {
    let between = if line.contains('?') { '&' } else { '?' };
    format!(
        "{line}{between}X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIDEXAMPLE%2F20150830%2Fus-east-1\
         %2Fservice%2Faws4_request&X-Amz-Date=20150830T123600Z&X-Amz-SignedHeaders={names}&X-Amz-Expires=3600\
         &X-Amz-Signature={signature} HTTP/1.1\nHost:example.amazonaws.com\n{more}\
         X-Amz-Date:20150830T123600Z\n\n{body}"
    )
}

const VANILLA: &str = "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31";
const POST: &str = "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b";

#[test]
fn the_suite_by_header() {
    const UNRESERVED: &str = "-._~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    const FORM: &str = "Content-Type:application/x-www-form-urlencoded\nContent-Length:13\nx-amz-content-sha256:\
                        9095672bbd1f56dfc5b65f3e153adc8731a4a654192329106275f4c7b24d0b6e\n";
    for (line, more, names, signature, body) in [
        ("GET /", "", "host;x-amz-date", VANILLA, ""),
        ("POST /", "", "host;x-amz-date", POST, ""),
        // get-header-key-duplicate
        (
            "GET /",
            "My-Header1:value2\nMy-Header1:value2\nMy-Header1:value1\n",
            "host;my-header1;x-amz-date",
            "c9d5ea9f3f72853aea855b47ea873832890dbdd183b4468f858259531a5138ea",
            "",
        ),
        // get-header-value-order
        (
            "GET /",
            "My-Header1:value4\nMy-Header1:value1\nMy-Header1:value3\nMy-Header1:value2\n",
            "host;my-header1;x-amz-date",
            "08c7e5a9acfcfeb3ab6b2185e75ce8b1deb5e634ec47601a50643f830c755c01",
            "",
        ),
        // get-header-value-trim
        (
            "GET /",
            "My-Header1: value1\nMy-Header2: \"a   b   c\"\n",
            "host;my-header1;my-header2;x-amz-date",
            "acc3ed3afb60bb290fc8d2dd0098b9911fcaa05412b367055dee359757a9c736",
            "",
        ),
        // get-relative-normalized, get-slash-pointless-dot-normalized, get-slashes-normalized, get-unreserved
        ("GET /example/..", "", "host;x-amz-date", VANILLA, ""),
        (
            "GET /./example",
            "",
            "host;x-amz-date",
            "ef75d96142cf21edca26f06005da7988e4f8dc83a165a80865db7089db637ec5",
            "",
        ),
        (
            "GET //example//",
            "",
            "host;x-amz-date",
            "9a624bd73a37c9a373b5312afbebe7a714a789de108f0bdfe846570885f57e84",
            "",
        ),
        (
            &format!("GET /{UNRESERVED}"),
            "",
            "host;x-amz-date",
            "07ef7494c76fa4850883e2b006601f940f8a34d404d0cfa977f52a65bbf5f24f",
            "",
        ),
        // get-vanilla-empty-query-key, -query-order-encoded, -query-unreserved, -utf8-query (as it is sent)
        (
            "GET /?Param1=value1",
            "",
            "host;x-amz-date",
            "a67d582fa61cc504c4bae71f336f98b97f1ea3c7a6bfe1b6e45aec72011b9aeb",
            "",
        ),
        (
            "GET /?Param-3=Value3&Param=Value2&%E1%88%B4=Value1",
            "",
            "host;x-amz-date",
            "371d3713e185cc334048618a97f809c9ffe339c62934c032af5a0e595648fcac",
            "",
        ),
        (
            &format!("GET /?{UNRESERVED}={UNRESERVED}"),
            "",
            "host;x-amz-date",
            "9c3e54bfcdf0b19771a7f523ee5669cdf59bc7cc0884027167c21bb143a40197",
            "",
        ),
        (
            "GET /?%E1%88%B4=bar",
            "",
            "host;x-amz-date",
            "2cdec8eed098649ff3a119c94853b13c643bcf08f8b0a1d91e12c9027818dd04",
            "",
        ),
        // get-vanilla-with-session-token
        (
            "GET /",
            "X-Amz-Security-Token:6e86291e8372ff2a2260956d9b8aae1d763fbf315fa00fa31553b73ebf194267\n",
            "host;x-amz-date;x-amz-security-token",
            "07ec1639c89043aa0e3e2de82b96708f198cceab042d4a97044c66dd9f74e7f8",
            "",
        ),
        // post-header-key-sort
        (
            "POST /",
            "My-Header1:value1\n",
            "host;my-header1;x-amz-date",
            "c5410059b04c1ee005303aed430f6e6645f61f4dc9e1461ec8f8916fdf18852c",
            "",
        ),
        // post-x-www-form-urlencoded
        (
            "POST /",
            FORM,
            "content-length;content-type;host;x-amz-content-sha256;x-amz-date",
            "d3875051da38690788ef43de4db0d8f280229d82040bfac253562e56c3f20e0b",
            "Param1=value1",
        ),
    ] {
        let text = by_header(line, more, names, signature, body);
        assert_eq!(verified(&request(&text), SECRET, SIGNED), Ok(()), "{text}");
    }
}

#[test]
fn the_suite_by_query() {
    for (line, more, names, signature) in [
        // get-vanilla-utf8-query (as it is sent), get-header-value-trim
        (
            "GET /?%E1%88%B4=bar",
            "",
            "host",
            "0bdd809b1519ac4f0c1dc3540e2cc46bd0c7f778eda408b2ebf3b913d21ff600",
        ),
        (
            "GET /",
            "My-Header1: value1\nMy-Header2: \"a   b   c\"\n",
            "host%3Bmy-header1%3Bmy-header2",
            "e7bb0fd515e125e1aec2ecc4c0c17484fb06f6846b927c35e46005dd3df3acd4",
        ),
    ] {
        let text = by_query(line, more, names, signature, "");
        assert_eq!(verified(&request(&text), SECRET, SIGNED + 3600), Ok(()), "{text}");
    }
}

#[test]
fn what_must_not_pass() {
    let vanilla = by_header("GET /", "", "host;x-amz-date", VANILLA, "");
    let presigned = by_query(
        "GET /?%E1%88%B4=bar",
        "",
        "host",
        "0bdd809b1519ac4f0c1dc3540e2cc46bd0c7f778eda408b2ebf3b913d21ff600",
        "",
    );
    let post = by_header("POST /", "Content-Length:4\n", "host;x-amz-date", POST, "body");
    let with = |text: &str, from: &str, to: &str| {
        assert!(text.contains(from), "{from}");
        text.replace(from, to)
    };
    for (text, now, expected) in [
        // By a quarter of an hour either way, and by one second more.
        (vanilla.clone(), SIGNED + 900, Ok(())),
        (vanilla.clone(), SIGNED - 900, Ok(())),
        (vanilla.clone(), SIGNED + 901, Err(Refusal::Time)),
        (vanilla.clone(), SIGNED - 901, Err(Refusal::Time)),
        (presigned.clone(), SIGNED + 3601, Err(Refusal::Time)),
        (presigned.clone(), SIGNED - 901, Err(Refusal::Time)),
        (with(&vanilla, "GET /", "PUT /"), SIGNED, Err(Refusal::Signature)),
        (with(&vanilla, "GET /", "GET /x"), SIGNED, Err(Refusal::Signature)),
        (with(&vanilla, "GET /", "GET /?a"), SIGNED, Err(Refusal::Signature)),
        (with(&vanilla, "Host:example", "Host:other"), SIGNED, Err(Refusal::Signature)),
        (with(&vanilla, "T123600Z", "T123601Z"), SIGNED, Err(Refusal::Signature)),
        (with(&vanilla, "Signature=5f", "Signature=6f"), SIGNED, Err(Refusal::Signature)),
        (post, SIGNED, Err(Refusal::Signature)),
        (with(&presigned, "bar", "baz"), SIGNED, Err(Refusal::Signature)),
        (with(&presigned, "Expires=3600", "Expires=3601"), SIGNED, Err(Refusal::Signature)),
        (with(&vanilla, "us-east-1", "us-east-2"), SIGNED, Err(Refusal::Scope)),
        (with(&vanilla, "/service/", "/other/"), SIGNED, Err(Refusal::Scope)),
        (with(&vanilla, "20150830/", "20150829/"), SIGNED, Err(Refusal::Scope)),
        (with(&vanilla, "=host;", "="), SIGNED, Err(Refusal::Headers)),
        (with(&vanilla, "=host;", "=host;not-there;"), SIGNED, Err(Refusal::Headers)),
        (with(&vanilla, "=host;", &format!("=host;{}", "host;".repeat(9))), SIGNED, Err(Refusal::Headers)),
        (with(&vanilla, "Authorization", "Other"), SIGNED, Err(Refusal::Unsigned)),
        (with(&vanilla, "AWS4-HMAC-SHA256 ", "Bearer "), SIGNED, Err(Refusal::Unsigned)),
        (with(&vanilla, "AWS4-HMAC-SHA256 ", "AWS4-HMAC-SHA256"), SIGNED, Err(Refusal::Unsigned)),
        (with(&presigned, "=AWS4-HMAC-SHA256", "=AWS4-ECDSA-P256-SHA256"), SIGNED, Err(Refusal::Unsigned)),
    ] {
        assert_eq!(verified(&request(&text), SECRET, now), expected, "{text}");
    }
    for text in [
        with(&vanilla, "X-Amz-Date", "Other"),
        with(&vanilla, "Credential=", "Other="),
        with(&vanilla, "/aws4_request", "/aws5_request"),
        with(&vanilla, "AKIDEXAMPLE/20150830/", "AKIDEXAMPLE/"),
        with(&vanilla, "SignedHeaders", "Other"),
        with(&vanilla, "bf31", "bf3"),
        with(&vanilla, "bf31", "bf3g"),
        with(&presigned, "X-Amz-Expires=3600", "X-Amz-Expires=0"),
        with(&presigned, "X-Amz-Expires=3600", "X-Amz-Expires=604801"),
        with(&presigned, "X-Amz-Expires=3600", "X"),
        with(&presigned, "&X-Amz-Date=20150830T", "&X-Amz-Date=20150830"),
        with(&presigned, "&X-Amz-Signature", "&X"),
    ] {
        let refusal = verified(&request(&text), SECRET, SIGNED);
        assert!(matches!(refusal, Err(Refusal::Malformed(_))), "{refusal:?} {text}");
    }
    assert_eq!(verified(&request(&vanilla), "another", SIGNED), Err(Refusal::Signature));
}

proptest! {
    /// Who knows the secret passes, whatever the request; who doesn't, doesn't.
    #[test]
    fn what_is_signed_is_verified(
        path in "(/[a-z.%20+:]{0,5}){1,4}",
        query in "([a-z%=+&2F]{0,8}&?){0,3}",
        body in "[a-z]{0,8}",
        unsigned in any::<bool>(),
        secret in "[a-z]{1,8}",
        skew in 0..=MOST_SKEW,
    ) {
        let scope = Scope { day: "20150830", region: "us-east-1", service: "service" };
        let payload = if unsigned { UNSIGNED_PAYLOAD.to_owned() } else { hash(body.as_bytes()) };
        let signed = Signed {
            method: "PUT",
            path: &canonical_path(&path),
            query: &canonical_query(&query),
            headers: &[
                ("host", "h"),
                ("x-amz-content-sha256", &payload),
                ("x-amz-date", "20150830T123600Z"),
                ("x-odd", "a  b,c"),
            ],
            payload: &payload,
        };
        let credentials = Credentials { key_id: "KEY/ID", secret: &secret };
        let value = authorization(&signed, credentials, &scope, "20150830T123600Z");
        let text = format!(
            "PUT {path}?{query} HTTP/1.1\nhost: h\nx-odd: a  b\nX-Odd: c\ncontent-length: {}\n\
             x-amz-content-sha256: {payload}\nX-Amz-Date: 20150830T123600Z\nauthorization: {value}\n\n{body}",
            body.len()
        );
        let request = request(&text);
        let claim = Claim::of(&request).unwrap();
        prop_assert_eq!(&claim.access_key, "KEY/ID");
        prop_assert_eq!(verified(&request, &secret, SIGNED + skew), Ok(()), "{}", text);
        prop_assert_eq!(verified(&request, &format!("{secret}x"), SIGNED + skew), Err(Refusal::Signature));
    }
}
