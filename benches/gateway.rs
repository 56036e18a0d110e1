//! The data plane: what finding a route costs, writing an event, and making a response of a function's result; what
//! a message costs that selects a route.

#[path = "../tests/support/mod.rs"]
mod support;

use std::collections::BTreeMap;
use std::hint::black_box;
use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;
use std::time::Instant;

use bytes::Bytes;
use criterion::{BatchSize, Criterion, criterion_group, criterion_main};
use gatelet::base::{Key, Now, Rng, Table};
use gatelet::gateway::{Answer, Channel, Effect, Engine, Exchange, Message, Peer, Via};
use gatelet::live::Live;
use gatelet::live::matcher::Matcher;
use gatelet::live::rest::{Tree, Verb};
use gatelet::live::selection::Selection;
use gatelet::model::api::RouteKey;
use gatelet::model::invocation::{Invoked, Refused};
use gatelet::proto::http1::Request;
use gatelet::proto::jwt::{KeySet, Token};
use support::World;

const WORLD: &str = "
function f
api abcde12345
lambda two f
lambda one f 1.0
http back http://backend.test:8080/{id}
judge auth f 2.0 simple ttl=3600 $request.header.User-Agent
judge policy f 2.0 ttl=3600 $request.header.User-Agent
route GET /two/{id} -> two
route GET /simple/{id} -> two auth=CUSTOM authorizer=auth
route GET /policy/{id} -> two auth=CUSTOM authorizer=policy
route GET /one/{id} -> one
route GET /back/{id} -> back
route GET /limited/{id} -> two
route GET /shut/{id} -> two
stage prod
throttle prod 1e9 2000000000 GET /limited/{id}
throttle prod 1 1 GET /shut/{id}
deploy prod
stage logged
log logged $context.identity.sourceIp - - [$context.requestTime] \"$context.httpMethod $context.routeKey $context.protocol\" $context.status $context.responseLength $context.requestId
deploy logged
rest rest123456
lambda f f
http b http://backend.test:8080/{id}
map b integration.request.path.id method.request.path.id
mock cors
template cors application/json {statusCode:200}
respond cors 200
header cors 200 Access-Control-Allow-Origin '*'
method GET /one/{id} -> f
method GET /back/{id} -> b
method GET /cors -> cors
stage prod
deploy prod
";

/// As a browser sends it: some 600 bytes.
const HEADERS: &str = "Host: abcde12345.execute-api.localhost.localstack.cloud:4566\r\n\
    User-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0\r\n\
    Accept: text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8\r\n\
    Accept-Language: en-US,en;q=0.5\r\nAccept-Encoding: gzip, deflate, br, zstd\r\n\
    Connection: keep-alive\r\nCookie: session=0123456789abcdef0123456789abcdef; theme=dark\r\n\
    Upgrade-Insecure-Requests: 1\r\nSec-Fetch-Dest: document\r\nSec-Fetch-Mode: navigate\r\n\
    Sec-Fetch-Site: none\r\nSec-Fetch-User: ?1\r\nPriority: u=0, i\r\n\r\n";

/// Routes as a REST service has them, and one of each other kind.
fn matcher(routes: usize) -> Matcher {
    let mut keys = vec![RouteKey::Default];
    let mut add = |method: &str, path: String| keys.push(RouteKey::Path { method: method.into(), path });
    add("ANY", "/files/{proxy+}".to_owned());
    for n in 0..(routes - 2) / 4 {
        add("GET", format!("/v1/resource{n}"));
        add("POST", format!("/v1/resource{n}"));
        add("GET", format!("/v1/resource{n}/{{id}}"));
        add("DELETE", format!("/v1/resource{n}/{{id}}/parts/{{part}}"));
    }
    Matcher::new(&keys)
}

