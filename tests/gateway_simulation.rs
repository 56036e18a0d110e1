//! The data plane under a random world: clients that come, ask and go, answers early, late, twice or never, time
//! that jumps. After each step: whoever asked and stayed is answered once and nobody else, and nothing is kept
//! that nobody waits for. A failure prints its seed; `GATELET_SEED` replays it.

mod support;

use std::collections::HashSet;
use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use gatelet::base::{Key, Now, Rng, Table};
use gatelet::gateway::effect::Unreachable;
use gatelet::gateway::{Answer, Channel, Client, Effect, Engine, Exchange, MAX_EVENT, Peer, Via};
use gatelet::live::Live;
use gatelet::model::invocation::{FunctionError, Invoked, Refused};
use gatelet::proto::http1::Request;
use support::World;

const WORLD: &str = "
function f
api a
lambda two f timeout=50
lambda one f 1.0
lambda missing g
http back http://backend.test/{id} timeout=100
route GET /two -> two
route POST /one -> one
route GET /missing -> missing
route ANY /back/{id} -> back
stage $default
deploy $default
stage prod
throttle prod 50 5
deploy prod
stage empty
rest r
lambda proxy f timeout=50
lambda missing g
http back http://backend.test/ timeout=100
mock cors
template cors application/json {statusCode:200}
respond cors 200
method ANY /proxy -> proxy
method GET /missing -> missing
method ANY /back/{id} -> back
method OPTIONS /proxy -> cors
stage prod
deploy prod
";

const TARGETS: [&str; 15] = [
    "GET /two",
    "GET /prod/two?a=1&a=2",
    "POST /one",
    "GET /missing",
    "GET /back/1",
    "PUT /prod/back/%2F",
    "GET /nothing",
    "GET /empty/two",
    "GET /local/two",
    "GET /restapis/r/prod/_user_request_/proxy?a=1",
    "OPTIONS /restapis/r/prod/_user_request_/proxy",
    "GET /restapis/r/prod/_user_request_/missing",
    "PUT /restapis/r/prod/_user_request_/back/1/",
    "GET /restapis/r/prod/_user_request_/nothing",
    "GET /restapis/r/other/_user_request_/proxy",
];

const PAYLOADS: [&str; 6] = [
    "{\"statusCode\":200,\"body\":\"x\"}",
    "{\"statusCode\":0}",
    "null",
    "\"x\"",
    "{",
    "{\"statusCode\":200,\"headers\":7}",
];

/// At most this many exchanges: fewer than there are clients, so that the limit is met.
const LIMIT: usize = 6;

#[test]
fn whoever_asks_and_stays_is_answered_once() {
    let seeds = match std::env::var("GATELET_SEED") {
        Ok(seed) => seed.parse().unwrap()..seed.parse::<u64>().unwrap() + 1,
        Err(_) => 0..200,
    };
    for seed in seeds {
        let outcome = std::panic::catch_unwind(|| Simulation::new(seed).run());
        assert!(outcome.is_ok(), "seed {seed}");
    }
}

#[derive(Clone, Copy)]
enum Asked {
    Function,
    Backend,
}

struct Simulation {
    rng: Rng,
    engine: Engine,
    live: Arc<Live>,
    now: Now,
    clients: Table<()>,
    /// Who asked and was not answered.
    waiting: HashSet<Key<Client>>,
    /// Who asked for what, answered already or not.
    asked: Vec<(Key<Exchange>, Asked)>,
    replies: usize,
}

impl Simulation {
    fn new(seed: u64) -> Self {
        Self {
            rng: Rng::with_seed(seed),
            engine: Engine::new(LIMIT, Rng::with_seed(seed)),
            live: World::of(WORLD).live(),
            now: Now { instant: Instant::now(), unix_ms: 1_744_668_836_573 },
            clients: Table::new(10),
            waiting: HashSet::new(),
            asked: Vec::new(),
            replies: 0,
        }
    }

    fn run(mut self) {
        for _ in 0..400 {
            match self.rng.u8(..11) {
                0 | 10 => drop(self.clients.insert(())),
                1 => self.hang_up(),
                2..=5 => self.request(),
                6 | 7 => self.answer(),
                _ => {
                    let ms = self.rng.u64(..60);
                    self.pass(ms);
                }
            }
            self.settle();
        }
        self.pass(40_000);
        self.settle();
        assert!(self.waiting.is_empty(), "everyone was answered");
        assert_eq!((self.engine.in_flight(), self.engine.next_timeout()), (0, None));
        assert!(self.replies > 20, "something happened");
    }

    fn any_client(&mut self) -> Option<Key<()>> {
        let keys = self.clients.keys();
        (!keys.is_empty()).then(|| keys[self.rng.usize(..keys.len())])
    }

    fn hang_up(&mut self) {
        if let Some(client) = self.any_client() {
            self.clients.remove(client);
            self.waiting.remove(&client.cast());
            self.engine.hung_up(self.now, client.cast());
            // Once more changes nothing.
            self.engine.hung_up(self.now, client.cast());
        }
    }

