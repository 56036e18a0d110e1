//! The integrations of REST APIs, asked: a proxy with the event or with the client's request, all others with what
//! mappings and templates make of it.

use std::borrow::Cow;
use std::collections::VecDeque;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;

use super::answer::{self, Answered};
use super::sources::Sources;
use super::{Reply, Visit};
use crate::base::Key;
use crate::gateway::MAX_EVENT;
use crate::gateway::effect::{Effect, Fetch, Origin};
use crate::gateway::event;
use crate::gateway::exchange::{Exchange, Next, Step};
use crate::gateway::fault::Fault;
use crate::gateway::http_api::BASE64;
use crate::gateway::integrate::callee;
use crate::gateway::sent::Header;
use crate::live::api::Lambda;
use crate::live::rest::{Place, Remote, Shaped, Target, Template, mock_status};
use crate::model::api::PayloadFormat;
use crate::model::rest::{ContentHandling, Passthrough};
use crate::proto::http1::Request;
use crate::proto::http1::client::write_request;
use crate::proto::http1::fields::{connection_names, is_hop_by_hop};
use crate::proto::query;

/// What a template would need that is not there yet.
pub(super) const NO_TEMPLATES: &str =
    "the mapping template has $ or #, and gatelet does not evaluate templates yet";

/// Invokes a function with the event. `time` is the request's, as events spell it.
pub(super) fn invoke(
    visit: &Visit,
    lambda: &Lambda,
    me: Key<Exchange>,
    time: &str,
    out: &mut VecDeque<Effect>,
) -> Result<Next<Reply>, Fault> {
    call(visit, lambda, me, out, || event::rest(visit, time))
}

/// Asks a back end what the client asks.
pub(super) fn pass_on(
    visit: &Visit,
    remote: &Remote,
    me: Key<Exchange>,
    out: &mut VecDeque<Effect>,
) -> Result<Next<Reply>, Fault> {
    const KEPT: [&str; 4] = ["host", "content-encoding", "via", "x-amzn-trace-id"];
    let request = &visit.request;
    let is_passed = |name: &str| !KEPT.iter().any(|kept| kept.eq_ignore_ascii_case(name));
    let headers = passed(request).filter(|(name, _)| is_passed(name));
    let headers = headers.map(|(name, value)| (name.into(), value.into())).collect();
    let query = request.query().unwrap_or_default().to_owned();
    fetch(visit, remote, headers, query, request.body(), me, out)
}

/// Asks an integration that is no proxy.
pub(super) fn ask(
    visit: &Visit,
    shaped: &Shaped,
    me: Key<Exchange>,
    out: &mut VecDeque<Effect>,
) -> Result<Next<Reply>, Fault> {
    let body = request_body(visit, shaped)?;
    match &shaped.target {
        Target::Mock => {
            let status = mock_status(&body).ok_or_else(|| {
                Fault::Integration("the MOCK integration's template has no statusCode".to_owned())
            })?;
            answer::shaped(visit, shaped, &Answered::Mock(status)).map(Next::Done)
        }
        Target::Function(lambda) => {
            let event = match &*body {
                b"" => b"{}".to_vec(),
                body => body.to_vec(),
            };
            if serde_json::from_slice::<serde::de::IgnoredAny>(&event).is_err() {
                return Err(Fault::BadRequest("Could not parse request body into json".to_owned()));
            }
            call(visit, lambda, me, out, || event)
        }
        Target::Backend(remote) => {
            let mut headers: Vec<Header<'_>> = Vec::new();
            if !body.is_empty() {
                let sent = visit.request.header("content-type").unwrap_or(b"application/json");
                headers.push(("Content-Type".into(), sent.into()));
            }
            fetch(visit, remote, headers, String::new(), &body, me, out)
        }
    }
}

/// The headers that get beyond the gateway ("Amazon API Gateway important notes").
pub(in super::super) fn passed(request: &Request) -> impl Iterator<Item = (&str, &[u8])> {
    const DROPPED: [&str; 6] =
        ["content-length", "content-md5", "expect", "max-forwards", "server", "www-authenticate"];
    let connection = request.header("connection").unwrap_or_default();
    request.headers().filter(move |(name, _)| {
        !is_hop_by_hop(name)
            && !DROPPED.iter().any(|dropped| dropped.eq_ignore_ascii_case(name))
            && (connection.is_empty() || !connection_names(connection, name))
    })
}

/// Invokes a function with this event, if it is there and may be.
fn call(
    visit: &Visit,
    lambda: &Lambda,
    me: Key<Exchange>,
    out: &mut VecDeque<Effect>,
    event: impl FnOnce() -> Vec<u8>,
) -> Result<Next<Reply>, Fault> {
    let function = callee(&visit.live, lambda, &visit.api.owner.account, || arn(visit))?;
    let event = event();
    if event.len() > MAX_EVENT {
        return Err(Fault::TooLarge);
    }
    out.push_back(Effect::Invoke {
        function: function.clone(),
        arn: lambda.arn.clone(),
        event: event.into(),
        trace_id: visit.trace_id.clone(),
        then: me,
    });
    Ok(Next::Wait(Step::Invoking(PayloadFormat::V1), visit.began.instant + lambda.timeout))
}

