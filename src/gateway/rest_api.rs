//! Requests to REST APIs: from a stage and a resource to the integration and back. What refuses one on the way says
//! so by a gateway response ([`refusal`]).
//!
//! ```text
//! stage ─> resource and method ─> api key ─> integration request ─> integration ─> integration response ─> reply
//! ```

mod answer;
mod context;
mod integrate;
pub(super) mod refusal;
mod sources;

use std::net::IpAddr;
use std::sync::Arc;

use context::Arrival;
pub(super) use integrate::passed;

use super::access_log::{Ended, Failure, Notes};
use super::api_key::{self, Door};
use super::context::Who;
use super::effect::{Answer, Client, Effect, Kind, Summary};
use super::event::Caller;
use super::exchange::{self, Asker, Exchange, Next, RequestId, Step, Taken, Task};
use super::fault::Fault;
use super::throttle::Buckets;
use super::{Channel, Engine, Peer, cors, nowhere};
use crate::base::{Key, Now, ids};
use crate::live::host::Address;
use crate::live::keys::Key as ApiKey;
use crate::live::rest::{Api, Integration, Method, NoStage, Permit, Stage, Verb};
use crate::live::{self, AnyApi, Live};
use crate::model::rest::ApiKeySource;
use crate::model::settings::Parity;
use crate::proto::http1::{Request, Response};

/// What stays the same from the first step of a request to its last.
pub(super) struct Visit {
    pub(super) request: Request,
    pub(super) client: Key<Client>,
    pub(super) ip: IpAddr,
    pub(super) channel: Channel,
    pub(super) began: Now,
    pub(super) live: Arc<Live>,
    pub(super) api: Arc<Api>,
    pub(super) stage: Arc<Stage>,
    /// The number of the method in the stage.
    method: usize,
    /// What the client asks, or says that it does.
    pub(super) verb: Verb,
    /// Where in the request's path the part behind the stage begins.
    behind_stage: usize,
    /// How the URL names the api, when it isn't by host.
    domain: Option<String>,
    /// Whether a custom domain name leads here.
    pub(super) mapped: bool,
    pub(super) ids: Ids,
    pub(super) trace_id: Arc<str>,
    /// The key that let it in, where the method wants one.
    pub(super) api_key: Option<Arc<ApiKey>>,
    /// What its stage's access log will say; `None`: there is none.
    pub(super) notes: Option<Box<Notes>>,
}

/// What a request is called.
pub(super) struct Ids {
    /// `requestId`
    pub(super) id: String,
    /// `extendedRequestId`
    pub(super) extended: RequestId,
}

/// What a client gets, and what the log says of it although it went well.
pub(super) struct Reply {
    response: Response,
    remark: Option<String>,
}

/// Where a URL of a REST API leads.
pub(super) struct Way {
    api: Arc<Api>,
    /// The stage, and where in the request's path the part behind it begins.
    stage: Result<(Arc<Stage>, usize), NoStage>,
    domain: Option<String>,
    /// Whether a custom domain name leads there.
    mapped: bool,
}

impl Way {
    /// Where this address leads, which is that of a request with this path.
    pub(super) fn new(api: &Arc<Api>, address: &Address<'_>, path: &str, public_host: &str) -> Self {
        let place = api.place(address.stage, address.path);
        Self {
            api: Arc::clone(api),
            stage: place.map(|(stage, rest)| (Arc::clone(stage), path.len() - rest.len())),
            domain: exchange::domain(address.stage, &api.id, public_host),
            mapped: address.stage.is_of_domain(),
        }
    }
}

