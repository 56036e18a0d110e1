//! SAM's resources as a template declares them, with what its `Globals` add.

use serde_json::{Map, Value};

use super::{unsupported, wrong};
use crate::control::answer::Error;
use crate::control::cloudformation::syntax::{is_function, only};
use crate::control::cloudformation::template::{MAX_RESOURCES, invalid};

/// Ours: bytes that globals may come to when they are written out.
const MAX_GLOBALS: usize = 8_000_000;

/// What begins the types of SAM.
const PREFIX: &str = "AWS::Serverless::";

/// Sections of `Globals`, by the types that they are for. Those of types that are not emulated say nothing.
const GLOBALS: &[&str] = &[
    "Api",
    "CapacityProvider",
    "Function",
    "HttpApi",
    "LayerVersion",
    "SimpleTable",
    "StateMachine",
    "WebSocketApi",
];

/// Members of a resource that what it stands for has, too.
const ATTRIBUTES: &[&str] = &[
    "Condition",
    "CreationPolicy",
    "DeletionPolicy",
    "DependsOn",
    "Metadata",
    "UpdatePolicy",
    "UpdateReplacePolicy",
];

/// The types that are emulated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// APIs.
    Api(ApiKind),
    /// `AWS::Serverless::Function`
    Function,
    /// `AWS::Serverless::LayerVersion`
    LayerVersion,
}

/// The types of APIs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ApiKind {
    /// `AWS::Serverless::HttpApi`
    Http,
    /// `AWS::Serverless::Api`
    Rest,
}

impl Kind {
    fn of(name: &str) -> Option<Self> {
        match name {
            "Api" => Some(Self::Api(ApiKind::Rest)),
            "Function" => Some(Self::Function),
            "HttpApi" => Some(Self::Api(ApiKind::Http)),
            "LayerVersion" => Some(Self::LayerVersion),
            _ => None,
        }
    }

    /// `Function`: how events and globals name it, too.
    pub fn name(self) -> &'static str {
        match self {
            Self::Api(ApiKind::Rest) => "Api",
            Self::Api(ApiKind::Http) => "HttpApi",
            Self::Function => "Function",
            Self::LayerVersion => "LayerVersion",
        }
    }
}

/// A resource of SAM's.
#[derive(Debug)]
pub struct Declared {
    /// Its logical id.
    pub id: String,
    /// Its type.
    pub kind: Kind,
    /// `Properties`, with what globals add.
    pub properties: Map<String, Value>,
    /// Its other members.
    pub attributes: Map<String, Value>,
}

impl Declared {
    /// The name of its condition.
    pub fn condition(&self) -> Option<String> {
        self.attributes.get("Condition").and_then(Value::as_str).map(str::to_owned)
    }

    /// Whether it has only properties that SAM knows, and of these only what is emulated.
    ///
    /// # Errors
    /// It has others.
    pub fn check(&self, known: &[&str], refused: &[&str]) -> Result<(), Error> {
        let kind = self.kind.name();
        for property in self.properties.keys().map(String::as_str) {
            if refused.contains(&property) {
                return Err(unsupported(&self.id, format_args!("the property {property} of {PREFIX}{kind}")));
            }
            if !known.contains(&property) {
                let message = format!("property {property} not defined for resource of type {PREFIX}{kind}");
                return Err(wrong(&self.id, message));
            }
        }
        Ok(())
    }

    /// The members of a property that must be an object.
    ///
    /// # Errors
    /// It is something else.
    pub fn map(&self, property: &str) -> Result<Map<String, Value>, Error> {
        match self.properties.get(property) {
            None => Ok(Map::new()),
            Some(Value::Object(members)) => Ok(members.clone()),
            Some(_) => Err(wrong(&self.id, format_args!("Property '{property}' should be a map."))),
        }
    }

    /// Those of these properties that are given.
    pub fn copied(&self, properties: &[&str]) -> Map<String, Value> {
        let given = |name: &&str| Some(((*name).to_owned(), self.properties.get(*name)?.clone()));
        properties.iter().filter_map(given).collect()
    }
}

/// SAM's resources, and all others as they are.
///
/// # Errors
/// One has a type that is not emulated, or no form.
pub fn split(
    resources: Map<String, Value>,
    globals: &Map<String, Value>,
) -> Result<(Vec<Declared>, Map<String, Value>), Error> {
    let size = globals.values().map(|section| section.to_string().len()).max().unwrap_or(0);
    if resources.len() > MAX_RESOURCES || size.saturating_mul(resources.len()) > MAX_GLOBALS {
        return Err(invalid("Template format error: Globals and resources come to too much together."));
    }
    let (mut own, mut others) = (Vec::new(), Map::new());
    for (id, resource) in resources {
        let kind = resource.get("Type").and_then(Value::as_str).and_then(|kind| kind.strip_prefix(PREFIX));
        match kind.map(|kind| (kind.to_owned(), Kind::of(kind))) {
            None => drop(others.insert(id, resource)),
            Some((_, Some(kind))) => own.push(declared(id, kind, resource, globals)?),
            Some((name, None)) => return Err(unsupported(&id, format_args!("the type {PREFIX}{name}"))),
        }
    }
    Ok((own, others))
}

