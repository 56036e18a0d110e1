//! `canarySettings`: a second deployment for a share of a stage's requests.

use serde_json::Value;

use super::super::patch::{Op, Patch};
use super::super::read::strings as read_strings;
use super::{check_deployment, set_variable, update};
use crate::control::Context;
use crate::control::answer::Error;
use crate::control::input::{Input, bad_request};
use crate::control::members::{Members, strings};
use crate::model::RestApi;
use crate::model::rest::{Canary, Stage};

/// What CreateStage and CreateDeployment say of it; `deployment` is the stage's own.
pub fn read(input: &Input, deployment: &str, context: &Context) -> Result<Canary, Error> {
    let mut canary = new(input.text("deploymentId")?.as_deref().unwrap_or(deployment));
    if let Some(percent) = input.rate("percentTraffic")? {
        canary.percent_traffic = check_percent(percent)?;
    }
    for (name, value) in read_strings(input, "stageVariableOverrides")?.unwrap_or_default() {
        set_variable(&mut canary.stage_variable_overrides, &name, &value, context)?;
    }
    canary.use_stage_cache = input.boolean("useStageCache")?.unwrap_or_default();
    Ok(canary)
}

/// As answers show it.
pub fn show(canary: &Canary) -> Value {
    let overrides = &canary.stage_variable_overrides;
    Members::default()
        .with("deploymentId", canary.deployment_id.as_str())
        .with("percentTraffic", canary.percent_traffic)
        .maybe("stageVariableOverrides", (!overrides.is_empty()).then(|| strings(overrides)))
        .with("useStageCache", canary.use_stage_cache)
        .done()
}

/// `add` and `replace` on a path under `/canarySettings`. What is not there yet begins with the stage's deployment.
pub fn set(
    stage: &mut Stage,
    api: &RestApi,
    rest: &[&str],
    patch: &Patch,
    context: &Context,
) -> Result<(), Error> {
    let mut canary = stage.canary.clone().unwrap_or_else(|| new(&stage.deployment_id));
    match *rest {
        ["stageVariableOverrides", name] => {
            set_variable(&mut canary.stage_variable_overrides, name, patch.text(), context)?;
        }
        ["deploymentId" | "percentTraffic" | "useStageCache"] if patch.op != Op::Replace => {
            let (op, path) = (patch.op.as_str(), &patch.path);
            return Err(bad_request(format!("Invalid {op} operation with path: {path}")));
        }
        ["deploymentId"] => {
            check_deployment(api, patch.text())?;
            canary.deployment_id = patch.text().to_owned();
        }
        ["percentTraffic"] => {
            let percent = patch.text().parse().ok().filter(|percent: &f64| percent.is_finite());
            canary.percent_traffic = check_percent(percent.unwrap_or(-1.0))?;
        }
        ["useStageCache"] => canary.use_stage_cache = patch.boolean(),
        _ => return Err(update::unknown_path(patch)),
    }
    stage.canary = Some(canary);
    Ok(())
}

/// `remove` on such a path: the canary itself, its overrides, or one of them.
pub fn remove(stage: &mut Stage, rest: &[&str]) -> Result<(), Error> {
    match (rest, stage.canary.as_mut()) {
        ([], _) => stage.canary = None,
        (["stageVariableOverrides"], Some(canary)) => canary.stage_variable_overrides.clear(),
        (["stageVariableOverrides", name], Some(canary)) => {
            canary.stage_variable_overrides.remove(*name);
        }
        (rest, _) => return Err(update::nothing_to_remove("canarySettings", rest)),
    }
    Ok(())
}

/// `copy`: promotes what the canary has.
pub fn copy(stage: &mut Stage, patch: &Patch) -> Result<(), Error> {
    let from = patch.from.as_deref().unwrap_or_default();
    let copies_deployment = match (patch.path.as_str(), from) {
        ("/deploymentId", "/canarySettings/deploymentId") => true,
        ("/variables", "/canarySettings/stageVariableOverrides") => false,
        (path, from) => {
            return Err(bad_request(format!(
                "Invalid copy operation with path: {path} and from {from}. Valid copy:path are [/deploymentId, /variables] \
                 and valid copy:from are [/canarySettings/deploymentId, /canarySettings/stageVariableOverrides]"
            )));
        }
    };
    let Some(canary) = &stage.canary else {
        return Err(bad_request("Promotion not available. Canary does not exist."));
    };
    match copies_deployment {
        true => stage.deployment_id.clone_from(&canary.deployment_id),
        false => stage.variables.extend(canary.stage_variable_overrides.clone()),
    }
    Ok(())
}

fn new(deployment: &str) -> Canary {
    Canary {
        deployment_id: deployment.to_owned(),
        percent_traffic: 0.0,
        stage_variable_overrides: Default::default(),
        use_stage_cache: false,
    }
}

fn check_percent(percent: f64) -> Result<f64, Error> {
    match (0.0..=100.0).contains(&percent) {
        true => Ok(percent),
        false => Err(bad_request("Invalid percentTraffic specified. Must be between 0.0 and 100.0")),
    }
}
