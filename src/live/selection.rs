//! Selection expressions ("Working with selection expressions in API Gateway"), parsed once: what a message says
//! picks a route, a model, a template. Evaluating one costs what finding the fields in the message costs.

use std::borrow::Cow;

use super::json_path::JsonPath;

/// An expression.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Selection(Vec<Part>);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Part {
    Text(Box<str>),
    /// `request.body.<path>`
    Body(JsonPath),
    /// `integration.response.statuscode`
    Status,
    /// `integration.response.header.<name>`: the last one.
    Header(Box<str>),
    /// `integration.response.multivalueheader.<name>`: all of them, with commas between.
    Headers(Box<str>),
    /// What stands for nothing here.
    Nothing,
}

/// An integration's response, as far as expressions ask for it.
#[derive(Clone, Copy)]
pub struct Responded<'a> {
    /// Its status.
    pub status: u16,
    /// All headers of a name, in whatever case it is written.
    pub headers: &'a dyn Fn(&str) -> Vec<Cow<'a, str>>,
}

impl Selection {
    /// Reads an expression. Any text is one: what is no variable stands for itself, and a variable that nobody
    /// knows is empty.
    pub fn parse(text: &str) -> Self {
        let mut parts = Vec::new();
        let mut plain = String::new();
        let mut rest = text;
        while let Some(at) = rest.find(['$', '\\']) {
            plain.push_str(&rest[..at]);
            rest = &rest[at..];
            let Some((variable, after)) = braced(rest).or_else(|| bare(rest)) else {
                // `\$` is a dollar that begins nothing.
                let (character, after) =
                    rest.strip_prefix("\\$").map_or_else(|| rest.split_at(1), |after| ("$", after));
                plain.push_str(character);
                rest = after;
                continue;
            };
            if !plain.is_empty() {
                parts.push(Part::Text(std::mem::take(&mut plain).into()));
            }
            parts.push(Part::variable(variable));
            rest = after;
        }
        plain.push_str(rest);
        if !plain.is_empty() {
            parts.push(Part::Text(plain.into()));
        }
        Self(parts)
    }

    /// What it makes of a message; it may be empty. `None`: it asks for a part of the message, which is no JSON
    /// object.
    pub fn of_message<'s>(&'s self, message: &'s str) -> Option<Cow<'s, str>> {
        self.of(message, None)
    }

    /// What it makes of an integration's response to a message.
    pub fn of_response<'s>(&'s self, message: &'s str, response: Responded<'_>) -> Option<Cow<'s, str>> {
        self.of(message, Some(response))
    }

    fn of<'s>(&'s self, message: &'s str, response: Option<Responded<'_>>) -> Option<Cow<'s, str>> {
        let asks = self.0.iter().any(|part| matches!(part, Part::Body(_)));
        // What is passed over isn't read, but what has no end is not taken for an object.
        let trimmed = message.trim_ascii();
        if asks && !(trimmed.starts_with('{') && trimmed.ends_with('}')) {
            return None;
        }
        match &self.0[..] {
            [] => Some(Cow::Borrowed("")),
            [only] => Some(only.text(trimmed, response)),
            parts => Some(parts.iter().map(|part| part.text(trimmed, response)).collect::<String>().into()),
        }
    }
}

impl Part {
    /// A variable, without its dollar and braces.
    fn variable(name: &str) -> Self {
        if let Some(path) = name.strip_prefix("request.body") {
            return JsonPath::parse(path).map_or(Self::Nothing, Self::Body);
        }
        if let Some(name) = name.strip_prefix("integration.response.header.") {
            return Self::Header(name.into());
        }
        if let Some(name) = name.strip_prefix("integration.response.multivalueheader.") {
            return Self::Headers(name.into());
        }
        match name {
            "integration.response.statuscode" | "response.statuscode" => Self::Status,
            _ => Self::Nothing,
        }
    }

    fn text<'s>(&'s self, message: &'s str, response: Option<Responded<'_>>) -> Cow<'s, str> {
        let headers = |name: &str| response.map(|response| (response.headers)(name)).unwrap_or_default();
        match self {
            Self::Text(text) => Cow::Borrowed(text),
            Self::Body(path) => path.find(message).unwrap_or_default(),
            Self::Status => response.map(|response| response.status.to_string()).unwrap_or_default().into(),
            Self::Header(name) => headers(name).pop().unwrap_or_default().into_owned().into(),
            Self::Headers(name) => headers(name).join(",").into(),
            Self::Nothing => Cow::Borrowed(""),
        }
    }
}

