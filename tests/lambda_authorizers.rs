//! What Lambda authorizers answered, kept: for whom it counts, how long, and how it is forgotten.

mod support;

use std::net::{IpAddr, Ipv4Addr};
use std::time::{Duration, Instant};

use bytes::Bytes;
use gatelet::base::{Now, Rng, Table};
use gatelet::gateway::{Answer, Channel, Effect, Engine, Peer, Via};
use gatelet::model::invocation::Invoked;
use gatelet::proto::http1::Request;
use support::World;

const WORLD: &str = "
function f
function auth
api a
lambda f f
judge simple auth 2.0 simple ttl=5 $request.header.Auth
judge full auth 2.0 ttl=5 $request.header.Auth
judge never auth 2.0 simple ttl=0 $request.header.Auth
judge route auth 2.0 simple ttl=5 $request.header.Auth $context.routeKey
route GET /one -> f auth=CUSTOM authorizer=simple
route GET /two -> f auth=CUSTOM authorizer=simple
route GET /full/{id} -> f auth=CUSTOM authorizer=full
route GET /never -> f auth=CUSTOM authorizer=never
route GET /by/route -> f auth=CUSTOM authorizer=route
route GET /by/another -> f auth=CUSTOM authorizer=route
stage $default
deploy $default
stage dev
deploy dev
";

const YES: &str = r#"{"isAuthorized":true,"context":{"n":1}}"#;
const NO: &str = r#"{"isAuthorized":false}"#;
const POLICY: &str = r#"{"principalId":"p","policyDocument":{"Statement":[
    {"Effect":"Allow","Action":"execute-api:Invoke","Resource":"*/GET/full/1"}]}}"#;

/// A client, an engine, and what there is.
struct Run {
    world: World,
    engine: Engine,
    peer: Peer,
    now: Now,
}

impl Run {
    fn new() -> Self {
        let client = Table::new(1).insert(()).unwrap().cast();
        Self {
            world: World::of(WORLD),
            engine: Engine::new(10, Rng::with_seed(7)),
            peer: Peer {
                client,
                ip: IpAddr::V4(Ipv4Addr::LOCALHOST),
                channel: Channel::Plain,
                via: Via::Edge,
            },
            now: Now { instant: Instant::now(), unix_ms: 1_744_668_836_573 },
        }
    }

    /// The status that a request gets, and whether the authorizer was asked, which then answers this.
    fn get(&mut self, path: &str, who: &str, answer: &str) -> (u16, bool) {
        let text = format!("GET {path} HTTP/1.1\r\nHost: a.execute-api.localhost\r\nAuth: {who}\r\n\r\n");
        let live = self.world.live();
        self.engine.request(self.now, &live, self.peer.clone(), Request::of(text.as_bytes()).unwrap());
        let mut asked = false;
        loop {
            match self.engine.poll_effect().expect("each request is answered") {
                Effect::Invoke { function, then, .. } => {
                    let is_authorizer = function.name == "auth";
                    assert!(!(asked && is_authorizer), "it is asked once");
                    asked |= is_authorizer;
                    let payload = if is_authorizer { answer } else { "{\"statusCode\":204}" };
                    let invoked = Invoked {
                        payload: Bytes::from(payload.to_owned()),
                        error: None,
                        log_tail: Vec::new(),
                        request_id: String::new(),
                    };
                    self.engine.answer(self.now, then, Answer::Invoked(Ok(invoked)));
                }
                Effect::Reply { response, .. } => return (response.status, asked),
                _ => panic!("what is this"),
            }
        }
    }

    fn after(&mut self, wait: Duration) {
        self.now.instant += wait;
        self.now.unix_ms += wait.as_millis() as u64;
    }
}

#[test]
fn an_answer_counts_for_all_routes_and_one_identity() {
    let mut run = Run::new();
    assert_eq!(run.get("/one", "me", YES), (204, true));
    assert_eq!(run.get("/one", "me", NO), (204, false));
    assert_eq!(run.get("/two", "me", NO), (204, false), "another route");
    assert_eq!(run.get("/dev/two", "me", NO), (403, true), "another stage");
    assert_eq!(run.get("/dev/one", "me", YES), (403, false), "denials are kept too");
    assert_eq!(run.get("/one", "you", NO), (403, true), "somebody else");
    assert_eq!(run.get("/never", "me", NO), (403, true), "another authorizer");
    assert_eq!(run.get("/never", "me", YES), (204, true), "which keeps nothing");
    assert_eq!(run.get("/by/route", "me", YES), (204, true));
    assert_eq!(run.get("/by/route", "me", NO), (204, false));
    assert_eq!(run.get("/by/another", "me", NO), (403, true), "a route that is part of the identity");
}

#[test]
fn an_answer_counts_as_long_as_it_may() {
    let mut run = Run::new();
    assert_eq!(run.get("/one", "me", YES), (204, true));
    run.after(Duration::from_millis(4999));
    assert_eq!(run.get("/one", "me", NO), (204, false));
    run.after(Duration::from_millis(1));
    assert_eq!(run.get("/one", "me", NO), (403, true));
}

#[test]
fn a_policy_is_asked_for_each_request() {
    let mut run = Run::new();
    assert_eq!(run.get("/full/1", "me", POLICY), (204, true));
    assert_eq!(run.get("/full/1", "me", ""), (204, false));
    assert_eq!(run.get("/full/2", "me", ""), (403, false), "the same policy, another resource");
}

#[test]
fn what_is_no_answer_is_not_kept() {
    let mut run = Run::new();
    assert_eq!(run.get("/one", "me", "{}"), (500, true));
    assert_eq!(run.get("/one", "me", YES), (204, true));
}

#[test]
fn a_reset_and_a_changed_function_are_asked_anew() {
    let mut run = Run::new();
    assert_eq!(run.get("/one", "me", YES), (204, true));
    assert_eq!(run.get("/dev/one", "me", YES), (204, true));
    let id = run.world.store.apis.keys().next().unwrap().clone();
    let api = run.world.store.apis.get_mut(&id).unwrap();
    api.stages.get_mut("$default").unwrap().authorizer_resets += 1;
    assert_eq!(run.get("/one", "me", NO), (403, true));
    assert_eq!(run.get("/dev/one", "me", NO), (204, false), "the other stage's stay");
    run.world.line("function auth");
    assert_eq!(run.get("/dev/one", "me", NO), (403, true), "another version");
}
