//! The data plane, sans-IO: requests and answers in, effects out.
//!
//! ```text
//! request ──> find api, stage, route ──> Exchange ──> Invoke / Fetch ──> answer ──> Reply
//!                     │ none                 │ no time left, at fault               ^
//!                     └──────────────────────┴──────────── Fault::response ─────────┘
//! ```
//!
//! What comes of WebSockets is in `websocket_api`.
//!
//! It knows no sockets, no processes and no clock, and not who carries out its effects.

mod access_log;
mod api_key;
mod connections;
mod context;
mod cors;
pub mod effect;
mod event;
mod exchange;
mod fault;
mod function_url;
mod http_api;
mod integrate;
mod json;
mod management;
mod mapping;
mod peer;
mod policy;
mod rest_api;
mod result;
mod sent;
mod service;
mod signer;
mod throttle;
mod time;
mod verdicts;
mod websocket_api;

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Instant;

pub use connections::MOST_IN_FLIGHT;
pub use effect::{Answer, Client, Effect, Flow, Message, Summary};
pub use exchange::Exchange;
pub use peer::{Channel, Peer, Shown, Via};

use crate::base::{Key, Now, Rng, Table, Timers};
use crate::live::host::{self, Address, StageForm};
use crate::live::throttle::Throttle;
use crate::live::{self, AnyApi, Api, Found, Live, Stage};
use crate::model::api::Protocol;
use crate::model::settings::Parity;
use crate::proto::{http1, query, ws};
use connections::Connections;
use effect::Kind;
use exchange::{Asker, Identity, Journey, Next, RequestId, Step, Task};
use fault::Fault;
use http_api::authorize::Authorizers;
use management::{Call, Push, Scope};
use rest_api::Way;
use throttle::Buckets;
use time::Time;
use websocket_api::{Knock, Parting};

/// AWS: 10 MB, of a request and of a response.
pub const MAX_BODY: usize = 10 * 1024 * 1024;

/// Lambda: 6 MB, of the event of a synchronous invocation.
pub const MAX_EVENT: usize = 6 * 1024 * 1024;

/// The whole surface of the data plane.
pub struct Engine {
    exchanges: Table<Exchange>,
    timers: Timers<Exchange>,
    authorizers: Authorizers,
    connections: Connections,
    buckets: Buckets,
    /// Connections that have ended, until there is room for asking `$disconnect`.
    ended: VecDeque<Parting>,
    effects: VecDeque<Effect>,
    /// By the index of a client: what it waits for. A client has one request under way at a time.
    waiting: Vec<Option<(Key<Client>, Key<Exchange>)>>,
    /// The newest snapshot that connections were seen under: for ends, which come with none.
    live: Arc<Live>,
    rng: Rng,
    time: Time,
}

impl Engine {
    /// An engine for at most `limit` exchanges at once.
    pub fn new(limit: usize, rng: Rng) -> Self {
        Self {
            exchanges: Table::new(limit),
            timers: Timers::default(),
            authorizers: Authorizers::default(),
            connections: Connections::new(),
            buckets: Buckets::new(),
            ended: VecDeque::new(),
            effects: VecDeque::new(),
            waiting: Vec::new(),
            live: Arc::new(Live::empty(Arc::default())),
            rng,
            time: Time::default(),
        }
    }

    /// Whether host or path say that a request is for an api, existing or not, or for a connection of any. All else
    /// is the control plane's.
    pub fn owns(live: &Live, request: &http1::Request) -> bool {
        live.domain(request.host()).is_some()
            || host::address(request.host(), request.path()).is_some()
            || host::function_url(request.host(), request.path()).is_some()
            || connection_of_any(request).is_some()
    }

