//! APIs with a definition of the user's: `DefinitionBody`, or `DefinitionUri` for one in a bucket. Then the definition
//! alone says what the API has, and events of functions only give API Gateway the permission to call them.

use serde_json::{Map, Value};

use super::declared::Declared;
use super::{location, unsupported, wrong};
use crate::control::answer::Error;

/// The properties that give one.
pub const PROPERTIES: [&str; 2] = ["DefinitionBody", "DefinitionUri"];

/// The property of the API that has the definition, and its value; `None`: events make the API. `merged` are properties
/// that SAM would write into the definition, and that are not emulated beside one.
///
/// # Errors
/// There are two definitions, one has no form, or one is to be merged with what is not emulated.
pub fn of(declared: &Declared, merged: &[&str]) -> Result<Option<(&'static str, Value)>, Error> {
    let id = &declared.id;
    let definition = match PROPERTIES.map(|name| declared.properties.get(name)) {
        [None, None] => return Ok(None),
        [Some(_), Some(_)] => {
            return Err(wrong(
                id,
                "Specify either 'DefinitionUri' or 'DefinitionBody' property and not both.",
            ));
        }
        [Some(body), None] => ("Body", body.clone()),
        [None, Some(uri)] => ("BodyS3Location", place(location(id, "DefinitionUri", uri)?)),
    };
    match merged.iter().find(|property| declared.properties.contains_key(**property)) {
        Some(property) => Err(unsupported(id, format_args!("{property} beside a definition of the API"))),
        None => Ok(Some(definition)),
    }
}

/// `{"S3Bucket": …}` as APIs say it: `{"Bucket": …}`.
fn place(location: Value) -> Value {
    let named = [("S3Bucket", "Bucket"), ("S3Key", "Key"), ("S3ObjectVersion", "Version")];
    let members =
        named.into_iter().filter_map(|(from, to)| Some((to.to_owned(), location.get(from)?.clone())));
    Value::Object(members.collect::<Map<_, _>>())
}