/// An API that no resource declares: the globals of its type alone.
pub fn implied(id: &str, kind: Kind, globals: &Map<String, Value>) -> Declared {
    let properties = globals.get(kind.name()).and_then(Value::as_object).cloned().unwrap_or_default();
    Declared { id: id.to_owned(), kind, properties, attributes: Map::new() }
}

/// The section `Globals`.
///
/// # Errors
/// It has no form.
pub fn globals(globals: Option<Value>) -> Result<Map<String, Value>, Error> {
    let globals = match globals {
        None => return Ok(Map::new()),
        Some(Value::Object(globals)) => globals,
        Some(_) => return Err(invalid("'Globals' section is invalid. It must be a non-empty dictionary")),
    };
    for (name, section) in &globals {
        if !GLOBALS.contains(&name.as_str()) {
            return Err(invalid(format!(
                "'Globals' section is invalid. '{name}' is not supported. Must be one of the following values - \
                 {GLOBALS:?}"
            )));
        }
        if !section.is_object() {
            return Err(invalid(format!(
                "'Globals' section is invalid. Value of '{name}' must be a dictionary"
            )));
        }
    }
    Ok(globals)
}

fn declared(
    id: String,
    kind: Kind,
    resource: Value,
    globals: &Map<String, Value>,
) -> Result<Declared, Error> {
    let Value::Object(mut members) = resource else {
        return Err(wrong(&id, "It must be a map."));
    };
    let local = match members.remove("Properties") {
        None => Map::new(),
        Some(Value::Object(properties)) => properties,
        Some(_) => return Err(wrong(&id, "Properties should be a map.")),
    };
    let mut global = globals.get(kind.name()).and_then(Value::as_object).cloned().unwrap_or_default();
    match members.remove("IgnoreGlobals") {
        None => {}
        Some(Value::Array(names)) => names.iter().filter_map(Value::as_str).for_each(|name| {
            global.remove(name);
        }),
        Some(_) => global.clear(),
    }
    members.remove("Type");
    if let Some(member) = members.keys().find(|member| !ATTRIBUTES.contains(&member.as_str())) {
        return Err(unsupported(&id, format_args!("the attribute {member} of resources")));
    }
    Ok(Declared { id, kind, properties: merged(global, local), attributes: members })
}

/// Objects are united, lists are joined, and else what is local counts.
fn merged(mut global: Map<String, Value>, local: Map<String, Value>) -> Map<String, Value> {
    for (name, value) in local {
        let value = match (global.remove(&name), value) {
            (Some(Value::Object(ours)), Value::Object(theirs))
                if !is_intrinsic(&ours) && !is_intrinsic(&theirs) =>
            {
                Value::Object(merged(ours, theirs))
            }
            // A function has one architecture.
            (Some(Value::Array(mut list)), Value::Array(more)) if name != "Architectures" => {
                list.extend(more);
                Value::Array(list)
            }
            (_, value) => value,
        };
        global.insert(name, value);
    }
    global
}

fn is_intrinsic(members: &Map<String, Value>) -> bool {
    only(members).is_some_and(|(name, _)| is_function(name))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn globals_and_locals() {
        for (global, local, expected) in [
            (json!({}), json!({"a": 1}), json!({"a": 1})),
            (json!({"a": 1, "b": 2}), json!({"a": 3}), json!({"a": 3, "b": 2})),
            (json!({"a": {"b": 1, "c": 1}}), json!({"a": {"b": 2}}), json!({"a": {"b": 2, "c": 1}})),
            (json!({"a": [1]}), json!({"a": [2]}), json!({"a": [1, 2]})),
            (json!({"Architectures": [1]}), json!({"Architectures": [2]}), json!({"Architectures": [2]})),
            (json!({"a": {"Ref": "X"}}), json!({"a": {"b": 1}}), json!({"a": {"b": 1}})),
            (json!({"a": {"b": 1}}), json!({"a": {"Fn::Sub": "x"}}), json!({"a": {"Fn::Sub": "x"}})),
            (json!({"a": [1]}), json!({"a": "x"}), json!({"a": "x"})),
        ] {
            let (Value::Object(ours), Value::Object(theirs)) = (global.clone(), local.clone()) else {
                panic!()
            };
            assert_eq!(Value::Object(merged(ours, theirs)), expected, "{global} {local}");
        }
    }
}
