//! What only authorizers of the type JWT have: an issuer and its audience.

use serde_json::Value;

use super::super::limits;
use super::{Members, apply_sources};
use crate::control::answer::Error;
use crate::control::input::{Input, bad_request};
use crate::live::access::{discovery, identity_source};
use crate::live::mapping::Source;
use crate::live::uri::Backend;
use crate::model::Settings;
use crate::model::api::JwtConfiguration;
use crate::model::settings::Parity;

/// Members that only authorizers of the type REQUEST have.
const REQUEST_ONLY: &[&str] =
    &["authorizerCredentialsArn", "authorizerPayloadFormatVersion", "authorizerUri"];

/// One that says nothing yet.
pub fn begin(input: &Input) -> Result<JwtConfiguration, Error> {
    for (member, what) in [("jwtConfiguration", "JwtConfiguration"), ("identitySource", "IdentitySource")] {
        if !input.has(member) {
            return Err(bad_request(format!("{what} is a required parameter for JWT authorizer")));
        }
    }
    Ok(JwtConfiguration { issuer: String::new(), audience: Vec::new() })
}

/// Reads what CreateAuthorizer and UpdateAuthorizer say.
pub fn apply(
    jwt: &mut JwtConfiguration,
    sources: &mut Vec<String>,
    input: &Input,
    settings: &Settings,
) -> Result<(), Error> {
    let simple = input.boolean("enableSimpleResponses")? == Some(true);
    let cached = input.integer("authorizerResultTtlInSeconds", 0..=3600)?.is_some_and(|ttl| ttl > 0);
    let foreign = REQUEST_ONLY.iter().find(|name| input.has(name)).copied();
    let foreign = foreign
        .or(simple.then_some("enableSimpleResponses"))
        .or(cached.then_some("authorizerResultTtlInSeconds"));
    if let Some(name) = foreign {
        return Err(bad_request(format!("{name} is not supported for JWT authorizer")));
    }
    if let Some(given) = input.object("jwtConfiguration")? {
        if let Some(issuer) = given.string("issuer", 1..=2048)? {
            jwt.issuer = issuer;
        }
        if let Some(audience) = given.strings("audience")? {
            jwt.audience = audience;
        }
    }
    apply_sources(sources, input, |source| {
        matches!(identity_source(source), Ok(Source::RequestHeader(_) | Source::RequestQuery(_)))
    })?;
    check(jwt, sources, settings)
}

/// Adds to an answer what only these have.
pub fn show(members: Members, jwt: &JwtConfiguration) -> Members {
    let configuration: Value =
        Members::default().with("audience", jwt.audience.clone()).with("issuer", jwt.issuer.as_str()).done();
    members.with("jwtConfiguration", configuration)
}

fn check(jwt: &JwtConfiguration, sources: &[String], settings: &Settings) -> Result<(), Error> {
    if sources.len() != 1 {
        return Err(bad_request("A JWT authorizer must have exactly one identity source"));
    }
    let issuer = &jwt.issuer;
    if !discovery(issuer).is_some_and(|backend| is_allowed(&backend, settings)) {
        return Err(bad_request(format!(
            "Invalid issuer: {issuer}. Issuer must have a valid discovery endpoint ended with \
             '/.well-known/openid-configuration'"
        )));
    }
    if jwt.audience.is_empty() || jwt.audience.iter().any(String::is_empty) {
        return Err(bad_request("Audience is a required parameter for JWT authorizer"));
    }
    limits::check(limits::AUDIENCES, jwt.audience.len() - 1, settings)
}

/// AWS asks https of issuers. One on this machine, or wherever LocalStack's users have theirs, may do without.
fn is_allowed(discovery: &Backend, settings: &Settings) -> bool {
    let host = &*discovery.host;
    let is_local = host == "localhost" || host.ends_with(".localhost") || {
        host.parse().is_ok_and(|ip: std::net::IpAddr| ip.is_loopback())
    };
    discovery.https || is_local || settings.parity == Parity::LocalStack
}
