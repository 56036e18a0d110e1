//! Where parameter mappings of REST APIs look ("API Gateway API request and response data mapping reference").

use crate::live::json_path::JsonPath;

/// A place in a request, in what answered it, in its context, in its stage.
#[derive(Clone, Debug, PartialEq)]
pub enum Source {
    /// `method.request.path.<name>`
    Path(Box<str>),
    /// `method.request.header.<name>`: of several the last.
    Header(Box<str>),
    /// `method.request.multivalueheader.<name>`: all, by a comma.
    Headers(Box<str>),
    /// `method.request.querystring.<name>`: of several the last.
    Query(Box<str>),
    /// `method.request.multivaluequerystring.<name>`: all of them.
    Queries(Box<str>),
    /// `method.request.body[.<path>]`
    Body(JsonPath),
    /// `integration.response.header.<name>`: of several the last.
    ResponseHeader(Box<str>),
    /// `integration.response.multivalueheader.<name>`: all, by a comma.
    ResponseHeaders(Box<str>),
    /// `integration.response.body[.<path>]`
    ResponseBody(JsonPath),
    /// `context.<variable>`
    Context(Box<str>),
    /// `stageVariables.<name>`
    StageVariable(Box<str>),
    /// `'text'`
    Text(Box<str>),
}

impl Source {
    /// Reads a source. `None`: it names nothing.
    pub fn parse(text: &str) -> Option<Self> {
        type Make = fn(Box<str>) -> Source;
        const NAMED: [(&str, Make); 9] = [
            ("method.request.path.", Source::Path),
            ("method.request.header.", Source::Header),
            ("method.request.multivalueheader.", Source::Headers),
            ("method.request.querystring.", Source::Query),
            ("method.request.multivaluequerystring.", Source::Queries),
            ("integration.response.header.", Source::ResponseHeader),
            ("integration.response.multivalueheader.", Source::ResponseHeaders),
            ("context.", Source::Context),
            ("stageVariables.", Source::StageVariable),
        ];
        if let Some(text) = text.strip_prefix('\'') {
            return text.strip_suffix('\'').map(|text| Self::Text(text.into()));
        }
        if let Some(path) = text.strip_prefix("method.request.body") {
            return JsonPath::parse(path).map(Self::Body);
        }
        if let Some(path) = text.strip_prefix("integration.response.body") {
            return JsonPath::parse(path).map(Self::ResponseBody);
        }
        let (name, make) =
            NAMED.iter().find_map(|(prefix, make)| Some((text.strip_prefix(prefix)?, make)))?;
        (!name.is_empty()).then(|| make(name.into()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings() {
        for (text, expected) in [
            ("method.request.path.id", Some(Source::Path("id".into()))),
            ("method.request.header.X-Y", Some(Source::Header("X-Y".into()))),
            ("method.request.multivalueheader.a", Some(Source::Headers("a".into()))),
            ("method.request.querystring.a.b", Some(Source::Query("a.b".into()))),
            ("method.request.multivaluequerystring.a", Some(Source::Queries("a".into()))),
            ("method.request.body", Some(Source::Body(JsonPath::default()))),
            ("method.request.body.a", JsonPath::parse(".a").map(Source::Body)),
            ("integration.response.header.a", Some(Source::ResponseHeader("a".into()))),
            ("integration.response.multivalueheader.a", Some(Source::ResponseHeaders("a".into()))),
            ("integration.response.body.a[0]", JsonPath::parse(".a[0]").map(Source::ResponseBody)),
            ("context.requestId", Some(Source::Context("requestId".into()))),
            ("stageVariables.x", Some(Source::StageVariable("x".into()))),
            ("'GET,OPTIONS'", Some(Source::Text("GET,OPTIONS".into()))),
            ("''", Some(Source::Text("".into()))),
            ("'a", None),
            ("a", None),
            ("method.request.path.", None),
            ("method.request.cookie.x", None),
            ("method.request.bodyx", None),
            ("context.", None),
        ] {
            assert_eq!(Source::parse(text), expected, "{text}");
        }
    }
}
