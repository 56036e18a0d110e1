//! The part of JSONPath that mappings and selection expressions may use: names and indexes, no `..` and no filters.

use std::borrow::Cow;

use serde_json::Value;

use super::scan;

/// A path into a JSON value; the empty one is the whole.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct JsonPath(Vec<Step>);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Step {
    Name(Box<str>),
    Index(usize),
}

impl JsonPath {
    /// Reads `.name`, `['name']` and `[index]`, one after the other.
    pub fn parse(text: &str) -> Option<Self> {
        let mut steps = Vec::new();
        let mut rest = text;
        while !rest.is_empty() {
            if let Some(after) = rest.strip_prefix('.') {
                let (name, after) = after.split_at(after.find(['.', '[']).unwrap_or(after.len()));
                steps.push(Step::Name(Some(name).filter(|name| !name.is_empty())?.into()));
                rest = after;
            } else {
                let (inside, after) = rest.strip_prefix('[')?.split_once(']')?;
                let quoted = |quote: char| inside.strip_prefix(quote)?.strip_suffix(quote);
                steps.push(match quoted('\'').or_else(|| quoted('"')) {
                    Some(name) => Step::Name(name.into()),
                    None => Step::Index(inside.parse().ok()?),
                });
                rest = after;
            }
        }
        Some(Self(steps))
    }

    /// Whether it is the whole.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// What it leads to in a JSON text, as text: a string's own, JSON of all else; found without reading what comes
    /// after it. `None`: nothing, null, or what is read on the way is no JSON.
    pub fn find<'j>(&self, json: &'j str) -> Option<Cow<'j, str>> {
        let start = self.0.iter().try_fold(scan::start(json), |value, step| match step {
            Step::Name(name) => scan::member(value, name),
            Step::Index(index) => scan::item(value, *index),
        });
        scan::text(start?)
    }

    /// What it leads to.
    pub fn value<'v>(&self, value: &'v Value) -> Option<&'v Value> {
        self.0.iter().try_fold(value, |value, step| match step {
            Step::Name(name) => value.get(&**name),
            Step::Index(index) => value.get(index),
        })
    }

    /// What it leads to, as text: a string's own, JSON of all else.
    pub fn text(&self, value: &Value) -> Option<String> {
        match self.value(value)? {
            Value::Null => None,
            Value::String(text) => Some(text.clone()),
            other @ (Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_)) => {
                Some(other.to_string())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths() {
        let value = serde_json::json!({"a": {"b": [1, "two", {"c.d": true}], "n": null}, "": 5});
        for (path, expected) in [
            (".a.b[0]", Some("1")),
            (".a.b[1]", Some("two")),
            (".a.b[2]['c.d']", Some("true")),
            (".a['b'][1]", Some("two")),
            (".a.b", Some("[1,\"two\",{\"c.d\":true}]")),
            (".a.n", None),
            (".a.x", None),
            (".a.b[9]", None),
            (".a.b.c", None),
            ("['']", Some("5")),
        ] {
            let path = JsonPath::parse(path).unwrap_or_else(|| panic!("{path}"));
            assert_eq!(path.text(&value).as_deref(), expected, "{path:?}");
            assert_eq!(path.find(&value.to_string()).as_deref(), expected, "{path:?}");
        }
        for bad in ["a", ".", "..a", ".a.", "[", "[]", "[x]", "[-1]", ".a]"] {
            assert!(JsonPath::parse(bad).is_none() || bad == ".a]", "{bad}");
        }
    }
}
