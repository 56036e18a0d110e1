//! What only authorizers of the type REQUEST have: a function, and of HTTP APIs what it is sent and how it answers.

use super::super::integration;
use super::super::websocket::refuse_members;
use super::{Members, apply_sources};
use crate::control::answer::Error;
use crate::control::input::{Input, bad_request};
use crate::live::access::identity_source;
use crate::model::Api;
use crate::model::api::{FunctionAuthorizer, PayloadFormat, Protocol};

/// Members that only authorizers of HTTP APIs have.
const HTTP_ONLY: &[&str] = &["authorizerPayloadFormatVersion", "enableSimpleResponses", "jwtConfiguration"];

/// What an identity source of a WebSocket API may begin with; a name follows. The last two are how HTTP APIs spell
/// them, which AWS takes here too.
const WEBSOCKET_SOURCES: &[&str] = &[
    "route.request.header.",
    "route.request.querystring.",
    "stageVariables.",
    "context.",
    "$request.header.",
    "$request.querystring.",
];

/// How long a function's answer stands where nothing is said, and where something tells clients apart: what consoles
/// and tools of AWS send.
const DEFAULT_TTL_S: u32 = 300;

/// One that says nothing yet.
pub fn begin(input: &Input, protocol: Protocol) -> Result<FunctionAuthorizer, Error> {
    if !input.has("authorizerUri") {
        return Err(bad_request("Authorizer URI is required"));
    }
    if protocol == Protocol::Http && !input.has("authorizerPayloadFormatVersion") {
        return Err(bad_request(
            "AuthorizerPayloadFormatVersion is a required parameter for REQUEST authorizer",
        ));
    }
    let identified = input.strings("identitySource")?.is_some_and(|sources| !sources.is_empty());
    Ok(FunctionAuthorizer {
        uri: String::new(),
        credentials_arn: None,
        payload: PayloadFormat::V1,
        simple_responses: false,
        ttl_s: if protocol == Protocol::Http && identified { DEFAULT_TTL_S } else { 0 },
    })
}

/// Reads what CreateAuthorizer and UpdateAuthorizer say.
pub fn apply(
    judge: &mut FunctionAuthorizer,
    sources: &mut Vec<String>,
    input: &Input,
    api: &Api,
) -> Result<(), Error> {
    if let Some(uri) = input.string("authorizerUri", 1..=2048)? {
        if !integration::is_function(&uri, &api.owner) {
            return Err(bad_request(format!("Invalid Authorizer URI: {uri}")));
        }
        judge.uri = uri;
    }
    if let Some(arn) = input.text("authorizerCredentialsArn")? {
        judge.credentials_arn = Some(arn).filter(|arn| !arn.is_empty());
    }
    let ttl = input.integer("authorizerResultTtlInSeconds", 0..=3600)?;
    match api.protocol {
        Protocol::WebSocket => {
            refuse_members(input, HTTP_ONLY)?;
            // The function is asked once for each connection: nothing is kept that could last.
            if ttl.is_some_and(|seconds| seconds > 0) {
                return refuse_members(input, &["authorizerResultTtlInSeconds"]);
            }
            apply_sources(sources, input, |source| {
                let names = |start: &&str| source.strip_prefix(*start).is_some_and(|name| !name.is_empty());
                WEBSOCKET_SOURCES.iter().any(names)
            })
        }
        Protocol::Http => {
            if input.has("jwtConfiguration") {
                return Err(bad_request("jwtConfiguration is not supported for REQUEST authorizer"));
            }
            apply_sources(sources, input, |source| identity_source(source).is_ok())?;
            if let Some(seconds) = ttl {
                judge.ttl_s = u32::try_from(seconds).expect("at most 3600");
            }
            apply_format(judge, input)?;
            match judge.ttl_s > 0 && sources.is_empty() {
                true => Err(bad_request(
                    "Identity source must be set if authorizer caching is enabled (TTL is greater than 0)",
                )),
                false => Ok(()),
            }
        }
    }
}

/// What the function of an HTTP API is sent, and how it answers.
fn apply_format(judge: &mut FunctionAuthorizer, input: &Input) -> Result<(), Error> {
    match input.one_of("authorizerPayloadFormatVersion", &["1.0", "2.0"])? {
        Some("2.0") => judge.payload = PayloadFormat::V2,
        Some(_) => judge.payload = PayloadFormat::V1,
        None => {}
    }
    if let Some(simple) = input.boolean("enableSimpleResponses")? {
        judge.simple_responses = simple;
    }
    match (judge.simple_responses, judge.payload) {
        (true, PayloadFormat::V1) => {
            Err(bad_request("enableSimpleResponses is only supported for authorizerPayloadFormatVersion 2.0"))
        }
        (true, PayloadFormat::V2) | (false, _) => Ok(()),
    }
}

/// Adds to an answer what only these have.
pub fn show(members: Members, judge: &FunctionAuthorizer, protocol: Protocol) -> Members {
    let members = members
        .with("authorizerUri", judge.uri.as_str())
        .maybe("authorizerCredentialsArn", judge.credentials_arn.as_deref());
    match protocol {
        Protocol::WebSocket => members,
        Protocol::Http => members
            .with("authorizerPayloadFormatVersion", judge.payload.as_str())
            .with("authorizerResultTtlInSeconds", judge.ttl_s)
            .with("enableSimpleResponses", judge.simple_responses),
    }
}
