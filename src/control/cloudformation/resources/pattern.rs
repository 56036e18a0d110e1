//! Patterns: how rows say what a text is made of.
//!
//! | placeholder | is |
//! |---|---|
//! | `{physical}` | what `Ref` gives |
//! | `{last physical}` | the part of it behind its last colon |
//! | `{account}` `{region}` | whose it is |
//! | `{host}` | the public host, with port |
//! | `{property A.B}` | a property; `A.0` is the first of a list |
//! | `{item A}` `{item}` | a member of the item that a step is taken for, or the item itself |
//! | `{answer a.b,c}` | a member of the first operation's answer: the first of these that it has |
//! | `{url a.b}` | the same, with `http://` where it has no scheme |
//! | `{attribute A}` | what `Fn::GetAtt` gave before an update |
//! | `{… \|text}` | and what it is where there is none |
//! | `[{…}]` | a list of one |

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::super::template::text_of;
use crate::model::{Owner, Settings};

/// What placeholders stand for.
pub struct Known<'a> {
    /// Whose the resource is.
    pub owner: &'a Owner,
    /// The settings.
    pub settings: &'a Settings,
    /// What `Ref` gives; empty before it is known.
    pub physical: &'a str,
    /// Its properties, evaluated.
    pub properties: &'a Map<String, Value>,
    /// What the first operation answered.
    pub answer: &'a Value,
    /// What `Fn::GetAtt` gave before.
    pub attributes: &'a BTreeMap<String, Value>,
    /// What the step is taken for.
    pub item: &'a Value,
}

impl Known<'_> {
    /// What a pattern comes to. One that is nothing but a placeholder can be more than text.
    pub fn value(&self, pattern: &str) -> Value {
        if let Some(one) = pattern.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
            return Value::Array(vec![self.value(one)]);
        }
        let alone = pattern.strip_prefix('{').and_then(|rest| rest.strip_suffix('}'));
        if let Some(placeholder) = alone.filter(|placeholder| !placeholder.contains('}')) {
            return self.placeholder(placeholder);
        }
        let mut out = String::new();
        let mut rest = pattern;
        while let Some((before, after)) = rest.split_once('{') {
            let (placeholder, behind) = after.split_once('}').expect("a pattern of ours is whole");
            out.push_str(before);
            out.push_str(&text_of(&self.placeholder(placeholder)));
            rest = behind;
        }
        out.push_str(rest);
        Value::String(out)
    }

    /// The same as text.
    pub fn text(&self, pattern: &str) -> String {
        text_of(&self.value(pattern))
    }

    fn placeholder(&self, placeholder: &str) -> Value {
        let (placeholder, default) = placeholder.split_once('|').unwrap_or((placeholder, ""));
        let (what, path) = placeholder.split_once(' ').unwrap_or((placeholder, ""));
        let answer = || path.split(',').find_map(|path| at(self.answer, path));
        let found = match what {
            "physical" => Some(self.physical.into()),
            "last" => self.physical.rsplit(':').next().map(Value::from),
            "account" => Some(self.owner.account.as_str().into()),
            "region" => Some(self.owner.region.as_str().into()),
            "host" => Some(self.settings.public_host.as_str().into()),
            "property" => property(self.properties, path).cloned(),
            "item" if path.is_empty() => Some(self.item.clone()),
            "item" => at(self.item, path).cloned(),
            "attribute" => self.attributes.get(path).cloned(),
            "answer" => answer().cloned(),
            "url" => answer().map(|value| {
                let text = text_of(value);
                if text.contains("://") { text.into() } else { format!("http://{text}").into() }
            }),
            _ => None,
        };
        found.unwrap_or_else(|| default.into())
    }
}

/// The property of this path.
pub fn property<'p>(properties: &'p Map<String, Value>, path: &str) -> Option<&'p Value> {
    match path.split_once('.') {
        None => properties.get(path),
        Some((first, rest)) => at(properties.get(first)?, rest),
    }
}

fn at<'v>(value: &'v Value, path: &str) -> Option<&'v Value> {
    path.split('.').try_fold(value, |value, name| match value {
        Value::Array(items) => items.get(name.parse::<usize>().ok()?),
        value => value.get(name),
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn placeholders() {
        let owner = Owner { account: "000000000000".into(), region: "us-east-1".into() };
        let settings = Settings::default();
        let properties = json!({ "Name": "n", "List": [1, { "C": 2 }], "A": { "B": 7 } });
        let answer = json!({ "apiId": "x", "apiEndpoint": "x.execute-api.h" });
        let attributes = BTreeMap::from([("V".to_owned(), json!("v1"))]);
        let known = Known {
            owner: &owner,
            settings: &settings,
            physical: "p",
            properties: properties.as_object().expect("an object"),
            answer: &answer,
            attributes: &attributes,
            item: &json!({ "I": "i" }),
        };
        for (pattern, expected) in [
            ("", json!("")),
            ("a", json!("a")),
            ("{physical}", json!("p")),
            ("arn:aws:x:{region}:{account}:{physical}/*", json!("arn:aws:x:us-east-1:000000000000:p/*")),
            ("{property List}", json!([1, { "C": 2 }])),
            ("{property List.1.C}", json!(2)),
            ("{property List.2.C}", json!("")),
            ("{item I}", json!("i")),
            ("{item}", json!({ "I": "i" })),
            ("[{item I}]", json!(["i"])),
            ("{attribute V}", json!("v1")),
            ("{answer id,apiId}", json!("x")),
            ("{last physical}", json!("p")),
            ("{property A.B}", json!(7)),
            ("<{property A.B}>", json!("<7>")),
            ("{property Path|/}", json!("/")),
            ("{property Path}", json!("")),
            ("{answer apiId}", json!("x")),
            ("{url apiEndpoint}", json!("http://x.execute-api.h")),
            ("{physical}{physical}", json!("pp")),
            ("{host}", json!("localhost.localstack.cloud:4566")),
        ] {
            assert_eq!(known.value(pattern), expected, "{pattern}");
        }
    }
}
