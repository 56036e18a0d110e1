//! Deployments: snapshots of what an api serves.

use std::sync::Arc;

use serde_json::{Map, Value, json};

use super::patch::{Op, Patch};
use super::{edit, find, limits, new_id, not_found, page, stage};
use crate::control::Context;
use crate::control::answer::{Answer, Error};
use crate::control::call::Call;
use crate::control::input::{Input, bad_request};
use crate::control::members::Members;
use crate::model::rest::{Canary, Deployment, Snapshot};
use crate::model::{RestApi, Store};

/// CreateDeployment. With a `stageName` the stage serves it: one that is there, or a new one.
pub fn create(store: &mut Store, context: &Context, call: &Call) -> Result<Answer, Error> {
    let input = Input::of(call)?;
    let description = input.text("description")?;
    edit(store, call, |api, rng| {
        check_complete(api)?;
        limits::check(limits::DEPLOYMENTS, api.deployments.len(), &context.settings)?;
        let deployment = Deployment {
            id: new_id(rng, 6, &api.deployments),
            description,
            created: call.now.unix_seconds(),
            snapshot: Arc::new(api.snapshot()),
        };
        let id = deployment.id.clone();
        let answer = Answer::created(show(&deployment));
        api.deployments.insert(id.clone(), deployment);
        match input.object("canarySettings")? {
            Some(canary) => release_canary(api, &input, &canary, id, call, context)?,
            None => serve(api, &input, id, call, context)?,
        }
        Ok(answer)
    })
}

/// GetDeployment
pub fn get(store: &mut Store, _: &Context, call: &Call) -> Result<Answer, Error> {
    let api = find(store, call)?;
    let deployment = api.deployments.get(call.path("deployment_id")).ok_or_else(unknown)?;
    let mut members = show(deployment);
    let embeds = |name: &str| name.split(',').any(|name| name.trim() == "apisummary");
    if call.query_all("embed").any(embeds) {
        members["apiSummary"] = summary(&deployment.snapshot);
    }
    Ok(Answer::ok(members))
}

/// GetDeployments, the newest first.
pub fn list(store: &mut Store, context: &Context, call: &Call) -> Result<Answer, Error> {
    let deployments = find(store, call)?.deployments.values();
    let key = |deployment: &Deployment| format!("{:020}{}", u64::MAX - deployment.created, deployment.id);
    let mut deployments: Vec<_> = deployments.map(|deployment| (key(deployment), deployment)).collect();
    deployments.sort_unstable_by(|(a, _), (b, _)| a.cmp(b));
    page::of(context, call, deployments.iter().map(|(key, deployment)| (key.as_str(), *deployment)), show)
}

/// UpdateDeployment: its description; what it froze stays.
pub fn update(store: &mut Store, _: &Context, call: &Call) -> Result<Answer, Error> {
    let patches = Patch::read(call)?;
    edit(store, call, |api, _| {
        let deployment = api.deployments.get_mut(call.path("deployment_id")).ok_or_else(unknown)?;
        for patch in &patches {
            if patch.path != "/description" {
                return Err(patch.unknown_path());
            }
            patch.must_be(&[Op::Replace])?;
            deployment.description = patch.member();
        }
        Ok(Answer::ok(show(deployment)))
    })
}

/// DeleteDeployment, unless a stage serves it.
pub fn delete(store: &mut Store, _: &Context, call: &Call) -> Result<Answer, Error> {
    edit(store, call, |api, _| {
        let id = call.path("deployment_id");
        if !api.deployments.contains_key(id) {
            return Err(unknown());
        }
        let serves = |stage: &crate::model::rest::Stage| {
            stage.deployment_id == id
                || stage.canary.as_ref().is_some_and(|canary| canary.deployment_id == id)
        };
        if api.stages.values().any(serves) {
            return Err(bad_request("Active stages pointing to this deployment must be moved or deleted"));
        }
        api.deployments.remove(id);
        Ok(Answer::empty(202))
    })
}

fn unknown() -> Error {
    not_found("Invalid Deployment identifier specified")
}

fn check_complete(api: &RestApi) -> Result<(), Error> {
    let mut methods = api.resources.values().flat_map(|resource| resource.methods.values()).peekable();
    if methods.peek().is_none() {
        return Err(bad_request("The REST API doesn't contain any methods"));
    }
    match methods.all(|method| method.integration.is_some()) {
        true => Ok(()),
        false => Err(bad_request("No integration defined for method")),
    }
}

/// Lets the stage that was named serve a deployment, if one was named. A canary of it ends.
fn serve(api: &mut RestApi, input: &Input, id: String, call: &Call, context: &Context) -> Result<(), Error> {
    let Some(name) = input.text("stageName")?.filter(|name| !name.is_empty()) else { return Ok(()) };
    let now = call.now.unix_seconds();
    let mut stage = match api.stages.get(&name) {
        Some(stage) => stage.clone(),
        None => stage::new(api, &name, &id, now, context)?,
    };
    stage.deployment_id = id;
    stage.canary = None;
    stage.updated = now;
    if let Some(description) = input.text("stageDescription")? {
        stage.description = Some(description);
    }
    stage::apply(&mut stage, input, context)?;
    api.stages.insert(name, stage);
    Ok(())
}

/// Lets the stage that was named serve a deployment to a share of its clients.
fn release_canary(
    api: &mut RestApi,
    input: &Input,
    canary: &Input,
    id: String,
    call: &Call,
    context: &Context,
) -> Result<(), Error> {
    let invalid = |why: &str| bad_request(format!("Invalid deployment content specified.{why}"));
    let name = input.text("stageName")?;
    let needs_name = |found: &str| {
        invalid(&format!(
            "Non null and non empty stageName must be provided for canary deployment. Provided value is {found}"
        ))
    };
    let name = name.ok_or_else(|| needs_name("null"))?;
    if name.is_empty() {
        return Err(needs_name(""));
    }
    let stage = api.stages.get_mut(&name).ok_or_else(|| {
        invalid(&format!("Stage {name} must already be created before making a canary release deployment"))
    })?;
    stage.canary =
        Some(Canary { deployment_id: id, ..stage::canary(canary, &stage.deployment_id, context)? });
    stage.updated = call.now.unix_seconds();
    Ok(())
}

fn show(deployment: &Deployment) -> Value {
    Members::default()
        .with("id", deployment.id.as_str())
        .maybe("description", deployment.description.as_deref())
        .with("createdDate", deployment.created)
        .done()
}

/// `apiSummary`: who may call what.
fn summary(snapshot: &Snapshot) -> Value {
    let resources = snapshot.resources.values().filter(|resource| !resource.methods.is_empty());
    let resources = resources.map(|resource| {
        let methods = resource.methods.iter().map(|(name, method)| {
            let (authorization, key) = (method.authorization.as_str(), method.api_key_required);
            (name.clone(), json!({ "authorizationType": authorization, "apiKeyRequired": key }))
        });
        (resource.path.clone(), methods.collect::<Map<_, _>>().into())
    });
    resources.collect::<Map<_, Value>>().into()
}
