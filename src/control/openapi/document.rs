//! [`Document`]: an OpenAPI definition in JSON or YAML, with its AWS variables replaced; and what its `$ref`s mean.
//!
//! A reference is followed only where something is wanted behind it, and nothing is ever unfolded, so that circles and
//! bombs come to nothing.

use serde_json::{Map, Value};

use crate::control::answer::Error;
use crate::control::cloudformation::template::text_of;
use crate::control::input::bad_request;
use crate::control::yaml::{self, Tags};
use crate::model::Owner;
use crate::proto::query;

/// AWS: an API definition of 6 MB.
pub const MAX_DEFINITION: usize = 6 * 1024 * 1024;

/// The value of a tag of the api.
pub const TAG_VALUE: &str = "x-amazon-apigateway-tag-value";

/// A reference may lead to another, so often; ours.
const MAX_HOPS: usize = 16;

/// A definition, read.
#[derive(Debug)]
pub struct Document {
    root: Map<String, Value>,
}

/// What a definition says it is written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Version {
    /// `openapi: 3.0.x`
    OpenApi3,
    /// `swagger: 2.0`
    Swagger2,
}

impl Document {
    /// The definition of a text: JSON if it begins with a brace, YAML otherwise. `${AWS::Region}` and the like are
    /// replaced by what holds for `owner`.
    ///
    /// # Errors
    /// It is too large, or has not the form of a definition.
    pub fn read(text: &str, owner: &Owner) -> Result<Self, Error> {
        Self::check_size(text)?;
        let text = with_variables(text, owner);
        Self::check_size(&text)?;
        match yaml::parse_any(&text, Tags::NONE) {
            Ok(Value::Object(root)) => Ok(Self { root }),
            Ok(_) => Err(invalid("It has no members.")),
            Err(why) => Err(invalid(&why)),
        }
    }

    /// Whether a text is not too large for a definition.
    ///
    /// # Errors
    /// It is.
    pub fn check_size(text: &str) -> Result<(), Error> {
        if text.len() > MAX_DEFINITION {
            return Err(bad_request(format!("The API definition is larger than {MAX_DEFINITION} bytes")));
        }
        Ok(())
    }

    /// What it is written in.
    ///
    /// # Errors
    /// In nothing that API Gateway imports.
    pub fn version(&self) -> Result<Version, Error> {
        let said = |name: &str| self.root.get(name).map(text_of);
        match (said("openapi"), said("swagger")) {
            (Some(version), _) if version == "3.0" || version.starts_with("3.0.") => Ok(Version::OpenApi3),
            (None, Some(version)) if version == "2.0" => Ok(Version::Swagger2),
            (Some(version), _) => {
                Err(invalid(&format!("There is no support for OpenAPI {version}, only for 3.0.")))
            }
            (None, _) => Err(invalid("It does not say which version of OpenAPI it is written in.")),
        }
    }

    /// A member of the root.
    pub fn member(&self, name: &str) -> Option<&Value> {
        self.root.get(name)
    }

    /// All members of the root.
    pub fn root(&self) -> &Map<String, Value> {
        &self.root
    }

    /// The tags of the api: those of OpenAPI, which describe groups of operations, with a value.
    pub fn tags(&self) -> Map<String, Value> {
        let tags = self.member("tags").and_then(Value::as_array).into_iter().flatten();
        let valued = |tag: &Value| Some((text_of(tag.get("name")?), text_of(tag.get(TAG_VALUE)?).into()));
        tags.filter_map(valued).collect()
    }

    /// The names of the root's members.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.root.keys().map(String::as_str)
    }

    /// What `value` is, or what it refers to: `{"$ref": "#/components/…"}`.
    ///
    /// # Errors
    /// The reference that leads nowhere: out of the document, in a circle, or to what isn't there.
    pub fn follow<'a>(&'a self, value: &'a Value) -> Result<&'a Value, &'a str> {
        let (mut value, mut last) = (value, "");
        for _ in 0..MAX_HOPS {
            let Some(reference) = value.get("$ref").and_then(Value::as_str) else { return Ok(value) };
            value = self.at(reference).ok_or(reference)?;
            last = reference;
        }
        Err(last)
    }

    /// What stands at `#/components/schemas/Pet`.
    pub fn at(&self, reference: &str) -> Option<&Value> {
        // RFC 6901 section 6: the fragment is a JSON pointer, percent-encoded.
        let pointer = query::decode_path(reference.strip_prefix("#/")?);
        let (first, rest) = match pointer.split_once('/') {
            Some((first, rest)) => (first, Some(rest)),
            None => (&*pointer, None),
        };
        let member = self.root.get(&first.replace("~1", "/").replace("~0", "~"))?;
        rest.map_or(Some(member), |rest| member.pointer(&format!("/{rest}")))
    }
}

/// `Invalid OpenAPI input.`, and why for people.
pub fn invalid(why: &str) -> Error {
    bad_request(format!("Invalid OpenAPI input. {why}"))
}

