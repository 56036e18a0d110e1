//! Invoke: what is asked, and how its end is told.

use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use serde::de::IgnoredAny;
use serde_json::json;

use super::{SERVICE, named, refusal, version};
use crate::base::Now;
use crate::control::answer::{Answer, Body, Error};
use crate::control::call::Call;
use crate::control::{Checked, Context, Control, Done, Invocation};
use crate::model::arn::FunctionRef;
use crate::model::function::{Function, LATEST, Version};
use crate::model::invocation::{FunctionError, Invoked, Refused};
use crate::model::{Owner, Store};

/// AWS: 6 MB, of an event that somebody waits for.
const MAX_EVENT: usize = 6_291_456;

/// AWS: 1 MB, of one that nobody waits for.
const MAX_EVENT_ASYNC: usize = 1_048_576;

/// AWS: 256 KB by the old operation.
const MAX_EVENT_INVOKE_ASYNC: usize = 262_144;

/// AWS: 3,583 bytes of base64.
const MAX_CLIENT_CONTEXT: usize = 3583;

/// Where a function's reserved concurrency is used up.
const RESERVED: &str = "ReservedFunctionConcurrentInvocationLimitExceeded";

/// Invoke
pub fn invoke(store: &Store, _: &Context, call: &Call) -> Result<Checked, Error> {
    let mut named = named::named(call)?;
    let (kind, log) = (call.header("x-amz-invocation-type"), call.header("x-amz-log-type"));
    let mut constraints = refusal::Constraints::default();
    constraints.one_of(kind, "invocationType", &["RequestResponse", "Event", "DryRun"]);
    constraints.one_of(log, "logType", &["None", "Tail"]);
    constraints.end()?;
    let (waits, limit) = match kind {
        Some("Event") => (false, MAX_EVENT_ASYNC),
        _ => (true, MAX_EVENT),
    };
    let version = Arc::clone(invoked(store, call, &mut named)?);
    let event = event(call.body(), kind.unwrap_or("RequestResponse"), limit)?;
    let client_context = call.header("x-amz-client-context").map(client_context).transpose()?;
    if kind == Some("DryRun") {
        return Ok(Checked::Answer(Answer::no_content()));
    }
    if waits && version.concurrency == Some(0) {
        return Err(throttled(RESERVED));
    }
    Ok(Checked::Invocation(Invocation {
        function: version,
        arn: named.arn().into(),
        event,
        client_context,
        waits,
        tail: waits && log == Some("Tail"),
        request_id: call.request_id.clone(),
    }))
}

/// InvokeAsync: what Invoke was before it could do both.
pub fn invoke_async(store: &Store, _: &Context, call: &Call) -> Result<Checked, Error> {
    let mut named = named::named_alone(call)?;
    let function = Arc::clone(invoked(store, call, &mut named)?);
    let event = event(call.body(), "Event", MAX_EVENT_INVOKE_ASYNC)?;
    let (arn, request_id) = (named.arn().into(), call.request_id.clone());
    Ok(Checked::Invocation(Invocation {
        function,
        arn,
        event,
        client_context: None,
        waits: false,
        tail: false,
        request_id,
    }))
}

/// An event of a service of ours for the function that `name` names, which is its name or ARN.
///
/// # Errors
/// There is none.
pub fn event_for(control: &Control, owner: &Owner, name: &str, event: Bytes) -> Result<Invocation, Error> {
    let named = FunctionRef::parse_name(name, owner).ok_or_else(|| {
        refusal::invalid(format!("{name} names no function of Lambda, and nothing else is invoked"))
    })?;
    let store = control.store();
    let function = Arc::clone(version::found(named::function(&store, &named)?, &named)?);
    Ok(Invocation {
        function,
        arn: named.arn().into(),
        event,
        client_context: None,
        waits: false,
        tail: false,
        request_id: control.request_id(),
    })
}

impl Invocation {
    /// The answer once it ended.
    pub fn response(&self, outcome: Result<Invoked, Refused>, _now: Now) -> Done {
        let (request_id, outcome) = match outcome {
            Ok(invoked) => (invoked.request_id.clone(), Ok(self.told(invoked))),
            Err(Refused::Throttled(reason)) => (self.request_id.clone(), Err(throttled(reason))),
            Err(Refused::Stopping) => (self.request_id.clone(), Err(stopping())),
        };
        Done::of(SERVICE, "Invoke", &request_id, outcome)
    }

    /// The answer to `InvocationType=Event`: 202.
    pub fn accepted(&self, _now: Now) -> Done {
        Done::of(SERVICE, "Invoke", &self.request_id, Ok(Answer::empty(202)))
    }

