//! The data plane from outside, without sockets and under virtual time: `tests/gateway/*.txt`, each a world (see
//! `support`) and requests in it.
//!
//! ```text
//! ? METHOD URL => STATUS BODY        a request in one line; functions answer with their name
//! === a case in full
//! > request line, headers, and after an empty line the body      (>base64 TEXT: the body, in base64)
//! * invokes NAME                     and then of its event:
//! * event /json/pointer VALUE        `absent` where there is nothing
//! * fetches ORIGIN                   and then, in `|` lines, the request; `*` at a line's end is any text
//! * waits MS
//! * returns JSON | fails JSON | throttled | stopping | times out after MS | hangs up
//! * replies                          and then, in `|` lines, the reply
//! * unreachable | broken | malformed | too large | busy
//! < STATUS, headers in order but those that every response has, and after an empty line the body
//! ~ what the log says of it
//! % the line of the access log; `<id>` is the response's (`<uuid>` and `<extended>` a REST API's)
//! ```
//!
//! What is in braces stands for tokens and keys: see `scenario::tokens`.

mod scenario;
mod support;

use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;
use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use gatelet::base::{Key, Now, Rng, Table};
use gatelet::gateway::effect::Unreachable;
use gatelet::gateway::{Answer, Channel, Client, Effect, Engine, Exchange, Peer, Via};
use gatelet::live::Live;
use gatelet::model::invocation::{FunctionError, Refused};
use gatelet::proto::http1::{Framing, Request, Response};
use scenario::{check_fetch, invoked, reply};
use support::World;

const DATE: &str = "Mon, 14 Apr 2025 22:13:56 GMT";

#[test]
fn scenarios() {
    scenario::run_all("gateway", run);
}

/// A client, an engine, and what the world would do.
struct Run {
    engine: Engine,
    live: Arc<Live>,
    clients: Table<Client>,
    client: Key<Client>,
    now: Now,
    /// Who waits, after an effect.
    then: Option<Key<Exchange>>,
    event: serde_json::Value,
}

fn run(world: &World, lines: &[&str]) {
    let mut clients: Table<()> = Table::new(10);
    let client = clients.insert(()).unwrap().cast();
    let mut run = Run {
        engine: Engine::new(100, Rng::with_seed(7)),
        live: world.live(),
        clients: Table::new(1),
        client,
        now: Now { instant: Instant::now(), unix_ms: 1_744_668_836_573 },
        then: None,
        event: serde_json::Value::Null,
    };
    assert!(run.clients.is_empty());
    match lines[0].strip_prefix("? ") {
        Some(line) => run.short(line),
        None => run.full(&lines[1..]),
    }
    assert_eq!(run.engine.in_flight(), 0, "everything ended");
    assert!(run.engine.poll_effect().is_none(), "nothing is left to do");
}

impl Run {
    fn short(&mut self, line: &str) {
        let (request, expected) = line.split_once(" => ").expect("? METHOD URL => STATUS BODY");
        let (method, url) = request.split_once(' ').unwrap();
        let (host, path) = url.split_at(url.find('/').unwrap());
        self.send(&format!("{method} {path} HTTP/1.1\r\nHost: {host}\r\n\r\n").into_bytes());
        let mut effect = self.engine.poll_effect();
        if let Some(Effect::Invoke { function, then, .. }) = effect {
            let payload = format!("{{\"statusCode\":200,\"body\":\"{}\"}}", function.name);
            self.engine.answer(self.now, then, invoked(payload, None));
            effect = self.engine.poll_effect();
        }
        if matches!(effect, Some(Effect::Log { .. })) {
            effect = self.engine.poll_effect();
        }
        let Some(Effect::Reply { response, .. }) = effect else { panic!("no reply") };
        let body = String::from_utf8_lossy(&response.body);
        assert_eq!(format!("{} {body}", response.status).trim(), expected);
    }

