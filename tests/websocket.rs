//! WebSocket APIs from outside, without sockets and under virtual time: `tests/websocket/*.txt`, each a world (see
//! `support`) and cases in it. Clients are letters; `<a>` is the id of a's connection, and `<a%>`, `<a%%>` are the
//! same escaped once and twice; `<id>` is any other id, `<trace>` a trace id, `<port>` at the end of a URL an api's
//! own port.
//!
//! ```text
//! === a case
//! a connects HOST/PATH | a connects via API/PATH      a handshake; then, in `|` lines, more headers
//! a asks METHOD HOST/PATH                             another request; then, in `|` lines, headers and body
//! a opens [PROTOCOL]                                  the 101
//! a is answered STATUS                                a response; then, in `|` lines, its headers and body
//! a sends TEXT | a sends binary TEXT                  a message
//! a sends N times TEXT
//! a gets TEXT                                         a frame
//! a is pushed TEXT                                    the same, through the Management API
//! a leaves CODE [REASON] | a hangs up                 the end by its client
//! a is closed CODE REASON                             the end by the engine
//! a is paused | a is resumed
//! * invokes NAME [N times] | returns N times JSON
//! * invokes NAME | event … | fetches … | returns JSON | fails JSON | throttled | replies | unreachable
//! * event is                                          then, in a `|` line, the whole event
//! * taken | full                                      what becomes of what was pushed
//! * passes MS                                         time; timers run
//! * deletes api API | deletes stage API NAME | then LINE       the world changes
//! ~ what the log says of what was dealt with last
//! % the next line of an access log
//! ```

mod scenario;
mod support;

use std::collections::{BTreeMap, VecDeque};
use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use gatelet::base::{Key, Now, Rng, Table};
use gatelet::gateway::effect::{Full, Unreachable};
use gatelet::gateway::{Answer, Channel, Client, Effect, Engine, Exchange, Flow, Message, Peer, Via};
use gatelet::live::Live;
use gatelet::model::invocation::{FunctionError, Refused};
use gatelet::model::{ApiId, Settings, Store};
use gatelet::proto::http1::{Framing, Request, Response};
use scenario::{check_fetch, invoked, reply};
use support::World;

#[test]
fn scenarios() {
    scenario::run_all("websocket", run);
}

const DATE: &str = "Mon, 14 Apr 2025 22:13:56 GMT";

struct Run {
    engine: Engine,
    settings: Settings,
    store: Store,
    live: Arc<Live>,
    keys: Table<()>,
    clients: BTreeMap<String, Key<Client>>,
    /// The id of each client's connection, once an event or a frame said it.
    ids: BTreeMap<String, String>,
    open: Vec<String>,
    /// Whose connection the next event may be the first to name.
    latest: String,
    now: Now,
    /// Who waits, the longest first.
    waiting: VecDeque<Key<Exchange>>,
    event: Vec<u8>,
    paused: bool,
    error: String,
    /// Lines of access logs.
    logged: VecDeque<String>,
}

fn run(world: &World, lines: &[&str]) {
    let mut run = Run {
        engine: Engine::new(100, Rng::with_seed(7)),
        settings: world.settings.clone(),
        store: Store::new(Rng::with_seed(1)),
        live: world.live(),
        keys: Table::new(100),
        clients: BTreeMap::new(),
        ids: BTreeMap::new(),
        open: Vec::new(),
        latest: String::new(),
        now: Now { instant: Instant::now(), unix_ms: 1_744_668_836_573 },
        waiting: VecDeque::new(),
        event: Vec::new(),
        paused: false,
        error: String::new(),
        logged: VecDeque::new(),
    };
    run.store.apis = world.store.apis.clone();
    run.store.functions = world.store.functions.clone();
    let mut at = 1;
    while let Some(line) = lines.get(at) {
        at += 1;
        let mut block = Vec::new();
        while let Some(line) = lines.get(at).and_then(|line| line.strip_prefix('|')) {
            block.push(line.strip_prefix(' ').unwrap_or(line));
            at += 1;
        }
        let step = || run.line(line, &block);
        if let Err(why) = std::panic::catch_unwind(std::panic::AssertUnwindSafe(step)) {
            let why =
                why.downcast_ref::<String>().map(String::as_str).or(why.downcast_ref::<&str>().copied());
            panic!("{line}: {}", why.unwrap_or("?"));
        }
    }
    run.end();
}

