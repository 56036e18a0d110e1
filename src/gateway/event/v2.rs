//! Payload format 2.0: what is absent has no member; names of headers are in lower case.

use std::io::Write;

use super::super::exchange::{Identity, Journey};
use super::super::json::{self, Members};
use super::super::sent::Sent;
use super::{Body, certificate, headers};
use crate::live::mapping::Mapping;

/// The event of a request. `time` is the request's, as `requestContext.time` spells it.
pub(in super::super) fn write(journey: &Journey, sent: &Sent<'_>, time: &str) -> Vec<u8> {
    let request = &journey.request;
    let body = Body::of(request);
    let out = &mut super::buffer(request);
    out.extend_from_slice(b"{\"version\":\"2.0\"");
    write_request(out, journey, sent, time);
    if let Some(body) = body {
        out.extend_from_slice(b",\"body\":");
        super::write_body(out, body);
    }
    let binary = body.is_some_and(Body::is_binary);
    write!(out, ",\"isBase64Encoded\":{binary}}}").expect("a buffer takes all");
    std::mem::take(out)
}

/// What is asked of an authorizer: all but the body. `identity` is what its identity sources have.
pub(in super::super) fn write_question(
    journey: &Journey,
    arn: &str,
    identity: &[String],
    time: &str,
) -> Vec<u8> {
    let sent = Sent::new(journey, &Mapping::default());
    let out = &mut super::buffer(&journey.request);
    out.extend_from_slice(b"{\"version\":\"2.0\",\"type\":\"REQUEST\",\"routeArn\":");
    json::string(out, arn);
    out.extend_from_slice(b",\"identitySource\":");
    match identity {
        [] => out.extend_from_slice(b"null"),
        identity => json::list(out, identity.iter(), |out, value| json::string(out, value)),
    }
    write_request(out, journey, &sent, time);
    out.push(b'}');
    std::mem::take(out)
}

/// The members that say what was asked for.
fn write_request(out: &mut Vec<u8>, journey: &Journey, sent: &Sent<'_>, time: &str) {
    out.extend_from_slice(b",\"routeKey\":");
    json::string(out, &journey.route().key);
    out.extend_from_slice(b",\"rawPath\":\"");
    super::write_decoded_path(out, journey);
    out.extend_from_slice(b"\",\"rawQueryString\":");
    json::string(out, &sent.query);
    write_cookies(out, sent);
    out.extend_from_slice(b",\"headers\":");
    write_headers(out, journey, sent);
    if !sent.query.is_empty() {
        out.extend_from_slice(b",\"queryStringParameters\":");
        write_query(out, &sent.query);
    }
    out.extend_from_slice(b",\"requestContext\":");
    write_context(out, journey, time);
    if !journey.route().variables.is_empty() {
        out.extend_from_slice(b",\"pathParameters\":");
        super::write_path_parameters(out, journey);
    }
    if !journey.stage.variables.is_empty() {
        out.extend_from_slice(b",\"stageVariables\":");
        super::write_stage_variables(out, &journey.stage.variables);
    }
}

/// Cookies stand by themselves, and their header is gone.
fn write_cookies(out: &mut Vec<u8>, sent: &Sent<'_>) {
    let mut first = true;
    for (_, value) in sent.headers.iter().filter(|(name, _)| name.eq_ignore_ascii_case("cookie")) {
        for cookie in value.split(|byte| *byte == b';').map(<[u8]>::trim_ascii).filter(|c| !c.is_empty()) {
            out.extend_from_slice(if first { b",\"cookies\":[\"" } else { b",\"" });
            json::escaped_header(out, cookie);
            out.push(b'"');
            first = false;
        }
    }
    if !first {
        out.push(b']');
    }
}

/// Values of the same name are joined by a comma.
fn write_headers(out: &mut Vec<u8>, journey: &Journey, sent: &Sent<'_>) {
    let mut members = Members::open(out);
    let mut others = headers::others(sent.headers.iter());
    others.retain(|(name, _)| !name.eq_ignore_ascii_case("cookie"));
    for (name, values) in headers::by_name(&others) {
        members.name_with(out, |out| push_lower(out, name));
        out.push(b'"');
        for (n, value) in values.enumerate() {
            if n > 0 {
                out.push(b',');
            }
            json::escaped_header(out, value);
        }
        out.push(b'"');
    }
    for own in headers::OWN {
        members.name_with(out, |out| push_lower(out, own.name()));
        own.write(out, journey.caller());
    }
    members.close(out);
}

