//! The integrations of WebSocket APIs, asked: a proxy with the event or the message, all others with what their
//! templates make of it.

use std::borrow::Cow;
use std::collections::VecDeque;
use std::time::Instant;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;

use super::answer::Answered;
use super::occasion::{Cause, Occasion};
use crate::base::Key;
use crate::gateway::effect::{Effect, Fetch, Origin};
use crate::gateway::event;
use crate::gateway::exchange::{Asker, Exchange, Step};
use crate::gateway::fault::Fault;
use crate::gateway::integrate::callee;
use crate::gateway::sent::Header;
use crate::live::api::Lambda;
use crate::live::websocket::{Integration, Place, Remote, Shaping, Target};
use crate::model::api::{ContentHandling, Passthrough, PayloadFormat};
use crate::model::settings::Parity;
use crate::proto::http1::client::write_request;
use crate::proto::http1::fields::is_hop_by_hop;
use crate::proto::query;

/// What came of asking.
pub(super) enum Asked {
    /// An answer follows, or the time is over.
    Waits(Step, Instant),
    /// The answer is there already.
    Answered(Answered),
}

/// Asks the integration of the occasion's route.
pub(super) fn ask(
    occasion: &Occasion,
    integration: &Integration,
    cause: Cause<'_>,
    asker: Asker<'_>,
) -> Result<Asked, Fault> {
    let shaped = match &integration.shaping {
        Some(shaping) if !matches!(integration.target, Target::Mock) => {
            Some(request_body(shaping, cause.text().unwrap_or_default())?)
        }
        Some(_) | None => None,
    };
    match &integration.target {
        Target::Function(lambda) => {
            let event = match shaped {
                None => event::ws::write(occasion, cause, asker.time),
                Some(body) => json_of(body)?,
            };
            invoke(occasion, lambda, event, asker.me, asker.out)?;
            Ok(Asked::Waits(Step::Invoking(PayloadFormat::V1), asker.now.instant + lambda.timeout))
        }
        Target::Backend(remote) => {
            let request = request(occasion, integration, remote, cause, shaped)?;
            asker.out.push_back(Effect::Fetch { fetch: request, then: asker.me });
            Ok(Asked::Waits(Step::Fetching, asker.now.instant + remote.timeout))
        }
        Target::Mock => {
            let message = cause.text().unwrap_or_default();
            mock(integration, message, occasion.live.settings.parity).map(Asked::Answered)
        }
        Target::Broken(why) => Err(Fault::Integration(why.clone())),
    }
}

/// Invokes a function, if it is there and may be.
pub(in super::super) fn invoke(
    occasion: &Occasion,
    lambda: &Lambda,
    event: Vec<u8>,
    me: Key<Exchange>,
    out: &mut VecDeque<Effect>,
) -> Result<(), Fault> {
    let function = callee(&occasion.live, lambda, &occasion.api.owner.account, || occasion.arn())?;
    out.push_back(Effect::Invoke {
        function: function.clone(),
        arn: lambda.arn.clone(),
        event: event.into(),
        trace_id: occasion.trace_id.clone(),
        then: me,
    });
    Ok(())
}

/// What nobody is asked for: the template of the request says what the status of the response is.
pub(super) fn mock(integration: &Integration, message: &str, parity: Parity) -> Result<Answered, Fault> {
    let Some(shaping) = &integration.shaping else {
        return Err(Fault::Integration("a mock integration is no proxy".to_owned()));
    };
    // LocalStack's users write mock integrations without any template.
    if shaping.request.is_empty() && parity == Parity::LocalStack {
        return Ok(Answered::Mock(200, Bytes::copy_from_slice(message.as_bytes())));
    }
    let body = request_body(shaping, message)?;
    #[derive(serde::Deserialize)]
    struct Response {
        #[serde(rename = "statusCode")]
        status: u16,
    }
    match serde_json::from_slice(&body) {
        Ok(Response { status: status @ 200..600 }) => Ok(Answered::Mock(status, body)),
        Ok(_) | Err(_) => Err(Fault::Answer("the mock integration's template has no statusCode".to_owned())),
    }
}

/// What an integration that is no proxy gets.
fn request_body(shaping: &Shaping, message: &str) -> Result<Bytes, Fault> {
    let body = match shaping.request.of_message(message) {
        Some(template) => template.clone(),
        None => {
            let passes = match shaping.passthrough {
                Passthrough::WhenNoMatch => true,
                Passthrough::WhenNoTemplates => shaping.request.is_empty(),
                Passthrough::Never => false,
            };
            if !passes {
                return Err(Fault::Integration("no template is selected for the message".to_owned()));
            }
            Bytes::copy_from_slice(message.as_bytes())
        }
    };
    match shaping.content {
        Some(ContentHandling::ToBinary) => match STANDARD.decode(&body) {
            Ok(bytes) => Ok(bytes.into()),
            Err(_) => Err(Fault::BadBody("the message is not in base64".to_owned())),
        },
        Some(ContentHandling::ToText) | None => Ok(body),
    }
}

