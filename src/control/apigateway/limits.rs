//! How much there may be of each resource.

use crate::control::answer::Error;
use crate::control::limit::Limit;
use crate::model::Settings;

/// AWS: 600 per region.
pub const APIS: Limit = Limit { resource: "APIs", aws: 600, ours: 10_000 };
/// AWS: 300 per api.
pub const RESOURCES: Limit = Limit { resource: "resources per API", aws: 300, ours: 3_000 };
/// AWS: 60 per api.
pub const MODELS: Limit = Limit { resource: "models per API", aws: 60, ours: 300 };
/// AWS: 10 per api.
pub const STAGES: Limit = Limit { resource: "stages per API", aws: 10, ours: 100 };
/// AWS: 10,000 per region.
pub const API_KEYS: Limit = Limit { resource: "API keys", aws: 10_000, ours: 100_000 };
/// AWS: 300 per region.
pub const USAGE_PLANS: Limit = Limit { resource: "usage plans", aws: 300, ours: 1_000 };
/// AWS documents none; each holds a snapshot.
pub const DEPLOYMENTS: Limit = Limit { resource: "deployments per API", aws: 1_000, ours: 1_000 };
/// AWS: 100 per stage.
pub const STAGE_VARIABLES: Limit = Limit { resource: "variables per stage", aws: 100, ours: 1_000 };
/// AWS documents none.
pub const METHOD_SETTINGS: Limit = Limit { resource: "method settings per stage", aws: 3_000, ours: 3_000 };
/// AWS documents none.
pub const BINARY_MEDIA_TYPES: Limit = Limit { resource: "binary media types per API", aws: 300, ours: 300 };
/// AWS documents none; of a map or list that a method or an integration has.
pub const ENTRIES: Limit = Limit { resource: "entries", aws: 1_000, ours: 1_000 };

/// Whether one more than `existing` may be made.
///
/// # Errors
/// The limit is reached.
pub fn check(limit: Limit, existing: usize, settings: &Settings) -> Result<(), Error> {
    limit.check(existing, settings).map_err(|message| Error::new(429, "LimitExceededException", message))
}
