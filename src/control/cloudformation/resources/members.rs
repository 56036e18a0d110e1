//! From properties of templates to members of operations: what they are called, and of what type they are.
//! Templates are loosely typed: `"true"` is a boolean, `"30"` a number, and 1.0 a text, where the operation wants it.

use serde_json::{Map, Value};

use super::super::template::text_of;
use super::Tags;

/// How the members of a service's operations differ from properties. Names are those of properties.
#[derive(Debug)]
pub struct Family {
    /// As SDKs name it: `apigatewayv2`.
    pub service: &'static str,
    /// Whether members begin with a lower-case letter: `ApiId` is `apiId`.
    pub lower: bool,
    /// Members that are called otherwise than their properties.
    pub renamed: &'static [(&'static str, &'static str)],
    /// Objects whose keys are data.
    pub maps: &'static [&'static str],
    /// Those of them where a key that is left out stays, and one with an empty text goes.
    pub merged: &'static [&'static str],
    /// Booleans.
    pub booleans: &'static [&'static str],
    /// Integers.
    pub integers: &'static [&'static str],
    /// Other numbers.
    pub numbers: &'static [&'static str],
    /// Objects that are sent as JSON text.
    pub documents: &'static [&'static str],
    /// How operations take tags.
    pub tags: Tags,
}

impl Family {
    /// A service whose members are called what properties are, and are all text: rows say what differs.
    pub const fn new(service: &'static str) -> Self {
        Self {
            service,
            lower: false,
            renamed: &[],
            maps: &[],
            merged: &[],
            booleans: &[],
            integers: &[],
            numbers: &[],
            documents: &[],
            tags: Tags::No,
        }
    }

    /// A property's name and value as a member.
    pub fn member(&self, name: &str, value: &Value) -> (String, Value) {
        let value = if name == "Tags" { self.tags(value) } else { self.shaped(name, value) };
        (self.name(name), value)
    }

    /// What a property is called as a member.
    pub fn name(&self, property: &str) -> String {
        if let Some((_, name)) = self.renamed.iter().find(|(known, _)| *known == property) {
            return (*name).to_owned();
        }
        if !self.lower {
            return property.to_owned();
        }
        let mut letters = property.chars();
        letters.next().map(|first| first.to_ascii_lowercase()).into_iter().chain(letters).collect()
    }

    /// A value as a member of this property's name.
    pub fn shaped(&self, name: &str, value: &Value) -> Value {
        match value {
            Value::Object(_) | Value::Array(_) if self.documents.contains(&name) => value.to_string().into(),
            Value::Object(entries) if self.maps.contains(&name) => Value::Object(
                entries.iter().map(|(key, value)| (key.clone(), self.entry(name, value))).collect(),
            ),
            Value::Object(members) => self.structure(members),
            Value::Array(items) => items.iter().map(|item| self.shaped(name, item)).collect(),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => self.scalar(name, value),
        }
    }

    /// An entry of a map: a structure has members again, anything else is of the map's own type.
    fn entry(&self, map: &str, value: &Value) -> Value {
        match value {
            Value::Object(members) => self.structure(members),
            Value::Array(items) => items.iter().map(|item| self.entry(map, item)).collect(),
            value => self.scalar(map, value),
        }
    }

    fn structure(&self, members: &Map<String, Value>) -> Value {
        Value::Object(members.iter().map(|(name, value)| self.member(name, value)).collect())
    }

    fn scalar(&self, name: &str, value: &Value) -> Value {
        let text = text_of(value);
        if self.booleans.contains(&name) {
            return match text.to_ascii_lowercase().as_str() {
                "true" => Value::Bool(true),
                "false" => Value::Bool(false),
                _ => value.clone(),
            };
        }
        if self.integers.contains(&name) {
            return text.parse::<i64>().map_or_else(|_| value.clone(), Value::from);
        }
        if self.numbers.contains(&name) {
            return text.parse::<f64>().map_or_else(|_| value.clone(), Value::from);
        }
        text.into()
    }

    fn tags(&self, value: &Value) -> Value {
        let tags = tags(value);
        match self.tags {
            Tags::Map | Tags::No => Value::Object(tags),
            Tags::List => {
                let tag = |(key, value)| {
                    Value::Object(Map::from_iter([
                        ("Key".into(), Value::String(key)),
                        ("Value".into(), value),
                    ]))
                };
                tags.into_iter().map(tag).collect()
            }
        }
    }
}

/// Tags in either form, by key.
pub fn tags(value: &Value) -> Map<String, Value> {
    match value {
        Value::Object(tags) => tags.iter().map(|(key, value)| (key.clone(), text_of(value).into())).collect(),
        Value::Array(tags) => {
            let text = |tag: &Value, name: &str| tag.get(name).map(text_of);
            tags.iter()
                .filter_map(|tag| Some((text(tag, "Key")?, text(tag, "Value").unwrap_or_default().into())))
                .collect()
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => Map::new(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const FAMILY: Family = Family {
        service: "x",
        lower: true,
        renamed: &[("Old", "new")],
        maps: &["Vars", "Params"],
        merged: &[],
        booleans: &["On", "Required"],
        integers: &["Count"],
        numbers: &["Rate"],
        documents: &["Doc"],
        tags: Tags::Map,
    };

    #[test]
    fn shapes() {
        for (name, value, expected) in [
            ("ApiId", json!("x"), json!({ "apiId": "x" })),
            ("On", json!("true"), json!({ "on": true })),
            ("On", json!("maybe"), json!({ "on": "maybe" })),
            ("Count", json!("30"), json!({ "count": 30 })),
            ("Count", json!(30), json!({ "count": 30 })),
            ("Rate", json!("0.5"), json!({ "rate": 0.5 })),
            ("Text", json!(1.0), json!({ "text": "1.0" })),
            ("Text", json!(true), json!({ "text": "true" })),
            ("List", json!([1, "a"]), json!({ "list": ["1", "a"] })),
            ("Tls", json!({ "Name": "n", "On": "false" }), json!({ "tls": { "name": "n", "on": false } })),
            ("Vars", json!({ "A": 1, "b": "x" }), json!({ "vars": { "A": "1", "b": "x" } })),
            (
                "Params",
                json!({ "A.b": { "Required": "true" } }),
                json!({ "params": { "A.b": { "required": true } } }),
            ),
            ("Doc", json!({ "A": 1 }), json!({ "doc": "{\"A\":1}" })),
            ("Doc", json!("text"), json!({ "doc": "text" })),
            ("Old", json!("x"), json!({ "new": "x" })),
            ("Tags", json!([{ "Key": "k", "Value": 1 }]), json!({ "tags": { "k": "1" } })),
            ("Tags", json!({ "k": true }), json!({ "tags": { "k": "true" } })),
        ] {
            let (member, value) = FAMILY.member(name, &value);
            assert_eq!(json!({ member: value }), expected, "{name}");
        }
    }
}
