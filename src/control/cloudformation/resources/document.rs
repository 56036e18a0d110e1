//! API definitions as properties: in the template, or in an object of S3.

use serde_json::{Map, Value};

use super::super::template::{invalid, text_of};
use crate::control::answer::Error;
use crate::control::openapi::{MAX_DEFINITION, TAG_VALUE};
use crate::control::yaml::{self, Tags};
use crate::control::{Control, s3};

/// The document in the object that a property names: `{"Bucket": …, "Key": …}`.
///
/// # Errors
/// There is none, or it is neither JSON nor YAML.
pub fn fetch(control: &Control, place: &Value) -> Result<Value, Error> {
    let text = |name: &str| place.get(name).map(text_of).unwrap_or_default();
    let (bucket, key) = (text("Bucket"), text("Key"));
    // Former versions of objects are not kept: `null` is the id of the only one.
    if let Some(version) = place.get("Version").map(text_of).filter(|version| version != "null") {
        return Err(s3::refusal::no_version(&key, &version));
    }
    let bytes = s3::read_object(control, &bucket, &key, MAX_DEFINITION as u64)?;
    let text = String::from_utf8(bytes).map_err(|_| invalid(format!("s3://{bucket}/{key} is no text")))?;
    yaml::parse_any(&text, Tags::NONE).map_err(|why| invalid(format!("s3://{bucket}/{key}: {why}")))
}

/// What a property says of an api goes into its definition, at this place in it: properties win.
pub type Place = (&'static str, &'static [&'static str]);

/// Moves properties into the definition in `Body`.
pub fn fold(properties: &mut Map<String, Value>, places: &[Place]) {
    for (property, path) in places {
        let Some(value) = properties.remove(*property) else { continue };
        let Some((last, above)) = path.split_last() else { continue };
        let mut at = properties.get_mut("Body");
        for name in above {
            let members = at.and_then(Value::as_object_mut);
            at = members.map(|members| members.entry(*name).or_insert_with(|| Value::Object(Map::new())));
        }
        if let Some(Value::Object(members)) = at {
            members.insert((*last).to_owned(), value);
        }
    }
}

/// Adds tags to those of the definition in `Body`; they stay where they were, too.
pub fn tag(properties: &mut Map<String, Value>, tags: Map<String, Value>) {
    let Some(Value::Object(body)) = properties.get_mut("Body") else { return };
    let described = body.entry("tags").or_insert_with(|| Value::Array(Vec::new()));
    if let Value::Array(described) = described {
        let valued = |(name, value): (String, Value)| serde_json::json!({ "name": name, TAG_VALUE: value });
        described.extend(tags.into_iter().map(valued));
    }
}
