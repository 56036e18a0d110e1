//! [`Argument`]: what a parameter's text stands for, read.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value};

use crate::base::clock::parse_iso8601;
use crate::model::service::{Parameter, Shape};

/// AWS: SQS takes ten attributes of a message. Ours, so that no text makes a request much larger than itself.
const MOST_ATTRIBUTES: usize = 100;

/// Most entries of a list; ours, for the same reason.
const MOST_TEXTS: usize = 1_000;

/// A parameter with what it has.
#[derive(Debug)]
pub struct Argument {
    /// The parameter's name.
    pub name: &'static str,
    /// Its value.
    pub content: Content,
}

/// What an attribute of a message says, by member.
pub type Says = Vec<(String, String)>;

/// What a service gets, before it is written in the service's protocol.
#[derive(Debug, PartialEq)]
pub enum Content {
    /// Text, bytes in base64 too.
    Text(String),
    /// A whole number.
    Integer(i64),
    /// Seconds since 1970.
    Seconds(f64),
    /// A list of texts.
    Texts(Vec<String>),
    /// By name, what each attribute of a message says: `DataType`, `StringValue`, `BinaryValue` in base64.
    Attributes(Vec<(String, Says)>),
}

impl Argument {
    /// Reads a text. `Err`: what the client is told.
    pub fn read(parameter: &'static Parameter, text: String) -> Result<Self, String> {
        let content = match parameter.shape {
            Shape::Text => Ok(Content::Text(text)),
            Shape::Integer => {
                let number = text.trim().parse().map(Content::Integer);
                number.map_err(|_| "a whole number")
            }
            Shape::Time => {
                seconds(text.trim()).map(Content::Seconds).ok_or("a time such as 2026-11-24T13:00:00Z")
            }
            Shape::Blob => Ok(Content::Text(base64(text))),
            Shape::Texts => texts(text).map(Content::Texts).ok_or("a JSON array of strings, or one string"),
            Shape::Attributes => attributes(&text)
                .map(Content::Attributes)
                .ok_or(r#"a JSON object such as {"name":{"DataType":"String","StringValue":"x"}}"#),
        };
        let name = parameter.name;
        match content {
            Ok(content) => Ok(Self { name, content }),
            Err(right) => Err(format!("{name} must be {right}")),
        }
    }
}

impl Content {
    /// As JSON protocols have it.
    pub fn json(self) -> Value {
        match self {
            Self::Text(text) => text.into(),
            Self::Integer(number) => number.into(),
            Self::Seconds(seconds) => seconds.into(),
            Self::Texts(texts) => texts.into(),
            Self::Attributes(attributes) => {
                let members = |says: Says| -> Map<String, Value> {
                    says.into_iter().map(|(member, text)| (member, text.into())).collect()
                };
                let named = attributes.into_iter().map(|(name, says)| (name, members(says).into()));
                Value::Object(named.collect())
            }
        }
    }
}

/// Seconds since 1970, as they are or in ISO 8601.
fn seconds(text: &str) -> Option<f64> {
    match text.parse::<f64>() {
        Ok(seconds) if seconds.is_finite() => Some(seconds),
        Ok(_) => None,
        Err(_) => parse_iso8601(text).map(|seconds| seconds as f64),
    }
}

/// Text that is base64 already stays as it is: clients of AWS send it so, since the service wants it so.
fn base64(text: String) -> String {
    match STANDARD.decode(&text) {
        Ok(_) => text,
        Err(_) => STANDARD.encode(text),
    }
}

/// A JSON array of strings; what begins as none is one text.
fn texts(text: String) -> Option<Vec<String>> {
    if !text.trim_start().starts_with('[') {
        return Some(vec![text]);
    }
    let texts: Vec<String> = serde_json::from_str(&text).ok()?;
    Some(texts).filter(|texts| texts.len() <= MOST_TEXTS)
}

/// Attributes that say texts and numbers; lists are none that SQS takes.
fn attributes(text: &str) -> Option<Vec<(String, Says)>> {
    let attributes: Map<String, Value> = serde_json::from_str(text).ok()?;
    if attributes.len() > MOST_ATTRIBUTES {
        return None;
    }
    let said = |(member, value): (String, Value)| match value {
        Value::String(text) => Some((member, text)),
        Value::Number(number) => Some((member, number.to_string())),
        Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => None,
    };
    let attribute = |(name, value): (String, Value)| match value {
        Value::Object(says) if says.len() <= MOST_ATTRIBUTES => {
            Some((name, says.into_iter().map(said).collect::<Option<_>>()?))
        }
        Value::Object(_)
        | Value::Null
        | Value::Bool(_)
        | Value::Number(_)
        | Value::String(_)
        | Value::Array(_) => None,
    };
    attributes.into_iter().map(attribute).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(shape: Shape, text: &str) -> Result<Value, String> {
        let parameter: &'static Parameter =
            Box::leak(Box::new(Parameter { name: "It", required: false, shape }));
        Argument::read(parameter, text.into()).map(|argument| argument.content.json())
    }

    #[test]
    fn texts_stand_for_what_their_shape_says() {
        use serde_json::json;
        for (shape, text, expected) in [
            (Shape::Text, "{\"a\":1}", Some(json!("{\"a\":1}"))),
            (Shape::Integer, " 10 ", Some(json!(10))),
            (Shape::Integer, "ten", None),
            (Shape::Integer, "1.5", None),
            (Shape::Time, "1700000000.5", Some(json!(1_700_000_000.5))),
            (Shape::Time, "2025-04-14T22:13:56Z", Some(json!(1_744_668_836.0))),
            (Shape::Time, "inf", None),
            (Shape::Time, "tomorrow", None),
            (Shape::Blob, "J0hlbGxvLCBXb3JsZCEnCg==", Some(json!("J0hlbGxvLCBXb3JsZCEnCg=="))),
            (Shape::Blob, "{\"a\":1}", Some(json!("eyJhIjoxfQ=="))),
            (Shape::Texts, "All", Some(json!(["All"]))),
            (Shape::Texts, "[\"a\",\"b\"]", Some(json!(["a", "b"]))),
            (Shape::Texts, "[1]", None),
            (Shape::Texts, "[\"a\"", None),
            (
                Shape::Attributes,
                "{\"n\":{\"DataType\":\"Number\",\"StringValue\":5}}",
                Some(json!({ "n": { "DataType": "Number", "StringValue": "5" } })),
            ),
            (Shape::Attributes, "{}", Some(json!({}))),
            (Shape::Attributes, "{\"n\":\"text\"}", None),
            (Shape::Attributes, "{\"n\":{\"StringListValues\":[]}}", None),
            (Shape::Attributes, "x", None),
        ] {
            assert_eq!(read(shape, text).ok(), expected, "{shape:?} {text}");
        }
        assert_eq!(read(Shape::Integer, "ten").unwrap_err(), "It must be a whole number");
        let many: Map<_, _> = (0..=MOST_ATTRIBUTES).map(|n| (n.to_string(), json!({}))).collect();
        assert!(read(Shape::Attributes, &Value::from(many).to_string()).is_err());
    }
}
