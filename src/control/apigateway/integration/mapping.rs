//! `requestParameters` and `responseParameters`: what changes, and the expression that says where it comes from.
//! (The developer guide's page "Amazon API Gateway data mapping for REST APIs".)

use std::collections::BTreeMap;

use super::super::read;
use crate::control::answer::Error;
use crate::control::input::bad_request;
use crate::model::rest::{Method, MethodResponse};
use crate::model::settings::Parity;

type Mapping = BTreeMap<String, String>;

const REQUEST_DESTINATIONS: &[&str] =
    &["integration.request.header.", "integration.request.querystring.", "integration.request.path."];

const REQUEST_SOURCES: &[&str] = &[
    "method.request.header.",
    "method.request.multivalueheader.",
    "method.request.querystring.",
    "method.request.multivaluequerystring.",
    "method.request.path.",
];

const RESPONSE_SOURCES: &[&str] = &["integration.response.header.", "integration.response.multivalueheader."];

/// Where a response's mapping goes to: headers only.
const HEADER: &str = "method.response.header.";

/// Whether a request's mappings can be carried out.
pub fn check_request(mapping: &Mapping, method: &Method, parity: Parity) -> Result<(), Error> {
    mapping.iter().try_for_each(|(to, from)| check_request_entry(to, from, method, parity))
}

/// The same of one.
pub fn check_request_entry(to: &str, from: &str, method: &Method, parity: Parity) -> Result<(), Error> {
    if !names_something(to, REQUEST_DESTINATIONS) {
        return Err(read::invalid_mapping(to));
    }
    if names_something(from, REQUEST_SOURCES) {
        // LocalStack lets pass what AWS refuses: a parameter that the method doesn't declare.
        let declared = method.request_parameters.contains_key(&from.replacen("multivalue", "", 1));
        return match declared || parity == Parity::LocalStack {
            true => Ok(()),
            false => Err(undeclared(from)),
        };
    }
    match is_body(from, "method.request.body") || is_common(from) {
        true => Ok(()),
        false => Err(read::invalid_mapping(from)),
    }
}

/// Whether a response's mappings can be carried out: the headers are those of the method's response.
pub fn check_response(mapping: &Mapping, promised: Option<&MethodResponse>) -> Result<(), Error> {
    mapping.iter().try_for_each(|(to, from)| check_response_entry(to, from, promised))
}

/// The same of one.
pub fn check_response_entry(to: &str, from: &str, promised: Option<&MethodResponse>) -> Result<(), Error> {
    if !names_something(to, &[HEADER]) {
        return Err(read::invalid_mapping(to));
    }
    let promised = promised.and_then(|response| response.response_parameters.as_ref());
    if !promised.is_some_and(|parameters| parameters.contains_key(to)) {
        return Err(undeclared(to));
    }
    let is_source = names_something(from, RESPONSE_SOURCES) || is_body(from, "integration.response.body");
    match is_source || is_common(from) {
        true => Ok(()),
        false => Err(read::invalid_mapping(from)),
    }
}

fn names_something(text: &str, starts: &[&str]) -> bool {
    starts.iter().any(|start| text.strip_prefix(start).is_some_and(|name| !name.is_empty()))
}

/// All of it, or a JSON path in it.
fn is_body(text: &str, body: &str) -> bool {
    text.strip_prefix(body).is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']))
}

/// What both directions have.
fn is_common(text: &str) -> bool {
    let is_static = text.len() >= 2 && text.starts_with('\'') && text.ends_with('\'');
    is_static || names_something(text, &["context.", "stageVariables."])
}

fn undeclared(name: &str) -> Error {
    bad_request(format!(
        "Invalid mapping expression specified: Validation Result: warnings : [], errors : [Invalid mapping expression \
         parameter specified: {name}]"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests() {
        let mut method = Method::new("GET");
        method.request_parameters.insert("method.request.header.h".into(), true);
        for (to, from, aws, localstack) in [
            ("integration.request.header.a", "method.request.header.h", true, true),
            ("integration.request.header.a", "method.request.multivalueheader.h", true, true),
            ("integration.request.header.a", "method.request.header.other", false, true),
            ("integration.request.header.a", "method.request.header.", false, false),
            ("integration.request.querystring.a", "'static'", true, true),
            ("integration.request.querystring.a", "''", true, true),
            ("integration.request.querystring.a", "'", false, false),
            ("integration.request.path.a", "context.requestId", true, true),
            ("integration.request.path.a", "stageVariables.x", true, true),
            ("integration.request.path.a", "method.request.body", true, true),
            ("integration.request.path.a", "method.request.body.a[0]", true, true),
            ("integration.request.path.a", "method.request.bodyx", false, false),
            ("integration.request.path.a", "true", false, false),
            ("integration.request.path.", "'x'", false, false),
            ("method.request.path.a", "'x'", false, false),
        ] {
            let fits = |parity| check_request_entry(to, from, &method, parity).is_ok();
            assert_eq!((fits(Parity::Aws), fits(Parity::LocalStack)), (aws, localstack), "{to} {from}");
        }
    }

    #[test]
    fn responses() {
        let declared = BTreeMap::from([("method.response.header.a".to_owned(), false)]);
        let promised = MethodResponse { response_parameters: Some(declared), ..MethodResponse::default() };
        for (to, from, expected) in [
            ("method.response.header.a", "'*'", true),
            ("method.response.header.a", "integration.response.header.x", true),
            ("method.response.header.a", "integration.response.body.x", true),
            ("method.response.header.a", "method.request.header.x", false),
            ("method.response.header.b", "'*'", false),
            ("method.response.body", "'*'", false),
        ] {
            assert_eq!(check_response_entry(to, from, Some(&promised)).is_ok(), expected, "{to} {from}");
        }
        assert!(check_response_entry("method.response.header.a", "'*'", None).is_err());
    }
}
