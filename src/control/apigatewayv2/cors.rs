//! `corsConfiguration`: read, merged, checked.

use serde_json::Value;

use super::{Members, edit_and_deploy};
use crate::control::Context;
use crate::control::answer::{Answer, Error};
use crate::control::call::Call;
use crate::control::input::{Input, bad_request};
use crate::model::Store;
use crate::model::api::Cors;

/// DeleteCorsConfiguration
pub fn delete(store: &mut Store, _: &Context, call: &Call) -> Result<Answer, Error> {
    edit_and_deploy(store, call, |api, _| {
        api.cors = None;
        Ok(Answer::no_content())
    })
}

/// What there was, with what is given now.
pub fn merge(before: Option<&Cors>, given: &Input) -> Result<Cors, Error> {
    let mut cors = before.cloned().unwrap_or_default();
    let lists = [
        ("allowHeaders", &mut cors.allow_headers),
        ("allowMethods", &mut cors.allow_methods),
        ("allowOrigins", &mut cors.allow_origins),
        ("exposeHeaders", &mut cors.expose_headers),
    ];
    for (name, list) in lists {
        if let Some(items) = given.strings(name)? {
            *list = Some(items);
        }
    }
    if let Some(allow) = given.boolean("allowCredentials")? {
        cors.allow_credentials = Some(allow);
    }
    if let Some(seconds) = given.integer("maxAge", -1..=86_400)? {
        cors.max_age = Some(seconds);
    }
    check(&cors)?;
    Ok(cors)
}

/// As answers show it.
pub fn show(cors: &Cors) -> Value {
    Members::default()
        .maybe("allowCredentials", cors.allow_credentials)
        .maybe("allowHeaders", cors.allow_headers.clone())
        .maybe("allowMethods", cors.allow_methods.clone())
        .maybe("allowOrigins", cors.allow_origins.clone())
        .maybe("exposeHeaders", cors.expose_headers.clone())
        .maybe("maxAge", cors.max_age)
        .done()
}

/// What the developer guide allows as `allowMethods`.
const METHODS: &[&str] = &["*", "DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"];

fn check(cors: &Cors) -> Result<(), Error> {
    let origins = cors.allow_origins.as_deref().unwrap_or_default();
    if cors.allow_credentials == Some(true) && origins.iter().any(|origin| origin == "*") {
        return Err(bad_request("allow-credentials is not supported if 'allow-origin' is *"));
    }
    for origin in origins {
        if !is_origin(origin) {
            return Err(bad_request(format!("Invalid format for origin {origin}")));
        }
    }
    for method in cors.allow_methods.iter().flatten() {
        if !METHODS.contains(&method.as_str()) {
            return Err(bad_request(format!("Invalid value for allowMethods specified: {method}")));
        }
    }
    for header in cors.allow_headers.iter().chain(&cors.expose_headers).flatten() {
        // It goes into a header's value as it is.
        if header.is_empty() || !header.bytes().all(|byte| byte.is_ascii_graphic() && byte != b',') {
            return Err(bad_request(format!("Invalid header name specified in corsConfiguration: {header}")));
        }
    }
    Ok(())
}

/// `*`, `https://*`, or an origin in full: AWS takes no other schemes, and no `*` for a part of a name.
fn is_origin(text: &str) -> bool {
    let of_host = |byte: u8| byte.is_ascii_graphic() && !b",/*".contains(&byte);
    match text.strip_prefix("https://").or_else(|| text.strip_prefix("http://")) {
        Some(host) => host == "*" || !host.is_empty() && host.bytes().all(of_host),
        None => text == "*",
    }
}
