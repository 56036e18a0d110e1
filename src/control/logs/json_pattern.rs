//! Filter patterns for events that are JSON: conditions on what they have.
//!
//! ```text
//! { $.level = "error" }                                  a text, in which * is any
//! { ($.status >= 500 && $.path != /health*) || $.cold IS TRUE }
//! { $.user NOT EXISTS }   { $.items[0].id IS NULL }   { $.route = %^GET% }
//! ```
//!
//! What is not there fits none of them but `NOT EXISTS`. Selectors have no wildcards here.
//! <https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntax.html>

use std::borrow::Cow;

use regex::Regex;
use serde_json::Value;

use super::invalid;
use super::pattern::{quoted, regex_of};
use crate::control::answer::Error;
use crate::live::json_path::JsonPath;

/// Ours: parentheses in parentheses.
const MAX_DEPTH: usize = 32;

/// A pattern, read.
#[derive(Debug)]
pub struct JsonPattern(Condition);

#[derive(Debug)]
enum Condition {
    All(Vec<Condition>),
    Any(Vec<Condition>),
    Has(JsonPath, Test),
}

/// What must hold of a value.
#[derive(Debug)]
enum Test {
    /// `=`
    Is(Operand),
    /// `!=`
    IsNot(Operand),
    /// `<`, `<=`, `>`, `>=`: whether the value lies on this side of the number, or is it.
    Order { less: bool, equal: bool, number: f64 },
    /// `IS NULL`, `IS TRUE`, `IS FALSE`
    Literal(Value),
    /// `EXISTS`, `NOT EXISTS`
    Exists(bool),
}

/// What a value is compared with.
#[derive(Debug)]
enum Operand {
    /// Text between `*`s; what is a number is compared as one too.
    Text(Vec<String>, Option<f64>),
    Regex(Regex),
}

impl JsonPattern {
    /// Reads a pattern, which begins with a brace.
    ///
    /// # Errors
    /// It is none.
    pub fn of(text: &str) -> Result<Self, Error> {
        let inside = text.trim().strip_prefix('{').and_then(|rest| rest.strip_suffix('}'));
        let inside = inside.ok_or_else(|| refused("a JSON pattern has no end"))?;
        let mut reader = Reader { rest: inside, depth: 0 };
        let condition = reader.any()?;
        match reader.next() {
            "" => Ok(Self(condition)),
            rest => Err(refused(&format!("{rest:.40?} follows a condition"))),
        }
    }

    /// Whether a text is JSON that the pattern looks for.
    pub fn fits(&self, text: &str) -> bool {
        let is_object = text.trim_ascii_start().starts_with(['{', '[']);
        is_object && serde_json::from_str(text).is_ok_and(|value| self.0.holds(&value))
    }
}

impl Condition {
    fn holds(&self, value: &Value) -> bool {
        match self {
            Self::All(all) => all.iter().all(|one| one.holds(value)),
            Self::Any(any) => any.iter().any(|one| one.holds(value)),
            Self::Has(path, test) => test.holds(path.value(value)),
        }
    }
}

impl Test {
    fn holds(&self, found: Option<&Value>) -> bool {
        match (self, found) {
            (Self::Exists(exists), found) => found.is_some() == *exists,
            (_, None) => false,
            (Self::Is(operand), Some(value)) => operand.is(value) == Some(true),
            (Self::IsNot(operand), Some(value)) => operand.is(value) == Some(false),
            (Self::Order { less, equal, number }, Some(value)) => value.as_f64().is_some_and(|value| {
                (*equal && value == *number) || if *less { value < *number } else { value > *number }
            }),
            (Self::Literal(literal), Some(value)) => literal == value,
        }
    }
}

impl Operand {
    /// Whether a value is what is meant. `None`: it is of no kind that could be.
    fn is(&self, value: &Value) -> Option<bool> {
        let text = match value {
            Value::String(text) => text.as_str().into(),
            Value::Number(_) | Value::Bool(_) => Cow::from(value.to_string()),
            Value::Null | Value::Array(_) | Value::Object(_) => return None,
        };
        Some(match self {
            Self::Text(parts, number) => {
                fits_parts(parts, &text) || (number.is_some() && value.as_f64() == *number)
            }
            Self::Regex(regex) => regex.is_match(&text),
        })
    }
}

/// Whether a text is these parts with any text between them.
fn fits_parts(parts: &[String], text: &str) -> bool {
    let (first, middle, last) = match parts {
        [] => return text.is_empty(),
        [whole] => return text == whole,
        [first, middle @ .., last] => (first, middle, last),
    };
    let Some(mut rest) = text.strip_prefix(first.as_str()) else { return false };
    for part in middle {
        match rest.split_once(part.as_str()) {
            Some((_, after)) => rest = after,
            None => return false,
        }
    }
    rest.ends_with(last.as_str())
}