fn routes(criterion: &mut Criterion) {
    for count in [10, 300] {
        let matcher = matcher(count);
        let mut group = criterion.benchmark_group(format!("gateway/route/{count}"));
        for (name, method, path) in [
            ("literal", "POST", "/v1/resource1"),
            ("variable", "DELETE", "/v1/resource1/42/parts/7"),
            ("greedy", "PUT", "/files/a/b/c.txt"),
            ("default", "GET", "/nothing/like/this"),
            ("escaped", "GET", "/v1/resource%31"),
        ] {
            assert!(matcher.find(method, path).is_some());
            group.bench_function(name, |b| b.iter(|| matcher.find(black_box(method), black_box(path))));
        }
    }
}

/// The same resources of a REST API.
fn tree(resources: usize) -> Tree {
    let mut tree = Tree::default();
    tree.insert("/files/{proxy+}", "ANY", 0);
    for n in 0..(resources - 1) as u32 / 4 {
        tree.insert(&format!("/v1/resource{n}"), "GET", n);
        tree.insert(&format!("/v1/resource{n}"), "POST", n);
        tree.insert(&format!("/v1/resource{n}/{{id}}"), "GET", n);
        tree.insert(&format!("/v1/resource{n}/{{id}}/parts/{{part}}"), "DELETE", n);
    }
    tree
}

fn resources(criterion: &mut Criterion) {
    for count in [10, 300] {
        let tree = tree(count);
        let mut group = criterion.benchmark_group(format!("gateway/resource/{count}"));
        for (name, method, path) in [
            ("literal", "POST", "/v1/resource1"),
            ("variable", "DELETE", "/v1/resource1/42/parts/7"),
            ("greedy", "PUT", "/files/a/b/c.txt"),
            ("missing", "GET", "/nothing/like/this"),
            ("escaped", "GET", "/v1/resource%31"),
        ] {
            let find = |method: &str, path: &str| Verb::of(method).and_then(|verb| tree.find(verb, path));
            assert_eq!(find(method, path).is_some(), name != "missing");
            group.bench_function(name, |b| b.iter(|| find(black_box(method), black_box(path))));
        }
    }
}

struct Bench {
    engine: Engine,
    live: Arc<Live>,
    peer: Peer,
    now: Now,
}

impl Bench {
    fn new() -> Self {
        let client = Table::new(1).insert(()).unwrap().cast();
        Self {
            engine: Engine::new(10, Rng::with_seed(1)),
            live: World::of(WORLD).live(),
            peer: Peer {
                client,
                ip: IpAddr::V4(Ipv4Addr::LOCALHOST),
                channel: Channel::Plain,
                via: Via::Edge,
            },
            now: Now { instant: Instant::now(), unix_ms: 1_744_668_836_573 },
        }
    }

    fn request(&mut self, request: Request) -> Effect {
        self.engine.request(self.now, &self.live, self.peer.clone(), request);
        self.engine.poll_effect().expect("an effect per request")
    }

    fn answer(&mut self, then: Key<Exchange>, payload: &Bytes) -> Effect {
        let invoked = Invoked {
            payload: payload.clone(),
            error: None,
            log_tail: Vec::new(),
            request_id: String::new(),
        };
        self.engine.answer(self.now, then, Answer::Invoked(Ok(invoked)));
        let first = self.engine.poll_effect().expect("a reply per answer");
        // Behind the line of an access log.
        while self.engine.poll_effect().is_some() {}
        first
    }
}

/// A request for an api that the host names, or the path instead.
fn addressed(path: &str) -> Request {
    let headers = match path.starts_with("/_aws/") {
        true => HEADERS.replace("abcde12345.execute-api.localhost.localstack.cloud", "localhost"),
        false => HEADERS.to_owned(),
    };
    Request::of(format!("GET {path} HTTP/1.1\r\n{headers}").as_bytes()).unwrap()
}