    fn request(&mut self) {
        let Some(client) = self.any_client() else { return };
        if !self.waiting.insert(client.cast()) {
            return;
        }
        let target = TARGETS[self.rng.usize(..TARGETS.len())];
        let host = if target.contains(" /restapis/") { "localhost" } else { "a.execute-api.localhost" };
        let head = format!("{target} HTTP/1.1\r\nHost: {host}\r\nContent-Length: 2\r\n\r\nhi");
        let request = Request::of(head.as_bytes()).unwrap();
        let peer = Peer {
            client: client.cast(),
            ip: IpAddr::V4(Ipv4Addr::LOCALHOST),
            channel: Channel::Plain,
            via: Via::Edge,
        };
        self.engine.request(self.now, &self.live, peer, request);
    }

    /// Answers somebody, who may have been answered before, or be gone.
    fn answer(&mut self) {
        if self.asked.is_empty() {
            return;
        }
        let at = self.rng.usize(..self.asked.len());
        let (key, asked) = if self.rng.bool() { self.asked.swap_remove(at) } else { self.asked[at] };
        let answer = match asked {
            Asked::Backend => Answer::Fetched(Err(match self.rng.u8(..3) {
                0 => Unreachable::Busy,
                1 => Unreachable::Network("reset".into()),
                _ => Unreachable::Malformed,
            })),
            Asked::Function => Answer::Invoked(match self.rng.u8(..5) {
                0 => Err(Refused::Throttled("x")),
                1 => Err(Refused::Stopping),
                n => Ok(Invoked {
                    payload: Bytes::from_static(PAYLOADS[self.rng.usize(..PAYLOADS.len())].as_bytes()),
                    error: (n == 2).then_some(FunctionError::Unhandled),
                    log_tail: Vec::new(),
                    request_id: String::new(),
                }),
            }),
        };
        self.engine.answer(self.now, key, answer);
    }

    fn pass(&mut self, ms: u64) {
        self.now.instant += Duration::from_millis(ms);
        self.now.unix_ms += ms;
        while self.engine.next_timeout().is_some_and(|next| next <= self.now.instant) {
            self.engine.timeout(self.now);
        }
    }

    fn settle(&mut self) {
        while let Some(effect) = self.engine.poll_effect() {
            match effect {
                Effect::Reply { to, summary, .. } => {
                    // A reply may be under way when its client goes; then the client's key misses.
                    let is_there = self.clients.get(to.cast()).is_some();
                    assert_eq!(self.waiting.remove(&to), is_there, "one reply to each who asked and stayed");
                    assert!(summary.began <= self.now.instant);
                    self.replies += 1;
                }
                Effect::Invoke { event, then, .. } => {
                    assert!(event.len() <= MAX_EVENT);
                    self.asked.push((then, Asked::Function));
                }
                Effect::Fetch { then, .. } => self.asked.push((then, Asked::Backend)),
                Effect::Upgrade { .. }
                | Effect::Send { .. }
                | Effect::Push { .. }
                | Effect::Close { .. }
                | Effect::Resume { .. }
                | Effect::Log { .. }
                | Effect::Done { .. } => unreachable!("there are no WebSocket APIs here, and no access logs"),
            }
        }
        assert_eq!(self.engine.in_flight(), self.waiting.len(), "who waits, and nobody else");
        assert!(self.engine.in_flight() <= LIMIT);
    }
}

/// The largest request that may come makes an event larger than a function may get.
#[test]
fn an_event_beyond_lambdas_limit_is_refused() {
    for (target, length, expected) in [
        ("/_aws/execute-api/a/one", 5 << 20, None),
        ("/_aws/execute-api/a/one", 6 << 20, Some(413)),
        ("/_aws/execute-api/a/one", 10 << 20, Some(413)),
        ("/_aws/execute-api/r/prod/proxy", 5 << 20, None),
        ("/_aws/execute-api/r/prod/proxy", 6 << 20, Some(413)),
    ] {
        let mut simulation = Simulation::new(1);
        let client = simulation.clients.insert(()).unwrap().cast();
        let head = format!("POST {target} HTTP/1.1\r\nHost: localhost\r\nContent-Type: text/plain\r\n");
        let mut bytes = head.into_bytes();
        bytes.extend(format!("Content-Length: {length}\r\n\r\n").into_bytes());
        bytes.resize(bytes.len() + length, b'a');
        let peer =
            Peer { client, ip: IpAddr::V4(Ipv4Addr::LOCALHOST), channel: Channel::Plain, via: Via::Edge };
        simulation.engine.request(simulation.now, &simulation.live, peer, Request::of(&bytes).unwrap());
        let status = match simulation.engine.poll_effect() {
            Some(Effect::Reply { response, .. }) => Some(response.status),
            Some(Effect::Invoke { .. }) => None,
            _ => panic!("neither asked nor answered"),
        };
        assert_eq!(status, expected, "{target} {length}");
    }
}
