//! What a stage says of its routes and of its access log, and what its authorizers have answered: live, not part of
//! deployments.

use serde_json::Value;

use super::{Members, edit, not_found, stage};
use crate::control::answer::{Answer, Error};
use crate::control::call::Call;
use crate::control::input::{Input, bad_request};
use crate::control::{Context, access_log};
use crate::model::api::{AccessLog, Protocol, RouteSettings, Stage};
use crate::model::{Api, Store};

/// DeleteRouteSettings
pub fn delete_route_settings(store: &mut Store, _: &Context, call: &Call) -> Result<Answer, Error> {
    edit_stage(store, call, |stage| {
        let key = call.path("routeKey");
        stage.route_settings.remove(key).ok_or_else(|| unknown_key(key))?;
        Ok(())
    })
}

/// DeleteAccessLogSettings
pub fn delete_access_log(store: &mut Store, _: &Context, call: &Call) -> Result<Answer, Error> {
    edit_stage(store, call, |stage| {
        stage.access_log = None;
        Ok(())
    })
}

/// ResetAuthorizersCache
pub fn reset_authorizers(store: &mut Store, _: &Context, call: &Call) -> Result<Answer, Error> {
    edit_stage(store, call, |stage| {
        stage.authorizer_resets += 1;
        Ok(())
    })
}

/// Reads what CreateStage and UpdateStage say of them.
pub fn apply(stage: &mut Stage, input: &Input, api: &Api) -> Result<(), Error> {
    if let Some(given) = input.object("accessLogSettings")? {
        stage.access_log = Some(read_access_log(&given)?);
    }
    if let Some(given) = input.object("defaultRouteSettings")? {
        let (given, defaults) = (read(&given, api.protocol)?, defaults(api.protocol));
        stage.default_route_settings = RouteSettings {
            data_trace_enabled: given.data_trace_enabled.or(defaults.data_trace_enabled),
            detailed_metrics_enabled: given.detailed_metrics_enabled.or(defaults.detailed_metrics_enabled),
            logging_level: given.logging_level.or(defaults.logging_level),
            ..given
        };
    }
    for (key, given) in input.objects("routeSettings")?.unwrap_or_default() {
        if !api.routes.values().any(|route| route.key.to_string() == key) {
            return Err(unknown_key(&key));
        }
        stage.route_settings.insert(key, read(&given, api.protocol)?);
    }
    Ok(())
}

/// Checks what only AWS asks of the access log that a call gives: its group must be there, its variables known, and
/// the account of a WebSocket API must have a role for logging.
pub fn check_as_aws(
    stage: &Stage,
    protocol: Protocol,
    has_role: bool,
    context: &Context,
) -> Result<(), Error> {
    let Some(AccessLog { destination_arn: Some(destination), format: Some(format) }) = &stage.access_log
    else {
        return Ok(());
    };
    access_log::check_variables(format, protocol)?;
    if protocol == Protocol::WebSocket && !has_role {
        return Err(bad_request(
            "CloudWatch Logs role ARN must be set in account settings to enable logging",
        ));
    }
    access_log::check_group_exists(destination, &context.logs())
}

/// What `defaultRouteSettings` answers with where nothing was said.
pub fn defaults(protocol: Protocol) -> RouteSettings {
    let metrics = RouteSettings { detailed_metrics_enabled: Some(false), ..RouteSettings::default() };
    match protocol {
        Protocol::Http => metrics,
        Protocol::WebSocket => {
            RouteSettings { data_trace_enabled: Some(false), logging_level: Some("OFF".into()), ..metrics }
        }
    }
}

/// As answers show them.
pub fn show(settings: &RouteSettings) -> Value {
    Members::default()
        .maybe("dataTraceEnabled", settings.data_trace_enabled)
        .maybe("detailedMetricsEnabled", settings.detailed_metrics_enabled)
        .maybe("loggingLevel", settings.logging_level.as_deref())
        .maybe("throttlingBurstLimit", settings.throttling_burst_limit)
        .maybe("throttlingRateLimit", settings.throttling_rate_limit)
        .done()
}

/// As answers show it.
pub fn show_access_log(log: &AccessLog) -> Value {
    Members::default()
        .maybe("destinationArn", log.destination_arn.as_deref())
        .maybe("format", log.format.as_deref())
        .done()
}

fn read(given: &Input, protocol: Protocol) -> Result<RouteSettings, Error> {
    let settings = RouteSettings {
        data_trace_enabled: given.boolean("dataTraceEnabled")?,
        detailed_metrics_enabled: given.boolean("detailedMetricsEnabled")?,
        logging_level: given.one_of("loggingLevel", &["ERROR", "INFO", "OFF"])?.map(str::to_owned),
        throttling_burst_limit: given.integer("throttlingBurstLimit", 0..=i64::from(i32::MAX))?,
        throttling_rate_limit: given.rate("throttlingRateLimit")?,
    };
    let logs = settings.logging_level.as_deref().is_some_and(|level| level != "OFF");
    match protocol {
        Protocol::Http if logs || settings.data_trace_enabled == Some(true) => {
            Err(bad_request("Execution logs are not supported on protocolType HTTP"))
        }
        Protocol::Http | Protocol::WebSocket => Ok(settings),
    }
}

fn read_access_log(given: &Input) -> Result<AccessLog, Error> {
    let destination = given.string("destinationArn", 1..=2048)?;
    let format = given.string("format", 1..=1024)?;
    let (Some(destination), Some(format)) = (destination, format) else {
        return Err(bad_request("Access Log value missing. Expected destinationArn and format."));
    };
    access_log::check_group(&destination)?;
    access_log::check_format(&format)?;
    Ok(AccessLog { destination_arn: Some(destination), format: Some(format) })
}

fn unknown_key(key: &str) -> Error {
    not_found(format!("Unable to find Route by key {key} within the provided RouteSettings"))
}

fn edit_stage(
    store: &mut Store,
    call: &Call,
    change: impl FnOnce(&mut Stage) -> Result<(), Error>,
) -> Result<Answer, Error> {
    edit(store, call, |api, _| {
        let stage = api.stages.get_mut(call.path("stageName")).ok_or_else(stage::unknown)?;
        change(stage)?;
        stage.updated = call.now.unix_seconds();
        Ok(Answer::no_content())
    })
}
