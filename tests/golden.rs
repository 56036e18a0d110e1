//! Events and responses that were recorded on AWS and published, field by field: `tests/golden/`. Where gatelet
//! differs on purpose, [`DIFFERENT`] says so, and nothing else may.

mod support;

use std::sync::Arc;
use std::time::Instant;

use bytes::Bytes;
use gatelet::base::{Key, Now, Rng, Table};
use gatelet::gateway::{Answer, Channel, Client, Effect, Engine, Exchange, Peer, Via};
use gatelet::live::Live;
use gatelet::model::invocation::Invoked;
use gatelet::proto::http1::{Framing, Request, Response};
use serde_json::Value;
use support::World;

/// What differs from AWS, and what it is here: gatelet is reached by plain HTTP. Ids are random.
const DIFFERENT: &[(&str, &str)] = &[
    ("/headers/x-forwarded-port", "80"),
    ("/headers/x-forwarded-proto", "http"),
    ("/headers/X-Forwarded-Port", "80"),
    ("/headers/X-Forwarded-Proto", "http"),
    ("/multiValueHeaders/X-Forwarded-Port/0", "80"),
    ("/multiValueHeaders/X-Forwarded-Proto/0", "http"),
];

/// Members of format 1.0 that the recordings' types did not have; the developer guide has them.
const NOT_RECORDED: &[&str] = &[
    "/version",
    "/requestContext/protocol",
    "/requestContext/identity/cognitoAmr",
    "/requestContext/identity/principalOrgId",
];

#[test]
fn events() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/golden/events");
    let mut count = 0;
    for file in std::fs::read_dir(folder).unwrap() {
        let file = file.unwrap().path();
        let golden: Value = serde_json::from_str(&std::fs::read_to_string(&file).unwrap()).unwrap();
        let (event, expected) = (event_of(&golden), &golden["event"]);
        let mut differences = Vec::new();
        compare("", &event, expected, &mut differences);
        if golden["format"] == "1.0" {
            differences.retain(|line| !NOT_RECORDED.iter().any(|path| line.starts_with(&format!("{path}:"))));
        }
        assert!(differences.is_empty(), "{}:\n{}", file.display(), differences.join("\n"));
        count += 1;
    }
    assert!(count >= 22, "{count}");
}

#[test]
fn responses() {
    let golden: Value = serde_json::from_str(include_str!("golden/responses.json")).unwrap();
    for row in golden["responses"].as_array().unwrap() {
        let world = world(row["format"].as_str().unwrap(), "a", "GET /x", &Value::Null);
        let mut run = Run::new(&world, "127.0.0.1", 0);
        run.request(b"GET /x HTTP/1.1\r\nHost: a.execute-api.localhost\r\n\r\n");
        let Some(Effect::Invoke { then, .. }) = run.engine.poll_effect() else { panic!("no invocation") };
        let payload = Bytes::from(row["returns"].as_str().unwrap().to_owned());
        let invoked = Invoked { payload, error: None, log_tail: Vec::new(), request_id: String::new() };
        let response = run.answer(then, Answer::Invoked(Ok(invoked)));
        let name = format!("{} {}", row["format"], row["name"]);
        assert_eq!(response.status, row["status"].as_u64().unwrap() as u16, "{name}");
        assert_eq!(response.body, row["body"].as_str().unwrap(), "{name}");
        assert_eq!(headers(&response), row["headers"], "{name}");
    }
}

fn event_of(golden: &Value) -> Value {
    let event = &golden["event"];
    let context = &event["requestContext"];
    let api = context["apiId"].as_str().unwrap();
    let world = match golden["format"].as_str().unwrap() {
        "rest" => {
            let (resource, stage) =
                (context["resourcePath"].as_str().unwrap(), context["stage"].as_str().unwrap());
            rest_world(api, resource, stage)
        }
        format => {
            let route = context["routeKey"].as_str().or(context["resourceId"].as_str()).unwrap();
            world(format, api, route, &event["stageVariables"])
        }
    };
    let ms = context["timeEpoch"].as_u64().or(context["requestTimeEpoch"].as_u64()).unwrap();
    let mut run = Run::new(&world, golden["ip"].as_str().unwrap(), ms);
    let lines: Vec<_> =
        golden["request"].as_array().unwrap().iter().map(|line| line.as_str().unwrap()).collect();
    let body = golden["body"].as_str().unwrap_or_default();
    let length = if body.is_empty() { String::new() } else { format!("Content-Length: {}\r\n", body.len()) };
    run.request(format!("{}\r\n{length}\r\n{body}", lines.join("\r\n")).as_bytes());
    let Some(Effect::Invoke { event, .. }) = run.engine.poll_effect() else { panic!("no invocation") };
    serde_json::from_slice(&event).unwrap()
}

