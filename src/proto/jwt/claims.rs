//! What a token claims: checked (RFC 7519 section 4.1, and as AWS does it), and handed on as text.

use serde_json::Value;

use super::{Error, Token};
use crate::base::Now;

impl Token<'_> {
    /// Whether its claims let it be used, now, at an authorizer of this issuer and audience.
    ///
    /// # Errors
    /// What is wrong with them.
    pub fn check(&self, issuer: &str, audience: &[String], now: Now) -> Result<(), Error> {
        if self.claims.get("iss").and_then(Value::as_str) != Some(issuer) {
            return Err(Error::Issuer);
        }
        if !self.is_for(audience) {
            return Err(Error::Audience);
        }
        let now = now.unix_ms as f64 / 1000.0;
        let time = |name: &str| self.time(name);
        if time("exp")?.is_none_or(|expires| expires <= now) {
            return Err(Error::Expired);
        }
        if time("nbf")?.is_some_and(|begins| begins > now) {
            return Err(Error::Early);
        }
        match time("iat")?.is_some_and(|issued| issued > now) {
            true => Err(Error::Unissued),
            false => Ok(()),
        }
    }

    /// AWS: "API Gateway validates client_id only if aud is not present."
    fn is_for(&self, audience: &[String]) -> bool {
        let is_known =
            |one: &Value| one.as_str().is_some_and(|one| audience.iter().any(|known| known == one));
        match self.claims.get("aud").filter(|aud| !aud.is_null()) {
            Some(Value::Array(several)) => several.iter().any(is_known),
            Some(one) => is_known(one),
            None => self.claims.get("client_id").is_some_and(is_known),
        }
    }

    /// Seconds since 1970.
    fn time(&self, name: &str) -> Result<Option<f64>, Error> {
        match self.claims.get(name) {
            None | Some(Value::Null) => Ok(None),
            Some(value) => value.as_f64().map(Some).ok_or(Error::Malformed),
        }
    }

    /// What it may be used for: `scp`, or else `scope`, a list or words.
    pub fn scopes(&self) -> Vec<&str> {
        match self.claims.get("scp").or_else(|| self.claims.get("scope")) {
            Some(Value::String(words)) => words.split(' ').filter(|word| !word.is_empty()).collect(),
            Some(Value::Array(list)) => list.iter().filter_map(Value::as_str).collect(),
            Some(Value::Null | Value::Bool(_) | Value::Number(_) | Value::Object(_)) | None => Vec::new(),
        }
    }

    /// Its claims as events have them: text, whatever they were; those that are null are none.
    pub fn claims(&self) -> impl Iterator<Item = (&str, String)> {
        self.claims.iter().filter(|(_, value)| !value.is_null()).map(|(name, value)| (&**name, text(value)))
    }
}

/// A claim as text. Lists are as Go prints them: `[admin poweruser]`.
fn text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Number(number) => match number.as_f64() {
            // Times with a point in them are still whole seconds.
            Some(whole) if number.is_f64() && whole.fract() == 0.0 && whole.abs() < 1e15 => {
                format!("{whole:.0}")
            }
            Some(_) | None => number.to_string(),
        },
        Value::Array(list) => {
            let list: Vec<String> = list.iter().map(text).collect();
            format!("[{}]", list.join(" "))
        }
        Value::Null | Value::Bool(_) | Value::Object(_) => value.to_string(),
    }
}
