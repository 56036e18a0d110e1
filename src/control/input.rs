//! [`Input`]: the members of a JSON call, read by type and bounds. What is missing or `null` is `None`; members
//! that nobody asks for are ignored, as AWS does.

use crate::base::map::try_map_of;
use std::collections::BTreeMap;
use std::ops::RangeInclusive;

use serde_json::{Map, Value};

use super::answer::Error;
use super::call::Call;

/// A JSON object of a call.
#[derive(Debug)]
pub struct Input {
    members: Map<String, Value>,
    /// What stands before a member's name in messages: `corsConfiguration.`
    within: String,
}

/// A map of maps of strings.
pub type Maps = BTreeMap<String, BTreeMap<String, String>>;

/// Most entries that one list or map of a call may have: far above every limit of the services themselves.
const MAX_ENTRIES: usize = 10_000;

impl Input {
    /// These members.
    pub fn new(members: Map<String, Value>) -> Self {
        Self { members, within: String::new() }
    }

    /// The body of a call.
    ///
    /// # Errors
    /// It is no JSON object.
    pub fn of(call: &Call) -> Result<Self, Error> {
        let members = call.json().map_err(|why| {
            Error::new(400, "SerializationException", format!("the request body cannot be read: {why}"))
        })?;
        Ok(Self::new(members))
    }

    /// Whether a member was sent, and not as `null`.
    pub fn has(&self, name: &str) -> bool {
        self.member(name).is_some()
    }

    /// A member as it was sent, if it was, and not as `null`.
    pub fn value(&self, name: &str) -> Option<&Value> {
        self.member(name)
    }

    /// A string of any length.
    pub fn text(&self, name: &str) -> Result<Option<String>, Error> {
        self.member(name).map(|value| self.to_text(name, value)).transpose()
    }

    /// A string of so many characters.
    pub fn string(&self, name: &str, length: RangeInclusive<usize>) -> Result<Option<String>, Error> {
        let Some(text) = self.text(name)? else { return Ok(None) };
        // Bytes bound characters from above: long texts need not be counted.
        if text.len() > length.end() * 4 || !length.contains(&text.chars().count()) {
            let (from, to) = (length.start(), length.end());
            return Err(bad_request(format!(
                "{}{name} must have between {from} and {to} characters",
                self.within
            )));
        }
        Ok(Some(text))
    }

