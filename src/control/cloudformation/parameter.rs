//! The values of a template's parameters: what was given, what was before, what is the default; and whether they
//! are what the template lets them be.

use std::collections::BTreeMap;

use regex::Regex;
use serde_json::{Map, Value};

use super::template::{Template, format_error, invalid, text_of};
use crate::base::map::map_of;
use crate::control::answer::Error;
use crate::model::stack::Parameter;

/// AWS: "A parameter value can't exceed 4,096 bytes".
const MAX_VALUE: usize = 4096;

/// How the types begin that stand for a value of SSM's parameter store.
const OF_STORE: &str = "AWS::SSM::Parameter::Value<";

/// A parameter as a call gives it.
#[derive(Debug, PartialEq)]
pub struct Given {
    /// `ParameterKey`
    pub key: String,
    /// `ParameterValue`; `None` with `UsePreviousValue`.
    pub value: Option<String>,
}

/// The values of all parameters of `template`. `previous` are those that the stack has now; `fetch` reads SSM's
/// parameter store.
///
/// # Errors
/// One is missing, or is not what it must be.
pub fn values(
    template: &Template,
    given: &[Given],
    previous: &[Parameter],
    mut fetch: impl FnMut(&str) -> Result<String, Error>,
) -> Result<Vec<Parameter>, Error> {
    let unknown =
        given.iter().map(|given| given.key.as_str()).filter(|key| !template.parameters.contains_key(*key));
    let unknown: Vec<&str> = unknown.collect();
    if !unknown.is_empty() {
        return Err(invalid(format!("Parameters: [{}] do not exist in the template", unknown.join(", "))));
    }
    let (mut values, mut missing) = (Vec::new(), Vec::new());
    for (key, rule) in &template.parameters {
        let before = || previous.iter().find(|known| known.key == *key).map(|known| known.value.clone());
        let said = given.iter().find(|given| given.key == *key);
        let value = match said {
            Some(Given { value: Some(value), .. }) => Some(value.clone()),
            Some(Given { value: None, .. }) => before().or_else(|| default(rule)),
            None => default(rule),
        };
        match value {
            Some(value) => values.push(parameter(key, rule, value, &mut fetch)?),
            None => missing.push(key.as_str()),
        }
    }
    if !missing.is_empty() {
        return Err(invalid(format!("Parameters: [{}] must have values", missing.join(", "))));
    }
    Ok(values)
}

/// What `Ref` of each gives.
pub fn references(template: &Template, values: &[Parameter]) -> BTreeMap<String, Value> {
    let value = |parameter: &Parameter| {
        let text = parameter.resolved.as_ref().unwrap_or(&parameter.value);
        let kind = template.parameters.get(&parameter.key).map(kind).unwrap_or_default();
        if is_list(kind) {
            let items: Vec<Value> = text.split(',').map(|item| item.trim().into()).collect();
            Value::Array(items)
        } else {
            Value::String(text.clone())
        }
    };
    map_of(values.iter().map(|parameter| (parameter.key.clone(), value(parameter))))
}

/// `Type`
pub fn kind(rule: &Map<String, Value>) -> &str {
    rule.get("Type").and_then(Value::as_str).unwrap_or_default()
}

/// `Default`
pub fn default(rule: &Map<String, Value>) -> Option<String> {
    match rule.get("Default")? {
        Value::Array(items) => Some(items.iter().map(text_of).collect::<Vec<_>>().join(",")),
        value => Some(text_of(value)),
    }
}

/// `NoEcho`
pub fn is_secret(rule: &Map<String, Value>) -> bool {
    rule.get("NoEcho").is_some_and(|value| text_of(value) == "true")
}

fn is_list(kind: &str) -> bool {
    let of_store = kind.strip_prefix(OF_STORE).and_then(|rest| rest.strip_suffix('>'));
    let kind = of_store.unwrap_or(kind);
    kind == "CommaDelimitedList" || kind.starts_with("List<")
}

