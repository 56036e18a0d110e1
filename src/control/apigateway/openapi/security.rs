//! Security schemes: what methods require.

use serde_json::{Map, Value, json};

use super::extensions::AUTHORIZER;
use crate::control::openapi::shape;

/// What a security scheme comes to.
#[derive(Debug)]
pub enum Scheme {
    /// An authorizer, to be made by CreateAuthorizer.
    Authorizer(Map<String, Value>),
    /// An API key.
    Key,
    /// Requests are signed.
    Iam,
    /// It only describes what the back end looks at.
    Described,
}

/// What a scheme of this name describes.
pub fn scheme(name: &str, scheme: &Value) -> Scheme {
    let authtype = scheme.get("x-amazon-apigateway-authtype").and_then(Value::as_str).unwrap_or_default();
    if let Some(extension) = scheme.get("x-amazon-apigateway-authorizer").and_then(Value::as_object) {
        let mut members = shape::members(AUTHORIZER, extension);
        members.insert("name".into(), name.into());
        if !authtype.is_empty() {
            members.insert("authType".into(), authtype.into());
        }
        return Scheme::Authorizer(members);
    }
    let header = scheme.get("name").and_then(Value::as_str).unwrap_or_default();
    if authtype.eq_ignore_ascii_case("awsSigv4") {
        Scheme::Iam
    } else if scheme.get("type") == Some(&json!("apiKey")) && header.eq_ignore_ascii_case("x-api-key") {
        Scheme::Key
    } else {
        Scheme::Described
    }
}

/// `authorizationType` of the methods that ask an authorizer with these members.
pub fn authorization(members: &Map<String, Value>) -> &'static str {
    match members.get("type").and_then(Value::as_str) {
        Some("COGNITO_USER_POOLS") => "COGNITO_USER_POOLS",
        Some(_) | None => "CUSTOM",
    }
}
