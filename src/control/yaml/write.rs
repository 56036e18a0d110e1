//! Writes a [`Tree`] as YAML in block style, as AWS does: values that are text are quoted, keys only where they must be.

use std::fmt::Write;

use serde_json::Value;

use crate::control::tree::Tree;

/// YAML 1.2 section 7.4.2: "the ? indicator [is needed where] the key … is longer than 1024 Unicode characters". Quotes
/// and escapes count.
const LONGEST_SIMPLE_KEY: usize = 1000;

/// Words that older readers take for something else than text.
const WORDS: &[&str] = &["false", "n", "no", "null", "off", "on", "true", "y", "yes"];

/// The document as YAML.
pub fn write(tree: &Tree) -> String {
    let mut out = "---\n".to_owned();
    match tree {
        Tree::Members(members) if !members.is_empty() => put_members(&mut out, members, 0),
        Tree::List(items) if !items.is_empty() => put_items(&mut out, items, 0),
        Tree::Plain(_) | Tree::Text(_) | Tree::List(_) | Tree::Members(_) => {
            put_scalar(&mut out, tree);
            out.push('\n');
        }
    }
    out
}

fn put_members(out: &mut String, members: &[(String, Tree)], depth: usize) {
    for (n, (name, value)) in members.iter().enumerate() {
        // The first member of an item stands behind its dash.
        if n > 0 || !out.ends_with("- ") {
            indent(out, depth);
        }
        let key = key(name);
        if key.len() > LONGEST_SIMPLE_KEY {
            let _ = writeln!(out, "? {key}");
            indent(out, depth);
        } else {
            out.push_str(&key);
        }
        out.push(':');
        put_value(out, value, depth);
    }
}

fn put_items(out: &mut String, items: &[Tree], depth: usize) {
    for (n, item) in items.iter().enumerate() {
        if n > 0 || !out.ends_with("- ") {
            indent(out, depth);
        }
        out.push('-');
        match item {
            Tree::Members(members) if !members.is_empty() => {
                out.push(' ');
                put_members(out, members, depth + 1);
            }
            Tree::List(inner) if !inner.is_empty() => {
                out.push(' ');
                put_items(out, inner, depth + 1);
            }
            Tree::Plain(_) | Tree::Text(_) | Tree::List(_) | Tree::Members(_) => {
                out.push(' ');
                put_scalar(out, item);
                out.push('\n');
            }
        }
    }
}

/// What stands behind a key's colon.
fn put_value(out: &mut String, value: &Tree, depth: usize) {
    match value {
        Tree::Members(members) if !members.is_empty() => {
            out.push('\n');
            put_members(out, members, depth + 1);
        }
        Tree::List(items) if !items.is_empty() => {
            out.push('\n');
            put_items(out, items, depth + 1);
        }
        Tree::Plain(_) | Tree::Text(_) | Tree::List(_) | Tree::Members(_) => {
            out.push(' ');
            put_scalar(out, value);
            out.push('\n');
        }
    }
}

/// What fits on a line.
fn put_scalar(out: &mut String, value: &Tree) {
    match value {
        Tree::Plain(value) => out.push_str(&value.to_string()),
        Tree::Text(text) => out.push_str(&quoted(text)),
        Tree::List(_) => out.push_str("[]"),
        Tree::Members(_) => out.push_str("{}"),
    }
}

fn key(name: &str) -> String {
    let of_start = |c: char| c.is_ascii_alphabetic() || matches!(c, '/' | '$' | '_');
    let of_key =
        |c: char| c.is_ascii_alphanumeric() || matches!(c, '/' | '$' | '_' | '{' | '}' | '+' | '-' | '.');
    let is_plain = name.starts_with(of_start)
        && name.chars().all(of_key)
        && !WORDS.contains(&name.to_ascii_lowercase().as_str());
    if is_plain { name.to_owned() } else { quoted(name) }
}

/// In double quotes. JSON's escapes are YAML's too (section 5.7), which also has to escape what it cannot print, and
/// what older readers break lines at.
fn quoted(text: &str) -> String {
    let json = Value::from(text).to_string();
    let is_printable = |c: char| {
        matches!(c, ' '..='~' | '\u{a0}'..='\u{d7ff}' | '\u{e000}'..='\u{fefe}' | '\u{ff00}'..='\u{fffd}' | '\u{10000}'..)
            && !matches!(c, '\u{2028}' | '\u{2029}')
    };
    if json.chars().all(is_printable) {
        return json;
    }
    let mut out = String::with_capacity(json.len() + 8);
    for c in json.chars() {
        if is_printable(c) {
            out.push(c);
        } else {
            // All of these are below U+10000.
            let _ = write!(out, "\\u{:04x}", u32::from(c));
        }
    }
    out
}

fn indent(out: &mut String, depth: usize) {
    for _ in 0..depth {
        out.push_str("  ");
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;
    use crate::control::yaml::{Tags, parse};

    #[test]
    fn shapes() {
        for (value, expected) in [
            (json!({}), "{}"),
            (json!([]), "[]"),
            (json!("a"), "\"a\""),
            (json!({ "a": "b", "c": 1, "d": true, "e": null }), "a: \"b\"\nc: 1\nd: true\ne: null"),
            (json!({ "a": { "b": { "c": [] } }, "d": {} }), "a:\n  b:\n    c: []\nd: {}"),
            (
                json!({ "a": [1, [2, 3], { "b": 4, "c": [5] }] }),
                "a:\n  - 1\n  - - 2\n    - 3\n  - b: 4\n    c:\n      - 5",
            ),
            (
                json!({ "200": 1, "/a/{b+}": 2, "no": 3, "a b": 4, "$default": 5 }),
                "$default: 5\n/a/{b+}: 2\n\"200\": 1\n\"a b\": 4\n\"no\": 3",
            ),
            (json!({ "a": "x: \"y\" #\n\u{85}\u{2028}é" }), "a: \"x: \\\"y\\\" #\\n\\u0085\\u2028é\""),
        ] {
            let text = write(&value.clone().into());
            assert_eq!(text.strip_prefix("---\n").map(str::trim_end), Some(expected));
            assert_eq!(parse(&text, Tags::NONE), Ok(value));
        }
    }

    fn values() -> impl Strategy<Value = Value> {
        let text = prop_oneof![
            ".{0,12}",
            "[a-z0-9:#&*!?|>'\"%@`{}\\[\\], \t\n\u{85}\u{feff}~.+-]{0,10}",
            "(yes|~|null|0x1|1e3|true|<<|=)"
        ];
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            text.clone().prop_map(Value::from),
        ];
        leaf.prop_recursive(5, 48, 5, move |inner| {
            let key = prop_oneof![9 => text.clone(), 1 => "[a-z]{990,1100}"];
            let entries = prop::collection::vec((key, inner.clone()), 0..5);
            prop_oneof![
                prop::collection::vec(inner, 0..5).prop_map(Value::from),
                entries.prop_map(|entries| Value::Object(entries.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn what_is_written_is_read(value in values()) {
            let text = write(&value.clone().into());
            prop_assert_eq!(parse(&text, Tags::NONE), Ok(value), "{}", text);
        }
    }
}
