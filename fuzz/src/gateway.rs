//! The data plane: whatever is asked, whatever functions and back ends answer, each client that stays gets one
//! response, which reads back as HTTP; what goes out to functions is JSON, and to back ends one request.

use std::collections::HashSet;
use std::net::{IpAddr, Ipv4Addr};
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use bytes::Bytes;
use gatelet::base::{Key, Now, Rng, Table};
use gatelet::gateway::effect::Unreachable;
use gatelet::gateway::{Answer, Client, Effect, Engine, Exchange, MAX_BODY, MAX_EVENT, Peer, Via};
use gatelet::live::Live;
use gatelet::model::invocation::{FunctionError, Invoked, Refused};
use gatelet::proto::http1::client::{Decoder, Reply};
use gatelet::proto::http1::{Framing, Inbox, Request, Response, Spares};
use support::World;

#[path = "../../tests/support/mod.rs"]
mod support;

const WORLD: &str = "
function f
api a
lambda two f timeout=50
lambda one f 1.0
lambda mapped f
map mapped append:header.x-in ${request.header.x}-${request.body.a[0]}
map mapped overwrite:querystring.q $request.querystring.q
map mapped 200 append:header.x-out $response.header.content-type
map mapped 200 overwrite:statuscode $response.body.status
http back http://backend.test:8080/{id}/x?q={id} timeout=100
http origin http://backend.test
http mapped-back http://backend.test/base
map mapped-back overwrite:path /${request.path.rest}/${request.header.x}
map mapped-back append:header.x-in $request.body
map mapped-back remove:querystring.q ''
map mapped-back 200 overwrite:header.x-out $response.body.a
route POST /two/{id} -> two
route GET /two -> two
route ANY /one/{rest+} -> one
route ANY /mapped -> mapped
route ANY /back/{id} -> back
route ANY /mapped-back/{rest+} -> mapped-back
route $default -> origin
stage $default color=blue
deploy $default
stage prod
deploy prod
";

/// A function's result, its first byte saying in which format it is read.
pub fn result(data: &[u8]) {
    let Some((&format, payload)) = data.split_first() else { return };
    let mut world = Engines::new();
    let path = if format % 2 == 0 { "GET /two" } else { "GET /one/x" };
    world.connect();
    world.request(format!("{path} HTTP/1.1\r\nHost: a.execute-api.localhost\r\n\r\n").as_bytes());
    world.answer(&Said::Result(payload, None));
    world.check();
    assert!(world.waiting.is_empty(), "a result ends the exchange");
}

/// Operations, parted by a line of `%%`; the first byte of each says which.
pub fn engine(data: &[u8]) {
    let mut world = Engines::new();
    let mut rest = data;
    loop {
        let end = rest.windows(4).position(|four| four == b"\n%%\n");
        let operation = &rest[..end.unwrap_or(rest.len())];
        if let Some((&kind, bytes)) = operation.split_first() {
            match kind {
                b'c' => world.connect(),
                b'x' => world.hang_up(),
                b'>' => world.request(bytes),
                b'=' => world.answer(&Said::Result(bytes, None)),
                b'!' => world.answer(&Said::Result(bytes, Some(FunctionError::Unhandled))),
                b'<' => world.answer(&Said::Reply(bytes)),
                b'~' => world.answer(&Said::Nothing),
                _ => world.pass(Duration::from_millis(u64::from(kind))),
            }
        }
        world.check();
        match end {
            Some(end) => rest = &rest[end + 4..],
            None => break,
        }
    }
    world.pass(Duration::from_secs(60));
    world.check();
    assert!(world.waiting.is_empty() && world.engine.next_timeout().is_none(), "everything ends");
}

