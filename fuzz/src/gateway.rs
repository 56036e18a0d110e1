//! The data plane: whatever is asked, whatever functions and back ends answer, each client that stays gets one
//! response, which reads back as HTTP; what goes out to functions is JSON, and to back ends one request. A WebSocket
//! that opened ends once, and before that only those who are there are sent something.

use std::collections::{HashMap, HashSet};
use std::net::{IpAddr, Ipv4Addr};
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use bytes::Bytes;
use gatelet::base::{Key, Now, Rng, Table};
use gatelet::gateway::effect::{Full, Unreachable};
use gatelet::gateway::{
    Answer, Channel, Client, Effect, Engine, Exchange, Flow, MAX_BODY, MAX_EVENT, Message, Peer, Via,
};
use gatelet::live::Live;
use gatelet::model::invocation::{FunctionError, Invoked, Refused};
use gatelet::model::logs::MAX_EVENT as MAX_LINE;
use gatelet::proto::http1::client::{Decoder, Reply};
use gatelet::proto::http1::{Framing, Inbox, Request, Response, Spares};
use support::World;

#[path = "../../tests/support/mod.rs"]
pub mod support;

const WORLD: &str = r#"
function f
function g
endpoint sqs http://sqs.test
endpoint kinesis http://kinesis.test
api a
lambda send - subtype=SQS-SendMessage
map send QueueUrl http://q.test/1/${request.querystring.queue}
map send MessageBody $request.body
map send MessageGroupId $request.header.x
map send 200 overwrite:statuscode 202
lambda put - subtype=Kinesis-PutRecord
map put StreamName $request.path.stream
map put Data $request.body.data
map put PartitionKey p
map put Region $request.querystring.region
lambda two f timeout=50
lambda one f 1.0
lambda mapped f
map mapped append:header.x-in ${request.header.x}-${request.body.a[0]}
map mapped overwrite:querystring.q $request.querystring.q
map mapped 200 append:header.x-out $response.header.content-type
map mapped 200 overwrite:statuscode $response.body.status
jwt z https://issuer.test $request.header.a me
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
route ANY /jwt -> one auth=JWT authorizer=z
route ANY /mapped-back/{rest+} -> mapped-back
judge simple f 2.0 simple ttl=1 $request.header.Auth
judge policy g 1.0 $request.querystring.auth $context.routeKey
map origin append:header.x-who $context.authorizer.who
route GET /simple -> two auth=CUSTOM authorizer=simple
route GET /policy/{id} -> origin auth=CUSTOM authorizer=policy
route POST /send -> send
route POST /put/{stream} -> put
route ANY /iam -> one auth=AWS_IAM
route $default -> origin
stage $default color=blue
deploy $default
stage prod
throttle prod 50 3
cors origins=https://*,http://a methods=GET,PUT headers=x-in exposed=x-out age=5 credentials
deploy prod
idle 300
lifetime 2000
websocket ws
lambda f f timeout=50
http back http://backend.test/{id} timeout=100
map back integration.request.path.id context.connectionId
map back integration.request.header.kind route.request.body.kind
mock m
response m $default
authorizer z f route.request.header.Auth
model M {"type":"object","required":["n"]}
route $connect -> f
route $disconnect -> f
route $default -> f
route back -> back replies
route mock -> m replies
route typed -> m replies
models typed $default $default=M
stage dev
deploy dev
websocket shut
lambda f f timeout=50
authorizer z f route.request.querystring.auth
route $connect -> - authorizer=z
route $disconnect -> f
stage dev
deploy dev
rest r binary=image/png
lambda proxy f timeout=50
http back http://backend.test:8080/{id}/x?q={id} timeout=100
map back integration.request.path.id method.request.path.id
map back integration.request.querystring.q method.request.multivaluequerystring.q
map back integration.request.header.X-In method.request.body.a
mock cors
template cors application/json {statusCode:200}
respond cors 200
header cors 200 Access-Control-Allow-Origin '*'
header cors 200 X-In method.request.header.x
mock loose
respond loose 200
body loose 200 application/json {}
aws custom g timeout=50
respond custom 200
respond custom 400 .*bad.*
header custom 200 X-Out integration.response.body.a
web shaped http://backend.test/ method=POST timeout=100
respond shaped 200
header shaped 200 X-Out integration.response.header.x
header shaped 200 Server integration.response.multivalueheader.server
respond shaped 404 4\d\d
method ANY /proxy/{rest+} -> proxy
method GET /proxy -> proxy key
method ANY /back/{id} -> back
method OPTIONS /back/{id} -> cors
method ANY /loose -> loose
method ANY /custom -> custom
method ANY /shaped -> shaped
stage s color=blue
deploy s
"#;

