//! What only WebSocket APIs have: a file for each resource, and one for each kind of text that they say things in.

pub mod expression;
pub mod integration;
pub mod integration_response;
pub mod model;
pub mod parameters;
pub mod route;
pub mod route_response;
pub mod sample;
pub mod template;

use super::{Error, Input, bad_request};
use crate::model::Api;
use crate::model::api::Protocol;

/// Refuses what an api of the other kind doesn't have.
fn check_protocol(api: &Api, resource: &str) -> Result<(), Error> {
    match api.protocol {
        Protocol::WebSocket => Ok(()),
        Protocol::Http => {
            Err(bad_request(format!("{resource} are not supported for an API with a protocol type of HTTP")))
        }
    }
}

/// Refuses members that only HTTP APIs have: an api that has one would do something else than it says.
pub(super) fn refuse_members(input: &Input, names: &[&str]) -> Result<(), Error> {
    match names.iter().find(|name| input.has(name)) {
        Some(name) => {
            Err(bad_request(format!("{name} is not supported for an API with a protocol type of WEBSOCKET")))
        }
        None => Ok(()),
    }
}

/// Takes a text that is given; an empty one takes away what there was.
fn set(member: &mut Option<String>, given: Option<String>) {
    if let Some(text) = given {
        *member = Some(text).filter(|text| !text.is_empty());
    }
}
