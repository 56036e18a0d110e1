//! [`Pattern`]: a regular expression of ECMA 262, as `pattern` and `patternProperties` have them, with what it costs.
//!
//! An expression without look-around and references back takes a time that grows with the text and with its own size,
//! no faster. One with them may go back, as often as it is allowed to. Either is counted before it is held against a
//! text.

use regex::{Error, Regex, RegexBuilder};

/// Sizes that a compiled expression may have, in bytes, and what each byte of a text costs with it, in steps.
const SIZES: [(usize, u64); 3] = [(16 << 10, 1), (256 << 10, 16), (MAX_SIZE, 256)];

/// The largest compiled expression: `.{1,4000}` is one.
const MAX_SIZE: usize = 4 << 20;

/// All compiled expressions of one schema together.
pub const MAX_SIZES: usize = 16 << 20;

/// The longest expression, as it is written, in bytes.
const MAX_LENGTH: usize = 4 << 10;

/// Times that an expression may go back in one text before it counts as not matching. Each may look at all of the text.
const MAX_BACKTRACKS: usize = 10_000;

/// Instructions of an expression that may go back.
const MAX_INSTRUCTIONS: usize = 10_000;

/// What each byte of a text costs with an expression that may go back: more than with any other.
const BACKTRACKING: u64 = 128;

/// A compiled expression.
#[derive(Debug)]
pub enum Pattern {
    /// One that never goes back, and what a byte costs.
    Linear(Regex, u64),
    /// One that may.
    Backtracking(Box<fancy_regex::Regex>),
}

impl Pattern {
    /// Compiles an expression; takes its size from what is left for all.
    ///
    /// # Errors
    /// What is wrong with it, for people.
    pub fn parse(text: &str, left: &mut usize) -> Result<Self, String> {
        if text.len() > MAX_LENGTH {
            return Err(format!("it has more than {MAX_LENGTH} bytes"));
        }
        let spelled = spelled(text);
        for (size, cost) in SIZES {
            let Some(rest) = left.checked_sub(size) else { break };
            match RegexBuilder::new(&spelled).size_limit(size).build() {
                Ok(expression) => {
                    *left = rest;
                    return Ok(Self::Linear(expression, cost));
                }
                Err(Error::CompiledTooBig(_)) => {}
                Err(_) => return Self::backtracking(&spelled, left),
            }
        }
        Err("it is too large, or all of the schema's together are".to_owned())
    }

    fn backtracking(spelled: &str, left: &mut usize) -> Result<Self, String> {
        let size = SIZES[1].0;
        *left = left.checked_sub(size).ok_or("those of the schema are too large together")?;
        let mut builder = fancy_regex::RegexBuilder::new(spelled);
        builder.backtrack_limit(MAX_BACKTRACKS).delegate_size_limit(size).max_prog_size(MAX_INSTRUCTIONS);
        builder.build().map(|it| Self::Backtracking(Box::new(it))).map_err(|error| error.to_string())
    }

    /// How many steps it takes to hold a text against it.
    pub fn cost(&self, text: &str) -> u64 {
        let length = u64::try_from(text.len()).unwrap_or(u64::MAX);
        match self {
            Self::Linear(_, cost) => length.saturating_mul(*cost),
            Self::Backtracking(_) => length.saturating_mul(BACKTRACKING),
        }
    }

    /// Whether it matches something in a text.
    pub fn matches(&self, text: &str) -> bool {
        match self {
            Self::Linear(expression, _) => expression.is_match(text),
            Self::Backtracking(expression) => expression.is_match(text).unwrap_or(false),
        }
    }
}