impl Engine {
    /// A request to a REST API.
    pub(super) fn rest_request(
        &mut self,
        now: Now,
        live: &Arc<Live>,
        way: Way,
        peer: &Peer,
        extended: RequestId,
        request: Request,
    ) {
        let ids = Ids { id: ids::uuid(&mut self.rng), extended };
        let Way { api, stage, domain, mapped } = way;
        let rng = &mut self.rng;
        let stage = stage.map(|(stage, behind)| (Arc::clone(stage.drawn(|| rng.f64())), behind));
        let stage_name = stage.as_ref().ok().map(|(stage, _)| Arc::clone(&stage.name));
        let logged = stage.as_ref().ok().filter(|(stage, _)| stage.access_log.is_some()).cloned();
        let (stage, behind_stage, verb, method) = match find(stage, mapped, &request, &api, live) {
            Ok(found) => found,
            Err(fault) => {
                let (refusal, message) = fault.rest();
                let response = refusal.response(message);
                if let Some((stage, behind_stage)) = logged {
                    let arrival = Arrival {
                        request: &request,
                        who: Who { ip: peer.ip.to_canonical(), channel: &peer.channel },
                        began: now,
                        api: &api,
                        stage: &stage,
                        method: None,
                        verb: verb(&request),
                        behind_stage,
                        mapped,
                        domain: domain.as_deref().unwrap_or(request.host()),
                        api_key: None,
                        api_key_id: None,
                        ids: &ids,
                    };
                    let failure = Some(failure(&fault));
                    self.log_rest(now, &arrival, &response, failure, &Notes::default());
                }
                let summary = Summary {
                    api: Some(api.id.clone()),
                    stage: stage_name,
                    error: fault.reason(),
                    ..nowhere(Kind::Rest, now)
                };
                return self.reply_rest(peer.client, response, &ids, request, summary);
            }
        };
        let notes = stage.access_log.as_ref().map(|_| Box::default());
        let visit = Visit {
            client: peer.client,
            ip: peer.ip.to_canonical(),
            channel: peer.channel.clone(),
            began: now,
            live: Arc::clone(live),
            api,
            stage,
            method,
            verb,
            behind_stage,
            domain,
            mapped,
            ids,
            trace_id: exchange::trace_id(&request, now, &mut self.rng),
            api_key: None,
            notes,
            request,
        };
        if !self.lets(now, visit.method().throttle.as_ref()) {
            return self.finish_rest(now, Task::Rest(visit), Err(Fault::TooMany));
        }
        if self.exchanges.is_full() {
            let fault = Fault::Busy("as many exchanges as there may be are under way");
            return self.finish_rest(now, Task::Rest(visit), Err(fault));
        }
        let exchange = Exchange { task: Task::Rest(visit), step: None };
        let key = self.exchanges.insert(exchange).expect("the table is not full");
        let Some(Task::Rest(visit)) = self.exchanges.get_mut(key).map(|exchange| &mut exchange.task) else {
            return;
        };
        let asker = Asker { me: key, now, time: self.time.at(now), out: &mut self.effects };
        let next = visit.begin(asker, &mut self.buckets);
        self.go_on(now, key, next, Self::finish_rest);
    }

    /// Answers a request, and says what is to be said of it.
    pub(super) fn finish_rest(&mut self, now: Now, task: Task, outcome: Result<Reply, Fault>) {
        let Task::Rest(visit) = task else { return };
        let (response, remark, fault) = match outcome {
            Ok(Reply { mut response, remark }) => {
                if answer::is_traced(&visit.method().integration) {
                    response.header("X-Amzn-Trace-Id", &visit.trace_id);
                }
                (response, remark, None)
            }
            Err(fault) => {
                let (refusal, message) = fault.rest();
                (refusal.response(message), None, Some(fault))
            }
        };
        if let Some(notes) = &visit.notes {
            self.log_rest(now, &visit.arrival(), &response, fault.as_ref().map(failure), notes);
        }
        let error = remark.or_else(|| fault.and_then(Fault::reason));
        let summary = visit.summary(error);
        self.reply_rest(visit.client, response, &visit.ids, visit.request, summary);
    }

    /// What became of a request goes into its stage's access log.
    fn log_rest(
        &mut self,
        now: Now,
        arrival: &Arrival<'_>,
        response: &Response,
        failure: Option<Failure<'_>>,
        notes: &Notes,
    ) {
        let Some(log) = &arrival.stage.access_log else { return };
        let ended = Ended {
            status: response.status,
            sent: response.body.len(),
            received: arrival.request.body().len(),
            began: arrival.began,
            now,
            failure,
            notes,
        };
        self.log(log, &ended, |name| arrival.context(name));
    }