/// From a request to the effect: the api found, the route, and what is sent.
fn requests(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("gateway/request");
    let mut bench = Bench::new();
    for (name, path) in [
        ("not_found", "/prod/nothing?tag=x&tag=y"),
        ("event_2.0", "/prod/two/a%20b?tag=x&tag=y"),
        ("event_1.0", "/prod/one/a%20b?tag=x&tag=y"),
        ("event_2.0_limited", "/prod/limited/a%20b?tag=x&tag=y"),
        ("throttled", "/prod/shut/a%20b?tag=x&tag=y"),
        ("http_proxy", "/prod/back/a%20b?tag=x&tag=y"),
        ("rest/not_found", "/_aws/execute-api/rest123456/prod/nothing?tag=x&tag=y"),
        ("rest/event", "/_aws/execute-api/rest123456/prod/one/a%20b?tag=x&tag=y"),
        ("rest/http_proxy", "/_aws/execute-api/rest123456/prod/back/a%20b?tag=x&tag=y"),
        ("rest/mock", "/_aws/execute-api/rest123456/prod/cors"),
    ] {
        group.bench_function(name, |b| {
            b.iter_batched(
                || addressed(path),
                |request| {
                    let effect = bench.request(request);
                    bench.engine.hung_up(bench.now, bench.peer.client);
                    effect
                },
                BatchSize::SmallInput,
            );
        });
    }
}

/// What an authorizer's answer costs that is known already: the difference to `open`.
fn authorizers(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("gateway/authorizer");
    let mut bench = Bench::new();
    let policy = Bytes::from_static(
        br#"{"principalId":"p","policyDocument":{"Statement":[{"Effect":"Allow","Action":"execute-api:Invoke","Resource":
            "arn:aws:execute-api:*:*:abcde12345/prod/GET/*"}]},"context":{"user":"me","admin":false}}"#,
    );
    let simple = Bytes::from_static(br#"{"isAuthorized":true,"context":{"user":"me","admin":false}}"#);
    for (name, path, answer) in [
        ("open", "/prod/two/a%20b?tag=x&tag=y", None),
        ("simple", "/prod/simple/a%20b?tag=x&tag=y", Some(simple)),
        ("policy", "/prod/policy/a%20b?tag=x&tag=y", Some(policy)),
    ] {
        if let Some(answer) = answer {
            let Effect::Invoke { then, .. } = bench.request(addressed(path)) else { panic!("it is asked") };
            assert!(matches!(bench.answer(then, &answer), Effect::Invoke { .. }), "it lets the request in");
            bench.engine.hung_up(bench.now, bench.peer.client);
        }
        group.bench_function(name, |b| {
            b.iter_batched(
                || addressed(path),
                |request| {
                    let effect = bench.request(request);
                    bench.engine.hung_up(bench.now, bench.peer.client);
                    effect
                },
                BatchSize::SmallInput,
            );
        });
    }
}