/// The developer guide, "AWS variables for OpenAPI import".
fn with_variables(text: &str, owner: &Owner) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("${AWS::") {
        out.push_str(before);
        let values =
            [("AccountId}", owner.account.as_str()), ("Partition}", "aws"), ("Region}", &owner.region)];
        let known = values.iter().find_map(|(name, value)| Some((after.strip_prefix(name)?, value)));
        let (after, value) = known.map_or((after, "${AWS::"), |(after, value)| (after, *value));
        // Neither account nor region is longer than what it replaces by much, but there may be many.
        if out.len() <= MAX_DEFINITION {
            out.push_str(value);
        }
        rest = after;
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn owner() -> Owner {
        Owner { account: "123456789012".into(), region: "eu-west-1".into() }
    }

    #[test]
    fn what_is_a_definition() {
        for (text, expected) in [
            ("{\"openapi\": \"3.0.1\"}", "OpenApi3"),
            ("openapi: 3.0.3", "OpenApi3"),
            ("openapi: 3.0", "OpenApi3"),
            ("swagger: '2.0'", "Swagger2"),
            ("swagger: 2.0", "Swagger2"),
            ("openapi: 3.1.0", "Invalid OpenAPI input. There is no support for OpenAPI 3.1.0, only for 3.0."),
            ("openapi: 2.0", "Invalid OpenAPI input. There is no support for OpenAPI 2.0, only for 3.0."),
            (
                "swagger: 1.2",
                "Invalid OpenAPI input. It does not say which version of OpenAPI it is written in.",
            ),
            ("a: b", "Invalid OpenAPI input. It does not say which version of OpenAPI it is written in."),
            ("", "Invalid OpenAPI input. It has no members."),
            ("[1]", "Invalid OpenAPI input. It has no members."),
            ("plain", "Invalid OpenAPI input. It has no members."),
            ("{\"a\"", "Invalid OpenAPI input. JSON not well-formed. (line 1, column 4)"),
            (
                "a: !Ref b",
                "Invalid OpenAPI input. YAML not well-formed. (line 1, column 4): there is no tag !Ref",
            ),
        ] {
            let found = Document::read(text, &owner()).and_then(|document| document.version());
            let found = found.map_or_else(|error| error.message, |version| format!("{version:?}"));
            assert_eq!(found, expected, "{text}");
        }
    }

    #[test]
    fn references() {
        let text = json!({
            "paths": { "/a/{b}": { "get": 1 } },
            "components": {
                "x": { "a": { "$ref": "#/components/x/b" }, "b": { "c": [7, 8] }, "loop": { "$ref": "#/components/x/pool" },
                       "pool": { "$ref": "#/components/x/loop" }, "self": { "$ref": "#/components/x/self" }, "a~/b": 9 },
            },
            "top": 5,
        });
        let document = Document::read(&text.to_string(), &owner()).expect("a definition");
        for (reference, expected) in [
            ("#/components/x/a", Ok(json!({ "c": [7, 8] }))),
            ("#/components/x/b/c/1", Ok(json!(8))),
            ("#/paths/~1a~1{b}/get", Ok(json!(1))),
            ("#/paths/~1a~1%7Bb%7D/get", Ok(json!(1))),
            ("#/components/x/a~0~1b", Ok(json!(9))),
            ("#/top", Ok(json!(5))),
            ("#/components/x/loop", Err("#/components/x/pool")),
            ("#/components/x/self", Err("#/components/x/self")),
            ("#/components/nothing", Err("#/components/nothing")),
            ("other.yaml#/components/x/a", Err("other.yaml#/components/x/a")),
            ("#", Err("#")),
            ("", Err("")),
        ] {
            let value = json!({ "$ref": reference });
            let found = document.follow(&value).cloned().map_err(str::to_owned);
            let expected = expected.map_err(str::to_owned);
            assert_eq!(found.is_ok(), expected.is_ok(), "{reference}");
            if let Ok(expected) = expected {
                assert_eq!(found, Ok(expected), "{reference}");
            }
        }
    }

    #[test]
    fn variables() {
        for (text, expected) in [
            ("${AWS::Region}", "eu-west-1"),
            (
                "arn:${AWS::Partition}:x:${AWS::Region}:${AWS::AccountId}:y",
                "arn:aws:x:eu-west-1:123456789012:y",
            ),
            ("${AWS::Other} ${stageVariables.a} ${AWS::", "${AWS::Other} ${stageVariables.a} ${AWS::"),
        ] {
            assert_eq!(with_variables(text, &owner()), expected);
        }
    }

    #[test]
    fn what_is_too_large() {
        let long = Owner { region: format!("us-{}-1", "a".repeat(1000)), ..owner() };
        let many = format!("openapi: 3.0.1\na: '{}'", "${AWS::Region}".repeat(100_000));
        let large = format!("openapi: 3.0.1\na: {}", "x".repeat(MAX_DEFINITION));
        for (text, owner) in [(many, long), (large, owner())] {
            let error = Document::read(&text, &owner).expect_err("too large");
            assert_eq!(error.message, "The API definition is larger than 6291456 bytes");
        }
    }
}
