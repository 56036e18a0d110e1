//! The event of a REST API's Lambda proxy integration ("Input format of a Lambda function for proxy integration"), as
//! recorded on AWS: what is absent is null, paths are as they were sent, and headers stay as the client spelled them,
//! but for two.

use std::io::Write;

use super::super::json::{self, Members};
use super::super::rest_api::{Visit, passed};
use super::super::sent::Header;
use super::{Body, certificate, headers};

/// The event of a request. `time` is the request's, as `requestContext.requestTime` spells it.
pub(in super::super) fn write(visit: &Visit, time: &str) -> Vec<u8> {
    let request = &visit.request;
    let body = body(visit);
    let out = &mut super::buffer(request);
    out.extend_from_slice(b"{\"resource\":");
    json::string(out, &visit.method().path);
    out.extend_from_slice(b",\"path\":");
    json::string(out, visit.event_path());
    write!(out, ",\"httpMethod\":\"{}\",", visit.verb.name()).expect("a buffer takes all");
    let passed: Vec<Header<'_>> = passed(request).map(|(name, value)| (name.into(), value.into())).collect();
    let others = headers::others(passed.iter());
    headers::write(out, &others, spelled, &headers::OWN[1..], visit.caller());
    super::write_query(out, request.query().unwrap_or_default());
    out.extend_from_slice(b",\"pathParameters\":");
    match visit.method().variables.is_empty() {
        true => out.extend_from_slice(b"null"),
        false => write_path_parameters(out, visit),
    }
    out.extend_from_slice(b",\"stageVariables\":");
    match visit.stage.variables.is_empty() {
        true => out.extend_from_slice(b"null"),
        false => super::write_stage_variables(out, &visit.stage.variables),
    }
    out.extend_from_slice(b",\"requestContext\":");
    write_context(out, visit, time);
    out.extend_from_slice(b",\"body\":");
    match body {
        None => out.extend_from_slice(b"null"),
        Some(body) => super::write_body(out, body),
    }
    let binary = body.is_some_and(Body::is_binary);
    write!(out, ",\"isBase64Encoded\":{binary}}}").expect("a buffer takes all");
    std::mem::take(out)
}

/// `None`: there is none. What `binaryMediaTypes` names is sent in base64, and so is what can't be text.
fn body(visit: &Visit) -> Option<Body<'_>> {
    let body = visit.request.body();
    if body.is_empty() {
        return None;
    }
    let binary = &visit.stage.binary;
    match std::str::from_utf8(body) {
        Ok(text) if binary.is_empty() || !binary.covers(visit.request.header("content-type")) => {
            Some(Body::Text(text))
        }
        Ok(_) | Err(_) => Some(Body::Binary(body)),
    }
}

/// Two headers are CloudFront's to spell, which stands before REST APIs.
fn spelled(name: &str) -> &str {
    const SPELLED: [&str; 2] = ["Authorization", "User-Agent"];
    SPELLED.iter().find(|known| known.eq_ignore_ascii_case(name)).copied().unwrap_or(name)
}

/// The values are as they were sent, escapes included.
fn write_path_parameters(out: &mut Vec<u8>, visit: &Visit) {
    let mut members = Members::open(out);
    for (name, raw) in visit.path_parameters() {
        members.name(out, name);
        json::string(out, raw);
    }
    members.close(out);
}

fn write_context(out: &mut Vec<u8>, visit: &Visit, time: &str) {
    let (domain, method, request) = (visit.domain(), visit.method(), &visit.request);
    let mut member = |before: &str, value: &str| {
        out.extend_from_slice(before.as_bytes());
        json::escaped(out, value);
    };
    member("{\"accountId\":\"", &visit.api.owner.account);
    member("\",\"apiId\":\"", visit.api.id.as_str());
    member("\",\"deploymentId\":\"", &visit.stage.deployment);
    member("\",\"domainName\":\"", domain);
    member("\",\"domainPrefix\":\"", super::prefix(domain));
    member("\",\"extendedRequestId\":\"", visit.ids.extended.as_str());
    member("\",\"httpMethod\":\"", visit.verb.name());
    out.extend_from_slice(b"\",\"identity\":");
    write_identity(out, visit);
    let mut member = |before: &str, value: &str| {
        out.extend_from_slice(before.as_bytes());
        json::escaped(out, value);
    };
    if let Some(is_canary) = visit.stage.canary {
        member(if is_canary { ",\"isCanaryRequest\":true" } else { ",\"isCanaryRequest\":false" }, "");
    }
    if let Some(operation) = &method.operation {
        member(",\"operationName\":\"", operation);
        member("\"", "");
    }
    if visit.mapped {
        member(",\"path\":\"", request.path());
    } else {
        member(",\"path\":\"/", &visit.stage.name);
        member("", visit.raw_path());
    }
    member("\",\"protocol\":\"HTTP/1.1\",\"requestId\":\"", &visit.ids.id);
    member("\",\"requestTime\":\"", time);
    out.extend_from_slice(b"\",\"requestTimeEpoch\":");
    json::number(out, visit.began.unix_ms);
    let mut member = |before: &str, value: &str| {
        out.extend_from_slice(before.as_bytes());
        json::escaped(out, value);
    };
    member(",\"resourceId\":\"", &method.resource);
    member("\",\"resourcePath\":\"", &method.path);
    member("\",\"stage\":\"", &visit.stage.name);
    out.extend_from_slice(b"\"}");
}

/// What a REST API without an authorizer knows of who calls.
fn write_identity(out: &mut Vec<u8>, visit: &Visit) {
    out.extend_from_slice(
        b"{\"accessKey\":null,\"accountId\":null,\"caller\":null,\"cognitoAuthenticationProvider\":null,\
        \"cognitoAuthenticationType\":null,\"cognitoIdentityId\":null,\"cognitoIdentityPoolId\":null,\
        \"principalOrgId\":null,",
    );
    if let Some(key) = &visit.api_key {
        super::write_api_key(out, key);
    }
    write!(out, "\"sourceIp\":\"{}\",\"user\":null,\"userAgent\":", visit.ip).expect("a buffer takes all");
    match visit.request.header("user-agent") {
        Some(agent) => {
            out.push(b'"');
            json::escaped_header(out, agent);
            out.push(b'"');
        }
        None => out.extend_from_slice(b"null"),
    }
    out.extend_from_slice(b",\"userArn\":null");
    if let Some(shown) = visit.channel.certificate() {
        out.push(b',');
        certificate::write(out, shown);
    }
    out.push(b'}');
}
