//! `requestParameters`: what a route declares, and what an integration makes of it.
//!
//! An integration's key says what is set, `integration.request.{header|querystring|path}.{name}`; its value says
//! whence: from the request that opened the connection, from a message, from `context` or the stage's variables, or
//! `'text'`.

use std::collections::BTreeMap;

use super::super::parameters::invalid;
use crate::control::answer::Error;
use crate::control::input::{Input, bad_request};
use crate::live::json_path::JsonPath;
use crate::model::api::{Integration, Route};

/// AWS: values of 1 to 512 characters.
const MAX_VALUE: usize = 512;
/// Most mappings of one integration, and most parameters of one route; ours.
const MAX_PARAMETERS: usize = 300;

/// Adds what is given to the mappings of an integration; an empty value takes its key away.
pub fn merge(mappings: &mut BTreeMap<String, String>, given: BTreeMap<String, String>) -> Result<(), Error> {
    for (key, value) in given {
        if value.is_empty() {
            mappings.remove(&key);
            continue;
        }
        let target = key.strip_prefix("integration.request.").and_then(|target| target.split_once('.'));
        if !target
            .is_some_and(|(place, name)| matches!(place, "header" | "querystring" | "path") && is_name(name))
        {
            return Err(invalid(format!("Invalid mapping expression specified: {key}")));
        }
        if value.len() > MAX_VALUE || !is_source(&value) {
            return Err(invalid(format!("Invalid mapping expression parameter specified: {value}")));
        }
        mappings.insert(key, value);
    }
    check_count(mappings.len())
}

/// Adds what is given to the parameters that a route declares.
pub fn declare(declared: &mut BTreeMap<String, bool>, given: BTreeMap<String, Input>) -> Result<(), Error> {
    for (key, constraints) in given {
        let parameter = key.strip_prefix("route.request.").and_then(|rest| rest.split_once('.'));
        if !parameter.is_some_and(|(place, name)| matches!(place, "header" | "querystring") && is_name(name))
        {
            return Err(bad_request(format!(
                "Invalid request parameter specified: {key}. It must be route.request.querystring.{{name}} or \
                 route.request.header.{{name}}"
            )));
        }
        declared.insert(key, constraints.boolean("required")?.unwrap_or(false));
    }
    check_count(declared.len())
}

/// Whether the route declares what its integration takes from the request.
pub fn check_declared(route: &Route, integration: &Integration) -> Result<(), Error> {
    let undeclared = |value: &&String| {
        let Some((place, name)) = of_request(value) else { return false };
        let place = place.strip_prefix("multivalue").unwrap_or(place);
        !route.request_parameters.contains_key(&format!("route.request.{place}.{name}"))
    };
    match integration.request_parameters.values().find(undeclared) {
        Some(value) => Err(invalid(format!("Invalid mapping expression parameter specified: {value}"))),
        None => Ok(()),
    }
}

fn is_source(value: &str) -> bool {
    if let Some((place, name)) = of_request(value) {
        let places = ["header", "querystring", "multivalueheader", "multivaluequerystring"];
        return places.contains(&place) && is_name(name);
    }
    if let Some(path) = value.strip_prefix("route.request.body") {
        return JsonPath::parse(path).is_some();
    }
    let name = value.strip_prefix("context.").or_else(|| value.strip_prefix("stageVariables."));
    let literal = value.strip_prefix('\'').and_then(|rest| rest.strip_suffix('\''));
    name.is_some_and(is_name) || literal.is_some()
}

/// Place and name of a value that is taken from the request that opened the connection. The API reference spells
/// it `method.request.`, as REST APIs do.
fn of_request(value: &str) -> Option<(&str, &str)> {
    let rest = value.strip_prefix("route.request.").or_else(|| value.strip_prefix("method.request."))?;
    rest.split_once('.').filter(|(place, _)| !place.starts_with("body"))
}

/// AWS: `^[a-zA-Z0-9._$-]+$`.
fn is_name(name: &str) -> bool {
    !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._$-".contains(&byte))
}

fn check_count(count: usize) -> Result<(), Error> {
    if count > MAX_PARAMETERS {
        return Err(bad_request(format!("There can be at most {MAX_PARAMETERS} requestParameters")));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sources() {
        for value in [
            "route.request.querystring.auth",
            "route.request.header.X-Key",
            "method.request.multivalueheader.a",
            "route.request.multivaluequerystring.a",
            "route.request.body",
            "route.request.body.a.b[0]",
            "context.connectionId",
            "context.authorizer.principalId",
            "stageVariables.x",
            "'text'",
            "''",
        ] {
            assert!(is_source(value), "{value}");
        }
        for value in [
            "text",
            "'text",
            "'",
            "$context.connectionId",
            "context.",
            "route.request.path.a",
            "route.request.header.",
            "route.request.header.a b",
            "route.request.body..a",
            "request.header.a",
            "integration.response.header.a",
        ] {
            assert!(!is_source(value), "{value}");
        }
    }
}