impl Run {
    fn line(&mut self, line: &str, block: &[&str]) {
        let (who, rest) = line.split_once(' ').unwrap();
        match who {
            "*" => self.step(rest, block),
            "~" => {
                while let Some(effect) = self.engine.poll_effect() {
                    match effect {
                        Effect::Done { summary } => self.error = summary.error.unwrap_or_default(),
                        Effect::Log { line, .. } => self.logged.push_back(line),
                        _ => panic!("something else was done"),
                    }
                }
                assert!(self.error.contains(rest), "the log says {:?}", self.error);
            }
            "%" => {
                while self.logged.is_empty() {
                    match self.engine.poll_effect() {
                        Some(Effect::Done { summary }) => self.error = summary.error.unwrap_or_default(),
                        Some(Effect::Log { line, .. }) => self.logged.push_back(line),
                        Some(_) => panic!("something else was done"),
                        None => panic!("nothing was logged"),
                    }
                }
                let line = self.logged.pop_front().expect("it is not empty");
                assert_eq!(self.normal(&line), rest);
            }
            _ => self.client(who, rest, block),
        }
    }

    fn client(&mut self, who: &str, what: &str, block: &[&str]) {
        let key = match self.clients.get(who) {
            Some(key) => *key,
            None => self.hello(who),
        };
        let words: Vec<&str> = what.split(' ').collect();
        match words[..] {
            ["connects", ..] | ["asks", ..] => self.request(who, what, block),
            ["opens", ref protocol @ ..] => {
                let Some(Effect::Upgrade { to, protocol: found, .. }) = self.next() else { panic!("no 101") };
                assert_eq!(to, key);
                assert_eq!(found.as_deref(), protocol.first().copied());
                self.open.push(who.to_owned());
                self.learn(who);
            }
            ["is", "answered", status] => {
                let Some(Effect::Reply { to, response, summary, .. }) = self.next() else {
                    panic!("no reply")
                };
                assert_eq!(to, key);
                self.error = summary.error.unwrap_or_default();
                let shown = self.shown(&response);
                assert_eq!(shown.join("\n"), [&[status], block].concat().join("\n"));
            }
            ["sends", "binary", ..] => {
                let bytes = Bytes::copy_from_slice(&what.as_bytes()["sends binary ".len()..]);
                self.send(key, Message::Binary(bytes));
            }
            ["sends", times, "times", ..] => {
                let text = what.splitn(4, ' ').nth(3).unwrap_or_default();
                for _ in 0..times.parse().unwrap() {
                    assert!(!self.paused, "more may come");
                    self.send(key, Message::Text(Bytes::copy_from_slice(text.as_bytes())));
                }
            }
            ["sends", ..] => {
                let text = what.strip_prefix("sends").unwrap().trim_start();
                self.send(key, Message::Text(Bytes::copy_from_slice(text.as_bytes())));
            }
            ["stirs"] => self.engine.stirred(self.now, &self.live, key),
            ["gets", ..] => {
                let Some(Effect::Send { to, text }) = self.next() else { panic!("no frame") };
                assert_eq!(to, key);
                self.check_text(&text, what.strip_prefix("gets ").unwrap());
            }
            ["is", "pushed", ..] => {
                let Some(Effect::Push { to, text, then }) = self.next() else { panic!("nothing is pushed") };
                assert_eq!(to, key);
                self.check_text(&text, what.strip_prefix("is pushed").unwrap().trim_start());
                self.waiting.push_front(then);
            }
            ["is", "closed", code, ..] => {
                let Some(Effect::Close { to, code: found, reason }) = self.next() else {
                    panic!("not closed")
                };
                assert_eq!(to, key);
                let expected = what.splitn(4, ' ').nth(3).unwrap_or_default();
                assert_eq!((found.to_string().as_str(), reason), (code, expected));
                self.open.retain(|open| open != who);
                // The reactor may say so too.
                self.engine.closed(self.now, key, 1006, "");
            }
            ["is", "paused"] => assert!(std::mem::take(&mut self.paused)),
            ["is", "resumed"] => {
                let Some(Effect::Resume { to }) = self.next() else { panic!("not resumed") };
                assert_eq!(to, key);
            }
            ["leaves", code, ..] => {
                let reason = what.splitn(3, ' ').nth(2).unwrap_or_default();
                self.engine.closed(self.now, key, code.parse().unwrap(), reason);
                self.engine.closed(self.now, key, 1000, "once more changes nothing");
                self.open.retain(|open| open != who);
            }
            ["hangs", "up"] => self.engine.hung_up(self.now, key),
            _ => panic!("what is this"),
        }
    }