/// A handshake, to be filled in with what follows the path.
const HANDSHAKE: &str = "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n\
    Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Protocol: a, b\r\n\r\n";

/// A function's result, its first byte saying in which format it is read.
pub fn result(data: &[u8]) {
    let Some((&format, payload)) = data.split_first() else { return };
    let mut world = Engines::new();
    let (path, host) = match format % 4 {
        0 => ("/two", "a"),
        1 => ("/one/x", "a"),
        2 => ("/s/proxy/x", "r"),
        _ => ("/s/custom", "r"),
    };
    world.connect();
    let head =
        format!("GET {path} HTTP/1.1\r\nHost: {host}.execute-api.localhost\r\nAccept: image/png\r\n\r\n");
    world.request(head.as_bytes());
    world.answer(&Said::Result(payload, None));
    world.check();
    assert!(world.waiting() == 0, "a result ends the exchange");
}

/// Operations, parted by a line of `%%`; the first byte of each says which.
///
/// `c` a client comes, `x` the oldest goes, `>` the newest that is idle sends a request, `k` it knocks at a WebSocket
/// API's path; `m` and `b` the newest that is open sends a text or a binary message, `s` a ping, `e` it ends it with a
/// code; `p` and `d` somebody pushes to it, or ends it; `=`, `!`, `<` and `~` answer the oldest question.
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
                b'k' => world.knock(bytes),
                b'm' => world.message(Message::Text(String::from_utf8_lossy(bytes).into_owned().into())),
                b'b' => world.message(Message::Binary(Bytes::copy_from_slice(bytes))),
                b's' => world.stir(),
                b'e' => world.end(bytes),
                b'p' => world.manage("POST", bytes),
                b'd' => world.manage("DELETE", bytes),
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
    for _ in 0..3 {
        world.pass(Duration::from_secs(60));
        world.check();
    }
    assert!(world.waiting() == 0 && world.engine.next_timeout().is_none(), "everything ends");
    assert_eq!((world.engine.in_flight(), world.engine.connections()), (0, 0));
    assert_eq!(world.ended, world.opened, "each that opened has ended");
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
    Push,
}

/// What a client is doing.
enum State {
    Idle,
    /// It asked, and waits for its reply.
    Waits,
    /// It speaks WebSocket, by this id.
    Open {
        id: String,
        paused: bool,
    },
}

struct Engines {
    engine: Engine,
    live: Arc<Live>,
    now: Now,
    keys: Table<()>,
    clients: HashMap<Key<Client>, State>,
    /// What was asked and not answered, oldest first.
    asked: Vec<(Key<Exchange>, Asked)>,
    /// Ids of WebSockets.
    opened: HashSet<String>,
    ended: HashSet<String>,
}

impl Engines {
    fn new() -> Self {
        static LIVE: OnceLock<Arc<Live>> = OnceLock::new();
        Self {
            engine: Engine::new(3, Rng::with_seed(1)),
            live: Arc::clone(LIVE.get_or_init(|| World::of(WORLD).live())),
            now: Now { instant: Instant::now(), unix_ms: 1_744_668_836_573 },
            keys: Table::new(5),
            clients: HashMap::new(),
            asked: Vec::new(),
            opened: HashSet::new(),
            ended: HashSet::new(),
        }
    }

