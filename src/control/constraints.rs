//! The constraints that AWS checks before anything else, in its words: all that a call breaks, told at once.

use std::fmt::Display;

use super::answer::Error;

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

    /// An error if any constraint was broken: `ValidationException`, as the JSON protocols have it.
    ///
    /// # Errors
    /// All of them, in the order in which they were checked.
    pub fn end(self) -> Result<(), Error> {
        self.end_as("ValidationException")
    }

    /// The same with another code.
    ///
    /// # Errors
    /// As [`Constraints::end`].
    pub fn end_as(self, code: &'static str) -> Result<(), Error> {
        let (count, s) = match self.0.len() {
            0 => return Ok(()),
            1 => (1, ""),
            more => (more, "s"),
        };
        let message = format!("{count} validation error{s} detected: {}", self.0.join("; "));
        Err(Error::new(400, code, message))
    }
}