    fn hello(&mut self, who: &str) -> Key<Client> {
        let key = self.keys.insert(()).unwrap().cast();
        self.clients.insert(who.to_owned(), key);
        key
    }

    fn send(&mut self, client: Key<Client>, message: Message) {
        let flow = self.engine.message(self.now, &self.live, client, message);
        self.paused = flow == Flow::Pause;
    }

    fn request(&mut self, who: &str, what: &str, block: &[&str]) {
        let words: Vec<&str> = what.split(' ').collect();
        let (method, via, url) = match words[..] {
            ["connects", "via", url] => ("GET", true, url),
            ["connects", url] => ("GET", false, url),
            ["asks", method, "via", url] => (method, true, url),
            ["asks", method, url] => (method, false, url),
            _ => panic!("what is this"),
        };
        let url = self.filled_in(url);
        let (host, path) = url.split_at(url.find(['/', '?']).unwrap_or(url.len()));
        let (host, via) = match via {
            true => ("localhost:4510", Via::Port(host.into())),
            false => (host, Via::Edge),
        };
        let path = if path.starts_with('/') { path.to_owned() } else { format!("/{path}") };
        let mut bytes = format!("{method} {path} HTTP/1.1\r\nHost: {host}\r\n");
        if words[0] == "connects" {
            bytes.push_str("Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n");
            bytes.push_str("Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n");
        }
        let end = block.iter().position(|line| line.is_empty()).unwrap_or(block.len());
        block[..end].iter().for_each(|line| bytes.push_str(&format!("{line}\r\n")));
        let body = match block.get(end + 1) {
            Some(line) if line.starts_with("bytes ") => "x".repeat(line[6..].parse().unwrap()),
            Some(_) => block[end + 1..].join("\n"),
            None => String::new(),
        };
        bytes.push_str(&format!("Content-Length: {}\r\n\r\n{body}", body.len()));
        let request = Request::of(bytes.as_bytes()).unwrap_or_else(|e| panic!("a bad request: {e:?}"));
        assert!(via != Via::Edge || Engine::owns(&self.live, &request), "the request is for no api");
        let peer = Peer {
            client: self.clients[who],
            ip: IpAddr::V4(Ipv4Addr::new(198, 51, 100, 7)),
            channel: Channel::Plain,
            via,
        };
        self.latest = who.to_owned();
        self.engine.request(self.now, &self.live, peer, request);
    }

