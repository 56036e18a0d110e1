//! Stages.

use serde_json::{Map, Value};

use super::{Members, conflict, deployment, edit, find, limits, not_found, page, settings, strings, tags};
use crate::base::Rng;
use crate::base::clock::iso8601;
use crate::control::Context;
use crate::control::answer::{Answer, Error};
use crate::control::call::Call;
use crate::control::input::{Input, bad_request};
use crate::model::api::{Protocol, Stage};
use crate::model::settings::Parity;
use crate::model::{Api, Settings, Store};

/// CreateStage
pub fn create(store: &mut Store, context: &Context, call: &Call) -> Result<Answer, Error> {
    let input = Input::of(call)?;
    let has_role = store.log_roles.contains_key(&call.owner);
    edit(store, call, |api, rng| {
        let name =
            input.string("stageName", 1..=128)?.ok_or_else(|| bad_request("Stage name is required"))?;
        check_name(&name)?;
        if api.stages.contains_key(&name) {
            return Err(conflict(format!("Stage already exists: {name}")));
        }
        limits::check(limits::STAGES, api.stages.len(), &context.settings)?;
        let mut stage = new(name, api.protocol, call.now.unix_seconds(), rng);
        stage.tags = tags::read(&input)?;
        apply(&mut stage, &input, api, context, has_role)?;
        let name = stage.name.clone();
        // A deployment that was named is served until the next change.
        let deploys = stage.auto_deploy == Some(true) && stage.deployment_id.is_none();
        api.stages.insert(name.clone(), stage);
        if deploys {
            deployment::auto_deploy(api, rng, call.now);
        }
        Ok(Answer::created(show(&api.stages[&name])))
    })
}

/// GetStage
pub fn get(store: &mut Store, _: &Context, call: &Call) -> Result<Answer, Error> {
    Ok(Answer::ok(show(named(find(store, call)?, call)?)))
}

/// GetStages
pub fn list(store: &mut Store, context: &Context, call: &Call) -> Result<Answer, Error> {
    let stages = find(store, call)?.stages.iter();
    page::of(context, call, stages.map(|(name, stage)| (name.as_str(), stage)), show)
}

/// UpdateStage
pub fn update(store: &mut Store, context: &Context, call: &Call) -> Result<Answer, Error> {
    let input = Input::of(call)?;
    let has_role = store.log_roles.contains_key(&call.owner);
    edit(store, call, |api, rng| {
        let mut stage = named(api, call)?.clone();
        if stage.managed {
            return Err(bad_request("The $default stage is managed by quick create and cannot be modified"));
        }
        let deployed_itself = stage.auto_deploy == Some(true);
        if input.has("deploymentId") && input.boolean("autoDeploy")?.unwrap_or(deployed_itself) {
            return Err(bad_request(deployment::AUTO_DEPLOYED_STAGE));
        }
        apply(&mut stage, &input, api, context, has_role)?;
        stage.updated = call.now.unix_seconds();
        let name = stage.name.clone();
        let deploys = stage.auto_deploy == Some(true) && !deployed_itself;
        api.stages.insert(name.clone(), stage);
        if deploys {
            deployment::auto_deploy(api, rng, call.now);
        }
        Ok(Answer::ok(show(&api.stages[&name])))
    })
}

/// DeleteStage
pub fn delete(store: &mut Store, _: &Context, call: &Call) -> Result<Answer, Error> {
    if store.is_mapped(call.path("apiId"), Some(call.path("stageName"))) {
        return Err(bad_request(
            "Deleting the stage failed. Please remove all API mappings for the stage from your custom domain names.",
        ));
    }
    let answer = edit(store, call, |api, _| {
        let name = named(api, call)?.name.clone();
        api.stages.remove(&name);
        Ok(Answer::no_content())
    })?;
    store.leave_usage_plans(call.path("apiId"), Some(call.path("stageName")));
    Ok(answer)
}

/// A stage of this name that serves nothing yet.
pub fn new(name: String, protocol: Protocol, now: u64, rng: &mut Rng) -> Stage {
    Stage {
        name,
        auto_deploy: None,
        deployment_id: None,
        description: None,
        variables: Default::default(),
        access_log: None,
        default_route_settings: settings::defaults(protocol),
        route_settings: Default::default(),
        client_certificate_id: None,
        tags: Default::default(),
        created: now,
        updated: now,
        last_deployment_message: None,
        managed: false,
        authorizer_resets: rng.u64(..) >> 1,
    }
}

