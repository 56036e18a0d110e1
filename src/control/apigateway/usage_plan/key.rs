//! The keys of a usage plan.

use std::sync::Arc;

use serde_json::Value;

use super::super::violations::Violations;
use super::super::{api_key, conflict, not_found};
use super::find;
use crate::control::Context;
use crate::control::answer::{Answer, Error};
use crate::control::call::Call;
use crate::control::input::{Input, bad_request};
use crate::control::members::Members;
use crate::model::Store;
use crate::model::usage::{ApiKey, ApiStage, Member, Meter, UsagePlan};

/// CreateUsagePlanKey
pub fn create(store: &mut Store, _: &Context, call: &Call) -> Result<Answer, Error> {
    let input = Input::of(call)?;
    let (id, kind) = (input.text("keyId")?, input.text("keyType")?);
    let mut found = Violations::default();
    found.required("createUsagePlanKeyInput.keyId", id.is_some());
    found.required("createUsagePlanKeyInput.keyType", kind.is_some());
    found.check()?;
    let plan = find(store, &call.owner, call.path("usageplanId"))?;
    if kind.as_deref() != Some("API_KEY") {
        return Err(bad_request("Invalid key type specified. Valid options are API_KEY"));
    }
    let key = api_key::find(store, &call.owner, &id.unwrap_or_default())?;
    if plan.keys.contains_key(&key.id) {
        return Err(conflict(format!("API Key {} is already in Usage Plan {}", key.id, plan.id)));
    }
    check(store, plan, &plan.stages, &key.id)?;
    let (answer, plan, id) = (Answer::created(show(key)), plan.id.clone(), key.id.clone());
    join(store, &plan, &id);
    Ok(answer)
}

/// GetUsagePlanKey
pub fn get(store: &mut Store, _: &Context, call: &Call) -> Result<Answer, Error> {
    Ok(Answer::ok(show(named(store, call)?)))
}

/// GetUsagePlanKeys: the newest first. A plan that is not there has none.
pub fn list(store: &mut Store, context: &Context, call: &Call) -> Result<Answer, Error> {
    let plan = find(store, &call.owner, call.path("usageplanId")).ok();
    let members = plan.iter().flat_map(|plan| &plan.keys);
    let keys = members
        .filter_map(|(id, member)| Some((member.serial, store.usage.keys.get(id)?)))
        .filter(|(_, key)| api_key::is_named(key, call.query("name")));
    api_key::newest_first(context, call, keys.collect(), show)
}

/// DeleteUsagePlanKey
pub fn delete(store: &mut Store, _: &Context, call: &Call) -> Result<Answer, Error> {
    let id = named(store, call)?.id.clone();
    if let Some(plan) = store.usage.plans.get_mut(call.path("usageplanId")) {
        plan.keys.remove(&id);
    }
    changed(store, &id);
    Ok(Answer::empty(202))
}

/// Puts a key into a plan. One that is there already stays as it is.
pub fn join(store: &mut Store, plan: &str, key: &str) {
    let serial = store.serial();
    if let Some(plan) = store.usage.plans.get_mut(plan) {
        let member = || Member { serial, meter: Arc::new(Meter::default()) };
        plan.keys.entry(key.to_owned()).or_insert_with(member);
    }
    changed(store, key);
}

/// What the key opens has changed.
pub fn changed(store: &mut Store, key: &str) {
    if let Some(key) = store.usage.keys.get(key) {
        store.changed.api_keys.insert((key.owner.clone(), key.value.clone()));
    }
}

/// # Errors
/// Another plan of the key has one of the stages: which of them would count is then not said.
pub fn check(store: &Store, plan: &UsagePlan, stages: &[ApiStage], key: &str) -> Result<(), Error> {
    let mut others = store.usage.plans.values();
    let shared = others
        .by_ref()
        .filter(|other| other.id != plan.id && other.keys.contains_key(key))
        .find_map(|other| stages.iter().find(|stage| other.leads_to(stage.api.as_str(), Some(&stage.stage))));
    match shared {
        None => Ok(()),
        Some(ApiStage { api, stage, .. }) => Err(conflict(format!(
            "Usage Plan {} cannot be added because API Key {key} cannot reference multiple Usage Plans with the same API \
             stage: {api}:{stage}",
            plan.id
        ))),
    }
}

/// The key that the call's path names, in the plan that it names.
fn named<'a>(store: &'a Store, call: &Call) -> Result<&'a ApiKey, Error> {
    let plan = find(store, &call.owner, call.path("usageplanId"))?;
    let key = api_key::find(store, &call.owner, call.path("keyId"))?;
    match plan.keys.contains_key(&key.id) {
        true => Ok(key),
        false => Err(not_found("Invalid API Key identifier specified")),
    }
}

fn show(key: &ApiKey) -> Value {
    Members::default()
        .with("id", key.id.as_str())
        .with("type", "API_KEY")
        .with("value", key.value.as_str())
        .maybe("name", key.name.as_deref())
        .done()
}
