//! Which bucket and key a URL names, and by which of S3's forms.
//!
//! ```text
//! {bucket}.s3.{anything}    /{key}              virtual host; `s3-{region}` and the like for `s3` too
//! s3.{anything}             /{bucket}/{key}     path style
//! {anything else}           /{bucket}/{key}
//! ```
//!
//! A key is any text: `a/../b`, `/` and `//` are keys. Whether something of that name exists is not known here.

use std::borrow::Cow;

use crate::proto::query;

/// AWS: "object key names must be ... at most 1,024 bytes long" (in UTF-8).
pub const MAX_KEY: usize = 1024;

/// What a host says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Host<'a> {
    /// S3 and this bucket.
    Bucket(&'a str),
    /// S3.
    Service,
    /// Nothing about S3.
    Other,
}

/// What a URL names, still percent-encoded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Resource<'a> {
    /// S3 as a whole: its buckets.
    Service,
    /// A bucket.
    Bucket(&'a str),
    /// An object, or where one could be.
    Object(&'a str, &'a str),
}

/// What `host` (perhaps with a port) says.
pub fn host(host: &str) -> Host<'_> {
    let mut end = host.len();
    // A bucket's name may have dots: the last label of this kind that something follows is the service's.
    while let Some(dot) = host[..end].rfind('.') {
        let start = host[..dot].rfind('.').map_or(0, |before| before + 1);
        let followed = !host[dot + 1..].is_empty() && !host[dot + 1..].starts_with(':');
        if followed && is_service(&host[start..dot]) {
            return if start == 0 { Host::Service } else { Host::Bucket(&host[..start - 1]) };
        }
        end = dot;
    }
    Host::Other
}

/// What `path` names on `host`.
pub fn resource<'a>(host: Host<'a>, path: &'a str) -> Resource<'a> {
    let path = path.strip_prefix('/').unwrap_or_default();
    let (bucket, key) = match host {
        Host::Bucket(bucket) => (bucket, path),
        Host::Service | Host::Other => path.split_once('/').unwrap_or((path, "")),
    };
    match (bucket, key) {
        ("", _) => Resource::Service,
        (bucket, "") => Resource::Bucket(bucket),
        (bucket, key) => Resource::Object(bucket, key),
    }
}

/// The bucket and the key of an object's URL, in any form that CloudFormation's `TemplateURL` comes in: ours
/// (`http://localhost:4566/{bucket}/{key}`), `https://s3.amazonaws.com/{bucket}/{key}`,
/// `https://s3.{region}.amazonaws.com/…`, `https://{bucket}.s3.{…}/{key}`, `s3://{bucket}/{key}`. What follows `?`
/// does not count. `None`: it is no such URL.
pub fn bucket_and_key_of_url(url: &str) -> Option<(String, String)> {
    let (scheme, rest) = url.split_once("://")?;
    let rest = rest.split(['?', '#']).next().unwrap_or_default();
    let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
    let found = if scheme.eq_ignore_ascii_case("s3") {
        resource(Host::Bucket(authority), path)
    } else if scheme.eq_ignore_ascii_case("http") || scheme.eq_ignore_ascii_case("https") {
        resource(host(authority), path)
    } else {
        return None;
    };
    match found {
        Resource::Object(bucket, key) => {
            let decode = |text| query::decode_path_strict(text).map(Cow::into_owned);
            Some((decode(bucket)?.to_ascii_lowercase(), decode(key)?))
        }
        Resource::Service | Resource::Bucket(_) => None,
    }
}

/// `s3`, `s3-us-west-2`, `s3-accelerate`; websites are another thing.
fn is_service(label: &str) -> bool {
    let label = label.to_ascii_lowercase();
    label == "s3" || label.strip_prefix("s3-").is_some_and(|rest| !rest.starts_with("website"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts() {
        for (text, expected) in [
            ("b.s3.localhost.localstack.cloud:4566", Host::Bucket("b")),
            ("b.s3.us-east-1.localhost", Host::Bucket("b")),
            ("my.dotted.b.S3.amazonaws.com", Host::Bucket("my.dotted.b")),
            ("b.s3-us-west-2.amazonaws.com", Host::Bucket("b")),
            ("s3.localhost:4566", Host::Service),
            ("s3.us-east-1.amazonaws.com", Host::Service),
            ("b.s3-website-us-east-1.amazonaws.com", Host::Other),
            ("a.s3.s3.localhost", Host::Bucket("a.s3")),
            ("localhost:4566", Host::Other),
            ("127.0.0.1:4566", Host::Other),
            ("s3", Host::Other),
            ("b.s3", Host::Other),
            ("b.s3.", Host::Other),
            ("b.s3.:80", Host::Other),
            ("[::1]:4566", Host::Other),
            ("", Host::Other),
        ] {
            assert_eq!(host(text), expected, "{text}");
        }
    }

    #[test]
    fn resources() {
        for (name, path, expected) in [
            ("localhost", "/", Resource::Service),
            ("localhost", "/b", Resource::Bucket("b")),
            ("localhost", "/b/", Resource::Bucket("b")),
            ("localhost", "/b/k", Resource::Object("b", "k")),
            ("localhost", "/b/k/", Resource::Object("b", "k/")),
            ("localhost", "/b//", Resource::Object("b", "/")),
            ("localhost", "/b/a/../c", Resource::Object("b", "a/../c")),
            ("localhost", "//b", Resource::Service),
            ("localhost", "*", Resource::Service),
            ("b.s3.localhost", "/", Resource::Bucket("b")),
            ("b.s3.localhost", "/k/l", Resource::Object("b", "k/l")),
            ("b.s3.localhost", "//", Resource::Object("b", "/")),
            ("s3.localhost", "/b/k", Resource::Object("b", "k")),
        ] {
            assert_eq!(resource(host(name), path), expected, "{name}{path}");
        }
    }

    #[test]
    fn urls() {
        for (url, expected) in [
            ("http://localhost:4566/b/a/t.json", "b a/t.json"),
            ("http://127.0.0.1:4566/b/2026-11-01T06:53:19.724Z/t.json", "b 2026-11-01T06:53:19.724Z/t.json"),
            ("https://s3.amazonaws.com/b/a%3Ab.json", "b a:b.json"),
            ("https://s3.eu-west-1.amazonaws.com/b/k?X-Amz-Date=1", "b k"),
            ("https://b.s3.us-east-1.amazonaws.com/k/l", "b k/l"),
            ("https://b.s3.localhost.localstack.cloud:4566/k", "b k"),
            ("s3://b/k", "b k"),
            ("https://s3.amazonaws.com/b", "-"),
            ("https://s3.amazonaws.com/b/%ff", "-"),
            ("file:///etc/passwd", "-"),
            ("b/k", "-"),
            ("", "-"),
        ] {
            let found = bucket_and_key_of_url(url).map(|(bucket, key)| format!("{bucket} {key}"));
            assert_eq!(found.as_deref().unwrap_or("-"), expected, "{url}");
        }
    }
}
