//! AWS Signature Version 4: the text that is signed, the key that signs it, and the header that says so ("Create a
//! signed AWS API request" of the IAM user guide). For requests that we send, and for those that are sent to us.
//!
//! ```text
//! request ── canonical_request ── string_to_sign ─┐
//!                                                 ├── signature
//! secret, day, region, service ── signing_key ────┘
//! ```
//!
//! What a request that is sent to us says of who signed it is a [`Claim`].

mod claim;

use std::fmt::Write;

use ring::hmac;
use sha2::{Digest, Sha256};

use super::query;
use crate::base::ids::push_hex;

pub use claim::{Claim, Refusal};

/// The one algorithm, as `Authorization` and the string to sign begin.
pub const ALGORITHM: &str = "AWS4-HMAC-SHA256";

/// Where and when a signature counts: `20150830/us-east-1/iam/aws4_request`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Scope<'a> {
    /// The day, `20150830`.
    pub day: &'a str,
    /// The region.
    pub region: &'a str,
    /// The service's signing name.
    pub service: &'a str,
}

/// Who signs.
#[derive(Clone, Copy, Debug)]
pub struct Credentials<'a> {
    /// The access key's id.
    pub key_id: &'a str,
    /// Its secret.
    pub secret: &'a str,
}

/// The parts of a request that are signed.
#[derive(Clone, Copy, Debug)]
pub struct Signed<'a> {
    /// `POST`
    pub method: &'a str,
    /// The canonical path: [`canonical_path`].
    pub path: &'a str,
    /// The canonical query: [`canonical_query`].
    pub query: &'a str,
    /// Names in lower case, in order, with their values.
    pub headers: &'a [(&'a str, &'a str)],
    /// The body's SHA-256 in hexadecimal, or what stands in its place (`UNSIGNED-PAYLOAD`).
    pub payload: &'a str,
}

impl Scope<'_> {
    fn write(&self, out: &mut String) {
        let Self { day, region, service } = self;
        let _ = write!(out, "{day}/{region}/{service}/aws4_request");
    }
}

/// The value of `Authorization` for a request that goes out at `time` (`20150830T123600Z`).
pub fn authorization(
    signed: &Signed<'_>,
    credentials: Credentials<'_>,
    scope: &Scope<'_>,
    time: &str,
) -> String {
    let key = signing_key(credentials.secret, scope);
    let signature = signature(&key, &string_to_sign(&canonical_request(signed), scope, time));
    let mut value = format!("{ALGORITHM} Credential={}/", credentials.key_id);
    scope.write(&mut value);
    value.push_str(", SignedHeaders=");
    write_names(&mut value, signed.headers);
    value.push_str(", Signature=");
    value.push_str(&signature);
    value
}

/// The request in the one spelling that both sides sign.
pub fn canonical_request(signed: &Signed<'_>) -> String {
    let Signed { method, path, query, headers, payload } = signed;
    let mut text = format!("{method}\n{path}\n{query}\n");
    for (name, value) in *headers {
        text.push_str(name);
        text.push(':');
        write_trimmed(&mut text, value);
        text.push('\n');
    }
    text.push('\n');
    write_names(&mut text, headers);
    text.push('\n');
    text.push_str(payload);
    text
}

/// What the key signs. `time` is `20150830T123600Z`.
pub fn string_to_sign(canonical_request: &str, scope: &Scope<'_>, time: &str) -> String {
    let mut text = format!("{ALGORITHM}\n{time}\n");
    scope.write(&mut text);
    text.push('\n');
    text.push_str(&hash(canonical_request.as_bytes()));
    text
}

/// The key of a scope.
pub fn signing_key(secret: &str, scope: &Scope<'_>) -> hmac::Key {
    let first = hmac::Key::new(hmac::HMAC_SHA256, format!("AWS4{secret}").as_bytes());
    [scope.day, scope.region, scope.service, "aws4_request"].iter().fold(first, |key, part| {
        hmac::Key::new(hmac::HMAC_SHA256, hmac::sign(&key, part.as_bytes()).as_ref())
    })
}

