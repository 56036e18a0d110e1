//! What values with functions come to. It knows the [`Setting`], and asks a [`World`] for what was made; what cannot
//! be known before something is made comes to [`UNKNOWN`].
//!
//! What is built is bounded: functions within functions could else make gigabytes of a small template.

use std::collections::BTreeSet;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value};

use super::resources;
use super::setting::{Setting, World};
use super::syntax::{Piece, is_function, only, pieces};
use super::template::{format_error, invalid, text_of};
use crate::control::answer::Error;

/// What stands in values that are known only when something is made. AWS shows the same in change sets.
pub const UNKNOWN: &str = "{{changeSet:KNOWN_AFTER_APPLY}}";

/// Ours: bytes that the evaluation of one resource, or of one condition, may build.
const MAX_BUILT: usize = 8_000_000;

/// What a value that is no text counts as.
const SMALL: usize = 8;

/// AWS's list in the refusal of another one; without those that templates here cannot have.
const FUNCTIONS: &str = "Fn::And, Fn::Base64, Fn::Equals, Fn::FindInMap, Fn::GetAZs, Fn::GetAtt, Fn::If, \
    Fn::ImportValue, Fn::Join, Fn::Not, Fn::Or, Fn::Select, Fn::Split, Fn::Sub";

/// Evaluates values.
pub struct Evaluator<'a> {
    setting: &'a Setting<'a>,
    world: &'a dyn World,
    /// Bytes that may still be built.
    left: usize,
    /// Exports that were asked for.
    pub imports: BTreeSet<String>,
}

impl<'a> Evaluator<'a> {
    /// An evaluator with a fresh budget.
    pub fn new(setting: &'a Setting<'a>, world: &'a dyn World) -> Self {
        Self { setting, world, left: MAX_BUILT, imports: BTreeSet::new() }
    }

    /// What `value` comes to; `None`: to nothing (`AWS::NoValue`), so that what held it goes without.
    ///
    /// # Errors
    /// A function is used wrongly, or names what isn't there.
    pub fn value(&mut self, value: &Value) -> Result<Option<Value>, Error> {
        match value {
            Value::Null | Value::Bool(_) | Value::Number(_) => {
                self.spend(SMALL)?;
                Ok(Some(value.clone()))
            }
            Value::String(text) => self.text(text.clone()).map(Some),
            Value::Array(items) => {
                let mut list = Vec::new();
                for item in items {
                    list.extend(self.value(item)?);
                }
                Ok(Some(Value::Array(list)))
            }
            Value::Object(members) => {
                if let Some((name, argument)) = only(members).filter(|(name, _)| is_function(name)) {
                    return self.call(name, argument);
                }
                let mut object = Map::new();
                for (name, value) in members {
                    if let Some(value) = self.value(value)? {
                        self.spend(name.len())?;
                        object.insert(name.clone(), value);
                    }
                }
                Ok(Some(Value::Object(object)))
            }
        }
    }

    fn call(&mut self, name: &str, argument: &Value) -> Result<Option<Value>, Error> {
        match name {
            "Ref" => self.reference(text_argument(name, argument)?),
            "Fn::GetAtt" => self.attribute(argument).map(Some),
            "Fn::If" => self.choice(argument),
            "Fn::Join" => self.join(argument).map(Some),
            "Fn::Sub" => self.substitute(argument).map(Some),
            "Fn::Select" => self.select(argument).map(Some),
            "Fn::Split" => self.split(argument).map(Some),
            "Fn::FindInMap" => self.find(argument).map(Some),
            "Fn::ImportValue" => self.import(argument).map(Some),
            "Fn::Base64" => {
                let text =
                    self.string(argument, "every Fn::Base64 object must have a String-typed value.")?;
                self.text(STANDARD.encode(text)).map(Some)
            }
            "Fn::GetAZs" => {
                let region =
                    self.string(argument, "every Fn::GetAZs object must have a String-typed value.")?;
                let here = || self.setting.pseudo.get("AWS::Region").map(text_of).unwrap_or_default();
                let region = if region.is_empty() { here() } else { region };
                Ok(Some(
                    ["a", "b", "c"].iter().map(|zone| Value::String(format!("{region}{zone}"))).collect(),
                ))
            }
            "Fn::And" | "Fn::Or" | "Fn::Not" | "Fn::Equals" => {
                let holds = self.operation(name, argument)?;
                Ok(Some(Value::Bool(holds)))
            }
            name => Err(invalid(format!(
                "Template error: Encountered unsupported function: {name} Supported functions are: [{FUNCTIONS}]"
            ))),
        }
    }

