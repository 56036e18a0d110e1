//! A template, read and checked for its form: sections, names, members. Values stay as they are, functions in
//! them too; what they come to is `evaluate`'s work, and what types there are is known to `resources`.
//!
//! Texts of refusals are AWS's own.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::sam;
use super::short_tags::TAGS;
use crate::control::answer::Error;
use crate::control::yaml;

/// AWS: "Template may not exceed 1000000 bytes in size".
pub const MAX_BYTES: usize = 1_000_000;

/// AWS: 500 resources.
pub const MAX_RESOURCES: usize = 500;

/// AWS: 200 parameters, 200 outputs, 200 mappings.
const MAX_ENTRIES: usize = 200;

const SECTIONS: &[&str] = &[
    "AWSTemplateFormatVersion",
    "Conditions",
    "Description",
    "Hooks",
    "Mappings",
    "Metadata",
    "Outputs",
    "Parameters",
    "Resources",
    // Checks of parameters by assertions: a stack is made without them.
    "Rules",
    "Transform",
];

const RESOURCE_MEMBERS: &[&str] = &[
    "Condition",
    "CreationPolicy",
    "DeletionPolicy",
    "DependsOn",
    "Metadata",
    "Properties",
    "Type",
    "UpdatePolicy",
    "UpdateReplacePolicy",
];

/// A template.
#[derive(Debug, Default)]
pub struct Template {
    /// `Description`
    pub description: Option<String>,
    /// `Metadata`
    pub metadata: Option<Value>,
    /// `AWSTemplateFormatVersion`
    pub version: Option<String>,
    /// `Transform`: the names.
    pub transforms: Vec<String>,
    /// `Parameters`
    pub parameters: BTreeMap<String, Map<String, Value>>,
    /// `Mappings`
    pub mappings: Map<String, Value>,
    /// `Conditions`
    pub conditions: Map<String, Value>,
    /// `Resources`
    pub resources: BTreeMap<String, Declared>,
    /// `Outputs`
    pub outputs: BTreeMap<String, DeclaredOutput>,
}

/// A resource as a template declares it.
#[derive(Debug)]
pub struct Declared {
    /// `Type`
    pub kind: String,
    /// `Properties`, with functions.
    pub properties: Value,
    /// `DependsOn`
    pub depends_on: Vec<String>,
    /// `Condition`
    pub condition: Option<String>,
    /// `Metadata`
    pub metadata: Option<Value>,
    /// `DeletionPolicy`
    pub retained: bool,
    /// `UpdateReplacePolicy`
    pub retained_when_replaced: bool,
}

/// An output as a template declares it.
#[derive(Debug)]
pub struct DeclaredOutput {
    /// `Value`, with functions.
    pub value: Value,
    /// `Description`
    pub description: Option<String>,
    /// `Export.Name`, with functions.
    pub export: Option<Value>,
    /// `Condition`
    pub condition: Option<String>,
}

/// A template is wrong, or something that it asks for is.
pub fn invalid(message: impl Into<String>) -> Error {
    Error::new(400, "ValidationError", message)
}

