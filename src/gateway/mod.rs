//! The data plane, sans-IO: requests and answers in, effects out.
//!
//! ```text
//! request ──> find api, stage, route ──> Exchange ──> Invoke / Fetch ──> answer ──> Reply
//!                     │ none                 │ no time left, at fault               ^
//!                     └──────────────────────┴──────────── Fault::response ─────────┘
//! ```
//!
//! It knows no sockets, no processes and no clock, and not who carries out its effects.

pub mod effect;
mod event;
mod exchange;
mod fault;
mod http_api;
mod integrate;
mod json;
mod mapping;
mod sent;

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Instant;

pub use effect::{Answer, Client, Effect, Flow, Message, Summary};
pub use exchange::Exchange;

use crate::base::{Key, Now, Rng, Table, Timers, clock};
use crate::live::host;
use crate::live::{Found, Live};
use crate::proto::http1;
use effect::Kind;
use exchange::{Journey, Next, RequestId};
use fault::Fault;

/// AWS: 10 MB, of a request and of a response.
pub const MAX_BODY: usize = 10 * 1024 * 1024;

/// Lambda: 6 MB, of the event of a synchronous invocation.
pub const MAX_EVENT: usize = 6 * 1024 * 1024;

/// Who is asking, from where: what the connection knows.
#[derive(Clone, Debug)]
pub struct Peer {
    /// The connection.
    pub client: Key<Client>,
    /// The client's address.
    pub ip: std::net::IpAddr,
    /// Where it came in.
    pub via: Via,
}

/// Where a request came in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Via {
    /// Where all services are: host and path say which api it is for, if any.
    Edge,
    /// At the port of the WebSocket API with this id: it is for that one, whatever host and path say.
    Port(Arc<str>),
}

/// The whole surface of the data plane.
pub struct Engine {
    exchanges: Table<Exchange>,
    timers: Timers<Exchange>,
    effects: VecDeque<Effect>,
    /// By the index of a client: what it waits for. A client has one request under way at a time.
    waiting: Vec<Option<(Key<Client>, Key<Exchange>)>>,
    rng: Rng,
    time: Time,
}

impl Engine {
    /// An engine for at most `limit` exchanges at once.
    pub fn new(limit: usize, rng: Rng) -> Self {
        Self {
            exchanges: Table::new(limit),
            timers: Timers::default(),
            effects: VecDeque::new(),
            waiting: Vec::new(),
            rng,
            time: Time::default(),
        }
    }

    /// Whether host or path say that a request is for an api, existing or not. All else is the control plane's.
    pub fn owns(_live: &Live, request: &http1::Request) -> bool {
        host::address(request.host(), request.path()).is_some()
    }

    /// A request for an api, whole. Exactly one [`Effect::Reply`] or [`Effect::Upgrade`] follows, now or later,
    /// unless the client hangs up.
    pub fn request(&mut self, now: Now, live: &Arc<Live>, peer: Peer, request: http1::Request) {
        let id = RequestId::new(&mut self.rng);
        let address = host::address(request.host(), request.path());
        let found = address.and_then(|address| Some((address.stage, live.find(&address, request.method())?)));
        let Some((form, Found { api, stage: Some(stage), route: Some(route), path })) = found else {
            let summary = Summary {
                kind: Kind::Http,
                api: found.as_ref().map(|(_, found)| found.api.id.clone()),
                route: None,
                stage: found.and_then(|(_, found)| found.stage.map(|stage| Arc::clone(&stage.name))),
                began: now.instant,
                error: None,
            };
            return self.reply(peer.client, Fault::NotFound.response(), id, request, summary);
        };
        let journey = Journey {
            client: peer.client,
            // A client of version 4 at a listener of version 6 is still one of version 4.
            ip: peer.ip.to_canonical(),
            began: now,
            live: Arc::clone(live),
            api: Arc::clone(api),
            stage: Arc::clone(stage),
            route,
            behind_stage: request.path().len() - path.len(),
            domain: exchange::domain(form, api, &live.settings.public_host),
            id,
            trace_id: exchange::trace_id(&request, now, &mut self.rng),
            request,
        };
        if self.exchanges.is_full() {
            return self.finish(journey, Err(Fault::Busy("as many exchanges as there may be are under way")));
        }
        let exchange = Exchange { journey, step: None };
        let key = self.exchanges.insert(exchange).expect("the table is not full");
        let journey = &self.exchanges.get(key).expect("it was just put there").journey;
        let next = journey.begin(key, self.time.at(now), &mut self.effects);
        self.go_on(key, next);
    }

