//! What an HTTP API makes of its integration's answer: "Lambda function response for format 2.0" and "… 1.0" of
//! the developer guide, and what was recorded where AWS does otherwise (what is no JSON is passed on all the same).

pub(super) mod authorize;
pub(super) mod discovery;
mod issuers;
pub(super) mod jwt;

use std::borrow::Cow;

use base64::Engine;
use base64::alphabet;
use base64::engine::DecodePaddingMode;
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig};
use bytes::Bytes;

use super::cors;
use super::exchange::Journey;
use super::fault::Fault;
use super::mapping::Sources;
use super::result::{self, Field, Fields, Named, NamedList};
use super::sent::{self, Header};
use crate::live::cors::Cors;
use crate::model::api::PayloadFormat;
use crate::model::invocation::Invoked;
use crate::proto::http1::client::Reply;
use crate::proto::http1::fields::{connection_names, is_hop_by_hop};
use crate::proto::http1::{Request, Response};

/// With or without padding.
pub(super) const BASE64: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// What a request is told that no route takes: that there is none, unless it is a preflight, for which none is needed.
pub(super) fn without_route(cors: Option<&Cors>, request: &Request) -> Response {
    let Some(cors) = cors else { return Fault::NotFound.response() };
    let mut response = match cors::is_preflight(request) {
        true => Response::new(204),
        false => Fault::NotFound.response(),
    };
    cors::finish(cors, request, &mut response);
    response
}

/// A response in the making.
pub(super) struct Draft<'a> {
    pub(super) status: u16,
    pub(super) headers: Vec<Header<'a>>,
    pub(super) body: Bytes,
}

/// The response that a function's result stands for.
pub(super) fn response_of_function(
    journey: &Journey,
    format: PayloadFormat,
    invoked: &Invoked,
) -> Result<Response, Fault> {
    let mut response = draft_of_function(format, invoked).and_then(|draft| finish(draft, journey))?;
    if !response.has_header("content-type") {
        response.header("Content-Type", "text/plain; charset=utf-8");
    }
    Ok(response)
}

/// The same of a function's URL.
pub(super) fn response_of_url(journey: &Journey, invoked: &Invoked) -> Result<Response, Fault> {
    let mut response =
        draft_of_function(PayloadFormat::V2, invoked).and_then(|draft| finish(draft, journey))?;
    if !response.has_header("content-type") {
        response.header("Content-Type", "application/json");
    }
    Ok(response)
}

fn draft_of_function(format: PayloadFormat, invoked: &Invoked) -> Result<Draft<'_>, Fault> {
    let payload = &invoked.payload;
    if invoked.error.is_some() {
        return Err(Fault::Answer(error_text(payload)));
    }
    let draft = match format {
        PayloadFormat::V1 => v1(payload),
        PayloadFormat::V2 => v2(payload),
    };
    draft.map_err(unexpected)
}

fn finish(draft: Draft<'_>, journey: &Journey) -> Result<Response, Fault> {
    draft.finish(journey).map_err(unexpected)
}

fn unexpected(what: String) -> Fault {
    Fault::Answer(format!(
        "The response from the Lambda function doesn't match the format that API Gateway expects: {what}"
    ))
}

/// The response that a back end's reply stands for: all but what concerns our connection to it.
pub(super) fn response_of_backend(journey: &Journey, reply: &Reply) -> Result<Response, Fault> {
    let connection = reply.headers().find(|(name, _)| name.eq_ignore_ascii_case("connection"));
    let is_passed = |name: &str| {
        !is_replaced(name) && connection.is_none_or(|(_, connection)| !connection_names(connection, name))
    };
    let headers = reply.headers().filter(|(name, _)| is_passed(name));
    let draft = Draft {
        status: reply.status(),
        headers: headers.map(|(name, value)| (name.into(), value.into())).collect(),
        body: reply.shared_body(),
    };
    let mut response =
        draft.finish(journey).map_err(|what| Fault::Answer(format!("the back end's reply: {what}")))?;
    if journey.request.method() == "HEAD" && reply.body().is_empty() {
        let length = reply.headers().find(|(name, _)| name.eq_ignore_ascii_case("content-length"));
        let length = length.and_then(|(_, value)| std::str::from_utf8(value).ok()?.parse().ok());
        response.declare_length(length.unwrap_or(0));
    }
    Ok(response)
}