impl Template {
    /// Reads a template, JSON or YAML, and expands what it has of SAM.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn parse(text: &str) -> Result<Self, Error> {
        let mut sections = sections(text)?;
        if has_sam(&sections) {
            sam::expand(&mut sections)?;
        }
        Self::of(sections)
    }

    /// Reads a template, JSON or YAML, as its author wrote it.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn as_written(text: &str) -> Result<Self, Error> {
        let mut sections = sections(text)?;
        if has_sam(&sections) {
            sections.remove("Globals");
            let resources = sections.get_mut("Resources").and_then(Value::as_object_mut);
            for resource in resources.into_iter().flat_map(|resources| resources.values_mut()) {
                if let Some(members) = resource.as_object_mut() {
                    members.retain(|member, _| RESOURCE_MEMBERS.contains(&member.as_str()));
                }
            }
        }
        Self::of(sections)
    }

    fn of(mut sections: Map<String, Value>) -> Result<Self, Error> {
        let unknown: Vec<&str> =
            sections.keys().map(String::as_str).filter(|name| !SECTIONS.contains(name)).collect();
        if !unknown.is_empty() {
            return Err(invalid(format!("Invalid template property or properties [{}]", unknown.join(", "))));
        }
        for (name, section) in sections.iter().filter(|(name, _)| *name != "Metadata") {
            if has_null(section) {
                check_nulls(section, &format!("/{name}"))?;
            }
        }
        let mut template = Self {
            description: sections.get("Description").and_then(Value::as_str).map(str::to_owned),
            metadata: sections.remove("Metadata"),
            version: sections.get("AWSTemplateFormatVersion").map(text_of),
            transforms: transforms(sections.get("Transform")),
            mappings: section(&mut sections, "Mappings")?,
            conditions: section(&mut sections, "Conditions")?,
            ..Self::default()
        };
        check_mappings(&template.mappings)?;
        for (name, rule) in section(&mut sections, "Parameters")? {
            check_name("Parameter", &name)?;
            let Value::Object(rule) = rule else {
                return Err(format_error("Every Parameters object must contain a Type member."));
            };
            if !rule.get("Type").is_some_and(Value::is_string) {
                return Err(format_error("Every Parameters object must contain a Type member."));
            }
            template.parameters.insert(name, rule);
        }
        for (name, declared) in section(&mut sections, "Resources")? {
            template.resources.insert(name.clone(), resource(name, declared)?);
        }
        for (name, declared) in section(&mut sections, "Outputs")? {
            check_name("Output", &name)?;
            template.outputs.insert(name, output(declared)?);
        }
        template.check_counts()?;
        Ok(template)
    }

    fn check_counts(&self) -> Result<(), Error> {
        if self.resources.is_empty() {
            return Err(format_error("At least one Resources member must be defined."));
        }
        for (what, count, most) in [
            ("resources", self.resources.len(), MAX_RESOURCES),
            ("parameters", self.parameters.len(), MAX_ENTRIES),
            ("outputs", self.outputs.len(), MAX_ENTRIES),
            ("mappings", self.mappings.len(), MAX_ENTRIES),
        ] {
            if count > most {
                return Err(format_error(format!(
                    "Number of {what}, {count}, is greater than maximum allowed, {most}"
                )));
            }
        }
        Ok(())
    }
}

/// `Template format error: …`
pub fn format_error(message: impl std::fmt::Display) -> Error {
    invalid(format!("Template format error: {message}"))
}

/// The tree of a text, JSON or YAML, whatever it means.
///
/// # Errors
/// What is wrong with its form.
pub fn tree(text: &str) -> Result<Value, Error> {
    yaml::parse_any(text, TAGS).map_err(format_error)
}

/// The text of a template with SAM's resources, as CloudFormation processes it; of another one as it is.
///
/// # Errors
/// What is wrong with it.
pub fn processed(text: &str) -> Result<String, Error> {
    let mut sections = sections(text)?;
    if !has_sam(&sections) {
        return Ok(text.to_owned());
    }
    sam::expand(&mut sections)?;
    sections.remove("Transform");
    Ok(Value::Object(sections).to_string())
}

fn sections(text: &str) -> Result<Map<String, Value>, Error> {
    if text.len() > MAX_BYTES {
        return Err(invalid(format!("Template may not exceed {MAX_BYTES} bytes in size.")));
    }
    match tree(text)? {
        Value::Object(sections) => Ok(sections),
        _ => Err(format_error("unsupported structure.")),
    }
}

fn has_sam(sections: &Map<String, Value>) -> bool {
    transforms(sections.get("Transform")).iter().any(|name| name == sam::TRANSFORM)
}

fn section(sections: &mut Map<String, Value>, name: &str) -> Result<Map<String, Value>, Error> {
    match sections.remove(name) {
        None => Ok(Map::new()),
        Some(Value::Object(members)) => Ok(members),
        Some(_) if name == "Resources" => Err(format_error("unsupported structure.")),
        Some(_) => Err(format_error(format!("{name} must be an object."))),
    }
}

fn transforms(value: Option<&Value>) -> Vec<String> {
    match value {
        Some(Value::Array(items)) => items.iter().map(transform).collect(),
        Some(one) => vec![transform(one)],
        None => Vec::new(),
    }
}

/// A transform is named, or an object with its name.
fn transform(value: &Value) -> String {
    match value {
        Value::Object(members) => members.get("Name").map(text_of).unwrap_or_default(),
        value => text_of(value),
    }
}

