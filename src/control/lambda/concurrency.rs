//! Reserved concurrency.

use std::sync::Arc;

use serde_json::json;

use super::members::Members;
use super::refusal::{self, Constraints};
use super::{function, named};
use crate::control::Context;
use crate::control::answer::{Answer, Error};
use crate::control::call::Call;
use crate::model::arn::FunctionRef;
use crate::model::function::{Function, LATEST, Version};
use crate::model::{Owner, Store};

/// AWS: of an account in a region, by default.
pub const ACCOUNT: u32 = 1000;

/// AWS: what reservations must leave to the other functions.
const MIN_UNRESERVED: u32 = 100;

/// PutFunctionConcurrency
pub fn put(store: &mut Store, _: &Context, call: &Call) -> Result<Answer, Error> {
    let named = whole(call)?;
    let members = Members::of(call)?;
    // That the function isn't there is said first, and as of its `$LATEST`.
    named::function(store, &FunctionRef { qualifier: Some(LATEST.into()), ..named.clone() })?;
    let said = members.integer("ReservedConcurrentExecutions")?;
    let mut constraints = Constraints::default();
    constraints.required(said.as_ref(), "reservedConcurrentExecutions");
    constraints.range(said, "reservedConcurrentExecutions", 0, i64::MAX);
    constraints.end()?;
    let others = reserved(store, &named.owner, Some(&named.name));
    let wanted = said.and_then(|said| u32::try_from(said).ok()).unwrap_or(u32::MAX);
    if others.saturating_add(wanted) > ACCOUNT - MIN_UNRESERVED {
        return Err(refusal::invalid(format!(
            "Specified ReservedConcurrentExecutions for function decreases account's UnreservedConcurrentExecution \
             below its minimum value of [{MIN_UNRESERVED}]."
        )));
    }
    reserve(named::function_mut(store, &named)?, Some(wanted));
    Ok(Answer::ok(json!({ "ReservedConcurrentExecutions": wanted })))
}

/// GetFunctionConcurrency
pub fn get(store: &mut Store, _: &Context, call: &Call) -> Result<Answer, Error> {
    let named = whole(call)?;
    Ok(Answer::ok(match named::function(store, &named)?.reserved_concurrency {
        Some(reserved) => json!({ "ReservedConcurrentExecutions": reserved }),
        None => json!({}),
    }))
}

/// DeleteFunctionConcurrency
pub fn delete(store: &mut Store, _: &Context, call: &Call) -> Result<Answer, Error> {
    let named = whole(call)?;
    reserve(named::function_mut(store, &named)?, None);
    Ok(Answer::no_content())
}

/// What the functions of an owner, but one, have reserved.
pub fn reserved(store: &Store, owner: &Owner, but: Option<&str>) -> u32 {
    let others = function::of_owner(store, owner).filter(|function| Some(function.name.as_str()) != but);
    others.filter_map(|function| function.reserved_concurrency).sum()
}

/// Sets the limit of all versions together. Their workers stay.
fn reserve(function: &mut Function, reserved: Option<u32>) {
    let limited = |version: &Arc<Version>| Arc::new(Version { concurrency: reserved, ..(**version).clone() });
    function.reserved_concurrency = reserved;
    function.latest = limited(&function.latest);
    function.versions.values_mut().for_each(|version| *version = limited(version));
}

/// The function that is named, without a qualifier.
fn whole(call: &Call) -> Result<FunctionRef, Error> {
    let named = named::named_alone(call)?;
    if named.qualifier.is_some() {
        return Err(refusal::invalid(
            "This operation is permitted on Lambda functions only. Aliases and versions do not support this \
             operation. Please specify either a function name or an unqualified function ARN.",
        ));
    }
    Ok(named)
}