fn world(format: &str, api: &str, route: &str, variables: &Value) -> World {
    let mut stage = "stage $default".to_owned();
    for (name, value) in variables.as_object().into_iter().flatten() {
        stage.push_str(&format!(" {name}={}", value.as_str().unwrap()));
    }
    World::of(&format!(
        "function f\napi {api}\nlambda i f {format}\nroute {route} -> i\n{stage}\ndeploy $default"
    ))
}

fn rest_world(api: &str, resource: &str, stage: &str) -> World {
    World::of(&format!(
        "function f\nrest {api}\nlambda i f\nmethod ANY {resource} -> i\nstage {stage}\ndeploy {stage}"
    ))
}

struct Run {
    engine: Engine,
    live: Arc<Live>,
    peer: Peer,
    now: Now,
}

impl Run {
    fn new(world: &World, ip: &str, unix_ms: u64) -> Self {
        let client: Key<Client> = Table::new(1).insert(()).unwrap().cast();
        Self {
            engine: Engine::new(1, Rng::with_seed(1)),
            live: world.live(),
            peer: Peer { client, ip: ip.parse().unwrap(), channel: Channel::Plain, via: Via::Edge },
            now: Now { instant: Instant::now(), unix_ms },
        }
    }

    fn request(&mut self, bytes: &[u8]) {
        self.engine.request(self.now, &self.live, self.peer.clone(), Request::of(bytes).unwrap());
    }

    fn answer(&mut self, then: Key<Exchange>, answer: Answer) -> Response {
        self.engine.answer(self.now, then, answer);
        let Some(Effect::Reply { response, .. }) = self.engine.poll_effect() else { panic!("no reply") };
        response
    }
}

/// Names and values, but for those that every response has.
fn headers(response: &Response) -> Value {
    let mut bytes = Vec::new();
    response.write(&mut bytes, Framing { head_only: true, http10: false, keep_alive: true, date: "-" });
    let head = String::from_utf8(bytes).unwrap();
    let lines = head.lines().skip(1).filter_map(|line| line.split_once(": "));
    let own = |name: &str| ["Date", "Connection", "Content-Length", "Apigw-Requestid"].contains(&name);
    lines.filter(|(name, _)| !own(name)).map(|(name, value)| serde_json::json!([name, value])).collect()
}

/// Collects where the two differ, as `path: found, expected`.
fn compare(path: &str, found: &Value, expected: &Value, out: &mut Vec<String>) {
    match (found, expected) {
        (Value::Object(one), Value::Object(other)) => {
            for name in one.keys().chain(other.keys().filter(|name| !one.contains_key(*name))) {
                let at = |value: &Value| value.get(name).cloned().unwrap_or(Value::String("nothing".into()));
                compare(&format!("{path}/{name}"), &at(found), &at(expected), out);
            }
        }
        (Value::Array(one), Value::Array(other)) if one.len() == other.len() => {
            for (n, (found, expected)) in one.iter().zip(other).enumerate() {
                compare(&format!("{path}/{n}"), found, expected, out);
            }
        }
        _ => {
            let is_id = path.ends_with("RequestId") || path.ends_with("requestId");
            let allowed = match DIFFERENT.iter().find(|(known, _)| *known == path) {
                Some((_, ours)) => found.as_str() == Some(ours),
                None if is_id => found.as_str().is_some_and(|id| match expected.as_str() {
                    // REST APIs have a UUID besides.
                    Some(uuid) if uuid.len() == 36 => id.len() == 36 && id.as_bytes()[14] == b'4',
                    Some(_) | None => id.len() == 16 && id.ends_with('='),
                }),
                None => found == expected,
            };
            if !allowed {
                out.push(format!("{path}: {found}, expected {expected}"));
            }
        }
    }
}
