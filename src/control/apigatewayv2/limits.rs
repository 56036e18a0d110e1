//! How much there may be of each resource. AWS's quotas hold under `--parity aws`; otherwise ours, which only keep
//! a client in a loop from filling the memory.

use super::{Error, conflict};
use crate::model::Settings;
use crate::model::settings::Parity;

/// A bounded resource.
#[derive(Clone, Copy, Debug)]
pub struct Limit {
    resource: &'static str,
    aws: usize,
    ours: usize,
}

/// AWS: 600 per region.
pub const APIS: Limit = Limit { resource: "APIs", aws: 600, ours: 10_000 };
/// AWS: 300 per api.
pub const ROUTES: Limit = Limit { resource: "routes per API", aws: 300, ours: 3_000 };
/// AWS: 300 per api.
pub const INTEGRATIONS: Limit = Limit { resource: "integrations per API", aws: 300, ours: 3_000 };
/// AWS: 10 per api.
pub const AUTHORIZERS: Limit = Limit { resource: "authorizers per API", aws: 10, ours: 100 };
/// AWS documents none for WebSocket APIs; each is compiled for each stage.
pub const MODELS: Limit = Limit { resource: "models per API", aws: 300, ours: 300 };
/// AWS documents none.
pub const INTEGRATION_RESPONSES: Limit = Limit { resource: "responses per integration", aws: 300, ours: 300 };
/// AWS: 10 per api.
pub const STAGES: Limit = Limit { resource: "stages per API", aws: 10, ours: 100 };
/// AWS documents none; each holds a snapshot.
pub const DEPLOYMENTS: Limit = Limit { resource: "deployments per API", aws: 1_000, ours: 1_000 };
/// AWS: 100 per stage.
pub const STAGE_VARIABLES: Limit = Limit { resource: "variables per stage", aws: 100, ours: 1_000 };

impl Limit {
    /// Whether one more than `existing` may be made.
    ///
    /// # Errors
    /// The limit is reached.
    pub fn check(self, existing: usize, settings: &Settings) -> Result<(), Error> {
        let most = match settings.parity {
            Parity::Aws => self.aws,
            Parity::LocalStack => self.ours,
        };
        if existing < most {
            return Ok(());
        }
        Err(conflict(format!("Limit exceeded: at most {most} {}", self.resource)))
    }
}
