//! JSON text, read only as far as finding a value takes: no tree, no copy, and no look at what comes after it.
//!
//! What is passed over is not checked, so that text which is no JSON may have values too. Each function is given
//! text that begins with a value, and goes on behind it.

use std::borrow::Cow;

use memchr::memchr2;

/// The text from its first value on.
pub fn start(json: &str) -> &str {
    json.trim_ascii_start()
}

/// The text from the value of an object's first member of this name on. `None`: it has none, or is no object.
pub fn member<'j>(object: &'j str, name: &str) -> Option<&'j str> {
    let mut rest = object.strip_prefix('{')?.trim_ascii_start();
    loop {
        let (key, after) = rest.split_at(string_end(rest)?);
        let value = after.trim_ascii_start().strip_prefix(':')?.trim_ascii_start();
        if is_named(key, name) {
            return Some(value);
        }
        rest = after_comma(value)?;
    }
}

/// The text from a list's item on, counted from 0. `None`: it has fewer, or is no list.
pub fn item(list: &str, index: usize) -> Option<&str> {
    let mut rest = list.strip_prefix('[')?.trim_ascii_start();
    for _ in 0..index {
        rest = after_comma(rest)?;
    }
    (!rest.starts_with(']')).then_some(rest)
}

/// The value that the text begins with, as text: a string's own, all else as it is spelled. `None`: it is null,
/// or none.
pub fn text(value: &str) -> Option<Cow<'_, str>> {
    let raw = &value[..value_end(value)?];
    match raw.as_bytes()[0] {
        b'"' if memchr::memchr(b'\\', raw.as_bytes()).is_none() => {
            Some(Cow::Borrowed(&raw[1..raw.len() - 1]))
        }
        b'"' => serde_json::from_str(raw).ok().map(Cow::Owned),
        b'n' => None,
        _ => Some(Cow::Borrowed(raw)),
    }
}

/// What stands behind a value and a comma.
fn after_comma(value: &str) -> Option<&str> {
    let rest = value[value_end(value)?..].trim_ascii_start();
    rest.strip_prefix(',').map(str::trim_ascii_start)
}

fn is_named(key: &str, name: &str) -> bool {
    let inside = &key[1..key.len() - 1];
    match inside.contains('\\') {
        true => serde_json::from_str::<String>(key).is_ok_and(|key| key == name),
        false => inside == name,
    }
}

/// Where the value that the text begins with ends.
fn value_end(text: &str) -> Option<usize> {
    match text.as_bytes().first()? {
        b'"' => string_end(text),
        b'{' | b'[' => nest_end(text),
        _ => {
            let is_end =
                |byte: &u8| matches!(byte, b',' | b']' | b'}' | b':' | b'"') || byte.is_ascii_whitespace();
            Some(text.bytes().position(|byte| is_end(&byte)).unwrap_or(text.len())).filter(|end| *end > 0)
        }
    }
}

/// Where the object or list that the text begins with ends. However deep it is, only a number grows.
fn nest_end(text: &str) -> Option<usize> {
    let bytes = text.as_bytes();
    let (mut at, mut depth) = (0, 0_usize);
    loop {
        match bytes.get(at)? {
            b'"' => {
                at += string_end(&text[at..])?;
                continue;
            }
            b'{' | b'[' => depth += 1,
            b'}' | b']' if depth == 1 => return Some(at + 1),
            b'}' | b']' => depth -= 1,
            _ => {}
        }
        at += 1;
    }
}

/// Where the string that the text begins with ends. `None`: it begins with none, or that has no end.
fn string_end(text: &str) -> Option<usize> {
    let bytes = text.as_bytes();
    if bytes.first() != Some(&b'"') {
        return None;
    }
    let mut at = 1;
    loop {
        at += memchr2(b'"', b'\\', bytes.get(at..)?)?;
        if bytes[at] == b'"' {
            return Some(at + 1);
        }
        at += 2;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values() {
        for (json, expected) in [
            (r#"{"a":"x"}"#, Some("x")),
            (" {\n \"b\" : [1, {\"a\":2}] , \"a\"\t:\t\"x\\\"y\" }", Some("x\"y")),
            (r#"{"\u0061":5}"#, Some("5")),
            (r#"{"b":"\\","a":true}"#, Some("true")),
            (r#"{"b":"}\"]","a":{"c":[1]}, "d":"#, Some(r#"{"c":[1]}"#)),
            (r#"{"a":1,"a":2}"#, Some("1")),
            (r#"{"a":-1.5e3}"#, Some("-1.5e3")),
            (r#"{"a":"\ud800"}"#, None),
            (r#"{"a":null}"#, None),
            (r#"{"a":}"#, None),
            (r#"{"a""#, None),
            (r#"{"a"#, None),
            (r#"{"a\"#, None),
            (r#"{"b":[[[[,"a":1}"#, None),
            (r#"{"b" 1,"a":1}"#, None),
            ("{}", None),
            ("{", None),
            ("[1]", None),
            ("", None),
        ] {
            let found = member(start(json), "a").and_then(text);
            assert_eq!(found.as_deref(), expected, "{json}");
        }
        assert_eq!(item("[1, [2], 3]", 1).and_then(text).as_deref(), Some("[2]"));
        assert_eq!(item("[1, [2], 3]", 3), None);
        assert_eq!(item("[ ]", 0), None);
    }

    fn value() -> impl proptest::strategy::Strategy<Value = serde_json::Value> {
        use proptest::prelude::*;
        let leaf = prop_oneof![
            Just(serde_json::Value::Null),
            any::<bool>().prop_map(Into::into),
            any::<i64>().prop_map(Into::into),
            "[a-c\"\\\\{}\\[\\],: λ\n]{0,6}".prop_map(Into::into),
        ];
        leaf.prop_recursive(3, 20, 4, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..4).prop_map(Into::into),
                prop::collection::btree_map("[a-c\"\\\\]{0,2}", inner, 0..4)
                    .prop_map(|members| members.into_iter().collect::<serde_json::Map<_, _>>().into()),
            ]
        })
    }

    proptest::proptest! {
        #[test]
        fn it_finds_what_a_tree_has(value in value(), name in "[a-c\"\\\\]{0,2}", pretty: bool) {
            let json = if pretty { serde_json::to_string_pretty(&value) } else { serde_json::to_string(&value) }.unwrap();
            let found = member(start(&json), &name).and_then(|rest| text(rest).map(|text| (rest, text)));
            match value.get(&name).filter(|value| !value.is_null()) {
                None => proptest::prop_assert!(found.is_none()),
                Some(serde_json::Value::String(expected)) => proptest::prop_assert_eq!(found.unwrap().1, expected.as_str()),
                Some(expected) => {
                    let found: serde_json::Value = serde_json::from_str(&found.unwrap().1).unwrap();
                    proptest::prop_assert_eq!(&found, expected);
                }
            }
        }

        #[test]
        fn any_text_will_do(json in "[{}\\[\\]\"\\\\,:a1λ ]{0,30}", index in 0..3_usize) {
            member(start(&json), "a").and_then(text);
            item(start(&json), index).and_then(text);
        }
    }
}
