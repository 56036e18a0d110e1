//! What a request says of the object it makes: the headers that are kept and given back with it.

use super::tag;
use crate::control::answer::Error;
use crate::control::call::Call;
use crate::model::bucket::Metadata;

/// Headers that are kept, besides those that begin with [`OWN`].
const KEPT: &[&str] = &[
    "cache-control",
    "content-disposition",
    "content-encoding",
    "content-language",
    "content-type",
    "expires",
    "x-amz-server-side-encryption",
    "x-amz-server-side-encryption-aws-kms-key-id",
    "x-amz-server-side-encryption-bucket-key-enabled",
    "x-amz-storage-class",
    "x-amz-website-redirect-location",
];

/// How the names of a user's own metadata begin.
const OWN: &str = "x-amz-meta-";

/// AWS: "the user-defined metadata is limited to 2 KB in size", names and values together.
const MAX_OWN: usize = 2048;

/// What S3 calls content of which it is told nothing.
const UNKNOWN_TYPE: &str = "binary/octet-stream";

/// The class that is not mentioned in answers.
const STANDARD: &str = "STANDARD";

/// What the headers of `call` say.
///
/// # Errors
/// `MetadataTooLarge`, `InvalidTag`.
pub fn of(call: &Call) -> Result<Metadata, Error> {
    let mut headers: Vec<(String, String)> = Vec::new();
    let mut own = 0;
    for (name, value) in call.request.headers() {
        let name = name.to_ascii_lowercase();
        let value = String::from_utf8_lossy(value);
        if let Some(short) = name.strip_prefix(OWN) {
            own += short.len() + value.len();
            // Two of one name are one with both values, as everywhere in HTTP.
            if let Some((_, before)) = headers.iter_mut().find(|(known, _)| *known == name) {
                before.push(',');
                before.push_str(&value);
                continue;
            }
        } else if !KEPT.contains(&name.as_str()) {
            continue;
        }
        let value = match name.as_str() {
            "content-encoding" => without_framing(&value),
            "x-amz-storage-class" if value == STANDARD => continue,
            _ => value.into_owned(),
        };
        if !value.is_empty() || name.starts_with(OWN) {
            headers.push((name, value));
        }
    }
    if own > MAX_OWN {
        let message = "Your metadata headers exceed the maximum allowed metadata size";
        return Err(Error::new(400, "MetadataTooLarge", message)
            .with("Size", own.to_string())
            .with("MaxSizeAllowed", MAX_OWN.to_string()));
    }
    if !headers.iter().any(|(name, _)| name == "content-type") {
        headers.insert(0, ("content-type".into(), UNKNOWN_TYPE.into()));
    }
    let tags = call.header("x-amz-tagging").map(tag::of_header).transpose()?.unwrap_or_default();
    Ok(Metadata { headers, tags })
}

/// The headers of an answer to an upload: how the object is said to be encrypted.
pub fn encryption(metadata: &Metadata) -> impl Iterator<Item = (&'static str, String)> {
    metadata.headers.iter().filter_map(|(name, value)| {
        let name = KEPT.iter().find(|kept| *kept == name && kept.starts_with("x-amz-server-side"))?;
        Some((*name, value.clone()))
    })
}

/// Content codings without `aws-chunked`, which says how the body was sent, not what it is.
fn without_framing(codings: &str) -> String {
    let kept = codings.split(',').map(str::trim).filter(|coding| !coding.eq_ignore_ascii_case("aws-chunked"));
    kept.collect::<Vec<_>>().join(",")
}
