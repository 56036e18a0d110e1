//! Systems Manager: its parameters, and nothing else of it.
//!
//! Nothing is encrypted. A `SecureString` is kept in clear, and shown without `WithDecryption` as
//! `kms:{key}:{value}`, as LocalStack does.

mod history;
mod list;
mod name;
mod parameter;
mod tag;
mod unsupported;

use serde_json::{Map, Value, json};

use super::answer::Error;
use super::call::Call;
use super::operation::Operation;
use crate::model::ssm::{Parameter, Version};

pub use unsupported::UNSUPPORTED;

/// What is emulated.
pub const OPERATIONS: &[Operation] = &[
    Operation::action("AddTagsToResource", tag::add),
    Operation::action("DeleteParameter", parameter::delete),
    Operation::action("DeleteParameters", parameter::delete_many),
    Operation::action("DescribeParameters", list::describe),
    Operation::action("GetParameter", parameter::get),
    Operation::action("GetParameterHistory", history::get),
    Operation::action("GetParameters", parameter::get_many),
    Operation::action("GetParametersByPath", list::by_path),
    Operation::action("ListTagsForResource", tag::list),
    Operation::action("PutParameter", parameter::put),
    Operation::action("RemoveTagsFromResource", tag::remove),
];

/// A parameter as GetParameter shows it.
fn shown(parameter: &Parameter, version: &Version, decrypt: bool, selector: Option<&str>) -> Value {
    let mut members = json!({
        "Name": parameter.name,
        "Type": version.kind,
        "Value": value(version, decrypt),
        "Version": version.number,
        "LastModifiedDate": seconds(version.modified_ms),
        "ARN": name::arn(parameter),
        "DataType": version.data_type,
    });
    if let Some(selector) = selector {
        members["Selector"] = selector.into();
    }
    members
}

/// What both DescribeParameters and GetParameterHistory say of a version.
fn metadata(parameter: &Parameter, version: &Version, call: &Call) -> Map<String, Value> {
    let mut members = Map::new();
    let mut put = |name: &str, value: Value| members.insert(name.into(), value);
    put("Name", parameter.name.as_str().into());
    put("Type", version.kind.into());
    put("LastModifiedDate", seconds(version.modified_ms));
    put("LastModifiedUser", format!("arn:aws:iam::{}:root", call.owner.account).into());
    put("Version", version.number.into());
    put("Tier", version.tier.into());
    put("Policies", json!([]));
    put("DataType", version.data_type.as_str().into());
    for (name, value) in [
        ("Description", &version.description),
        ("KeyId", &version.key_id),
        ("AllowedPattern", &version.allowed_pattern),
    ] {
        if let Some(value) = value {
            put(name, value.as_str().into());
        }
    }
    members
}

fn value(version: &Version, decrypt: bool) -> String {
    match &version.key_id {
        Some(key) if !decrypt => format!("kms:{key}:{}", version.value),
        Some(_) | None => version.value.clone(),
    }
}

/// A time as the JSON protocol writes it: seconds since 1970, with milliseconds behind the point.
fn seconds(unix_ms: u64) -> Value {
    (unix_ms as f64 / 1000.0).into()
}

fn not_found(name: &str) -> Error {
    Error::new(400, "ParameterNotFound", format!("Parameter {name} not found."))
}
