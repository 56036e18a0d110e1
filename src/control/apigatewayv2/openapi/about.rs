//! What a definition says of the api itself: its name and the like, tags, and how it is reached.

use serde_json::{Map, Value};

use super::extensions::{ENDPOINT, ENDPOINT_NAME, INFO};
use crate::control::openapi::{Document, Findings, shape};

/// The members of CreateApi that the document describes; `tags` only where it has any.
pub fn members(document: &Document, findings: &mut Findings) -> Map<String, Value> {
    let mut members = match document.member("info") {
        Some(Value::Object(info)) => shape::members(INFO, info),
        Some(_) | None => Map::new(),
    };
    for (name, issue) in [("name", "info.title is missing"), ("version", "info.version is missing")] {
        if !members.contains_key(name) {
            findings.parse_issue(issue);
        }
    }
    members.insert("protocolType".into(), "HTTP".into());
    members.extend(endpoint(document));
    let tags = document.tags();
    if !tags.is_empty() {
        members.insert("tags".into(), tags.into());
    }
    members
}

fn endpoint(document: &Document) -> Map<String, Value> {
    let servers = document.member("servers").and_then(Value::as_array).into_iter().flatten();
    let of_servers = servers.filter_map(|server| server.get(ENDPOINT_NAME));
    let mut found = document.member(ENDPOINT_NAME).into_iter().chain(of_servers);
    found.find_map(Value::as_object).map_or_else(Map::new, |said| shape::members(ENDPOINT, said))
}
