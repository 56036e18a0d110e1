//! Answers and errors as each AWS protocol writes them.

pub mod xml;

use serde_json::{Map, Value};

use super::answer::{Answer, Body, Error};
use super::operation::Protocol;
use super::origin;
use crate::proto::http1::Response;

/// An answer of `operation`.
pub fn answer(protocol: Protocol, operation: &str, request_id: &str, answer: Answer) -> Response {
    let mut response = match answer.body {
        Body::Empty => Response::new(answer.status),
        Body::Json(members) => Response::with_body(answer.status, json_type(protocol), members.to_string()),
        Body::Xml(result) => Response::with_body(
            answer.status,
            "text/xml",
            query_answer(protocol, operation, request_id, &result),
        ),
        Body::Raw(content_type, bytes) => Response::with_body(answer.status, content_type, bytes),
    };
    response.header("x-amzn-requestid", request_id);
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
            let body = format!(
                "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><Code>{code}</Code>\
                 <Message>{message}</Message><RequestId>{request_id}</RequestId></Error>"
            );
            Response::with_body(error.status, "application/xml", body)
        }
    };
    response.header("x-amzn-requestid", request_id);
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
            // XML 1.0 has no spelling for these at all.
            c if c.is_control() && !matches!(c, '\t' | '\n' | '\r') => out.push('\u{fffd}'),
            c => out.push(c),
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

fn query_answer(protocol: Protocol, operation: &str, request_id: &str, result: &str) -> String {
    let namespace = match protocol {
        Protocol::Query(namespace) => namespace,
        Protocol::RestJson | Protocol::Json11 | Protocol::RestXml => "",
    };
    format!(
        "<{operation}Response xmlns=\"{namespace}\"><{operation}Result>{result}</{operation}Result>\
         <ResponseMetadata><RequestId>{request_id}</RequestId></ResponseMetadata></{operation}Response>"
    )
}