/// `${variable}`, and what follows.
fn braced(text: &str) -> Option<(&str, &str)> {
    text.strip_prefix("${")?.split_once('}')
}

/// `$variable`, and what follows. Only names that variables have are taken for one: `$default` is a key.
fn bare(text: &str) -> Option<(&str, &str)> {
    let text = text.strip_prefix('$')?;
    ["request.", "integration.", "response.", "context.", "stageVariables."]
        .iter()
        .find(|root| text.starts_with(**root))?;
    let is_name = |c: char| c.is_alphanumeric() || "_-.[]'\"".contains(c);
    Some(text.split_at(text.find(|c: char| !is_name(c)).unwrap_or(text.len())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn expressions() {
        for (expression, message, expected) in [
            ("$request.body.action", r#"{"action":"join"}"#, Some("join")),
            ("${request.body.action}", r#"{"action":"join"}"#, Some("join")),
            ("$request.body.action", r#"{"action":5}"#, Some("5")),
            ("$request.body.action", r#"{"action":true}"#, Some("true")),
            ("$request.body.action", r#"{"action":null}"#, Some("")),
            ("$request.body.action", r#"{"action":"$connect"}"#, Some("$connect")),
            ("$request.body.action", r#"{"x":{"action":"no"}}"#, Some("")),
            ("$request.body.a.b", r#" {"a":{"b":"c"}} "#, Some("c")),
            ("$request.body.a[1].b", r#"{"a":[0,{"b":"c"}]}"#, Some("c")),
            ("${request.body['a b']}", r#"{"a b":"c"}"#, Some("c")),
            (
                "${request.body.service}/${request.body.action}",
                r#"{"action":"send","service":"chat"}"#,
                Some("chat/send"),
            ),
            (
                "$request.body.service/$request.body.action",
                r#"{"action":"send","service":"chat"}"#,
                Some("chat/send"),
            ),
            ("${request.body.action}-${request.body.nope}", r#"{"action":"join"}"#, Some("join-")),
            ("foo", "no JSON", Some("foo")),
            ("\\$default", "no JSON", Some("$default")),
            ("$default", "no JSON", Some("$default")),
            ("a\\b", "", Some("a\\b")),
            ("${request.header.x}y", "no JSON", Some("y")),
            ("${request.body.action", "{}", Some("${request.body.action")),
            ("", "", Some("")),
            ("$request.body.action", "hello", None),
            ("$request.body.action", "", None),
            ("$request.body.action", "5", None),
            ("$request.body.action", r#"["action"]"#, None),
            ("$request.body.action", r#"{"action":"join""#, None),
            ("$request.body.action", r#"{"action":"join"} x"#, None),
        ] {
            let selection = Selection::parse(expression);
            assert_eq!(selection.of_message(message).as_deref(), expected, "{expression} {message}");
        }
    }

    #[test]
    fn expressions_of_responses() {
        let headers = |name: &str| match name {
            "X-Kind" => vec!["a".into(), "b".into()],
            _ => Vec::new(),
        };
        for (expression, expected) in [
            ("${integration.response.statuscode}", Some("404")),
            ("$response.statuscode", Some("404")),
            ("$integration.response.header.X-Kind", Some("b")),
            ("${integration.response.multivalueheader.X-Kind}", Some("a,b")),
            ("${integration.response.header.X-Other}", Some("")),
            ("${request.body.a}-${integration.response.statuscode}", Some("1-404")),
            ("${integration.response.body.a}", Some("")),
        ] {
            let response = Responded { status: 404, headers: &headers };
            let selection = Selection::parse(expression);
            let selected = selection.of_response(r#"{"a":1}"#, response);
            assert_eq!(selected.as_deref(), expected, "{expression}");
            // Before there is a response, nothing is known of it.
            assert!(!selection.of_message("{}").unwrap().contains("404"), "{expression}");
        }
    }
}