fn parameter(
    key: &str,
    rule: &Map<String, Value>,
    value: String,
    fetch: &mut impl FnMut(&str) -> Result<String, Error>,
) -> Result<Parameter, Error> {
    check(key, rule, &value)?;
    let resolved = if kind(rule).starts_with(OF_STORE) { Some(fetch(&value)?) } else { None };
    Ok(Parameter { key: key.to_owned(), value, resolved, secret: is_secret(rule) })
}

fn check(key: &str, rule: &Map<String, Value>, value: &str) -> Result<(), Error> {
    if value.len() > MAX_VALUE {
        return Err(invalid(format!("Parameter '{key}' must not have more than {MAX_VALUE} bytes")));
    }
    let items: Vec<&str> =
        if is_list(kind(rule)) { value.split(',').map(str::trim).collect() } else { vec![value] };
    if matches!(kind(rule), "Number" | "List<Number>")
        && items.iter().any(|item| item.parse::<f64>().is_err())
    {
        return Err(invalid(format!("Parameter '{key}' must be a number.")));
    }
    if let Some(allowed) = rule.get("AllowedValues").and_then(Value::as_array)
        && items.iter().any(|item| !allowed.iter().any(|allowed| text_of(allowed) == **item))
    {
        let allowed: Vec<String> = allowed.iter().map(text_of).collect();
        return Err(constrained(
            key,
            rule,
            format!("must be one of AllowedValues: [{}]", allowed.join(", ")),
        ));
    }
    if let Some(pattern) = rule.get("AllowedPattern").and_then(Value::as_str) {
        // Java knows patterns that we don't: who wrote one of those is believed.
        let fits =
            |item: &&str| Regex::new(&format!("^(?:{pattern})$")).is_ok_and(|regex| !regex.is_match(item));
        if items.iter().any(fits) {
            return Err(constrained(key, rule, format!("must match pattern {pattern}")));
        }
    }
    let limit = |name: &str| rule.get(name).and_then(|limit| text_of(limit).parse::<f64>().ok());
    let length = value.chars().count() as f64;
    let number = value.parse::<f64>().ok().filter(|_| kind(rule) == "Number");
    let broken = [
        (limit("MinLength").filter(|limit| length < *limit), "must contain at least", " characters"),
        (limit("MaxLength").filter(|limit| length > *limit), "must contain at most", " characters"),
        (
            limit("MinValue").filter(|limit| number.is_some_and(|n| n < *limit)),
            "must be a number not less than",
            "",
        ),
        (
            limit("MaxValue").filter(|limit| number.is_some_and(|n| n > *limit)),
            "must be a number not greater than",
            "",
        ),
    ];
    match broken.into_iter().find_map(|(limit, rule, unit)| Some(format!("{rule} {}{unit}", limit?))) {
        Some(why) => Err(constrained(key, rule, why)),
        None => Ok(()),
    }
}

fn constrained(key: &str, rule: &Map<String, Value>, why: String) -> Error {
    match rule.get("ConstraintDescription").and_then(Value::as_str) {
        Some(description) => invalid(format!("Parameter {key} failed to satisfy constraint: {description}")),
        None => invalid(format!("Parameter '{key}' {why}")),
    }
}

/// Whether the types of parameters are ones that there are.
///
/// # Errors
/// One is not.
pub fn check_types(template: &Template) -> Result<(), Error> {
    let known = |kind: &str| {
        matches!(kind, "String" | "Number" | "CommaDelimitedList" | "List<Number>" | "List<String>")
            || kind.starts_with("AWS::")
            || kind.starts_with("List<AWS::")
    };
    match template.parameters.iter().find(|(_, rule)| !known(kind(rule))) {
        None => Ok(()),
        Some((key, rule)) => {
            Err(format_error(format!("Unrecognized parameter type: {} ({key})", kind(rule))))
        }
    }
}
