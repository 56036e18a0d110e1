//! YAML: events of the parser become the same tree as of JSON. What tags of an application's own mean, the caller
//! says ([`Tags`]). [`write()`] is the other direction.
//!
//! Everything is bounded: the depth, and the size of what aliases unfold to.

mod write;

use std::collections::HashMap;

use saphyr_parser::{Event, Parser, ScalarStyle, Tag};
use serde_json::{Map, Number, Value};

pub use write::write;

/// As deep as serde_json lets JSON be.
pub const MAX_DEPTH: usize = 128;

/// Ours. A template of 1 MB has some 100,000 nodes; an alias counts as what it stands for.
const MAX_WEIGHT: usize = 500_000;

/// The tag of the core schema that makes anything text.
const STR: &str = "str";

/// So much text weighs as much as a node.
const TEXT_OF_ONE: usize = 32;

/// Tags of an application's own: `!Ref`.
#[derive(Clone, Copy, Debug)]
pub struct Tags {
    /// Whether there is a tag of this name.
    pub knows: fn(&str) -> bool,
    /// What a value becomes by it.
    pub apply: fn(&str, Value) -> Value,
}

impl Tags {
    /// None.
    pub const NONE: Self = Self { knows: |_| false, apply: |_, value| value };
}

/// Reads a text that is JSON if it begins with a brace, and YAML otherwise.
///
/// # Errors
/// What is wrong, and where.
pub fn parse_any(text: &str, tags: Tags) -> Result<Value, String> {
    if text.trim_start().starts_with('{') {
        return serde_json::from_str(text).map_err(|error| {
            let (line, column) = (error.line(), error.column());
            format!("JSON not well-formed. (line {line}, column {column})")
        });
    }
    parse(text, tags)
}

/// Reads the first and only document of `text`.
///
/// # Errors
/// What is wrong, and where.
pub fn parse(text: &str, tags: Tags) -> Result<Value, String> {
    let mut reader = Reader { tags, open: Vec::new(), anchors: HashMap::new(), weight: 0, document: None };
    for event in Parser::new_from_str(text) {
        let (event, span) = event.map_err(|error| {
            let at = error.marker();
            format!("YAML not well-formed. (line {}, column {})", at.line(), at.col() + 1)
        })?;
        reader.event(event).map_err(|why| {
            format!(
                "YAML not well-formed. (line {}, column {}): {why}",
                span.start.line(),
                span.start.col() + 1
            )
        })?;
    }
    Ok(reader.document.unwrap_or(Value::Null))
}

struct Reader {
    tags: Tags,
    open: Vec<Open>,
    anchors: HashMap<usize, Value>,
    /// Of all that was made.
    weight: usize,
    document: Option<Value>,
}

/// A collection that has not ended.
struct Open {
    anchor: usize,
    tag: Option<String>,
    content: Content,
}

enum Content {
    List(Vec<Value>),
    Map {
        members: Map<String, Value>,
        /// A key whose value is still to come.
        key: Option<String>,
    },
}

impl Reader {
    fn event(&mut self, event: Event) -> Result<(), String> {
        match event {
            Event::Nothing | Event::StreamStart | Event::StreamEnd | Event::DocumentEnd => Ok(()),
            Event::DocumentStart(_) if self.document.is_some() => Err("there is a second document".into()),
            Event::DocumentStart(_) => Ok(()),
            Event::Alias(anchor) => {
                let value = self.anchors.get(&anchor).ok_or("an alias within its own anchor")?;
                let weight = weight(value);
                self.weigh(weight)?;
                let value = self.anchors[&anchor].clone();
                self.put(value)
            }
            Event::Scalar(text, style, anchor, tag) => {
                self.weigh(1 + text.len() / TEXT_OF_ONE)?;
                // A key is text, whatever it looks like.
                if self.awaits_key() {
                    return self.put(Value::String(text.into_owned()));
                }
                let tag = self.named(tag.as_deref())?;
                let plain = style == ScalarStyle::Plain && tag.is_none();
                let value = if plain { resolved(&text) } else { Value::String(text.into_owned()) };
                self.made(anchor, tag, value)
            }
            Event::SequenceStart(anchor, tag) => {
                self.begin(anchor, tag.as_deref(), Content::List(Vec::new()))
            }
            Event::MappingStart(anchor, tag) => {
                self.begin(anchor, tag.as_deref(), Content::Map { members: Map::new(), key: None })
            }
            Event::SequenceEnd | Event::MappingEnd => {
                let Some(Open { anchor, tag, content }) = self.open.pop() else { return Ok(()) };
                let value = match content {
                    Content::List(items) => Value::Array(items),
                    Content::Map { members, .. } => Value::Object(members),
                };
                self.made(anchor, tag, value)
            }
        }
    }

    fn begin(&mut self, anchor: usize, tag: Option<&Tag>, content: Content) -> Result<(), String> {
        if self.open.len() >= MAX_DEPTH {
            return Err(format!("it is deeper than {MAX_DEPTH} levels"));
        }
        if self.awaits_key() {
            return Err("a key must be text".into());
        }
        self.weigh(1)?;
        let tag = self.named(tag)?;
        self.open.push(Open { anchor, tag, content });
        Ok(())
    }

    /// A value is whole.
    fn made(&mut self, anchor: usize, tag: Option<String>, value: Value) -> Result<(), String> {
        let value = match tag {
            Some(name) if name == STR => value,
            Some(name) => (self.tags.apply)(&name, value),
            None => value,
        };
        if anchor > 0 {
            self.weigh(weight(&value))?;
            self.anchors.insert(anchor, value.clone());
        }
        self.put(value)
    }

