//! Throttling from outside, without sockets and under virtual time: who is told 429, before and after what changes.

mod support;

use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;
use std::time::{Duration, Instant};

use gatelet::base::{Now, Rng, Table};
use gatelet::gateway::{Answer, Channel, Effect, Engine, Peer, Via};
use gatelet::model::invocation::Invoked;
use gatelet::proto::http1::Request;
use support::World;

const WORLD: &str = "
function f
rest rest
lambda f f
method GET /a -> f
method GET /b -> f auth=CUSTOM
stage dev
deploy dev
throttle dev 1 1 */*
throttle dev 0 0 ~1b/GET
function g
rest keyed
lambda g g
method GET /a -> g key
method GET /b -> g key
stage dev
deploy dev
plan slow rate=1/1
opens slow keyed dev /b/GET=1/2
plan few quota=2/DAY
opens few keyed dev
key k1 one slow
key k2 two slow
key k3 three few
api http
lambda f f
route GET /a -> f
route GET /b -> f
route GET /free -> f
route ANY /slow -> f auth=JWT
stage dev
deploy dev
stage prod
deploy prod
throttle dev 1 2
throttle dev 1000 - GET /free
throttle dev 0 0 ANY /slow
";

/// What comes in, and when: a request with the status of its answer, or a change of the world.
enum Step {
    Request(u64, &'static str, u16),
    Change(&'static str),
}
use Step::{Change, Request as Get};

#[test]
fn scenarios() {
    for (name, steps) in [
        (
            "each route of a stage has a bucket of its own",
            &[
                Get(0, "GET http.execute-api.localhost/dev/a", 200),
                Get(0, "GET http.execute-api.localhost/dev/a", 200),
                Get(0, "GET http.execute-api.localhost/dev/a", 429),
                Get(0, "GET http.execute-api.localhost/dev/b", 200),
                Get(999, "GET http.execute-api.localhost/dev/a", 429),
                Get(1000, "GET http.execute-api.localhost/dev/a", 200),
                Get(1000, "GET http.execute-api.localhost/dev/a", 429),
            ][..],
        ),
        (
            "another stage says nothing of it",
            &[
                Get(0, "GET http.execute-api.localhost/dev/a", 200),
                Get(0, "GET http.execute-api.localhost/dev/a", 200),
                Get(0, "GET http.execute-api.localhost/dev/a", 429),
                Get(0, "GET http.execute-api.localhost/prod/a", 200),
                Get(0, "GET http.execute-api.localhost/prod/a", 200),
                Get(0, "GET http.execute-api.localhost/prod/a", 200),
            ],
        ),
        (
            "what is said of a route is all that counts for it",
            &[
                Get(0, "GET http.execute-api.localhost/dev/free", 200),
                Get(0, "GET http.execute-api.localhost/dev/free", 200),
                Get(0, "GET http.execute-api.localhost/dev/free", 200),
            ],
        ),
        (
            "nobody is asked who they are first, and who asks for what isn't there costs nothing",
            &[
                Get(0, "POST http.execute-api.localhost/dev/slow", 429),
                // Its authorizer isn't there.
                Get(0, "POST http.execute-api.localhost/prod/slow", 500),
                Get(0, "POST http.execute-api.localhost/dev/a", 404),
                Get(0, "GET http.execute-api.localhost/dev/a", 200),
                Get(0, "GET http.execute-api.localhost/dev/a", 200),
            ],
        ),
        (
            "a deployment fills no bucket",
            &[
                Get(0, "GET http.execute-api.localhost/dev/a", 200),
                Get(0, "GET http.execute-api.localhost/dev/a", 200),
                Change("deploy dev"),
                Get(0, "GET http.execute-api.localhost/dev/a", 429),
                Get(1000, "GET http.execute-api.localhost/dev/a", 200),
            ],
        ),
        (
            "settings are live",
            &[
                Get(0, "GET http.execute-api.localhost/prod/a", 200),
                Change("throttle prod 1 1"),
                Get(0, "GET http.execute-api.localhost/prod/a", 200),
                Get(0, "GET http.execute-api.localhost/prod/a", 429),
                Change("throttle prod 1 2"),
                Get(0, "GET http.execute-api.localhost/prod/a", 200),
                Get(0, "GET http.execute-api.localhost/prod/a", 429),
                Change("throttle prod - - GET /a"),
                Get(0, "GET http.execute-api.localhost/prod/a", 200),
                Get(0, "GET http.execute-api.localhost/prod/b", 200),
                Get(0, "GET http.execute-api.localhost/prod/b", 200),
                Get(0, "GET http.execute-api.localhost/prod/b", 429),
            ],
        ),
        (
            "keys of usage plans",
            &[
                Get(0, "GET keyed.execute-api.localhost/dev/a", 403),
                Get(0, "GET keyed.execute-api.localhost/dev/a none", 403),
                Get(0, "GET keyed.execute-api.localhost/dev/a one", 200),
                Get(0, "GET keyed.execute-api.localhost/dev/a one", 429),
                Get(0, "GET keyed.execute-api.localhost/dev/a two", 200),
                // What is said of a method is a bucket of its own.
                Get(0, "GET keyed.execute-api.localhost/dev/b one", 200),
                Get(0, "GET keyed.execute-api.localhost/dev/b one", 200),
                Get(0, "GET keyed.execute-api.localhost/dev/b one", 429),
                Get(1000, "GET keyed.execute-api.localhost/dev/a one", 200),
                Change("key k2 two disabled slow"),
                Get(1000, "GET keyed.execute-api.localhost/dev/a two", 403),
                Change("key k2 two slow"),
                Get(1000, "GET keyed.execute-api.localhost/dev/a two", 200),
                Change("plan slow"),
                Get(1000, "GET keyed.execute-api.localhost/dev/a one", 403),
            ],
        ),
        (
            "quotas of usage plans",
            &[
                Get(0, "GET keyed.execute-api.localhost/dev/a three", 200),
                Get(0, "GET keyed.execute-api.localhost/dev/b three", 200),
                Get(0, "GET keyed.execute-api.localhost/dev/a three", 420),
                Change("key k1 one few"),
                Get(1000, "GET keyed.execute-api.localhost/dev/a three", 420),
                // A day later.
                Get(86_400_000, "GET keyed.execute-api.localhost/dev/a three", 200),
            ],
        ),
        (
            "methods of REST APIs",
            &[
                Get(0, "GET rest.execute-api.localhost/dev/a", 200),
                Get(500, "GET rest.execute-api.localhost/dev/a", 429),
                Get(1000, "GET rest.execute-api.localhost/dev/a", 200),
                Get(1000, "GET rest.execute-api.localhost/dev/b", 429),
                Get(1000, "GET rest.execute-api.localhost/dev/none", 403),
            ],
        ),
    ] {
        run(name, steps);
    }
}

fn run(name: &str, steps: &[Step]) {
    let mut world = World::of(WORLD);
    let mut live = world.live();
    world.continue_with("http");
    let (start, mut engine) = (Instant::now(), Engine::new(10, Rng::with_seed(3)));
    for (number, step) in steps.iter().enumerate() {
        let (ms, line, expected) = match step {
            Step::Request(ms, line, status) => (*ms, *line, *status),
            Step::Change(line) => {
                world.line(line);
                live = Arc::new(live.next(&world.store));
                continue;
            }
        };
        let mut words = line.split(' ');
        let (method, url) = (words.next().unwrap(), words.next().unwrap());
        let key = words.next().map(|key| format!("x-api-key: {key}\r\n")).unwrap_or_default();
        let (host, path) = url.split_at(url.find('/').unwrap());
        let request =
            Request::of(format!("{method} {path} HTTP/1.1\r\nHost: {host}\r\n{key}\r\n").as_bytes()).unwrap();
        let now = Now { instant: start + Duration::from_millis(ms), unix_ms: 1_744_668_836_573 + ms };
        let client = Table::new(1).insert(()).unwrap().cast();
        let peer =
            Peer { client, ip: IpAddr::V4(Ipv4Addr::LOCALHOST), channel: Channel::Plain, via: Via::Edge };
        engine.request(now, &live, peer, request);
        let mut effect = engine.poll_effect();
        if let Some(Effect::Invoke { then, .. }) = effect {
            let payload = r#"{"statusCode":200}"#.into();
            let invoked = Invoked { payload, error: None, log_tail: Vec::new(), request_id: "r".into() };
            engine.answer(now, then, Answer::Invoked(Ok(invoked)));
            effect = engine.poll_effect();
        }
        let Some(Effect::Reply { response, .. }) = effect else { panic!("{name}: no reply to {line}") };
        // A quota is another refusal of the same status.
        if expected == 420 {
            assert_eq!(response.status, 429, "{name}: step {number}, {line}");
            assert_eq!(&response.body[..], br#"{"message":"Limit Exceeded"}"#);
            continue;
        }
        assert_eq!(response.status, expected, "{name}: step {number}, {line}");
        if expected == 429 {
            assert_eq!(&response.body[..], br#"{"message":"Too Many Requests"}"#);
            let of_rest = (!host.starts_with("http")).then_some("TooManyRequestsException");
            let shown = format!("{response:?}");
            assert_eq!(response.has_header("x-amzn-ErrorType"), of_rest.is_some(), "{shown}");
        }
    }
}
