//! [`Members`]: the members of a JSON answer.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

/// The members of an answer, written in one go; an absent one is left out.
#[derive(Default)]
pub struct Members(Map<String, Value>);

impl Members {
    /// With one more.
    pub fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.0.insert(name.into(), value.into());
        self
    }

    /// With one more, if there is one.
    pub fn maybe(self, name: &str, value: Option<impl Into<Value>>) -> Self {
        match value {
            Some(value) => self.with(name, value),
            None => self,
        }
    }

    /// As a JSON object.
    pub fn done(self) -> Value {
        Value::Object(self.0)
    }
}

/// A map of strings as JSON.
pub fn strings(map: &BTreeMap<String, String>) -> Value {
    map.iter().map(|(key, value)| (key.clone(), Value::from(value.as_str()))).collect::<Map<_, _>>().into()
}