    /// Puts a value where it belongs.
    fn put(&mut self, value: Value) -> Result<(), String> {
        match self.open.last_mut() {
            None => self.document = Some(value),
            Some(Open { content: Content::List(items), .. }) => items.push(value),
            Some(Open { content: Content::Map { members, key }, .. }) => match (key.take(), value) {
                (Some(name), value) => {
                    members.insert(name, value);
                }
                (None, Value::String(name)) => *key = Some(name),
                (None, value @ (Value::Null | Value::Bool(_) | Value::Number(_))) => {
                    *key = Some(value.to_string())
                }
                (None, Value::Array(_) | Value::Object(_)) => return Err("a key must be text".into()),
            },
        }
        Ok(())
    }

    /// The name of a tag that means something: one of the application's own, or `str` of the core schema.
    fn named(&self, tag: Option<&Tag>) -> Result<Option<String>, String> {
        let Some(tag) = tag else { return Ok(None) };
        if tag.is_yaml_core_schema() {
            return Ok((tag.suffix == STR).then(|| STR.into()));
        }
        match (tag.handle.as_str(), tag.suffix.as_str()) {
            ("" | "!", "") | ("", "!") => Ok(Some(STR.into())),
            ("!", name) if (self.tags.knows)(name) => Ok(Some(name.into())),
            (handle, suffix) => Err(format!("there is no tag {handle}{suffix}")),
        }
    }

    fn awaits_key(&self) -> bool {
        matches!(self.open.last(), Some(Open { content: Content::Map { key: None, .. }, .. }))
    }

    fn weigh(&mut self, weight: usize) -> Result<(), String> {
        self.weight += weight;
        if self.weight > MAX_WEIGHT { Err("its aliases unfold to too much".into()) } else { Ok(()) }
    }
}

fn weight(value: &Value) -> usize {
    match value {
        Value::Null | Value::Bool(_) | Value::Number(_) => 1,
        Value::String(text) => 1 + text.len() / TEXT_OF_ONE,
        Value::Array(items) => 1 + items.iter().map(weight).sum::<usize>(),
        Value::Object(members) => 1 + members.values().map(weight).sum::<usize>(),
    }
}

/// What plain text stands for: the core schema of YAML 1.2, section 10.3.2. A number that would be written in
/// another way (`1.10`, `0123`) stays text, since most values of templates are text in the end.
fn resolved(text: &str) -> Value {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => return Value::Null,
        "true" | "True" | "TRUE" => return Value::Bool(true),
        "false" | "False" | "FALSE" => return Value::Bool(false),
        _ => {}
    }
    let looks = text.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b'-' | b'.'));
    let number: Option<Number> = if looks { serde_json::from_str(text).ok() } else { None };
    match number {
        Some(number) if number.to_string() == text => Value::Number(number),
        Some(_) | None => Value::String(text.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn values() {
        for (text, expected) in [
            ("", json!(null)),
            ("a: 1", json!({ "a": 1 })),
            (
                "a: [1, 1.0, 1.10, 0123, -5, '7', 1e3, 2012-10-17]",
                json!({ "a": [1, 1.0, "1.10", "0123", -5, "7", "1e3", "2012-10-17"] }),
            ),
            ("a: true\nb: yes\nc: ~\nd:", json!({ "a": true, "b": "yes", "c": null, "d": null })),
            ("1: a\ntrue: b", json!({ "1": "a", "true": "b" })),
            ("a: !!str 1\nb: ! 2", json!({ "a": "1", "b": "2" })),
            ("a: |\n  x\n  y\nb: >-\n  x\n  y", json!({ "a": "x\ny\n", "b": "x y" })),
            ("a: &x [1]\nb: *x", json!({ "a": [1], "b": [1] })),
            ("--- {a: 1}\n...", json!({ "a": 1 })),
        ] {
            assert_eq!(parse(text, Tags::NONE), Ok(expected), "{text}");
        }
    }

    #[test]
    fn what_is_refused() {
        for (text, expected) in [
            ("a: [", "YAML not well-formed. (line "),
            ("a: !Foo b", "YAML not well-formed. (line 1, column 4): there is no tag !Foo"),
            ("a: &x [*x]", "YAML not well-formed. (line 1, column 8): an alias within its own anchor"),
            ("? [a]\n: b", "YAML not well-formed. (line 1, column 3): a key must be text"),
            ("a: 1\n---\nb: 1", "YAML not well-formed. (line 2, column 1): there is a second document"),
        ] {
            let why = parse(text, Tags::NONE).expect_err(text);
            assert!(why.starts_with(expected), "{text}: {why}");
        }
    }

    #[test]
    fn bombs() {
        let mut laughs = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n".to_owned();
        for n in 1..12 {
            let alias = format!("*a{}, ", n - 1).repeat(9);
            laughs += &format!("a{n}: &a{n} [{alias}*a{}]\n", n - 1);
        }
        let text = format!("a: &a {}\nb: [{}]", "x".repeat(400_000), "*a, ".repeat(10_000));
        let nested = format!("{}{}", "&a [ ".repeat(100), "x, ".repeat(100_000));
        let depth = "[".repeat(1_000_000);
        for bomb in [laughs, text, nested, depth, "- ".repeat(500_000), "{a: ".repeat(200_000)] {
            assert!(parse(&bomb, Tags::NONE).is_err());
        }
        let wide = "k: [a, b]
"
        .repeat(99_000);
        assert!(parse(&wide, Tags::NONE).is_ok(), "what is only large is read");
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_read_or_refused(text in "([a-z0-9:!&*?|>'\"{}\\[\\],#% -]|\n|!Sub |!Ref |&a |\\*a |: |- )*") {
            let _ = parse(&text, Tags::NONE);
        }
    }
}
