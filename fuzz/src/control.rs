//! All control planes: whatever members an operation is given, it answers; what it refuses has changed nothing; and
//! whatever it makes is published, serves requests, and lets each of them end.

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr};

use bytes::Bytes;
use gatelet::base::{Rng, Table};
use gatelet::control::SERVICES;
use gatelet::control::operation::Protocol;
use gatelet::gateway::effect::Unreachable;
use gatelet::gateway::{Answer, Channel, Effect, Engine, Peer, Via};
use gatelet::model::Store;
use gatelet::model::invocation::Invoked;
use gatelet::proto::http1::Request;
use serde_json::Value;

use super::s3::Shop;

/// Who would never end otherwise.
const MOST_OPERATIONS: usize = 40;

/// Operations, parted by a line of `%%`: `{service} {name}`, perhaps `?{query}`, and on the lines below the body or the
/// form. Or `> {method} {target}`, a request for an api, and below its body and what functions and back ends say.
/// `<{name}>` is what the latest answer said as this, in lower case, or what an operation made: `<route>`.
pub fn control(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let (shop, mut known) =
        (Shop::open(), BTreeMap::from(KNOWN.map(|(name, value)| (name.into(), value.into()))));
    for operation in text.split("\n%%\n").take(MOST_OPERATIONS) {
        let operation = filled_in(operation, &known);
        let (line, body) = operation.split_once('\n').unwrap_or((&operation, ""));
        match line.strip_prefix("> ") {
            Some(line) => serve(&shop, line, body),
            None => ask(&shop, line, body, &mut known),
        }
    }
}

/// What is known from the beginning.
const KNOWN: [(&str, &str); 9] = [
    ("bucket", "b-1"),
    ("key", "k"),
    ("httpmethod", "GET"),
    ("statuscode", "200"),
    ("domainname", "a.test"),
    ("function", "arn:aws:lambda:us-east-1:000000000000:function:f"),
    ("modelname", "Empty"),
    ("stagename", "dev"),
    ("specification", "OAS30"),
];

fn filled_in(text: &str, known: &BTreeMap<String, String>) -> String {
    let mut pieces = text.split('<');
    let mut out = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        match piece.split_once('>').and_then(|(name, rest)| Some((known.get(name)?, rest))) {
            Some((value, rest)) => out.extend([value, rest]),
            None => out.extend(["<", piece]),
        }
    }
    out
}

/// An operation of a control plane.
fn ask(shop: &Shop, line: &str, body: &str, known: &mut BTreeMap<String, String>) {
    let (line, query) = line.split_once('?').unwrap_or((line, ""));
    let Some((service, name)) = line.split_once(' ') else { return };
    let Some(service) = SERVICES.iter().find(|known| known.name == service) else { return };
    let Some(row) = service.operations.iter().find(|row| row.name == name) else { return };
    let (at, target, body) = match service.protocol {
        Protocol::RestJson | Protocol::RestXml => (with_path(row.at, known), "-", body.to_owned()),
        Protocol::Json11 => ("POST /".to_owned(), name, body.to_owned()),
        Protocol::Query(_) => ("POST /".to_owned(), "-", format!("Action={name}&{body}")),
    };
    let joint = if at.contains('?') { '&' } else { '?' };
    let signer = if service.name == "apigatewayv2" { "apigateway" } else { service.name };
    let head = format!(
        "{at}{joint}{query} HTTP/1.1\r\nHost: a\r\nAuthorization: AWS4-HMAC-SHA256 \
         Credential=t/1/us-east-1/{signer}/aws4_request\r\nX-Amz-Target: x.{target}\r\n\
         Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n\r\n",
        body.len()
    );
    let Ok(request) = Request::of(&[head.as_bytes(), body.as_bytes()].concat()) else { return };
    let before = everything(&shop.control.store());
    let (status, said) = shop.done(shop.control.call(shop.now, request));
    let store = shop.control.store();
    assert!(store.changed.is_empty(), "{line}: what changed was published");
    if status >= 400 {
        assert!(everything(&store) == before, "{line} was refused, and changed something: {status} {said}");
    }
    let Ok(Value::Object(members)) = serde_json::from_str(&said) else { return };
    for (member, value) in &members {
        if let Value::String(value) = value {
            known.insert(member.to_lowercase(), value.clone());
            if let ("id", Some(noun)) = (&**member, name.strip_prefix("Create")) {
                known.insert(format!("{}id", noun.to_lowercase()), value.clone());
            }
        }
    }
    if let Some(Value::String(root)) = members.get("rootResourceId") {
        known.insert("resourceid".into(), root.clone());
    }
}

