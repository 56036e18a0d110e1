//! [`Exchange`]: a request, a message or an end on its way to what comes of it, one step at a time.

use std::borrow::Cow;
use std::collections::VecDeque;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Instant;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE;

use super::access_log::Notes;
use super::context::{Arrival, Who};
use super::effect::{Answer, Client, Effect, Kind, Summary};
use super::event::Caller;
use super::fault::{Challenge, Fault};
use super::function_url::UrlCall;
use super::http_api::authorize::{self, Authorizers};
use super::http_api::discovery::Discovery;
use super::http_api::jwt::Claims;
use super::management::Push;
use super::rest_api::Visit;
use super::websocket_api::{Dispatch, Handshake, Parting};
use super::{Channel, http_api, integrate, service};
use crate::base::{Key, Now, Rng, ids};
use crate::live::host::StageForm;
use crate::live::json_path::JsonPath;
use crate::live::mapping::Mapping;
use crate::live::{Access, Api, Integration, Live, Route, Stage};
use crate::model::ApiId;
use crate::model::api::PayloadFormat;
use crate::model::iam::Principal;
use crate::model::invocation::{Invoked, Refused};
use crate::proto::http1::client::Reply;
use crate::proto::http1::{Request, Response};

/// What has become of it so far.
pub struct Exchange {
    pub(super) task: Task,
    /// `None` only while the step is being taken.
    pub(super) step: Option<Step>,
}

/// What it is about.
pub(super) enum Task {
    /// A request to an HTTP API.
    Http(Journey),
    /// A request to a function's URL.
    Url(UrlCall),
    /// A request to a REST API.
    Rest(Visit),
    /// A WebSocket's handshake.
    Connect(Handshake),
    /// A message of a WebSocket's client.
    Message(Dispatch),
    /// The end of a WebSocket.
    Disconnect(Parting),
    /// A message that is pushed to a WebSocket's client.
    Push(Push),
    /// The keys of an issuer, which requests wait for.
    Keys(Discovery),
}

/// What stays the same from the first step of a request to an HTTP API to its last.
pub(super) struct Journey {
    pub(super) request: Request,
    pub(super) client: Key<Client>,
    pub(super) ip: IpAddr,
    pub(super) channel: Channel,
    pub(super) began: Now,
    pub(super) live: Arc<Live>,
    pub(super) api: Arc<Api>,
    pub(super) stage: Arc<Stage>,
    /// The number of the route in the stage.
    pub(super) route: usize,
    /// Where in the request's path the part behind the stage begins.
    pub(super) behind_stage: usize,
    /// Whether a custom domain name leads there.
    pub(super) mapped: bool,
    /// How the URL names the api, when it isn't by host.
    pub(super) domain: Option<String>,
    pub(super) id: RequestId,
    pub(super) trace_id: Arc<str>,
    pub(super) identity: Identity,
    /// What its stage's access log will say; `None`: there is none.
    pub(super) notes: Option<Box<Notes>>,
}

/// Who asks, as far as events say so.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Identity {
    /// Nobody has asked.
    Unknown,
    /// Nobody has to say so.
    Anonymous,
    /// Who signed the request.
    Iam(Box<Principal>),
    /// Whom a token says.
    Jwt(Box<Claims>),
    /// Whom an authorizer's function let in.
    Lambda(Arc<Grant>),
}

/// What an authorizer's function says of whom it lets in, in JSON.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Grant {
    /// `context` as it came, or null.
    pub(super) context: Box<str>,
    /// The same with `principalId` in it: an object.
    pub(super) flat: Box<str>,
}

/// Who asks, when.
pub(super) struct Asker<'a> {
    pub(super) me: Key<Exchange>,
    pub(super) now: Now,
    /// `now`, as events spell it.
    pub(super) time: &'a str,
    pub(super) out: &'a mut VecDeque<Effect>,
}

