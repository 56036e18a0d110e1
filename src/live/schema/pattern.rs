//! Regular expressions of ECMA 262, as `pattern` and `patternProperties` have them: what they cost, and how one that
//! looks ahead is said without.
//!
//! All that are let through take a time that grows with the text and with their own size, and no faster: none ever
//! goes back. So look-ahead is known only where it means "and also": at the start (`^(?=.*\d)(?!admin).{8,}$`).

use regex::{Error, RegexBuilder};
use serde_json::{Value, json};

/// Sizes that a compiled expression may have, in bytes, and what each byte of a text costs with it, in steps.
const SIZES: [(usize, u64); 3] = [(16 << 10, 1), (256 << 10, 16), (8 << 20, 512)];

/// All compiled expressions of one schema together.
pub const MAX_SIZES: usize = 16 << 20;

/// The longest expression, as it is written, in bytes.
const MAX_LENGTH: usize = 4 << 10;

/// What a byte of a text costs; takes the expression's size from what is left for all.
///
/// # Errors
/// What is wrong with it, for people.
pub fn cost(text: &str, left: &mut usize) -> Result<u64, String> {
    if text.len() > MAX_LENGTH {
        return Err(format!("an expression has more than {MAX_LENGTH} bytes"));
    }
    let unknown = || format!("{text} is no regular expression, or it looks around or refers back");
    let translated = jsonschema_regex::to_rust_regex(text).map_err(|()| unknown())?;
    for (size, cost) in SIZES {
        let Some(rest) = left.checked_sub(size) else { break };
        match RegexBuilder::new(&translated).size_limit(size).build() {
            Ok(_) => {
                *left = rest;
                return Ok(cost);
            }
            Err(Error::CompiledTooBig(_)) => {}
            Err(_) => return Err(unknown()),
        }
    }
    Err(format!("{text} is too large, or all of the schema's expressions together are"))
}

/// One of those that a text must match all of, or must not match.
#[derive(Debug, PartialEq)]
pub struct Part {
    text: String,
    matches: bool,
}

impl Part {
    fn new(text: &str, matches: bool) -> Self {
        Self { text: format!("^(?:{text})"), matches }
    }

    /// The schema that says so.
    pub fn rule(&self) -> Value {
        match self.matches {
            true => json!({ "pattern": self.text }),
            // What is no text has no pattern that it must not match.
            false => json!({ "not": { "type": "string", "pattern": self.text } }),
        }
    }

    /// The expression.
    pub fn into_text(self) -> String {
        self.text
    }
}

/// `^(?=A)(?!B)C` as `^(?:A)`, not `^(?:B)`, and `^(?:C)`. `None`: it doesn't start with a look ahead, or more is at
/// stake.
pub fn parts(text: &str) -> Option<Vec<Part>> {
    let mut rest = text.strip_prefix('^')?;
    let mut parts = Vec::new();
    loop {
        let (inside, matches) = match (rest.strip_prefix("(?="), rest.strip_prefix("(?!")) {
            (Some(inside), _) => (inside, true),
            (_, Some(inside)) => (inside, false),
            (None, None) => break,
        };
        let end = find_outside(inside, |c| c == ')')?;
        parts.push(Part::new(&inside[..end], matches));
        rest = &inside[end + 1..];
        if rest.starts_with(['*', '+', '?', '{']) {
            return None;
        }
    }
    // Before a `|` ours would be all that the `^` and the looks ahead are about.
    if parts.is_empty() || find_outside(rest, |c| c == '|').is_some() {
        return None;
    }
    parts.push(Part::new(rest, true));
    Some(parts)
}

/// Where a character stands outside of groups and brackets.
fn find_outside(text: &str, is: impl Fn(char) -> bool) -> Option<usize> {
    let (mut depth, mut in_class) = (0_usize, false);
    let mut chars = text.char_indices();
    while let Some((at, c)) = chars.next() {
        match c {
            '\\' => drop(chars.next()),
            ']' => in_class = false,
            _ if in_class => {}
            '[' => in_class = true,
            _ if depth == 0 && is(c) => return Some(at),
            '(' => depth += 1,
            ')' => depth = depth.checked_sub(1)?,
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_looks_ahead_is_taken_apart() {
        for (expression, expected) in [
            ("^(?!x)[a-z]+$", &[("x", false), ("[a-z]+$", true)][..]),
            (
                r"^(?=.*[A-Z)])(?=(a|\)))(?!b|c).{8,}$",
                &[(".*[A-Z)]", true), (r"(a|\))", true), ("b|c", false), (".{8,}$", true)][..],
            ),
            ("^(?=a)", &[("a", true), ("", true)][..]),
            ("^a$", &[]),
            ("(?=a)b", &[]),
            ("^(?=a)*b", &[]),
            ("^(?=a)b|c", &[]),
            ("^(?=a", &[]),
            ("^(?=[)a", &[]),
        ] {
            let expected: Vec<Part> =
                expected.iter().map(|(text, matches)| Part::new(text, *matches)).collect();
            assert_eq!(parts(expression).unwrap_or_default(), expected, "{expression}");
        }
    }

    #[test]
    fn what_it_costs() {
        let deep = format!("{}{}", "(".repeat(2000), ")".repeat(2000));
        let long = "a".repeat(MAX_LENGTH + 1);
        for (expression, expected) in [
            ("^a*$", Some(1)),
            (r"^[\d\-.]+\cC\/\u0041$", Some(1)),
            ("^[[a&&b]$", Some(1)),
            ("^.{1,100}$", Some(16)),
            ("^.{1,4000}$", Some(512)),
            ("(", None),
            ("[", None),
            ("*", None),
            ("\\", None),
            ("(?<n", None),
            ("a(?=b)", None),
            (r"(a)\1", None),
            ("a{1000}{1000}{1000}", None),
            (&long, None),
            (&deep, None),
        ] {
            let shown = &expression[..expression.len().min(80)];
            assert_eq!(cost(expression, &mut MAX_SIZES.clone()).ok(), expected, "{shown}");
        }
        let mut left = MAX_SIZES;
        let many = (0..100_000).map_while(|_| cost("a", &mut left).ok()).count();
        assert!((100..10_000).contains(&many), "{many}");
    }
}