    fn reference(&mut self, name: &str) -> Result<Option<Value>, Error> {
        if name == "AWS::NoValue" {
            return Ok(None);
        }
        let setting = self.setting;
        if let Some(value) = setting.parameters.get(name).or_else(|| setting.pseudo.get(name)) {
            return self.copy(value).map(Some);
        }
        if !setting.template.resources.contains_key(name) {
            return Err(unresolved(name));
        }
        let value = self.world.reference(name).unwrap_or_else(|| UNKNOWN.into());
        self.copy(&value).map(Some)
    }

    fn attribute(&mut self, argument: &Value) -> Result<Value, Error> {
        const WRONG: &str = "every Fn::GetAtt object requires two non-empty parameters, the resource name and the \
                             resource attribute";
        let (name, attribute) = match argument {
            Value::String(text) => {
                let (name, attribute) = text.split_once('.').ok_or_else(|| wrong(WRONG))?;
                (name.to_owned(), attribute.to_owned())
            }
            Value::Array(parts) => {
                let (name, rest) = parts.split_first().ok_or_else(|| wrong(WRONG))?;
                let rest: Vec<String> =
                    rest.iter().map(|part| self.string(part, WRONG)).collect::<Result<_, _>>()?;
                (name.as_str().ok_or_else(|| wrong(WRONG))?.to_owned(), rest.join("."))
            }
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::Object(_) => return Err(wrong(WRONG)),
        };
        if name.is_empty() || attribute.is_empty() {
            return Err(wrong(WRONG));
        }
        self.attribute_of(&name, &attribute)
    }

    fn attribute_of(&mut self, name: &str, attribute: &str) -> Result<Value, Error> {
        let Some(declared) = self.setting.template.resources.get(name) else {
            return Err(wrong(format!("instance of Fn::GetAtt references undefined resource {name}")));
        };
        let kind = resources::find(&declared.kind);
        if kind.is_some_and(|kind| kind.is_asked) {
            return self.said_of(name, attribute);
        }
        if kind.is_none_or(|kind| !kind.attributes.iter().any(|(known, _)| *known == attribute)) {
            return Err(wrong(format!(
                "resource {name} does not support attribute type {attribute} in Fn::GetAtt"
            )));
        }
        let value = self.world.attribute(name, attribute).unwrap_or_else(|| UNKNOWN.into());
        self.copy(&value)
    }

    /// What the function of a custom resource said of it: only once it has been asked is known what that is.
    fn said_of(&mut self, name: &str, attribute: &str) -> Result<Value, Error> {
        match (self.world.attribute(name, attribute), self.world.reference(name)) {
            (Some(value), _) => self.copy(&value),
            (None, None) => self.copy(&UNKNOWN.into()),
            (None, Some(_)) => Err(invalid(format!(
                "CustomResource attribute error: Vendor response doesn't contain {attribute} attribute in the Data of \
                 {name}"
            ))),
        }
    }

    fn choice(&mut self, argument: &Value) -> Result<Option<Value>, Error> {
        let Some([condition, then, otherwise]) = argument.as_array().map(Vec::as_slice) else {
            return Err(wrong("Fn::If requires a list argument with three elements."));
        };
        let condition = text_argument("Fn::If", condition)?.to_owned();
        let holds = self.setting.holds(Some(&condition))?;
        self.value(if holds { then } else { otherwise })
    }

    fn join(&mut self, argument: &Value) -> Result<Value, Error> {
        const WRONG: &str = "every Fn::Join object requires two parameters, (1) a string delimiter and (2) a list \
            of strings to be joined or a function that returns a list of strings (such as Fn::GetAZs) to be joined.";
        let Some([delimiter, parts]) = argument.as_array().map(Vec::as_slice) else {
            return Err(wrong(WRONG));
        };
        let delimiter = self.string(delimiter, WRONG)?;
        let parts = self.list(parts, WRONG)?;
        let mut joined = String::new();
        for (n, part) in parts.iter().enumerate() {
            if part.is_object() || part.is_array() {
                return Err(wrong(WRONG));
            }
            let part = text_of(part);
            self.spend(part.len() + delimiter.len())?;
            if n > 0 {
                joined.push_str(&delimiter);
            }
            joined.push_str(&part);
        }
        Ok(Value::String(joined))
    }

