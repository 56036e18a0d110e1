//! The events that functions get: of HTTP APIs in both payload formats ("Create AWS Lambda proxy integrations for
//! HTTP APIs in API Gateway"), of REST APIs, and of WebSocket APIs; written straight into the buffer that is sent.
//!
//! Where the gateway is not AWS it says what is true: `X-Forwarded-Proto` is what the client spoke, `X-Forwarded-Port` the port
//! in the client's `Host`, and `domainName` has that port too, so that a function can call back what it reads
//! there.

mod certificate;
mod headers;
mod rest;
mod v1;
mod v2;
pub(super) mod ws;

use std::collections::BTreeMap;

use super::exchange::Journey;
use super::http_api::jwt::Claims;
use super::json::{self, Members};
use crate::live::keys::Key;
use crate::proto::http1::Request;
use crate::proto::query;

pub(super) use headers::Caller;
pub(super) use rest::write as rest;
pub(super) use v1::{write as v1, write_question as authorizer_v1};
pub(super) use v2::{write as v2, write_question as authorizer_v2};

/// As much as an event takes besides the request: what its buffer starts with.
const USUAL: usize = 2048;

/// A buffer that will do for the event of most requests.
fn buffer(request: &Request) -> Vec<u8> {
    Vec::with_capacity(USUAL + request.target().len() * 4 + request.body().len() * 3 / 2)
}

/// The path as the api's client sees it: with the stage, if it is part of URLs. Decoded once.
fn write_decoded_path(out: &mut Vec<u8>, journey: &Journey) {
    write_stage(out, journey);
    json::escaped(out, &query::decode_path(journey.path()));
}

fn write_stage(out: &mut Vec<u8>, journey: &Journey) {
    if !journey.stage.is_default() {
        out.push(b'/');
        json::escaped(out, &journey.stage.name);
    }
}

/// The members of `identity` that say which API key let the client in, and a comma.
fn write_api_key(out: &mut Vec<u8>, key: &Key) {
    for (before, text) in [("\"apiKey\":\"", &key.value), ("\",\"apiKeyId\":\"", &key.id)] {
        out.extend_from_slice(before.as_bytes());
        json::escaped(out, text);
    }
    out.extend_from_slice(b"\",");
}

/// The first label of a domain.
fn prefix(domain: &str) -> &str {
    domain.split_once('.').map_or(domain, |(prefix, _)| prefix)
}

fn user_agent(request: &Request) -> &[u8] {
    request.header("user-agent").unwrap_or_default()
}

/// An object of the route's variables.
fn write_path_parameters(out: &mut Vec<u8>, journey: &Journey) {
    let mut members = Members::open(out);
    for (name, raw) in journey.route().variables.values(journey.path()) {
        members.name(out, name);
        json::string(out, &query::decode_path(raw));
    }
    members.close(out);
}

/// An object of the stage's variables.
fn write_stage_variables(out: &mut Vec<u8>, variables: &BTreeMap<String, String>) {
    let mut members = Members::open(out);
    for (name, value) in variables {
        members.name(out, name);
        json::string(out, value);
    }
    members.close(out);
}

/// What a token says.
fn write_claims(out: &mut Vec<u8>, token: &Claims) {
    out.extend_from_slice(b"{\"claims\":");
    let mut members = Members::open(out);
    for (name, value) in &token.claims {
        members.name(out, name);
        json::string(out, value);
    }
    members.close(out);
    out.extend_from_slice(b",\"scopes\":");
    match &token.scopes {
        None => out.extend_from_slice(b"null"),
        Some(scopes) => json::list(out, scopes.iter(), |out, scope| json::string(out, scope)),
    }
    out.push(b'}');
}

/// A query's names, sorted, each with all its values in the order that they came in.
fn grouped(query: &str) -> Vec<(String, Vec<String>)> {
    let mut pairs: Vec<_> = query::pairs(query).collect();
    pairs.sort_by(|(one, _), (other, _)| one.cmp(other));
    let mut groups: Vec<(String, Vec<String>)> = Vec::new();
    for (name, value) in pairs {
        match groups.last_mut().filter(|(known, _)| *known == name) {
            Some((_, values)) => values.push(value.into_owned()),
            None => groups.push((name.into_owned(), vec![value.into_owned()])),
        }
    }
    groups
}

