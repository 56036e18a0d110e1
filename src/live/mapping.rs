//! Parameter mappings of HTTP APIs, parsed once ("Transform API requests and responses for HTTP APIs" of the
//! developer guide). What they are made of at a request is not known here.

use std::collections::BTreeMap;

use super::json_path::JsonPath;

/// How an integration's request and its responses are changed.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Mapping {
    /// `append|overwrite|remove:header|querystring.<name>`
    pub request: Vec<Change>,
    /// `overwrite:path`
    pub path: Option<Template>,
    /// `responseParameters`, by the integration's status.
    pub responses: BTreeMap<u16, ResponseMapping>,
}

/// How responses of one status are changed.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ResponseMapping {
    /// `append|overwrite|remove:header.<name>`
    pub headers: Vec<Change>,
    /// `overwrite:statuscode`
    pub status: Option<Template>,
}

/// One change of a header or of a parameter of the query.
#[derive(Clone, Debug, PartialEq)]
pub struct Change {
    /// Of what.
    pub place: Place,
    /// How.
    pub action: Action,
    /// Whose.
    pub name: Box<str>,
}

/// What has the name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// A header, in any case.
    Header,
    /// A parameter of the query.
    Query,
}

/// What becomes of it.
#[derive(Clone, Debug, PartialEq)]
pub enum Action {
    /// One more value.
    Append(Template),
    /// This value alone.
    Overwrite(Template),
    /// None.
    Remove,
}

/// Text with sources in it.
#[derive(Clone, Debug, PartialEq)]
pub struct Template(pub Vec<Part>);

/// A part of a template.
#[derive(Clone, Debug, PartialEq)]
pub enum Part {
    /// As it stands.
    Text(Box<str>),
    /// What a request or response has there.
    Source(Source),
}

/// Where content comes from.
#[derive(Clone, Debug, PartialEq)]
pub enum Source {
    /// `request.header.<name>`
    RequestHeader(Box<str>),
    /// `request.querystring.<name>`
    RequestQuery(Box<str>),
    /// `request.path`, without the stage.
    RequestPath,
    /// `request.path.<variable>`
    RequestVariable(Box<str>),
    /// `request.body[.<path>]`
    RequestBody(JsonPath),
    /// `response.header.<name>`
    ResponseHeader(Box<str>),
    /// `response.body[.<path>]`
    ResponseBody(JsonPath),
    /// `context.<variable>`
    Context(Box<str>),
    /// `stageVariables.<name>`
    StageVariable(Box<str>),
}

impl Mapping {
    /// Parses what the control plane accepted. `Err`: what is no mapping after all.
    pub fn parse(
        requests: &BTreeMap<String, String>,
        responses: &BTreeMap<String, BTreeMap<String, String>>,
    ) -> Result<Self, String> {
        let mut mapping = Self::default();
        for (key, value) in requests {
            match &**key {
                "overwrite:path" => mapping.path = Some(Template::parse(value)?),
                _ => mapping.request.push(Change::parse(key, value)?),
            }
        }
        for (status, changes) in responses {
            let status = status.parse().map_err(|_| format!("{status} is no status"))?;
            let mut response = ResponseMapping::default();
            for (key, value) in changes {
                match &**key {
                    "overwrite:statuscode" => response.status = Some(Template::parse(value)?),
                    _ => response.headers.push(Change::parse(key, value)?),
                }
            }
            mapping.responses.insert(status, response);
        }
        Ok(mapping)
    }
}

impl Change {
    fn parse(key: &str, value: &str) -> Result<Self, String> {
        let malformed = || format!("{key} is no mapping");
        let (action, target) = key.split_once(':').ok_or_else(malformed)?;
        let (place, name) = target.split_once('.').ok_or_else(malformed)?;
        let place = match place {
            "header" => Place::Header,
            "querystring" => Place::Query,
            _ => return Err(malformed()),
        };
        let action = match action {
            "append" => Action::Append(Template::parse(value)?),
            "overwrite" => Action::Overwrite(Template::parse(value)?),
            "remove" => Action::Remove,
            _ => return Err(malformed()),
        };
        Ok(Self { place, action, name: name.into() })
    }
}

