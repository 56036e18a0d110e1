//! What the front end of API Gateway finds wrong with a call before anything is looked up: all of it in one
//! `ValidationException`.

use crate::control::answer::Error;

/// What was found so far.
#[derive(Debug, Default)]
pub struct Violations(Vec<String>);

impl Violations {
    /// A member must be there.
    pub fn required(&mut self, at: &str, given: bool) {
        if !given {
            self.0
                .push(format!("Value null at '{at}' failed to satisfy constraint: Member must not be null"));
        }
    }

    /// A value must be one of a few.
    pub fn one_of(&mut self, at: &str, value: &str, among: &[&str]) {
        if !among.contains(&value) {
            let among = among.join(", ");
            self.0.push(format!(
                "Value '{value}' at '{at}' failed to satisfy constraint: Member must satisfy enum value set: [{among}]"
            ));
        }
    }

    /// Each value of a list must be one of a few.
    pub fn each_of(&mut self, at: &str, values: &[String], among: &[&str]) {
        if values.iter().any(|value| !among.contains(&value.as_str())) {
            let (values, among) = (values.join(", "), among.join(", "));
            self.0.push(format!(
                "Value '[{values}]' at '{at}' failed to satisfy constraint: Member must satisfy constraint: [Member must \
                 satisfy enum value set: [{among}]]"
            ));
        }
    }

    /// A status code has three digits.
    pub fn status_code(&mut self, code: &str) {
        let fits = matches!(code.as_bytes(), [b'1'..=b'5', b'0'..=b'9', b'0'..=b'9']);
        if !fits {
            self.0.push(format!(
                "Value '{code}' at 'statusCode' failed to satisfy constraint: Member must satisfy regular expression \
                 pattern: [1-5]\\d\\d"
            ));
        }
    }

    /// # Errors
    /// Something was found.
    pub fn check(self) -> Result<(), Error> {
        let message = match self.0.len() {
            0 => return Ok(()),
            1 => format!("1 validation error detected: {}", self.0[0]),
            count => format!("{count} validation errors detected: {}", self.0.join("; ")),
        };
        Err(Error::new(400, "ValidationException", message))
    }
}
