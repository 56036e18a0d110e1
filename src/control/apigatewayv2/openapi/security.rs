//! Security schemes as authorizers, and what operations require of them.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::extensions::{AUTH_NAME, AUTHORIZER, AUTHORIZER_NAME, AUTHTYPE_NAME};
use crate::control::answer::Error;
use crate::control::input::bad_request;
use crate::control::openapi::{Document, Findings, shape};

/// Security schemes by name.
pub type Schemes = BTreeMap<String, Scheme>;

/// What a security scheme came to.
#[derive(Debug)]
pub enum Scheme {
    /// An authorizer that was made.
    Authorizer {
        /// `authorizerId`
        id: String,
        /// `authorizationType` of the routes that ask it.
        authorization: &'static str,
    },
    /// An authorizer that could not be made.
    Broken {
        /// `authorizationType` that its routes would have.
        authorization: &'static str,
    },
    /// Requests are signed.
    Iam,
    /// It only describes what the back end looks at.
    Described,
}

/// The members of CreateAuthorizer that a security scheme describes; `None`: it describes none.
pub fn authorizer(name: &str, scheme: &Value) -> Option<Map<String, Value>> {
    let extension = scheme.get(AUTHORIZER_NAME)?.as_object()?;
    let mut members = shape::members(AUTHORIZER, extension);
    members.insert("name".into(), name.into());
    issuer_of_url(&mut members, scheme);
    Some(members)
}

/// `authorizationType` of the routes that ask an authorizer with these members.
pub fn authorization(members: &Map<String, Value>) -> &'static str {
    if members.get("authorizerType").and_then(Value::as_str) == Some("JWT") { "JWT" } else { "CUSTOM" }
}

/// A scheme without an authorizer.
pub fn plain(scheme: &Value) -> Scheme {
    match scheme.get(AUTHTYPE_NAME).and_then(Value::as_str) {
        Some(kind) if kind.eq_ignore_ascii_case("awsSigv4") => Scheme::Iam,
        Some(_) | None => Scheme::Described,
    }
}

/// The members of CreateRoute that say who may call an operation; or why nobody could.
///
/// # Errors
/// It requires more than one scheme, which no route can.
pub fn required(
    document: &Document,
    operation: &Value,
    schemes: &Schemes,
    at: &str,
    findings: &mut Findings,
) -> Result<Result<Map<String, Value>, String>, Error> {
    let signed = operation.get(AUTH_NAME).and_then(|auth| auth.get("type")).and_then(Value::as_str);
    if signed.is_some_and(|kind| kind.eq_ignore_ascii_case("AWS_IAM")) {
        return Ok(Ok(of_type("AWS_IAM")));
    }
    let requirements = operation.get("security").or_else(|| document.member("security"));
    let requirements = requirements.and_then(Value::as_array).into_iter().flatten();
    let mut names = requirements.filter_map(Value::as_object).flatten();
    let Some((name, scopes)) = names.next() else { return Ok(Ok(Map::new())) };
    if names.next().is_some() {
        return Err(bad_request(format!("An operation can require one security scheme only, unlike {at}")));
    }
    Ok(match schemes.get(name) {
        Some(Scheme::Authorizer { id, authorization }) => {
            let mut members = of_type(authorization);
            members.insert("authorizerId".into(), id.as_str().into());
            if scopes.as_array().is_some_and(|scopes| !scopes.is_empty()) {
                members.insert("authorizationScopes".into(), scopes.clone());
            }
            Ok(members)
        }
        Some(Scheme::Iam) => Ok(of_type("AWS_IAM")),
        Some(Scheme::Described) => {
            findings.inform(format!(
                "Security scheme '{name}' has no {AUTHORIZER_NAME}: anybody may call {at}. Ignoring."
            ));
            Ok(Map::new())
        }
        Some(Scheme::Broken { authorization }) => Err(no_authorizer(authorization)),
        None => Err(no_authorizer("CUSTOM")),
    })
}

fn of_type(authorization: &str) -> Map<String, Value> {
    Map::from_iter([("authorizationType".into(), authorization.into())])
}

/// AWS's own words.
fn no_authorizer(authorization: &str) -> String {
    format!(
        "Invalid authorizer definition. Setting the authorization type to {authorization} requires a valid authorizer"
    )
}

/// The issuer of an `openIdConnect` scheme is where its configuration lies, unless the extension names another.
fn issuer_of_url(members: &mut Map<String, Value>, scheme: &Value) {
    let Some(url) = scheme.get("openIdConnectUrl").and_then(Value::as_str) else { return };
    let issuer = url.strip_suffix("/.well-known/openid-configuration").unwrap_or(url);
    if let Some(Value::Object(jwt)) = members.get_mut("jwtConfiguration") {
        jwt.entry("issuer").or_insert_with(|| issuer.into());
    }
}
