//! Payload format 1.0, as HTTP APIs have it: what is absent is null; names of headers stay as the client spelled
//! them, but for those that are the gateway's own.

use std::io::Write;

use super::super::exchange::{Identity, Journey};
use super::super::json;
use super::super::sent::Sent;
use super::{Body, certificate, headers};
use crate::live::mapping::Mapping;

/// What nobody here has.
const COGNITO: &str = ",\"cognitoAmr\":null,\"cognitoAuthenticationProvider\":null,\
    \"cognitoAuthenticationType\":null,\"cognitoIdentityId\":null,\"cognitoIdentityPoolId\":null,\
    \"principalOrgId\":null,\"sourceIp\":\"";

/// The event of a request. `time` is the request's, as `requestContext.requestTime` spells it.
pub(in super::super) fn write(journey: &Journey, sent: &Sent<'_>, time: &str) -> Vec<u8> {
    let request = &journey.request;
    let body = Body::of(request);
    let out = &mut super::buffer(request);
    out.extend_from_slice(b"{\"version\":\"1.0\",\"resource\":");
    json::string(out, &journey.route().path);
    // Recorded on AWS: escaped as it was sent here, decoded in the context.
    out.extend_from_slice(b",\"path\":\"");
    super::write_stage(out, journey);
    json::escaped(out, journey.path());
    out.extend_from_slice(b"\",\"httpMethod\":");
    json::string(out, request.method());
    write_headers(out, journey, sent);
    super::write_query(out, &sent.query);
    out.extend_from_slice(b",\"requestContext\":");
    write_context(out, journey, time);
    out.extend_from_slice(b",\"pathParameters\":");
    match journey.route().variables.is_empty() {
        true => out.extend_from_slice(b"null"),
        false => super::write_path_parameters(out, journey),
    }
    out.extend_from_slice(b",\"stageVariables\":");
    match journey.stage.variables.is_empty() {
        true => out.extend_from_slice(b"null"),
        false => super::write_stage_variables(out, &journey.stage.variables),
    }
    out.extend_from_slice(b",\"body\":");
    match body {
        None => out.extend_from_slice(b"null"),
        Some(body) => super::write_body(out, body),
    }
    let binary = body.is_some_and(Body::is_binary);
    write!(out, ",\"isBase64Encoded\":{binary}}}").expect("a buffer takes all");
    std::mem::take(out)
}

/// What is asked of an authorizer. `identity` is what its identity sources have.
pub(in super::super) fn write_question(
    journey: &Journey,
    arn: &str,
    identity: &[String],
    time: &str,
) -> Vec<u8> {
    let request = &journey.request;
    let sent = Sent::new(journey, &Mapping::default());
    let out = &mut super::buffer(request);
    out.extend_from_slice(b"{\"version\":\"1.0\",\"type\":\"REQUEST\",\"methodArn\":");
    json::string(out, arn);
    for member in [",\"identitySource\":", ",\"authorizationToken\":"] {
        out.extend_from_slice(member.as_bytes());
        match identity {
            [] => out.extend_from_slice(b"null"),
            identity => json::string(out, &identity.join(",")),
        }
    }
    out.extend_from_slice(b",\"resource\":");
    json::string(out, &journey.route().path);
    out.extend_from_slice(b",\"path\":\"");
    super::write_stage(out, journey);
    json::escaped(out, journey.path());
    out.extend_from_slice(b"\",\"httpMethod\":");
    json::string(out, request.method());
    write_headers(out, journey, &sent);
    out.push(b',');
    super::write_groups(out, &super::grouped(&sent.query));
    out.extend_from_slice(b",\"pathParameters\":");
    super::write_path_parameters(out, journey);
    out.extend_from_slice(b",\"stageVariables\":");
    super::write_stage_variables(out, &journey.stage.variables);
    out.extend_from_slice(b",\"requestContext\":");
    write_context(out, journey, time);
    out.push(b'}');
    std::mem::take(out)
}

