//! Answers and errors as each AWS protocol writes them.

pub mod xml;

use serde_json::{Map, Value};

use super::answer::{Answer, Body, Error};
use super::operation::Protocol;
use super::origin;
use crate::proto::http1::Response;
use crate::proto::xml::is_character;

/// What an XML document begins with.
const DECLARATION: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n";

/// Which of S3's machines answered.
const HOST_ID: &str = "gatelet";

/// An answer of `operation`.
pub fn answer(protocol: Protocol, operation: &str, request_id: &str, answer: Answer) -> Response {
    let mut response = match answer.body {
        Body::Empty => Response::new(answer.status),
        Body::Json(members) => Response::with_body(answer.status, json_type(protocol), members.to_string()),
        Body::Xml(xml) => match protocol {
            Protocol::RestXml => {
                Response::with_body(answer.status, "application/xml", format!("{DECLARATION}{xml}"))
            }
            Protocol::Query(namespace) => Response::with_body(
                answer.status,
                "text/xml",
                query_answer(namespace, operation, request_id, &xml),
            ),
            Protocol::RestJson | Protocol::Json11 => Response::with_body(answer.status, "text/xml", xml),
        },
        Body::Raw(content_type, bytes) => Response::with_body(answer.status, content_type, bytes),
        Body::Object(headers, download) => {
            let mut response = Response::new(answer.status);
            for (name, value) in &headers {
                let _ = response.foreign_header(name, value.as_bytes());
            }
            response.body_follows(download.left());
            response
        }
    };
    identify(&mut response, protocol, request_id);
    origin::allow(&mut response);
    for (name, value) in &answer.headers {
        // Values may hold what a client sent (a log group, a header of a function): never break the head.
        let _ = response.foreign_header(name, value.as_bytes());
    }
    response
}

/// An error, as SDKs of this protocol expect it.
pub fn error(protocol: Protocol, request_id: &str, error: &Error) -> Response {
    let mut response = match protocol {
        Protocol::RestJson => {
            let body = error_members(error, message_name(error.code));
            let mut response = Response::with_body(error.status, "application/json", body.to_string());
            response.header("x-amzn-errortype", error.code);
            response
        }
        Protocol::Json11 => {
            let mut body = error_members(error, "message");
            body["__type"] = error.code.into();
            let mut response = Response::with_body(error.status, json_type(protocol), body.to_string());
            response.header("x-amzn-errortype", error.code);
            response
        }
        Protocol::Query(namespace) => {
            let fault = if error.status < 500 { "Sender" } else { "Receiver" };
            let (code, message) = (error.code, escaped(&error.message));
            let body = format!(
                "<ErrorResponse xmlns=\"{namespace}\"><Error><Type>{fault}</Type><Code>{code}</Code>\
                 <Message>{message}</Message></Error><RequestId>{request_id}</RequestId></ErrorResponse>"
            );
            Response::with_body(error.status, "text/xml", body)
        }
        Protocol::RestXml => {
            let (code, message) = (error.code, escaped(&error.message));
            let mut body = format!("{DECLARATION}<Error><Code>{code}</Code><Message>{message}</Message>");
            for (name, value) in &error.members {
                let value = escaped(value.as_str().unwrap_or_default());
                body += &format!("<{name}>{value}</{name}>");
            }
            body +=
                &format!("<RequestId>{}</RequestId><HostId>{HOST_ID}</HostId></Error>", short_id(request_id));
            Response::with_body(error.status, "application/xml", body)
        }
    };
    identify(&mut response, protocol, request_id);
    origin::allow(&mut response);
    response
}

/// Text as it may stand in an XML element.
pub fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            // Who reads XML takes a bare one for a line feed.
            '\r' => out.push_str("&#13;"),
            c if is_character(c) => out.push(c),
            // XML 1.0 has no spelling for these at all.
            _ => out.push('\u{fffd}'),
        }
    }
    out
}

fn json_type(protocol: Protocol) -> &'static str {
    match protocol {
        Protocol::Json11 => "application/x-amz-json-1.1",
        Protocol::RestJson | Protocol::Query(_) | Protocol::RestXml => "application/json",
    }
}

/// Lambda's model spells the message of these two with a capital, and SDKs read what the model says.
fn message_name(code: &str) -> &'static str {
    match code {
        "ResourceNotFoundException" | "ServiceException" => "Message",
        _ => "message",
    }
}

fn error_members(error: &Error, message_name: &str) -> Value {
    let mut members = Map::new();
    members.insert(message_name.into(), error.message.as_str().into());
    for (name, value) in &error.members {
        members.insert((*name).into(), value.clone());
    }
    Value::Object(members)
}

fn query_answer(namespace: &str, operation: &str, request_id: &str, result: &str) -> String {
    format!(
        "<{operation}Response xmlns=\"{namespace}\"><{operation}Result>{result}</{operation}Result>\
         <ResponseMetadata><RequestId>{request_id}</RequestId></ResponseMetadata></{operation}Response>"
    )
}

/// The headers that tell answers apart, as clients of the protocol know them.
fn identify(response: &mut Response, protocol: Protocol, request_id: &str) {
    response.header("x-amzn-requestid", request_id);
    match protocol {
        Protocol::RestXml => {
            response.header("x-amz-request-id", &short_id(request_id));
            response.header("x-amz-id-2", HOST_ID);
        }
        Protocol::RestJson | Protocol::Json11 | Protocol::Query(_) => {}
    }
}

/// S3's ids of requests: 16 capital hexadecimal digits, here the first ones of the UUID.
fn short_id(request_id: &str) -> String {
    request_id.chars().filter(char::is_ascii_hexdigit).take(16).collect::<String>().to_ascii_uppercase()
}