    fn step(&mut self, step: &str, block: &[&str]) {
        let (verb, rest) = step.split_once(' ').unwrap_or((step, ""));
        match verb {
            "invokes" if rest.ends_with(" times") => {
                let (name, times) = rest.strip_suffix(" times").unwrap().split_once(' ').unwrap();
                (0..times.parse().unwrap()).for_each(|_| self.step(&format!("invokes {name}"), &[]));
            }
            "invokes" => {
                let Some(Effect::Invoke { arn, event, then, .. }) = self.next() else {
                    panic!("no function was invoked")
                };
                assert_eq!(arn.rsplit(":function:").next(), Some(rest));
                self.event = event.to_vec();
                let json: serde_json::Value = serde_json::from_slice(&event).unwrap();
                if let Some(id) = json.pointer("/requestContext/connectionId").and_then(|id| id.as_str())
                    && !self.ids.values().any(|known| known == id)
                {
                    self.ids.insert(self.latest.clone(), id.to_owned());
                }
                self.waiting.push_back(then);
            }
            "event" if rest == "is" => {
                let event = self.normal(std::str::from_utf8(&self.event).unwrap());
                assert_eq!(event, block.concat());
            }
            "event" => {
                let (pointer, expected) = rest.split_once(' ').unwrap();
                let event: serde_json::Value = serde_json::from_slice(&self.event).unwrap();
                let found = event.pointer(pointer).map_or("absent".to_owned(), |value| value.to_string());
                assert_eq!(self.normal(&found), expected, "{pointer}");
            }
            "fetches" => {
                let Some(Effect::Fetch { fetch, then }) = self.next() else { panic!("nothing was fetched") };
                let block: Vec<_> = block.iter().map(|line| self.filled_in(line)).collect();
                check_fetch(&fetch, rest, &block.iter().map(String::as_str).collect::<Vec<_>>());
                self.waiting.push_back(then);
            }
            "returns" if rest.contains(" times ") => {
                let (times, result) = rest.split_once(" times ").unwrap();
                (0..times.parse().unwrap()).for_each(|_| self.step(&format!("returns {result}"), &[]));
            }
            "returns" => self.answer(invoked(rest.to_owned(), None)),
            "fails" => self.answer(invoked(rest.to_owned(), Some(FunctionError::Unhandled))),
            "throttled" => self.answer(Answer::Invoked(Err(Refused::Throttled("Reserved")))),
            "replies" => self.answer(Answer::Fetched(Ok(reply(block)))),
            "unreachable" => {
                self.answer(Answer::Fetched(Err(Unreachable::Network("connection refused".into()))));
            }
            "taken" => self.answer(Answer::Pushed(Ok(()))),
            "full" => self.answer(Answer::Pushed(Err(Full))),
            "passes" => {
                let ms = rest.parse().unwrap();
                self.now.instant += Duration::from_millis(ms);
                self.now.unix_ms += ms;
                while self.engine.next_timeout().is_some_and(|next| next <= self.now.instant) {
                    self.engine.timeout(self.now);
                }
            }
            "forgets" => drop(self.waiting.pop_front()),
            "deletes" | "then" => self.change(step),
            "nothing" => assert!(self.next().is_none(), "something happened"),
            _ => panic!("what is this"),
        }
    }

    fn change(&mut self, step: &str) {
        let mut world = World::new();
        world.settings = self.settings.clone();
        std::mem::swap(&mut world.store, &mut self.store);
        world.store.changed = Default::default();
        match step.split(' ').collect::<Vec<_>>()[..] {
            ["deletes", "api", id] => {
                world.store.apis.remove(id);
                world.store.changed.apis.insert(ApiId::new(id));
            }
            ["deletes", "stage", id, name] => {
                world.store.apis.get_mut(id).unwrap().stages.remove(name);
                world.store.changed.apis.insert(ApiId::new(id));
            }
            ["then", id, ..] => {
                world.continue_with(id);
                world.line(step.splitn(3, ' ').nth(2).unwrap());
            }
            _ => panic!("what is this"),
        }
        self.live = Arc::new(self.live.next(&world.store));
        std::mem::swap(&mut world.store, &mut self.store);
        self.engine.live_changed(self.now, &self.live);
    }

    fn answer(&mut self, answer: Answer) {
        let then = self.waiting.pop_front().expect("nobody waits");
        self.engine.answer(self.now, then, answer);
    }

