//! WebSocket APIs under a random world: clients that connect, talk, are pushed to and go, functions that answer
//! early, late or never, stages that come and go, time that jumps. Every connection that opened has exactly one
//! end, with its own id, and none that was refused has any; nobody is sent what they did not open for; ids of
//! connections that are gone lead nowhere; in the end nothing is left. A failure prints its seed; `GATELET_SEED`
//! replays it.

mod support;

use std::collections::{HashMap, HashSet};
use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use gatelet::base::{Key, Now, Rng, Table};
use gatelet::gateway::effect::{Full, Unreachable};
use gatelet::gateway::{
    Answer, Channel, Client, Effect, Engine, Exchange, Flow, MOST_IN_FLIGHT, Message, Peer, Via,
};
use gatelet::live::Live;
use gatelet::model::ApiId;
use gatelet::model::invocation::{FunctionError, Invoked, Refused};
use gatelet::proto::http1::Request;
use support::World;

const WORLD: &str = "
idle 300
lifetime 2000
function f
websocket ws
lambda f f timeout=40
http back http://backend.test/ timeout=60
mock m
response m $default
authorizer z f
route $connect -> f
route $disconnect -> f
route $default -> f
route back -> back replies
route mock -> m replies
stage dev
deploy dev
stage other
deploy other
websocket plain
lambda f f timeout=40
mock m
response m $default
authorizer z f
route $connect -> - authorizer=z
route $disconnect -> f
route mock -> m replies
stage dev
deploy dev
";

const MESSAGES: [&str; 5] = ["hello", "{\"action\":\"back\"}", "{\"action\":\"mock\"}", "", "{\"action\":1}"];

const PAYLOADS: [&str; 7] = [
    "{\"statusCode\":200,\"body\":\"x\"}",
    "{\"statusCode\":200}",
    "{\"statusCode\":200}",
    "{\"statusCode\":401}",
    "null",
    "{",
    "{\"principalId\":\"p\",\"policyDocument\":{\"Statement\":{\"Effect\":\"Allow\",\"Action\":\"*\",\"Resource\":\"*\"}}}",
];