    /// A whole request. Exactly one [`Effect::Reply`] or [`Effect::Upgrade`] follows, unless the client hangs up.
    ///
    /// `Some`: it came to the edge and is not ours, as [`Engine::owns`] says. Here it is back.
    pub fn request(
        &mut self,
        now: Now,
        live: &Arc<Live>,
        peer: Peer,
        request: http1::Request,
    ) -> Option<http1::Request> {
        let id = RequestId::new(&mut self.rng);
        let (host, path) = (request.host(), request.path());
        let domain = live.domain(host).filter(|_| peer.via == Via::Edge);
        let truststore = domain.and_then(|domain| domain.truststore.as_ref());
        if truststore.is_some_and(|truststore| !peer.channel.is_trusted(truststore)) {
            let fault =
                Fault::Forbidden("the domain asks for a certificate, and the client has shown none".into());
            let response = fault.response();
            let summary = Summary { error: fault.reason(), ..nowhere(Kind::Http, now) };
            self.reply(peer.client, response, id, request, summary);
            return None;
        }
        let address = match &peer.via {
            Via::Port(api) => Some(Address { api, stage: StageForm::Port, path }),
            Via::Edge => live::address(domain, &request),
        };
        let Some(address) = address else {
            if domain.is_some() {
                self.miss(now, &peer, id, request, Fault::NotFound);
            } else if host::function_url(host, path).is_some() {
                self.url_request(now, live, peer, id, request);
            } else if let Some(connection) = connection_of_any(&request).map(str::to_owned) {
                self.manage(now, Call { peer, request, id, connection, scope: Scope::All });
            } else {
                return Some(request);
            }
            return None;
        };
        let api = match live.api(address.api) {
            Some(AnyApi::V2(api)) => api,
            Some(AnyApi::V1(api)) => {
                let way = Way::new(api, &address, path, &live.settings.public_host);
                self.rest_request(now, live, way, &peer, id, request);
                return None;
            }
            None => {
                let fault = rest_api::no_such_api(address.api, live.settings.parity);
                self.miss(now, &peer, id, request, fault);
                return None;
            }
        };
        match api.protocol {
            Protocol::Http => {
                let Found { stage, route, path: rest, .. } = live.find(api, &address, request.method());
                let behind_stage = path.len() - rest.len();
                let domain = exchange::domain(address.stage, &api.id, &live.settings.public_host);
                let mapped = address.stage.is_of_domain();
                let way = HttpWay { api, stage, route, behind_stage, mapped, domain };
                self.http_request(now, live, way, peer, id, request);
            }
            Protocol::WebSocket => {
                if let Some((before, connection)) = host::connection(address.path) {
                    let scope = scope(api, address.stage, before, live.settings.parity);
                    let connection = connection.to_owned();
                    self.manage(now, Call { peer, request, id, connection, scope });
                    return None;
                }
                let stage = api.stage_of(address.stage, address.path, live.settings.parity);
                let stage = stage.filter(|stage| address.stage.is_open(stage.disabled)).cloned();
                let domain = exchange::domain(address.stage, &api.id, &live.settings.public_host);
                // What is in front of the path that is left to the api is the mapping's key.
                let base_path = match address.stage.is_of_domain() {
                    true => context::base_path(&request, path.len() - address.path.len()).map(Into::into),
                    false => None,
                };
                let api = Arc::clone(api);
                self.knock(now, live, Knock { peer, request, id, api, stage, base_path, domain });
            }
        }
        None
    }

    /// An answer to something that an exchange waits for. One that comes too late finds nobody.
    pub fn answer(&mut self, now: Now, to: Key<Exchange>, answer: Answer) {
        let Some(exchange) = self.exchanges.get_mut(to) else { return };
        let step = exchange.step.take().expect("a step is put back before anyone can ask for the next");
        if let Some(notes) = exchange.task.notes() {
            notes.answered(now, step, &answer);
        }
        match &mut exchange.task {
            Task::Http(journey) => {
                let asker = Asker { me: to, now, time: self.time.at(now), out: &mut self.effects };
                let next = journey.advance(step, answer, asker, &mut self.authorizers);
                self.go_on(now, to, next, Self::finish_http);
            }
            Task::Url(call) => {
                let next = call.advance(step, answer);
                self.go_on(now, to, next, Self::finish_url);
            }
            Task::Rest(visit) => {
                let next = visit.advance(step, answer);
                self.go_on(now, to, next, Self::finish_rest);
            }
            Task::Connect(handshake) => {
                let asker = Asker { me: to, now, time: self.time.at(now), out: &mut self.effects };
                let next = handshake.advance(step, answer, asker, &mut self.buckets);
                self.go_on(now, to, next, Self::finish_handshake);
            }
            Task::Message(dispatch) => {
                let next = dispatch.advance(step, answer);
                self.go_on(now, to, next, Self::finish_message);
            }
            Task::Disconnect(parting) => {
                let next = parting.advance(step, answer);
                self.go_on(now, to, next, Self::finish_parting);
            }
            Task::Keys(discovery) => {
                let asker = Asker { me: to, now, time: self.time.at(now), out: &mut self.effects };
                let next = discovery.advance(step, answer, asker);
                self.go_on(now, to, next, Self::finish_keys);
            }
            Task::Push(_) => {
                let next = Push::advance(step, answer);
                self.go_on(now, to, next, Self::finish_push);
            }
        }
        self.part(now);
    }

    /// The client is gone: what it waits for is forgotten.
    pub fn hung_up(&mut self, now: Now, client: Key<Client>) {
        let entry = self.waiting.get(client.index()).copied().flatten();
        if let Some((_, exchange)) = entry.filter(|(who, _)| *who == client)
            && let Some(Task::Connect(handshake)) = self.take(exchange)
        {
            self.connections.give_back(handshake.place);
        }
        self.closed(now, client, ws::close::ABNORMAL, "");
        self.part(now);
    }