fn resource(name: String, declared: Value) -> Result<Declared, Error> {
    check_name("Resource", &name)?;
    let Value::Object(mut members) = declared else {
        return Err(format_error("Any Resources member must be an object."));
    };
    let Some(Value::String(kind)) = members.remove("Type") else {
        return Err(format_error(format!(
            "[/Resources/{name}] Every Resources object must contain a Type member."
        )));
    };
    if let Some(unknown) = members.keys().find(|member| !RESOURCE_MEMBERS.contains(&member.as_str())) {
        return Err(invalid(format!("Invalid template resource property '{unknown}'")));
    }
    let properties = members.remove("Properties").unwrap_or_else(|| Value::Object(Map::new()));
    if !properties.is_object() {
        return Err(format_error(format!("[/Resources/{name}/Properties] Properties must be an object.")));
    }
    let depends_on = match members.remove("DependsOn") {
        None => Vec::new(),
        Some(Value::String(one)) => vec![one],
        Some(Value::Array(several)) => several.iter().map(text_of).collect(),
        Some(_) => {
            return Err(format_error(format!(
                "[/Resources/{name}/DependsOn] DependsOn must be a string or a list of strings."
            )));
        }
    };
    let policy = |member: &str| {
        let value = members.get(member).and_then(Value::as_str);
        // There is nothing that snapshots could be taken of.
        value.is_some_and(|value| matches!(value, "Retain" | "RetainExceptOnCreate"))
    };
    Ok(Declared {
        retained: policy("DeletionPolicy"),
        retained_when_replaced: policy("UpdateReplacePolicy"),
        kind,
        properties,
        depends_on,
        condition: condition(&members, &name)?,
        metadata: members.remove("Metadata"),
    })
}

fn output(declared: Value) -> Result<DeclaredOutput, Error> {
    let wrong = || format_error("Every Outputs member must contain a Value object");
    let Value::Object(mut members) = declared else { return Err(wrong()) };
    let value = members.remove("Value").ok_or_else(wrong)?;
    Ok(DeclaredOutput {
        value,
        description: members.get("Description").map(text_of),
        condition: condition(&members, "Outputs")?,
        export: match members.remove("Export") {
            Some(Value::Object(mut export)) => export.remove("Name"),
            Some(_) | None => None,
        },
    })
}

fn condition(members: &Map<String, Value>, name: &str) -> Result<Option<String>, Error> {
    match members.get("Condition") {
        None => Ok(None),
        Some(Value::String(condition)) => Ok(Some(condition.clone())),
        Some(_) => Err(format_error(format!("Every Condition member must be a string. ({name})"))),
    }
}

fn check_name(what: &str, name: &str) -> Result<(), Error> {
    // AWS: a logical id has at most 255 characters.
    if name.is_empty() || name.len() > 255 || !name.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        return Err(format_error(format!("{what} name {name} is non alphanumeric.")));
    }
    Ok(())
}

fn check_mappings(mappings: &Map<String, Value>) -> Result<(), Error> {
    for (name, mapping) in mappings {
        let keys = mapping
            .as_object()
            .ok_or_else(|| format_error(format!("Every Mappings member {name} must be a map")))?;
        for (key, attributes) in keys {
            let attributes = attributes
                .as_object()
                .ok_or_else(|| format_error(format!("Every Mappings member {key} must be a map")))?;
            if attributes.values().any(|value| !is_mapped(value)) {
                return Err(format_error("Every Mappings attribute must be a String or a List."));
            }
        }
    }
    Ok(())
}

fn is_mapped(value: &Value) -> bool {
    match value {
        Value::Null | Value::Object(_) => false,
        Value::Bool(_) | Value::Number(_) | Value::String(_) => true,
        Value::Array(items) => items.iter().all(|item| !item.is_object() && !item.is_null()),
    }
}

fn check_nulls(value: &Value, path: &str) -> Result<(), Error> {
    match value {
        Value::Null => Err(invalid(format!("[{path}] 'null' values are not allowed in templates"))),
        Value::Bool(_) | Value::Number(_) | Value::String(_) => Ok(()),
        Value::Array(items) => {
            let mut items = items.iter().enumerate();
            items.try_for_each(|(n, item)| {
                if has_null(item) { check_nulls(item, &format!("{path}/{n}")) } else { Ok(()) }
            })
        }
        Value::Object(members) => members.iter().try_for_each(|(name, value)| {
            if has_null(value) { check_nulls(value, &format!("{path}/{name}")) } else { Ok(()) }
        }),
    }
}

/// Where there is none, no paths need be made.
fn has_null(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Bool(_) | Value::Number(_) | Value::String(_) => false,
        Value::Array(items) => items.iter().any(has_null),
        Value::Object(members) => members.values().any(has_null),
    }
}

/// Text, or what a number or boolean is as text.
pub fn text_of(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        value => value.to_string(),
    }
}
