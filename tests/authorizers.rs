//! Authorizers over several requests, without sockets and under virtual time: what is fetched once, what is kept, and
//! who is told.

#[allow(dead_code, reason = "scenarios are for tests that read files")]
mod scenario;
mod support;

use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;
use std::time::{Duration, Instant};

use gatelet::base::{Key, Now, Rng, Table};
use gatelet::gateway::effect::Unreachable;
use gatelet::gateway::{Answer, Channel, Client, Effect, Engine, Exchange, Peer, Via};
use gatelet::live::Live;
use gatelet::proto::http1::Request;
use scenario::tokens::{KEYS, signed};
use support::World;

const WORLD: &str = "
function f
api a
lambda f arn:aws:lambda:us-east-1:123456789012:function:f
jwt good https://issuer.test $request.header.Authorization me
route GET /open -> f
route GET /jwt -> f auth=JWT authorizer=good
stage $default
deploy $default
";

/// An engine, its clients, and whatever it waits for.
struct Run {
    engine: Engine,
    live: Arc<Live>,
    clients: Table<()>,
    now: Now,
}

/// What the engine wants, as far as these tests tell it apart.
#[derive(Debug, PartialEq)]
enum Wants {
    Fetch(String, Key<Exchange>),
    Invoke,
    Reply(u16, String),
}

impl Run {
    fn new(limit: usize) -> Self {
        Self {
            engine: Engine::new(limit, Rng::with_seed(7)),
            live: World::of(WORLD).live(),
            clients: Table::new(10_000),
            now: Now { instant: Instant::now(), unix_ms: 1_744_668_836_573 },
        }
    }

    fn ask(&mut self, token: &str) -> Key<Client> {
        let head =
            format!("GET /jwt HTTP/1.1\r\nHost: a.execute-api.localhost\r\nAuthorization: {token}\r\n\r\n");
        let request = Request::of(head.as_bytes()).unwrap();
        let client = self.clients.insert(()).unwrap().cast();
        let peer =
            Peer { client, ip: IpAddr::V4(Ipv4Addr::LOCALHOST), channel: Channel::Plain, via: Via::Edge };
        self.engine.request(self.now, &self.live, peer, request);
        client
    }

    fn wants(&mut self) -> Vec<Wants> {
        let wanted = std::iter::from_fn(|| self.engine.poll_effect()).map(|effect| match effect {
            Effect::Fetch { fetch, then } => {
                let head = String::from_utf8(fetch.bytes).unwrap();
                Wants::Fetch(head.split(' ').nth(1).unwrap().to_owned(), then)
            }
            Effect::Invoke { .. } => Wants::Invoke,
            Effect::Reply { response, summary, .. } => {
                Wants::Reply(response.status, summary.error.unwrap_or_default())
            }
            _ => panic!("nothing else is wanted"),
        });
        wanted.collect()
    }

    /// The one thing that is wanted is to be fetched.
    fn fetch(&mut self, path: &str) -> Key<Exchange> {
        let wants = self.wants();
        let [Wants::Fetch(wanted, then)] = &wants[..] else { panic!("{wants:?}") };
        assert_eq!(wanted, path);
        *then
    }

    fn replies(&mut self, then: Key<Exchange>, body: &str) {
        let length = format!("Content-Length: {}", body.len());
        let reply = scenario::reply(&["HTTP/1.1 200 OK", &length, "", body]);
        self.engine.answer(self.now, then, Answer::Fetched(Ok(reply)));
    }

