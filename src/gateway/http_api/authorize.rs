//! Who may call a route of an HTTP API: asked after throttling and before the integration.
//!
//! ```text
//! Journey::begin ─ ask ─┬─ who it is ──────────────────────────┬─> Journey::integrate
//!                       ├─ wait ─> answer ─> judge ─ who it is ┘
//!                       └─ 401, 403, 500 <──────┘
//! ```
//!
//! Who waits for an issuer's keys is not given an answer, but begins again when they are here.

use super::super::effect::Answer;
use super::super::exchange::{Asker, Identity, Journey, Next, Step};
use super::super::fault::Fault;
use super::issuers::Issuers;
use super::jwt;
use crate::live::Access;

/// What authorizers remember from one request to the next.
#[derive(Default)]
pub(in super::super) struct Authorizers {
    pub(super) issuers: Issuers,
}

/// Who asks, as far as the route wants to know it; or what has to be waited for.
pub(in super::super) fn ask(
    journey: &Journey,
    access: &Access,
    asker: &mut Asker<'_>,
    authorizers: &mut Authorizers,
) -> Result<Next<Identity>, Fault> {
    match access {
        Access::Open => Ok(Next::Done(Identity::Unknown)),
        Access::Jwt(authorizer, scopes) => {
            jwt::ask(journey, authorizer, scopes, asker, &mut authorizers.issuers)
        }
        Access::Lambda(_) => {
            Err(Fault::Authorizer("gatelet does not have Lambda authorizers yet".to_owned()))
        }
        Access::Iam => Err(Fault::Forbidden("gatelet does not verify signatures yet".to_owned())),
        Access::Closed(why) => Err(Fault::Authorizer(why.clone())),
    }
}

/// The same, after an answer to what was waited for.
pub(in super::super) fn judge(
    journey: &Journey,
    step: Step,
    answer: Answer,
) -> Result<Next<Identity>, Fault> {
    step.taken(answer)?;
    debug_assert!(false, "nothing is waited for on the way to {}", journey.route().key);
    Err(Fault::Authorizer("an answer to something else".to_owned()))
}
