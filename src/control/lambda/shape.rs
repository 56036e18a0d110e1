//! A version of a function as answers show it.

use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};

use super::configuration::STORED_AS_IS;
use crate::base::clock::iso8601_millis;
use crate::base::ids::push_hex;
use crate::model::function::{LATEST, Version};

/// A version as lists show it, under the ARN by which it was asked for.
pub fn listed(version: &Version, arn: &str) -> Value {
    Value::Object(members(version, arn))
}

/// A version as the other answers show it. It is ready at once, so waiters never wait.
pub fn shown(version: &Version, arn: &str) -> Value {
    let mut shape = members(version, arn);
    shape.insert("State".into(), "Active".into());
    shape.insert("LastUpdateStatus".into(), "Successful".into());
    shape.insert("RuntimeVersionConfig".into(), json!({ "RuntimeVersionArn": runtime_arn(version) }));
    Value::Object(shape)
}

/// The object that `json!({…})` makes.
pub fn object(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(members) => members,
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) => Map::new(),
    }
}

fn members(version: &Version, arn: &str) -> Map<String, Value> {
    let log = log_config(version);
    let apply_on = version.stored.get("SnapStart").and_then(Value::as_str).unwrap_or("None");
    let optimized = if apply_on != "None" && version.version != LATEST { "On" } else { "Off" };
    let mut shape = object(json!({
        "FunctionName": version.name,
        "FunctionArn": arn,
        "Runtime": version.runtime,
        "Role": version.role,
        "Handler": version.handler,
        "CodeSize": version.code.size,
        "CodeSha256": version.code.sha256,
        "Description": version.description,
        "Timeout": version.timeout_s,
        "MemorySize": version.memory_mb,
        "LastModified": iso8601_millis(version.modified_ms),
        "Version": version.version,
        "TracingConfig": { "Mode": version.tracing },
        "RevisionId": version.revision_id,
        "PackageType": "Zip",
        "Architectures": version.architectures,
        "EphemeralStorage": { "Size": version.ephemeral_mb },
        "SnapStart": { "ApplyOn": apply_on, "OptimizationStatus": optimized },
        "LoggingConfig": log,
    }));
    if let Some(variables) = &version.environment {
        shape.insert("Environment".into(), json!({ "Variables": variables }));
    }
    if !version.layers.is_empty() {
        let layers = version.layers.iter();
        let layers = layers.map(|layer| json!({ "Arn": layer.arn(), "CodeSize": layer.code.size }));
        shape.insert("Layers".into(), layers.collect());
    }
    for name in STORED_AS_IS.iter().chain(&["VpcConfig"]) {
        if let Some(value) = version.stored.get(*name) {
            shape.insert((*name).into(), value.clone());
        }
    }
    shape
}

/// AWS names the build of a runtime by a hash; ours stays the same as long as the runtime does.
fn runtime_arn(version: &Version) -> String {
    let mut hash = String::with_capacity(64);
    Sha256::digest(version.runtime.as_bytes()).iter().for_each(|byte| push_hex(&mut hash, *byte));
    format!("arn:aws:lambda:{}::runtime:{hash}", version.owner.region)
}

fn log_config(version: &Version) -> Value {
    let said =
        |name: &str| version.stored.get("LoggingConfig").and_then(|logging| logging.get(name)).cloned();
    let group = &*version.log_group;
    let format = said("LogFormat").unwrap_or_else(|| "Text".into());
    if format == "Text" {
        return json!({ "LogFormat": format, "LogGroup": group });
    }
    let level = |name: &str| said(name).unwrap_or_else(|| "INFO".into());
    json!({
        "LogFormat": format,
        "LogGroup": group,
        "ApplicationLogLevel": level("ApplicationLogLevel"),
        "SystemLogLevel": level("SystemLogLevel"),
    })
}