/// A query, as what is absent is null; and a comma before it.
fn write_query(out: &mut Vec<u8>, query: &str) {
    match &grouped(query)[..] {
        [] => {
            out.extend_from_slice(b",\"queryStringParameters\":null,\"multiValueQueryStringParameters\":null")
        }
        groups => {
            out.push(b',');
            write_groups(out, groups);
        }
    }
}

/// Two members: the last value of each name, then all values of each.
fn write_groups(out: &mut Vec<u8>, groups: &[(String, Vec<String>)]) {
    out.extend_from_slice(b"\"queryStringParameters\":");
    let mut members = Members::open(out);
    for (name, values) in groups {
        members.name(out, name);
        json::string(out, values.last().map_or("", |value| value));
    }
    members.close(out);
    out.extend_from_slice(b",\"multiValueQueryStringParameters\":");
    let mut members = Members::open(out);
    for (name, values) in groups {
        members.name(out, name);
        json::list(out, values.iter(), |out, value| json::string(out, value));
    }
    members.close(out);
}

/// A body, as a string.
fn write_body(out: &mut Vec<u8>, body: Body<'_>) {
    match body {
        Body::Text(text) => json::string(out, text),
        Body::Binary(bytes) => json::base64(out, bytes),
    }
}

/// A body as events have it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Body<'a> {
    Text(&'a str),
    Binary(&'a [u8]),
}

impl<'a> Body<'a> {
    /// `None`: there is none. What its type calls text and is none is sent as it is, in base64.
    fn of(request: &'a Request) -> Option<Self> {
        let body = request.body();
        if body.is_empty() {
            return None;
        }
        let text = is_text(request.header("content-type").unwrap_or_default());
        match std::str::from_utf8(body) {
            Ok(body) if text => Some(Self::Text(body)),
            Ok(_) | Err(_) => Some(Self::Binary(body)),
        }
    }

    /// How many bytes.
    fn len(self) -> usize {
        match self {
            Self::Text(text) => text.len(),
            Self::Binary(bytes) => bytes.len(),
        }
    }

    fn is_binary(self) -> bool {
        matches!(self, Self::Binary(_))
    }
}

/// Whether a content type is one whose bodies are passed as text: as measured on AWS, which knows these and no
/// others, not even forms, and of the encodings UTF-8 alone.
fn is_text(content_type: &[u8]) -> bool {
    const TEXT: [&str; 5] =
        ["application/json", "application/xml", "application/javascript", "application/graphql", "text/"];
    let Ok(content_type) = std::str::from_utf8(content_type) else { return false };
    let mut parts = content_type.split(';').map(str::trim);
    let kind = parts.next().unwrap_or_default();
    let known = TEXT.iter().any(|text| match text.strip_suffix('/') {
        Some(family) => kind.split_once('/').is_some_and(|(is, _)| is.eq_ignore_ascii_case(family)),
        None => kind.eq_ignore_ascii_case(text),
    });
    let charset = parts.find_map(|parameter| {
        let (name, value) = parameter.split_once('=')?;
        name.trim().eq_ignore_ascii_case("charset").then(|| value.trim().trim_matches('"'))
    });
    known && charset.is_none_or(|charset| charset.eq_ignore_ascii_case("utf-8"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn which_types_are_text() {
        for (content_type, expected) in [
            ("text/plain", true),
            ("text/html; charset=utf-8", true),
            ("TEXT/CSV; Charset=\"UTF-8\"", true),
            ("text/plain; charset=iso-8859-1", false),
            ("application/json", true),
            ("application/json; charset=UTF-8", true),
            ("application/json;odd", true),
            ("application/xml", true),
            ("application/javascript", true),
            ("application/graphql", true),
            ("application/vnd.api+json", false),
            ("application/x-www-form-urlencoded", false),
            ("multipart/form-data; boundary=x", false),
            ("application/octet-stream", false),
            ("image/png", false),
            ("textual/x", false),
            ("", false),
        ] {
            assert_eq!(is_text(content_type.as_bytes()), expected, "{content_type}");
        }
    }

    #[test]
    fn groups() {
        let shown: Vec<_> =
            grouped("b=1&a=2&b=3&a&c=%20").iter().map(|(n, v)| format!("{n}={}", v.join("|"))).collect();
        assert_eq!(shown, ["a=2|", "b=1|3", "c= "]);
    }
}