    /// An answer to something that an exchange waits for. One that comes too late finds nobody.
    pub fn answer(&mut self, _now: Now, to: Key<Exchange>, answer: Answer) {
        let Some(exchange) = self.exchanges.get_mut(to) else { return };
        let step = exchange.step.take().expect("a step is put back before anyone can ask for the next");
        let next = step.advance(&exchange.journey, answer);
        self.go_on(to, next);
    }

    /// A message of a client whose handshake was answered with [`Effect::Upgrade`].
    pub fn message(&mut self, _now: Now, _live: &Arc<Live>, _client: Key<Client>, _message: Message) -> Flow {
        Flow::On
    }

    /// A WebSocket has ended: by its client's close frame, by a fault of its client's, or without a word
    /// ([`ws::close::ABNORMAL`](crate::proto::ws::close::ABNORMAL)). Nothing happens if the engine has closed it.
    pub fn closed(&mut self, _now: Now, _client: Key<Client>, _code: u16, _reason: &str) {}

    /// There is a new snapshot: closes the WebSockets whose api or stage it doesn't have.
    pub fn live_changed(&mut self, _now: Now, _live: &Arc<Live>) {}

    /// The client is gone: what it waits for is forgotten.
    pub fn hung_up(&mut self, _now: Now, client: Key<Client>) {
        if let Some(entry) = self.waiting.get_mut(client.index())
            && let Some((_, exchange)) = entry.take_if(|(who, _)| *who == client)
        {
            self.timers.clear(exchange);
            self.exchanges.remove(exchange);
        }
    }

    /// Ends what has waited too long. Call when [`Engine::next_timeout`] has come.
    pub fn timeout(&mut self, now: Now) {
        while let Some(key) = self.timers.expired(now.instant) {
            self.go_on(key, Err(Fault::TimedOut));
        }
    }

    /// When to call [`Engine::timeout`].
    pub fn next_timeout(&self) -> Option<Instant> {
        self.timers.next()
    }

    /// The next thing to do; call until `None`.
    pub fn poll_effect(&mut self) -> Option<Effect> {
        self.effects.pop_front()
    }

    /// How many exchanges are under way.
    pub fn in_flight(&self) -> usize {
        self.exchanges.len()
    }

    /// Does with an exchange what its last step says.
    fn go_on(&mut self, key: Key<Exchange>, next: Result<Next, Fault>) {
        match next {
            Ok(Next::Wait(step, deadline)) => {
                let Some(exchange) = self.exchanges.get_mut(key) else { return };
                exchange.step = Some(step);
                let client = exchange.journey.client;
                self.timers.set(key, deadline);
                if self.waiting.len() <= client.index() {
                    self.waiting.resize(client.index() + 1, None);
                }
                self.waiting[client.index()] = Some((client, key));
            }
            Ok(Next::Done(response)) => self.end(key, Ok(response)),
            Err(fault) => self.end(key, Err(fault)),
        }
    }

    /// Takes an exchange out, and answers.
    fn end(&mut self, key: Key<Exchange>, outcome: Result<http1::Response, Fault>) {
        let Some(exchange) = self.exchanges.remove(key) else { return };
        self.timers.clear(key);
        if let Some(entry) = self.waiting.get_mut(exchange.journey.client.index()) {
            entry.take_if(|(_, waits)| *waits == key);
        }
        self.finish(exchange.journey, outcome);
    }

    fn finish(&mut self, journey: Journey, outcome: Result<http1::Response, Fault>) {
        let (response, error) = match outcome {
            Ok(response) => (response, None),
            Err(fault) => (fault.response(), fault.reason()),
        };
        let summary = journey.summary(error);
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

/// The time as events spell it, which changes once a second.
#[derive(Default)]
struct Time {
    second: Option<u64>,
    text: String,
}

impl Time {
    fn at(&mut self, now: Now) -> &str {
        let second = now.unix_seconds();
        if self.second != Some(second) {
            self.second = Some(second);
            self.text.clear();
            clock::clf(&mut self.text, second);
        }
        &self.text
    }
}