    fn substitute(&mut self, argument: &Value) -> Result<Value, Error> {
        const WRONG: &str = "One or more Fn::Sub intrinsic functions don't specify expected arguments. Specify a \
            string as first argument, and an optional second argument to specify a mapping of values to replace in \
            the string";
        let (text, own) = match argument {
            Value::String(text) => (text, Map::new()),
            Value::Array(parts) => match parts.as_slice() {
                [Value::String(text)] => (text, Map::new()),
                [Value::String(text), Value::Object(own)] => {
                    let Some(Value::Object(own)) = self.value(&Value::Object(own.clone()))? else {
                        return Err(wrong(WRONG));
                    };
                    (text, own)
                }
                _ => return Err(wrong(WRONG)),
            },
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::Object(_) => return Err(wrong(WRONG)),
        };
        let mut out = String::new();
        for piece in pieces(text) {
            let piece = match piece {
                Piece::Text(text) => text.to_owned(),
                Piece::Name(name) => self.variable(name, &own)?,
            };
            self.spend(piece.len())?;
            out.push_str(&piece);
        }
        Ok(Value::String(out))
    }

    fn variable(&mut self, name: &str, own: &Map<String, Value>) -> Result<String, Error> {
        let known = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | ':');
        if name.is_empty() || !name.chars().all(known) {
            return Err(wrong(
                "variable names in Fn::Sub syntax must contain only alphanumeric characters, underscores, periods, \
                 and colons",
            ));
        }
        let value = match (own.get(name), name.split_once('.')) {
            (Some(value), _) => Some(self.copy(value)?),
            (None, Some((resource, attribute))) => Some(self.attribute_of(resource, attribute)?),
            (None, None) => self.reference(name)?,
        };
        match value {
            Some(value) if !value.is_array() && !value.is_object() => Ok(text_of(&value)),
            Some(_) | None => {
                Err(wrong(format!("variable {name} in Fn::Sub expression does not resolve to a string")))
            }
        }
    }

    fn select(&mut self, argument: &Value) -> Result<Value, Error> {
        const WRONG: &str =
            "Fn::Select requires a list argument with two elements: an integer index and a list";
        let Some([index, list]) = argument.as_array().map(Vec::as_slice) else { return Err(wrong(WRONG)) };
        let index = self.string(index, WRONG)?;
        let mut list = self.list(list, WRONG)?;
        match index.parse::<usize>() {
            Ok(at) if at < list.len() => Ok(list.swap_remove(at)),
            Ok(_) if list.iter().any(|item| item == UNKNOWN) => Ok(UNKNOWN.into()),
            Ok(_) => Err(wrong(format!("Fn::Select cannot select nonexistent value at index {index}"))),
            Err(_) => Err(wrong(WRONG)),
        }
    }

    fn split(&mut self, argument: &Value) -> Result<Value, Error> {
        const WRONG: &str = "every Fn::Split object requires two parameters, (1) a string delimiter and (2) a \
            string to be split or a function that returns a string to be split.";
        let Some([delimiter, text]) = argument.as_array().map(Vec::as_slice) else {
            return Err(wrong(WRONG));
        };
        let (delimiter, text) = (self.string(delimiter, WRONG)?, self.string(text, WRONG)?);
        if delimiter.is_empty() {
            return Err(wrong(WRONG));
        }
        if text.contains(UNKNOWN) {
            return Ok(Value::Array(vec![UNKNOWN.into()]));
        }
        let parts: Vec<Value> = text.split(&*delimiter).map(Value::from).collect();
        self.spend(parts.len() * SMALL)?;
        Ok(Value::Array(parts))
    }

    fn find(&mut self, argument: &Value) -> Result<Value, Error> {
        const WRONG: &str = "every Fn::FindInMap object requires three parameters, the map name, map key and the attribute for return value";
        let Some([map, key, attribute]) = argument.as_array().map(Vec::as_slice) else {
            return Err(wrong(WRONG));
        };
        let (map, key, attribute) =
            (self.string(map, WRONG)?, self.string(key, WRONG)?, self.string(attribute, WRONG)?);
        let mappings = &self.setting.template.mappings;
        let found = mappings.get(&map).and_then(|map| map.get(&key)).and_then(|key| key.get(&attribute));
        match found {
            Some(value) => self.copy(value),
            None => Err(wrong(format!("Unable to get mapping for {map}::{key}::{attribute}"))),
        }
    }

    fn import(&mut self, argument: &Value) -> Result<Value, Error> {
        let name = self.string(argument, "the attribute in Fn::ImportValue must be a string")?;
        let value = self.world.export(&name);
        let value = value.ok_or_else(|| invalid(format!("No export named {name} found.")))?;
        self.imports.insert(name);
        self.text(value)
    }

    /// Whether a condition holds.
    ///
    /// # Errors
    /// As [`Self::value`]; or it is no condition.
    pub fn truth(&mut self, rule: &Value) -> Result<bool, Error> {
        let named = rule.as_object().and_then(only);
        match (named, rule) {
            (Some(("Condition", Value::String(name))), _) => self.setting.holds(Some(name)),
            (Some((name @ ("Fn::And" | "Fn::Or" | "Fn::Not" | "Fn::Equals"), argument)), _) => {
                self.operation(name, argument)
            }
            (_, Value::Bool(holds)) => Ok(*holds),
            (_, value) => match self.value(value)? {
                Some(Value::Bool(holds)) => Ok(holds),
                Some(Value::String(text)) if text == "true" || text == "false" => Ok(text == "true"),
                Some(_) | None => Err(format_error(
                    "Every Conditions member must be a boolean or a function that returns one.",
                )),
            },
        }
    }

    fn operation(&mut self, name: &str, argument: &Value) -> Result<bool, Error> {
        let arguments = argument.as_array().map(Vec::as_slice).unwrap_or_default();
        match (name, arguments) {
            ("Fn::Equals", [left, right]) => {
                let (left, right) = (self.value(left)?, self.value(right)?);
                Ok(left.as_ref().map(text_of) == right.as_ref().map(text_of))
            }
            ("Fn::Equals", _) => {
                Err(wrong("every Fn::Equals object requires a list of 2 string parameters."))
            }
            ("Fn::Not", [one]) => Ok(!self.truth(one)?),
            ("Fn::Not", _) => Err(wrong("every Fn::Not object requires a list of 1 boolean parameter.")),
            // AWS: "The minimum number of conditions that you can include is 2, and the maximum is 10."
            (_, several) if (1..=10).contains(&several.len()) => {
                let all = several.iter().map(|one| self.truth(one)).collect::<Result<Vec<_>, _>>()?;
                Ok(if name == "Fn::And" { all.iter().all(|&one| one) } else { all.iter().any(|&one| one) })
            }
            (name, _) => Err(wrong(format!(
                "every {name} object requires a list of at least 2 and at most 10 boolean parameters."
            ))),
        }
    }

    /// An argument that must be text.
    fn string(&mut self, argument: &Value, why: &str) -> Result<String, Error> {
        match self.value(argument)? {
            Some(value @ (Value::String(_) | Value::Number(_) | Value::Bool(_))) => Ok(text_of(&value)),
            Some(Value::Null | Value::Array(_) | Value::Object(_)) | None => Err(wrong(why)),
        }
    }

    /// An argument that must be a list.
    fn list(&mut self, argument: &Value, why: &str) -> Result<Vec<Value>, Error> {
        match self.value(argument)? {
            Some(Value::Array(items)) => Ok(items),
            Some(Value::String(text)) if text == UNKNOWN => Ok(vec![Value::String(text)]),
            Some(_) | None => Err(wrong(why)),
        }
    }

    fn text(&mut self, text: String) -> Result<Value, Error> {
        self.spend(SMALL + text.len())?;
        Ok(Value::String(text))
    }

    fn copy(&mut self, value: &Value) -> Result<Value, Error> {
        self.spend(size(value))?;
        Ok(value.clone())
    }

    fn spend(&mut self, bytes: usize) -> Result<(), Error> {
        self.left = self.left.checked_sub(bytes).ok_or_else(|| {
            invalid(format!("Template error: its functions build more than {MAX_BUILT} bytes"))
        })?;
        Ok(())
    }
}

/// AWS's refusal of a name that nothing has.
pub fn unresolved(names: &str) -> Error {
    format_error(format!("Unresolved resource dependencies [{names}] in the Resources block of the template"))
}

fn text_argument<'v>(function: &str, argument: &'v Value) -> Result<&'v str, Error> {
    argument.as_str().ok_or_else(|| wrong(format!("every {function} object must have a String-typed value.")))
}

fn wrong(message: impl std::fmt::Display) -> Error {
    invalid(format!("Template error: {message}"))
}

fn size(value: &Value) -> usize {
    match value {
        Value::Null | Value::Bool(_) | Value::Number(_) => SMALL,
        Value::String(text) => SMALL + text.len(),
        Value::Array(items) => SMALL + items.iter().map(size).sum::<usize>(),
        Value::Object(members) => {
            SMALL + members.iter().map(|(name, value)| name.len() + size(value)).sum::<usize>()
        }
    }
}
