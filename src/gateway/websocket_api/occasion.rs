//! [`Occasion`]: what leads to a route of a WebSocket API, and what parameter mappings and identity sources find
//! in it.

use std::sync::Arc;

use super::super::connections::Link;
use super::super::effect::{Kind, Summary};
use super::super::event::Body;
use super::super::exchange::RequestId;
use crate::base::{Now, clock};
use crate::live::json_path::JsonPath;
use crate::live::websocket::{Route, Source};
use crate::live::{Api, Live, Stage};
use crate::proto::http1::Request;
use crate::proto::query;

/// What stays the same from its first step to its last.
pub(in super::super) struct Occasion {
    pub(in super::super) live: Arc<Live>,
    pub(in super::super) api: Arc<Api>,
    pub(in super::super) stage: Arc<Stage>,
    pub(in super::super) route: Arc<Route>,
    pub(in super::super) link: Arc<Link>,
    pub(in super::super) began: Now,
    pub(in super::super) id: RequestId,
    pub(in super::super) trace_id: Arc<str>,
}

/// What happened.
#[derive(Clone, Copy)]
pub(in super::super) enum Cause<'a> {
    /// A client wants to connect.
    Connect(&'a Request),
    /// A client sent this, which has an id of its own.
    Message(Body<'a>, RequestId),
    /// A connection has ended, with this code and this reason.
    Disconnect(u16, &'a str),
}

impl Occasion {
    /// The `execute-api` ARN of its route.
    pub(in super::super) fn arn(&self) -> String {
        let owner = &self.api.owner;
        let (region, account, stage) = (&owner.region, &owner.account, &self.stage.name);
        format!("arn:aws:execute-api:{region}:{account}:{}/{stage}/{}", self.api.id, self.route.key)
    }

    /// What log and metrics say of it.
    pub(in super::super) fn summary(&self, kind: Kind, error: Option<String>) -> Summary {
        summary(&self.link, kind, Some(&self.route), self.began, error)
    }

    /// What a source has. `None`: nothing.
    pub(in super::super) fn value(&self, cause: Cause<'_>, source: &Source) -> Option<String> {
        match source {
            Source::Header(name) => headers(cause, name)?.last().cloned(),
            Source::Headers(name) => headers(cause, name).map(|values| values.join(",")),
            Source::Query(name) => parameters(cause, name)?.last().cloned(),
            Source::Queries(name) => parameters(cause, name).map(|values| values.join(",")),
            Source::Body(path) => match cause.text() {
                Some(text) if path.is_empty() => Some(text.to_owned()),
                Some(text) => path.find(text).map(Into::into),
                None => None,
            },
            Source::Context(name) => self.context(cause, name),
            Source::StageVariable(name) => self.stage.variables.get(&**name).cloned(),
            Source::Text(text) => Some((**text).to_owned()),
        }
    }

    /// The variables of `$context`.
    fn context(&self, cause: Cause<'_>, name: &str) -> Option<String> {
        let link = &self.link;
        Some(match name {
            "accountId" => self.api.owner.account.clone(),
            "apiId" => link.api.as_str().to_owned(),
            "connectedAt" => link.connected.to_string(),
            "connectionId" => link.id.as_str().to_owned(),
            "domainName" => link.domain.to_string(),
            "eventType" => cause.event_type().to_owned(),
            "identity.sourceIp" => link.ip.to_string(),
            "identity.userAgent" => String::from_utf8_lossy(link.user_agent.as_deref()?).into_owned(),
            "messageId" => match cause {
                Cause::Message(_, id) => id.as_str().to_owned(),
                Cause::Connect(_) | Cause::Disconnect(..) => return None,
            },
            "requestId" | "extendedRequestId" => self.id.as_str().to_owned(),
            "requestTime" => {
                let mut time = String::new();
                clock::clf(&mut time, self.began.unix_seconds());
                time
            }
            "requestTimeEpoch" => self.began.unix_ms.to_string(),
            "routeKey" => self.route.key.to_string(),
            "stage" => self.stage.name.to_string(),
            _ => {
                let path = JsonPath::parse(name.strip_prefix("authorizer")?)?;
                path.find(link.authorizer.as_deref()?)?.into_owned()
            }
        })
    }
}

impl<'a> Cause<'a> {
    /// `eventType`
    pub(in super::super) fn event_type(self) -> &'static str {
        match self {
            Self::Connect(_) => "CONNECT",
            Self::Message(..) => "MESSAGE",
            Self::Disconnect(..) => "DISCONNECT",
        }
    }

    /// The message, if there is one and it is text.
    pub(in super::super) fn text(self) -> Option<&'a str> {
        match self {
            Self::Message(Body::Text(text), _) => Some(text),
            Self::Message(Body::Binary(_), _) | Self::Connect(_) | Self::Disconnect(..) => None,
        }
    }
}

/// What log and metrics say of something on a connection.
pub(in super::super) fn summary(
    link: &Link,
    kind: Kind,
    route: Option<&Route>,
    began: Now,
    error: Option<String>,
) -> Summary {
    Summary {
        kind,
        api: Some(link.api.clone()),
        route: route.map(|route| Arc::clone(&route.key)),
        stage: Some(Arc::clone(&link.stage)),
        began: began.instant,
        error,
    }
}

/// All values of a header, of which there is one at least.
fn headers(cause: Cause<'_>, name: &str) -> Option<Vec<String>> {
    let Cause::Connect(request) = cause else { return None };
    let named = request.headers().filter(|(sent, _)| sent.eq_ignore_ascii_case(name));
    let values: Vec<_> = named.map(|(_, value)| String::from_utf8_lossy(value).into_owned()).collect();
    Some(values).filter(|values| !values.is_empty())
}

/// All values of a parameter of the query, of which there is one at least.
fn parameters(cause: Cause<'_>, name: &str) -> Option<Vec<String>> {
    let Cause::Connect(request) = cause else { return None };
    let pairs = query::pairs(request.query().unwrap_or_default());
    let values: Vec<_> =
        pairs.filter(|(sent, _)| sent == name).map(|(_, value)| value.into_owned()).collect();
    Some(values).filter(|values| !values.is_empty())
}
