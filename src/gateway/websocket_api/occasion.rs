//! [`Occasion`]: what leads to a route of a WebSocket API, and what parameter mappings and identity sources find
//! in it.

use std::borrow::Cow;
use std::sync::Arc;

use super::super::Engine;
use super::super::access_log::{Ended, Failure, Notes};
use super::super::connections::Link;
use super::super::context;
use super::super::effect::{Kind, Summary};
use super::super::event::Body;
use super::super::exchange::RequestId;
use super::super::fault::Fault;
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
    /// What its stage's access log will say; `None`: there is none.
    pub(in super::super) notes: Option<Box<Notes>>,
}

/// Something that happens on a connection, as far as access logs and mappings say it.
pub(in super::super) struct Moment<'a> {
    pub(in super::super) api: &'a Api,
    pub(in super::super) stage: &'a Stage,
    pub(in super::super) link: &'a Link,
    /// `None`: there is no route for it.
    pub(in super::super) route: Option<&'a Route>,
    pub(in super::super) began: Now,
    pub(in super::super) id: &'a RequestId,
    pub(in super::super) cause: Cause<'a>,
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
            Source::Context(name) => self.moment(cause).context(name).map(Cow::into_owned),
            Source::StageVariable(name) => self.stage.variables.get(&**name).cloned(),
            Source::Text(text) => Some((**text).to_owned()),
        }
    }

    /// It, with what happened.
    pub(in super::super) fn moment<'a>(&'a self, cause: Cause<'a>) -> Moment<'a> {
        Moment {
            api: &self.api,
            stage: &self.stage,
            link: &self.link,
            route: Some(&self.route),
            began: self.began,
            id: &self.id,
            cause,
        }
    }
}

impl<'a> Moment<'a> {
    /// A variable of `$context`. `None`: it has no value.
    pub(in super::super) fn context(&self, name: &str) -> Option<Cow<'a, str>> {
        let link = self.link;
        Some(Cow::Borrowed(match name {
            "accountId" => &self.api.owner.account,
            "apiId" => link.api.as_str(),
            "connectedAt" => return Some(link.connected.to_string().into()),
            "connectionId" => link.id.as_str(),
            "customDomain.basePathMatched" => link.base_path.as_deref()?,
            "domainName" => &link.domain,
            "eventType" => self.cause.event_type(),
            "identity.apiKey" => &link.api_key.as_ref()?.value,
            "identity.apiKeyId" => &link.api_key.as_ref()?.id,
            "identity.sourceIp" => return Some(link.ip.to_string().into()),
            "identity.userAgent" => return link.user_agent.as_deref().map(String::from_utf8_lossy),
            "messageId" => match self.cause {
                Cause::Message(_, id) => return Some(id.as_str().to_owned().into()),
                Cause::Connect(_) | Cause::Disconnect(..) => return None,
            },
            "requestId" | "extendedRequestId" => self.id.as_str(),
            "requestTime" => {
                let mut time = String::new();
                clock::clf(&mut time, self.began.unix_seconds());
                return Some(time.into());
            }
            "requestTimeEpoch" => return Some(self.began.unix_ms.to_string().into()),
            "routeKey" => &self.route?.key,
            "stage" => &self.stage.name,
            _ => {
                let Some(path) = name.strip_prefix("authorizer") else {
                    return context::of_certificate(name, &link.channel);
                };
                return JsonPath::parse(path)?.find(link.authorizer.as_deref()?);
            }
        }))
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

    /// How many bytes came.
    fn length(self) -> usize {
        match self {
            Self::Connect(request) => request.body().len(),
            Self::Message(Body::Text(text), _) => text.len(),
            Self::Message(Body::Binary(bytes), _) => bytes.len(),
            Self::Disconnect(..) => 0,
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

/// What a client was sent, as access logs say it.
pub(in super::super) struct Sent<'a> {
    /// A success is one of 200: there are no others.
    pub(in super::super) fault: Option<&'a Fault>,
    /// Bytes.
    pub(in super::super) length: usize,
}

impl Engine {
    /// What became of something on a connection goes into its stage's access log, if it has one.
    pub(in super::super) fn log_moment(
        &mut self,
        now: Now,
        moment: &Moment<'_>,
        sent: &Sent<'_>,
        notes: &Notes,
    ) {
        let Some(log) = &moment.stage.access_log else { return };
        let failure = sent.fault.map(|fault| {
            let message = match moment.cause {
                Cause::Connect(_) => fault.handshake().1,
                Cause::Message(..) | Cause::Disconnect(..) => fault.frame_message(),
            };
            Failure { fault, message, kind: fault.response_type() }
        });
        let ended = Ended {
            status: sent.fault.map_or(200, |fault| fault.handshake().0),
            sent: sent.length,
            received: moment.cause.length(),
            began: moment.began,
            now,
            failure,
            notes,
        };
        self.log(log, &ended, |name| moment.context(name));
    }

    /// The same of what is dealt with: `cause` as it was.
    pub(in super::super) fn log_occasion(
        &mut self,
        now: Now,
        occasion: &Occasion,
        cause: Cause<'_>,
        sent: &Sent<'_>,
    ) {
        if let Some(notes) = &occasion.notes {
            self.log_moment(now, &occasion.moment(cause), sent, notes);
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