fn write_headers(out: &mut Vec<u8>, journey: &Journey, sent: &Sent<'_>) {
    let others = headers::others(sent.headers.iter());
    out.push(b',');
    headers::write(out, &others, spelled, &headers::OWN, journey.caller());
}

fn spelled(name: &str) -> &str {
    if name.eq_ignore_ascii_case("user-agent") { "User-Agent" } else { name }
}

/// What was asked of who calls, and a comma before it; nothing, if nothing was.
fn write_authorizer(out: &mut Vec<u8>, journey: &Journey) {
    match &journey.identity {
        Identity::Unknown | Identity::Anonymous | Identity::Iam(_) => {}
        Identity::Jwt(claims) => {
            out.extend_from_slice(b",\"authorizer\":");
            super::write_claims(out, claims);
        }
        Identity::Lambda(grant) => {
            out.extend_from_slice(b",\"authorizer\":");
            out.extend_from_slice(grant.flat.as_bytes());
        }
    }
}

/// Who calls: what is known of who signed the request, if it had to be signed.
fn write_identity(out: &mut Vec<u8>, journey: &Journey) {
    let principal = match &journey.identity {
        Identity::Iam(principal) => Some(principal),
        Identity::Unknown | Identity::Anonymous | Identity::Jwt(_) | Identity::Lambda(_) => None,
    };
    let member = |out: &mut Vec<u8>, before: &str, value: Option<&String>| {
        out.extend_from_slice(before.as_bytes());
        match value {
            Some(value) => json::string(out, value),
            None => out.extend_from_slice(b"null"),
        }
    };
    member(out, "{\"accessKey\":", principal.map(|principal| &principal.access_key));
    member(out, ",\"accountId\":", principal.map(|principal| &principal.account));
    member(out, ",\"caller\":", principal.map(|principal| &principal.user_id));
    write!(out, "{COGNITO}{}\"", journey.ip).expect("a buffer takes all");
    member(out, ",\"user\":", principal.map(|principal| &principal.user_id));
    out.extend_from_slice(b",\"userAgent\":\"");
    json::escaped_header(out, super::user_agent(&journey.request));
    member(out, "\",\"userArn\":", principal.map(|principal| &principal.arn));
    if let Some(shown) = journey.channel.certificate() {
        out.push(b',');
        certificate::write(out, shown);
    }
    out.push(b'}');
}

fn write_context(out: &mut Vec<u8>, journey: &Journey, time: &str) {
    let request = &journey.request;
    let (domain, id) = (journey.domain(), journey.id.as_str());
    let mut member = |before: &str, value: &str| {
        out.extend_from_slice(before.as_bytes());
        json::escaped(out, value);
    };
    member("{\"accountId\":\"", &journey.api.owner.account);
    member("\",\"apiId\":\"", journey.api.id.as_str());
    out.push(b'"');
    write_authorizer(out, journey);
    let mut member = |before: &str, value: &str| {
        out.extend_from_slice(before.as_bytes());
        json::escaped(out, value);
    };
    member(",\"domainName\":\"", domain);
    member("\",\"domainPrefix\":\"", super::prefix(domain));
    member("\",\"extendedRequestId\":\"", id);
    member("\",\"httpMethod\":\"", request.method());
    out.extend_from_slice(b"\",\"identity\":");
    write_identity(out, journey);
    out.extend_from_slice(b",\"path\":\"");
    super::write_decoded_path(out, journey);
    let mut member = |before: &str, value: &str| {
        out.extend_from_slice(before.as_bytes());
        json::escaped(out, value);
    };
    member("\",\"protocol\":\"HTTP/1.1\",\"requestId\":\"", id);
    member("\",\"requestTime\":\"", time);
    out.extend_from_slice(b"\",\"requestTimeEpoch\":");
    json::number(out, journey.began.unix_ms);
    let mut member = |before: &str, value: &str| {
        out.extend_from_slice(before.as_bytes());
        json::escaped(out, value);
    };
    member(",\"resourceId\":\"", &journey.route().key);
    member("\",\"resourcePath\":\"", &journey.route().path);
    member("\",\"stage\":\"", &journey.stage.name);
    out.extend_from_slice(b"\"}");
}
