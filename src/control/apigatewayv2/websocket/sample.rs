//! GetModelTemplate: a mapping template that writes what a model's schema describes, for people to go on from.

use std::fmt::Write;

use serde_json::Value;

/// How deep it goes into a schema: deeper ones, and those that lead back to themselves, end in `{}`.
const DEEPEST: usize = 16;

/// How long it may become before the rest is left out: a schema has at most 32 KB, but may say a lot in them.
const LONGEST: usize = 256 * 1024;

/// The template of a schema; of one that is no JSON object, `{}`.
pub fn template(schema: &str) -> String {
    let schema: Value = serde_json::from_str(schema).unwrap_or_default();
    let mut out = String::from("#set($inputRoot = $input.path('$'))\n");
    write(&mut out, &schema, "$inputRoot", 0);
    out
}

/// `source` is where the template finds it.
fn write(out: &mut String, schema: &Value, source: &str, depth: usize) {
    let pad = "  ".repeat(depth);
    let properties = schema.get("properties").and_then(Value::as_object);
    match (schema.get("type").and_then(Value::as_str), properties) {
        _ if depth > DEEPEST || out.len() > LONGEST => out.push_str("{}"),
        (Some("object") | None, Some(properties)) => {
            out.push_str("{\n");
            for (n, (name, property)) in properties.iter().enumerate() {
                let _ = write!(out, "{pad}  {} : ", Value::from(name.as_str()));
                write(out, property, &format!("{source}.{name}"), depth + 1);
                out.push_str(if n + 1 < properties.len() { ",\n" } else { "\n" });
            }
            out.push_str(&pad);
            out.push('}');
        }
        (Some("array"), _) => {
            out.push_str("[\n##TODO: Update this foreach loop to reference array from input json\n");
            let _ = write!(out, "#foreach($elem in {source})\n{pad}  ");
            write(out, schema.get("items").unwrap_or(&Value::Null), "$elem", depth + 1);
            let _ = write!(out, "#if($foreach.hasNext),#end\n#end\n{pad}]");
        }
        (Some("string"), _) => out.push_str("\"foo\""),
        (Some("integer"), _) => out.push_str("42"),
        (Some("number"), _) => out.push_str("42.0"),
        (Some("boolean"), _) => out.push_str("true"),
        (Some("null"), _) => out.push_str("null"),
        (Some(_) | None, _) => out.push_str("{}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn samples() {
        let head = "#set($inputRoot = $input.path('$'))\n";
        for (schema, expected) in [
            (r#"{"type":"string"}"#, "\"foo\""),
            (r#"{"$ref":"x"}"#, "{}"),
            ("no JSON", "{}"),
            (
                r#"{"type":"object","properties":{"id":{"type":"integer"},"price":{"type":"number"},"on":{"type":"boolean"}}}"#,
                "{\n  \"id\" : 42,\n  \"on\" : true,\n  \"price\" : 42.0\n}",
            ),
            (
                r#"{"type":"array","items":{"properties":{"a":{"type":"string"}}}}"#,
                "[\n##TODO: Update this foreach loop to reference array from input json\n#foreach($elem in \
                 $inputRoot)\n  {\n    \"a\" : \"foo\"\n  }#if($foreach.hasNext),#end\n#end\n]",
            ),
        ] {
            assert_eq!(template(schema), format!("{head}{expected}"), "{schema}");
        }
        let deep = (0..60).fold("{}".to_owned(), |inner, _| format!(r#"{{"type":"array","items":{inner}}}"#));
        assert!(template(&deep).contains("{}"));
    }
}