    fn full(&mut self, lines: &[&str]) {
        let mut at = 0;
        let block = |at: &mut usize, mark: &str| {
            let mut block = Vec::new();
            while let Some(line) = lines.get(*at).and_then(|line| line.strip_prefix(mark)) {
                block.push(line.strip_prefix(' ').unwrap_or(line));
                *at += 1;
            }
            block
        };
        self.send(&request(&block(&mut at, ">")));
        while let Some(line) = lines.get(at) {
            at += 1;
            match line.strip_prefix("* ") {
                Some(step) => {
                    let block = block(&mut at, "|");
                    self.step(step, &block);
                }
                None => {
                    at -= 1;
                    break;
                }
            }
        }
        let expected = block(&mut at, "<");
        let log = block(&mut at, "~");
        if expected.is_empty() {
            assert_eq!(lines.len(), at, "what is this: {:?}", lines.get(at));
            return;
        }
        let mut effect = self.engine.poll_effect();
        let mut logged = Vec::new();
        if let Some(Effect::Log { log, line }) = effect {
            let (owner, group) = log.group.as_ref().expect("the group is one");
            assert_eq!((owner, &**group), (&support::owner(), "g"));
            logged.push(line);
            effect = self.engine.poll_effect();
        }
        let Some(Effect::Reply { to, response, summary, .. }) = effect else { panic!("no reply") };
        let ids =
            [("<id>", "apigw-requestid"), ("<uuid>", "x-amzn-requestid"), ("<extended>", "x-amz-apigw-id")];
        let filled = |line: &str| {
            ids.iter()
                .fold(line.to_owned(), |line, (mark, name)| line.replace(mark, &header(&response, name)))
        };
        let access: Vec<_> = block(&mut at, "%").into_iter().map(filled).collect();
        assert!(access.is_empty() || logged == access, "the access log says {logged:?}");
        assert_eq!(lines.len(), at, "what is this: {:?}", lines.get(at));
        assert_eq!(to, self.client);
        assert_eq!(shown(&response).join("\n"), expected.join("\n"));
        let error = summary.error.unwrap_or_default();
        assert!(log.is_empty() || error.contains(log[0]), "the log says {error:?}");
    }

    fn send(&mut self, bytes: &[u8]) {
        let request = Request::of(bytes).unwrap_or_else(|e| panic!("a bad request: {e:?}"));
        assert!(Engine::owns(&self.live, &request), "the request is for no api");
        let peer = Peer {
            client: self.client,
            ip: IpAddr::V4(Ipv4Addr::new(198, 51, 100, 7)),
            channel: Channel::Plain,
            via: Via::Edge,
        };
        self.engine.request(self.now, &self.live, peer, request);
    }

    fn step(&mut self, step: &str, block: &[&str]) {
        let (verb, rest) = step.split_once(' ').unwrap_or((step, ""));
        match verb {
            "invokes" => {
                let Some(Effect::Invoke { arn, event, then, .. }) = self.engine.poll_effect() else {
                    panic!("no function was invoked")
                };
                assert_eq!(arn.rsplit(":function:").next(), Some(rest));
                self.event = serde_json::from_slice(&event).unwrap();
                self.then = Some(then);
            }
            "event" => {
                let (pointer, expected) = rest.split_once(' ').unwrap();
                let found =
                    self.event.pointer(pointer).map_or("absent".to_owned(), |value| value.to_string());
                assert_eq!(found, expected, "{pointer}");
            }
            "fetches" => {
                let Some(Effect::Fetch { fetch, then }) = self.engine.poll_effect() else {
                    panic!("nothing was fetched")
                };
                check_fetch(&fetch, rest, block);
                self.then = Some(then);
            }
            "waits" => {
                let time = rest.parse().unwrap();
                self.now.instant += Duration::from_millis(time);
                self.now.unix_ms += time;
            }
            "returns" => self.answer(invoked(rest.to_owned(), None)),
            "fails" => self.answer(invoked(rest.to_owned(), Some(FunctionError::Unhandled))),
            "throttled" => {
                self.answer(Answer::Invoked(Err(Refused::Throttled(
                    "ReservedFunctionConcurrentInvocationLimitExceeded",
                ))));
            }
            "stopping" => self.answer(Answer::Invoked(Err(Refused::Stopping))),
            "replies" => self.answer(Answer::Fetched(Ok(reply(block)))),
            "unreachable" => {
                self.answer(Answer::Fetched(Err(Unreachable::Unconnected("connection refused".into()))));
            }
            "broken" => self.answer(Answer::Fetched(Err(Unreachable::Network("reset".into())))),
            "malformed" => self.answer(Answer::Fetched(Err(Unreachable::Malformed))),
            "too" => self.answer(Answer::Fetched(Err(Unreachable::TooLarge))),
            "busy" => self.answer(Answer::Fetched(Err(Unreachable::Busy))),
            "times" => self.time_out(rest.strip_prefix("out after ").unwrap().parse().unwrap()),
            "hangs" => self.engine.hung_up(self.now, self.client),
            _ => panic!("what is this: {step}"),
        }
    }

