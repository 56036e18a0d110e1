//! Lambda authorizers of HTTP APIs ("Control access to HTTP APIs with AWS Lambda authorizers"): a function is asked
//! about a request, and what it answers counts for those that identify themselves alike, for as long as it may.

use std::sync::Arc;

use serde::Deserialize;
use serde_json::{Map, Value};

use crate::base::Now;
use crate::gateway::effect::{Answer, Effect};
use crate::gateway::event;
use crate::gateway::exchange::{Asker, Grant, Identity, Journey, Next, Step, Taken};
use crate::gateway::fault::Fault;
use crate::gateway::http_api::error_text;
use crate::gateway::integrate::callee;
use crate::gateway::mapping::Sources;
use crate::gateway::policy::{Decision, MOST_RESULT, Policy};
use crate::gateway::verdicts::{VerdictKey, Verdicts};
use crate::live::access::LambdaAuthorizer;
use crate::model::api::PayloadFormat;
use crate::model::function::Version;
use crate::model::invocation::Invoked;

/// What a function answered.
pub(super) struct Verdict {
    ruling: Ruling,
    grant: Arc<Grant>,
}

enum Ruling {
    /// `isAuthorized`, of whatever route.
    Simple(bool),
    /// `policyDocument`, which says of which routes.
    Policy(Policy),
}

/// Asks the function, unless it has answered for this identity before, or the request lacks what says whose it is.
pub(super) fn ask(
    journey: &Journey,
    authorizer: &LambdaAuthorizer,
    asker: &mut Asker<'_>,
    verdicts: &mut Verdicts<Verdict>,
) -> Result<Next<Identity>, Fault> {
    let identity = identity(journey, authorizer)?;
    let arn = journey.arn()?;
    let function = function(journey, authorizer)?;
    if let Some(key) = key(journey, authorizer, function, &identity)
        && let Some(verdict) = verdicts.get(&key, asker.now.instant)
    {
        return verdict.on(&arn).map(Next::Done);
    }
    let lambda = &authorizer.lambda;
    let event = match lambda.payload {
        PayloadFormat::V1 => event::authorizer_v1(journey, &arn, &identity, asker.time),
        PayloadFormat::V2 => event::authorizer_v2(journey, &arn, &identity, asker.time),
    };
    asker.out.push_back(Effect::Invoke {
        function: Arc::clone(function),
        arn: Arc::clone(&lambda.arn),
        event: event.into(),
        trace_id: Arc::clone(&journey.trace_id),
        then: asker.me,
    });
    Ok(Next::Wait(Step::Authorizing, asker.now.instant + lambda.timeout))
}

/// The function's result. That it takes no more is its failure too.
pub(super) fn invoked(step: Step, answer: Answer) -> Result<Invoked, Fault> {
    match step.taken(answer) {
        Ok(Taken::Invoked(_, invoked)) => Ok(invoked),
        Ok(Taken::Fetched(_)) => Err(Fault::Authorizer("an answer to something else".to_owned())),
        Err(Fault::Throttled(why)) => Err(Fault::Authorizer(why)),
        Err(fault) => Err(fault),
    }
}

/// Whom the function's result lets in. What is no result is not kept.
pub(super) fn judge(
    journey: &Journey,
    authorizer: &LambdaAuthorizer,
    invoked: &Invoked,
    now: Now,
    verdicts: &mut Verdicts<Verdict>,
) -> Result<Identity, Fault> {
    let verdict = Arc::new(Verdict::read(invoked, authorizer.simple_responses).map_err(Fault::Authorizer)?);
    let (identity, function) = (identity(journey, authorizer)?, function(journey, authorizer)?);
    if let Some(key) = key(journey, authorizer, function, &identity) {
        // Parsed and spelled twice, it is about this large.
        let bytes = 4 * invoked.payload.len();
        verdicts.keep(key, Arc::clone(&verdict), bytes, now.instant + authorizer.ttl);
    }
    verdict.on(&journey.arn()?)
}

/// What the identity sources have.
fn identity(journey: &Journey, authorizer: &LambdaAuthorizer) -> Result<Vec<String>, Fault> {
    let sources = Sources::of_request(journey);
    let value = |source| sources.source(source).filter(|value| !value.is_empty());
    authorizer.sources.iter().map(value).collect::<Option<_>>().ok_or(Fault::Unauthorized)
}

