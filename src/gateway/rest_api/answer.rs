//! What a REST API makes of its integration's answer: "Output format of a Lambda function for proxy integration" of
//! the developer guide, and as recorded on AWS; and integration responses.
//!
//! What AWS refuses of a function's result is answered all the same, unless AWS is to be followed to the letter:
//! LocalStack's users write functions that return what they were given.

use std::borrow::Cow;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;

use super::integrate::NO_TEMPLATES;
use super::sources::Sources;
use super::{Reply, Visit};
use crate::gateway::exchange::Taken;
use crate::gateway::fault::Fault;
use crate::gateway::http_api::{BASE64, error_text, final_status};
use crate::gateway::result::{self, Field, Fields, Named, NamedList};
use crate::gateway::sent::Header;
use crate::live::rest::{Integration, MediaTypes, Shaped, Target, Template};
use crate::model::invocation::Invoked;
use crate::model::rest::ContentHandling;
use crate::model::settings::Parity;
use crate::proto::http1::client;
use crate::proto::http1::fields::{connection_names, is_hop_by_hop};
use crate::proto::http1::{Request, Response};

/// What an integration answered that is no proxy.
pub(super) enum Answered {
    /// A function.
    Function(Invoked),
    /// A back end.
    Backend(client::Reply),
    /// Nobody: this status.
    Mock(u16),
}

impl From<Taken> for Answered {
    fn from(taken: Taken) -> Self {
        match taken {
            Taken::Invoked(_, invoked) => Self::Function(invoked),
            Taken::Fetched(reply) => Self::Backend(reply),
        }
    }
}

impl Answered {
    /// Its headers.
    pub(super) fn headers(&self) -> impl Iterator<Item = (&str, &[u8])> {
        let reply = match self {
            Self::Backend(reply) => Some(reply),
            Self::Function(_) | Self::Mock(_) => None,
        };
        reply.into_iter().flat_map(client::Reply::headers)
    }

    /// Its body.
    pub(super) fn body(&self) -> &[u8] {
        match self {
            Self::Function(invoked) => &invoked.payload,
            Self::Backend(reply) => reply.body(),
            Self::Mock(_) => &[],
        }
    }

    /// What selects the integration response: a function's error, else a status.
    fn selects(&self) -> Cow<'_, str> {
        match self {
            Self::Function(invoked) => {
                match Fields::parse(&invoked.payload).and_then(|fields| fields.get("errorMessage")) {
                    Some(Field::Scalar(message)) => message,
                    Some(Field::Null | Field::Object(_) | Field::List(_)) | None => Cow::Borrowed(""),
                }
            }
            Self::Backend(reply) => reply.status().to_string().into(),
            Self::Mock(status) => status.to_string().into(),
        }
    }
}

/// The response that a function's result stands for.
pub(super) fn of_function(visit: &Visit, invoked: &Invoked) -> Result<Reply, Fault> {
    let payload = &invoked.payload;
    if invoked.error.is_some() {
        return Err(Fault::Answer(error_text(payload)));
    }
    let decodes = visit.stage.binary.covers_accepted(visit.request.header("accept"));
    let refused = match strict(payload, decodes) {
        Ok(draft) => match draft.response(&[]) {
            Ok(response) => return Ok(response.into()),
            Err(why) => why,
        },
        Err(Malformed::Result(why)) => why,
        Err(Malformed::Base64) => {
            return Err(Fault::Integration("isBase64Encoded is true, and body is not in base64".to_owned()));
        }
    };
    let refused = format!("Malformed Lambda proxy response: {refused}");
    match visit.live.settings.parity {
        Parity::Aws => Err(Fault::Answer(refused)),
        Parity::LocalStack => {
            let response = lenient(payload, decodes).response(&[]).unwrap_or_else(|_| Response::new(200));
            Ok(Reply { response, remark: Some(refused) })
        }
    }
}

/// The response that a back end's reply stands for.
pub(super) fn of_backend(visit: &Visit, reply: &client::Reply) -> Result<Reply, Fault> {
    let connection = reply.header("connection");
    let is_passed = |name: &str| {
        !name.eq_ignore_ascii_case("via")
            && (name.eq_ignore_ascii_case("connection") || !is_hop_by_hop(name))
            && connection.is_none_or(|connection| !connection_names(connection, name))
    };
    let headers = reply.headers().filter(|(name, _)| is_passed(name));
    let draft = Draft {
        status: reply.status(),
        headers: headers.map(|(name, value)| (name.into(), value.into())).collect(),
        body: reply.shared_body(),
    };
    let mut response = draft
        .response(&["x-amzn-RequestId"])
        .map_err(|what| Fault::Answer(format!("the back end's reply: {what}")))?;
    if visit.request.method() == "HEAD" && reply.body().is_empty() {
        let length = reply.header("content-length");
        let length = length.and_then(|value| std::str::from_utf8(value).ok()?.parse().ok());
        response.declare_length(length.unwrap_or(0));
    }
    Ok(response.into())
}

