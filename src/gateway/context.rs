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
        match &self.request.path()[self.behind_stage..] {
            "" => "/",
            path => path,
        }
    }

    /// A variable's value. `None`: it has none.
    pub(super) fn context(&self, name: &str) -> Option<Cow<'a, str>> {
        Some(Cow::Borrowed(match name {
            "accountId" => &self.api.owner.account,
            "apiId" => self.api.id.as_str(),
            "domainName" => self.domain,
            "domainPrefix" => self.domain.split('.').next().unwrap_or_default(),
            "httpMethod" => self.request.method(),
            "identity.sourceIp" => return Some(self.ip.to_string().into()),
            "identity.userAgent" => {
                return self.request.header("user-agent").map(String::from_utf8_lossy);
            }
            "path" if self.stage.is_default() => self.path(),
            "path" => return Some(format!("/{}{}", self.stage.name, self.path()).into()),
            "protocol" => "HTTP/1.1",
            "requestId" | "extendedRequestId" => self.id.as_str(),
            "requestTime" => {
                let mut time = String::new();
                clock::clf(&mut time, self.began.unix_seconds());
                return Some(time.into());
            }
            "requestTimeEpoch" => return Some(self.began.unix_ms.to_string().into()),
            "routeKey" => self.route?,
            "stage" => &self.stage.name,
            _ => return None,
        }))
    }
}