    /// The issuer is asked, and has these keys.
    fn discovers(&mut self, keys: &str) {
        let then = self.fetch(CONFIGURATION);
        self.replies(then, r#"{"jwks_uri":"https://issuer.test/keys"}"#);
        let then = self.fetch("/keys");
        self.replies(then, keys);
    }

    fn later(&mut self, time: Duration) {
        self.now.instant += time;
        self.now.unix_ms += time.as_millis() as u64;
        self.engine.timeout(self.now);
    }
}

const CONFIGURATION: &str = "/.well-known/openid-configuration";

fn good(kid: &str) -> String {
    signed(kid, Default::default())
}

/// The key set with its keys under other names.
fn renamed(from: &str, to: &str) -> String {
    KEYS.replace(&format!("\"{from}\""), &format!("\"{to}\""))
}

#[test]
fn requests_that_come_together_share_one_fetch() {
    let mut run = Run::new(100);
    for _ in 0..10 {
        run.ask(&good("ec256"));
    }
    run.ask(&signed("ec256", [("aud".to_owned(), "you".into())].into_iter().collect()));
    assert_eq!(run.engine.in_flight(), 12, "eleven wait, and one fetches");
    run.discovers(KEYS);
    let wants = run.wants();
    assert_eq!(wants.iter().filter(|wants| **wants == Wants::Invoke).count(), 10, "{wants:?}");
    assert_eq!(
        wants.last(),
        Some(&Wants::Reply(401, "invalid_token: the token does not have a valid audience".into()))
    );
    // And who comes later shares its keys.
    run.ask(&good("ec256"));
    assert_eq!(run.wants(), [Wants::Invoke]);
    run.later(Duration::from_secs(7199));
    run.ask(&good("ec256"));
    assert_eq!(run.wants().last(), Some(&Wants::Invoke));
    run.later(Duration::from_secs(1));
    run.ask(&good("ec256"));
    run.discovers(KEYS);
    assert_eq!(run.wants(), [Wants::Invoke]);
}

#[test]
fn keys_rotate() {
    let mut run = Run::new(100);
    run.ask(&good("ec256"));
    run.discovers(KEYS);
    assert_eq!(run.wants(), [Wants::Invoke]);
    // A name that is unknown does not make gatelet ask at once, and then only once.
    run.ask(&good("new"));
    assert!(matches!(&run.wants()[..], [Wants::Reply(401, _)]));
    run.later(Duration::from_secs(1));
    run.ask(&good("new"));
    run.ask(&good("new"));
    // Who has a key that is known waits for nothing.
    let then = run.fetch(CONFIGURATION);
    run.ask(&good("ec256"));
    assert_eq!(run.wants(), [Wants::Invoke]);
    run.replies(then, r#"{"jwks_uri":"https://issuer.test/keys"}"#);
    let then = run.fetch("/keys");
    run.replies(then, &renamed("ec256", "new"));
    assert_eq!(run.wants(), [Wants::Invoke, Wants::Invoke]);
    // The old one is gone.
    run.ask(&good("ec256"));
    assert!(matches!(&run.wants()[..], [Wants::Reply(401, _)]));
}

#[test]
fn an_old_name_may_be_of_a_new_key() {
    let mut run = Run::new(100);
    run.ask(&good("ec256"));
    // Of two with the same name the first counts: the one of RSA.
    run.discovers(&renamed("rsa", "ec256"));
    let wrong = || Wants::Reply(401, "invalid_token: signature is invalid".into());
    assert_eq!(run.wants(), [wrong()]);
    run.ask(&good("ec256"));
    assert_eq!(run.wants(), [wrong()], "not asked again so soon");
    run.later(Duration::from_secs(1));
    run.ask(&good("ec256"));
    run.discovers(KEYS);
    assert_eq!(run.wants(), [Wants::Invoke]);
}

#[test]
fn who_waits_is_told_what_went_wrong_and_the_next_tries_again() {
    let mut run = Run::new(100);
    for phase in ["OIDC discovery endpoint", "JWKS"] {
        for fails in [true, false] {
            run.ask(&good("ec256"));
            run.ask(&good("ec256"));
            let mut then = run.fetch(CONFIGURATION);
            if phase == "JWKS" {
                run.replies(then, r#"{"jwks_uri":"https://issuer.test/keys"}"#);
                then = run.fetch("/keys");
            }
            let unreachable = || Answer::Fetched(Err(Unreachable::Network("reset".into())));
            match fails {
                true => run.engine.answer(run.now, then, unreachable()),
                false => {
                    run.later(Duration::from_millis(1499));
                    assert_eq!(run.wants(), []);
                    run.later(Duration::from_millis(1));
                    // What comes too late finds nobody.
                    run.engine.answer(run.now, then, unreachable());
                }
            }
            let wants = run.wants();
            let [Wants::Reply(401, one), Wants::Reply(401, other)] = &wants[..] else { panic!("{wants:?}") };
            assert_eq!(one, other);
            assert!(one.starts_with(&format!("invalid_token: {phase} communication error: ")), "{one}");
            assert_eq!(run.engine.in_flight(), 0);
        }
    }
    run.ask(&good("ec256"));
    run.discovers(KEYS);
    assert_eq!(run.wants(), [Wants::Invoke]);
}

#[test]
fn who_hangs_up_waits_no_longer() {
    let mut run = Run::new(100);
    let gone = run.ask(&good("ec256"));
    run.ask(&good("ec256"));
    run.engine.hung_up(run.now, gone);
    run.discovers(KEYS);
    assert_eq!(run.wants(), [Wants::Invoke]);
    let gone = run.ask("Bearer x");
    run.engine.hung_up(run.now, gone);
}

#[test]
fn no_room_for_a_fetch_is_a_named_answer() {
    let mut run = Run::new(1);
    run.ask(&good("ec256"));
    let wants = run.wants();
    assert!(matches!(&wants[..], [Wants::Reply(503, _)]), "{wants:?}");
    assert_eq!(run.engine.in_flight(), 0);
}
