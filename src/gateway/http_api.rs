//! What an HTTP API makes of its integration's answer: "Lambda function response for format 2.0" and "… 1.0" of
//! the developer guide, and what was recorded where AWS does otherwise (what is no JSON is passed on all the same).

mod result;

use std::borrow::Cow;

use base64::Engine;
use base64::alphabet;
use base64::engine::DecodePaddingMode;
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig};
use bytes::Bytes;

use super::fault::Fault;
use crate::model::api::PayloadFormat;
use crate::model::invocation::Invoked;
use crate::proto::http1::client::Reply;
use crate::proto::http1::fields::{connection_names, is_hop_by_hop};
use crate::proto::http1::{Request, Response};
use result::{Field, Fields, Named, NamedList};

/// With or without padding.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// The response that a function's result stands for.
pub(super) fn response_of_function(format: PayloadFormat, invoked: &Invoked) -> Result<Response, Fault> {
    let payload = &invoked.payload;
    if invoked.error.is_some() {
        return Err(Fault::Integration(error_text(payload)));
    }
    let response = match format {
        PayloadFormat::V1 => v1(payload),
        PayloadFormat::V2 => v2(payload),
    };
    response.map_err(|what| {
        Fault::Integration(format!(
            "The response from the Lambda function doesn't match the format that API Gateway expects: {what}"
        ))
    })
}

/// The response that a back end's reply stands for: all but what concerns our connection to it.
pub(super) fn response_of_backend(request: &Request, reply: &Reply) -> Result<Response, Fault> {
    let mut response = Response::new(reply.status());
    let connection = reply.headers().find(|(name, _)| name.eq_ignore_ascii_case("connection"));
    for (name, value) in reply.headers().filter(|(name, _)| !is_replaced(name)) {
        if connection.is_none_or(|(_, connection)| !connection_names(connection, name)) {
            response.foreign_header_canonical(name, value).map_err(|_| {
                Fault::Integration(format!("the back end's header {name} can't be passed on"))
            })?;
        }
    }
    if request.method() == "HEAD" && reply.body().is_empty() {
        let length = reply.headers().find(|(name, _)| name.eq_ignore_ascii_case("content-length"));
        let length = length.and_then(|(_, value)| std::str::from_utf8(value).ok()?.parse().ok());
        response.declare_length(length.unwrap_or(0));
    }
    response.body = Bytes::copy_from_slice(reply.body());
    Ok(response)
}

/// Whether a header is ours to say, or the connection's.
fn is_replaced(name: &str) -> bool {
    is_hop_by_hop(name)
        || ["content-length", "apigw-requestid"].iter().any(|own| own.eq_ignore_ascii_case(name))
}

/// What AWS writes to access logs.
fn error_text(payload: &Bytes) -> String {
    let message = Fields::parse(payload).and_then(|fields| match fields.get("errorMessage") {
        Some(Field::Scalar(message)) => Some(message.into_owned()),
        Some(Field::Null | Field::Object(_) | Field::List(_)) | None => None,
    });
    let message = message.unwrap_or_else(|| "unknown".to_owned());
    format!(
        "The Lambda function returned the following error: {message}. Check your Lambda function code and try again."
    )
}

/// An object with `statusCode` is a response; all else is the body of one.
fn v2(payload: &Bytes) -> Result<Response, String> {
    match payload.trim_ascii_start().first() {
        Some(b'{') => match Fields::parse(payload).filter(|fields| fields.get("statusCode").is_some()) {
            Some(fields) => structured(payload, &fields, PayloadFormat::V2),
            None => Ok(verbatim(payload.clone())),
        },
        Some(b'"') => match result::string(payload) {
            Some(text) => Ok(verbatim(result::bytes(payload, text))),
            None => Ok(verbatim(payload.clone())),
        },
        Some(_) | None => Ok(verbatim(payload.clone())),
    }
}

fn verbatim(body: Bytes) -> Response {
    Response::json(200, body)
}

/// Only an object with `statusCode` is a response.
fn v1(payload: &Bytes) -> Result<Response, String> {
    let fields = Fields::parse(payload).ok_or("it is no JSON object")?;
    structured(payload, &fields, PayloadFormat::V1)
}