    /// What a client is told whose request is larger than [`super::MAX_BODY`], if it is for an api.
    pub fn too_large(&mut self, live: &Live, request: &Request) -> Option<Response> {
        let address = live::address(live.domain(request.host()), request)?;
        let extended = RequestId::new(&mut self.rng);
        match live.api(address.api)? {
            AnyApi::V2(api) => {
                let stage = live.find(api, &address, request.method()).stage?;
                let mut response = Fault::TooLarge.response();
                if let Some(cors) = &stage.cors {
                    cors::finish(cors, request, &mut response);
                }
                response.header("Apigw-Requestid", extended.as_str());
                Some(response)
            }
            AnyApi::V1(_) => {
                let (refusal, message) = Fault::TooLarge.rest();
                let mut response = refusal.response(message);
                Ids { id: ids::uuid(&mut self.rng), extended }.sign(&mut response);
                Some(response)
            }
        }
    }

    fn reply_rest(
        &mut self,
        to: Key<Client>,
        mut response: Response,
        ids: &Ids,
        request: Request,
        summary: Summary,
    ) {
        ids.sign(&mut response);
        self.effects.push_back(Effect::Reply { to, response, request, summary });
    }
}

impl Ids {
    /// Adds what every response says.
    fn sign(&self, response: &mut Response) {
        response.header("x-amzn-RequestId", &self.id);
        response.header("x-amz-apigw-id", self.extended.as_str());
    }
}

/// What an access log says of a fault.
fn failure(fault: &Fault) -> Failure<'_> {
    let kind = match fault {
        Fault::NotFound => "MISSING_AUTHENTICATION_TOKEN",
        fault => fault.response_type(),
    };
    Failure { fault, message: fault.rest().1, kind }
}

/// Stage and method of a request, and where in its path the part behind the stage begins.
fn find(
    stage: Result<(Arc<Stage>, usize), NoStage>,
    mapped: bool,
    request: &Request,
    api: &Api,
    live: &Live,
) -> Result<(Arc<Stage>, usize, Verb, usize), Fault> {
    let (stage, behind_stage) = stage.map_err(|why| match (why, live.settings.parity) {
        (NoStage::Unsaid, _) => Fault::NotFound,
        (NoStage::Unknown, Parity::Aws) => Fault::Forbidden("there is no such stage".to_owned()),
        (NoStage::Unknown, Parity::LocalStack) => Fault::NotDeployed(not_deployed(api.id.as_str())),
    })?;
    if stage.disabled && !mapped {
        return Err(Fault::Forbidden("disableExecuteApiEndpoint is set".to_owned()));
    }
    let verb = verb(request).ok_or(Fault::NotFound)?;
    let method = stage.find(verb, &request.path()[behind_stage..]).ok_or(Fault::NotFound)?;
    Ok((stage, behind_stage, verb, method))
}

/// An api that is not there, whose kind nobody knows.
pub(super) fn no_such_api(id: &str, parity: Parity) -> Fault {
    match parity {
        Parity::Aws => Fault::NotFound,
        Parity::LocalStack => Fault::NotDeployed(not_deployed(id)),
    }
}

/// What LocalStack says of an api or a stage that is not there.
pub(super) fn not_deployed(api: &str) -> String {
    format!("The API id '{api}' does not correspond to a deployed API Gateway API")
}

/// What the client asks, or says that it does ("Amazon API Gateway important notes").
fn verb(request: &Request) -> Option<Verb> {
    let said = request.header("x-http-method-override").and_then(|value| std::str::from_utf8(value).ok());
    said.and_then(Verb::of).or_else(|| Verb::of(request.method()))
}

impl Visit {
    /// The method of the resource.
    pub(super) fn method(&self) -> &Method {
        self.stage.method(self.method)
    }

    /// The request's path behind the stage, as it was sent; from a slash on.
    pub(super) fn raw_path(&self) -> &str {
        self.arrival().path()
    }

    /// The same, with slashes that begin it counted as one.
    pub(super) fn path(&self) -> &str {
        let raw = self.raw_path();
        let doubled = raw.bytes().take_while(|byte| *byte == b'/').count();
        &raw[doubled - 1..]
    }

