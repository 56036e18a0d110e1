//! What a WebSocket API makes of its integration's answer: whether a client may connect, what it gets for its
//! message.

use std::borrow::Cow;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;

use super::occasion::Occasion;
use crate::gateway::exchange::Taken;
use crate::gateway::fault::Fault;
use crate::gateway::http_api::{self, error_text, final_status};
use crate::gateway::result::{self, Field, Fields};
use crate::live::selection::Responded;
use crate::live::websocket::{Route, Shaping};
use crate::model::api::ContentHandling;
use crate::model::invocation::Invoked;
use crate::model::settings::Parity;
use crate::proto::http1::client::Reply;
use crate::proto::http1::grammar::is_value;

/// What an integration answered.
pub(in super::super) enum Answered {
    /// A function.
    Function(Invoked),
    /// A back end.
    Backend(Reply),
    /// Nobody: this status, and this body.
    Mock(u16, Bytes),
}

impl From<Taken> for Answered {
    fn from(taken: Taken) -> Self {
        match taken {
            Taken::Invoked(_, invoked) => Self::Function(invoked),
            Taken::Fetched(reply) => Self::Backend(reply),
        }
    }
}

/// The subprotocol that a client gets which may connect. `Err`: it may not.
pub(super) fn verdict(occasion: &Occasion, answered: &Answered) -> Result<Option<Box<str>>, Fault> {
    let is_proxy =
        occasion.route.integration.as_ref().is_some_and(|integration| integration.shaping.is_none());
    let (status, protocol) = match answered {
        Answered::Function(invoked) => {
            let payload = succeeded(invoked)?;
            if is_proxy { of_result(payload, occasion.live.settings.parity)? } else { (200, None) }
        }
        Answered::Backend(reply) => {
            let named = reply.headers().find(|(name, _)| name.eq_ignore_ascii_case(PROTOCOL));
            let protocol = named.and_then(|(_, value)| std::str::from_utf8(value).ok());
            (reply.status(), protocol.map(Cow::Borrowed))
        }
        Answered::Mock(status, _) => (*status, None),
    };
    match status {
        200..300 => {
            let protocol = protocol.filter(|protocol| !protocol.is_empty() && is_value(protocol.as_bytes()));
            Ok(protocol.map(|protocol| protocol.into_owned().into()))
        }
        refused => Err(Fault::Refused(refused)),
    }
}

/// What the client gets for its message, which is `text` where it is text. `None`: nothing.
pub(super) fn reply(
    route: &Route,
    parity: Parity,
    text: &str,
    answered: &Answered,
) -> Result<Option<Bytes>, Fault> {
    let shaping = route.integration.as_ref().and_then(|integration| integration.shaping.as_ref());
    let body = match (shaping, answered) {
        (Some(shaping), answered) if route.replies => shaped(shaping, text, answered)?,
        (None, Answered::Function(invoked)) if route.replies => body_of_result(succeeded(invoked)?, parity)?,
        (None, Answered::Backend(reply)) if route.replies => reply.shared_body(),
        (None, Answered::Mock(_, body)) if route.replies => body.clone(),
        (_, Answered::Function(invoked)) => {
            succeeded(invoked)?;
            Bytes::new()
        }
        (_, Answered::Backend(_) | Answered::Mock(..)) => Bytes::new(),
    };
    Ok((!body.is_empty()).then(|| as_text(body)))
}

/// Nobody gets an answer any more; a fault is for the log.
pub(super) fn parting(answered: &Answered) -> Result<(), Fault> {
    match answered {
        Answered::Function(invoked) => succeeded(invoked).map(drop),
        Answered::Backend(_) | Answered::Mock(..) => Ok(()),
    }
}

/// The one header of an answer to a handshake that clients see.
const PROTOCOL: &str = "sec-websocket-protocol";