impl Identity {
    /// `$context.authorizer.<name>`
    pub(super) fn variable(&self, name: &str) -> Option<Cow<'_, str>> {
        match self {
            Self::Unknown | Self::Anonymous | Self::Iam(_) => None,
            Self::Jwt(claims) => claims.claim(name.strip_prefix("claims.")?).map(Cow::Borrowed),
            Self::Lambda(grant) => JsonPath::parse(&format!(".{name}"))?.find(&grant.flat),
        }
    }

    /// Who signed the request.
    pub(super) fn principal(&self) -> Option<&Principal> {
        match self {
            Self::Iam(principal) => Some(principal),
            Self::Unknown | Self::Anonymous | Self::Jwt(_) | Self::Lambda(_) => None,
        }
    }
}

/// What an exchange waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// Whether an authorizer's function lets the client in.
    Authorizing,
    /// The keys of the issuer of a token.
    Discovering,
    /// A function's result, in this format.
    Invoking(PayloadFormat),
    /// A back end's reply.
    Fetching,
    /// Whether there is room for a message.
    Pushing,
}

/// Where a step led.
pub(super) enum Next<T> {
    /// On, until an answer comes or the integration's time is over.
    Wait(Step, Instant),
    /// To the end.
    Done(T),
}

impl Task {
    /// Whom it keeps waiting: who is forgotten with it, and it with them.
    pub(super) fn client(&self) -> Option<Key<Client>> {
        match self {
            Self::Http(journey) => Some(journey.client),
            Self::Url(call) => Some(call.journey.client),
            Self::Rest(visit) => Some(visit.client),
            Self::Connect(handshake) => Some(handshake.client),
            Self::Push(push) => Some(push.client),
            Self::Message(_) | Self::Disconnect(_) | Self::Keys(_) => None,
        }
    }

    /// What is noted for an access log, if there is one.
    pub(super) fn notes(&mut self) -> Option<&mut Notes> {
        match self {
            Self::Http(journey) => journey.notes.as_deref_mut(),
            Self::Rest(visit) => visit.notes.as_deref_mut(),
            Self::Connect(handshake) => handshake.occasion.notes.as_deref_mut(),
            Self::Message(dispatch) => dispatch.occasion.notes.as_deref_mut(),
            Self::Disconnect(parting) => parting.occasion.notes.as_deref_mut(),
            Self::Url(_) | Self::Push(_) | Self::Keys(_) => None,
        }
    }
}

/// The id of a request, `JCJXri3_PHcEP_Q=`: eleven bytes in URL-safe base64. The event and the response have it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct RequestId([u8; 16]);

impl Journey {
    /// The route.
    pub(super) fn route(&self) -> &Route {
        self.stage.route(self.route)
    }

    /// The mappings of the route's integration.
    pub(super) fn mapping(&self) -> Option<&Mapping> {
        match &*self.route().integration {
            Integration::Lambda(lambda) => Some(&lambda.mapping),
            Integration::Http(http) => Some(&http.mapping),
            Integration::Service(call) => Some(&call.mapping),
            Integration::Broken(_) => None,
        }
    }

    /// The request's path without the stage, raw, from a slash on.
    pub(super) fn path(&self) -> &str {
        self.arrival().path()
    }

