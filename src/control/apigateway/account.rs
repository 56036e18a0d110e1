//! What an account says of API Gateway in a region.

use serde_json::{Value, json};

use super::patch::{Op, Patch};
use crate::control::Context;
use crate::control::answer::{Answer, Error};
use crate::control::call::Call;
use crate::control::input::bad_request;
use crate::control::members::Members;
use crate::model::Store;

/// GetAccount
pub fn get(store: &mut Store, _: &Context, call: &Call) -> Result<Answer, Error> {
    Ok(Answer::ok(show(store.log_roles.get(&call.owner).map(String::as_str))))
}

/// UpdateAccount: the role by which API Gateway writes logs. It is stored and returned.
pub fn update(store: &mut Store, _: &Context, call: &Call) -> Result<Answer, Error> {
    let patches = Patch::read(call)?;
    let mut role = store.log_roles.get(&call.owner).cloned();
    for patch in &patches {
        match patch.path.as_str() {
            "/cloudwatchRoleArn" => {
                patch.must_be(&[Op::Add, Op::Remove, Op::Replace])?;
                role = patch.member();
                if role.as_ref().is_some_and(|arn| !arn.starts_with("arn:")) {
                    return Err(bad_request("The role ARN is not well formed"));
                }
            }
            // Usage plans are always on.
            "/features" => patch.must_be(&[Op::Add])?,
            _ => return Err(patch.unknown_path()),
        }
    }
    let answer = Answer::ok(show(role.as_deref()));
    match role {
        Some(role) => store.log_roles.insert(call.owner.clone(), role),
        None => store.log_roles.remove(&call.owner),
    };
    Ok(answer)
}

/// AWS's defaults.
fn show(role: Option<&str>) -> Value {
    Members::default()
        .maybe("cloudwatchRoleArn", role)
        .with("throttleSettings", json!({ "burstLimit": 5000, "rateLimit": 10_000.0 }))
        .with("features", ["UsagePlans"].as_slice())
        .with("apiKeyVersion", "4")
        .done()
}