/// The response that an integration response makes of an answer.
pub(super) fn shaped(visit: &Visit, shaped: &Shaped, answered: &Answered) -> Result<Reply, Fault> {
    let selected = answered.selects();
    let response = shaped.response(&selected).ok_or_else(|| {
        Fault::Integration(format!(
            "no integration response takes {selected:?}, and there is none without a selection pattern"
        ))
    })?;
    let sources = Sources::of_response(visit, answered);
    let headers = response.headers.iter().filter_map(|(name, source)| {
        let value = sources.value(source)?.into_owned().into_bytes();
        Some((Cow::Borrowed(&**name), Cow::Owned(value)))
    });
    let body = converted(&visit.stage.binary, &visit.request, answered, response.content)?;
    let accept = visit.request.headers().filter(|(name, _)| name.eq_ignore_ascii_case("accept")).last();
    let body = match response.templates.of_response(accept.map(|(_, value)| value)) {
        Some(Template::Text(text)) if !text.is_empty() => text.clone(),
        Some(Template::Text(_)) | None => body,
        Some(Template::Program) => return Err(Fault::Integration(NO_TEMPLATES.to_owned())),
    };
    let draft = Draft { status: response.status, headers: headers.collect(), body };
    let response = draft.response(&REMAPPED_OF_SHAPED);
    response.map(Reply::from).map_err(|what| Fault::Answer(format!("the integration response: {what}")))
}

/// The body of an answer as the client gets it, unless a template makes another ("Content type conversions in API
/// Gateway").
fn converted(
    binary: &MediaTypes,
    request: &Request,
    answered: &Answered,
    content: Option<ContentHandling>,
) -> Result<Bytes, Fault> {
    let body = answered.body();
    let content_type = answered.headers().find(|(name, _)| name.eq_ignore_ascii_case("content-type"));
    let is_binary = binary.covers(content_type.map(|(_, value)| value));
    let wants_binary = match content {
        Some(ContentHandling::ToBinary) => true,
        Some(ContentHandling::ToText) => false,
        None => binary.covers_accepted(request.header("accept")),
    };
    match (is_binary, wants_binary) {
        (true, true) | (false, false) => Ok(match answered {
            Answered::Function(invoked) => invoked.payload.clone(),
            Answered::Backend(_) | Answered::Mock(_) => Bytes::copy_from_slice(body),
        }),
        (true, false) => Ok(STANDARD.encode(body).into()),
        (false, true) => STANDARD
            .decode(body)
            .map(Bytes::from)
            .map_err(|_| Fault::Integration("the answer is to be decoded, and is not in base64".to_owned())),
    }
}

/// A response in the making.
struct Draft<'a> {
    status: u16,
    headers: Vec<Header<'a>>,
    body: Bytes,
}

/// What the gateway says for itself; an integration's own are told under another name ("Amazon API Gateway important
/// notes").
const REMAPPED: [&str; 4] = ["Connection", "Content-Length", "Date", "Server"];

/// The same, of integrations that are no proxies.
const REMAPPED_OF_SHAPED: [&str; 10] = [
    "Authorization",
    "Content-MD5",
    "Expect",
    "Host",
    "Max-Forwards",
    "Proxy-Authenticate",
    "Trailer",
    "Upgrade",
    "User-Agent",
    "WWW-Authenticate",
];

impl Draft<'_> {
    /// The response. `Err`: a header can't be sent.
    fn response(self, more_remapped: &[&str]) -> Result<Response, String> {
        let mut response = Response::new(self.status);
        for (name, value) in &self.headers {
            let is = |other: &&&str| other.eq_ignore_ascii_case(name);
            let added = if let Some(known) = REMAPPED.iter().chain(more_remapped).find(is) {
                response.foreign_header(&format!("x-amzn-Remapped-{known}"), value)
            } else if is_hop_by_hop(name) || OWN.iter().any(|own| own.eq_ignore_ascii_case(name)) {
                Ok(())
            } else {
                response.foreign_header(name, value)
            };
            added.map_err(|_| format!("the header {name:?} can't be sent"))?;
        }
        if !response.has_header("content-type") {
            response.header("Content-Type", "application/json");
        }
        response.body = self.body;
        Ok(response)
    }
}

/// Headers of the gateway's own.
const OWN: [&str; 2] = ["x-amzn-RequestId", "x-amz-apigw-id"];

/// Why a result is no response.
enum Malformed {
    /// What is wrong with it.
    Result(String),
    /// Its body is not what it says.
    Base64,
}

impl From<String> for Malformed {
    fn from(what: String) -> Self {
        Self::Result(what)
    }
}