/// An expression of ECMA 262 as our libraries spell it: digits, letters and spaces are those of ASCII, and inside of
/// brackets a bracket, `&&`, `--` and `~~` stand for themselves.
fn spelled(expression: &str) -> String {
    let mut spelled = String::with_capacity(expression.len());
    let mut rest = expression.chars().peekable();
    // Whether we are between brackets; `Some(true)`: and nothing stands there yet.
    let mut class = None;
    while let Some(c) = rest.next() {
        let first = class == Some(true);
        match (c, class) {
            ('\\', _) => match rest.next() {
                Some('d') => spelled.push_str("[0-9]"),
                Some('D') => spelled.push_str("[^0-9]"),
                Some('w') => spelled.push_str("[0-9A-Za-z_]"),
                Some('W') => spelled.push_str("[^0-9A-Za-z_]"),
                Some('c') if rest.peek().is_some_and(char::is_ascii_alphabetic) => {
                    let letter = rest.next().unwrap_or_default();
                    spelled.push_str(&format!("\\x{:02X}", u32::from(letter) % 32));
                }
                Some(escaped) => spelled.extend(['\\', escaped]),
                None => spelled.push('\\'),
            },
            ('[', None) => {
                class = Some(true);
                spelled.push('[');
                if rest.next_if_eq(&'^').is_some() {
                    spelled.push('^');
                }
                continue;
            }
            // Anything, and nothing.
            (']', Some(_)) if first => match spelled.strip_suffix('^').map(str::len) {
                Some(length) => {
                    spelled.truncate(length);
                    spelled.push_str(r"\s\S]");
                }
                None => spelled.push_str(r"^\s\S]"),
            },
            ('[' | '&' | '~', Some(_)) => spelled.extend(['\\', c]),
            // Two in a row would be a difference.
            ('-', Some(_)) if spelled.ends_with('-') => spelled.push_str("\\-"),
            (_, _) => spelled.push(c),
        }
        class = match (c, class) {
            (']', _) | (_, None) => None,
            (_, Some(_)) => Some(false),
        };
    }
    spelled
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_matches() {
        for (expression, good, bad) in [
            ("^a*$", "aaa", "aab"),
            ("a", "xax", "b"),
            (r"^\d{3}-\d{4}$", "555-1212", "555-121\u{0663}"),
            (r"^\D$", "\u{0663}", "3"),
            (r"^[\d\-.]+$", "1-2.3", "a"),
            (r"^\w+$", "a_1", "\u{e9}"),
            (r"^\W$", "\u{e9}", "a"),
            (r"^[\W]$", "\u{e9}", "a"),
            ("^[[]$", "[", "]"),
            (r"^[\]]$", "]", "["),
            ("^[a&&b]+$", "a&b", "c"),
            ("^[+--]$", ",", "a"),
            ("^[a-c~~]+$", "b~", "d"),
            ("^[^]$", "\n", "ab"),
            ("^[]$|^x$", "x", "a"),
            (r"^\cC$", "\u{3}", "C"),
            (r"^\u0041\x42$", "AB", "ab"),
            (r"^\/a\/$", "/a/", "a"),
            (r"^\p{L}+$", "\u{e9}", "1"),
            ("^(?!x)[a-z]+$", "join", "xjoin"),
            (r"^(?=.*[A-Z])(?=.*\d).{8,}$", "Passw0rds", "password1"),
            (r"^(['\x22])a\1$", "'a'", "'a\""),
            (r"(?<=\$)\d+", "$5", "5"),
            ("^.{1,4000}$", "a", ""),
            (r"^\p{L}{1,50}$", "a", "1"),
        ] {
            let pattern = Pattern::parse(expression, &mut MAX_SIZES.clone());
            let pattern = pattern.unwrap_or_else(|error| panic!("{expression}: {error}"));
            assert!(pattern.matches(good), "{expression} {good}");
            assert!(!pattern.matches(bad), "{expression} {bad}");
        }
    }

    #[test]
    fn what_is_no_expression() {
        let deep = format!("{}{}", "(".repeat(2000), ")".repeat(2000));
        let deep_and_ahead = format!("(?=a){deep}");
        let ahead = "(?=a{900}){900}".repeat(100);
        for expression in [
            "(",
            "[",
            "*",
            "\\",
            "(?<n",
            "(?=a",
            "a{1000}{1000}{1000}",
            &"a".repeat(MAX_LENGTH + 1),
            &deep,
            &deep_and_ahead,
            &ahead,
        ] {
            let pattern = Pattern::parse(expression, &mut MAX_SIZES.clone());
            assert!(pattern.is_err(), "{}", &expression[..expression.len().min(80)]);
        }
        let mut left = MAX_SIZES;
        let many = (0..1000).map_while(|_| Pattern::parse("(?=a)", &mut left).ok()).count();
        assert!((10..1000).contains(&many), "{many}");
    }

    #[test]
    fn what_goes_back_gives_up() {
        for expression in ["^(?=(a+)+$)b", "^(a|aa)+(?!a)b$", r"^(a+)+\1b$", "(?=.*b).*(?=.*b)c"] {
            let pattern = Pattern::parse(expression, &mut MAX_SIZES.clone()).unwrap();
            assert!(!pattern.matches(&"a".repeat(10_000)), "{expression}");
        }
    }
}