    /// The next effect that somebody sees.
    fn next(&mut self) -> Option<Effect> {
        loop {
            match self.engine.poll_effect()? {
                Effect::Done { summary } => self.error = summary.error.unwrap_or_default(),
                Effect::Log { line, .. } => self.logged.push_back(line),
                effect => return Some(effect),
            }
        }
    }

    fn check_text(&mut self, text: &[u8], expected: &str) {
        let text = std::str::from_utf8(text).unwrap();
        assert_eq!(self.normal(text), expected);
    }

    /// Asks the id of a connection where no event has said it.
    fn learn(&mut self, who: &str) {
        if !self.ids.contains_key(who) {
            let id = self.engine.connection_id(self.clients[who]).expect("it is open");
            self.ids.insert(who.to_owned(), id);
        }
    }

    fn filled_in(&self, text: &str) -> String {
        self.ids.iter().fold(text.to_owned(), |text, (who, id)| {
            text.replace(&format!("<{who}>"), id)
                .replace(&format!("<{who}%>"), &id.replace('=', "%3D"))
                .replace(&format!("<{who}%%>"), &id.replace('=', "%253D"))
        })
    }

    fn normal(&self, text: &str) -> String {
        let text =
            self.ids.iter().fold(text.to_owned(), |text, (who, id)| text.replace(id, &format!("<{who}>")));
        let mut out = String::new();
        for (n, part) in text.split("Root=1-").enumerate() {
            out.push_str(if n == 0 { "" } else { "<trace>" });
            out.push_str(if n == 0 { part } else { &part[33..] });
        }
        // An id stands by itself: what has more before or behind is something else in base64.
        let is_part = |byte: &u8| byte.is_ascii_alphanumeric() || b"-_=".contains(byte);
        let mut ids = Vec::new();
        for word in out.split(|c: char| !c.is_ascii() || !is_part(&(c as u8))) {
            if word.len() == 16 && word.find('=') == Some(15) {
                ids.push(word.to_owned());
            }
        }
        ids.iter().fold(out, |out, id| out.replace(id, "<id>"))
    }

    fn shown(&self, response: &Response) -> Vec<String> {
        let mut bytes = Vec::new();
        response.write(&mut bytes, Framing { head_only: false, http10: false, keep_alive: true, date: DATE });
        let (head, body) = bytes.split_at(bytes.windows(4).position(|w| w == b"\r\n\r\n").unwrap());
        let usual = ["Date: Mon", "Connection:", "Content-Length:", "Apigw-Requestid:", "x-amzn-RequestId:"];
        let head = std::str::from_utf8(head).unwrap().split("\r\n").enumerate();
        let mut lines: Vec<_> = head
            .map(|(n, line)| if n == 0 { line.split(' ').nth(1).unwrap() } else { line })
            .filter(|line| {
                !usual.iter().any(|usual| line.starts_with(usual))
                    && *line != "Content-Type: application/json"
            })
            .map(str::to_owned)
            .collect();
        if !body[4..].is_empty() {
            lines.push(self.normal(&String::from_utf8_lossy(&body[4..])));
        }
        lines
    }

    /// Nothing is left to do; then whoever is still there leaves, and nothing is left at all.
    fn end(mut self) {
        assert!(self.next().is_none(), "nothing is left to do");
        for who in std::mem::take(&mut self.open) {
            self.engine.closed(self.now, self.clients[&who], 1000, "");
        }
        while let Some(effect) = self.next() {
            match effect {
                Effect::Invoke { then, .. } => {
                    self.engine.answer(self.now, then, invoked("null".into(), None));
                }
                Effect::Fetch { then, .. } => {
                    self.engine.answer(self.now, then, Answer::Fetched(Err(Unreachable::Malformed)));
                }
                _ => panic!("nobody is there any more"),
            }
        }
        assert_eq!((self.engine.in_flight(), self.engine.connections()), (0, 0), "everything ended");
        self.step("passes 20000000", &[]);
        assert!(self.engine.next_timeout().is_none() && self.next().is_none());
    }
}
