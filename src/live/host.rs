//! Which api a request is for, by its host or its path, and by which of the URL forms it says so.
//!
//! ```text
//! {apiId}.execute-api.{anything}[:port]   /[{stage}/]{path}        AWS's own form, any ending, any case
//! /_aws/execute-api/{apiId}               /[{stage}/]{path}        LocalStack's
//! /restapis/{apiId}/{stage}/_user_request_/{path}                  LocalStack's older one
//! /ws/{apiId}/{stage}                                              other emulators', of WebSocket APIs
//! /execute-api/{apiId}/{stage}/@connections/{connectionId}         and of their Management API
//! ```
//!
//! And which function's URL:
//!
//! ```text
//! {urlId}.lambda-url.{region}.{anything}[:port]  /{path}
//! /_aws/lambda-url/{urlId}                       /{path}
//! ```
//!
//! Whether such an api or stage exists is not known here.

/// Where a request is addressed. The parts are as sent: any case, still percent-encoded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Address<'a> {
    /// The api's id.
    pub api: &'a str,
    /// What the URL says of the stage.
    pub stage: StageForm<'a>,
    /// What follows in the path: empty, or from a `/` on.
    pub path: &'a str,
}

/// Where the stage stands in the URL.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StageForm<'a> {
    /// The host names the api: the path may begin with a stage.
    Host,
    /// The path names the api: what follows may begin with a stage, `$default` included.
    Path,
    /// The path names both.
    Explicit(&'a str),
    /// The host is a custom domain name, which says both.
    Mapped(&'a str),
    /// The host is a custom domain name, which says the api: the path begins with a stage.
    Unstaged,
    /// The port names the api: the path may say anything, and begin with a stage.
    Port,
}

impl StageForm<'_> {
    /// Whether a custom domain name leads there.
    pub fn is_of_domain(self) -> bool {
        match self {
            Self::Mapped(_) | Self::Unstaged => true,
            Self::Host | Self::Path | Self::Explicit(_) | Self::Port => false,
        }
    }

    /// Whether it leads to a stage whose `disableExecuteApiEndpoint` is so: custom domain names do in any case.
    pub fn is_open(self, disabled: bool) -> bool {
        self.is_of_domain() || !disabled
    }
}

/// Reads host and path. `None`: neither names an api.
pub fn address<'a>(host: &'a str, path: &'a str) -> Option<Address<'a>> {
    of_host(host).map(|api| Address { api, stage: StageForm::Host, path }).or_else(|| of_path(path))
}

/// A function's URL, and where the path goes on behind it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UrlAddress<'a> {
    /// The URL's id.
    pub id: &'a str,
    /// What follows in the path: empty, or from a `/` on.
    pub path: &'a str,
    /// Whether the host names it, and not the path.
    pub by_host: bool,
}

/// Reads host and path. `None`: neither names a function's URL.
pub fn function_url<'a>(host: &'a str, path: &'a str) -> Option<UrlAddress<'a>> {
    if let Some(id) = labelled(host, "lambda-url") {
        return Some(UrlAddress { id, path, by_host: true });
    }
    let (id, path) = segment(without_slashes(path).strip_prefix("_aws/lambda-url/")?);
    (!id.is_empty()).then_some(UrlAddress { id, path, by_host: false })
}

/// The host's name without its port: `[::1]:80` is `[::1]`.
pub fn without_port(host: &str) -> &str {
    match memchr::memrchr(b':', host.as_bytes()) {
        Some(colon) if host.as_bytes()[colon + 1..].iter().all(u8::is_ascii_digit) => &host[..colon],
        _ => host,
    }
}

/// `{apiId}.execute-api.{anything}`
fn of_host(host: &str) -> Option<&str> {
    labelled(host, "execute-api")
}

/// The first label of a host whose second one is `wanted`, with anything behind it.
fn labelled<'a>(host: &'a str, wanted: &str) -> Option<&'a str> {
    let (id, rest) = host.split_at(memchr::memchr(b'.', host.as_bytes())?);
    let (label, ending) = rest.split_at_checked(wanted.len() + 2)?;
    let named = label.starts_with('.')
        && label.ends_with('.')
        && label[1..=wanted.len()].eq_ignore_ascii_case(wanted);
    (named && !id.is_empty() && !without_port(ending).is_empty()).then_some(id)
}

fn of_path(path: &str) -> Option<Address<'_>> {
    let path = without_slashes(path);
    if let Some(rest) = path.strip_prefix("_aws/execute-api/") {
        let (api, path) = segment(rest);
        return (!api.is_empty()).then_some(Address { api, stage: StageForm::Path, path });
    }
    let prefix = ["restapis/", "ws/", "execute-api/"].into_iter().find(|prefix| path.starts_with(prefix))?;
    let (api, rest) = segment(&path[prefix.len()..]);
    let (stage, rest) = segment(rest.strip_prefix('/')?);
    let path = match prefix {
        "restapis/" => {
            let (marker, path) = segment(rest.strip_prefix('/')?);
            Some(path).filter(|_| marker == "_user_request_")
        }
        "ws/" => Some(rest).filter(|rest| matches!(*rest, "" | "/")),
        _ => Some(rest).filter(|rest| connection(rest).is_some()),
    };
    let whole = !api.is_empty() && !stage.is_empty();
    path.filter(|_| whole).map(|path| Address { api, stage: StageForm::Explicit(stage), path })
}

