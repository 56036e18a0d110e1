//! Portals, portal products and their pages: kept as they are said, with ids, ARNs and states. What takes AWS a while
//! (publishing, previews) is done at once; nothing serves a portal.

pub mod pages;
pub mod portals;
pub mod products;
mod shape;

use super::{Members, limits, new_id, page, strings, tags, unknown};
use crate::control::call::Call;

/// `arn:aws:apigateway:us-east-1:000000000000:/portals/abc`
fn arn(call: &Call, path: &str) -> String {
    format!("arn:aws:apigateway:{}:{}:{path}", call.owner.region, call.owner.account)
}