impl Template {
    /// `$source`, or text with `${source}` in it.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        if let Some(source) = text.strip_prefix('$').filter(|rest| !rest.starts_with('{')) {
            return Ok(Self(vec![Part::Source(Source::parse(source)?)]));
        }
        let mut parts = Vec::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once("${") {
            let (source, after) = after.split_once('}').ok_or_else(|| format!("{text} has no end"))?;
            if !before.is_empty() {
                parts.push(Part::Text(before.into()));
            }
            parts.push(Part::Source(Source::parse(source)?));
            rest = after;
        }
        if !rest.is_empty() {
            parts.push(Part::Text(rest.into()));
        }
        Ok(Self(parts))
    }
}

impl Source {
    /// What follows the dollar of `$request.header.x`.
    ///
    /// # Errors
    /// It is no source.
    pub fn parse(text: &str) -> Result<Self, String> {
        type Make = fn(&str) -> Option<Source>;
        const SOURCES: [(&str, Make); 9] = [
            ("request.header.", |name| Some(Source::RequestHeader(name.into()))),
            ("request.querystring.", |name| Some(Source::RequestQuery(name.into()))),
            ("request.path.", |name| Some(Source::RequestVariable(name.into()))),
            ("request.path", |rest| rest.is_empty().then_some(Source::RequestPath)),
            ("request.body", |path| JsonPath::parse(path).map(Source::RequestBody)),
            ("response.header.", |name| Some(Source::ResponseHeader(name.into()))),
            ("response.body", |path| JsonPath::parse(path).map(Source::ResponseBody)),
            ("context.", |name| Some(Source::Context(name.into()))),
            ("stageVariables.", |name| Some(Source::StageVariable(name.into()))),
        ];
        let found = SOURCES.iter().find_map(|(prefix, make)| make(text.strip_prefix(prefix)?));
        found.ok_or_else(|| format!("${text} is no source of a mapping"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(text: &str) -> Part {
        Part::Text(text.into())
    }

    #[test]
    fn templates() {
        let header = |name: &str| Part::Source(Source::RequestHeader(name.into()));
        for (value, expected) in [
            ("plain $ text", Some(vec![text("plain $ text")])),
            ("''", Some(vec![text("''")])),
            ("$request.header.a-b", Some(vec![header("a-b")])),
            (
                "${request.header.a}-${request.header.b}!",
                Some(vec![header("a"), text("-"), header("b"), text("!")]),
            ),
            ("$request.path", Some(vec![Part::Source(Source::RequestPath)])),
            ("$request.path.id", Some(vec![Part::Source(Source::RequestVariable("id".into()))])),
            ("$context.requestId", Some(vec![Part::Source(Source::Context("requestId".into()))])),
            ("$stageVariables.x", Some(vec![Part::Source(Source::StageVariable("x".into()))])),
            ("$request.body", Some(vec![Part::Source(Source::RequestBody(JsonPath::default()))])),
            ("$request.body..a", None),
            ("$request.what", None),
            ("${request.header.a", None),
            ("$", None),
        ] {
            assert_eq!(Template::parse(value).ok(), expected.map(Template), "{value}");
        }
    }

    #[test]
    fn keys() {
        for (key, expected) in [
            ("append:header.x", Some((Place::Header, "x"))),
            ("overwrite:querystring.a.b", Some((Place::Query, "a.b"))),
            ("remove:header.x", Some((Place::Header, "x"))),
            ("replace:header.x", None),
            ("append:cookie.x", None),
            ("append:header", None),
            ("header.x", None),
        ] {
            let found = Change::parse(key, "v").ok();
            assert_eq!(found.as_ref().map(|change| (change.place, &*change.name)), expected, "{key}");
        }
    }
}
