//! Lambda's errors in its own words, and the constraints that it checks before anything else.

use std::fmt::Display;

use crate::control::answer::Error;

/// A parameter that has a wrong value.
pub fn invalid(message: impl Into<String>) -> Error {
    user(400, "InvalidParameterValueException", message)
}

/// Something that does not exist.
pub fn not_found(message: impl Into<String>) -> Error {
    user(404, "ResourceNotFoundException", message)
}

/// The function of this ARN does not exist.
pub fn no_function(arn: &str) -> Error {
    not_found(format!("Function not found: {arn}"))
}

/// Something that exists already, or is in use.
pub fn conflict(message: impl Into<String>) -> Error {
    user(409, "ResourceConflictException", message)
}

/// A `RevisionId` that isn't the latest; `call` names the operation that gives it.
pub fn stale_revision(call: &str) -> Error {
    let message = format!(
        "The Revision Id provided does not match the latest Revision Id. Call the {call} API to retrieve the \
         latest Revision Id"
    );
    user(412, "PreconditionFailedException", message)
}

/// More than Lambda takes.
pub fn too_large(message: impl Into<String>) -> Error {
    Error::new(413, "RequestEntityTooLargeException", message)
}

/// A body that can't be read.
pub fn unreadable(message: impl Display) -> Error {
    user(400, "InvalidRequestContentException", format!("Could not parse request body into json: {message}"))
}

/// A member of the wrong type.
pub fn mistyped(member: &str, expected: &str) -> Error {
    Error::new(400, "SerializationException", format!("{member} must be {expected}"))
}

/// Something that AWS has and we don't; the text says what to do instead.
pub fn not_yet(message: impl Into<String>) -> Error {
    Error::new(501, "NotImplementedException", message)
}

fn user(status: u16, code: &'static str, message: impl Into<String>) -> Error {
    Error::new(status, code, message).with("Type", "User")
}

/// The constraints that a call breaks, told all at once.
#[derive(Default)]
pub struct Constraints(Vec<String>);

impl Constraints {
    /// The member `at` must satisfy `rule`, unless it `holds`.
    pub fn check(&mut self, holds: bool, value: impl Display, at: &str, rule: &str) {
        if !holds {
            self.0
                .push(format!("Value '{value}' at '{at}' failed to satisfy constraint: Member must {rule}"));
        }
    }

    /// The same for the value of a map, or of a list, whose members must satisfy `rule`.
    pub fn check_inner(&mut self, holds: bool, value: impl Display, at: &str, rule: &str) {
        if !holds {
            self.0.push(format!("Value '{value}' at '{at}' failed to satisfy constraint: {rule}"));
        }
    }

    /// The member `at` must be there.
    pub fn required<T>(&mut self, value: Option<&T>, at: &str)
    where
        T: ?Sized,
    {
        if value.is_none() {
            self.0
                .push(format!("Value null at '{at}' failed to satisfy constraint: Member must not be null"));
        }
    }

    /// Text of `min` to `max` characters.
    pub fn length(&mut self, value: Option<&str>, at: &str, min: usize, max: usize) {
        let Some(value) = value else { return };
        // Counting characters may stop early: the text may be megabytes long.
        let length = value.chars().take(max + 1).count();
        self.check(length <= max, value, at, &format!("have length less than or equal to {max}"));
        self.check(length >= min, value, at, &format!("have length greater than or equal to {min}"));
    }

    /// An integer from `min` to `max`.
    pub fn range(&mut self, value: Option<i64>, at: &str, min: i64, max: i64) {
        let Some(value) = value else { return };
        self.check(value <= max, value, at, &format!("have value less than or equal to {max}"));
        self.check(value >= min, value, at, &format!("have value greater than or equal to {min}"));
    }

    /// One of these words.
    pub fn one_of(&mut self, value: Option<&str>, at: &str, words: &[&str]) {
        let Some(value) = value else { return };
        let rule = format!("satisfy enum value set: [{}]", words.join(", "));
        self.check(words.contains(&value), value, at, &rule);
    }

    /// Text that `matches` says is of the shape that `pattern` shows.
    pub fn pattern(&mut self, value: Option<&str>, at: &str, matches: fn(&str) -> bool, pattern: &str) {
        let Some(value) = value else { return };
        self.check(matches(value), value, at, &format!("satisfy regular expression pattern: {pattern}"));
    }

    /// An error if any constraint was broken.
    ///
    /// # Errors
    /// All of them, in the order in which they were checked.
    pub fn end(self) -> Result<(), Error> {
        let (count, s) = match self.0.len() {
            0 => return Ok(()),
            1 => (1, ""),
            more => (more, "s"),
        };
        let message = format!("{count} validation error{s} detected: {}", self.0.join("; "));
        Err(Error::new(400, "ValidationException", message))
    }
}
