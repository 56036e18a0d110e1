//! The short form of functions in YAML: `!Sub a` is `{"Fn::Sub": "a"}`.

use serde_json::{Map, Value};

use crate::control::yaml::Tags;

/// The tags of templates.
pub const TAGS: Tags =
    Tags { knows: |name| matches!(name, "Ref" | "Condition") || FUNCTIONS.contains(&name), apply: long_form };

/// The functions that have a short tag, `!Sub`.
const FUNCTIONS: &[&str] = &[
    "And",
    "Base64",
    "Cidr",
    "Equals",
    "FindInMap",
    "GetAZs",
    "GetAtt",
    "If",
    "ImportValue",
    "Join",
    "Length",
    "Not",
    "Or",
    "Select",
    "Split",
    "Sub",
    "ToJsonString",
    "Transform",
];

fn long_form(name: &str, value: Value) -> Value {
    let (key, value) = match (name, value) {
        ("Ref" | "Condition", value) => (name.to_owned(), value),
        ("GetAtt", Value::String(text)) => {
            let parts =
                text.split_once('.').map_or(vec![text.as_str()], |(name, attribute)| vec![name, attribute]);
            ("Fn::GetAtt".into(), parts.into())
        }
        (name, value) => (format!("Fn::{name}"), value),
    };
    Value::Object(Map::from_iter([(key, value)]))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::control::yaml;

    #[test]
    fn short_tags() {
        for (text, expected) in [
            ("!Ref a", json!({ "Ref": "a" })),
            ("!GetAtt a.b.c", json!({ "Fn::GetAtt": ["a", "b.c"] })),
            ("!GetAtt [a, b]", json!({ "Fn::GetAtt": ["a", "b"] })),
            ("!Sub '${a}'", json!({ "Fn::Sub": "${a}" })),
            ("!Join [',', [!Ref a, 1]]", json!({ "Fn::Join": [",", [{ "Ref": "a" }, 1]] })),
            ("!If\n- a\n- !Condition b\n- 1", json!({ "Fn::If": ["a", { "Condition": "b" }, 1] })),
            ("Fn::Base64:\n  !Sub x", json!({ "Fn::Base64": { "Fn::Sub": "x" } })),
            ("!Select [1, !GetAZs '']", json!({ "Fn::Select": [1, { "Fn::GetAZs": "" }] })),
            ("!Equals [!Ref a, 12]", json!({ "Fn::Equals": [{ "Ref": "a" }, 12] })),
        ] {
            assert_eq!(yaml::parse(text, TAGS), Ok(expected), "{text}");
        }
    }
}