/// Status and subprotocol of a function's result.
fn of_result(payload: &Bytes, parity: Parity) -> Result<(u16, Option<Cow<'_, str>>), Fault> {
    let malformed =
        |what: &str| Fault::Answer(format!("the function's result is no answer to a handshake: {what}"));
    // LocalStack's own example returns the event.
    let is_lenient = parity == Parity::LocalStack;
    let Some(fields) = Fields::parse(payload) else {
        return if is_lenient { Ok((200, None)) } else { Err(malformed("it is no JSON object")) };
    };
    let status = match fields.get("statusCode") {
        Some(Field::Scalar(text)) => final_status(&text).map_err(|what| malformed(&what))?,
        Some(Field::Null) | None if is_lenient => 200,
        Some(Field::Null | Field::Object(_) | Field::List(_)) => {
            return Err(malformed("statusCode is no number"));
        }
        None => return Err(malformed("statusCode is missing")),
    };
    let of_headers = |fields: &Fields<'_>| match fields.header(PROTOCOL) {
        Some(Field::Scalar(protocol)) => Some(protocol.into_owned()),
        Some(Field::List(list)) => list.scalars()?.first().map(|protocol| protocol.clone().into_owned()),
        Some(Field::Null | Field::Object(_)) | None => None,
    };
    let protocol = ["headers", "multiValueHeaders"].iter().find_map(|name| match fields.get(name) {
        Some(Field::Object(headers)) => of_headers(&headers),
        Some(Field::Null | Field::Scalar(_) | Field::List(_)) | None => None,
    });
    Ok((status, protocol.map(Cow::Owned)))
}

/// The `body` of a function's result; empty: it has none.
fn body_of_result(payload: &Bytes, parity: Parity) -> Result<Bytes, Fault> {
    let malformed = |what: String| Fault::Answer(format!("the function's result is no reply: {what}"));
    match Fields::parse(payload) {
        Some(fields) => http_api::body(payload, &fields).map_err(malformed),
        None if parity == Parity::Aws => Err(malformed("it is no JSON object".to_owned())),
        None => match payload.trim_ascii_start().first() {
            Some(b'"') => match result::string(payload) {
                Some(text) => Ok(result::bytes(payload, text)),
                None => Ok(payload.clone()),
            },
            Some(b'n') | None => Ok(Bytes::new()),
            Some(_) => Ok(payload.clone()),
        },
    }
}

/// What an integration response makes of an answer.
fn shaped(shaping: &Shaping, text: &str, answered: &Answered) -> Result<Bytes, Fault> {
    let (selected, status, body) = match answered {
        Answered::Function(invoked) => {
            let error = invoked.error.map(|_| error_message(&invoked.payload)).unwrap_or_default();
            (error, 200, invoked.payload.clone())
        }
        Answered::Backend(reply) => (reply.status().to_string(), reply.status(), reply.shared_body()),
        Answered::Mock(status, body) => (status.to_string(), *status, body.clone()),
    };
    let response = shaping.responses.of(&selected);
    let response =
        response.ok_or_else(|| Fault::Answer(format!("no integration response is for {selected:?}")))?;
    let headers = |name: &str| match answered {
        Answered::Backend(reply) => values_of(reply, name),
        Answered::Function(_) | Answered::Mock(..) => Vec::new(),
    };
    let responded = Responded { status, headers: &headers };
    let body = response.templates.of_response(text, responded).cloned().unwrap_or(body);
    match response.content {
        Some(ContentHandling::ToText) => Ok(STANDARD.encode(&body).into()),
        Some(ContentHandling::ToBinary) | None => Ok(body),
    }
}

/// All values of a header.
fn values_of<'r>(reply: &'r Reply, name: &str) -> Vec<Cow<'r, str>> {
    let named = reply.headers().filter(|(sent, _)| sent.eq_ignore_ascii_case(name));
    named.map(|(_, value)| String::from_utf8_lossy(value)).collect()
}

/// The payload of a function that did not fail.
fn succeeded(invoked: &Invoked) -> Result<&Bytes, Fault> {
    match invoked.error {
        None => Ok(&invoked.payload),
        Some(_) => Err(Fault::Answer(error_text(&invoked.payload))),
    }
}

/// `errorMessage` of Lambda's error object.
pub(in super::super) fn error_message(payload: &Bytes) -> String {
    match Fields::parse(payload).and_then(|fields| fields.get("errorMessage")) {
        Some(Field::Scalar(message)) => message.into_owned(),
        Some(Field::Null | Field::Object(_) | Field::List(_)) | None => String::new(),
    }
}

/// What goes into a frame of text is text: what can't be is replaced.
pub(in super::super) fn as_text(bytes: Bytes) -> Bytes {
    match std::str::from_utf8(&bytes) {
        Ok(_) => bytes,
        Err(_) => String::from_utf8_lossy(&bytes).into_owned().into(),
    }
}
