//! Access logs: any text is a format, and its line has all of the format's own text in its order, and is no longer
//! than an event may be.

use std::net::{IpAddr, Ipv4Addr};
use std::time::Instant;

use bytes::Bytes;
use gatelet::base::{Now, Rng, Table};
use gatelet::gateway::{Answer, Channel, Effect, Engine, Peer, Via};
use gatelet::live::access_log::{Format, Part};
use gatelet::model::invocation::{FunctionError, Invoked};
use gatelet::model::logs::MAX_EVENT;
use gatelet::proto::http1::Request;

use super::gateway::support::{World, access_log};

const WORLD: &str = "
function f
api a
lambda f f
route $default -> f
stage $default
deploy $default
";

/// A format, and after the first line's end what the function says, of which a `!` in front makes an error.
pub fn access_log_of(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let (format, said) = text.split_once('\n').unwrap_or((&text, ""));
    let parsed = Format::parse(format);
    let (error, payload) = match said.strip_prefix('!') {
        Some(message) => {
            (Some(FunctionError::Unhandled), serde_json::json!({ "errorMessage": message }).to_string())
        }
        None => (None, said.to_owned()),
    };
    let mut world = World::of(WORLD);
    let id = gatelet::model::ApiId::new("a");
    let api = world.store.apis.get_mut(&id).expect("it was made");
    api.stages.get_mut("$default").expect("it was made").access_log = Some(access_log(format));

    let mut engine = Engine::new(1, Rng::with_seed(1));
    let now = Now { instant: Instant::now(), unix_ms: 1_744_668_836_573 };
    let client = Table::<()>::new(1).insert(()).expect("there is room").cast();
    let peer = Peer { client, ip: IpAddr::V4(Ipv4Addr::LOCALHOST), via: Via::Edge, channel: Channel::Plain };
    let request =
        Request::of(b"GET /x HTTP/1.1\r\nHost: a.execute-api.localhost\r\n\r\n").expect("it is one");
    engine.request(now, &world.live(), peer, request);
    let Some(Effect::Invoke { then, .. }) = engine.poll_effect() else { panic!("the function is asked") };
    let invoked =
        Invoked { payload: Bytes::from(payload), error, log_tail: Vec::new(), request_id: "r".into() };
    engine.answer(now, then, Answer::Invoked(Ok(invoked)));
    let Some(Effect::Log { line, .. }) = engine.poll_effect() else { panic!("a line is logged") };
    assert!(line.len() <= MAX_EVENT);
    assert!(matches!(engine.poll_effect(), Some(Effect::Reply { .. })), "then the client is answered");
    let mut rest = &*line;
    for part in &parsed.0 {
        if let Part::Text(text) = part {
            let Some((_, after)) = rest.split_once(&**text) else {
                assert!(line.len() > MAX_EVENT / 2, "{text:?} is not in {line:?}");
                return;
            };
            rest = after;
        }
    }
}
