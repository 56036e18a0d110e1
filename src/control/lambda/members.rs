//! The members of a call's JSON body, by name and type. `null` is as good as not there.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::refusal;
use crate::base::map::try_map_of;
use crate::control::answer::Error;
use crate::control::call::Call;

/// The members of a JSON object.
pub struct Members(Map<String, Value>);

impl Members {
    /// Those of the call's body.
    ///
    /// # Errors
    /// The body is no JSON object.
    pub fn of(call: &Call) -> Result<Self, Error> {
        call.json().map(Self).map_err(refusal::unreadable)
    }

    fn member(&self, name: &str) -> Option<&Value> {
        self.0.get(name).filter(|value| !value.is_null())
    }

    /// Whether the member was given.
    pub fn has(&self, name: &str) -> bool {
        self.member(name).is_some()
    }

    /// Text.
    pub fn text(&self, name: &str) -> Result<Option<&str>, Error> {
        self.typed(name, "a string", Value::as_str)
    }

    /// Text, taken out: for what is large.
    pub fn take_text(&mut self, name: &str) -> Result<Option<String>, Error> {
        match self.0.remove(name) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::String(text)) => Ok(Some(text)),
            Some(_) => Err(refusal::mistyped(name, "a string")),
        }
    }

    /// An integer.
    pub fn integer(&self, name: &str) -> Result<Option<i64>, Error> {
        self.typed(name, "an integer", Value::as_i64)
    }

    /// `true` or `false`; `false` where it isn't there.
    pub fn flag(&self, name: &str) -> Result<bool, Error> {
        Ok(self.typed(name, "a boolean", Value::as_bool)?.unwrap_or_default())
    }

    /// An object.
    pub fn object(&self, name: &str) -> Result<Option<Self>, Error> {
        self.typed(name, "an object", |value| value.as_object().cloned().map(Self))
    }

    /// An object, taken out: for what is large.
    pub fn take_object(&mut self, name: &str) -> Result<Option<Self>, Error> {
        match self.0.remove(name) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::Object(members)) => Ok(Some(Self(members))),
            Some(_) => Err(refusal::mistyped(name, "an object")),
        }
    }

    /// A list of texts.
    pub fn texts(&self, name: &str) -> Result<Option<Vec<String>>, Error> {
        self.typed(name, "a list of strings", |value| {
            value.as_array()?.iter().map(|item| item.as_str().map(str::to_owned)).collect()
        })
    }

    /// A map of texts.
    pub fn text_map(&self, name: &str) -> Result<Option<BTreeMap<String, String>>, Error> {
        self.typed(name, "a map of strings", |value| {
            let pairs = value.as_object()?.iter();
            let pair = |(key, value): (&String, &Value)| Some((key.clone(), value.as_str()?.to_owned()));
            try_map_of(pairs.map(|each| pair(each).ok_or(()))).ok()
        })
    }

    /// A map of numbers.
    pub fn number_map(&self, name: &str) -> Result<Option<BTreeMap<String, f64>>, Error> {
        self.typed(name, "a map of numbers", |value| {
            let pairs = value.as_object()?.iter();
            let pair = |(key, value): (&String, &Value)| Some((key.clone(), value.as_f64()?));
            try_map_of(pairs.map(|each| pair(each).ok_or(()))).ok()
        })
    }

    /// Whatever it is.
    pub fn value(&self, name: &str) -> Option<&Value> {
        self.member(name)
    }

    fn typed<'a, T>(
        &'a self,
        name: &str,
        expected: &str,
        read: impl FnOnce(&'a Value) -> Option<T>,
    ) -> Result<Option<T>, Error> {
        match self.member(name) {
            None => Ok(None),
            Some(value) => read(value).map(Some).ok_or_else(|| refusal::mistyped(name, expected)),
        }
    }
}