fn function<'j>(journey: &'j Journey, authorizer: &LambdaAuthorizer) -> Result<&'j Arc<Version>, Fault> {
    let (api, owner) = (&journey.api.id, &journey.api.owner);
    let (region, account) = (&owner.region, &owner.account);
    let arn = || format!("arn:aws:execute-api:{region}:{account}:{api}/authorizers/{}", authorizer.id);
    callee(&journey.live, &authorizer.lambda, account, arn).map_err(|fault| {
        Fault::Authorizer(fault.reason().unwrap_or_else(|| "it can't be invoked".to_owned()))
    })
}

/// What an answer is kept under: AWS's own key, and the version of the function, so that one that was changed is asked
/// anew. `None`: it isn't kept.
fn key(
    journey: &Journey,
    authorizer: &LambdaAuthorizer,
    function: &Version,
    identity: &[String],
) -> Option<VerdictKey> {
    if authorizer.ttl.is_zero() || identity.is_empty() {
        return None;
    }
    let mut key = VerdictKey::default();
    key.push(journey.api.id.as_str().as_bytes());
    key.push(journey.stage.name.as_bytes());
    key.push(&journey.stage.authorizer_resets.to_le_bytes());
    key.push(authorizer.id.as_bytes());
    key.push(&function.serial.to_le_bytes());
    identity.iter().for_each(|value| key.push(value.as_bytes()));
    Some(key)
}

impl Verdict {
    /// `Err`: what is wrong with it, for the log.
    fn read(invoked: &Invoked, simple: bool) -> Result<Self, String> {
        if invoked.error.is_some() {
            return Err(error_text(&invoked.payload));
        }
        if invoked.payload.len() > MOST_RESULT {
            return Err("its result is larger than 8 KB".to_owned());
        }
        let malformed = |error: serde_json::Error| format!("its result is malformed: {error}");
        if simple {
            let Simple { is_authorized, context } =
                serde_json::from_slice(&invoked.payload).map_err(malformed)?;
            return Ok(Self { ruling: Ruling::Simple(is_authorized), grant: grant(context, None) });
        }
        let Full { principal_id, policy, context } =
            serde_json::from_slice(&invoked.payload).map_err(malformed)?;
        Ok(Self { ruling: Ruling::Policy(policy), grant: grant(context, Some(principal_id)) })
    }

    /// What it means for a request with this ARN.
    fn on(&self, arn: &str) -> Result<Identity, Fault> {
        let decision = match &self.ruling {
            Ruling::Simple(true) => Decision::Allowed,
            Ruling::Simple(false) => Decision::Denied,
            Ruling::Policy(policy) => policy.decide(arn),
        };
        match decision {
            Decision::Allowed => Ok(Identity::Lambda(Arc::clone(&self.grant))),
            Decision::Denied => Err(Fault::Forbidden("the authorizer denies it".to_owned())),
            Decision::Silent => {
                Err(Fault::Forbidden(format!("the authorizer's policy says nothing of {arn}")))
            }
        }
    }
}

/// A result with `enableSimpleResponses`.
#[derive(Deserialize)]
struct Simple {
    #[serde(rename = "isAuthorized")]
    is_authorized: bool,
    context: Option<Map<String, Value>>,
}

/// A result without.
#[derive(Deserialize)]
struct Full {
    #[serde(rename = "principalId")]
    principal_id: String,
    #[serde(rename = "policyDocument")]
    policy: Policy,
    context: Option<Map<String, Value>>,
}

fn grant(context: Option<Map<String, Value>>, principal_id: Option<String>) -> Arc<Grant> {
    let nested = context.map_or(Value::Null, Value::Object);
    let spelled = nested.to_string().into();
    let mut flat = match nested {
        Value::Object(context) => context,
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) => Map::new(),
    };
    flat.extend(principal_id.map(|id| ("principalId".to_owned(), Value::String(id))));
    Arc::new(Grant { context: spelled, flat: Value::Object(flat).to_string().into() })
}