    /// The path as events have it: behind a custom domain name that of the whole request, the mapping's key included.
    pub(super) fn event_path(&self) -> &str {
        if self.mapped { self.request.path() } else { self.path() }
    }

    /// Names and raw values of the variables in the resource's path.
    pub(super) fn path_parameters(&self) -> impl Iterator<Item = (&str, &str)> {
        // A slash at the end belongs to no value.
        self.method().variables.values(self.path().trim_end_matches('/'))
    }

    /// The host that names the api: the one asked for, else the one that would have been.
    pub(super) fn domain(&self) -> &str {
        self.domain.as_deref().unwrap_or(self.request.host())
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

    /// The key that the client sent, where the method wants one.
    fn sent_key(&self) -> Option<&[u8]> {
        match self.method().access.api_key? {
            ApiKeySource::Header => self.request.header("x-api-key").filter(|key| !key.is_empty()),
            // There are no authorizers of REST APIs yet that could say one.
            ApiKeySource::Authorizer => None,
        }
    }

    /// The first step.
    fn begin(&mut self, asker: Asker<'_>, buckets: &mut Buckets) -> Result<Next<Reply>, Fault> {
        self.authorize()?;
        if self.method().access.api_key.is_some() {
            let (api, stage, route) = (&self.api.id, &*self.stage.name, &*self.method().key);
            let door = Door { owner: &self.api.owner, api, stage, route };
            self.api_key = Some(api_key::admit(&self.live, &door, self.sent_key(), asker.now, buckets)?);
        }
        let Asker { me, time, out, .. } = asker;
        match &self.method().integration {
            Integration::Function(lambda) => integrate::invoke(self, lambda, me, time, out),
            Integration::Backend(remote) => integrate::pass_on(self, remote, me, out),
            Integration::Shaped(shaped) => integrate::ask(self, shaped, me, out),
            Integration::Broken(why) => Err(Fault::Integration(why.clone())),
        }
    }

    /// Whether whoever asks may.
    fn authorize(&self) -> Result<(), Fault> {
        let method = self.method();
        match method.access.authorization {
            Permit::Open => Ok(()),
            // "Missing Authentication Token" is what AWS says of no signature, as of no method.
            Permit::Signed => match self.live.settings.parity == Parity::Aws && !is_signed(&self.request) {
                true => Err(Fault::NotFound),
                false => Ok(()),
            },
            Permit::Closed(authorization) => {
                let kind = authorization.as_str();
                Err(Fault::Forbidden(format!("gatelet has no authorization of the type {kind} yet")))
            }
        }
    }

    /// The step after an answer.
    pub(super) fn advance(&self, step: Step, answer: Answer) -> Result<Next<Reply>, Fault> {
        let reply = match (&self.method().integration, step.taken(answer)?) {
            (Integration::Function(_), Taken::Invoked(_, invoked)) => answer::of_function(self, &invoked),
            (Integration::Backend(_), Taken::Fetched(reply)) => answer::of_backend(self, &reply),
            (Integration::Shaped(shaped), taken) => answer::shaped(self, shaped, &taken.into()),
            (Integration::Function(_), Taken::Fetched(_))
            | (Integration::Backend(_), Taken::Invoked(..))
            | (Integration::Broken(_), _) => {
                debug_assert!(false, "an answer is to what was asked");
                Err(Fault::Integration("an answer to something else".to_owned()))
            }
        };
        reply.map(Next::Done)
    }

    /// What log and metrics say of it.
    fn summary(&self, error: Option<String>) -> Summary {
        Summary {
            kind: Kind::Rest,
            api: Some(self.api.id.clone()),
            route: Some(Arc::clone(&self.method().key)),
            stage: Some(Arc::clone(&self.stage.name)),
            began: self.began.instant,
            error,
        }
    }
}

/// Whether a request has a signature, in a header or in its query.
fn is_signed(request: &Request) -> bool {
    request.header("authorization").is_some()
        || request.query().is_some_and(|query| query.contains("X-Amz-Signature="))
}

impl From<Response> for Reply {
    fn from(response: Response) -> Self {
        Self { response, remark: None }
    }
}
