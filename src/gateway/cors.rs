//! Cross-origin requests, where the gateway answers for what is behind it: preflights, and the headers of all else.
//! <https://fetch.spec.whatwg.org/#http-cors-protocol>

use crate::live::cors::{Allowed, Cors};
use crate::proto::http1::{Request, Response};

/// Whether a browser asks what its page may do.
pub(super) fn is_preflight(request: &Request) -> bool {
    request.method() == "OPTIONS"
        && request.header("origin").is_some()
        && request.header("access-control-request-method").is_some()
}

/// Says what the page may do, or may read of the response, if its origin is let in.
pub(super) fn finish(cors: &Cors, request: &Request, response: &mut Response) -> Option<Allowed> {
    let origin = request.header("origin")?;
    let allowed = cors.allows(origin)?;
    let told = match allowed {
        Allowed::Any => b"*",
        Allowed::Itself => origin,
    };
    response.foreign_header("Access-Control-Allow-Origin", told).ok()?;
    if cors.credentials {
        response.header("Access-Control-Allow-Credentials", "true");
    }
    let lines = if is_preflight(request) { &cors.preflight } else { &cors.actual };
    for (name, value) in lines {
        // What was stored was checked, or else it isn't sent.
        let _ = response.foreign_header(name, value.as_bytes());
    }
    Some(allowed)
}

/// Whether a header of what is behind the gateway is the gateway's to say.
pub(super) fn is_ours(name: &str) -> bool {
    const PREFIX: &str = "access-control-";
    name.get(..PREFIX.len()).is_some_and(|start| start.eq_ignore_ascii_case(PREFIX))
}
