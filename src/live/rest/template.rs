//! Mapping templates, as far as they need no template language: text that says only what stands there. One that says
//! more is kept as such, and is told of when it would be needed.
//!
//! A MOCK integration's template is read for its status alone, and as leniently as AWS does: what frameworks emit
//! there (`{statusCode:200}`) is no JSON.

use bytes::Bytes;

use super::media::essence;
use crate::model::rest::Templates as Texts;

/// Templates by content type.
#[derive(Debug, Default)]
pub struct Templates(Vec<(Box<str>, Template)>);

/// A template.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Template {
    /// It is what it makes.
    Text(Bytes),
    /// It is in the template language, which is not there yet.
    Program,
}

/// The content type of what says none.
const JSON: &str = "application/json";

/// The template of what has a content type that no other is for.
const DEFAULT: &str = "$default";

impl Templates {
    /// Compiles templates.
    pub fn new(texts: &Texts) -> Self {
        // `$` begins what is evaluated in the Velocity language, `#` its directives.
        let template = |text: &String| match text.contains(['$', '#']) {
            true => Template::Program,
            false => Template::Text(text.clone().into()),
        };
        Self(texts.iter().map(|(name, text)| (name.as_str().into(), template(text))).collect())
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The template for a request's body: that of its content type, which is JSON where it says none, else
    /// `$default`.
    pub fn of_request(&self, content_type: Option<&[u8]>) -> Option<&Template> {
        let content_type = content_type.unwrap_or(JSON.as_bytes());
        self.named(content_type)
            .or_else(|| self.named(essence(content_type)))
            .or_else(|| self.named(DEFAULT.as_bytes()))
    }

    /// The template for a response's body: that of what the client accepts, as recorded on AWS the last that it says,
    /// else the one for JSON, else the first.
    pub fn of_response(&self, accept: Option<&[u8]>) -> Option<&Template> {
        accept
            .and_then(|accept| self.named(essence(accept)))
            .or_else(|| self.named(JSON.as_bytes()))
            .or_else(|| self.0.first().map(|(_, template)| template))
    }

    fn named(&self, name: &[u8]) -> Option<&Template> {
        let found = self.0.iter().find(|(known, _)| known.as_bytes().eq_ignore_ascii_case(name));
        found.map(|(_, template)| template)
    }
}

/// The `statusCode` in what a MOCK integration's template made: a member of an object whose names need no quotes.
/// `None`: there is none, or it is no whole number.
pub fn mock_status(body: &[u8]) -> Option<u16> {
    let mut rest = body.trim_ascii().strip_prefix(b"{")?;
    let mut status = None;
    loop {
        rest = rest.trim_ascii_start();
        if let Some(after) = rest.strip_prefix(b"}") {
            return status.filter(|_| after.trim_ascii().is_empty());
        }
        let (name, after) = name(rest)?;
        let after = after.trim_ascii_start().strip_prefix(b":")?;
        let (value, after) = value(after)?;
        if name == b"statusCode" {
            status = std::str::from_utf8(value.trim_ascii()).ok()?.parse().ok();
        }
        rest = after.strip_prefix(b",").unwrap_or(after);
    }
}

/// A member's name, in quotes of either kind or in none.
fn name(text: &[u8]) -> Option<(&[u8], &[u8])> {
    let quote = *text.first()?;
    if matches!(quote, b'"' | b'\'') {
        let end = memchr::memchr(quote, &text[1..])? + 1;
        return Some((&text[1..end], &text[end + 1..]));
    }
    let end = text.iter().position(|byte| !(byte.is_ascii_alphanumeric() || b"_-.".contains(byte)))?;
    (end > 0).then(|| text.split_at(end))
}

/// A member's value, up to the comma or the brace behind it.
fn value(text: &[u8]) -> Option<(&[u8], &[u8])> {
    let mut depth = 0_usize;
    let mut quote = None;
    let mut escaped = false;
    for (at, byte) in text.iter().enumerate() {
        match (quote, byte) {
            (Some(_), _) if escaped => escaped = false,
            (Some(_), b'\\') => escaped = true,
            (Some(open), byte) if open == *byte => quote = None,
            (Some(_), _) => {}
            (None, b'"' | b'\'') => quote = Some(*byte),
            (None, b'{' | b'[') => depth += 1,
            (None, b',' | b'}') if depth == 0 => return Some(text.split_at(at)),
            (None, b'}' | b']') => depth = depth.checked_sub(1)?,
            (None, _) => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn statuses_of_mocks() {
        for (template, expected) in [
            ("{statusCode:200}", Some(200)),
            ("{ statusCode: 200 }", Some(200)),
            ("{\"statusCode\": 200}", Some(200)),
            ("{\"statusCode\" : 200}", Some(200)),
            ("{'statusCode': 204}", Some(204)),
            ("\n{\n\t\"statusCode\":\r\n 200\n}\n", Some(200)),
            ("{\"a\": {\"statusCode\": 1, \"b\": [\"}\", 2]}, \"statusCode\": 201,}", Some(201)),
            ("{a: \"x\\\"}\", statusCode: 418}", Some(418)),
            ("{statusCode: 200, statusCode: 404}", Some(404)),
            ("{\"statusCode\": \"200\"}", None),
            ("{\"statusCode\": 200.5}", None),
            ("{\"statusCode\": -1}", None),
            ("{\"statusCode\": null}", None),
            ("{\"status\": 200}", None),
            ("{}", None),
            ("", None),
            ("200", None),
            ("{statusCode:200", None),
            ("{statusCode:200}x", None),
            ("{statusCode 200}", None),
            ("{\"statusCode: 200}", None),
            ("{,}", None),
            ("{a:]}", None),
        ] {
            assert_eq!(mock_status(template.as_bytes()), expected, "{template}");
        }
    }

    fn templates(names: &[&str]) -> Templates {
        Templates::new(&names.iter().map(|name| ((*name).to_owned(), format!("<{name}>"))).collect())
    }

    fn shown(template: Option<&Template>) -> String {
        match template {
            Some(Template::Text(text)) => String::from_utf8_lossy(text).into_owned(),
            Some(Template::Program) => "program".to_owned(),
            None => "-".to_owned(),
        }
    }

    #[test]
    fn which_template() {
        for (names, content_type, expected) in [
            (&["application/json"][..], None, "<application/json>"),
            (&["application/json"], Some("application/json"), "<application/json>"),
            (&["application/json"], Some("application/json; charset=utf-8"), "<application/json>"),
            (&["application/json"], Some("text/plain"), "-"),
            (&["application/json", "$default"], Some("text/plain"), "program"),
            (&[], None, "-"),
        ] {
            let found = templates(names);
            let found = found.of_request(content_type.map(str::as_bytes));
            assert_eq!(shown(found), expected, "{names:?} {content_type:?}");
        }
        for (names, accept, expected) in [
            (&["application/json", "text/html"][..], Some("text/html"), "<text/html>"),
            (&["application/json", "text/html"], Some("image/png"), "<application/json>"),
            (&["text/html", "text/plain"], None, "<text/html>"),
            (&[], Some("text/html"), "-"),
        ] {
            let found = templates(names);
            assert_eq!(shown(found.of_response(accept.map(str::as_bytes))), expected, "{names:?} {accept:?}");
        }
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_read_to_an_end(text in "[{}\\[\\]\"',:\\\\ a-c0-9statusCode]{0,40}") {
            mock_status(text.as_bytes());
        }

        #[test]
        fn what_is_json_reads_as_json_does(status in 0_u16..1000, name in "[a-z]{1,8}", text in "\\PC{0,20}") {
            let json = serde_json::json!({ name: text, "statusCode": status, "z": [{"statusCode": 1}] });
            proptest::prop_assert_eq!(mock_status(json.to_string().as_bytes()), Some(status));
        }
    }
}