/// An object of five members, none of which must be there, and of no others.
fn strict(payload: &Bytes, decodes: bool) -> Result<Draft<'_>, Malformed> {
    const MEMBERS: [&str; 5] = ["statusCode", "headers", "multiValueHeaders", "body", "isBase64Encoded"];
    let fields = Fields::parse(payload).ok_or_else(|| "it is no JSON object".to_owned())?;
    if let Some(other) = fields.names().find(|name| !MEMBERS.contains(name)) {
        return Err(format!("it has the member {other:?}").into());
    }
    let status = match fields.get("statusCode") {
        Some(Field::Scalar(text)) => final_status(&text)?,
        Some(Field::Null) | None => 200,
        Some(Field::Object(_) | Field::List(_)) => return Err("statusCode is no number".to_owned().into()),
    };
    let headers = headers(&fields)?;
    let encoded = match fields.get("isBase64Encoded") {
        None | Some(Field::Null) => false,
        Some(Field::Scalar(flag)) if flag == "true" || flag == "false" => flag == "true",
        Some(Field::Scalar(_) | Field::Object(_) | Field::List(_)) => {
            return Err("isBase64Encoded is no boolean".to_owned().into());
        }
    };
    let body = match fields.get("body") {
        None | Some(Field::Null) => Bytes::new(),
        Some(Field::Scalar(text)) if encoded && decodes => {
            BASE64.decode(text.as_bytes()).map_err(|_| Malformed::Base64)?.into()
        }
        Some(Field::Scalar(text)) => result::bytes(payload, text),
        Some(Field::Object(_) | Field::List(_)) => return Err("body is no string".to_owned().into()),
    };
    Ok(Draft { status, headers, body })
}

fn headers<'a>(fields: &Fields<'a>) -> Result<Vec<Header<'a>>, String> {
    let single = match fields.get("headers") {
        None | Some(Field::Null) => Vec::new(),
        Some(Field::Object(headers)) => headers.scalars("headers")?,
        Some(Field::Scalar(_) | Field::List(_)) => return Err("headers is no object".to_owned()),
    };
    let lists = match fields.get("multiValueHeaders") {
        None | Some(Field::Null) => Vec::new(),
        Some(Field::Object(lists)) => lists.lists("multiValueHeaders")?,
        Some(Field::Scalar(_) | Field::List(_)) => return Err("multiValueHeaders is no object".to_owned()),
    };
    Ok(merged(single, lists))
}

/// As recorded: of one name the multiple values come first, under the name that they have.
fn merged<'a>(single: Vec<Named<'a>>, lists: Vec<NamedList<'a>>) -> Vec<Header<'a>> {
    let mut all = Vec::with_capacity(single.len() + lists.len());
    let mut single: Vec<_> = single.into_iter().map(Some).collect();
    for (name, values) in lists {
        all.extend(values.into_iter().map(|value| header(name.clone(), value)));
        let same =
            single.iter_mut().find(|one| one.as_ref().is_some_and(|(n, _)| n.eq_ignore_ascii_case(&name)));
        if let Some((_, value)) = same.and_then(Option::take) {
            all.push(header(name, value));
        }
    }
    all.extend(single.into_iter().flatten().map(|(name, value)| header(name, value)));
    all
}

fn header<'a>(name: Cow<'a, str>, value: Cow<'a, str>) -> Header<'a> {
    let value = match value {
        Cow::Borrowed(value) => Cow::Borrowed(value.as_bytes()),
        Cow::Owned(value) => Cow::Owned(value.into_bytes()),
    };
    (name, value)
}

/// What a result that AWS refuses stands for. One with a status is meant as a response: what can be read of it
/// counts. Of all others the body is the member `body`, else all of it.
fn lenient(payload: &Bytes, decodes: bool) -> Draft<'_> {
    let verbatim = |body: Bytes| Draft { status: 200, headers: Vec::new(), body };
    let Some(fields) = Fields::parse(payload) else { return verbatim(payload.clone()) };
    let status = match fields.get("statusCode") {
        Some(Field::Scalar(text)) => final_status(&text).ok(),
        Some(Field::Null | Field::Object(_) | Field::List(_)) | None => None,
    };
    let encoded = matches!(fields.get("isBase64Encoded"), Some(Field::Scalar(flag)) if flag == "true");
    let body = match fields.get("body") {
        Some(Field::Scalar(text)) if encoded && decodes => match BASE64.decode(text.as_bytes()) {
            Ok(bytes) => bytes.into(),
            Err(_) => result::bytes(payload, text),
        },
        Some(Field::Scalar(text)) => result::bytes(payload, text),
        Some(Field::Object(_) | Field::List(_)) => {
            result::bytes(payload, Cow::Borrowed(fields.raw("body").unwrap_or_default()))
        }
        Some(Field::Null) | None if status.is_none() => payload.clone(),
        Some(Field::Null) | None => Bytes::new(),
    };
    let Some(status) = status else { return verbatim(body) };
    let sendable = |(name, value): &Header<'_>| Response::new(200).foreign_header(name, value).is_ok();
    let headers = headers(&fields).unwrap_or_default().into_iter().filter(sendable);
    Draft { status, headers: headers.collect(), body }
}

/// Whether an integration's answer was traced: of what only passes through, or is nobody's, AWS says nothing.
pub(super) fn is_traced(integration: &Integration) -> bool {
    match integration {
        Integration::Function(_) => true,
        Integration::Shaped(shaped) => !matches!(shaped.target, Target::Mock),
        Integration::Backend(_) | Integration::Broken(_) => false,
    }
}
