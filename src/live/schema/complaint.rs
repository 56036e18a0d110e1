//! What is wrong with a value, in the words of the validator that AWS uses, so that
//! `$context.error.validationErrorString` reads alike.

use std::collections::HashMap;

use jsonschema::error::{TypeKind, ValidationErrorKind as Kind};
use jsonschema::{JsonType, ValidationError};
use serde::Serialize;
use serde_json::Value;

/// What of a value is shown in a complaint, in characters.
const MAX_SHOWN: usize = 100;

/// Complaints of one value.
const MAX_COMPLAINTS: usize = 10;

/// What all that the library found comes to; `spelled` has expressions by the parts that they were taken apart into.
pub fn all<'v>(
    errors: impl Iterator<Item = ValidationError<'v>>,
    spelled: &HashMap<String, String>,
) -> String {
    let mut complaints: Vec<String> = Vec::new();
    let mut missing: Vec<Value> = Vec::new();
    let mut errors = errors.peekable();
    while let Some(error) = errors.next() {
        let complaint = match error.kind() {
            // One complaint for all members that an object lacks.
            Kind::Required { property } => {
                missing.push(property.clone());
                let goes_on = |next: &ValidationError<'_>| {
                    matches!(next.kind(), Kind::Required { .. })
                        && next.instance_path() == error.instance_path()
                };
                if errors.peek().is_some_and(goes_on) {
                    continue;
                }
                let missing = std::mem::take(&mut missing);
                format!("object has missing required properties ({})", shown(&missing))
            }
            kind => one(kind, error.instance(), spelled).unwrap_or_else(|| shortened(&error.to_string())),
        };
        // An expression in parts is one.
        if complaints.last() != Some(&complaint) {
            complaints.push(complaint);
        }
        if complaints.len() == MAX_COMPLAINTS {
            break;
        }
    }
    complaints.join(", ")
}

/// `None`: the library says it better.
fn one(kind: &Kind, value: &Value, spelled: &HashMap<String, String>) -> Option<String> {
    let whole = |pattern: &str| spelled.get(pattern).map_or_else(|| pattern.to_owned(), Clone::clone);
    let length = match value {
        Value::String(text) => text.chars().count(),
        Value::Array(items) => items.len(),
        Value::Object(members) => members.len(),
        Value::Null | Value::Bool(_) | Value::Number(_) => 0,
    };
    Some(match kind {
        Kind::Type { kind } => format!(
            "instance type ({}) does not match any allowed primitive type (allowed: {})",
            type_of(value),
            shown(&allowed(kind))
        ),
        Kind::Enum { options } => {
            format!(
                "instance value ({}) not found in enum (possible values: {})",
                shown(value),
                shown(options.as_ref())
            )
        }
        Kind::Minimum { limit } => {
            format!("numeric instance is lower than the required minimum (minimum: {limit}, found: {value})")
        }
        Kind::Maximum { limit } => {
            format!(
                "numeric instance is greater than the required maximum (maximum: {limit}, found: {value})"
            )
        }
        Kind::ExclusiveMinimum { limit } => {
            format!("numeric instance is not strictly greater than the required minimum {limit}")
        }
        Kind::ExclusiveMaximum { limit } => {
            format!("numeric instance is not strictly lower than the required maximum {limit}")
        }
        Kind::MultipleOf { multiple_of } => {
            format!("remainder of division is not zero ({value} / {multiple_of})")
        }
        Kind::MinLength { limit } => {
            format!("string {} is too short (length: {length}, required minimum: {limit})", shown(value))
        }
        Kind::MaxLength { limit } => {
            format!("string {} is too long (length: {length}, maximum allowed: {limit})", shown(value))
        }
        Kind::Pattern { pattern } => {
            format!("ECMA 262 regex {} does not match input string {}", shown(&whole(pattern)), shown(value))
        }
        Kind::Format { format } => format!("string {} is not a valid {format}", shown(value)),
        Kind::AdditionalItems { limit } => {
            format!("array is not allowed to have more than {limit} elements (found {length})")
        }
        Kind::MinItems { limit } => {
            format!(
                "array is too short: must have at least {limit} elements but instance has {length} elements"
            )
        }
        Kind::MaxItems { limit } => {
            format!(
                "array is too long: must have at most {limit} elements but instance has {length} elements"
            )
        }
        Kind::UniqueItems => "array must not contain duplicate elements".to_owned(),
        Kind::AdditionalProperties { unexpected } => {
            let unexpected = shown(unexpected);
            format!("object instance has properties which are not allowed by the schema: {unexpected}")
        }
        Kind::MinProperties { limit } => {
            format!("object has too few properties (found {length} but schema requires at least {limit})")
        }
        Kind::MaxProperties { limit } => {
            format!("object has too many properties (found {length} but schema requires at most {limit})")
        }
        Kind::Not { schema } => match schema
            .get("pattern")
            .and_then(Value::as_str)
            .filter(|it| spelled.contains_key(*it))
        {
            Some(part) => {
                format!("ECMA 262 regex {} does not match input string {}", shown(&whole(part)), shown(value))
            }
            None => "instance matched a schema which it should not have".to_owned(),
        },
        Kind::AnyOf { context } => {
            format!("instance failed to match at least one required schema among {}", context.len())
        }
        Kind::OneOfNotValid { context } => {
            format!("instance failed to match exactly one schema (matched 0 out of {})", context.len())
        }
        Kind::OneOfMultipleValid { context } => {
            let matched = context.iter().filter(|errors| errors.is_empty()).count();
            let of = context.len();
            format!("instance failed to match exactly one schema (matched {matched} out of {of})")
        }
        _ => return None,
    })
}

/// The types that a schema allows. What takes numbers takes whole ones.
fn allowed(kind: &TypeKind) -> Vec<&'static str> {
    let mut names: Vec<_> = match kind {
        TypeKind::Single(name) => vec![name.as_str()],
        TypeKind::Multiple(names) => names.iter().map(JsonType::as_str).collect(),
    };
    if names.contains(&"number") && !names.contains(&"integer") {
        names.push("integer");
    }
    names.sort_unstable();
    names
}

/// The narrowest type that a value is of.
fn type_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(number) if number.is_f64() => "number",
        Value::Number(_) => "integer",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    }
}

/// The start of a value, as JSON.
fn shown<T: Serialize + ?Sized>(value: &T) -> String {
    shortened(&serde_json::to_string(value).unwrap_or_default())
}

/// The start of a text.
pub fn shortened(text: &str) -> String {
    match text.char_indices().nth(MAX_SHOWN) {
        Some((end, _)) => format!("{}...", &text[..end]),
        None => text.to_owned(),
    }
}
