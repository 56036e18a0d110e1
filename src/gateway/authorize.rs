//! Lambda authorizers of WebSocket APIs ("Create a Lambda REQUEST authorizer function"): asked once, before
//! `$connect`; what they say stands for as long as the connection does.

use std::collections::VecDeque;

use serde::Deserialize;
use serde_json::{Map, Value};

use super::effect::Effect;
use super::event;
use super::exchange::{Exchange, Next, Step};
use super::fault::Fault;
use super::websocket_api::{Cause, Occasion, error_message, invoke};
use crate::base::{Key, Now};
use crate::live::permission::matches_pattern;
use crate::live::websocket::Authorizer;
use crate::model::invocation::Invoked;
use crate::proto::http1::Request;

/// AWS: 8 KB, of an authorizer's result.
const MOST_RESULT: usize = 8 * 1024;

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

/// What the authorizer's result comes to: what later events say of it, an object in JSON.
pub(super) fn judge(occasion: &Occasion, invoked: &Invoked, now: Now) -> Result<Box<str>, Fault> {
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
    match decide(&result.policy.statements, &occasion.arn()).map_err(&malformed)? {
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
    Ok(Value::Object(context).to_string().into())
}

/// An authorizer's result.
#[derive(Deserialize)]
struct Outcome {
    #[serde(rename = "principalId")]
    principal_id: String,
    #[serde(rename = "policyDocument")]
    policy: Policy,
    context: Option<Map<String, Value>>,
}

#[derive(Deserialize)]
struct Policy {
    #[serde(rename = "Statement")]
    statements: OneOrMany<Statement>,
}

#[derive(Deserialize)]
struct Statement {
    #[serde(rename = "Effect")]
    effect: String,
    #[serde(rename = "Action")]
    action: OneOrMany<String>,
    #[serde(rename = "Resource")]
    resource: OneOrMany<String>,
}

/// Policies spell lists of one as what is in them.
#[derive(Deserialize)]
#[serde(untagged)]
enum OneOrMany<T> {
    One(T),
    Many(Vec<T>),
}

impl<T> OneOrMany<T> {
    fn as_slice(&self) -> &[T] {
        match self {
            Self::One(one) => std::slice::from_ref(one),
            Self::Many(many) => many,
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Decision {
    Allowed,
    Denied,
    /// Nothing in the policy is about it.
    Silent,
}

/// What a policy says of invoking this ARN: one denial outweighs all permissions.
fn decide(statements: &OneOrMany<Statement>, arn: &str) -> Result<Decision, &'static str> {
    let mut decision = Decision::Silent;
    for statement in statements.as_slice() {
        let invokes = statement
            .action
            .as_slice()
            .iter()
            .any(|action| matches_pattern(&action.to_ascii_lowercase(), "execute-api:invoke"));
        let covers =
            invokes && statement.resource.as_slice().iter().any(|resource| matches_pattern(resource, arn));
        match &*statement.effect {
            "Allow" if covers && decision != Decision::Denied => decision = Decision::Allowed,
            "Deny" if covers => decision = Decision::Denied,
            "Allow" | "Deny" => {}
            _ => return Err("an Effect is neither Allow nor Deny"),
        }
    }
    Ok(decision)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn policies() {
        use Decision::{Allowed, Denied, Silent};
        let arn = "arn:aws:execute-api:us-east-1:000000000000:abc/dev/$connect";
        for (statements, expected) in [
            (r#"[]"#, Ok(Silent)),
            (r#"{"Effect":"Allow","Action":"execute-api:Invoke","Resource":"*"}"#, Ok(Allowed)),
            (
                r#"[{"Effect":"Allow","Action":"*","Resource":["x","arn:aws:execute-api:*:*:abc/*"]}]"#,
                Ok(Allowed),
            ),
            (
                r#"{"Effect":"Allow","Action":["execute-api:*"],"Resource":"arn:aws:execute-api:us-east-1:000000000000:abc/dev/$connect"}"#,
                Ok(Allowed),
            ),
            // As REST APIs have it: paths and methods, which no WebSocket has.
            (
                r#"{"Effect":"Allow","Action":"execute-api:Invoke","Resource":"arn:aws:execute-api:us-east-1:000000000000:abc/dev/*/*"}"#,
                Ok(Silent),
            ),
            (
                r#"{"Effect":"Allow","Action":"execute-api:Invoke","Resource":"arn:aws:execute-api:us-east-1:000000000000:abc/dev/GET/*"}"#,
                Ok(Silent),
            ),
            (r#"{"Effect":"Allow","Action":"execute-api:ManageConnections","Resource":"*"}"#, Ok(Silent)),
            (r#"{"Effect":"Deny","Action":"execute-api:Invoke","Resource":"*"}"#, Ok(Denied)),
            (
                r#"[{"Effect":"Deny","Action":"execute-api:Invoke","Resource":"*"},{"Effect":"Allow","Action":"*","Resource":"*"}]"#,
                Ok(Denied),
            ),
            (
                r#"{"Effect":"Perhaps","Action":"*","Resource":"*"}"#,
                Err("an Effect is neither Allow nor Deny"),
            ),
        ] {
            let statements = serde_json::from_str(statements).unwrap();
            assert_eq!(decide(&statements, arn), expected);
        }
    }
}
