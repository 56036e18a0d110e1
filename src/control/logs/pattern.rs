//! Filter patterns: for unstructured events terms that a text has or has not, for others `JsonPattern`.
//!
//! ```text
//! ERROR timeout       both
//! "out of memory"     with all its spaces
//! ?ERROR ?WARN        one of them
//! ERROR -retry        and not this one
//! %4\d\d%             a regular expression
//! ```
//!
//! <https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntax.html>
//! Patterns of columns (`[ip, user, …]`) are not supported.

use regex::Regex;

use super::invalid;
use super::json_pattern::JsonPattern;
use crate::control::answer::Error;

/// AWS: of a pattern.
const MAX_LENGTH: usize = 1024;

/// Ours, in bytes of what a regular expression may compile to.
const MAX_REGEX: usize = 64 * 1024;

/// A pattern, read.
#[derive(Debug)]
pub enum Pattern {
    /// Of a text.
    Terms(Terms),
    /// Of JSON.
    Json(JsonPattern),
}

/// What a text must have, must not have, and of which it must have one.
#[derive(Debug, Default)]
pub struct Terms {
    all: Vec<Term>,
    none: Vec<Term>,
    any: Vec<Term>,
}

#[derive(Debug)]
enum Term {
    Text(String),
    Regex(Regex),
}

impl Pattern {
    /// Reads a pattern; an empty one fits everything.
    ///
    /// # Errors
    /// It is no pattern, or one of a kind that isn't supported.
    pub fn of(text: &str) -> Result<Self, Error> {
        if text.len() > MAX_LENGTH {
            return Err(invalid(format!("A filter pattern may have at most {MAX_LENGTH} characters")));
        }
        let mut rest = text.trim();
        if rest.starts_with('{') {
            return JsonPattern::of(rest).map(Self::Json);
        }
        if rest.starts_with('[') {
            return Err(invalid(
                "Invalid filter pattern: gatelet does not support space-delimited patterns; it has words, \
                 \"quoted phrases\", ?any, -not, %regular expressions% and { $.json = patterns }",
            ));
        }
        let mut pattern = Terms::default();
        while !rest.is_empty() {
            let (into, term) = match rest.as_bytes()[0] {
                b'?' => (&mut pattern.any, &rest[1..]),
                b'-' => (&mut pattern.none, &rest[1..]),
                _ => (&mut pattern.all, rest),
            };
            let (read, behind) = term_of(term)?;
            into.push(read);
            rest = behind.trim_start();
        }
        if !(pattern.all.is_empty() && pattern.none.is_empty()) {
            // "If you combine ? with other filter patterns, the question mark will be ignored."
            pattern.any.clear();
        }
        Ok(Self::Terms(pattern))
    }

    /// Whether a text is what the pattern looks for.
    pub fn fits(&self, text: &str) -> bool {
        match self {
            Self::Terms(terms) => terms.fit(text),
            Self::Json(pattern) => pattern.fits(text),
        }
    }
}

impl Terms {
    fn fit(&self, text: &str) -> bool {
        self.all.iter().all(|term| term.is_in(text))
            && !self.none.iter().any(|term| term.is_in(text))
            && (self.any.is_empty() || self.any.iter().any(|term| term.is_in(text)))
    }
}

impl Term {
    fn is_in(&self, text: &str) -> bool {
        match self {
            Self::Text(term) => memchr::memmem::find(text.as_bytes(), term.as_bytes()).is_some(),
            Self::Regex(regex) => regex.is_match(text),
        }
    }
}

/// The phrase in quotes at the beginning of `text`, and what is behind it.
pub fn quoted(text: &str) -> Result<(String, &str), Error> {
    let (mut phrase, mut escaped) = (String::new(), false);
    for (at, c) in text.char_indices().skip(1) {
        match c {
            _ if std::mem::take(&mut escaped) => phrase.push(c),
            '\\' => escaped = true,
            '"' => return Ok((phrase, &text[at + 1..])),
            _ => phrase.push(c),
        }
    }
    Err(invalid("Invalid filter pattern: a quoted phrase has no end"))
}

/// The regular expression between percent signs at the beginning of `text`, and what is behind it.
pub fn regex_of(text: &str) -> Result<(Regex, &str), Error> {
    let Some(end) = text[1..].find('%') else {
        return Err(invalid("Invalid filter pattern: a regular expression has no end"));
    };
    let regex = regex::RegexBuilder::new(&text[1..=end]).size_limit(MAX_REGEX).build();
    let regex = regex.map_err(|_| invalid("Invalid filter pattern: a regular expression cannot be read"))?;
    Ok((regex, &text[end + 2..]))
}

/// The term at the beginning of `text`, and what is behind it.
fn term_of(text: &str) -> Result<(Term, &str), Error> {
    match text.as_bytes().first() {
        Some(b'"') => quoted(text).map(|(phrase, rest)| (Term::Text(phrase), rest)),
        Some(b'%') => regex_of(text).map(|(regex, rest)| (Term::Regex(regex), rest)),
        _ => {
            let end = text.find(char::is_whitespace).unwrap_or(text.len());
            let (term, rest) = text.split_at(end);
            if term.is_empty() || !term.chars().all(|c| c.is_alphanumeric() || c == '_') {
                return Err(invalid(format!("Invalid character(s) in term '{term}'")));
            }
            Ok((Term::Text(term.to_owned()), rest))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_fits() {
        for (pattern, text, expected) in [
            ("", "anything", true),
            ("  ", "", true),
            ("ERROR", "[ERROR] x", true),
            ("ERROR", "[error] x", false),
            ("a b", "b and a", true),
            ("a b", "b", false),
            ("\"a b\"", "xa by", true),
            ("\"a b\"", "a  b", false),
            (r#""say \"hi\"""#, r#"to say "hi""#, true),
            ("?a ?b", "b", true),
            ("?a ?b", "c", false),
            ("a -b", "a", true),
            ("a -b", "ab", false),
            ("-\"x y\"", "x y", false),
            ("a ?b", "a", true),
            ("?b -c", "a", true),
            (r"%4\d\d%", "status 404", true),
            (r"%4\d\d% end", "status 500 end", false),
            ("größe_1", "die größe_1", true),
            (" { $.a = 1 }", r#"{"a":1}"#, true),
        ] {
            assert_eq!(Pattern::of(pattern).unwrap().fits(text), expected, "{pattern} {text}");
        }
    }

    #[test]
    fn what_is_refused() {
        for (pattern, expected) in [
            ("{ $.x }", "no comparison"),
            ("[a, b]", "space-delimited"),
            ("a.b", "Invalid character(s) in term 'a.b'"),
            ("\"open", "no end"),
            ("%open", "no end"),
            ("%(%", "cannot be read"),
            ("-", "Invalid character(s)"),
            (&"x".repeat(1025), "at most 1024"),
        ] {
            let error = Pattern::of(pattern).unwrap_err();
            assert!(error.message.contains(expected), "{pattern}: {}", error.message);
        }
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_read_or_refused(pattern in "[?\"%\\\\ a-cä-]*") {
            if let Ok(pattern) = Pattern::of(&pattern) {
                pattern.fits("a b c");
            }
        }
    }
}
