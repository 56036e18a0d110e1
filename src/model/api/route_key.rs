//! [`RouteKey`]: what a route matches, valid once it is parsed.

use std::fmt;

/// A route key, valid by construction: of an HTTP API ([`RouteKey::parse`]), or of a WebSocket API
/// ([`RouteKey::parse_name`]).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RouteKey {
    /// `$default` of an HTTP API.
    Default,
    /// `GET /pets/{id}`, `ANY /{proxy+}`
    Path {
        /// An upper-case method, or `ANY`.
        method: String,
        /// `/` and segments: literals, `{name}`, and last perhaps `{name+}`.
        path: String,
    },
    /// A WebSocket API's: `$connect`, `$disconnect`, `$default`, or what the route selection expression gives.
    Name(String),
}

/// Why a text is no route key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RouteKeyError {
    /// Neither `$default` nor a method, one space and a path.
    Format,
    /// The method is none that an HTTP API routes.
    Method,
    /// The path ends with a slash, or has two in a row.
    EmptySegment,
    /// A character that no path of a request can have, or a brace that is no parameter's.
    Character,
    /// A parameter's name is empty or has other characters than letters, digits, `.`, `-`, `_` and `:`.
    Parameter,
    /// Two parameters have the same name.
    Repeated,
    /// `{name+}` stands before the end.
    GreedyBeforeEnd,
    /// Longer than a request line can be.
    TooLong,
    /// It begins with a dollar, which only the three routes of the service's own do.
    Reserved,
}

/// Runs before a WebSocket opens, and decides whether it does.
pub const CONNECT: &str = "$connect";
/// Runs after a WebSocket has closed.
pub const DISCONNECT: &str = "$disconnect";
/// Takes what no other route does.
pub const DEFAULT: &str = "$default";

/// What the developer guide lists for `$context.httpMethod`, and `ANY`.
const METHODS: [&str; 8] = ["ANY", "DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"];

/// AWS: request line and headers together have at most 10,240 bytes, so a longer path never matches.
const MAX_LENGTH: usize = 10_240;

impl RouteKey {
    /// The route key that `text` spells.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn parse(text: &str) -> Result<Self, RouteKeyError> {
        if text == DEFAULT {
            return Ok(Self::Default);
        }
        if text.len() > MAX_LENGTH {
            return Err(RouteKeyError::TooLong);
        }
        let (method, path) = text.split_once(' ').ok_or(RouteKeyError::Format)?;
        let segments = path.strip_prefix('/').ok_or(RouteKeyError::Format)?;
        if !METHODS.contains(&method) {
            return Err(RouteKeyError::Method);
        }
        if !segments.is_empty() {
            check_segments(segments)?;
        }
        Ok(Self::Path { method: method.to_owned(), path: path.to_owned() })
    }

    /// The route key of a WebSocket API that `text` spells.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn parse_name(text: &str) -> Result<Self, RouteKeyError> {
        match text {
            CONNECT | DISCONNECT | DEFAULT => {}
            "" => return Err(RouteKeyError::Format),
            _ if text.len() > MAX_LENGTH => return Err(RouteKeyError::TooLong),
            _ if text.starts_with('$') => return Err(RouteKeyError::Reserved),
            _ => {}
        }
        Ok(Self::Name(text.to_owned()))
    }
}

impl fmt::Display for RouteKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Default => f.write_str(DEFAULT),
            Self::Path { method, path } => write!(f, "{method} {path}"),
            Self::Name(name) => f.write_str(name),
        }
    }
}

impl fmt::Display for RouteKeyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Format => "it is neither $default nor a method and a path",
            Self::Method => "the method must be one of ANY, DELETE, GET, HEAD, OPTIONS, PATCH, POST, PUT",
            Self::EmptySegment => "the path must not end with a slash nor have an empty segment",
            Self::Character => "the path has a character that is not allowed there",
            Self::Parameter => "a parameter must be a whole segment {name} of letters, digits and .-_:",
            Self::Repeated => "two parameters have the same name",
            Self::GreedyBeforeEnd => "{name+} must be the last segment",
            Self::TooLong => "it is longer than a request line can be",
            Self::Reserved => "only $connect, $disconnect and $default begin with a dollar",
        })
    }
}

