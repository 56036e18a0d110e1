//! [`Unsigned`]: a call of a service, written in the service's own protocol.

use serde_json::{Map, Value, json};

use super::argument::{Argument, Content};
use crate::model::service::{Service, Subtype};
use crate::model::settings::SqsProtocol;
use crate::proto::query;

/// The version of SQS's query protocol: the only one.
const SQS_VERSION: &str = "2012-11-05";

const FORM: &str = "application/x-www-form-urlencoded";
const JSON_10: &str = "application/x-amz-json-1.0";
const JSON_11: &str = "application/x-amz-json-1.1";

/// See the module. All parts are as they go on the wire.
#[derive(Debug)]
pub struct Unsigned {
    /// `POST`
    pub method: &'static str,
    /// From a slash on; what stands before it is the endpoint's own.
    pub path: String,
    /// Without `?`; empty: there is none.
    pub query: String,
    /// `Content-Type`; `None`: there is no body.
    pub content_type: Option<&'static str>,
    /// `X-Amz-Target`, of JSON protocols.
    pub operation: Option<String>,
    /// The body.
    pub body: Vec<u8>,
}

impl Unsigned {
    /// The call of a subtype with these arguments.
    pub fn new(subtype: &Subtype, sqs: SqsProtocol, arguments: Vec<Argument>) -> Self {
        match subtype.service {
            Service::AppConfig => configuration(arguments),
            Service::EventBridge => {
                let entries = json!({ "Entries": [members(arguments, str::to_owned)] });
                json("AWSEvents", JSON_11, subtype, &entries)
            }
            Service::Kinesis => {
                json("Kinesis_20131202", JSON_11, subtype, &members(arguments, str::to_owned))
            }
            Service::StepFunctions => {
                json("AWSStepFunctions", JSON_10, subtype, &members(arguments, lower_first))
            }
            Service::Sqs => match sqs {
                SqsProtocol::Query => form(subtype, arguments),
                SqsProtocol::Json => json("AmazonSQS", JSON_10, subtype, &members(arguments, str::to_owned)),
            },
        }
    }

    fn post(content_type: &'static str, operation: Option<String>, body: Vec<u8>) -> Self {
        Self {
            method: "POST",
            path: "/".to_owned(),
            query: String::new(),
            content_type: Some(content_type),
            operation,
            body,
        }
    }
}

fn members(arguments: Vec<Argument>, spelled: fn(&str) -> String) -> Value {
    let members = arguments.into_iter().map(|argument| (spelled(argument.name), argument.content.json()));
    Value::Object(members.collect::<Map<_, _>>())
}

/// `StateMachineArn` is `stateMachineArn` to Step Functions.
fn lower_first(name: &str) -> String {
    let mut name = name.to_owned();
    if let Some(first) = name.get_mut(..1) {
        first.make_ascii_lowercase();
    }
    name
}

/// The JSON protocols: the operation is a header.
fn json(service: &str, kind: &'static str, subtype: &Subtype, body: &Value) -> Unsigned {
    Unsigned::post(kind, Some(format!("{service}.{}", subtype.action)), body.to_string().into_bytes())
}

/// The query protocol: all is a form, lists have numbers.
fn form(subtype: &Subtype, arguments: Vec<Argument>) -> Unsigned {
    let mut form = String::new();
    put(&mut form, "Action", subtype.action);
    put(&mut form, "Version", SQS_VERSION);
    for Argument { name, content } in arguments {
        // Lists have the name of one: `AttributeName.1`, `MessageAttribute.1.Name`.
        let one = name.strip_suffix('s').unwrap_or(name);
        match content {
            Content::Text(text) => put(&mut form, name, &text),
            Content::Integer(number) => put(&mut form, name, &number.to_string()),
            Content::Seconds(seconds) => put(&mut form, name, &seconds.to_string()),
            Content::Texts(texts) => {
                texts.iter().zip(1..).for_each(|(text, n)| put(&mut form, &format!("{one}.{n}"), text));
            }
            Content::Attributes(attributes) => {
                for ((attribute, says), n) in attributes.iter().zip(1..) {
                    put(&mut form, &format!("{one}.{n}.Name"), attribute);
                    for (member, text) in says {
                        put(&mut form, &format!("{one}.{n}.Value.{member}"), text);
                    }
                }
            }
        }
    }
    Unsigned::post(FORM, None, form.into_bytes())
}

/// REST: AppConfig's GetConfiguration, which `GET`s what its path names.
fn configuration(arguments: Vec<Argument>) -> Unsigned {
    const SEGMENTS: [(&str, &str); 3] = [
        ("/applications/", "Application"),
        ("/environments/", "Environment"),
        ("/configurations/", "Configuration"),
    ];
    const QUERY: [(&str, &str); 2] =
        [("client_id", "ClientId"), ("client_configuration_version", "ClientConfigurationVersion")];
    let text = |name: &str| {
        let argument = arguments.iter().find(|argument| argument.name == name)?;
        match &argument.content {
            Content::Text(text) => Some(text.as_str()),
            Content::Integer(_) | Content::Seconds(_) | Content::Texts(_) | Content::Attributes(_) => None,
        }
    };
    let (mut path, mut query) = (String::new(), String::new());
    for (segment, name) in SEGMENTS {
        path.push_str(segment);
        query::encode_query_component(&mut path, text(name).unwrap_or_default());
    }
    for (parameter, name) in QUERY {
        if let Some(text) = text(name) {
            put(&mut query, parameter, text);
        }
    }
    Unsigned { method: "GET", path, query, content_type: None, operation: None, body: Vec::new() }
}

/// Appends a pair of a form or of a query.
fn put(form: &mut String, name: &str, value: &str) {
    if !form.is_empty() {
        form.push('&');
    }
    query::encode_query_component(form, name);
    form.push('=');
    query::encode_query_component(form, value);
}

#[cfg(test)]
mod tests;
