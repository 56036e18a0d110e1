//! Deployments: snapshots of what an api serves, made by hand or by `autoDeploy`.

use std::sync::Arc;

use serde_json::Value;

use super::{Members, edit, find, limits, new_id, page, stage, unknown};
use crate::base::clock::iso8601;
use crate::base::{Now, Rng};
use crate::control::Context;
use crate::control::answer::{Answer, Error};
use crate::control::call::Call;
use crate::control::input::{Input, bad_request};
use crate::model::api::{Deployment, Protocol};
use crate::model::{Api, Store};

/// AWS's own words, on every deployment that `autoDeploy` made.
const AUTO_DESCRIPTION: &str = "Automatic deployment triggered by changes to the Api configuration";

/// CreateDeployment
pub fn create(store: &mut Store, context: &Context, call: &Call) -> Result<Answer, Error> {
    let input = Input::of(call)?;
    let description = input.string("description", 0..=1024)?;
    let stage_name = input.string("stageName", 1..=128)?;
    edit(store, call, |api, rng| {
        if api.routes.is_empty() {
            return Err(bad_request(no_routes(api.protocol)));
        }
        limits::check(limits::DEPLOYMENTS, api.deployments.len(), &context.settings)?;
        let id = deploy(api, rng, call.now, description);
        if let Some(name) = stage_name {
            let stage = api.stages.get_mut(&name).ok_or_else(stage::unknown)?;
            if stage.auto_deploy == Some(true) {
                return Err(bad_request(AUTO_DEPLOYED_STAGE));
            }
            stage.deployment_id = Some(id.clone());
            stage.updated = call.now.unix_seconds();
            stage.last_deployment_message = Some(deployed(&id));
        }
        Ok(Answer::created(show(&api.deployments[&id])))
    })
}

/// Said to those who want to choose the deployment of a stage that chooses by itself.
pub const AUTO_DEPLOYED_STAGE: &str = "Deployment ID cannot be set on a stage because AutoDeploy is enabled";

/// GetDeployment
pub fn get(store: &mut Store, _: &Context, call: &Call) -> Result<Answer, Error> {
    let id = call.path("deploymentId");
    let deployment = find(store, call)?.deployments.get(id).ok_or_else(|| unknown("Deployment", id))?;
    Ok(Answer::ok(show(deployment)))
}

/// GetDeployments
pub fn list(store: &mut Store, context: &Context, call: &Call) -> Result<Answer, Error> {
    let deployments = find(store, call)?.deployments.iter();
    page::of(context, call, deployments.map(|(id, deployment)| (id.as_str(), deployment)), show)
}

/// UpdateDeployment: its description; what it froze stays.
pub fn update(store: &mut Store, _: &Context, call: &Call) -> Result<Answer, Error> {
    let description = Input::of(call)?.string("description", 0..=1024)?;
    edit(store, call, |api, _| {
        let id = call.path("deploymentId");
        let deployment = api.deployments.get_mut(id).ok_or_else(|| unknown("Deployment", id))?;
        deployment.description = description.or(deployment.description.take());
        Ok(Answer::ok(show(deployment)))
    })
}

/// DeleteDeployment, unless a stage serves it.
pub fn delete(store: &mut Store, _: &Context, call: &Call) -> Result<Answer, Error> {
    edit(store, call, |api, _| {
        let id = call.path("deploymentId");
        let served = api.stages.values().find(|stage| stage.deployment_id.as_deref() == Some(id));
        if let Some(stage) = served {
            return Err(bad_request(format!(
                "Active stages pointing to this deployment must be moved or deleted: {}",
                stage.name
            )));
        }
        api.deployments.remove(id).ok_or_else(|| unknown("Deployment", id))?;
        Ok(Answer::no_content())
    })
}

/// Deploys to the stages with `autoDeploy`. Deployments of an earlier time that no stage serves any more go.
pub fn auto_deploy(api: &mut Api, rng: &mut Rng, now: Now) {
    if !api.stages.values().any(|stage| stage.auto_deploy == Some(true)) {
        return;
    }
    let id = (!api.routes.is_empty()).then(|| {
        let id = deploy(api, rng, now, Some(AUTO_DESCRIPTION.into()));
        api.deployments.get_mut(&id).expect("made just before").auto_deployed = true;
        id
    });
    let no_routes = no_routes(api.protocol);
    for stage in api.stages.values_mut().filter(|stage| stage.auto_deploy == Some(true)) {
        match &id {
            Some(id) => {
                stage.deployment_id = Some(id.clone());
                stage.updated = now.unix_seconds();
                stage.last_deployment_message = Some(deployed(id));
            }
            // The stage keeps what it serves.
            None => stage.last_deployment_message = Some(format!("Deployment attempt failed: {no_routes}")),
        }
    }
    let stages = &api.stages;
    api.deployments.retain(|id, deployment| {
        !deployment.auto_deployed || stages.values().any(|stage| stage.deployment_id.as_ref() == Some(id))
    });
}

/// AWS's words for an api that has nothing to deploy.
fn no_routes(protocol: Protocol) -> &'static str {
    match protocol {
        Protocol::Http => "Unable to deploy API because no routes exist in this API",
        Protocol::WebSocket => "At least one route is required before deploying the Api.",
    }
}

fn deploy(api: &mut Api, rng: &mut Rng, now: Now, description: Option<String>) -> String {
    let id = new_id(rng, 6, &api.deployments);
    let deployment = Deployment {
        id: id.clone(),
        auto_deployed: false,
        description,
        created: now.unix_seconds(),
        snapshot: Arc::new(api.snapshot()),
    };
    api.deployments.insert(id.clone(), deployment);
    id
}

fn deployed(id: &str) -> String {
    format!("Successfully deployed stage with deployment ID '{id}'")
}

fn show(deployment: &Deployment) -> Value {
    Members::default()
        .with("deploymentId", deployment.id.as_str())
        .with("autoDeployed", deployment.auto_deployed)
        .with("createdDate", iso8601(deployment.created))
        .with("deploymentStatus", "DEPLOYED")
        .maybe("description", deployment.description.as_deref())
        .done()
}