/// The signature in lower-case hexadecimal.
pub fn signature(key: &hmac::Key, string_to_sign: &str) -> String {
    hex(hmac::sign(key, string_to_sign.as_bytes()).as_ref())
}

/// SHA-256 in lower-case hexadecimal.
pub fn hash(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

/// A path as it goes on the wire, encoded once more and without empty segments and those of dots, as all services
/// but S3 have it.
pub fn canonical_path(path: &str) -> String {
    let mut segments = Vec::new();
    for segment in path.split('/') {
        match segment {
            "" | "." => {}
            ".." => drop(segments.pop()),
            segment => segments.push(segment),
        }
    }
    let mut canonical = String::with_capacity(path.len());
    for segment in &segments {
        canonical.push('/');
        query::encode_query_component(&mut canonical, segment);
    }
    if segments.is_empty() || path.ends_with('/') {
        canonical.push('/');
    }
    canonical
}

/// A query as it goes on the wire (without `?`), its pairs in order and in the one spelling.
pub fn canonical_query(raw: &str) -> String {
    let mut pairs: Vec<(String, String)> = query::pairs(raw)
        .map(|(name, value)| {
            let encoded = |text: &str| {
                let mut out = String::with_capacity(text.len());
                query::encode_query_component(&mut out, text);
                out
            };
            (encoded(&name), encoded(&value))
        })
        .collect();
    pairs.sort_unstable();
    let pairs: Vec<String> = pairs.into_iter().map(|(name, value)| format!("{name}={value}")).collect();
    pairs.join("&")
}

fn write_names(out: &mut String, headers: &[(&str, &str)]) {
    for (n, (name, _)) in headers.iter().enumerate() {
        if n > 0 {
            out.push(';');
        }
        out.push_str(name);
    }
}

/// Without spaces around it, and with one where there are several.
fn write_trimmed(out: &mut String, value: &str) {
    for (n, word) in value.split(' ').filter(|word| !word.is_empty()).enumerate() {
        if n > 0 {
            out.push(' ');
        }
        out.push_str(word);
    }
}

fn hex(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len() * 2);
    bytes.iter().for_each(|byte| push_hex(&mut text, *byte));
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of the IAM user guide, whole: its key, its canonical request, its signature.
    #[test]
    fn the_guides_own_example() {
        let scope = Scope { day: "20150830", region: "us-east-1", service: "iam" };
        let credentials =
            Credentials { key_id: "AKIDEXAMPLE", secret: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY" };
        let query = canonical_query("Version=2010-05-08&Action=ListUsers");
        let signed = Signed {
            method: "GET",
            path: &canonical_path("/"),
            query: &query,
            headers: &[
                ("content-type", "application/x-www-form-urlencoded;  charset=utf-8 "),
                ("host", "iam.amazonaws.com"),
                ("x-amz-date", "20150830T123600Z"),
            ],
            payload: &hash(b""),
        };
        assert_eq!(
            hash(canonical_request(&signed).as_bytes()),
            "f536975d06c0309214f805bb90ccff089219ecd68b2577efef23edd43b7e1a59"
        );
        assert_eq!(
            authorization(&signed, credentials, &scope, "20150830T123600Z"),
            "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/iam/aws4_request, \
             SignedHeaders=content-type;host;x-amz-date, \
             Signature=5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7"
        );
    }

    #[test]
    fn canonical_spellings() {
        for (path, expected) in [
            ("", "/"),
            ("/", "/"),
            ("/a/b", "/a/b"),
            ("/a%20b", "/a%2520b"),
            ("/a:b/", "/a%3Ab/"),
            ("//a/./b/../c", "/a/c"),
            ("/../..", "/"),
        ] {
            assert_eq!(canonical_path(path), expected, "{path}");
        }
        for (query, expected) in [
            ("", ""),
            ("b=2&a=1", "a=1&b=2"),
            ("a=2&a=1", "a=1&a=2"),
            ("a", "a="),
            ("a=x%20y&&b=%7E*", "a=x%20y&b=~%2A"),
            ("a-b=1&a=2", "a=2&a-b=1"),
        ] {
            assert_eq!(canonical_query(query), expected, "{query}");
        }
    }
}
