//! Members of V1's calls, refused in the words of AWS where their types are wrong.

use std::collections::BTreeMap;

use serde_json::Value;

use super::patch::unreadable;
use crate::base::map::try_map_of;
use crate::control::answer::Error;
use crate::control::input::{Input, bad_request};
use crate::model::rest::{ContentHandling, Templates};

/// Most entries of one map or list; ours, far above what an api needs.
const MAX_ENTRIES: usize = 1_000;

/// Text.
pub fn text(value: &Value) -> Result<&str, Error> {
    let class = match value {
        Value::String(text) => return Ok(text),
        Value::Bool(_) => "class java.lang.Boolean",
        Value::Number(_) => "class com.amazon.coral.value.json.numbers.TruncatingBigNumber",
        Value::Array(_) => return Err(unreadable("Start of list found where not expected")),
        Value::Object(_) => return Err(unreadable("Start of structure or map found where not expected.")),
        Value::Null => "null",
    };
    Err(unreadable(&format!("{class} can not be converted to an String")))
}

/// A map of strings.
pub fn strings(input: &Input, name: &str) -> Result<Option<BTreeMap<String, String>>, Error> {
    entries(input, name, |value| text(value).map(str::to_owned))
}

/// A map of strings, where `null` is an empty one.
pub fn templates(input: &Input, name: &str) -> Result<Option<Templates>, Error> {
    let read = entries(input, name, |value| match value {
        Value::Null => Ok(String::new()),
        value => text(value).map(str::to_owned),
    });
    let found = read?;
    match found.iter().flatten().find(|(kind, _)| !is_content_type(kind)) {
        Some((kind, _)) => Err(invalid_content_type(kind)),
        None => Ok(found),
    }
}

/// A map of booleans. Templates of CloudFormation spell them as text too.
pub fn booleans(input: &Input, name: &str) -> Result<Option<BTreeMap<String, bool>>, Error> {
    entries(input, name, |value| match value {
        Value::Bool(value) => Ok(*value),
        Value::String(text) if matches!(text.as_str(), "true" | "false") => Ok(text == "true"),
        Value::Null => Ok(false),
        Value::String(_) => Err(unreadable("class java.lang.String can not be converted to an Boolean")),
        Value::Number(_) | Value::Array(_) | Value::Object(_) => {
            Err(unreadable("Unexpected value type in payload: expected a Boolean"))
        }
    })
}

/// `contentHandling` as the wire spells it.
pub fn content_handling(text: &str) -> Option<ContentHandling> {
    [ContentHandling::ToBinary, ContentHandling::ToText].into_iter().find(|known| known.as_str() == text)
}

/// `{type}/{subtype}`
pub fn is_content_type(text: &str) -> bool {
    // AWS has one name besides: the template for all that have none.
    let halves = text.split_once('/').is_some_and(|(kind, rest)| !kind.is_empty() && !rest.is_empty());
    halves || text == "$default"
}

/// The refusal of a content type that is none.
pub fn invalid_content_type(text: &str) -> Error {
    bad_request(format!(
        "Validation Result: warnings : [], errors : [Invalid content type specified: {text}]"
    ))
}

/// The refusal of an expression that names nothing.
pub fn invalid_mapping(text: &str) -> Error {
    bad_request(format!(
        "Invalid mapping expression specified: Validation Result: warnings : [], errors : [Invalid mapping expression \
         specified: {text}]"
    ))
}

fn entries<T>(
    input: &Input,
    name: &str,
    read: impl Fn(&Value) -> Result<T, Error>,
) -> Result<Option<BTreeMap<String, T>>, Error> {
    let members = match input.value(name) {
        None => return Ok(None),
        Some(Value::Object(members)) => members,
        Some(_) => {
            return Err(unreadable(&format!("Unexpected value type in payload: {name} must be a map")));
        }
    };
    if members.len() > MAX_ENTRIES {
        return Err(bad_request(format!("{name} can have at most {MAX_ENTRIES} entries")));
    }
    try_map_of(members.iter().map(|(key, value)| Ok((key.clone(), read(value)?)))).map(Some)
}