/// What is there. A refused call may have drawn an id.
fn everything(store: &Store) -> String {
    let apis = (&store.apis, &store.rest_apis, &store.domains, &store.vpc_links, &store.portals);
    let functions = (&store.functions, &store.function_urls, &store.layers);
    let others =
        (&store.iam, &store.parameters, &store.repositories, &store.kms, &store.rules, &store.log_roles);
    format!("{apis:?}{functions:?}{others:?}")
}

/// The method and the path of a row, with what is known in place of its parameters.
fn with_path(at: &str, known: &BTreeMap<String, String>) -> String {
    let (path, query) = at.split_once('?').map_or((at, None), |(path, query)| (path, Some(query)));
    let segments = path.split('/').map(|segment| {
        let Some(name) = segment.strip_prefix('{').and_then(|name| name.strip_suffix('}')) else {
            return segment.to_owned();
        };
        let name = name.trim_end_matches('+').replace(['_', '-'], "").to_lowercase();
        escaped(known.get(&name).map_or("x", |value| value))
    });
    let path = segments.collect::<Vec<_>>().join("/");
    query.map_or(path.clone(), |query| format!("{path}?{query}"))
}

fn escaped(text: &str) -> String {
    text.bytes()
        .map(
            |byte| {
                if byte.is_ascii_alphanumeric() { char::from(byte).into() } else { format!("%{byte:02X}") }
            },
        )
        .collect()
}

/// A request of the data plane: it ends, whatever the apis have become.
fn serve(shop: &Shop, line: &str, body: &str) {
    let (body, said) = body.split_once('\n').unwrap_or((body, ""));
    let head = format!(
        "{line} HTTP/1.1\r\nHost: localhost\r\nX: y\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n",
        body.len()
    );
    let Ok(request) = Request::of(&[head.as_bytes(), body.as_bytes()].concat()) else { return };
    let live = shop.live.latest();
    if !Engine::owns(&live, &request) {
        return;
    }
    let mut engine = Engine::new(4, Rng::with_seed(1));
    let client = Table::<()>::new(1).insert(()).expect("there is room").cast();
    let peer = Peer { client, ip: IpAddr::V4(Ipv4Addr::LOCALHOST), via: Via::Edge, channel: Channel::Plain };
    engine.request(shop.now, &live, peer, request);
    let mut replies = 0;
    while let Some(effect) = engine.poll_effect() {
        match effect {
            Effect::Reply { .. } | Effect::Upgrade { .. } => replies += 1,
            Effect::Invoke { event, then, .. } => {
                serde_json::from_slice::<Value>(&event).expect("an event is JSON");
                let payload = Bytes::copy_from_slice(said.as_bytes());
                let invoked =
                    Invoked { payload, error: None, log_tail: Vec::new(), request_id: String::new() };
                engine.answer(shop.now, then, Answer::Invoked(Ok(invoked)));
            }
            Effect::Fetch { fetch, then } => {
                Request::of(&fetch.bytes).expect("a back end is asked one request");
                let reply =
                    format!("HTTP/1.1 200 OK\r\nX: y\r\nContent-Length: {}\r\n\r\n{said}", said.len());
                let reply = super::gateway::reply(reply.as_bytes()).ok_or(Unreachable::Malformed);
                engine.answer(shop.now, then, Answer::Fetched(reply));
            }
            Effect::Push { then, .. } => engine.answer(shop.now, then, Answer::Pushed(Ok(()))),
            Effect::Send { .. }
            | Effect::Close { .. }
            | Effect::Resume { .. }
            | Effect::Log { .. }
            | Effect::Done { .. } => {}
        }
    }
    assert_eq!(replies, 1, "{line} is answered");
}