struct Reader<'a> {
    rest: &'a str,
    depth: usize,
}

impl<'a> Reader<'a> {
    /// What comes next, behind spaces.
    fn next(&mut self) -> &'a str {
        self.rest = self.rest.trim_start();
        self.rest
    }

    fn takes(&mut self, token: &str) -> bool {
        match self.next().strip_prefix(token) {
            Some(rest) => {
                self.rest = rest;
                true
            }
            None => false,
        }
    }

    /// The same of a word, in any case, which ends there.
    fn takes_word(&mut self, word: &str) -> bool {
        let next = self.next();
        let fits = next.get(..word.len()).is_some_and(|start| start.eq_ignore_ascii_case(word))
            && !next[word.len()..].starts_with(|c: char| c.is_alphanumeric() || c == '_');
        if fits {
            self.rest = &next[word.len()..];
        }
        fits
    }

    /// Conditions with `||` between, which binds less than `&&`.
    fn any(&mut self) -> Result<Condition, Error> {
        let mut any = vec![self.all()?];
        while self.takes("||") {
            any.push(self.all()?);
        }
        Ok(Condition::Any(any))
    }

    fn all(&mut self) -> Result<Condition, Error> {
        let mut all = vec![self.one()?];
        while self.takes("&&") {
            all.push(self.one()?);
        }
        Ok(Condition::All(all))
    }

    fn one(&mut self) -> Result<Condition, Error> {
        if !self.takes("(") {
            return Ok(Condition::Has(self.selector()?, self.test()?));
        }
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(refused("it has too many parentheses"));
        }
        let condition = self.any()?;
        self.depth -= 1;
        match self.takes(")") {
            true => Ok(condition),
            false => Err(refused("a parenthesis has no end")),
        }
    }

    /// `$.name[0]['other name']`
    fn selector(&mut self) -> Result<JsonPath, Error> {
        let next = self.next();
        let Some(rest) = next.strip_prefix('$') else {
            return Err(refused(&format!("{next:.40?} is no selector such as $.name")));
        };
        let mut in_brackets = false;
        let end = rest.find(|c: char| {
            match c {
                '[' => in_brackets = true,
                ']' => in_brackets = false,
                _ => return !in_brackets && (c.is_whitespace() || "=!<>()&|".contains(c)),
            }
            false
        });
        let (path, after) = rest.split_at(end.unwrap_or(rest.len()));
        self.rest = after;
        let path = JsonPath::parse(path).filter(|path| !path.is_empty());
        path.ok_or_else(|| {
            refused(&format!("{next:.40?} is no selector that gatelet reads, such as $.a.b[0]"))
        })
    }

    fn test(&mut self) -> Result<Test, Error> {
        if self.takes_word("IS") {
            for (word, literal) in [("NULL", Value::Null), ("TRUE", true.into()), ("FALSE", false.into())] {
                if self.takes_word(word) {
                    return Ok(Test::Literal(literal));
                }
            }
            return Err(refused("IS is followed by NULL, TRUE or FALSE"));
        }
        if self.takes_word("EXISTS") {
            return Ok(Test::Exists(true));
        }
        if self.takes_word("NOT") {
            return match self.takes_word("EXISTS") {
                true => Ok(Test::Exists(false)),
                false => Err(refused("NOT is followed by EXISTS")),
            };
        }
        if self.takes("!=") {
            return Ok(Test::IsNot(self.operand()?));
        }
        for (sign, less, equal) in
            [("<=", true, true), (">=", false, true), ("<", true, false), (">", false, false)]
        {
            if self.takes(sign) {
                return match self.operand()? {
                    Operand::Text(_, Some(number)) => Ok(Test::Order { less, equal, number }),
                    Operand::Text(_, None) | Operand::Regex(_) => {
                        Err(refused(&format!("{sign} is followed by a number")))
                    }
                };
            }
        }
        match self.takes("=") {
            true => Ok(Test::Is(self.operand()?)),
            false => Err(refused(&format!("{:.40?} is no comparison", self.next()))),
        }
    }

    fn operand(&mut self) -> Result<Operand, Error> {
        let next = self.next();
        if next.starts_with('"') {
            let (text, rest) = quoted(next)?;
            self.rest = rest;
            return Ok(Operand::Text(text.split('*').map(str::to_owned).collect(), None));
        }
        if next.starts_with('%') {
            let (regex, rest) = regex_of(next)?;
            self.rest = rest;
            return Ok(Operand::Regex(regex));
        }
        let end = next.find(|c: char| c.is_whitespace() || "&|()".contains(c)).unwrap_or(next.len());
        let (word, rest) = next.split_at(end);
        if word.is_empty() {
            return Err(refused("a comparison has no value"));
        }
        self.rest = rest;
        Ok(Operand::Text(word.split('*').map(str::to_owned).collect(), word.parse().ok()))
    }
}

