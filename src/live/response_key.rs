//! [`ResponseKey`]: which integration response a back end's answer gets.

use regex::{Regex, RegexBuilder};

/// The most bytes that a compiled expression may take.
const MAX_PATTERN: usize = 1 << 20;

/// `integrationResponseKey`, compiled.
#[derive(Clone, Debug)]
pub enum ResponseKey {
    /// `$default`: what no other response takes.
    Default,
    /// `/2\d\d/`: an expression that the whole of what was selected must match.
    Pattern(Regex),
}

impl ResponseKey {
    /// Reads a key.
    ///
    /// # Errors
    /// What is wrong with it, for people.
    pub fn parse(text: &str) -> Result<Self, String> {
        if text == "$default" {
            return Ok(Self::Default);
        }
        let expression = text.strip_prefix('/').and_then(|rest| rest.strip_suffix('/'));
        let expression = expression
            .filter(|expression| !expression.is_empty())
            .ok_or("it is neither $default nor a regular expression between slashes")?;
        // `.` takes line ends too: an error message has several lines.
        whole(expression, true)
            .map(Self::Pattern)
            .ok_or_else(|| "what stands between its slashes is no regular expression".to_owned())
    }

    /// Whether it takes what the selection expression gave; `$default` says no to all.
    pub fn takes(&self, selected: &str) -> bool {
        match self {
            Self::Default => false,
            Self::Pattern(whole) => whole.is_match(selected),
        }
    }
}

/// An expression that the whole of a text must match, and whether `.` takes line ends too. `None`: it is none.
pub fn whole(expression: &str, dot_matches_new_line: bool) -> Option<Regex> {
    let whole = RegexBuilder::new(&format!("^(?:{expression})$"))
        .dot_matches_new_line(dot_matches_new_line)
        .size_limit(MAX_PATTERN)
        .build();
    // With parentheses that are not its own it could be one only together with ours.
    whole.ok().filter(|_| Regex::new(expression).is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys() {
        for (key, selected, takes) in [
            ("$default", "200", false),
            (r"/2\d\d/", "204", true),
            (r"/2\d\d/", "2040", false),
            ("/200/", "200", true),
            ("/200|201/", "201", true),
            ("/200|201/", "2001", false),
            ("/.*timeout.*/", "Task\ntimeout\nafter", true),
            ("/a/b/", "a/b", true),
            ("/.+/", "", false),
        ] {
            assert_eq!(ResponseKey::parse(key).unwrap().takes(selected), takes, "{key} {selected}");
        }
        for key in [
            "",
            "/",
            "//",
            "200",
            "default",
            "$other",
            "/(/",
            "/a)(b/",
            "/a{1000}{1000}{1000}/",
            "200/",
            "/200",
        ] {
            assert!(ResponseKey::parse(key).is_err(), "{key}");
        }
    }
}
