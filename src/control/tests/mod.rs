//! The control planes from outside: a request's bytes in, what a client sees out.

mod actions;
mod apis;
mod authorizers;
mod deployments;
mod edge;
mod integrations;
mod logs;
mod openapi;
mod overview;
mod properties;
mod rest;
mod routes;
mod s3;
mod stages;
mod tags;
mod websocket;

use std::sync::Arc;
use std::time::Instant;

use serde_json::Value;

use super::files::memory::Memory;
use super::ports::fake::Fake;
use super::*;
use crate::proto::http1::Framing;

/// A control plane, its clock and whoever asks it.
struct Bench {
    control: Control,
    live: Arc<Published<Live>>,
    ports: Arc<Fake>,
    now: Now,
}

/// What a client sees.
#[derive(Debug)]
struct Said {
    status: u16,
    /// Status line and headers.
    head: String,
    body: String,
}

impl Bench {
    fn new() -> Self {
        Self::with(Settings::default())
    }

    fn with(settings: Settings) -> Self {
        Self::with_ports(settings, Fake::default())
    }

    fn with_ports(settings: Settings, ports: Fake) -> Self {
        let now = Now { instant: Instant::now(), unix_ms: 1_586_372_745_000 };
        let settings = Arc::new(settings);
        let live = Arc::new(Published::new(Live::empty(Arc::clone(&settings))));
        let files = Arc::new(Memory::default());
        let ports = Arc::new(ports);
        let control = Control::new(settings, Arc::clone(&live), files, ports.clone(), Rng::with_seed(1), now);
        Self { control, live, ports, now }
    }

    /// An api of this name, and nothing in it.
    fn with_api() -> (Self, String) {
        let bench = Self::new();
        let api = bench.ok("POST /v2/apis", r#"{"name":"pets","protocolType":"HTTP"}"#);
        let id = text(&api, "apiId");
        (bench, format!("/v2/apis/{id}"))
    }

    /// A WebSocket api, and nothing in it.
    fn with_websocket() -> (Self, String) {
        let bench = Self::new();
        let api = bench.ok(
            "POST /v2/apis",
            r#"{"name":"chat","protocolType":"WEBSOCKET","routeSelectionExpression":"$request.body.action"}"#,
        );
        let id = text(&api, "apiId");
        (bench, format!("/v2/apis/{id}"))
    }

    /// Makes something and gives the path of it: `{line}/{id}`.
    #[track_caller]
    fn made(&self, path: &str, id: &str, body: &str) -> String {
        format!("{path}/{}", text(&self.ok(&format!("POST {path}"), body), id))
    }

    /// Whether what was made is there under its path, is listed, and once deleted is no longer: 404 with `gone`.
    #[track_caller]
    fn lives_and_goes(&self, path: &str, expected: &Value, gone: &str) {
        assert_eq!(self.ok(&format!("GET {path}"), ""), *expected);
        let list = path.rsplit_once('/').expect("an id is the last segment").0;
        assert_eq!(self.ok(&format!("GET {list}"), ""), serde_json::json!({ "items": [expected] }));
        assert_eq!(self.ok(&format!("PATCH {path}"), "{}"), *expected);
        assert_eq!(self.ask(&format!("DELETE {path}"), "").status, 204);
        assert_eq!(self.ok(&format!("GET {list}"), ""), serde_json::json!({ "items": [] }));
        for method in ["GET", "PATCH", "DELETE"] {
            self.refused(&format!("{method} {path}"), "", &format!("404 NotFoundException {gone}"));
        }
    }

    /// The answer to `method target`, unsigned.
    fn ask(&self, line: &str, body: &str) -> Said {
        self.send(&format!("{line} HTTP/1.1\r\nHost: localhost:4566\r\n"), body)
    }

    /// The answer to a request with this head, which lacks only its length and its end.
    fn send(&self, head: &str, body: &str) -> Said {
        let bytes = format!("{head}Content-Length: {}\r\n\r\n{body}", body.len());
        match self.turn(&bytes) {
            Turn::Done(done) | Turn::Reset(done) | Turn::End(done) => Said::of(&done.response),
            Turn::Later(later) => Said::of(&later.run(&self.control).response),
            Turn::Invoke(_) | Turn::Metrics => panic!("{head} has no answer of the control plane's own"),
        }
    }

    fn turn(&self, bytes: &str) -> Turn {
        let request = Request::of(bytes.as_bytes()).unwrap_or_else(|error| panic!("{bytes}: {error:?}"));
        self.control.call(self.now, request)
    }

    /// The members of an answer that must be a good one.
    #[track_caller]
    fn ok(&self, line: &str, body: &str) -> Value {
        let said = self.ask(line, body);
        assert!((200..300).contains(&said.status), "{line} {body}: {said:?}");
        if said.body.is_empty() { Value::Null } else { said.json() }
    }

    /// Asks and expects `status code message`, where the message may end with `…`; and that nothing changed.
    #[track_caller]
    fn refused(&self, line: &str, body: &str, expected: &str) {
        let everything = || {
            let store = self.control.store();
            (store.apis.clone(), store.rest_apis.clone(), store.domains.clone())
        };
        let before = everything();
        let said = self.ask(line, body);
        let message = said.json()["message"].as_str().unwrap_or_default().to_owned();
        let found = format!("{} {} {message}", said.status, said.header("x-amzn-errortype"));
        let fits = match expected.strip_suffix('…') {
            Some(start) => found.starts_with(start),
            None => found == expected,
        };
        assert!(fits, "{line} {body}\nexpected {expected}\nfound    {found}");
        assert!(everything() == before, "{line} {body} changed something");
        assert!(self.control.store().changed.is_empty(), "{line} {body} says that it changed something");
    }
}

impl Said {
    fn of(response: &Response) -> Self {
        let mut out = Vec::new();
        let date = "Wed, 08 Apr 2020 19:05:45 GMT";
        response.write(&mut out, Framing { head_only: false, http10: false, keep_alive: true, date });
        let text = String::from_utf8(out).expect("answers are text");
        let (head, body) = text.split_once("\r\n\r\n").expect("a head ends");
        Self { status: response.status, head: head.to_owned(), body: body.to_owned() }
    }

    /// The value of a header, empty if there is none.
    fn header(&self, name: &str) -> &str {
        let mut lines = self.head.lines().filter_map(|line| line.split_once(": "));
        lines.find(|(found, _)| found.eq_ignore_ascii_case(name)).map_or("", |(_, value)| value)
    }

    #[track_caller]
    fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|_| panic!("no JSON: {self:?}"))
    }
}

/// A member that must be text.
#[track_caller]
fn text(members: &Value, name: &str) -> String {
    members[name].as_str().unwrap_or_else(|| panic!("no {name} in {members}")).to_owned()
}
