//! What a definition says of the api itself.

use serde_json::{Map, Value};

use super::extensions::{ENDPOINT, INFO, ROOT};
use crate::control::cloudformation::template::text_of;
use crate::control::openapi::{Document, shape};

const ENDPOINT_NAME: &str = "x-amazon-apigateway-endpoint-configuration";

/// The members of CreateRestApi that the document describes.
pub fn members(document: &Document) -> Map<String, Value> {
    let mut members = match document.member("info") {
        Some(Value::Object(info)) => shape::members(INFO, info),
        Some(_) | None => Map::new(),
    };
    // An empty text is refused where it is said.
    if members.get("description").is_some_and(|text| *text == "") {
        members.remove("description");
    }
    members.extend(shape::members(ROOT, document.root()));
    match document.member("x-amazon-apigateway-policy") {
        Some(Value::String(text)) => members.insert("policy".into(), text.as_str().into()),
        Some(policy @ Value::Object(_)) => members.insert("policy".into(), policy.to_string().into()),
        Some(_) | None => None,
    };
    if let Some(said) = endpoint(document) {
        let configuration = shape::members(ENDPOINT, said);
        if !configuration.is_empty() {
            members.insert("endpointConfiguration".into(), configuration.into());
        }
        if let Some(disabled) = said.get("disableExecuteApiEndpoint") {
            members.insert("disableExecuteApiEndpoint".into(), (text_of(disabled) == "true").into());
        }
    }
    let tags = document.tags();
    if !tags.is_empty() {
        members.insert("tags".into(), tags.into());
    }
    members
}

/// At the root, or at a server.
fn endpoint(document: &Document) -> Option<&Map<String, Value>> {
    let servers = document.member("servers").and_then(Value::as_array).into_iter().flatten();
    let of_servers = servers.filter_map(|server| server.get(ENDPOINT_NAME));
    document.member(ENDPOINT_NAME).into_iter().chain(of_servers).find_map(Value::as_object)
}