/// A header's name is a token: nothing in it needs an escape.
fn push_lower(out: &mut Vec<u8>, name: &str) {
    out.extend(name.bytes().map(|byte| byte.to_ascii_lowercase()));
}

/// Values of the same name are joined by a comma.
fn write_query(out: &mut Vec<u8>, query: &str) {
    let mut members = Members::open(out);
    for (name, values) in super::grouped(query) {
        members.name(out, &name);
        out.push(b'"');
        for (n, value) in values.iter().enumerate() {
            if n > 0 {
                out.push(b',');
            }
            json::escaped(out, value);
        }
        out.push(b'"');
    }
    members.close(out);
}

/// Whose account it is: that of an api's owner, or that of who asks.
fn account(journey: &Journey) -> &str {
    match &journey.identity {
        Identity::Unknown | Identity::Iam(_) | Identity::Jwt(_) | Identity::Lambda(_) => {
            &journey.api.owner.account
        }
        Identity::Anonymous => "anonymous",
    }
}

/// What was asked of who calls, and a comma before it; nothing, if nothing was.
fn write_authorizer(out: &mut Vec<u8>, journey: &Journey) {
    match &journey.identity {
        Identity::Unknown | Identity::Anonymous => {}
        Identity::Iam(principal) => {
            let mut member = |before: &str, value: &str| {
                out.extend_from_slice(before.as_bytes());
                json::escaped(out, value);
            };
            member(",\"authorizer\":{\"iam\":{\"accessKey\":\"", &principal.access_key);
            member("\",\"accountId\":\"", &principal.account);
            member("\",\"callerId\":\"", &principal.user_id);
            member("\",\"cognitoIdentity\":null,\"principalOrgId\":null,\"userArn\":\"", &principal.arn);
            member("\",\"userId\":\"", &principal.user_id);
            out.extend_from_slice(b"\"}}");
        }
        Identity::Lambda(grant) => {
            out.extend_from_slice(b",\"authorizer\":{\"lambda\":");
            out.extend_from_slice(grant.context.as_bytes());
            out.push(b'}');
        }
        Identity::Jwt(claims) => {
            out.extend_from_slice(b",\"authorizer\":{\"jwt\":");
            super::write_claims(out, claims);
            out.push(b'}');
        }
    }
}

fn write_context(out: &mut Vec<u8>, journey: &Journey, time: &str) {
    let request = &journey.request;
    let domain = journey.domain();
    let mut member = |before: &str, value: &str| {
        out.extend_from_slice(before.as_bytes());
        json::escaped(out, value);
    };
    member("{\"accountId\":\"", account(journey));
    member("\",\"apiId\":\"", journey.api.id.as_str());
    out.push(b'"');
    write_authorizer(out, journey);
    let mut member = |before: &str, value: &str| {
        out.extend_from_slice(before.as_bytes());
        json::escaped(out, value);
    };
    member(",\"domainName\":\"", domain);
    member("\",\"domainPrefix\":\"", super::prefix(domain));
    member("\",\"http\":{\"method\":\"", request.method());
    out.extend_from_slice(b"\",\"path\":\"");
    super::write_decoded_path(out, journey);
    write!(out, "\",\"protocol\":\"HTTP/1.1\",\"sourceIp\":\"{}\",\"userAgent\":\"", journey.ip)
        .expect("a buffer takes all");
    json::escaped_header(out, super::user_agent(request));
    let mut member = |before: &str, value: &str| {
        out.extend_from_slice(before.as_bytes());
        json::escaped(out, value);
    };
    member("\"},\"requestId\":\"", journey.id.as_str());
    member("\",\"routeKey\":\"", &journey.route().key);
    member("\",\"stage\":\"", &journey.stage.name);
    member("\",\"time\":\"", time);
    out.extend_from_slice(b"\",\"timeEpoch\":");
    json::number(out, journey.began.unix_ms);
    if let Some(shown) = journey.channel.certificate() {
        out.extend_from_slice(b",\"authentication\":{");
        certificate::write(out, shown);
        out.push(b'}');
    }
    out.push(b'}');
}
