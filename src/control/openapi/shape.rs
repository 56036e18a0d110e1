//! Extensions of definitions and members of operations: what they call the same thing, and how they write it. Tables
//! say it once for both directions.
//!
//! Definitions are loosely typed, YAML above all: `1024` may be text, `"300"` a number. What has the wrong form stays
//! as it is, for the operation to refuse.

use serde_json::{Map, Value};

use crate::control::cloudformation::template::text_of;
use crate::control::tree::Tree;

/// A member of an extension, and of the operation.
#[derive(Clone, Copy, Debug)]
pub struct Member {
    /// What the extension calls it.
    pub here: &'static str,
    /// What the operation calls it.
    pub there: &'static str,
    /// How both write it.
    pub kind: Kind,
}

/// How a member is written.
#[derive(Clone, Copy, Debug)]
pub enum Kind {
    /// Text.
    Text,
    /// A word of a few, which definitions write in small letters, and operations in capitals.
    Word,
    /// `2.0`, which may be a number in a definition.
    Version,
    /// An integer.
    Integer,
    /// A boolean.
    Boolean,
    /// A list of texts.
    Texts,
    /// A list of texts, which definitions write as one with commas.
    Commas,
    /// Texts by name.
    Map,
    /// Texts by name, by name.
    Maps,
    /// A structure.
    Structure(&'static [Member]),
}

/// A row of a table.
pub const fn member(here: &'static str, there: &'static str, kind: Kind) -> Member {
    Member { here, there, kind }
}

/// The members of an operation that an extension describes.
pub fn members(table: &[Member], extension: &Map<String, Value>) -> Map<String, Value> {
    let given = table.iter().filter_map(|row| {
        let value = extension.get(row.here).filter(|value| !value.is_null())?;
        Some((row.there.to_owned(), row.kind.there(value)))
    });
    given.collect()
}

/// The extension that describes what an operation answers, in the table's order. Empty lists are not said.
pub fn extension(table: &[Member], answer: &Value) -> Tree {
    table.iter().fold(Tree::new(), |tree, row| match answer.get(row.there) {
        Some(value) if *value != Value::Array(Vec::new()) => tree.with(row.here, row.kind.here(value)),
        Some(_) | None => tree,
    })
}

impl Kind {
    fn there(self, value: &Value) -> Value {
        match self {
            Self::Text => text(value),
            Self::Word => text_of(value).to_ascii_uppercase().into(),
            Self::Version => match value.as_i64() {
                Some(whole) => format!("{whole}.0").into(),
                None => text(value),
            },
            Self::Integer => value
                .as_str()
                .and_then(|text| text.parse::<i64>().ok())
                .map_or_else(|| value.clone(), Value::from),
            Self::Boolean => match value.as_str() {
                Some("true") => true.into(),
                Some("false") => false.into(),
                Some(_) | None => value.clone(),
            },
            Self::Texts => each(value, text),
            Self::Commas => match value {
                Value::String(texts) => {
                    texts.split(',').map(str::trim).filter(|text| !text.is_empty()).map(Value::from).collect()
                }
                _ => each(value, text),
            },
            Self::Map => each(value, text),
            Self::Maps => each(value, |map| each(map, text)),
            Self::Structure(table) => match value {
                Value::Object(extension) => Value::Object(members(table, extension)),
                _ => value.clone(),
            },
        }
    }

    fn here(self, value: &Value) -> Tree {
        match self {
            Self::Word => text_of(value).to_ascii_lowercase().into(),
            Self::Commas => {
                let texts: Vec<String> = value.as_array().into_iter().flatten().map(text_of).collect();
                // What has a comma in it only a list can say.
                if texts.iter().any(|text| text.contains(',')) {
                    value.clone().into()
                } else {
                    texts.join(",").into()
                }
            }
            Self::Structure(table) => extension(table, value),
            Self::Text
            | Self::Version
            | Self::Integer
            | Self::Boolean
            | Self::Texts
            | Self::Map
            | Self::Maps => value.clone().into(),
        }
    }
}

/// A scalar as text.
fn text(value: &Value) -> Value {
    match value {
        Value::Bool(_) | Value::Number(_) => value.to_string().into(),
        Value::Null | Value::String(_) | Value::Array(_) | Value::Object(_) => value.clone(),
    }
}

/// The items of a list, or the values of a map.
fn each(value: &Value, item: impl Fn(&Value) -> Value) -> Value {
    match value {
        Value::Array(items) => items.iter().map(item).collect(),
        Value::Object(entries) => {
            Value::Object(entries.iter().map(|(name, value)| (name.clone(), item(value))).collect())
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => value.clone(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const INNER: &[Member] = &[member("name", "serverName", Kind::Text)];

    const TABLE: &[Member] = &[
        member("type", "kind", Kind::Word),
        member("version", "format", Kind::Version),
        member("timeout", "ms", Kind::Integer),
        member("simple", "simple", Kind::Boolean),
        member("origins", "origins", Kind::Texts),
        member("source", "sources", Kind::Commas),
        member("parameters", "mapping", Kind::Map),
        member("responses", "mappings", Kind::Maps),
        member("tls", "tlsConfig", Kind::Structure(INNER)),
    ];

    #[test]
    fn both_ways() {
        let here = json!({
            "type": "aws_proxy", "version": "2.0", "timeout": 300, "simple": true, "origins": ["a", "b"], "source": "x,y",
            "parameters": { "Ab": "c" }, "responses": { "200": { "D": "e" } }, "tls": { "name": "n" },
        });
        let there = json!({
            "kind": "AWS_PROXY", "format": "2.0", "ms": 300, "simple": true, "origins": ["a", "b"], "sources": ["x", "y"],
            "mapping": { "Ab": "c" }, "mappings": { "200": { "D": "e" } }, "tlsConfig": { "serverName": "n" },
        });
        let Value::Object(extension_here) = &here else { unreachable!() };
        assert_eq!(Value::Object(members(TABLE, extension_here)), there);
        let written: Value = serde_json::from_str(&extension(TABLE, &there).to_json()).expect("JSON");
        assert_eq!(written, here);
    }

    #[test]
    fn loose_types() {
        for (here, there) in [
            (json!({ "version": 2.0 }), json!({ "format": "2.0" })),
            (json!({ "version": 2 }), json!({ "format": "2.0" })),
            (json!({ "timeout": "300" }), json!({ "ms": 300 })),
            (json!({ "timeout": "soon" }), json!({ "ms": "soon" })),
            (json!({ "simple": "true" }), json!({ "simple": true })),
            (
                json!({ "parameters": { "a": 1, "b": false } }),
                json!({ "mapping": { "a": "1", "b": "false" } }),
            ),
            (json!({ "responses": { "200": { "a": 1 } } }), json!({ "mappings": { "200": { "a": "1" } } })),
            (json!({ "source": ["a,b"] }), json!({ "sources": ["a,b"] })),
            (json!({ "source": ["a", "b"] }), json!({ "sources": ["a", "b"] })),
            (json!({ "source": " a , b," }), json!({ "sources": ["a", "b"] })),
            (json!({ "tls": "x" }), json!({ "tlsConfig": "x" })),
            (json!({ "type": null, "unknown": 1 }), json!({})),
        ] {
            let Value::Object(extension) = &here else { unreachable!() };
            assert_eq!(Value::Object(members(TABLE, extension)), there, "{here}");
        }
    }
}
