//! The events of WebSocket APIs: CONNECT, MESSAGE, DISCONNECT, and what an authorizer is asked. What is absent has
//! no member; ids of a request are the same under both of their names.

use std::io::Write;

use super::super::json::{self, Members};
use super::super::sent::Header;
use super::super::websocket_api::{Cause, Occasion};
use super::{Caller, certificate, headers};
use crate::proto::http1::Request;
use crate::proto::http1::fields::is_hop_by_hop;

/// The event of an occasion. `time` is its time, as `requestContext.requestTime` spells it.
pub(in super::super) fn write(occasion: &Occasion, cause: Cause<'_>, time: &str) -> Vec<u8> {
    let length = match cause {
        Cause::Connect(request) => request.target().len() * 4,
        Cause::Message(message, _) => message.len() * 3 / 2,
        Cause::Disconnect(..) => 0,
    };
    let out = &mut Vec::with_capacity(super::USUAL + length);
    out.push(b'{');
    match cause {
        Cause::Connect(request) => {
            let passed = |name: &str| !is_hop_by_hop(name);
            write_headers(out, occasion, request, passed, &headers::OWN[1..]);
            if let Some(groups) = Some(grouped(request)).filter(|groups| !groups.is_empty()) {
                super::write_groups(out, &groups);
                out.push(b',');
            }
        }
        Cause::Disconnect(..) => write_last_headers(out, &occasion.link.domain),
        Cause::Message(..) => {}
    }
    if !occasion.stage.variables.is_empty() {
        out.extend_from_slice(b"\"stageVariables\":");
        super::write_stage_variables(out, &occasion.stage.variables);
        out.push(b',');
    }
    out.extend_from_slice(b"\"requestContext\":");
    write_context(out, occasion, cause, time);
    let mut binary = false;
    if let Cause::Message(message, _) = cause {
        out.extend_from_slice(b",\"body\":");
        super::write_body(out, message);
        binary = message.is_binary();
    }
    write!(out, ",\"isBase64Encoded\":{binary}}}").expect("a buffer takes all");
    std::mem::take(out)
}

/// What an authorizer is asked. Its event has the headers of the connection too, and members that are empty
/// instead of absent.
pub(in super::super) fn write_authorizer(
    occasion: &Occasion,
    request: &Request,
    method_arn: &str,
    time: &str,
) -> Vec<u8> {
    let out = &mut Vec::with_capacity(super::USUAL + request.target().len() * 4);
    out.extend_from_slice(b"{\"type\":\"REQUEST\",\"methodArn\":");
    json::string(out, method_arn);
    out.push(b',');
    write_headers(out, occasion, request, |_| true, &headers::OWN);
    super::write_groups(out, &grouped(request));
    out.extend_from_slice(b",\"stageVariables\":");
    super::write_stage_variables(out, &occasion.stage.variables);
    out.extend_from_slice(b",\"requestContext\":");
    write_context(out, occasion, Cause::Connect(request), time);
    out.push(b'}');
    std::mem::take(out)
}

fn grouped(request: &Request) -> Vec<(String, Vec<String>)> {
    super::grouped(request.query().unwrap_or_default())
}

/// Both members of headers, and a comma.
fn write_headers(
    out: &mut Vec<u8>,
    occasion: &Occasion,
    request: &Request,
    is_passed: impl Fn(&str) -> bool,
    own: &[headers::Own],
) {
    let link = &occasion.link;
    let caller = Caller {
        request,
        ip: link.ip,
        channel: &link.channel,
        trace_id: &occasion.trace_id,
        domain: &link.domain,
    };
    let passed = request.headers().filter(|(name, _)| is_passed(name));
    let passed: Vec<Header<'_>> = passed.map(|(name, value)| (name.into(), value.into())).collect();
    headers::write(out, &headers::others(passed.iter()), |name| name, own, caller);
    out.push(b',');
}

/// Nobody sends headers with the end of a connection: these are what AWS has there.
fn write_last_headers(out: &mut Vec<u8>, domain: &str) {
    let all = [("Host", domain), ("x-api-key", ""), ("X-Forwarded-For", ""), ("x-restapi", "")];
    out.extend_from_slice(b"\"headers\":");
    let mut members = Members::open(out);
    for (name, value) in all {
        members.name(out, name);
        json::string(out, value);
    }
    members.close(out);
    out.extend_from_slice(b",\"multiValueHeaders\":");
    let mut members = Members::open(out);
    for (name, value) in all {
        members.name(out, name);
        json::list(out, [value].into_iter(), json::string);
    }
    members.close(out);
    out.push(b',');
}

/// `requestContext`
fn write_context(out: &mut Vec<u8>, occasion: &Occasion, cause: Cause<'_>, time: &str) {
    let (link, id) = (&occasion.link, occasion.id.as_str());
    let mut members = Members::open(out);
    let mut text = |out: &mut Vec<u8>, name: &str, value: &str| {
        members.name(out, name);
        json::string(out, value);
    };
    text(out, "routeKey", &occasion.route.key);
    if let Some(authorizer) = &link.authorizer {
        out.extend_from_slice(b",\"authorizer\":");
        out.extend_from_slice(authorizer.as_bytes());
    }
    match cause {
        Cause::Connect(_) => {}
        Cause::Message(_, id) => text(out, "messageId", id.as_str()),
        Cause::Disconnect(code, _) => {
            write!(out, ",\"disconnectStatusCode\":{code}").expect("a buffer takes all");
        }
    }
    text(out, "eventType", cause.event_type());
    text(out, "extendedRequestId", id);
    text(out, "requestTime", time);
    text(out, "messageDirection", "IN");
    if let Cause::Disconnect(_, reason) = cause {
        text(out, "disconnectReason", reason);
    }
    text(out, "stage", &link.stage);
    let mut number = |name: &str, value: u64| {
        out.extend_from_slice(name.as_bytes());
        json::number(out, value);
    };
    number(",\"connectedAt\":", link.connected);
    number(",\"requestTimeEpoch\":", occasion.began.unix_ms);
    out.extend_from_slice(b",\"identity\":{");
    if let Some(key) = &link.api_key {
        super::write_api_key(out, key);
    }
    if let Some(user_agent) = &link.user_agent {
        out.extend_from_slice(b"\"userAgent\":\"");
        json::escaped_header(out, user_agent);
        out.extend_from_slice(b"\",");
    }
    write!(out, "\"sourceIp\":\"{}\"", link.ip).expect("a buffer takes all");
    if let Some(shown) = link.channel.certificate() {
        out.push(b',');
        certificate::write(out, shown);
    }
    out.push(b'}');
    text(out, "requestId", id);
    text(out, "domainName", &link.domain);
    text(out, "connectionId", link.id.as_str());
    text(out, "apiId", link.api.as_str());
    members.close(out);
}
