//! UpdateStage.

use super::super::edit;
use super::super::patch::{Op, Patch, unescaped};
use super::{cache_size, canary, check_deployment, set_variable, settings, show, unknown};
use crate::control::answer::{Answer, Error};
use crate::control::call::Call;
use crate::control::input::bad_request;
use crate::control::{Context, access_log};
use crate::model::rest::{AccessLog, Stage};
use crate::model::{RestApi, Store};

/// What AWS says that there is, missing commas and all.
const PATHS: &str = "/deploymentId, /description, /cacheClusterEnabled, /cacheClusterSize, /clientCertificateId, \
    /accessLogSettings, /accessLogSettings/destinationArn, /accessLogSettings/format, \
    /{resourcePath}/{httpMethod}/metrics/enabled, /{resourcePath}/{httpMethod}/logging/dataTrace, \
    /{resourcePath}/{httpMethod}/logging/loglevel, /{resourcePath}/{httpMethod}/throttling/burstLimit\
    /{resourcePath}/{httpMethod}/throttling/rateLimit/{resourcePath}/{httpMethod}/caching/ttlInSeconds, \
    /{resourcePath}/{httpMethod}/caching/enabled, /{resourcePath}/{httpMethod}/caching/dataEncrypted, \
    /{resourcePath}/{httpMethod}/caching/requireAuthorizationForCacheControl, \
    /{resourcePath}/{httpMethod}/caching/unauthorizedCacheControlHeaderStrategy, /*/*/metrics/enabled, \
    /*/*/logging/dataTrace, /*/*/logging/loglevel, /*/*/throttling/burstLimit /*/*/throttling/rateLimit \
    /*/*/caching/ttlInSeconds, /*/*/caching/enabled, /*/*/caching/dataEncrypted, \
    /*/*/caching/requireAuthorizationForCacheControl, /*/*/caching/unauthorizedCacheControlHeaderStrategy, \
    /variables/{variable_name}, /tracingEnabled";

/// UpdateStage
pub fn update(store: &mut Store, context: &Context, call: &Call) -> Result<Answer, Error> {
    let patches = Patch::read(call)?;
    edit(store, call, |api, _| {
        let mut stage = api.stages.get(call.path("stage_name")).ok_or_else(unknown)?.clone();
        for patch in &patches {
            match patch.op {
                Op::Add | Op::Replace => set(&mut stage, api, patch, context)?,
                Op::Remove => remove(&mut stage, patch)?,
                Op::Copy => canary::copy(&mut stage, patch)?,
                Op::Move | Op::Test => return Err(unknown_path(patch)),
            }
        }
        stage.updated = call.now.unix_seconds();
        let answer = Answer::ok(show(&stage));
        api.stages.insert(stage.name.clone(), stage);
        Ok(answer)
    })
}

/// The refusal of a path that a stage doesn't have.
pub fn unknown_path(patch: &Patch) -> Error {
    bad_request(format!("Invalid method setting path: {}. Must be one of: [{PATHS}]", patch.path))
}

/// The refusal to remove what is not there: AWS takes every path that it doesn't know for a method's.
pub fn nothing_to_remove(first: &str, rest: &[&str]) -> Error {
    let second = rest.first().copied().unwrap_or_default();
    bad_request(format!(
        "Cannot remove method setting {first}/{second} because there is no method setting for this method "
    ))
}

fn set(stage: &mut Stage, api: &RestApi, patch: &Patch, context: &Context) -> Result<(), Error> {
    let member = || patch.member();
    match patch.segments()[..] {
        ["deploymentId"] => {
            check_deployment(api, patch.text())?;
            stage.deployment_id = patch.text().to_owned();
        }
        ["description"] => stage.description = member(),
        ["cacheClusterEnabled"] => stage.cache_cluster_enabled = patch.boolean(),
        ["cacheClusterSize"] => {
            stage.cache_cluster_size = member().map(|size| cache_size(&size)).transpose()?;
        }
        ["clientCertificateId"] => stage.client_certificate_id = member(),
        ["documentationVersion"] => stage.documentation_version = member(),
        ["tracingEnabled"] => stage.tracing_enabled = patch.boolean(),
        ["variables", name] => {
            set_variable(&mut stage.variables, &unescaped(name), patch.text(), context)?;
        }
        ["accessLogSettings", ref rest @ ..] => set_access_log(stage, rest, patch)?,
        ["canarySettings", ref rest @ ..] => canary::set(stage, api, rest, patch, context)?,
        [path, method, group, name] => settings::set(stage, (path, method), (group, name), patch, context)?,
        _ => return Err(unknown_path(patch)),
    }
    Ok(())
}

fn remove(stage: &mut Stage, patch: &Patch) -> Result<(), Error> {
    match patch.segments()[..] {
        ["description"] => stage.description = None,
        ["cacheClusterSize"] => stage.cache_cluster_size = None,
        ["clientCertificateId"] => stage.client_certificate_id = None,
        ["documentationVersion"] => stage.documentation_version = None,
        ["accessLogSettings"] => stage.access_log = None,
        ["variables", name] => {
            stage.variables.remove(&unescaped(name));
        }
        ["canarySettings", ref rest @ ..] => canary::remove(stage, rest)?,
        [path, method] => {
            let setting = stage.method_settings.remove(&format!("{path}/{method}"));
            setting.ok_or_else(|| nothing_to_remove(path, &[method]))?;
        }
        [first, ref rest @ ..] => return Err(nothing_to_remove(first, rest)),
        [] => return Err(unknown_path(patch)),
    }
    Ok(())
}

fn set_access_log(stage: &mut Stage, rest: &[&str], patch: &Patch) -> Result<(), Error> {
    let mut log = stage.access_log.clone().unwrap_or(AccessLog { destination_arn: None, format: None });
    let member = match *rest {
        ["destinationArn"] => &mut log.destination_arn,
        ["format"] => &mut log.format,
        _ => {
            return Err(bad_request(
                "Invalid accessLogSettings path. Must be one of : [/accessLogSettings/destinationArn, \
                 /accessLogSettings/format]",
            ));
        }
    };
    if patch.text().is_empty() {
        return Err(bad_request("Access Log value must not be empty"));
    }
    match *rest {
        ["format"] => access_log::check_rest_format(patch.text())?,
        _ => access_log::check_destination(patch.text())?,
    }
    *member = Some(patch.text().to_owned());
    stage.access_log = Some(log);
    Ok(())
}
