//! What parameter mappings of a REST API are filled from: the request, and the integration's answer once there is
//! one.

use std::borrow::Cow;

use super::Visit;
use super::answer::Answered;
use crate::live::json_path::JsonPath;
use crate::live::rest::Source;
use crate::proto::query;

/// See the module.
pub(super) struct Sources<'a> {
    visit: &'a Visit,
    answered: Option<&'a Answered>,
}

impl<'a> Sources<'a> {
    /// For a mapping of the request.
    pub(super) fn of_request(visit: &'a Visit) -> Self {
        Self { visit, answered: None }
    }

    /// For a mapping of the response.
    pub(super) fn of_response(visit: &'a Visit, answered: &'a Answered) -> Self {
        Self { visit, answered: Some(answered) }
    }

    /// What a source has, in one text. `None`: nothing.
    pub(super) fn value(&self, source: &'a Source) -> Option<Cow<'a, str>> {
        let request = &self.visit.request;
        match source {
            Source::Path(name) => self.path(name).map(Cow::Borrowed),
            Source::Header(name) => named(request.headers(), name).last(),
            Source::Headers(name) => joined(named(request.headers(), name)),
            Source::Query(name) => self.queries(name).pop().map(Cow::Owned),
            Source::Queries(name) => joined(self.queries(name).into_iter().map(Cow::Owned)),
            Source::Body(path) => found(request.body(), path),
            Source::ResponseHeader(name) => named(self.answered?.headers(), name).last(),
            Source::ResponseHeaders(name) => joined(named(self.answered?.headers(), name)),
            Source::ResponseBody(path) => found(self.answered?.body(), path),
            Source::Context(name) => self.visit.context(name),
            Source::StageVariable(name) => {
                self.visit.stage.variables.get(&**name).map(|v| Cow::Borrowed(&**v))
            }
            Source::Text(text) => Some(Cow::Borrowed(text)),
        }
    }

    /// The same, each value for itself where there are several.
    pub(super) fn values(&self, source: &'a Source) -> Vec<Cow<'a, str>> {
        let request = &self.visit.request;
        match source {
            Source::Queries(name) => self.queries(name).into_iter().map(Cow::Owned).collect(),
            Source::Headers(name) => named(request.headers(), name).collect(),
            Source::Path(_)
            | Source::Header(_)
            | Source::Query(_)
            | Source::Body(_)
            | Source::ResponseHeader(_)
            | Source::ResponseHeaders(_)
            | Source::ResponseBody(_)
            | Source::Context(_)
            | Source::StageVariable(_)
            | Source::Text(_) => self.value(source).into_iter().collect(),
        }
    }

    /// What a source has, as a path would have it: percent-encoded.
    pub(super) fn path_value(&self, source: &'a Source) -> Option<String> {
        let value = self.value(source)?;
        match source {
            // It came in a path, and is as it was sent.
            Source::Path(_) => Some(value.into_owned()),
            _ => {
                let mut encoded = String::with_capacity(value.len());
                query::encode_path(&mut encoded, &value);
                Some(encoded)
            }
        }
    }

    fn path(&self, name: &str) -> Option<&'a str> {
        self.visit.path_parameters().find(|(known, _)| *known == name).map(|(_, value)| value)
    }

    fn queries(&self, name: &str) -> Vec<String> {
        let pairs = query::pairs(self.visit.request.query().unwrap_or_default());
        pairs.filter(|(sent, _)| sent == name).map(|(_, value)| value.into_owned()).collect()
    }
}

/// All values of a header, in order.
fn named<'h>(
    headers: impl Iterator<Item = (&'h str, &'h [u8])>,
    name: &str,
) -> impl Iterator<Item = Cow<'h, str>> {
    headers.filter(move |(sent, _)| sent.eq_ignore_ascii_case(name)).map(|(_, value)| lossy(value))
}

/// All of them by a comma. `None`: there are none.
fn joined<'h>(values: impl Iterator<Item = Cow<'h, str>>) -> Option<Cow<'h, str>> {
    values.reduce(|mut all, value| {
        let text = all.to_mut();
        text.push(',');
        text.push_str(&value);
        all
    })
}

fn lossy(bytes: &[u8]) -> Cow<'_, str> {
    String::from_utf8_lossy(bytes)
}

/// What a path leads to in a body; the empty one to all of it.
fn found<'b>(body: &'b [u8], path: &JsonPath) -> Option<Cow<'b, str>> {
    if path.is_empty() {
        return (!body.is_empty()).then(|| lossy(body));
    }
    path.find(std::str::from_utf8(body).ok()?)
}