#[test]
fn every_connection_ends_once() {
    let seeds = match std::env::var("GATELET_SEED") {
        Ok(seed) => seed.parse().unwrap()..seed.parse::<u64>().unwrap() + 1,
        Err(_) => 0..60,
    };
    for seed in seeds {
        let outcome = std::panic::catch_unwind(|| Simulation::new(seed).run());
        assert!(outcome.is_ok(), "seed {seed}");
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Asked {
    Function,
    Backend,
    Push,
}

/// What a client is doing.
enum State {
    Idle,
    /// It asked, and waits for a reply.
    Waits,
    /// It speaks WebSocket, by this id.
    Open {
        id: String,
        paused: bool,
    },
}

struct Simulation {
    rng: Rng,
    engine: Engine,
    limit: usize,
    live: Arc<Live>,
    /// The snapshot without a stage, if it is not the one that is served.
    other: Arc<Live>,
    now: Now,
    keys: Table<()>,
    clients: HashMap<Key<Client>, State>,
    asked: Vec<(Key<Exchange>, Asked)>,
    opened: HashSet<String>,
    ended: HashSet<String>,
}

impl Simulation {
    fn new(seed: u64) -> Self {
        let mut rng = Rng::with_seed(seed);
        let world = World::of(WORLD);
        let live = world.live();
        let mut without = World::of(WORLD);
        without.store.apis.get_mut("ws").unwrap().stages.remove("other");
        without.store.changed = Default::default();
        without.store.changed.apis.insert(ApiId::new("ws"));
        // So few exchanges that ends must wait for room, or so many that messages of one connection are too many.
        let limit = if rng.bool() { 5 } else { 200 };
        Self {
            engine: Engine::new(limit, Rng::with_seed(seed)),
            limit,
            other: Arc::new(live.next(&without.store)),
            live,
            rng,
            now: Now { instant: Instant::now(), unix_ms: 1_744_668_836_573 },
            keys: Table::new(12),
            clients: HashMap::new(),
            asked: Vec::new(),
            opened: HashSet::new(),
            ended: HashSet::new(),
        }
    }

    fn run(mut self) {
        for _ in 0..600 {
            match self.rng.u8(..20) {
                0..=2 => self.connect(),
                3..=6 => self.talk(),
                7 => self.manage(),
                8 => self.leave(),
                9..=15 => self.answer(),
                16 if self.rng.u8(..8) == 0 => self.change(),
                _ => {
                    let ms = self.rng.u64(..50);
                    self.pass(ms);
                }
            }
            self.settle();
            self.check();
        }
        for client in self.clients.keys().copied().collect::<Vec<_>>() {
            self.engine.hung_up(self.now, client);
        }
        for _ in 0..100 {
            self.clients.clear();
            self.settle();
            self.pass(40_000);
        }
        assert_eq!((self.engine.in_flight(), self.engine.connections()), (0, 0));
        assert_eq!(self.engine.next_timeout(), None);
        assert_eq!(self.ended, self.opened, "each that opened has ended");
    }

    fn any(&mut self, wanted: fn(&State) -> bool) -> Option<Key<Client>> {
        let mut keys: Vec<_> =
            self.clients.iter().filter(|(_, state)| wanted(state)).map(|(key, _)| *key).collect();
        keys.sort_by_key(|key| key.to_bits());
        (!keys.is_empty()).then(|| keys[self.rng.usize(..keys.len())])
    }

    fn idle(&mut self) -> Option<Key<Client>> {
        if let Some(key) = self.keys.insert(()) {
            self.clients.insert(key.cast(), State::Idle);
        }
        self.any(|state| matches!(state, State::Idle))
    }

    fn request(&mut self, client: Key<Client>, head: &str, more: &str) {
        let bytes = format!("{head} HTTP/1.1\r\nHost: localhost\r\n{more}Content-Length: 0\r\n\r\n");
        let peer =
            Peer { client, ip: IpAddr::V4(Ipv4Addr::LOCALHOST), channel: Channel::Plain, via: Via::Edge };
        self.clients.insert(client, State::Waits);
        self.engine.request(self.now, &self.live, peer, Request::of(bytes.as_bytes()).unwrap());
    }

    fn connect(&mut self) {
        let Some(client) = self.idle() else { return };
        let paths = ["ws/dev", "ws/other", "plain/dev", "ws/nowhere"];
        let path = paths[self.rng.usize(..paths.len())];
        let handshake = "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n\
            Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";
        self.request(client, &format!("GET /_aws/execute-api/{path}"), handshake);
    }

    fn talk(&mut self) {
        let Some(client) = self.any(|state| matches!(state, State::Open { paused: false, .. })) else {
            return;
        };
        for _ in 0..self.rng.u8(..6) {
            let text = MESSAGES[self.rng.usize(..MESSAGES.len())];
            let binary = self.rng.u8(..100) == 0;
            let bytes = Bytes::from_static(text.as_bytes());
            let message = if binary { Message::Binary(bytes) } else { Message::Text(bytes) };
            let flow = self.engine.message(self.now, &self.live, client, message);
            if let Some(State::Open { paused, .. }) = self.clients.get_mut(&client) {
                *paused = flow == Flow::Pause;
            }
            self.settle();
            if flow == Flow::Pause || !matches!(self.clients.get(&client), Some(State::Open { .. })) {
                return;
            }
        }
    }

    /// The Management API, for a connection that is there or is not.
    fn manage(&mut self) {
        let Some(client) = self.idle() else { return };
        let mut ids: Vec<_> = self.opened.iter().cloned().collect();
        ids.sort();
        if ids.is_empty() {
            return;
        }
        let id = ids[self.rng.usize(..ids.len())].clone();
        let method = ["GET", "POST", "DELETE"][self.rng.usize(..3)];
        let there = !self.ended_or_going(&id);
        self.request(client, &format!("{method} /@connections/{id}"), "");
        let mut status = None;
        let mut put_back = Vec::new();
        while let Some(effect) = self.engine.poll_effect() {
            if let Effect::Reply { to, response, .. } = &effect
                && *to == client
            {
                status = Some(response.status);
            }
            put_back.push(effect);
        }
        put_back.into_iter().for_each(|effect| self.take(effect));
        let expected: &[Option<u16>] = match (method, there) {
            (_, false) => &[Some(410)],
            ("GET", true) => &[Some(200)],
            ("DELETE", true) => &[Some(204)],
            (_, true) => &[None, Some(429)],
        };
        assert!(expected.contains(&status), "{method} of one that is there ({there}): {status:?}");
    }

    fn ended_or_going(&self, id: &str) -> bool {
        !self.clients.values().any(|state| matches!(state, State::Open { id: open, .. } if open == id))
    }

    fn leave(&mut self) {
        let Some(client) = self.any(|_| true) else { return };
        match self.clients.remove(&client) {
            Some(State::Open { .. }) if self.rng.bool() => {
                let code = [1000, 1001, 1005, 1006, 1009, 4000][self.rng.usize(..6)];
                self.engine.closed(self.now, client, code, "");
                self.engine.closed(self.now, client, 1000, "");
            }
            _ => self.engine.hung_up(self.now, client),
        }
        self.engine.hung_up(self.now, client);
        self.keys.remove(client.cast());
    }

    fn answer(&mut self) {
        if self.asked.is_empty() {
            return;
        }
        let at = self.rng.usize(..self.asked.len());
        let again = self.rng.u8(..4) == 0;
        let (key, asked) = if again { self.asked[at] } else { self.asked.swap_remove(at) };
        let answer = match asked {
            Asked::Push => Answer::Pushed(if self.rng.bool() { Ok(()) } else { Err(Full) }),
            Asked::Backend => Answer::Fetched(Err(Unreachable::Malformed)),
            Asked::Function => Answer::Invoked(match self.rng.u8(..9) {
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

    fn change(&mut self) {
        std::mem::swap(&mut self.live, &mut self.other);
        self.engine.live_changed(self.now, &self.live);
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
            self.take(effect);
        }
    }

    fn take(&mut self, effect: Effect) {
        match effect {
            Effect::Reply { to, .. } => {
                if let Some(state) = self.clients.get_mut(&to) {
                    assert!(matches!(state, State::Waits), "a reply is to whom waits");
                    *state = State::Idle;
                }
            }
            Effect::Upgrade { to, .. } => {
                // Who has gone by now is told so at the next event; here it may have ended within the step.
                let Some(id) = self.engine.connection_id(to) else { return };
                assert!(self.opened.insert(id.clone()), "each has an id of its own");
                match self.clients.get_mut(&to) {
                    Some(state) => {
                        assert!(matches!(state, State::Waits));
                        *state = State::Open { id, paused: false };
                    }
                    None => panic!("who is gone can't be let in"),
                }
            }
            Effect::Invoke { event, then, .. } => {
                self.asked.push((then, Asked::Function));
                let event: serde_json::Value = serde_json::from_slice(&event).unwrap();
                let context = &event["requestContext"];
                let id = context["connectionId"].as_str().unwrap().to_owned();
                match context["eventType"].as_str().unwrap() {
                    "CONNECT" => assert!(!self.opened.contains(&id), "asked before it opens"),
                    "MESSAGE" => assert!(!self.ended.contains(&id), "no message after the end"),
                    _ => {
                        assert!(self.opened.contains(&id), "only what opened ends");
                        assert!(self.ended.insert(id), "once");
                    }
                }
            }
            Effect::Fetch { then, .. } => self.asked.push((then, Asked::Backend)),
            Effect::Send { to, .. } => assert!(self.is_open(to), "sent to whom is there"),
            Effect::Push { to, then, .. } => {
                assert!(self.is_open(to), "pushed to whom is there");
                self.asked.push((then, Asked::Push));
            }
            Effect::Close { to, .. } => {
                assert!(self.is_open(to), "closed once");
                self.clients.insert(to, State::Idle);
                // The reactor says so, and its key is never used again.
                self.engine.closed(self.now, to, 1006, "");
                self.clients.remove(&to);
                self.keys.remove(to.cast());
            }
            Effect::Resume { to } => match self.clients.get_mut(&to) {
                Some(State::Open { paused, .. }) => assert!(std::mem::take(paused), "resumed after a pause"),
                _ => panic!("resumed who is not there"),
            },
            Effect::Log { .. } | Effect::Done { .. } => {}
        }
    }

    fn is_open(&self, client: Key<Client>) -> bool {
        matches!(self.clients.get(&client), Some(State::Open { .. }))
    }

    fn check(&self) {
        for (client, state) in &self.clients {
            let id = self.engine.connection_id(*client);
            match state {
                State::Open { id: open, .. } => assert_eq!(id.as_ref(), Some(open)),
                State::Idle | State::Waits => assert_eq!(id, None),
            }
        }
        let waiting = self.clients.values().filter(|state| matches!(state, State::Waits)).count();
        assert!(self.engine.in_flight() >= waiting);
        assert!(self.engine.in_flight() <= self.limit + self.opened.len());
        assert!(usize::from(MOST_IN_FLIGHT) < 200, "so that both limits are met");
    }
}
