//! UpdateUsagePlan.

use std::collections::BTreeMap;

use super::super::not_found;
use super::super::patch::{Op, Patch, unescaped};
use super::{Draft, find, is_stage, key, put, show_with_tags};
use crate::control::Context;
use crate::control::answer::{Answer, Error};
use crate::control::call::Call;
use crate::control::input::bad_request;
use crate::model::usage::{ApiStage, Quota, Rate, UsagePlan};
use crate::model::{ApiId, Store};

/// As AWS lists what can be removed, `apidId` and all.
const REMOVABLE: &str = "/apiStages, /quota, /throttle, /productCode, \
    /apiStages/<apidId:stageName>/throttle/<resourcePath>/<httpMethod>, /apiStages/<apidId:stageName>/throttle";
/// In the same manner, as we know no list of AWS's.
const SETTABLE: &str = "/apiStages, /name, /description, /productCode, /quota/limit, /quota/offset, /quota/period, \
    /throttle/rateLimit, /throttle/burstLimit, \
    /apiStages/<apidId:stageName>/throttle/<resourcePath>/<httpMethod>/rateLimit, \
    /apiStages/<apidId:stageName>/throttle/<resourcePath>/<httpMethod>/burstLimit";

/// UpdateUsagePlan
pub fn update(store: &mut Store, _: &Context, call: &Call) -> Result<Answer, Error> {
    let patches = Patch::read(call)?;
    let mut plan = find(store, &call.owner, call.path("usageplanId"))?.clone();
    let mut quota = plan.quota.map(|Quota { limit, offset, period }| Draft {
        limit: Some(limit),
        offset: Some(offset),
        period: Some(period.as_str().to_owned()),
    });
    for patch in &patches {
        let segments = patch.segments();
        match (patch.op, &segments[..]) {
            (Op::Add, ["apiStages"]) => add_stage(store, &mut plan, patch)?,
            (Op::Remove, ["apiStages"]) => {
                let (api, stage) = named(patch.text())?;
                let at = plan.position(api, stage).ok_or_else(|| unknown_stage(&plan, api, stage))?;
                plan.stages.remove(at);
            }
            (Op::Add | Op::Replace | Op::Remove, ["apiStages", name, "throttle", rest @ ..]) => {
                let name = unescaped(name);
                let (api, stage) = named(&name)?;
                let at = plan.position(api, stage).ok_or_else(|| unknown_stage(&plan, api, stage))?;
                of_method(&mut plan.stages[at].throttle, rest, patch)?;
            }
            (Op::Add | Op::Replace, ["name"]) => plan.name = patch.text().to_owned(),
            (Op::Add | Op::Replace | Op::Remove, ["description"]) => plan.description = patch.member(),
            (Op::Add | Op::Replace | Op::Remove, ["productCode"]) => plan.product_code = patch.member(),
            (Op::Remove, ["throttle"]) => plan.throttle = None,
            (Op::Add | Op::Replace, ["throttle", member]) => {
                set(plan.throttle.get_or_insert_default(), member, patch)?;
            }
            (Op::Remove, ["quota"]) => quota = None,
            (Op::Add | Op::Replace, ["quota", member]) => {
                let quota = quota.get_or_insert_default();
                match *member {
                    "limit" => quota.limit = Some(number(patch)?),
                    "offset" => quota.offset = Some(number(patch)?),
                    "period" => quota.period = Some(patch.text().to_owned()),
                    _ => return Err(unknown_path(patch)),
                }
            }
            (Op::Add | Op::Replace | Op::Remove | Op::Copy | Op::Move | Op::Test, _) => {
                return Err(unknown_path(patch));
            }
        }
    }
    if plan.name.is_empty() {
        return Err(bad_request("Usage Plan name cannot be blank"));
    }
    plan.quota = quota.map(Draft::finish).transpose()?;
    let answer = Answer::ok(show_with_tags(&plan));
    put(store, plan);
    Ok(answer)
}

fn add_stage(store: &Store, plan: &mut UsagePlan, patch: &Patch) -> Result<(), Error> {
    let (api, stage) = named(patch.text())?;
    if !is_stage(store, &plan.owner, api, stage) {
        return Err(unknown_stage(plan, api, stage));
    }
    // One that is there already stays as it is.
    if plan.position(api, stage).is_some() {
        return Ok(());
    }
    let new = ApiStage { api: ApiId::new(api), stage: stage.to_owned(), throttle: BTreeMap::new() };
    plan.keys.keys().try_for_each(|key| key::check(store, plan, std::slice::from_ref(&new), key))?;
    plan.stages.push(new);
    Ok(())
}

/// What is said of one method, whose path Terraform writes with its slashes as they are: `/pets/GET/rateLimit`.
fn of_method(throttle: &mut BTreeMap<String, Rate>, rest: &[&str], patch: &Patch) -> Result<(), Error> {
    let (path, member) = match (patch.op, rest) {
        (Op::Remove, []) => {
            throttle.clear();
            return Ok(());
        }
        (Op::Remove, [path @ .., "rateLimit" | "burstLimit"]) => (path, None),
        (Op::Remove, path) => (path, None),
        (Op::Add | Op::Replace | Op::Copy | Op::Move | Op::Test, [path @ .., member]) => {
            (path, Some(*member))
        }
        (Op::Add | Op::Replace | Op::Copy | Op::Move | Op::Test, []) => return Err(unknown_path(patch)),
    };
    let [resource @ .., method] = path else { return Err(unknown_path(patch)) };
    let resource = unescaped(&resource.join("/"));
    let key = format!("/{}/{method}", resource.trim_start_matches('/'));
    match member {
        None => drop(throttle.remove(&key)),
        Some(member) => {
            let mut rate = throttle.get(&key).copied().unwrap_or_default();
            set(&mut rate, member, patch)?;
            throttle.insert(key, rate);
        }
    }
    Ok(())
}

fn set(rate: &mut Rate, member: &str, patch: &Patch) -> Result<(), Error> {
    match member {
        "rateLimit" => {
            let number = patch.text().parse().ok().filter(|rate: &f64| rate.is_finite() && *rate >= 0.0);
            rate.rate = Some(number.ok_or_else(|| invalid(patch))?);
        }
        "burstLimit" => rate.burst = Some(number(patch)?),
        _ => return Err(unknown_path(patch)),
    }
    Ok(())
}

fn number(patch: &Patch) -> Result<i64, Error> {
    patch
        .text()
        .parse::<u32>()
        .ok()
        .filter(|number| *number <= i32::MAX as u32)
        .map(i64::from)
        .ok_or_else(|| invalid(patch))
}

fn invalid(patch: &Patch) -> Error {
    bad_request(format!("Invalid value {} specified for {}", patch.text(), patch.path))
}

/// Api and stage of `{api}:{stage}`.
fn named(text: &str) -> Result<(&str, &str), Error> {
    let halves = text.split_once(':').filter(|(api, stage)| !api.is_empty() && !stage.is_empty());
    halves.ok_or_else(|| bad_request("Invalid API Stage specified"))
}

fn unknown_stage(plan: &UsagePlan, api: &str, stage: &str) -> Error {
    not_found(format!("Invalid API Stage {{api: {api}, stage: {stage}}} specified for usageplan {}", plan.id))
}

fn unknown_path(patch: &Patch) -> Error {
    let (path, op) = (&patch.path, patch.op.as_str());
    let among = if patch.op == Op::Remove { REMOVABLE } else { SETTABLE };
    bad_request(format!("Invalid patch path  '{path}' specified for op '{op}'. Must be one of: [{among}]"))
}