    fn connect(&mut self) {
        if let Some(key) = self.keys.insert(()) {
            self.clients.insert(key.cast(), State::Idle);
        }
    }

    /// The oldest client goes.
    fn hang_up(&mut self) {
        let Some(client) = self.clients.keys().copied().min_by_key(|key| key.to_bits()) else { return };
        match self.forget(client) {
            Some(State::Open { .. }) => self.engine.closed(self.now, client, 1006, ""),
            Some(State::Idle | State::Waits) | None => self.engine.hung_up(self.now, client),
        }
    }

    fn forget(&mut self, client: Key<Client>) -> Option<State> {
        self.keys.remove(client.cast());
        self.clients.remove(&client)
    }

    /// The newest client that does this.
    fn newest(&self, does: fn(&State) -> bool) -> Option<Key<Client>> {
        let all = self.clients.iter().filter(|(_, state)| does(state)).map(|(key, _)| *key);
        all.max_by_key(|key| key.to_bits())
    }

    fn open(&self) -> Option<Key<Client>> {
        self.newest(|state| matches!(state, State::Open { paused: false, .. }))
    }

    fn waiting(&self) -> usize {
        self.clients.values().filter(|state| matches!(state, State::Waits)).count()
    }

    /// The newest client that waits for nothing asks.
    fn request(&mut self, bytes: &[u8]) {
        let Some(client) = self.newest(|state| matches!(state, State::Idle)) else { return };
        let Ok(request) = Request::of(bytes) else { return };
        if !Engine::owns(&self.live, &request) {
            return;
        }
        self.clients.insert(client, State::Waits);
        let peer =
            Peer { client, ip: IpAddr::V4(Ipv4Addr::LOCALHOST), channel: Channel::Plain, via: Via::Edge };
        self.engine.request(self.now, &self.live, peer, request);
    }

    /// The same, for a WebSocket.
    fn knock(&mut self, bytes: &[u8]) {
        let path = String::from_utf8_lossy(bytes);
        let head = format!("GET /_aws/execute-api/{path} HTTP/1.1\r\nHost: localhost\r\n{HANDSHAKE}");
        self.request(head.as_bytes());
    }

    fn message(&mut self, message: Message) {
        let Some(client) = self.open() else { return };
        let flow = self.engine.message(self.now, &self.live, client, message);
        if let Some(State::Open { paused, .. }) = self.clients.get_mut(&client) {
            *paused = flow == Flow::Pause;
        }
    }

    fn stir(&mut self) {
        if let Some(client) = self.open() {
            self.engine.stirred(self.now, &self.live, client);
        }
    }

    /// The first two bytes are the code.
    fn end(&mut self, bytes: &[u8]) {
        let Some(client) = self.open() else { return };
        let code = bytes.first_chunk().map_or(1005, |code| u16::from_be_bytes(*code));
        self.forget(client);
        self.engine.closed(self.now, client, code, &String::from_utf8_lossy(bytes));
    }

