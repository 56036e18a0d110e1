//! Who may call a route of an HTTP API: asked after throttling and before the integration.
//!
//! ```text
//! Journey::begin ─ ask ─┬─ who it is ──────────────────────────┬─> Journey::integrate
//!                       ├─ wait ─> answer ─> judge ─ who it is ┘
//!                       └─ 401, 403, 500 <──────┘
//! ```
//!
//! Who waits for an issuer's keys is not given an answer, but begins again when they are here.

mod lambda;

use super::super::effect::Answer;
use super::super::exchange::{Asker, Identity, Journey, Next, Step};
use super::super::fault::Fault;
use super::super::signer::signer;
use super::super::verdicts::Verdicts;
use super::issuers::Issuers;
use super::jwt;
use crate::base::Now;
use crate::live::Access;
use lambda::Verdict;

/// What requests to apis are signed for.
const SERVICE: &str = "execute-api";

/// What authorizers remember from one request to the next.
#[derive(Default)]
pub(in super::super) struct Authorizers {
    pub(super) issuers: Issuers,
    verdicts: Verdicts<Verdict>,
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
        Access::Lambda(authorizer) => lambda::ask(journey, authorizer, asker, &mut authorizers.verdicts),
        Access::Iam => {
            journey.arn()?;
            let to = (&*journey.api.owner.region, SERVICE);
            let principal = signer(&journey.live, &journey.request, to, asker.now)?;
            Ok(Next::Done(Identity::Iam(Box::new(principal))))
        }
        Access::Closed(why) => Err(Fault::Authorizer(why.clone())),
    }
}

/// The same, after an answer to what was waited for.
pub(in super::super) fn judge(
    journey: &Journey,
    step: Step,
    answer: Answer,
    now: Now,
    authorizers: &mut Authorizers,
) -> Result<Next<Identity>, Fault> {
    match &journey.route().access {
        Access::Lambda(authorizer) => {
            let invoked = lambda::invoked(step, answer)?;
            lambda::judge(journey, authorizer, &invoked, now, &mut authorizers.verdicts).map(Next::Done)
        }
        Access::Open | Access::Jwt(..) | Access::Iam | Access::Closed(_) => {
            debug_assert!(false, "nothing is waited for on the way to {}", journey.route().key);
            Err(Fault::Authorizer("an answer to something else".to_owned()))
        }
    }
}