    /// One of a few strings.
    pub fn one_of(&self, name: &str, among: &[&'static str]) -> Result<Option<&'static str>, Error> {
        let Some(text) = self.text(name)? else { return Ok(None) };
        match among.iter().find(|known| **known == text) {
            Some(known) => Ok(Some(known)),
            None => Err(bad_request(format!("{}{name} must be one of [{}]", self.within, among.join(", ")))),
        }
    }

    /// A boolean.
    pub fn boolean(&self, name: &str) -> Result<Option<bool>, Error> {
        let read = |value: &Value| value.as_bool().ok_or_else(|| self.mismatch(name, "a boolean", value));
        self.member(name).map(read).transpose()
    }

    /// An integer within bounds.
    pub fn integer(&self, name: &str, bounds: RangeInclusive<i64>) -> Result<Option<i64>, Error> {
        let Some(value) = self.member(name) else { return Ok(None) };
        let number = value.as_i64().ok_or_else(|| self.mismatch(name, "an integer", value))?;
        if !bounds.contains(&number) {
            let (from, to) = (bounds.start(), bounds.end());
            return Err(bad_request(format!("{}{name} must be between {from} and {to}", self.within)));
        }
        Ok(Some(number))
    }

    /// A number that is not negative.
    pub fn rate(&self, name: &str) -> Result<Option<f64>, Error> {
        let Some(value) = self.member(name) else { return Ok(None) };
        let number = value.as_f64().ok_or_else(|| self.mismatch(name, "a number", value))?;
        if number < 0.0 {
            return Err(bad_request(format!("{}{name} must not be negative", self.within)));
        }
        Ok(Some(number))
    }

    /// A list of strings.
    pub fn strings(&self, name: &str) -> Result<Option<Vec<String>>, Error> {
        let Some(value) = self.member(name) else { return Ok(None) };
        let list = value.as_array().ok_or_else(|| self.mismatch(name, "a list", value))?;
        self.check_count(name, list.len())?;
        list.iter().map(|item| self.to_text(name, item)).collect::<Result<_, _>>().map(Some)
    }

    /// A map of strings.
    pub fn map(&self, name: &str) -> Result<Option<BTreeMap<String, String>>, Error> {
        let Some(value) = self.member(name) else { return Ok(None) };
        let members = value.as_object().ok_or_else(|| self.mismatch(name, "a map", value))?;
        self.check_count(name, members.len())?;
        let entry = |(key, value): (&String, &Value)| Ok((key.clone(), self.to_text(name, value)?));
        try_map_of(members.iter().map(entry)).map(Some)
    }

    /// A structure.
    pub fn object(&self, name: &str) -> Result<Option<Input>, Error> {
        let Some(value) = self.member(name) else { return Ok(None) };
        let members = value.as_object().ok_or_else(|| self.mismatch(name, "a structure", value))?;
        Ok(Some(Input { members: members.clone(), within: format!("{}{name}.", self.within) }))
    }

    /// A list of structures; empty where it was not sent.
    pub fn structures(&self, name: &str) -> Result<Vec<Input>, Error> {
        let Some(value) = self.member(name) else { return Ok(Vec::new()) };
        let list = value.as_array().ok_or_else(|| self.mismatch(name, "a list", value))?;
        self.check_count(name, list.len())?;
        let item = |(n, value): (usize, &Value)| match value.as_object() {
            Some(members) => {
                Ok(Input { members: members.clone(), within: format!("{}{name}[{n}].", self.within) })
            }
            None => Err(self.mismatch(name, "a list of structures", value)),
        };
        list.iter().enumerate().map(item).collect()
    }

    /// A member is missing that must be there.
    pub fn missing(&self, name: &str) -> Error {
        bad_request(format!("{}{name} is required", self.within))
    }

    /// All members as they were sent.
    pub fn whole(&self) -> Value {
        Value::Object(self.members.clone())
    }

    /// A map of structures.
    pub fn objects(&self, name: &str) -> Result<Option<BTreeMap<String, Input>>, Error> {
        let Some(map) = self.object(name)? else { return Ok(None) };
        self.check_count(name, map.members.len())?;
        let entry = |key: &String| {
            let value = map.object(key)?.ok_or_else(|| map.mismatch(key, "a structure", &Value::Null))?;
            Ok((key.clone(), value))
        };
        try_map_of(map.members.keys().map(entry)).map(Some)
    }

    /// A map of maps of strings.
    pub fn maps(&self, name: &str) -> Result<Option<Maps>, Error> {
        let Some(map) = self.object(name)? else { return Ok(None) };
        self.check_count(name, map.members.len())?;
        let entry = |key: &String| Ok((key.clone(), map.map(key)?.unwrap_or_default()));
        try_map_of(map.members.keys().map(entry)).map(Some)
    }

    fn member(&self, name: &str) -> Option<&Value> {
        self.members.get(name).filter(|value| !value.is_null())
    }

    fn to_text(&self, name: &str, value: &Value) -> Result<String, Error> {
        value.as_str().map(str::to_owned).ok_or_else(|| self.mismatch(name, "a string", value))
    }

    fn check_count(&self, name: &str, count: usize) -> Result<(), Error> {
        if count > MAX_ENTRIES {
            return Err(bad_request(format!("{}{name} has more than {MAX_ENTRIES} entries", self.within)));
        }
        Ok(())
    }

    fn mismatch(&self, name: &str, expected: &str, found: &Value) -> Error {
        let found = match found {
            Value::Null => "null",
            Value::Bool(_) => "a boolean",
            Value::Number(_) => "a number",
            Value::String(_) => "a string",
            Value::Array(_) => "a list",
            Value::Object(_) => "a structure",
        };
        let message = format!("{}{name} must be {expected}, and not {found}", self.within);
        Error::new(400, "SerializationException", message)
    }
}

/// `BadRequestException`, 400.
pub fn bad_request(message: impl Into<String>) -> Error {
    Error::new(400, "BadRequestException", message)
}