impl Draft<'_> {
    /// The response, with the integration's mappings for its status applied.
    fn finish(mut self, journey: &Journey) -> Result<Response, String> {
        if let Some(mapping) = journey.mapping().and_then(|mapping| mapping.responses.get(&self.status)) {
            let sources = Sources::of_response(journey, &self);
            let mut headers = self.headers.clone();
            mapping.headers.iter().for_each(|change| sent::change_header(&mut headers, change, &sources));
            let status = match mapping.status.as_ref().and_then(|template| sources.text(template)) {
                Some(text) => final_status(&text)?,
                None => self.status,
            };
            (self.headers, self.status) = (headers, status);
        }
        // Where the gateway answers for what is behind it, only the gateway does.
        let answers_for_it = journey.stage.cors.is_some();
        let mut response = Response::new(self.status);
        for (name, value) in &self.headers {
            let is_ours = is_replaced(name) || answers_for_it && cors::is_ours(name);
            if !is_ours {
                let added = response.foreign_header_canonical(name, value);
                added.map_err(|_| format!("the header {name:?} can't be sent"))?;
            }
        }
        response.body = self.body;
        Ok(response)
    }
}

/// Whether a header is ours to say, or the connection's.
fn is_replaced(name: &str) -> bool {
    is_hop_by_hop(name)
        || ["content-length", "apigw-requestid"].iter().any(|own| own.eq_ignore_ascii_case(name))
}

/// What AWS writes to access logs.
pub(super) fn error_text(payload: &Bytes) -> String {
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
fn v2(payload: &Bytes) -> Result<Draft<'_>, String> {
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

fn verbatim<'a>(body: Bytes) -> Draft<'a> {
    Draft { status: 200, headers: vec![header("Content-Type".into(), "application/json".into())], body }
}

/// Only an object with `statusCode` is a response.
fn v1(payload: &Bytes) -> Result<Draft<'_>, String> {
    let fields = Fields::parse(payload).ok_or("it is no JSON object")?;
    structured(payload, &fields, PayloadFormat::V1)
}

fn structured<'a>(
    payload: &'a Bytes,
    fields: &Fields<'a>,
    format: PayloadFormat,
) -> Result<Draft<'a>, String> {
    let single = match fields.get("headers") {
        None | Some(Field::Null) => Vec::new(),
        Some(Field::Object(headers)) => headers.scalars("headers")?,
        Some(Field::Scalar(_) | Field::List(_)) => return Err("headers is no object".to_owned()),
    };
    let headers = match format {
        PayloadFormat::V1 => {
            let lists = match fields.get("multiValueHeaders") {
                None | Some(Field::Null) => Vec::new(),
                Some(Field::Object(lists)) => lists.lists("multiValueHeaders")?,
                Some(Field::Scalar(_) | Field::List(_)) => {
                    return Err("multiValueHeaders is no object".to_owned());
                }
            };
            merged(single, lists)
        }
        PayloadFormat::V2 => {
            // Cookies of their own come before those among the headers.
            let (cookie, mut headers): (Vec<_>, Vec<_>) = single
                .into_iter()
                .map(|(name, value)| header(name, value))
                .partition(|(name, _)| name.eq_ignore_ascii_case("set-cookie"));
            headers.extend(cookies(fields)?.into_iter().map(|value| header("Set-Cookie".into(), value)));
            headers.extend(cookie);
            headers
        }
    };
    Ok(Draft { status: status(fields)?, headers, body: body(payload, fields)? })
}

fn header<'a>(name: Cow<'a, str>, value: Cow<'a, str>) -> Header<'a> {
    let value = match value {
        Cow::Borrowed(value) => Cow::Borrowed(value.as_bytes()),
        Cow::Owned(value) => Cow::Owned(value.into_bytes()),
    };
    (name, value)
}

/// A number, or the text of one.
fn status(fields: &Fields<'_>) -> Result<u16, String> {
    match fields.get("statusCode") {
        Some(Field::Scalar(text)) => final_status(&text),
        Some(Field::Null | Field::Object(_) | Field::List(_)) => Err("statusCode is no number".to_owned()),
        None => Err("statusCode is missing".to_owned()),
    }
}

/// A whole number up to 599. One below 200 is no final status, and would leave the client waiting.
pub(super) fn final_status(text: &str) -> Result<u16, String> {
    match text.parse() {
        Ok(status @ 200..600) => Ok(status),
        Ok(_) | Err(_) => Err(format!("statusCode is no final HTTP status: {text:.20}")),
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
fn merged<'a>(single: Vec<Named<'a>>, mut lists: Vec<NamedList<'a>>) -> Vec<Header<'a>> {
    let mut all = Vec::with_capacity(single.len() + lists.len());
    for (name, value) in single {
        let list = lists.iter_mut().find(|(other, _)| other.eq_ignore_ascii_case(&name));
        let values = list.map(|(_, values)| std::mem::take(values)).unwrap_or_default();
        if !values.contains(&value) {
            all.push(header(name.clone(), value));
        }
        all.extend(values.into_iter().map(|value| header(name.clone(), value)));
    }
    for (name, values) in lists {
        all.extend(values.into_iter().map(|value| header(name.clone(), value)));
    }
    all
}

/// The `body` of a result, decoded if it says that it is encoded.
pub(super) fn body(payload: &Bytes, fields: &Fields<'_>) -> Result<Bytes, String> {
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