/// The stage that the call's path names.
pub fn named<'a>(api: &'a Api, call: &Call) -> Result<&'a Stage, Error> {
    api.stages.get(call.path("stageName")).ok_or_else(unknown)
}

/// The refusal of a name that no stage has.
pub fn unknown() -> Error {
    not_found("Invalid stage identifier specified")
}

fn check_name(name: &str) -> Result<(), Error> {
    let of_name = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    if name == "$default" || name.bytes().all(of_name) {
        return Ok(());
    }
    Err(bad_request(format!(
        "Stage name {name} only allows letters, digits, hyphens and underscores, or must be $default"
    )))
}

fn apply(
    stage: &mut Stage,
    input: &Input,
    api: &Api,
    context: &Context,
    has_role: bool,
) -> Result<(), Error> {
    if let Some(auto) = input.boolean("autoDeploy")? {
        stage.auto_deploy = Some(auto);
    }
    if let Some(id) = input.text("deploymentId")? {
        if !api.deployments.contains_key(&id) {
            return Err(super::unknown("Deployment", &id));
        }
        stage.deployment_id = Some(id);
    }
    if let Some(description) = input.string("description", 0..=1024)? {
        stage.description = Some(description);
    }
    if let Some(id) = input.text("clientCertificateId")? {
        stage.client_certificate_id = Some(id);
    }
    if let Some(given) = input.map("stageVariables")? {
        merge_variables(stage, given, &context.settings)?;
    }
    settings::apply(stage, input, api)?;
    match context.settings.parity {
        Parity::Aws if input.has("accessLogSettings") => {
            settings::check_as_aws(stage, api.protocol, has_role, context)
        }
        Parity::Aws | Parity::LocalStack => Ok(()),
    }
}

/// Adds what is given; an empty value takes its name away.
fn merge_variables(
    stage: &mut Stage,
    given: std::collections::BTreeMap<String, String>,
    settings: &Settings,
) -> Result<(), Error> {
    for (name, value) in given {
        let of_name = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
        let of_value = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~:/?#&=,".contains(&byte);
        if name.is_empty() || name.len() > 64 || !name.bytes().all(of_name) {
            return Err(bad_request(format!(
                "Stage variable names have 1 to 64 letters, digits and underscores, but one is {name}"
            )));
        }
        if value.len() > 2048 || !value.bytes().all(of_value) {
            return Err(bad_request(format!(
                "The value of the stage variable {name} must match [A-Za-z0-9-._~:/?#&=,]+ and have at most 2048 characters"
            )));
        }
        if value.is_empty() {
            stage.variables.remove(&name);
        } else {
            if !stage.variables.contains_key(&name) {
                limits::check(limits::STAGE_VARIABLES, stage.variables.len(), settings)?;
            }
            stage.variables.insert(name, value);
        }
    }
    Ok(())
}

fn show(stage: &Stage) -> Value {
    let route_settings = stage.route_settings.iter();
    let route_settings: Map<_, _> =
        route_settings.map(|(key, settings)| (key.clone(), settings::show(settings))).collect();
    Members::default()
        .with("stageName", stage.name.as_str())
        .maybe("autoDeploy", stage.auto_deploy)
        .maybe("deploymentId", stage.deployment_id.as_deref())
        .maybe("description", stage.description.as_deref())
        .maybe("accessLogSettings", stage.access_log.as_ref().map(settings::show_access_log))
        .maybe("clientCertificateId", stage.client_certificate_id.as_deref())
        .with("defaultRouteSettings", settings::show(&stage.default_route_settings))
        .with("routeSettings", route_settings)
        .with("stageVariables", strings(&stage.variables))
        .with("tags", strings(&stage.tags))
        .with("createdDate", iso8601(stage.created))
        .with("lastUpdatedDate", iso8601(stage.updated))
        .maybe("lastDeploymentStatusMessage", stage.last_deployment_message.as_deref())
        .maybe("apiGatewayManaged", stage.managed.then_some(true))
        .done()
}
