//! Stages.

pub mod canary;
pub mod settings;
pub mod update;

use serde_json::{Map, Value, json};

use super::violations::Violations;
use super::{conflict, edit, find, limits, not_found, read};
use crate::control::Context;
use crate::control::answer::{Answer, Error};
use crate::control::apigatewayv2::tags;
use crate::control::call::Call;
use crate::control::input::{Input, bad_request};
use crate::control::members::{Members, strings};
use crate::model::rest::Stage;
use crate::model::{RestApi, Store};

pub use canary::read as canary;

/// AWS: names of 1 to 128 characters.
const MAX_NAME: usize = 128;
/// In gigabytes.
const CACHE_SIZES: &[&str] = &["0.5", "1.6", "6.1", "13.5", "28.4", "58.2", "118", "237"];

/// CreateStage
pub fn create(store: &mut Store, context: &Context, call: &Call) -> Result<Answer, Error> {
    let input = Input::of(call)?;
    let (name, deployment) = (input.text("stageName")?, input.text("deploymentId")?);
    let mut found = Violations::default();
    found.required("createStageInput.stageName", name.is_some());
    found.required("createStageInput.deploymentId", deployment.is_some());
    found.check()?;
    let (name, deployment) = (name.unwrap_or_default(), deployment.unwrap_or_default());
    edit(store, call, |api, _| {
        if api.stages.contains_key(&name) {
            return Err(conflict("Stage already exists"));
        }
        let mut stage = new(api, &name, &deployment, call.now.unix_seconds(), context)?;
        stage.description = input.text("description")?;
        stage.documentation_version = input.text("documentationVersion")?;
        stage.tags = tags::read(&input)?;
        apply(&mut stage, &input, context)?;
        if let Some(given) = input.object("canarySettings")? {
            let canary = canary(&given, &stage.deployment_id, context)?;
            check_deployment(api, &canary.deployment_id)?;
            stage.canary = Some(canary);
        }
        let answer = Answer::created(show(&stage));
        api.stages.insert(name, stage);
        Ok(answer)
    })
}

/// GetStage
pub fn get(store: &mut Store, _: &Context, call: &Call) -> Result<Answer, Error> {
    let stage = find(store, call)?.stages.get(call.path("stage_name")).ok_or_else(unknown)?;
    Ok(Answer::ok(show(stage)))
}

/// GetStages: all, or those of one deployment. They come on one page.
pub fn list(store: &mut Store, _: &Context, call: &Call) -> Result<Answer, Error> {
    let deployment = call.query("deploymentId");
    let stages = find(store, call)?.stages.values();
    let stages = stages.filter(|stage| deployment.is_none_or(|id| stage.deployment_id == id));
    Ok(Answer::ok(json!({ "item": stages.map(show).collect::<Vec<_>>() })))
}

/// DeleteStage
pub fn delete(store: &mut Store, _: &Context, call: &Call) -> Result<Answer, Error> {
    if store.is_mapped(call.path("restapi_id"), Some(call.path("stage_name"))) {
        return Err(bad_request(
            "Please remove all base path mappings related to the stage in your domains.",
        ));
    }
    let answer = edit(store, call, |api, _| {
        api.stages.remove(call.path("stage_name")).ok_or_else(unknown)?;
        Ok(Answer::empty(202))
    })?;
    store.leave_usage_plans(call.path("restapi_id"), Some(call.path("stage_name")));
    Ok(answer)
}

/// A stage of this name that serves this deployment, as yet outside of the api.
///
/// # Errors
/// The name is none, the deployment does not exist, or there are too many stages.
pub fn new(api: &RestApi, name: &str, deployment: &str, now: u64, context: &Context) -> Result<Stage, Error> {
    let of_name = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    if name.is_empty() || name.len() > MAX_NAME || !name.bytes().all(of_name) {
        return Err(bad_request("Stage name only allows a-zA-Z0-9_- and 1 to 128 of them"));
    }
    check_deployment(api, deployment)?;
    limits::check(limits::STAGES, api.stages.len(), &context.settings)?;
    Ok(Stage::new(name, deployment, now))
}

