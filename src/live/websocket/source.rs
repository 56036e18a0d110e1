//! Where identity sources, required parameters and parameter mappings of WebSocket APIs look.

use crate::live::json_path::JsonPath;

/// A place in a request, in its context, in its stage.
#[derive(Clone, Debug, PartialEq)]
pub enum Source {
    /// `route.request.header.<name>`: of several the last.
    Header(Box<str>),
    /// `route.request.multivalueheader.<name>`: all, by a comma.
    Headers(Box<str>),
    /// `route.request.querystring.<name>`: of several the last.
    Query(Box<str>),
    /// `route.request.multivaluequerystring.<name>`: all, by a comma.
    Queries(Box<str>),
    /// `route.request.body.<path>`
    Body(JsonPath),
    /// `context.<variable>`
    Context(Box<str>),
    /// `stageVariables.<name>`
    StageVariable(Box<str>),
    /// `'text'`
    Text(Box<str>),
}

impl Source {
    /// Reads a source in any of its spellings: the one above, with a dollar before it as HTTP APIs have it, and
    /// with `method.` as the API reference has it. `None`: it names nothing.
    pub fn parse(text: &str) -> Option<Self> {
        if let Some(text) = text.strip_prefix('\'') {
            return text.strip_suffix('\'').map(|text| Self::Text(text.into()));
        }
        let text = text.strip_prefix('$').unwrap_or(text);
        let name = |rest: &str| Some(rest).filter(|name| !name.is_empty()).map(Into::into);
        if let Some(rest) = text.strip_prefix("context.") {
            return name(rest).map(Self::Context);
        }
        if let Some(rest) = text.strip_prefix("stageVariables.") {
            return name(rest).map(Self::StageVariable);
        }
        let text = ["route.", "method."].iter().find_map(|root| text.strip_prefix(root)).unwrap_or(text);
        let text = text.strip_prefix("request.")?;
        if let Some(path) = text.strip_prefix("body") {
            return JsonPath::parse(path).map(Self::Body);
        }
        let (place, rest) = text.split_once('.')?;
        let name = name(rest)?;
        match place {
            "header" => Some(Self::Header(name)),
            "multivalueheader" => Some(Self::Headers(name)),
            "querystring" => Some(Self::Query(name)),
            "multivaluequerystring" => Some(Self::Queries(name)),
            _ => None,
        }
    }

    /// The name of what is there, for messages about it.
    pub fn name(&self) -> &str {
        match self {
            Self::Header(name)
            | Self::Headers(name)
            | Self::Query(name)
            | Self::Queries(name)
            | Self::Context(name)
            | Self::StageVariable(name) => name,
            Self::Body(_) => "body",
            Self::Text(text) => text,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings() {
        for (text, expected) in [
            ("route.request.header.X", Some(Source::Header("X".into()))),
            ("$request.header.X-Y", Some(Source::Header("X-Y".into()))),
            ("method.request.querystring.a.b", Some(Source::Query("a.b".into()))),
            ("route.request.multivaluequerystring.a", Some(Source::Queries("a".into()))),
            ("route.request.multivalueheader.a", Some(Source::Headers("a".into()))),
            ("route.request.body.a", JsonPath::parse(".a").map(Source::Body)),
            ("context.connectionId", Some(Source::Context("connectionId".into()))),
            ("$stageVariables.x", Some(Source::StageVariable("x".into()))),
            ("'a b'", Some(Source::Text("a b".into()))),
            ("'a", None),
            ("route.request.cookie.x", None),
            ("route.request.header.", None),
            ("context.", None),
            ("x", None),
        ] {
            assert_eq!(Source::parse(text), expected, "{text}");
        }
    }
}