/// What a function or a back end says.
enum Said<'a> {
    Result(&'a [u8], Option<FunctionError>),
    Reply(&'a [u8]),
    Nothing,
}

/// What an exchange asked for.
#[derive(Clone, Copy)]
enum Asked {
    Function,
    Backend,
}

struct Engines {
    engine: Engine,
    live: Arc<Live>,
    now: Now,
    clients: Table<()>,
    /// Who asked and was not answered.
    waiting: HashSet<Key<Client>>,
    /// What was asked and not answered, oldest first.
    asked: Vec<(Key<Exchange>, Asked)>,
}

impl Engines {
    fn new() -> Self {
        static LIVE: OnceLock<Arc<Live>> = OnceLock::new();
        Self {
            engine: Engine::new(3, Rng::with_seed(1)),
            live: Arc::clone(LIVE.get_or_init(|| World::of(WORLD).live())),
            now: Now { instant: Instant::now(), unix_ms: 1_744_668_836_573 },
            clients: Table::new(5),
            waiting: HashSet::new(),
            asked: Vec::new(),
        }
    }

    fn connect(&mut self) {
        self.clients.insert(());
    }

    /// The oldest client goes.
    fn hang_up(&mut self) {
        let Some(client) = self.clients.keys().into_iter().min_by_key(|key| key.to_bits()) else { return };
        self.clients.remove(client);
        self.waiting.remove(&client.cast());
        self.engine.hung_up(self.now, client.cast());
    }

    /// The newest client that waits for nothing asks.
    fn request(&mut self, bytes: &[u8]) {
        let idle = |key: &Key<()>| !self.waiting.contains(&key.cast());
        let Some(client) = self.clients.keys().into_iter().filter(idle).max_by_key(|key| key.to_bits())
        else {
            return;
        };
        let Ok(request) = Request::of(bytes) else { return };
        if !Engine::owns(&self.live, &request) {
            return;
        }
        self.waiting.insert(client.cast());
        let peer = Peer { client: client.cast(), ip: IpAddr::V4(Ipv4Addr::LOCALHOST), via: Via::Edge };
        self.engine.request(self.now, &self.live, peer, request);
    }

    fn answer(&mut self, said: &Said<'_>) {
        self.check();
        if self.asked.is_empty() {
            return;
        }
        let (key, asked) = self.asked.remove(0);
        let answer = match (asked, said) {
            (Asked::Function, Said::Result(payload, error)) => Answer::Invoked(Ok(Invoked {
                payload: Bytes::copy_from_slice(payload),
                error: *error,
                log_tail: Vec::new(),
                request_id: String::new(),
            })),
            (Asked::Function, Said::Reply(_) | Said::Nothing) => {
                Answer::Invoked(Err(Refused::Throttled("Concurrency")))
            }
            (Asked::Backend, Said::Reply(bytes)) => {
                Answer::Fetched(reply(bytes).ok_or(Unreachable::Malformed))
            }
            (Asked::Backend, Said::Result(..)) => Answer::Fetched(Err(Unreachable::TooLarge)),
            (Asked::Backend, Said::Nothing) => Answer::Fetched(Err(Unreachable::Network("reset".into()))),
        };
        self.engine.answer(self.now, key, answer);
    }

    fn pass(&mut self, time: Duration) {
        self.now.instant += time;
        while self.engine.next_timeout().is_some_and(|next| next <= self.now.instant) {
            self.engine.timeout(self.now);
        }
    }

    /// Takes all effects, and checks what must hold of them and of the engine.
    fn check(&mut self) {
        while let Some(effect) = self.engine.poll_effect() {
            match effect {
                Effect::Reply { to, response, .. } => {
                    assert!(self.waiting.remove(&to), "one reply to each who asked and stayed");
                    check_response(&response);
                }
                Effect::Invoke { event, then, .. } => {
                    assert!(event.len() <= MAX_EVENT);
                    let event: serde_json::Value = serde_json::from_slice(&event).expect("an event is JSON");
                    assert!(event["version"] == "2.0" || event["version"] == "1.0");
                    self.asked.push((then, Asked::Function));
                }
                Effect::Fetch { fetch, then } => {
                    let request = Request::of(&fetch.bytes).expect("a back end is asked one request");
                    assert_eq!(request.method(), &*fetch.method);
                    self.asked.push((then, Asked::Backend));
                }
                Effect::Upgrade { .. }
                | Effect::Send { .. }
                | Effect::Push { .. }
                | Effect::Close { .. }
                | Effect::Resume { .. }
                | Effect::Done { .. } => unreachable!("there are no WebSocket APIs here"),
            }
        }
        assert_eq!(self.engine.in_flight(), self.waiting.len(), "who waits, and nobody else");
    }
}

fn reply(bytes: &[u8]) -> Option<Reply> {
    let (mut inbox, mut spares) = (Inbox::new(), Spares::new());
    inbox.extend(bytes, &mut spares);
    Decoder::new("GET", MAX_BODY).decode(&mut inbox, true).ok()?.map(|(reply, _)| reply)
}

/// What a client reads of it is what it says.
fn check_response(response: &Response) {
    let mut bytes = Vec::new();
    let date = "Mon, 14 Apr 2025 22:13:56 GMT";
    response.write(&mut bytes, Framing { head_only: false, http10: false, keep_alive: true, date });
    let (mut inbox, mut spares) = (Inbox::new(), Spares::new());
    inbox.extend(&bytes, &mut spares);
    let decoded = Decoder::new("GET", MAX_BODY).decode(&mut inbox, false);
    let Ok(Some((read, _))) = decoded else { panic!("{decoded:?}: {}", String::from_utf8_lossy(&bytes)) };
    assert!(inbox.is_empty(), "nothing follows a response");
    assert_eq!(read.status(), response.status);
    if !matches!(response.status, 204 | 304) {
        assert_eq!(read.body(), &response.body[..]);
    }
    assert_eq!(read.headers().filter(|(name, _)| *name == "Apigw-Requestid").count(), 1);
}
