//! Whom browsers may let in. Any page that a browser shows could ask for `localhost`, and a control plane starts
//! processes: so, as LocalStack does, only pages of this machine (and LocalStack's own console) are answered.

use crate::model::Settings;
use crate::proto::http1::{Request, Response};

/// LocalStack's web console.
const CONSOLE: &str = "app.localstack.cloud";

/// Headers that SDKs in browsers send; `*` for those of S3 that have names of the user's own.
const ALLOW_HEADERS: &str = "authorization, cache-control, content-length, content-type, x-amz-client-context, \
     x-amz-content-sha256, x-amz-date, x-amz-invocation-type, x-amz-log-type, x-amz-security-token, x-amz-target, \
     x-amz-user-agent, x-amzn-trace-id, amz-sdk-invocation-id, amz-sdk-request, *";
/// Headers that SDKs in browsers read.
const EXPOSE_HEADERS: &str = "x-amz-executed-version, x-amz-function-error, x-amz-log-result, x-amzn-errortype, x-amzn-requestid, etag, *";

/// Whether the page that asks, if it is one, may.
pub fn is_welcome(settings: &Settings, request: &Request) -> bool {
    let Some(origin) = request.header("origin") else { return true };
    let Ok(origin) = std::str::from_utf8(origin) else { return false };
    let is_allowed = |allowed: &String| allowed == "*" || allowed.eq_ignore_ascii_case(origin);
    settings.allowed_origins.iter().any(is_allowed) || is_of_this_machine(settings, origin)
}

/// The answer to a preflight, or to anyone else who asks for options.
pub fn options() -> Response {
    let mut response = Response::new(204);
    response.header("allow", "DELETE, GET, HEAD, OPTIONS, PATCH, POST, PUT");
    response.header("access-control-allow-methods", "DELETE, GET, HEAD, OPTIONS, PATCH, POST, PUT");
    response.header("access-control-allow-headers", ALLOW_HEADERS);
    response.header("access-control-max-age", "600");
    allow(&mut response);
    response
}

/// Lets the pages that got through read an answer. Who may not get through gets no answer worth reading.
pub fn allow(response: &mut Response) {
    response.header("access-control-allow-origin", "*");
    response.header("access-control-expose-headers", EXPOSE_HEADERS);
}

fn is_of_this_machine(settings: &Settings, origin: &str) -> bool {
    // `null`, of sandboxed frames and files, has no host.
    let Some((_, host)) = origin.split_once("://") else { return false };
    let (host, public) = (without_port(host), without_port(&settings.public_host));
    ["localhost", "127.0.0.1", "[::1]", CONSOLE, public]
        .iter()
        .any(|known| host.eq_ignore_ascii_case(known) || is_below(host, known))
}

fn without_port(host: &str) -> &str {
    match host.rsplit_once(':') {
        Some((host, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => host,
        Some(_) | None => host,
    }
}

/// `app.localhost` is below `localhost`.
fn is_below(host: &str, domain: &str) -> bool {
    // Names below an address don't exist.
    domain.ends_with(|last: char| last.is_ascii_alphabetic())
        && host.len() > domain.len()
        && host.is_char_boundary(host.len() - domain.len())
        && host[host.len() - domain.len()..].eq_ignore_ascii_case(domain)
        && host.as_bytes()[host.len() - domain.len() - 1] == b'.'
}
