//! Which operation a request asks for: by its method, by what it names, and by its sub-resource.
//!
//! A row reads `GET /{Bucket}/{Key+}?uploadId`: the method, the level, and the flags that must all be there: names of
//! the query's parameters, or of a header where they begin with `x-amz-`. The row with the most flags is meant;
//! parameters that no row knows (`x-id=PutObject`) say nothing.

use super::address::{self, Resource};
use crate::control::operation::{Asked, Bound, Service};
use crate::proto::http1::Request;
use crate::proto::query;

/// What `request`, whose query has these parameters, asks of `service`, which is S3.
pub fn asked(service: &'static Service, request: &Request, query: &[(String, String)]) -> Asked {
    let Some((level, bound)) = bound(request) else { return Asked::Unknown };
    let has = |flag: &str| match flag.starts_with("x-amz-") {
        true => request.header(flag).is_some(),
        false => query.iter().any(|(name, _)| name == flag),
    };
    match find(service, request.method(), level, has) {
        Asked::Operation(row, _) => Asked::Operation(row, bound),
        Asked::Unsupported(name) => Asked::Unsupported(name),
        Asked::Unknown => Asked::Unknown,
    }
}

/// The row of this method and level (`/{Bucket}`) whose flags are all there.
pub fn find(service: &'static Service, method: &str, level: &str, has: impl Fn(&str) -> bool) -> Asked {
    let emulated = service.operations.iter().map(|row| (row.at, Some(row), row.name));
    let unsupported = service.unsupported.iter().map(|&(name, at)| (at, None, name));
    let fitting = emulated.chain(unsupported).filter_map(|(at, row, name)| {
        let at = at.strip_prefix(method)?.strip_prefix(' ')?;
        let (of, flags) = at.split_once('?').unwrap_or((at, ""));
        let mut flags = flags.split('&').filter(|flag| !flag.is_empty());
        let count = flags.clone().count();
        (of == level && flags.all(&has)).then_some((count, row, name))
    });
    match fitting.max_by_key(|(count, ..)| *count) {
        Some((_, Some(row), _)) => Asked::Operation(row, Bound::new()),
        Some((_, None, name)) => Asked::Unsupported(name),
        None => Asked::Unknown,
    }
}

/// Whether the request's path is text at all, once it is decoded.
pub fn is_text(request: &Request) -> bool {
    bound(request).is_some()
}

/// The level of what is named, and the names, decoded. `None`: they are no UTF-8.
fn bound(request: &Request) -> Option<(&'static str, Bound)> {
    let decoded = |text| query::decode_path_strict(text).map(|text| text.into_owned());
    Some(match address::resource(address::host(request.host()), request.path()) {
        Resource::Service => ("/", Bound::new()),
        Resource::Bucket(bucket) => ("/{Bucket}", vec![("Bucket", bucket_name(decoded(bucket)?, request))]),
        Resource::Object(bucket, key) => (
            "/{Bucket}/{Key+}",
            vec![("Bucket", bucket_name(decoded(bucket)?, request)), ("Key", decoded(key)?)],
        ),
    })
}

/// A host's name has no case, a bucket's has: the one in a host is meant in lower case.
fn bucket_name(name: String, request: &Request) -> String {
    match address::host(request.host()) {
        address::Host::Bucket(_) => name.to_ascii_lowercase(),
        address::Host::Service | address::Host::Other => name,
    }
}
