//! How much there may be of each resource.

use super::{Error, conflict};
use crate::control::limit::Limit;
use crate::model::Settings;

/// AWS: 600 per region.
pub const APIS: Limit = Limit { resource: "APIs", aws: 600, ours: 10_000 };
/// AWS: 300 per api.
pub const ROUTES: Limit = Limit { resource: "routes per API", aws: 300, ours: 3_000 };
/// AWS: 300 per api.
pub const INTEGRATIONS: Limit = Limit { resource: "integrations per API", aws: 300, ours: 3_000 };
/// AWS: 10 per api.
pub const AUTHORIZERS: Limit = Limit { resource: "authorizers per API", aws: 10, ours: 100 };
/// AWS: 50 per authorizer.
pub const AUDIENCES: Limit = Limit { resource: "audiences per authorizer", aws: 50, ours: 500 };
/// AWS: 10 per route.
pub const SCOPES: Limit = Limit { resource: "scopes per route", aws: 10, ours: 100 };
/// AWS documents none for WebSocket APIs; each is compiled for each stage.
pub const MODELS: Limit = Limit { resource: "models per API", aws: 300, ours: 300 };
/// AWS documents none.
pub const INTEGRATION_RESPONSES: Limit = Limit { resource: "responses per integration", aws: 300, ours: 300 };
/// AWS: 10 per api.
pub const STAGES: Limit = Limit { resource: "stages per API", aws: 10, ours: 100 };
/// AWS: 120 per region.
pub const DOMAIN_NAMES: Limit = Limit { resource: "custom domain names", aws: 120, ours: 1_000 };
/// AWS: 200 per domain name.
pub const API_MAPPINGS: Limit = Limit { resource: "API mappings per domain name", aws: 200, ours: 1_000 };
/// AWS: 50 per domain name.
pub const ROUTING_RULES: Limit = Limit { resource: "routing rules per domain name", aws: 50, ours: 500 };
/// AWS documents none; each holds a snapshot.
pub const DEPLOYMENTS: Limit = Limit { resource: "deployments per API", aws: 1_000, ours: 1_000 };
/// AWS: 100 per stage.
pub const STAGE_VARIABLES: Limit = Limit { resource: "variables per stage", aws: 100, ours: 1_000 };
/// AWS: 10 per region.
pub const VPC_LINKS: Limit = Limit { resource: "VPC links", aws: 10, ours: 100 };
/// Ours: each may have texts of 32 KB.
pub const PORTALS: Limit = Limit { resource: "portals", aws: 100, ours: 100 };
/// Ours.
pub const PORTAL_PRODUCTS: Limit = Limit { resource: "portal products", aws: 100, ours: 100 };
/// Ours, of each kind.
pub const PRODUCT_PAGES: Limit = Limit { resource: "pages per portal product", aws: 100, ours: 100 };

/// Whether one more than `existing` may be made.
///
/// # Errors
/// The limit is reached.
pub fn check(limit: Limit, existing: usize, settings: &Settings) -> Result<(), Error> {
    limit.check(existing, settings).map_err(conflict)
}