/// The `execute-api` ARN of the method.
fn arn(visit: &Visit) -> String {
    let (api, stage) = (&visit.api, &visit.stage.name);
    let (region, account) = (&api.owner.region, &api.owner.account);
    let (verb, path) = (visit.verb.name(), &visit.method().path);
    format!("arn:aws:execute-api:{region}:{account}:{}/{stage}/{verb}{path}", api.id)
}

/// Asks a back end, with the integration's parameters on top of what goes there already.
fn fetch<'a>(
    visit: &'a Visit,
    remote: &'a Remote,
    mut headers: Vec<Header<'a>>,
    mut queries: String,
    body: &[u8],
    me: Key<Exchange>,
    out: &mut VecDeque<Effect>,
) -> Result<Next<Reply>, Fault> {
    let sources = Sources::of_request(visit);
    let mut variables: Vec<(&str, String)> = Vec::new();
    for parameter in &remote.parameters {
        match parameter.place {
            Place::Header => {
                let Some(value) = sources.value(&parameter.source) else { continue };
                headers.retain(|(name, _)| !name.eq_ignore_ascii_case(&parameter.name));
                headers.push(((*parameter.name).into(), value.into_owned().into_bytes().into()));
            }
            Place::Query => {
                for value in sources.values(&parameter.source) {
                    if !queries.is_empty() {
                        queries.push('&');
                    }
                    query::encode_query_component(&mut queries, &parameter.name);
                    queries.push('=');
                    query::encode_query_component(&mut queries, &value);
                }
            }
            Place::Path => {
                variables.extend(sources.path_value(&parameter.source).map(|v| (&*parameter.name, v)));
            }
        }
    }
    let agent = format!("AmazonAPIGateway_{}", visit.api.id);
    let own: [(&str, Cow<'_, [u8]>); 5] = [
        ("Host", remote.backend.authority.as_bytes().into()),
        ("Accept", b"application/json".into()),
        ("User-Agent", agent.into_bytes().into()),
        ("X-Amzn-Apigateway-Api-Id", visit.api.id.as_str().as_bytes().into()),
        ("X-Amzn-Trace-Id", visit.trace_id.as_bytes().into()),
    ];
    for (name, value) in own {
        if !headers.iter().any(|(said, _)| said.eq_ignore_ascii_case(name)) {
            headers.push((name.into(), value));
        }
    }
    let method = remote.method.as_deref().unwrap_or(visit.verb.name());
    let body = if matches!(method, "GET" | "HEAD" | "OPTIONS") { &[][..] } else { body };
    // A mapping may set what clients may not; but these are about our own connection to the back end.
    let is_said = |name: &str| !is_hop_by_hop(name) && !name.eq_ignore_ascii_case("expect");
    let lines = headers.iter().filter(|(name, _)| is_said(name)).map(|(name, value)| (&**name, &**value));
    let mut bytes = Vec::with_capacity(body.len() + 1024);
    write_request(&mut bytes, method, &remote.backend.target_with(&variables, &queries), lines, body)
        .map_err(|_| Fault::Integration("the request can't be passed on to the back end".to_owned()))?;
    out.push_back(Effect::Fetch {
        fetch: Fetch { origin: Origin::of(&remote.backend, None), method: method.into(), bytes },
        then: me,
    });
    Ok(Next::Wait(Step::Fetching, visit.began.instant + remote.timeout))
}

/// What an integration that is no proxy gets ("Content type conversions in API Gateway", "Integration passthrough
/// behaviors").
fn request_body(visit: &Visit, shaped: &Shaped) -> Result<Bytes, Fault> {
    let content_type = visit.request.header("content-type");
    match shaped.request.of_request(content_type) {
        Some(Template::Text(text)) => return Ok(text.clone()),
        Some(Template::Program) => return Err(Fault::Integration(NO_TEMPLATES.to_owned())),
        None => {}
    }
    let passes = match shaped.passthrough {
        Passthrough::WhenNoMatch => true,
        Passthrough::WhenNoTemplates => shaped.request.is_empty(),
        Passthrough::Never => false,
    };
    if !passes {
        return Err(Fault::MediaType);
    }
    let body = visit.request.body();
    Ok(match (visit.stage.binary.covers(content_type), shaped.content) {
        (true, Some(ContentHandling::ToText)) => STANDARD.encode(body).into(),
        (false, Some(ContentHandling::ToBinary)) => BASE64
            .decode(body)
            .map_err(|_| Fault::Integration("the body is to be decoded, and is not in base64".to_owned()))?
            .into(),
        (true, None | Some(ContentHandling::ToBinary)) | (false, None | Some(ContentHandling::ToText)) => {
            Bytes::copy_from_slice(body)
        }
    })
}