fn refused(why: &str) -> Error {
    invalid(format!("Invalid filter pattern: {why}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    const EVENT: &str = r#"{"level":"error","status":502,"path":"/a b","cold":true,"none":null,
        "user":{"id":1.5,"name":"Ann*"},"items":[{"id":7},"x"],"two words":1}"#;

    #[test]
    fn what_fits() {
        for (pattern, expected) in [
            (r#"{ $.level = "error" }"#, true),
            (r#"{$.level="error"}"#, true),
            (r#"{ $.level = error }"#, true),
            (r#"{ $.level = "Error" }"#, false),
            (r#"{ $.level = err* }"#, true),
            (r#"{ $.level = *r*o* }"#, true),
            (r#"{ $.level = *x* }"#, false),
            (r#"{ $.level = e*r*r*r*r }"#, false),
            (r#"{ $.level = error* }"#, true),
            (r#"{ $.level = errorerror* }"#, false),
            (r#"{ $.level != "info" }"#, true),
            (r#"{ $.missing != "info" }"#, false),
            (r#"{ $.status = 502 }"#, true),
            (r#"{ $.status = 5.02e2 }"#, true),
            (r#"{ $.status = 5* }"#, true),
            (r#"{ $.status != 502 }"#, false),
            (r#"{ $.status >= 502 && $.status < 503 }"#, true),
            (r#"{ $.status > 502 || $.status <= 501 }"#, false),
            (r#"{ $.level < 5 }"#, false),
            (r#"{ $.path = "/a b" }"#, true),
            (r#"{ $.path = %^/a\sb$% }"#, true),
            (r#"{ $.cold IS TRUE }"#, true),
            (r#"{ $.cold is false }"#, false),
            (r#"{ $.cold = true }"#, true),
            (r#"{ $.none IS NULL }"#, true),
            (r#"{ $.missing IS NULL }"#, false),
            (r#"{ $.none = x }"#, false),
            (r#"{ $.missing NOT EXISTS }"#, true),
            (r#"{ $.none NOT EXISTS }"#, false),
            (r#"{ $.none EXISTS }"#, true),
            (r#"{ $.user.id = 1.5 && $.items[0].id = 7 && $.items[1] = "x" }"#, true),
            (r#"{ $['two words'] = 1 }"#, true),
            (r#"{ $.user = x }"#, false),
            // && before ||
            (r#"{ $.status = 1 && $.status = 1 || $.level = error }"#, true),
            (r#"{ $.status = 1 && ($.status = 1 || $.level = error) }"#, false),
            (r#"{ (($.level = error)) }"#, true),
        ] {
            let read =
                JsonPattern::of(pattern).unwrap_or_else(|error| panic!("{pattern}: {}", error.message));
            assert_eq!(read.fits(EVENT), expected, "{pattern}");
            assert!(!read.fits("no JSON") && !read.fits("{\"a\":"), "{pattern}");
        }
    }

    #[test]
    fn what_is_refused() {
        for (pattern, expected) in [
            ("{", "no end"),
            ("{}", "no selector"),
            ("{ $ = 1 }", "no selector"),
            ("{ x = 1 }", "no selector"),
            ("{ $.a[*] = 1 }", "no selector that gatelet reads"),
            ("{ $.a }", "no comparison"),
            ("{ $.a = }", "no value"),
            ("{ $.a = \"x }", "no end"),
            ("{ $.a = %x }", "no end"),
            ("{ $.a < x }", "followed by a number"),
            ("{ $.a IS x }", "NULL, TRUE or FALSE"),
            ("{ $.a NOT x }", "followed by EXISTS"),
            ("{ ($.a = 1 }", "parenthesis"),
            ("{ $.a = 1 ) }", "follows a condition"),
            ("{ $.a = 1 && }", "no selector"),
            (&format!("{{ {} }}", "(".repeat(500)), "too many parentheses"),
        ] {
            let error = JsonPattern::of(pattern).unwrap_err();
            assert!(error.message.contains(expected), "{pattern}: {}", error.message);
        }
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_read_or_refused(inside in "(\\$\\.a|\\[0\\]|=|!=|<|IS|NOT|EXISTS|[ ()&|\"%*a1ä])*") {
            if let Ok(pattern) = JsonPattern::of(&format!("{{{inside}}}")) {
                pattern.fits("{\"a\":[1]}");
            }
        }
    }
}
