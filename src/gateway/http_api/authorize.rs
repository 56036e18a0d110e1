//! Who may call a route of an HTTP API: asked after throttling and before the integration.
//!
//! ```text
//! Journey::begin ─ ask ─┬─ who it is ──────────────────────────┬─> Journey::integrate
//!                       ├─ wait ─> answer ─> judge ─ who it is ┘
//!                       └─ 401, 403, 500 <──────┘
//! ```

use super::super::effect::Answer;
use super::super::exchange::{Identity, Journey, Next, Step};
use super::super::fault::{Challenge, Fault};
use super::super::mapping::Sources;
use crate::live::Access;

/// Who asks, as far as the route wants to know it; or what has to be waited for.
pub(in super::super) fn ask(journey: &Journey, access: &Access) -> Result<Next<Identity>, Fault> {
    match access {
        Access::Open => Ok(Next::Done(Identity::Unknown)),
        Access::Jwt(authorizer, _) => match Sources::of_request(journey).source(&authorizer.source) {
            None => Err(Fault::Challenged(Challenge::Missing)),
            Some(_) => Err(Fault::Authorizer("gatelet does not have JWT authorizers yet".to_owned())),
        },
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