/// What CreateStage and CreateDeployment have in common.
pub fn apply(stage: &mut Stage, input: &Input, context: &Context) -> Result<(), Error> {
    if let Some(enabled) = input.boolean("cacheClusterEnabled")? {
        stage.cache_cluster_enabled = enabled;
    }
    if let Some(size) = input.text("cacheClusterSize")?.filter(|size| !size.is_empty()) {
        stage.cache_cluster_size = Some(cache_size(&size)?);
    }
    if let Some(enabled) = input.boolean("tracingEnabled")? {
        stage.tracing_enabled = enabled;
    }
    for (name, value) in read::strings(input, "variables")?.unwrap_or_default() {
        set_variable(&mut stage.variables, &name, &value, context)?;
    }
    Ok(())
}

/// The refusal of a name that no stage has.
pub fn unknown() -> Error {
    not_found("Invalid Stage identifier specified")
}

/// # Errors
/// There is no such deployment.
pub fn check_deployment(api: &RestApi, id: &str) -> Result<(), Error> {
    match api.deployments.contains_key(id) {
        true => Ok(()),
        false => Err(bad_request("Deployment id does not exist")),
    }
}

/// Sets a stage variable, or the override of one.
pub fn set_variable(
    variables: &mut std::collections::BTreeMap<String, String>,
    name: &str,
    value: &str,
    context: &Context,
) -> Result<(), Error> {
    let of_name = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    let of_value = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~:/?#&=,".contains(&byte);
    // AWS: names of up to 64 characters, values of up to 512.
    if name.is_empty() || name.len() > 64 || !name.bytes().all(of_name) {
        return Err(bad_request(format!(
            "Stage variable names have 1 to 64 letters, digits and underscores, but one is {name}"
        )));
    }
    if value.len() > 512 || !value.bytes().all(of_value) {
        return Err(bad_request(format!(
            "The value of the stage variable {name} must match [A-Za-z0-9-._~:/?#&=,]+ and have at most 512 characters"
        )));
    }
    if !variables.contains_key(name) {
        limits::check(limits::STAGE_VARIABLES, variables.len(), &context.settings)?;
    }
    variables.insert(name.to_owned(), value.to_owned());
    Ok(())
}

/// `cacheClusterSize`
pub fn cache_size(text: &str) -> Result<String, Error> {
    match CACHE_SIZES.contains(&text) {
        true => Ok(text.to_owned()),
        false => Err(bad_request(format!(
            "Invalid cache cluster size specified. Valid options are {}",
            CACHE_SIZES.join(",")
        ))),
    }
}

fn show(stage: &Stage) -> Value {
    let settings = stage.method_settings.iter();
    let settings: Map<_, _> = settings.map(|(key, setting)| (key.clone(), settings::show(setting))).collect();
    let log = stage.access_log.as_ref().map(|log| {
        Members::default()
            .maybe("destinationArn", log.destination_arn.as_deref())
            .maybe("format", log.format.as_deref())
            .done()
    });
    let cache_status = if stage.cache_cluster_enabled { "AVAILABLE" } else { "NOT_AVAILABLE" };
    Members::default()
        .with("stageName", stage.name.as_str())
        .with("deploymentId", stage.deployment_id.as_str())
        .maybe("description", stage.description.as_deref())
        .with("cacheClusterEnabled", stage.cache_cluster_enabled)
        .maybe("cacheClusterSize", stage.cache_cluster_size.as_deref())
        .with("cacheClusterStatus", cache_status)
        .maybe("clientCertificateId", stage.client_certificate_id.as_deref())
        .maybe("documentationVersion", stage.documentation_version.as_deref())
        .with("methodSettings", settings)
        .maybe("variables", (!stage.variables.is_empty()).then(|| strings(&stage.variables)))
        .maybe("accessLogSettings", log)
        .maybe("canarySettings", stage.canary.as_ref().map(canary::show))
        .with("tracingEnabled", stage.tracing_enabled)
        .maybe("tags", (!stage.tags.is_empty()).then(|| strings(&stage.tags)))
        .with("createdDate", stage.created)
        .with("lastUpdatedDate", stage.updated)
        .done()
}
