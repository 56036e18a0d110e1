//! Cross-origin requests, where the gateway answers for the function: preflights, and the headers of all else.
//! <https://fetch.spec.whatwg.org/#http-cors-protocol>

use crate::model::api::Cors;
use crate::proto::http1::{Request, Response};

/// The answer to a preflight request. `None`: it is none.
pub(super) fn preflight(cors: &Cors, request: &Request) -> Option<Response> {
    let asked =
        request.header("origin").is_some() && request.header("access-control-request-method").is_some();
    if request.method() != "OPTIONS" || !asked {
        return None;
    }
    let mut response = Response::new(200);
    if allow(cors, request, &mut response) {
        for (name, list) in [
            ("Access-Control-Allow-Methods", &cors.allow_methods),
            ("Access-Control-Allow-Headers", &cors.allow_headers),
        ] {
            if let Some(list) = list.as_ref().filter(|list| !list.is_empty()) {
                // What was stored was checked, or else it isn't sent.
                let _ = response.foreign_header(name, list.join(",").as_bytes());
            }
        }
        if let Some(seconds) = cors.max_age {
            response.header("Access-Control-Max-Age", &seconds.to_string());
        }
    }
    Some(response)
}

/// Says that the page may read the response, if its origin is allowed. Whether it is.
pub(super) fn allow(cors: &Cors, request: &Request, response: &mut Response) -> bool {
    let Some(origin) = request.header("origin") else { return false };
    let allowed = cors.allow_origins.iter().flatten();
    let any = allowed.clone().any(|one| one == "*");
    let named = allowed.clone().any(|one| one.as_bytes().eq_ignore_ascii_case(origin));
    let credentials = cors.allow_credentials == Some(true);
    // Pages with credentials may not be told `*`.
    let told: &[u8] = match any && !credentials {
        true => b"*",
        false => origin,
    };
    if !(any || named) || response.foreign_header("Access-Control-Allow-Origin", told).is_err() {
        return false;
    }
    if credentials {
        response.header("Access-Control-Allow-Credentials", "true");
    }
    if told != b"*" {
        response.header("Vary", "Origin");
    }
    if let Some(list) = cors.expose_headers.as_ref().filter(|list| !list.is_empty()) {
        let _ = response.foreign_header("Access-Control-Expose-Headers", list.join(",").as_bytes());
    }
    true
}

/// Whether a header of a function is ours to say.
pub(super) fn is_ours(name: &str) -> bool {
    const PREFIX: &str = "access-control-";
    name.get(..PREFIX.len()).is_some_and(|start| start.eq_ignore_ascii_case(PREFIX))
}
