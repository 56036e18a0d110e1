//! `$context` of HTTP APIs: the variables that are known when a request has come to a stage. Parameter mappings and
//! access logs read them.

use std::borrow::Cow;
use std::net::IpAddr;

use super::Channel;
use super::exchange::RequestId;
use crate::base::{Now, clock};
use crate::live::{Api, Stage};
use crate::proto::http1::Request;

/// Who asks.
#[derive(Clone, Copy)]
pub(super) struct Who<'a> {
    pub(super) ip: IpAddr,
    pub(super) channel: &'a Channel,
}

/// A request at a stage.
pub(super) struct Arrival<'a> {
    pub(super) request: &'a Request,
    pub(super) who: Who<'a>,
    pub(super) began: Now,
    pub(super) api: &'a Api,
    pub(super) stage: &'a Stage,
    /// The route's key; `None`: there is no route for it.
    pub(super) route: Option<&'a str>,
    /// Where in the request's path the part behind the stage begins.
    pub(super) behind_stage: usize,
    /// Whether a custom domain name leads here.
    pub(super) mapped: bool,
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
            "customDomain.basePathMatched" if self.mapped => base_path(self.request, self.behind_stage)?,
            "httpMethod" => self.request.method(),
            "path" if self.stage.is_default() => self.path(),
            "path" => return Some(format!("/{}{}", self.stage.name, self.path()).into()),
            "requestId" | "extendedRequestId" => self.id.as_str(),
            "routeKey" => self.route?,
            "stage" => &self.stage.name,
            _ => return of_request(name, self.request, self.who, self.began, self.domain),
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
    who: Who<'a>,
    began: Now,
    domain: &'a str,
) -> Option<Cow<'a, str>> {
    Some(Cow::Borrowed(match name {
        "domainName" => domain,
        "domainPrefix" => domain.split('.').next().unwrap_or_default(),
        "identity.sourceIp" => return Some(who.ip.to_string().into()),
        "identity.userAgent" => return request.header("user-agent").map(String::from_utf8_lossy),
        "protocol" => "HTTP/1.1",
        "requestTime" => {
            let mut time = String::new();
            clock::clf(&mut time, began.unix_seconds());
            return Some(time.into());
        }
        "requestTimeEpoch" => return Some(began.unix_ms.to_string().into()),
        _ => return of_certificate(name, who.channel),
    }))
}

/// What a client's certificate says, of whom one was asked for. `None`: nothing, or the name is another one's.
pub(super) fn of_certificate<'a>(name: &str, channel: &'a Channel) -> Option<Cow<'a, str>> {
    let name = name.strip_prefix("identity.clientCert.")?;
    let certificate = channel.certificate()?;
    Some(Cow::Borrowed(match name {
        "clientCertPem" => &certificate.pem,
        "issuerDN" => &certificate.issuer,
        "serialNumber" => &certificate.serial,
        "subjectDN" => &certificate.subject,
        _ => {
            let name = name.strip_prefix("validity.")?;
            let [from, until] = certificate.validity();
            let (_, time) = [from, until].into_iter().find(|(known, _)| *known == name)?;
            return Some(time.into());
        }
    }))
}

/// The key of the mapping that leads a request to an api: what of its path is in front of the api's own. `None`: none
/// is.
pub(super) fn base_path(request: &Request, behind: usize) -> Option<&str> {
    let key = request.path()[..behind].trim_matches('/');
    (!key.is_empty()).then_some(key)
}
