//! `$context` of HTTP APIs: the variables that are known when a request has come to a stage. Parameter mappings and
//! access logs read them.

use std::borrow::Cow;
use std::net::IpAddr;

use super::exchange::RequestId;
use crate::base::{Now, clock};
use crate::live::{Api, Stage};
use crate::proto::http1::Request;

/// A request at a stage.
pub(super) struct Arrival<'a> {
    pub(super) request: &'a Request,
    pub(super) ip: IpAddr,
    pub(super) began: Now,
    pub(super) api: &'a Api,
    pub(super) stage: &'a Stage,
    /// The route's key; `None`: there is no route for it.
    pub(super) route: Option<&'a str>,
    /// Where in the request's path the part behind the stage begins.
    pub(super) behind_stage: usize,
    /// The host that names the api.
    pub(super) domain: &'a str,
    pub(super) id: &'a RequestId,
}

impl<'a> Arrival<'a> {
    /// The request's path without the stage, raw, from a slash on.
    pub(super) fn path(&self) -> &'a str {
        path_from(self.request, self.behind_stage)
    }

    /// A variable's value. `None`: it has none.
    pub(super) fn context(&self, name: &str) -> Option<Cow<'a, str>> {
        Some(Cow::Borrowed(match name {
            "accountId" => &self.api.owner.account,
            "apiId" => self.api.id.as_str(),
            "httpMethod" => self.request.method(),
            "path" if self.stage.is_default() => self.path(),
            "path" => return Some(format!("/{}{}", self.stage.name, self.path()).into()),
            "requestId" | "extendedRequestId" => self.id.as_str(),
            "routeKey" => self.route?,
            "stage" => &self.stage.name,
            _ => return of_request(name, self.request, self.ip, self.began, self.domain),
        }))
    }
}

/// A request's path from there on, raw; from a slash on.
pub(super) fn path_from(request: &Request, at: usize) -> &str {
    match &request.path()[at..] {
        "" => "/",
        path => path,
    }
}

/// The variables that say the same of requests to HTTP APIs and to REST APIs.
pub(super) fn of_request<'a>(
    name: &str,
    request: &'a Request,
    ip: IpAddr,
    began: Now,
    domain: &'a str,
) -> Option<Cow<'a, str>> {
    Some(Cow::Borrowed(match name {
        "domainName" => domain,
        "domainPrefix" => domain.split('.').next().unwrap_or_default(),
        "identity.sourceIp" => return Some(ip.to_string().into()),
        "identity.userAgent" => return request.header("user-agent").map(String::from_utf8_lossy),
        "protocol" => "HTTP/1.1",
        "requestTime" => {
            let mut time = String::new();
            clock::clf(&mut time, began.unix_seconds());
            return Some(time.into());
        }
        "requestTimeEpoch" => return Some(began.unix_ms.to_string().into()),
        _ => return None,
    }))
}