    /// Ends what has waited too long, and WebSockets that were silent or open for too long. Call when
    /// [`Engine::next_timeout`] has come.
    pub fn timeout(&mut self, now: Now) {
        while let Some(key) = self.timers.expired(now.instant) {
            let Some(exchange) = self.exchanges.get(key) else { continue };
            let late = Fault::TimedOut;
            match &exchange.task {
                Task::Http(_) => {
                    let late = Journey::late(exchange.step);
                    self.go_on(now, key, Err(late), Self::finish_http);
                }
                Task::Url(_) => self.go_on(now, key, Err(late), Self::finish_url),
                Task::Rest(_) => self.go_on(now, key, Err(late), Self::finish_rest),
                Task::Connect(_) => self.go_on(now, key, Err(late), Self::finish_handshake),
                Task::Message(_) => self.go_on(now, key, Err(late), Self::finish_message),
                Task::Disconnect(_) => self.go_on(now, key, Err(late), Self::finish_parting),
                Task::Push(_) => self.go_on(now, key, Err(late), Self::finish_push),
                Task::Keys(discovery) => {
                    let late = discovery.late();
                    self.go_on(now, key, Err(late), Self::finish_keys);
                }
            }
        }
        while let Some(place) = self.connections.expired(now.instant) {
            self.shut(now, place, ws::close::GOING_AWAY, "Going away");
        }
        self.part(now);
    }

    /// When to call [`Engine::timeout`].
    pub fn next_timeout(&self) -> Option<Instant> {
        self.timers.next().into_iter().chain(self.connections.next_timeout()).min()
    }

    /// The next thing to do; call until `None`.
    pub fn poll_effect(&mut self) -> Option<Effect> {
        self.effects.pop_front()
    }

    /// How many exchanges are under way.
    pub fn in_flight(&self) -> usize {
        self.exchanges.len() + self.ended.len()
    }

    /// How many WebSockets are open, and in the making.
    pub fn connections(&self) -> usize {
        self.connections.len()
    }

    /// The id of a client's connection.
    pub fn connection_id(&self, client: Key<Client>) -> Option<String> {
        self.connections.of(client).map(|(_, connection)| connection.link.id.as_str().to_owned())
    }

    /// A request to an HTTP API.
    fn http_request(
        &mut self,
        now: Now,
        live: &Arc<Live>,
        way: HttpWay<'_>,
        peer: Peer,
        id: RequestId,
        request: http1::Request,
    ) {
        let HttpWay { api, stage: Some(stage), route: Some(route), behind_stage, mapped, domain } = way
        else {
            let response = http_api::without_route(way.stage.and_then(|stage| stage.cors.as_ref()), &request);
            self.log_unrouted(now, &way, &peer, &id, &request, &response);
            let stage = way.stage.map(|stage| Arc::clone(&stage.name));
            let summary = Summary { api: Some(way.api.id.clone()), stage, ..nowhere(Kind::Http, now) };
            return self.reply(peer.client, response, id, request, summary);
        };
        let journey = Journey {
            client: peer.client,
            // A client of version 4 at a listener of version 6 is still one of version 4.
            ip: peer.ip.to_canonical(),
            channel: peer.channel,
            began: now,
            live: Arc::clone(live),
            api: Arc::clone(api),
            stage: Arc::clone(stage),
            route,
            behind_stage,
            mapped,
            domain,
            id,
            trace_id: exchange::trace_id(&request, now, &mut self.rng),
            identity: Identity::Unknown,
            notes: stage.access_log.as_ref().map(|_| Box::default()),
            request,
        };
        if !self.lets(now, journey.route().throttle.as_ref()) {
            return self.finish_http(now, Task::Http(journey), Err(Fault::TooMany));
        }
        if self.exchanges.is_full() {
            let fault = Fault::Busy("as many exchanges as there may be are under way");
            return self.finish_http(now, Task::Http(journey), Err(fault));
        }
        let exchange = Exchange { task: Task::Http(journey), step: None };
        let key = self.exchanges.insert(exchange).expect("the table is not full");
        let Some(Task::Http(journey)) = self.exchanges.get_mut(key).map(|exchange| &mut exchange.task) else {
            return;
        };
        let asker = Asker { me: key, now, time: self.time.at(now), out: &mut self.effects };
        let next = journey.begin(asker, &mut self.authorizers);
        self.go_on(now, key, next, Self::finish_http);
        self.discover(now);
    }

    /// Whether a route takes one more request now.
    fn lets(&mut self, now: Now, throttle: Option<&Throttle>) -> bool {
        throttle.is_none_or(|throttle| self.buckets.take(now.instant, &throttle.bucket, throttle.pace))
    }

