//! The transform `AWS::Serverless-2016-10-31`: the template that a template of SAM stands for, as a function of nothing
//! but its text.
//!
//! ```text
//! declared: SAM's resources, with what `Globals` add
//!    ├── layer                                     layer versions
//!    ├── function ── role, alias, url, event       functions, whose events are routes of
//!    └── apis ── http_api, rest_api, definition    APIs, those too that only events imply
//! names: references to what is called otherwise now
//! ```
//!
//! Logical ids are SAM's own, and so is what resources are made with, with one difference: SAM writes the routes of an
//! API into an OpenAPI document that API Gateway imports, and here each is a resource. What SAM's translator knows and
//! this one does not is refused by name.

mod alias;
mod apis;
mod authorizer;
mod cors;
mod declared;
mod definition;
mod event;
mod function;
mod http_api;
mod layer;
mod names;
mod output;
mod rest_api;
mod role;

use serde_json::{Map, Value};

use super::template::{format_error, invalid};
use crate::control::answer::Error;

use apis::Apis;
use declared::{ApiKind, Kind};
use output::Output;

/// The name of the transform.
pub const TRANSFORM: &str = "AWS::Serverless-2016-10-31";

/// Expands the sections of a template that names the transform. What is none of SAM's stays as it is.
///
/// # Errors
/// What is wrong with SAM's resources, or is not emulated of them.
pub fn expand(sections: &mut Map<String, Value>) -> Result<(), Error> {
    let globals = declared::globals(sections.remove("Globals"))?;
    let Some(Value::Object(resources)) = sections.remove("Resources") else {
        return Err(format_error("At least one Resources member must be defined."));
    };
    let (declared, others) = declared::split(resources, &globals)?;
    let mut output = Output::new(others);
    let (mut functions, mut apis) = (Vec::new(), Apis::new(&globals));
    for resource in declared {
        match resource.kind {
            Kind::Api(kind) => apis.enter(kind, resource),
            Kind::Function => functions.push(resource),
            Kind::LayerVersion => layer::expand(&resource, &mut output)?,
        }
    }
    for function in &functions {
        function::expand(function, &mut output, &mut apis)?;
    }
    for api in apis.into_all() {
        match api.kind {
            ApiKind::Http => http_api::expand(&api, &mut output)?,
            ApiKind::Rest => rest_api::expand(&api, &mut output)?,
        }
    }
    output.finish(sections)
}

/// A resource is wrong.
fn wrong(id: &str, message: impl std::fmt::Display) -> Error {
    invalid(format!(
        "Transform {TRANSFORM} failed with: Invalid Serverless Application Specification document. Number of errors \
         found: 1. Resource with id [{id}] is invalid. {message}"
    ))
}

/// Something is right, and not emulated.
fn unsupported(id: &str, what: impl std::fmt::Display) -> Error {
    invalid(format!("gatelet does not support {what} in templates of SAM yet (resource {id})"))
}

/// Where code lies: `s3://bucket/key`, or an object of which the members are called `Bucket`, `Key` and `Version`.
fn location(id: &str, property: &str, said: &Value) -> Result<Value, Error> {
    let mut place = Map::new();
    match said {
        Value::Object(members) => {
            for (from, to) in [("Bucket", "S3Bucket"), ("Key", "S3Key"), ("Version", "S3ObjectVersion")] {
                let value = members.get(from).map(|value| (to.to_owned(), value.clone()));
                place.extend(value);
            }
            if place.len() < 2 || !place.contains_key("S3Bucket") {
                let message = format!("'{property}' requires Bucket and Key properties to be specified.");
                return Err(wrong(id, message));
            }
        }
        said => {
            let parts = said.as_str().and_then(|uri| uri.strip_prefix("s3://")?.split_once('/'));
            let Some((bucket, key)) = parts.filter(|(bucket, key)| !bucket.is_empty() && !key.is_empty())
            else {
                return Err(wrong(
                    id,
                    format_args!(
                        "'{property}' is not a valid S3 Uri of the form 's3://bucket/key' with optional versionId \
                         query parameter."
                    ),
                ));
            };
            let (key, version) = key.split_once("?versionId=").map_or((key, None), |(k, v)| (k, Some(v)));
            place.insert("S3Bucket".into(), bucket.into());
            place.insert("S3Key".into(), key.into());
            place.extend(version.map(|version| ("S3ObjectVersion".to_owned(), version.into())));
        }
    }
    Ok(Value::Object(place))
}