fn structured(payload: &Bytes, fields: &Fields<'_>, format: PayloadFormat) -> Result<Response, String> {
    let mut response = Response::new(status(fields)?);
    let headers = match fields.get("headers") {
        None | Some(Field::Null) => Vec::new(),
        Some(Field::Object(headers)) => headers.scalars("headers")?,
        Some(Field::Scalar(_) | Field::List(_)) => return Err("headers is no object".to_owned()),
    };
    match format {
        PayloadFormat::V1 => {
            let lists = match fields.get("multiValueHeaders") {
                None | Some(Field::Null) => Vec::new(),
                Some(Field::Object(lists)) => lists.lists("multiValueHeaders")?,
                Some(Field::Scalar(_) | Field::List(_)) => {
                    return Err("multiValueHeaders is no object".to_owned());
                }
            };
            add_merged(&mut response, &headers, &lists)?;
        }
        PayloadFormat::V2 => {
            let is_cookie = |name: &str| name.eq_ignore_ascii_case("set-cookie");
            for (name, value) in headers.iter().filter(|(name, _)| !is_cookie(name)) {
                add(&mut response, name, value)?;
            }
            for cookie in cookies(fields)? {
                add(&mut response, "Set-Cookie", &cookie)?;
            }
            for (name, value) in headers.iter().filter(|(name, _)| is_cookie(name)) {
                add(&mut response, name, value)?;
            }
        }
    }
    if !response.has_header("content-type") {
        response.header("Content-Type", "text/plain; charset=utf-8");
    }
    response.body = body(payload, fields)?;
    Ok(response)
}

/// A whole number from 100 to 599, or the text of one. A status below 200 is no final one, and would leave the
/// client waiting.
fn status(fields: &Fields<'_>) -> Result<u16, String> {
    match fields.get("statusCode") {
        Some(Field::Scalar(text)) => match text.parse() {
            Ok(status @ 200..600) => Ok(status),
            Ok(_) | Err(_) => Err(format!("statusCode is no final HTTP status: {text:.20}")),
        },
        Some(Field::Null | Field::Object(_) | Field::List(_)) => Err("statusCode is no number".to_owned()),
        None => Err("statusCode is missing".to_owned()),
    }
}

fn cookies<'a>(fields: &Fields<'a>) -> Result<Vec<Cow<'a, str>>, String> {
    match fields.get("cookies") {
        None | Some(Field::Null) => Ok(Vec::new()),
        Some(Field::List(cookies)) => cookies.scalars().ok_or_else(|| "a cookie is no string".to_owned()),
        Some(Field::Scalar(_) | Field::Object(_)) => Err("cookies is no list".to_owned()),
    }
}

/// Of one name the single value comes first; one that is among the multiple values too counts once.
fn add_merged(response: &mut Response, single: &[Named<'_>], lists: &[NamedList<'_>]) -> Result<(), String> {
    for (name, value) in single {
        let list = lists.iter().find(|(other, _)| other.eq_ignore_ascii_case(name));
        if list.is_none_or(|(_, values)| !values.contains(value)) {
            add(response, name, value)?;
        }
        for value in list.into_iter().flat_map(|(_, values)| values) {
            add(response, name, value)?;
        }
    }
    for (name, values) in
        lists.iter().filter(|(name, _)| !single.iter().any(|(n, _)| n.eq_ignore_ascii_case(name)))
    {
        for value in values {
            add(response, name, value)?;
        }
    }
    Ok(())
}

fn add(response: &mut Response, name: &str, value: &str) -> Result<(), String> {
    if is_replaced(name) {
        return Ok(());
    }
    response
        .foreign_header_canonical(name, value.as_bytes())
        .map_err(|_| format!("the header {name:?} can't be sent"))
}

fn body(payload: &Bytes, fields: &Fields<'_>) -> Result<Bytes, String> {
    let encoded = match fields.get("isBase64Encoded") {
        None | Some(Field::Null) => false,
        Some(Field::Scalar(flag)) if flag.eq_ignore_ascii_case("true") => true,
        Some(Field::Scalar(flag)) if flag.eq_ignore_ascii_case("false") => false,
        Some(Field::Scalar(_) | Field::Object(_) | Field::List(_)) => {
            return Err("isBase64Encoded is no boolean".to_owned());
        }
    };
    match fields.get("body") {
        None | Some(Field::Null) => Ok(Bytes::new()),
        Some(Field::Scalar(text)) if encoded => match BASE64.decode(text.as_bytes()) {
            Ok(bytes) => Ok(bytes.into()),
            Err(_) => Err("body is not in base64, but isBase64Encoded is true".to_owned()),
        },
        Some(Field::Scalar(text)) => Ok(result::bytes(payload, text)),
        Some(Field::Object(_) | Field::List(_)) => Err("body is no string".to_owned()),
    }
}