    /// There is no such api. Whom clients of WebSockets ask says so with another status.
    fn miss(&mut self, now: Now, peer: &Peer, id: RequestId, request: http1::Request, fault: Fault) {
        let speaks = ws::handshake::is_upgrade(&request) || host::connection(request.path()).is_some();
        let (response, kind) = match speaks {
            true => (fault.refusal(), Kind::Connect),
            false => (fault.response(), Kind::Http),
        };
        self.reply(peer.client, response, id, request, nowhere(kind, now));
    }

    /// Does with an exchange what its last step says.
    fn go_on<T>(
        &mut self,
        now: Now,
        key: Key<Exchange>,
        next: Result<Next<T>, Fault>,
        finish: impl FnOnce(&mut Self, Now, Task, Result<T, Fault>),
    ) {
        let outcome = match next {
            Ok(Next::Wait(step, deadline)) => return self.wait(now, key, step, deadline),
            Ok(Next::Done(outcome)) => Ok(outcome),
            Err(fault) => Err(fault),
        };
        if let Some(task) = self.take(key) {
            finish(self, now, task, outcome);
        }
    }

    fn wait(&mut self, now: Now, key: Key<Exchange>, step: Step, deadline: Instant) {
        let Some(exchange) = self.exchanges.get_mut(key) else { return };
        exchange.step = Some(step);
        if let Some(notes) = exchange.task.notes() {
            notes.asked(now, step);
        }
        let client = exchange.task.client();
        self.timers.set(key, deadline);
        if let Some(client) = client {
            if self.waiting.len() <= client.index() {
                self.waiting.resize(client.index() + 1, None);
            }
            self.waiting[client.index()] = Some((client, key));
        }
    }

    /// Takes an exchange out: from now on its key misses.
    fn take(&mut self, key: Key<Exchange>) -> Option<Task> {
        let exchange = self.exchanges.remove(key)?;
        self.timers.clear(key);
        if let Some(client) = exchange.task.client()
            && let Some(entry) = self.waiting.get_mut(client.index())
        {
            entry.take_if(|(_, waits)| *waits == key);
        }
        Some(exchange.task)
    }

    fn finish_http(&mut self, now: Now, task: Task, outcome: Result<http1::Response, Fault>) {
        let Task::Http(journey) = task else { return };
        let (mut response, fault) = match outcome {
            Ok(response) => (response, None),
            Err(fault) => (fault.response(), Some(fault)),
        };
        if let Some(cors) = &journey.stage.cors {
            cors::finish(cors, &journey.request, &mut response);
        }
        self.log_http(now, &journey, &response, fault.as_ref());
        let summary = journey.summary(fault.and_then(Fault::reason));
        self.reply(journey.client, response, journey.id, journey.request, summary);
    }

    fn reply(
        &mut self,
        to: Key<Client>,
        mut response: http1::Response,
        id: RequestId,
        request: http1::Request,
        summary: Summary,
    ) {
        response.header("Apigw-Requestid", id.as_str());
        self.effects.push_back(Effect::Reply { to, response, request, summary });
    }
}

/// Where a request to an HTTP API leads.
struct HttpWay<'l> {
    api: &'l Arc<Api>,
    stage: Option<&'l Arc<Stage>>,
    route: Option<usize>,
    /// Where in the request's path the part behind the stage begins.
    behind_stage: usize,
    /// Whether a custom domain name leads there.
    mapped: bool,
    /// How the URL names the api, when it isn't by host.
    domain: Option<String>,
}

/// The connection that a request to the Management API means which names no api.
fn connection_of_any(request: &http1::Request) -> Option<&str> {
    host::connection(request.path()).filter(|(before, _)| before.is_empty()).map(|(_, id)| id)
}

/// Whose connections a request to the Management API of an api may mean. `before` is what its path says before it
/// names one.
fn scope(api: &Arc<Api>, form: StageForm<'_>, before: &str, parity: Parity) -> Scope {
    let name = match form {
        StageForm::Explicit(name) | StageForm::Mapped(name) => name,
        StageForm::Host | StageForm::Path | StageForm::Port | StageForm::Unstaged => {
            before.trim_start_matches('/')
        }
    };
    // LocalStack's users know a stage only as a part of URLs that they leave out.
    if name.is_empty() && parity == Parity::LocalStack {
        return Scope::Api(Arc::clone(api));
    }
    match api.stage(&query::decode_path(name)) {
        Some(stage) => Scope::Stage(Arc::clone(api), Arc::clone(stage)),
        None => Scope::Nowhere(Arc::clone(api)),
    }
}

fn nowhere(kind: Kind, now: Now) -> Summary {
    Summary { kind, api: None, route: None, stage: None, began: now.instant, error: None }
}