    fn told(&self, invoked: Invoked) -> Answer {
        let mut headers = vec![("X-Amz-Executed-Version", self.function.version.clone())];
        match invoked.error {
            Some(FunctionError::Unhandled) => headers.push(("X-Amz-Function-Error", "Unhandled".into())),
            None => {}
        }
        if self.tail {
            headers.push(("X-Amz-Log-Result", STANDARD.encode(&invoked.log_tail)));
        }
        Answer { status: 200, headers, body: Body::Raw("application/json", invoked.payload) }
    }
}

/// The version that is to run; `named` keeps the qualifier that was asked for.
fn invoked<'a>(store: &'a Store, call: &Call, named: &mut FunctionRef) -> Result<&'a Arc<Version>, Error> {
    // What isn't there is said to have no `$LATEST`.
    let latest =
        || FunctionRef { qualifier: named.qualifier.clone().or(Some(LATEST.into())), ..named.clone() };
    let function = named::function(store, &latest())?;
    match routed(function, named.qualifier.as_deref(), call) {
        Some(version) => Ok(version),
        None => version::found(function, named),
    }
}

/// The other version that an alias with weights gives some invocations to. The request's id is our die: it is
/// random, and it needs no change of the store.
fn routed<'a>(function: &'a Function, qualifier: Option<&str>, call: &Call) -> Option<&'a Arc<Version>> {
    let alias = function.aliases.get(qualifier?)?;
    let (other, weight) = alias.weights.first_key_value()?;
    let die = u32::from_str_radix(call.request_id.get(..8)?, 16).ok()?;
    if f64::from(die) < weight * f64::from(u32::MAX) { function.numbered(other) } else { None }
}

/// The body as an event: JSON, and nothing is an empty object.
fn event(body: &[u8], kind: &str, limit: usize) -> Result<Bytes, Error> {
    if body.len() > MAX_EVENT {
        let message =
            format!("Request must be smaller than {MAX_EVENT} bytes for the InvokeFunction operation");
        return Err(refusal::too_large(message));
    }
    if body.len() > limit {
        let length = body.len();
        return Err(refusal::too_large(format!(
            "{length} byte payload is too large for the {kind} invocation type (limit {limit} bytes)"
        )));
    }
    if body.is_empty() {
        return Ok(Bytes::from_static(b"{}"));
    }
    let wrong = |what: &str, line: usize, column: usize| {
        refusal::unreadable(format!(
            "Could not parse payload into json: {what}\n at [Source: REDACTED \
             (`StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION` disabled); line: {line}, column: {column}]"
        ))
    };
    // `IgnoredAny` builds nothing and looks into no string: what is no UTF-8 is for us to find.
    if let Err(error) = std::str::from_utf8(body) {
        let (line, column) = position(body, error.valid_up_to());
        let byte = body[error.valid_up_to()];
        return Err(wrong(&format!("Invalid UTF-8 start byte 0x{byte:x}"), line, column));
    }
    match serde_json::from_slice::<IgnoredAny>(body) {
        Ok(_) => Ok(Bytes::copy_from_slice(body)),
        Err(error) => {
            let text = error.to_string();
            let what = text.split_once(" at line ").map_or(text.as_str(), |(what, _)| what);
            Err(wrong(what, error.line(), error.column()))
        }
    }
}

/// Line and column of a byte, from 1, as Jackson counts them.
fn position(body: &[u8], at: usize) -> (usize, usize) {
    let before = &body[..at];
    let line = before.iter().filter(|byte| **byte == b'\n').count() + 1;
    let start = memchr::memrchr(b'\n', before).map_or(0, |newline| newline + 1);
    (line, at - start + 1)
}

/// `X-Amz-Client-Context`, decoded.
fn client_context(header: &str) -> Result<Arc<str>, Error> {
    let wrong = |why: &str| refusal::unreadable(format!("Client context must be {why}"));
    if header.len() > MAX_CLIENT_CONTEXT {
        return Err(wrong(&format!("no more than {MAX_CLIENT_CONTEXT} bytes")));
    }
    let decoded = STANDARD.decode(header).map_err(|_| wrong("a valid Base64-encoded JSON object"))?;
    // It goes into a header of the Runtime API: written anew, it has no line ends.
    match serde_json::from_slice::<serde_json::Value>(&decoded) {
        Ok(context) if context.is_object() => Ok(context.to_string().into()),
        Ok(_) | Err(_) => Err(wrong("a valid Base64-encoded JSON object")),
    }
}

fn throttled(reason: &'static str) -> Error {
    Error::new(429, "TooManyRequestsException", "Rate Exceeded.")
        .with("Type", "User")
        .with("Reason", json!(reason))
}

fn stopping() -> Error {
    Error::new(503, "ServiceException", "gatelet is stopping").with("Type", "Service")
}