    /// Somebody else calls the Management API for the newest that is open, or for one with any id at all.
    fn manage(&mut self, method: &str, body: &[u8]) {
        let open = self.open().and_then(|client| match &self.clients[&client] {
            State::Open { id, .. } => Some(id.clone()),
            State::Idle | State::Waits => None,
        });
        let id = open.unwrap_or_else(|| String::from_utf8_lossy(body).into_owned());
        let length = body.len();
        let head = format!(
            "{method} /@connections/{id} HTTP/1.1\r\nHost: localhost\r\nContent-Length: {length}\r\n\r\n"
        );
        self.connect();
        self.request(&[head.as_bytes(), body].concat());
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
            (Asked::Push, Said::Nothing) => Answer::Pushed(Err(Full)),
            (Asked::Push, Said::Result(..) | Said::Reply(_)) => Answer::Pushed(Ok(())),
        };
        self.engine.answer(self.now, key, answer);
    }

    fn pass(&mut self, time: Duration) {
        self.now.instant += time;
        self.now.unix_ms += time.as_millis() as u64;
        while self.engine.next_timeout().is_some_and(|next| next <= self.now.instant) {
            self.engine.timeout(self.now);
        }
    }

    /// Takes all effects, and checks what must hold of them and of the engine.
    fn check(&mut self) {
        while let Some(effect) = self.engine.poll_effect() {
            match effect {
                Effect::Reply { to, response, .. } => {
                    let state = self.clients.insert(to, State::Idle);
                    assert!(matches!(state, Some(State::Waits)), "one reply to each who asked and stayed");
                    check_response(&response);
                }
                Effect::Invoke { function, event, then, .. } => {
                    assert!(event.len() <= MAX_EVENT);
                    self.asked.push((then, Asked::Function));
                    let event = serde_json::from_slice(&event).expect("an event is JSON");
                    // The other one gets what its client sends.
                    if function.name == "f" {
                        self.check_event(&event);
                    }
                }
                Effect::Fetch { fetch, then } => {
                    let request = Request::of(&fetch.bytes).expect("a back end is asked one request");
                    assert_eq!(request.method(), &*fetch.method);
                    self.asked.push((then, Asked::Backend));
                }
                Effect::Upgrade { to, .. } => {
                    let id =
                        self.engine.connection_id(to).expect("a connection is there as soon as it opens");
                    assert!(self.opened.insert(id.clone()), "each has an id of its own");
                    let state = self.clients.insert(to, State::Open { id, paused: false });
                    assert!(matches!(state, Some(State::Waits)), "only who knocked is let in");
                }
                Effect::Send { to, text } => {
                    assert!(self.is_open(to), "sent to whom is there");
                    std::str::from_utf8(&text).expect("what is sent is text");
                }
                Effect::Push { to, then, .. } => {
                    assert!(self.is_open(to), "pushed to whom is there");
                    self.asked.push((then, Asked::Push));
                }
                Effect::Close { to, .. } => {
                    assert!(self.is_open(to), "closed once");
                    self.forget(to);
                    // The reactor says so too.
                    self.engine.closed(self.now, to, 1006, "");
                }
                Effect::Resume { to } => {
                    let Some(State::Open { paused, .. }) = self.clients.get_mut(&to) else {
                        panic!("resumed who is not there")
                    };
                    assert!(std::mem::take(paused), "resumed after a pause");
                }
                Effect::Log { line, .. } => assert!(line.len() <= MAX_LINE),
                Effect::Done { .. } => {}
            }
        }
        assert!(self.engine.in_flight() >= self.waiting(), "who waits is under way");
    }

    fn is_open(&self, client: Key<Client>) -> bool {
        matches!(self.clients.get(&client), Some(State::Open { .. }))
    }

    fn check_event(&mut self, event: &serde_json::Value) {
        let context = &event["requestContext"];
        let id = || context["connectionId"].as_str().expect("an event of a WebSocket says whose").to_owned();
        match context["eventType"].as_str() {
            None => {
                let version = event["version"].as_str();
                assert!(matches!(version, Some("1.0" | "2.0")) || event["resource"].is_string());
            }
            Some("CONNECT") => assert!(!self.opened.contains(&id()), "asked before it opens"),
            Some("MESSAGE") => assert!(!self.ended.contains(&id()), "no message after the end"),
            Some(_) => {
                assert!(self.opened.contains(&id()), "only what opened ends");
                assert!(self.ended.insert(id()), "once");
            }
        }
    }
}

/// What a back end says, where it is a whole reply.
pub fn reply(bytes: &[u8]) -> Option<Reply> {
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
    let is_id = |name: &str| matches!(name, "Apigw-Requestid" | "x-amz-apigw-id");
    assert_eq!(read.headers().filter(|(name, _)| is_id(name)).count(), 1);
}
