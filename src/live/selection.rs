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
    /// What stands for nothing here.
    Nothing,
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
    pub fn of_response<'s>(&'s self, message: &'s str, status: u16) -> Option<Cow<'s, str>> {
        self.of(message, Some(status))
    }

    fn of<'s>(&'s self, message: &'s str, status: Option<u16>) -> Option<Cow<'s, str>> {
        let asks = self.0.iter().any(|part| matches!(part, Part::Body(_)));
        // What is passed over isn't read, but what has no end is not taken for an object.
        let trimmed = message.trim_ascii();
        if asks && !(trimmed.starts_with('{') && trimmed.ends_with('}')) {
            return None;
        }
        match &self.0[..] {
            [] => Some(Cow::Borrowed("")),
            [only] => Some(only.text(trimmed, status)),
            parts => Some(parts.iter().map(|part| part.text(trimmed, status)).collect::<String>().into()),
        }
    }
}

impl Part {
    /// A variable, without its dollar and braces.
    fn variable(name: &str) -> Self {
        match name.strip_prefix("request.body").map(JsonPath::parse) {
            Some(Some(path)) => Self::Body(path),
            Some(None) => Self::Nothing,
            None if name == "integration.response.statuscode" || name == "response.statuscode" => {
                Self::Status
            }
            None => Self::Nothing,
        }
    }

    fn text<'s>(&'s self, message: &'s str, status: Option<u16>) -> Cow<'s, str> {
        match self {
            Self::Text(text) => Cow::Borrowed(text),
            Self::Body(path) => path.find(message).unwrap_or_default(),
            Self::Status => status.map(|status| status.to_string()).unwrap_or_default().into(),
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
    ["request.", "integration.", "context.", "stageVariables."]
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
        let status = Selection::parse("${integration.response.statuscode}");
        assert_eq!(status.of_response("", 404).as_deref(), Some("404"));
    }
}
