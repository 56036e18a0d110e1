//! `methodSettings`: stored and returned; of them only throttling has an effect.

use serde_json::Value;

use super::super::limits;
use super::super::patch::Patch;
use super::update;
use crate::control::Context;
use crate::control::answer::Error;
use crate::control::input::bad_request;
use crate::control::members::Members;
use crate::model::rest::{MethodSetting, Stage, UnauthorizedCacheControl};

/// As AWS's console offers them.
const LEVELS: &[&str] = &["OFF", "ERROR", "INFO"];

/// The key of what holds for all methods.
const ALL: &str = "*/*";

/// `add` and `replace` on `/{resource path}/{method}/{group}/{name}`. A method's setting begins as what holds for all
/// methods then, and goes its own way: later changes of that one don't reach it (as recorded from AWS).
pub fn set(
    stage: &mut Stage,
    key: (&str, &str),
    name: (&str, &str),
    patch: &Patch,
    context: &Context,
) -> Result<(), Error> {
    let key = format!("{}/{}", key.0, key.1);
    let known = stage.method_settings.get(&key).or_else(|| stage.method_settings.get(ALL));
    let mut setting = known.cloned().unwrap_or_default();
    apply(&mut setting, name, patch)?;
    if !stage.method_settings.contains_key(&key) {
        limits::check(limits::METHOD_SETTINGS, stage.method_settings.len(), &context.settings)?;
    }
    stage.method_settings.insert(key, setting);
    Ok(())
}

/// As answers show it.
pub fn show(setting: &MethodSetting) -> Value {
    Members::default()
        .with("metricsEnabled", setting.metrics_enabled)
        .maybe("loggingLevel", setting.logging_level.as_deref())
        .with("dataTraceEnabled", setting.data_trace_enabled)
        .with("throttlingBurstLimit", setting.throttling_burst_limit)
        .with("throttlingRateLimit", setting.throttling_rate_limit)
        .with("cachingEnabled", setting.caching_enabled)
        .with("cacheTtlInSeconds", setting.cache_ttl_seconds)
        .with("cacheDataEncrypted", setting.cache_data_encrypted)
        .with("requireAuthorizationForCacheControl", setting.require_authorization_for_cache_control)
        .with("unauthorizedCacheControlHeaderStrategy", setting.unauthorized_cache_control.as_str())
        .done()
}

fn apply(setting: &mut MethodSetting, name: (&str, &str), patch: &Patch) -> Result<(), Error> {
    let text = patch.text();
    let invalid = || bad_request(format!("Invalid value for {}: {text}", patch.path));
    let whole = || text.parse::<i32>().ok().filter(|number| *number >= -1).ok_or_else(invalid);
    match name {
        ("metrics", "enabled") => setting.metrics_enabled = patch.boolean(),
        ("logging", "dataTrace") => setting.data_trace_enabled = patch.boolean(),
        ("logging", "loglevel") => {
            let level = LEVELS.iter().find(|level| **level == text).ok_or_else(invalid)?;
            setting.logging_level = Some((*level).to_owned());
        }
        ("throttling", "burstLimit") => setting.throttling_burst_limit = whole()?,
        ("throttling", "rateLimit") => {
            let rate = text.parse::<f64>().ok().filter(|rate| rate.is_finite() && *rate >= -1.0);
            setting.throttling_rate_limit = rate.ok_or_else(invalid)?;
        }
        ("caching", "enabled") => setting.caching_enabled = patch.boolean(),
        ("caching", "ttlInSeconds") => setting.cache_ttl_seconds = whole()?,
        ("caching", "dataEncrypted") => setting.cache_data_encrypted = patch.boolean(),
        ("caching", "requireAuthorizationForCacheControl") => {
            setting.require_authorization_for_cache_control = patch.boolean();
        }
        ("caching", "unauthorizedCacheControlHeaderStrategy") => {
            setting.unauthorized_cache_control = strategy(text).ok_or_else(invalid)?;
        }
        _ => return Err(update::unknown_path(patch)),
    }
    Ok(())
}

fn strategy(text: &str) -> Option<UnauthorizedCacheControl> {
    use UnauthorizedCacheControl::{Fail, SucceedWithHeader, SucceedWithoutHeader};
    let all = [Fail, SucceedWithHeader, SucceedWithoutHeader];
    super::super::spelled(&all, UnauthorizedCacheControl::as_str, text)
}