/// A path of the Management API, taken apart: what stands before `/@connections/`, and the connection's id behind
/// it, as sent. Clients escape the `@`, some of them twice.
pub fn connection(path: &str) -> Option<(&str, &str)> {
    let (before, id) = path.strip_suffix('/').unwrap_or(path).rsplit_once('/')?;
    let (before, marker) = before.rsplit_once('/')?;
    (!id.is_empty() && matches!(marker, "@connections" | "%40connections" | "%2540connections"))
        .then_some((before, id))
}

/// A path without the slashes that it begins with: clients that join a base URL ending in one with a path send two.
pub fn without_slashes(path: &str) -> &str {
    &path[path.bytes().take_while(|&byte| byte == b'/').count()..]
}

/// The text before the first slash, and the rest from there.
pub fn segment(text: &str) -> (&str, &str) {
    text.split_at(memchr::memchr(b'/', text.as_bytes()).unwrap_or(text.len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms() {
        for (host, path, expected) in [
            ("abc.execute-api.localhost.localstack.cloud:4566", "/p/x", "abc host /p/x"),
            ("abc.execute-api.us-east-1.localhost.localstack.cloud", "/", "abc host /"),
            ("abc.execute-api.us-east-1.amazonaws.com", "/x", "abc host /x"),
            ("ABC.Execute-API.localhost:1", "/x", "ABC host /x"),
            ("my-api.execute-api.localhost", "//x", "my-api host //x"),
            (
                "abc.execute-api.localhost",
                "/restapis/o/s/_user_request_/x",
                "abc host /restapis/o/s/_user_request_/x",
            ),
            ("abc.execute-api", "/x", "-"),
            ("abc.execute-api.:80", "/x", "-"),
            (".execute-api.localhost", "/x", "-"),
            ("execute-api.localhost", "/x", "-"),
            ("abc.s3.localhost", "/x", "-"),
            ("", "/x", "-"),
            ("localhost:4566", "/_aws/execute-api/abc/prod/x", "abc path /prod/x"),
            ("localhost:4566", "/_aws/execute-api/abc", "abc path "),
            ("localhost:4566", "//_aws/execute-api/abc/", "abc path /"),
            ("localhost:4566", "/_aws/execute-api/", "-"),
            ("localhost:4566", "/_aws/execute-api", "-"),
            ("localhost:4566", "/restapis/abc/prod/_user_request_/x/y", "abc prod /x/y"),
            ("localhost:4566", "/restapis/abc/%24default/_user_request_", "abc %24default "),
            ("localhost:4566", "/restapis/abc/prod/_user_request_/", "abc prod /"),
            ("localhost:4566", "/restapis/abc/prod/_user_request_x/", "-"),
            ("localhost:4566", "/restapis/abc/stages/prod", "-"),
            ("localhost:4566", "/restapis/abc", "-"),
            ("localhost:4566", "/restapis//prod/_user_request_/x", "-"),
            ("localhost:4566", "/ws/abc/prod", "abc prod "),
            ("localhost:4566", "/ws/abc/prod/", "abc prod /"),
            ("localhost:4566", "/ws/abc/prod/x", "-"),
            ("localhost:4566", "/ws/abc", "-"),
            ("localhost:4566", "/execute-api/abc/prod/@connections/x", "abc prod /@connections/x"),
            ("localhost:4566", "/execute-api/abc/prod/%40connections/x%3D", "abc prod /%40connections/x%3D"),
            ("localhost:4566", "/execute-api/abc/prod/x", "-"),
            ("localhost:4566", "*", "-"),
        ] {
            let found = address(host, path).map(|found| {
                let stage = match found.stage {
                    StageForm::Host => "host",
                    StageForm::Path => "path",
                    StageForm::Explicit(stage) | StageForm::Mapped(stage) => stage,
                    StageForm::Port => "port",
                    StageForm::Unstaged => "unstaged",
                };
                format!("{} {stage} {}", found.api, found.path)
            });
            assert_eq!(found.as_deref().unwrap_or("-"), expected, "{host} {path}");
        }
    }

    #[test]
    fn function_urls() {
        for (host, path, expected) in [
            ("abc.lambda-url.us-east-1.localhost.localstack.cloud:4566", "/x", Some(("abc", "/x", true))),
            ("ABC.Lambda-Url.localhost", "/", Some(("ABC", "/", true))),
            ("abc.lambda-url", "/x", None),
            ("lambda-url.us-east-1.localhost", "/x", None),
            ("localhost:4566", "/_aws/lambda-url/abc/x/y", Some(("abc", "/x/y", false))),
            ("localhost:4566", "//_aws/lambda-url/abc", Some(("abc", "", false))),
            ("localhost:4566", "/_aws/lambda-url/", None),
            ("localhost:4566", "/_aws/lambda-url", None),
        ] {
            let found = function_url(host, path).map(|found| (found.id, found.path, found.by_host));
            assert_eq!(found, expected, "{host} {path}");
        }
    }

    #[test]
    fn connections() {
        for (path, expected) in [
            ("/@connections/x=", Some(("", "x="))),
            ("/%40connections/x%3D", Some(("", "x%3D"))),
            ("/%2540connections/x%253D/", Some(("", "x%253D"))),
            ("/prod/@connections/x", Some(("/prod", "x"))),
            ("/a/b/@connections/x", Some(("/a/b", "x"))),
            ("/@connections/", None),
            ("/@connections", None),
            ("/@connections/x/y", None),
            ("@connections/x", None),
            ("/connections/x", None),
            ("", None),
        ] {
            assert_eq!(connection(path), expected, "{path}");
        }
    }

    #[test]
    fn ports() {
        for (host, name) in [("a:80", "a"), ("a", "a"), ("[::1]:80", "[::1]"), ("[::1]", "[::1]"), (":", "")]
        {
            assert_eq!(without_port(host), name, "{host}");
        }
    }
}