    /// A variable of `$context`. `None`: it has no value.
    pub(super) fn context(&self, name: &str) -> Option<Cow<'_, str>> {
        Some(match name {
            "identity.accountId" => Cow::Borrowed(&*self.identity.principal()?.account),
            "identity.caller" | "identity.user" => Cow::Borrowed(&*self.identity.principal()?.user_id),
            "identity.userArn" => Cow::Borrowed(&*self.identity.principal()?.arn),
            _ => match name.strip_prefix("authorizer.") {
                Some(name) => return self.identity.variable(name),
                None => return self.arrival().context(name),
            },
        })
    }

    fn arrival(&self) -> Arrival<'_> {
        Arrival {
            request: &self.request,
            who: Who { ip: self.ip, channel: &self.channel },
            began: self.began,
            api: &self.api,
            stage: &self.stage,
            route: Some(&self.route().key),
            behind_stage: self.behind_stage,
            mapped: self.mapped,
            domain: self.domain(),
            id: &self.id,
        }
    }

    /// The host that names the api: the one asked for, else the one that would have been.
    pub(super) fn domain(&self) -> &str {
        self.domain.as_deref().unwrap_or(self.request.host())
    }

    /// The `execute-api` ARN of the request: that of its route, with its own method and path.
    ///
    /// # Errors
    /// It is longer than those may be.
    pub(super) fn arn(&self) -> Result<String, Fault> {
        /// AWS: "Length, in bytes, of an execute-api ARN": 1600.
        const MOST: usize = 1600;
        let (owner, api, stage) = (&self.api.owner, &self.api.id, &self.stage.name);
        let (region, account) = (&owner.region, &owner.account);
        let (method, path) = (self.request.method(), self.path());
        let arn = format!("arn:aws:execute-api:{region}:{account}:{api}/{stage}/{method}{path}");
        if arn.len() > MOST { Err(Fault::UriTooLong) } else { Ok(arn) }
    }

    /// The first step.
    pub(super) fn begin(
        &mut self,
        mut asker: Asker<'_>,
        authorizers: &mut Authorizers,
    ) -> Result<Next<Response>, Fault> {
        match &self.route().access {
            Access::Open => self.integrate(asker),
            access @ (Access::Jwt(..) | Access::Lambda(_) | Access::Iam | Access::Closed(_)) => {
                let asked = authorize::ask(self, access, &mut asker, authorizers)?;
                self.pass(asked, asker)
            }
        }
    }

    /// The step after an answer.
    pub(super) fn advance(
        &mut self,
        step: Step,
        answer: Answer,
        asker: Asker<'_>,
        authorizers: &mut Authorizers,
    ) -> Result<Next<Response>, Fault> {
        if step == Step::Authorizing {
            let judged = authorize::judge(self, step, answer, asker.now, authorizers)?;
            return self.pass(judged, asker);
        }
        let response = match step.taken(answer)? {
            Taken::Invoked(format, invoked) => http_api::response_of_function(self, format, &invoked),
            Taken::Fetched(reply) => {
                if matches!(*self.route().integration, Integration::Service(_)) {
                    service::check(&reply, self.live.settings.parity)?;
                }
                http_api::response_of_backend(self, &reply)
            }
        };
        response.map(Next::Done)
    }

    /// Why the time of a step is over.
    pub(super) fn late(step: Option<Step>) -> Fault {
        match step {
            Some(Step::Authorizing) => Fault::Authorizer("it did not answer in time".to_owned()),
            Some(Step::Discovering) => {
                Fault::Challenged(Challenge::Discovery("the keys were not here in time".to_owned()))
            }
            Some(Step::Invoking(_) | Step::Fetching | Step::Pushing) | None => Fault::TimedOut,
        }
    }

    /// On to the integration, once it is known who asks.
    fn pass(&mut self, authorized: Next<Identity>, asker: Asker<'_>) -> Result<Next<Response>, Fault> {
        match authorized {
            Next::Wait(step, deadline) => Ok(Next::Wait(step, deadline)),
            Next::Done(identity) => {
                self.identity = identity;
                self.integrate(asker)
            }
        }
    }

    /// Asks the integration.
    pub(super) fn integrate(&self, asker: Asker<'_>) -> Result<Next<Response>, Fault> {
        match &*self.route().integration {
            Integration::Lambda(lambda) => integrate::invoke(self, lambda, asker),
            Integration::Http(http) => integrate::fetch(self, http, asker),
            Integration::Service(call) => service::call(self, call, asker),
            Integration::Broken(why) => Err(Fault::Integration(why.clone())),
        }
    }

    /// What our own headers say of who asks.
    pub(super) fn caller(&self) -> Caller<'_> {
        Caller {
            request: &self.request,
            ip: self.ip,
            channel: &self.channel,
            trace_id: &self.trace_id,
            domain: self.domain(),
        }
    }

    /// What log and metrics say of it.
    pub(super) fn summary(&self, error: Option<String>) -> Summary {
        Summary {
            kind: Kind::Http,
            api: Some(self.api.id.clone()),
            route: Some(Arc::clone(&self.route().key)),
            stage: Some(Arc::clone(&self.stage.name)),
            began: self.began.instant,
            error,
        }
    }
}

