//! Lambda authorizers of WebSocket APIs ("Create a Lambda REQUEST authorizer function"): asked once, before
//! `$connect`; what they say stands for as long as the connection does.

use std::collections::VecDeque;

use serde::Deserialize;
use serde_json::{Map, Value};

use super::answer::error_message;
use super::integrate::invoke;
use super::occasion::{Cause, Occasion};
use crate::base::{Key, Now};
use crate::gateway::effect::Effect;
use crate::gateway::event;
use crate::gateway::exchange::{Exchange, Next, Step};
use crate::gateway::fault::Fault;
use crate::gateway::policy::{Decision, MOST_RESULT, Policy};
use crate::live::websocket::Authorizer;
use crate::model::invocation::Invoked;
use crate::proto::http1::Request;

/// Asks the authorizer, unless the request lacks what identifies its client.
pub(super) fn ask<T>(
    occasion: &Occasion,
    authorizer: &Authorizer,
    request: &Request,
    me: Key<Exchange>,
    time: &str,
    out: &mut VecDeque<Effect>,
) -> Result<Next<T>, Fault> {
    let cause = Cause::Connect(request);
    let is_there = |source| occasion.value(cause, source).is_some_and(|value| !value.is_empty());
    if !authorizer.sources.iter().all(is_there) {
        return Err(Fault::Unauthorized);
    }
    let event = event::ws::write_authorizer(occasion, request, &occasion.arn(), time);
    invoke(occasion, &authorizer.lambda, event, me, out)?;
    Ok(Next::Wait(Step::Authorizing, occasion.began.instant + authorizer.lambda.timeout))
}

/// What the authorizer's result comes to.
pub(super) struct Verdict {
    /// What later events say of it: an object in JSON.
    pub(super) context: Box<str>,
    /// `usageIdentifierKey`: the API key by which the client is known.
    pub(super) key: Option<String>,
}

/// Whom the authorizer's result lets in.
pub(super) fn judge(occasion: &Occasion, invoked: &Invoked, now: Now) -> Result<Verdict, Fault> {
    if invoked.error.is_some() {
        return Err(match &*error_message(&invoked.payload) {
            "Unauthorized" => Fault::Unauthorized,
            message => Fault::Integration(format!("the authorizer failed: {message}")),
        });
    }
    let malformed = |what: &str| Fault::Integration(format!("the authorizer's result is malformed: {what}"));
    if invoked.payload.len() > MOST_RESULT {
        return Err(malformed("it is larger than 8 KB"));
    }
    let result: Outcome =
        serde_json::from_slice(&invoked.payload).map_err(|error| malformed(&error.to_string()))?;
    match result.policy.decide(&occasion.arn()) {
        Decision::Allowed => {}
        Decision::Denied => return Err(Fault::Forbidden("the authorizer denies it".to_owned())),
        Decision::Silent => {
            return Err(Fault::Forbidden(format!(
                "the authorizer's policy says nothing of {}",
                occasion.arn()
            )));
        }
    }
    let mut context = result.context.unwrap_or_default();
    if context.values().any(|value| value.is_object() || value.is_array()) {
        return Err(malformed("a value of context is an object or a list"));
    }
    context.insert("principalId".to_owned(), Value::String(result.principal_id));
    let took = now.instant.saturating_duration_since(occasion.began.instant).as_millis();
    context.insert("integrationLatency".to_owned(), Value::from(u64::try_from(took).unwrap_or(u64::MAX)));
    Ok(Verdict { context: Value::Object(context).to_string().into(), key: result.usage_identifier_key })
}

/// An authorizer's result.
#[derive(Deserialize)]
struct Outcome {
    #[serde(rename = "principalId")]
    principal_id: String,
    #[serde(rename = "policyDocument")]
    policy: Policy,
    context: Option<Map<String, Value>>,
    #[serde(rename = "usageIdentifierKey")]
    usage_identifier_key: Option<String>,
}