fn check_segments(segments: &str) -> Result<(), RouteKeyError> {
    let mut names = std::collections::HashSet::new();
    let mut greedy = false;
    for segment in segments.split('/') {
        if segment.is_empty() {
            return Err(RouteKeyError::EmptySegment);
        }
        if greedy {
            return Err(RouteKeyError::GreedyBeforeEnd);
        }
        let Some(inner) = segment.strip_prefix('{').and_then(|rest| rest.strip_suffix('}')) else {
            check_literal(segment)?;
            continue;
        };
        let name = inner.strip_suffix('+').unwrap_or(inner);
        greedy = name.len() < inner.len();
        let of_name = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_' | b':');
        if name.is_empty() || !name.bytes().all(of_name) {
            return Err(RouteKeyError::Parameter);
        }
        if !names.insert(name) {
            return Err(RouteKeyError::Repeated);
        }
    }
    Ok(())
}

/// A literal may hold whatever a path of a request can (RFC 3986 section 3.3), escaped or not.
fn check_literal(segment: &str) -> Result<(), RouteKeyError> {
    let forbidden = |c: char| c.is_control() || c.is_whitespace() || matches!(c, '{' | '}' | '?' | '#');
    if segment.contains(forbidden) { Err(RouteKeyError::Character) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    use proptest::prelude::*;

    #[test]
    fn what_is_a_route_key() {
        for text in [
            "$default",
            "GET /",
            "ANY /{proxy+}",
            "POST /pets/{id}",
            "OPTIONS /a/{b}/c/{d+}",
            "PUT /a.b/~c/%20",
            "GET /{a.b-c_d:e}",
            "HEAD /über",
            "GET /a:b",
        ] {
            assert_eq!(RouteKey::parse(text).map(|key| key.to_string()), Ok(text.to_owned()));
        }
    }

    #[test]
    fn what_is_none() {
        use RouteKeyError::*;
        for (text, error) in [
            ("", Format),
            ("$other", Format),
            ("GET", Format),
            ("GET pets", Format),
            ("GET  /pets", Format),
            ("/pets", Format),
            ("get /pets", Method),
            ("TRACE /pets", Method),
            ("GET /pets/", EmptySegment),
            ("GET //", EmptySegment),
            ("GET /a//b", EmptySegment),
            ("GET /a b", Character),
            ("GET /a{b}", Character),
            ("GET /{a}b", Character),
            ("GET /a?b", Character),
            ("GET /a\n", Character),
            ("GET /{", Character),
            ("GET /{}", Parameter),
            ("GET /{+}", Parameter),
            ("GET /{a b}", Parameter),
            ("GET /{a}/{a}", Repeated),
            ("GET /{a}/{a+}", Repeated),
            ("GET /{a+}/b", GreedyBeforeEnd),
        ] {
            assert_eq!(RouteKey::parse(text), Err(error), "{text}");
        }
        assert_eq!(RouteKey::parse(&format!("GET /{}", "a".repeat(MAX_LENGTH))), Err(TooLong));
    }

    #[test]
    fn names() {
        for text in ["$connect", "$disconnect", "$default", "test-action", "chat/send", "GET /", "ü"] {
            assert_eq!(RouteKey::parse_name(text), Ok(RouteKey::Name(text.to_owned())));
        }
        for (text, error) in [("", RouteKeyError::Format), ("$other", RouteKeyError::Reserved)] {
            assert_eq!(RouteKey::parse_name(text), Err(error));
        }
    }

    proptest! {
        #[test]
        fn what_parses_prints_as_it_was(text in "(GET|ANY|\\$default)( /[a-z{}+/ ]{0,12})?") {
            if let Ok(key) = RouteKey::parse(&text) {
                prop_assert_eq!(key.to_string(), text);
            }
        }
    }
}
