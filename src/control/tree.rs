//! [`Tree`]: a document whose members stay in the order in which they were put, for people to read.

use serde::ser::{Serialize, SerializeMap, Serializer};
use serde_json::Value;

/// A node of a document.
#[derive(Clone, Debug, PartialEq)]
pub enum Tree {
    /// `null`, a boolean or a number.
    Plain(Value),
    /// Text.
    Text(String),
    /// A list.
    List(Vec<Tree>),
    /// Members, in their order.
    Members(Vec<(String, Tree)>),
}

impl Tree {
    /// A node without members.
    pub fn new() -> Self {
        Self::Members(Vec::new())
    }

    /// With one more member; of what is none, members are made.
    pub fn with(self, name: &str, value: impl Into<Tree>) -> Self {
        let mut members = match self {
            Self::Members(members) => members,
            Self::Plain(_) | Self::Text(_) | Self::List(_) => Vec::new(),
        };
        members.push((name.to_owned(), value.into()));
        Self::Members(members)
    }

    /// With one more, if there is one.
    pub fn maybe(self, name: &str, value: Option<impl Into<Tree>>) -> Self {
        match value {
            Some(value) => self.with(name, value),
            None => self,
        }
    }

    /// Without the members, however deep, whose names `goes` picks.
    pub fn without(self, goes: fn(&str) -> bool) -> Self {
        match self {
            Self::Plain(_) | Self::Text(_) => self,
            Self::List(items) => Self::List(items.into_iter().map(|item| item.without(goes)).collect()),
            Self::Members(members) => {
                let stays = members.into_iter().filter(|(name, _)| !goes(name));
                Self::Members(stays.map(|(name, value)| (name, value.without(goes))).collect())
            }
        }
    }

    /// As JSON, indented.
    pub fn to_json(&self) -> String {
        serde_json::to_string_pretty(self).expect("a tree has only text for keys")
    }
}

impl Default for Tree {
    fn default() -> Self {
        Self::new()
    }
}

impl From<Value> for Tree {
    fn from(value: Value) -> Self {
        match value {
            Value::Null | Value::Bool(_) | Value::Number(_) => Self::Plain(value),
            Value::String(text) => Self::Text(text),
            Value::Array(items) => Self::List(items.into_iter().map(Self::from).collect()),
            Value::Object(members) => {
                Self::Members(members.into_iter().map(|(name, value)| (name, value.into())).collect())
            }
        }
    }
}

impl From<&str> for Tree {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for Tree {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<bool> for Tree {
    fn from(value: bool) -> Self {
        Self::Plain(value.into())
    }
}

impl Serialize for Tree {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Plain(value) => value.serialize(serializer),
            Self::Text(text) => serializer.serialize_str(text),
            Self::List(items) => serializer.collect_seq(items),
            Self::Members(members) => {
                let mut map = serializer.serialize_map(Some(members.len()))?;
                for (name, value) in members {
                    map.serialize_entry(name, value)?;
                }
                map.end()
            }
        }
    }
}