impl Step {
    /// What an integration answered.
    pub(super) fn taken(self, answer: Answer) -> Result<Taken, Fault> {
        match (self, answer) {
            (Self::Invoking(format), Answer::Invoked(Ok(invoked))) => Ok(Taken::Invoked(format, invoked)),
            (Self::Authorizing, Answer::Invoked(Ok(invoked))) => {
                Ok(Taken::Invoked(PayloadFormat::V1, invoked))
            }
            (Self::Invoking(_) | Self::Authorizing, Answer::Invoked(Err(Refused::Throttled(reason)))) => {
                Err(Fault::Throttled(format!("Lambda took no more invocations: {reason}")))
            }
            (Self::Invoking(_) | Self::Authorizing, Answer::Invoked(Err(Refused::Stopping))) => {
                Err(Fault::Busy("gatelet is stopping"))
            }
            (Self::Fetching, Answer::Fetched(Ok(reply))) => Ok(Taken::Fetched(reply)),
            (Self::Fetching, Answer::Fetched(Err(unreachable))) => Err(unreachable.into()),
            (Self::Invoking(_) | Self::Authorizing, Answer::Fetched(_) | Answer::Pushed(_))
            | (Self::Fetching, Answer::Invoked(_) | Answer::Pushed(_))
            | (
                Self::Pushing | Self::Discovering,
                Answer::Invoked(_) | Answer::Fetched(_) | Answer::Pushed(_),
            ) => {
                debug_assert!(false, "an answer is to what was asked");
                Err(Fault::Integration("an answer to something else".to_owned()))
            }
        }
    }
}

/// What an integration answered.
pub(super) enum Taken {
    /// A function, asked in this format.
    Invoked(PayloadFormat, Invoked),
    /// A back end.
    Fetched(Reply),
}

impl RequestId {
    /// A new one.
    pub(super) fn new(rng: &mut Rng) -> Self {
        let mut bytes = [0; 11];
        rng.fill(&mut bytes);
        let mut id = [0; 16];
        URL_SAFE.encode_slice(bytes, &mut id).expect("eleven bytes take sixteen characters");
        Self(id)
    }

    /// Its spelling.
    pub(super) fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).expect("base64 is ASCII")
    }
}

/// The request's trace id: the client's, if it sent a root, else a new one.
pub(super) fn trace_id(request: &Request, now: Now, rng: &mut Rng) -> Arc<str> {
    let sent = request.header("x-amzn-trace-id").and_then(|value| std::str::from_utf8(value).ok());
    match sent.filter(|value| value.contains("Root=")) {
        Some(value) => value.into(),
        None => new_trace_id(now, rng),
    }
}

/// The trace id of what has no request.
pub(super) fn new_trace_id(now: Now, rng: &mut Rng) -> Arc<str> {
    let mut id = String::with_capacity(40);
    id.push_str("Root=1-");
    (now.unix_seconds() as u32).to_be_bytes().into_iter().for_each(|byte| ids::push_hex(&mut id, byte));
    id.push('-');
    rng.u128(..).to_be_bytes()[..12].iter().for_each(|byte| ids::push_hex(&mut id, *byte));
    id.into()
}

/// What `domainName` is when the path names the api: the host that would have.
pub(super) fn domain(form: StageForm<'_>, api: &ApiId, public_host: &str) -> Option<String> {
    match form {
        StageForm::Host | StageForm::Mapped(_) | StageForm::Unstaged => None,
        StageForm::Path | StageForm::Explicit(_) | StageForm::Port => {
            Some(format!("{api}.execute-api.{public_host}"))
        }
    }
}