    fn answer(&mut self, answer: Answer) {
        let then = self.then.take().expect("nobody waits");
        self.engine.answer(self.now, then, answer);
    }

    fn time_out(&mut self, ms: u64) {
        let start = self.now.instant;
        self.engine.timeout(Now { instant: start + Duration::from_millis(ms - 1), ..self.now });
        assert_eq!(self.engine.in_flight(), 1, "it waits to the end");
        let end = start + Duration::from_millis(ms);
        assert!(self.engine.next_timeout().is_some_and(|next| next <= end));
        self.engine.timeout(Now { instant: end, ..self.now });
        // What comes too late finds nobody.
        self.answer(Answer::Fetched(Err(Unreachable::Malformed)));
    }
}

/// Head and body, the body with its length.
fn request(lines: &[&str]) -> Vec<u8> {
    let end =
        lines.iter().position(|line| line.is_empty() || line.starts_with("base64 ")).unwrap_or(lines.len());
    let body = match lines.get(end).and_then(|line| line.strip_prefix("base64 ")) {
        Some(text) => STANDARD.decode(text).unwrap(),
        None => lines.get(end + 1..).unwrap_or_default().join("\n").into_bytes(),
    };
    let mut bytes = lines[..end].join("\r\n").into_bytes();
    if !body.is_empty() {
        bytes.extend(format!("\r\nContent-Length: {}", body.len()).into_bytes());
    }
    bytes.extend(b"\r\n\r\n");
    bytes.extend(body);
    bytes
}

/// The value of a header; empty: it has none.
fn header(response: &Response, name: &str) -> String {
    let mut bytes = Vec::new();
    response.write(&mut bytes, Framing { head_only: false, http10: false, keep_alive: true, date: DATE });
    let text = String::from_utf8_lossy(&bytes);
    let mut lines = text.lines().take_while(|line| !line.is_empty()).filter_map(|line| line.split_once(": "));
    lines
        .find(|(found, _)| found.eq_ignore_ascii_case(name))
        .map_or_else(String::new, |(_, value)| value.to_owned())
}

/// Status, headers and body as the scenarios have them; ids are checked for their shape. Of `X-Amzn-Trace-Id` only that
/// it is there.
fn shown(response: &Response) -> Vec<String> {
    let mut bytes = Vec::new();
    response.write(&mut bytes, Framing { head_only: false, http10: false, keep_alive: true, date: DATE });
    let (head, body) = bytes.split_at(bytes.windows(4).position(|w| w == b"\r\n\r\n").unwrap());
    let head = std::str::from_utf8(head).unwrap();
    let mut lines = vec![head.split(' ').nth(1).unwrap().to_owned()];
    let (mut extended, mut ids) = (Vec::new(), Vec::new());
    for (name, value) in head.split("\r\n").skip(1).map(|line| line.split_once(": ").unwrap()) {
        match name {
            "Apigw-Requestid" | "x-amz-apigw-id" => extended.push(value),
            "x-amzn-RequestId" => ids.push(value),
            "X-Amzn-Trace-Id" => lines.push(name.to_owned()),
            "Date" if value == DATE => {}
            "Connection" | "Content-Length" => {}
            _ => lines.push(format!("{name}: {value}")),
        }
    }
    // A function's own URL has Lambda's header for the id that an api has in another one.
    let of_url = extended.is_empty();
    let one = if of_url { &ids } else { &extended };
    let [one] = one[..] else { panic!("every response has one id: {head}") };
    assert!(one.len() == 16 && one.ends_with('='), "{one}");
    let of_rest = head.contains("x-amz-apigw-id");
    assert!(of_url || ids.len() == usize::from(of_rest) && ids.iter().all(|id| id.len() == 36), "{ids:?}");
    if !body[4..].is_empty() {
        lines.push(String::new());
        lines.extend(String::from_utf8_lossy(&body[4..]).lines().map(str::to_owned));
    }
    lines
}
