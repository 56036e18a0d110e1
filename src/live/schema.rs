//! [`Schema`]: what messages must look like, compiled from a model. JSON Schema draft 4; nothing is fetched, so a
//! `$ref` reaches only what the schema itself holds.

use jsonschema::{Draft, PatternOptions, Validator};
use serde_json::Value;

/// Steps that matching one `pattern` may take back before the text counts as not matching: more than any pattern
/// that is meant to match needs, and over in milliseconds.
const MAX_BACKTRACKS: usize = 100_000;

/// The most bytes that a compiled `pattern` may take.
const MAX_PATTERN: usize = 1 << 20;

/// A compiled schema.
#[derive(Debug)]
pub struct Schema(Validator);

impl Schema {
    /// Compiles the text of a schema.
    ///
    /// # Errors
    /// What is wrong with it, for people.
    pub fn parse(text: &str) -> Result<Self, String> {
        let schema: Value = serde_json::from_str(text).map_err(|error| format!("it is no JSON: {error}"))?;
        if !schema.is_object() {
            return Err("it is no JSON object".to_owned());
        }
        let patterns = PatternOptions::fancy_regex().backtrack_limit(MAX_BACKTRACKS).size_limit(MAX_PATTERN);
        let options = jsonschema::options().with_draft(Draft::Draft4).with_pattern_options(patterns);
        options.build(&schema).map(Self).map_err(|error| {
            let at = error.instance_path().to_string();
            let at = if at.is_empty() { String::new() } else { format!(" at {at}") };
            format!("{error}{at}")
        })
    }

    /// Whether a message fits.
    pub fn fits(&self, message: &Value) -> bool {
        self.0.is_valid(message)
    }

    /// What is wrong with a message that doesn't fit, for people: `$context.error.validationErrorString`.
    pub fn complaint(&self, message: &Value) -> Option<String> {
        self.0.iter_errors(message).next().map(|error| error.to_string())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_fits() {
        let object = r##"{"$schema":"http://json-schema.org/draft-04/schema#","title":"m","type":"object",
            "properties":{"action":{"type":"string","pattern":"^(?!x)[a-z]+$"},"n":{"type":"integer","minimum":1,"exclusiveMinimum":true},
            "at":{"$ref":"#/definitions/at"}},"required":["action"],
            "definitions":{"at":{"type":"array","items":{"type":"number"}}}}"##;
        for (schema, message, fits) in [
            ("{}", json!(null), true),
            (object, json!({ "action": "join" }), true),
            (object, json!({ "action": "join", "n": 2, "at": [1, 2.5], "more": {} }), true),
            (object, json!({}), false),
            (object, json!({ "action": 5 }), false),
            (object, json!({ "action": "xjoin" }), false),
            (object, json!({ "action": "join", "n": 1 }), false),
            (object, json!({ "action": "join", "at": ["1"] }), false),
            (object, json!("join"), false),
            (r#"{"enum":["a"]}"#, json!("a"), true),
            (r#"{"enum":["a"]}"#, json!("b"), false),
            (r#"{"$schema":"http://json-schema.org/draft-07/schema#","const":1}"#, json!(2), true),
        ] {
            let schema = Schema::parse(schema).unwrap_or_else(|error| panic!("{schema}: {error}"));
            assert_eq!(schema.fits(&message), fits, "{message}");
            assert_eq!(schema.complaint(&message).is_none(), fits, "{message}");
        }
    }

    #[test]
    fn what_is_no_schema() {
        for schema in [
            "",
            "{",
            "[]",
            "true",
            r#"{"type":"thing"}"#,
            r#"{"required":[]}"#,
            r#"{"properties":7}"#,
            r#"{"pattern":"("}"#,
            r#"{"pattern":"((a{1000}){1000}){1000}"}"#,
            r##"{"$ref":"#/definitions/nothing"}"##,
            r#"{"$ref":"http://example.com/schema"}"#,
            r#"{"$ref":"file:///etc/passwd"}"#,
        ] {
            assert!(Schema::parse(schema).is_err(), "{schema}");
        }
    }

    #[test]
    fn what_refers_to_itself_ends() {
        let circle = r##"{"definitions":{"a":{"$ref":"#/definitions/b"},"b":{"anyOf":[{"$ref":"#/definitions/a"}]}},
            "$ref":"#/definitions/a"}"##;
        let tree = r##"{"type":"object","additionalProperties":{"$ref":"#"}}"##;
        for (schema, fits) in [
            (r##"{"$ref":"#"}"##, true),
            (r##"{"allOf":[{"$ref":"#"}]}"##, true),
            (r##"{"not":{"$ref":"#"}}"##, false),
            (circle, true),
            (tree, true),
        ] {
            assert_eq!(Schema::parse(schema).unwrap().fits(&json!({ "a": { "a": {} } })), fits, "{schema}");
        }
        // As deep as serde_json reads.
        let deep = "{\"a\":".repeat(126) + "{}" + &"}".repeat(126);
        assert!(Schema::parse(tree).unwrap().fits(&serde_json::from_str(&deep).unwrap()));
    }

    #[test]
    fn a_pattern_takes_its_time_and_no_more() {
        let schema = Schema::parse(r#"{"pattern":"^(?=(a+)+$)(a|aa)+\\1$"}"#).unwrap();
        assert!(!schema.fits(&json!("a".repeat(100_000) + "!")));
    }
}