/// What a function is invoked with must be JSON.
fn json_of(body: Bytes) -> Result<Vec<u8>, Fault> {
    if body.is_empty() {
        return Ok(b"{}".to_vec());
    }
    match serde_json::from_slice::<serde::de::IgnoredAny>(&body) {
        Ok(_) => Ok(body.into()),
        Err(_) => Err(Fault::BadBody("what the function would be invoked with is no JSON".to_owned())),
    }
}

/// The request to a back end. Of a handshake a proxy passes on headers and query, but nothing that makes it one;
/// ends have nothing to pass on.
fn request(
    occasion: &Occasion,
    integration: &Integration,
    remote: &Remote,
    cause: Cause<'_>,
    shaped: Option<Bytes>,
) -> Result<Fetch, Fault> {
    let is_proxy = integration.shaping.is_none();
    let body: Cow<'_, [u8]> = match (shaped, cause) {
        (Some(body), _) => Cow::Owned(body.into()),
        (None, Cause::Message(event::Body::Text(text), _)) => Cow::Borrowed(text.as_bytes()),
        (None, Cause::Message(event::Body::Binary(bytes), _)) => Cow::Borrowed(bytes),
        (None, Cause::Connect(_) | Cause::Disconnect(..)) => Cow::Borrowed(&[]),
    };
    let mut headers: Vec<Header<'_>> = Vec::new();
    let mut queries = String::new();
    if let Cause::Connect(request) = cause
        && is_proxy
    {
        let passed = request.headers().filter(|(name, _)| is_passed(name));
        headers.extend(passed.map(|(name, value)| (name.into(), value.into())));
        queries.push_str(request.query().unwrap_or_default());
    }
    let mut variables: Vec<(&str, String)> = Vec::new();
    for parameter in &integration.parameters {
        let Some(value) = occasion.value(cause, &parameter.source) else { continue };
        match parameter.place {
            Place::Header => {
                headers.retain(|(name, _)| !name.eq_ignore_ascii_case(&parameter.name));
                headers.push(((*parameter.name).into(), value.into_bytes().into()));
            }
            Place::Query => {
                if !queries.is_empty() {
                    queries.push('&');
                }
                query::encode_query_component(&mut queries, &parameter.name);
                queries.push('=');
                query::encode_query_component(&mut queries, &value);
            }
            Place::Path => {
                let mut raw = String::new();
                query::encode_path(&mut raw, &value);
                variables.push((&parameter.name, raw));
            }
        }
    }
    let agent = format!("AmazonAPIGateway_{}", occasion.api.id);
    let own = [
        ("Host", remote.backend.authority.as_bytes()),
        ("User-Agent", agent.as_bytes()),
        ("X-Amzn-Apigateway-Api-Id", occasion.api.id.as_str().as_bytes()),
        ("X-Amzn-Trace-Id", occasion.trace_id.as_bytes()),
        ("Content-Type", b"application/json"),
    ];
    for (name, value) in own {
        let is_said = headers.iter().any(|(said, _)| said.eq_ignore_ascii_case(name));
        if !is_said && (name != "Content-Type" || !body.is_empty()) {
            headers.push((name.into(), value.into()));
        }
    }
    let lines = headers.iter().map(|(name, value)| (&**name, &**value));
    let mut bytes = Vec::with_capacity(body.len() + 1024);
    let target = remote.backend.target_with(&variables, &queries);
    write_request(&mut bytes, &remote.method, &target, lines, &body)
        .map_err(|_| Fault::Integration("the request can't be passed on to the back end".to_owned()))?;
    Ok(Fetch {
        origin: Origin::of(&remote.backend, remote.tls_server_name.as_deref()),
        method: remote.method.clone(),
        bytes,
    })
}

/// Whether a header of a handshake is passed on.
fn is_passed(name: &str) -> bool {
    const OWN: [&str; 4] = ["host", "content-length", "expect", "x-amzn-trace-id"];
    let of_websockets = name.get(..14).is_some_and(|start| start.eq_ignore_ascii_case("sec-websocket-"));
    !of_websockets && !is_hop_by_hop(name) && !OWN.iter().any(|own| own.eq_ignore_ascii_case(name))
}