/// From a function's result to the reply.
fn results(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("gateway/result");
    let large = format!("{{\"statusCode\":200,\"body\":\"{}\"}}", "a".repeat(100_000));
    let mut bench = Bench::new();
    for (name, path, payload) in [
        (
            "2.0",
            "/prod/two/1",
            r#"{"statusCode":200,"headers":{"Content-Type":"application/json","X-Custom":"1"},"body":"{\"message\":\"hello\"}"}"#,
        ),
        ("2.0_inferred", "/prod/two/1", r#"{"message":"hello"}"#),
        (
            "2.0_base64",
            "/prod/two/1",
            r#"{"statusCode":200,"body":"aGVsbG8gd29ybGQ=","isBase64Encoded":true}"#,
        ),
        ("2.0_100kB", "/prod/two/1", &large),
        (
            "1.0",
            "/prod/one/1",
            r#"{"statusCode":200,"multiValueHeaders":{"Content-Type":["application/json"],"X-Custom":["1"]},"body":"{\"message\":\"hello\"}"}"#,
        ),
        ("2.0_logged", "/logged/two/1", r#"{"statusCode":200,"body":"{\"message\":\"hello\"}"}"#),
        ("2.0_plain", "/prod/two/1", r#"{"statusCode":200,"body":"{\"message\":\"hello\"}"}"#),
        (
            "rest",
            "/_aws/execute-api/rest123456/prod/one/1",
            r#"{"statusCode":200,"headers":{"Content-Type":"application/json","X-Custom":"1"},"body":"{\"message\":\"hello\"}"}"#,
        ),
    ] {
        let payload = Bytes::from(payload.to_owned());
        // One exchange at a time: the engine keeps one per client.
        group.bench_function(name, |b| {
            b.iter_custom(|count| {
                let mut spent = std::time::Duration::ZERO;
                for _ in 0..count {
                    let Effect::Invoke { then, .. } = bench.request(addressed(path)) else {
                        panic!("no event")
                    };
                    let start = Instant::now();
                    black_box(bench.answer(then, &payload));
                    spent += start.elapsed();
                }
                spent
            });
        });
    }
}

/// What a message selects.
fn selections(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("gateway/selection");
    let first = r#"{"action":"join","room":"lobby"}"#.to_owned();
    let last = format!(r#"{{"payload":{{"text":"{}","list":[1,2,3]}},"action":"join"}}"#, "a".repeat(1000));
    let long = format!(r#"{{"action":"join","payload":"{}"}}"#, "a".repeat(100_000));
    for (name, expression, message) in [
        ("first", "$request.body.action", &first),
        ("last_of_1kB", "$request.body.action", &last),
        ("first_of_100kB", "$request.body.action", &long),
        ("two_parts", "${request.body.action}/${request.body.room}", &first),
        ("static", "join", &first),
    ] {
        let selection = Selection::parse(expression);
        assert!(selection.of_message(message).is_some_and(|key| key.starts_with("join")));
        group.bench_function(name, |b| {
            b.iter(|| black_box(selection.of_message(black_box(message))).is_some())
        });
    }
}

const SOCKETS: &str = "
function f
websocket ws
lambda f f
mock m
template m 200 {\"statusCode\":200}
response m $default
route $connect -> -
route event -> f
route mock -> m replies
stage prod
deploy prod
";

/// From a message to the effect: the route found, and what is sent.
fn messages(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("gateway/message");
    let mut bench = Bench { live: World::of(SOCKETS).live(), ..Bench::new() };
    let handshake = "GET /prod HTTP/1.1\r\nHost: ws.execute-api.localhost:4566\r\nUser-Agent: bench/1.0\r\n\
        Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n\
        Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";
    let upgrade = bench.request(Request::of(handshake.as_bytes()).unwrap());
    assert!(matches!(upgrade, Effect::Upgrade { .. }));
    for (name, message) in [
        ("event", r#"{"action":"event","text":"hello, everybody"}"#),
        ("mock", r#"{"action":"mock","text":"hello, everybody"}"#),
        ("forbidden", r#"{"action":"nothing"}"#),
    ] {
        let message = Bytes::from_static(message.as_bytes());
        group.bench_function(name, |b| {
            b.iter(|| {
                let (engine, client) = (&mut bench.engine, bench.peer.client);
                engine.message(bench.now, &bench.live, client, Message::Text(message.clone()));
                let effect = engine.poll_effect().expect("an effect per message");
                if let Effect::Invoke { then, .. } = &effect {
                    engine.answer(bench.now, *then, Answer::Invoked(Err(Refused::Stopping)));
                }
                while engine.poll_effect().is_some() {}
                effect
            });
        });
    }
}

/// A token of a kind, with its key at hand: all that a JWT authorizer does once the issuer's keys are here.
fn tokens(criterion: &mut Criterion) {
    let keys = KeySet::parse(include_bytes!("../tests/jwt/jwks.json")).unwrap();
    let tokens: BTreeMap<String, String> =
        serde_json::from_str(include_str!("../tests/jwt/tokens.json")).unwrap();
    let (audience, now) = (["me".to_owned()], Now { instant: Instant::now(), unix_ms: 1_700_000_000_000 });
    let mut group = criterion.benchmark_group("gateway/token");
    for name in ["RS256", "PS256", "ES256"] {
        let text = &tokens[name];
        let verify = || {
            let token = Token::parse(black_box(text)).ok()?;
            token.verify(keys.get(token.kid())?).ok()?;
            token.check("https://issuer.test", &audience, now).ok()?;
            Some(token.claims().count())
        };
        assert!(verify().is_some());
        group.bench_function(name, |b| b.iter(verify));
    }
}

criterion_group!(benches, routes, resources, requests, authorizers, results, selections, messages, tokens);
criterion_main!(benches);
