//! What parameter mappings are filled from: the request, and the integration's response once there is one.

use std::borrow::Cow;
use std::cell::OnceCell;

use serde_json::Value;

use super::exchange::Journey;
use super::http_api::Draft;
use crate::live::json_path::JsonPath;
use crate::live::mapping::{Part, Source, Template};
use crate::proto::query;

/// AWS: a path into a body sees the first 100 KB of it.
const MOST_OF_BODY: usize = 100 * 1024;

/// See the module.
pub(super) struct Sources<'a> {
    journey: &'a Journey,
    response: Option<&'a Draft<'a>>,
    /// The bodies as JSON, once somebody asks; `None`: they are none.
    request_json: OnceCell<Option<Value>>,
    response_json: OnceCell<Option<Value>>,
}

impl<'a> Sources<'a> {
    /// For a mapping of the request.
    pub(super) fn of_request(journey: &'a Journey) -> Self {
        Self { journey, response: None, request_json: OnceCell::new(), response_json: OnceCell::new() }
    }

    /// For a mapping of the response.
    pub(super) fn of_response(journey: &'a Journey, response: &'a Draft<'a>) -> Self {
        Self { response: Some(response), ..Self::of_request(journey) }
    }

    /// A template's text. `None`: one of its sources is missing.
    pub(super) fn text(&self, template: &Template) -> Option<String> {
        let mut text = String::new();
        for part in &template.0 {
            match part {
                Part::Text(part) => text.push_str(part),
                Part::Source(source) => text.push_str(&self.source(source)?),
            }
        }
        Some(text)
    }

    /// What a source has. `None`: it is missing.
    pub(super) fn source(&self, source: &Source) -> Option<String> {
        let Self { journey, response, .. } = self;
        let request = &journey.request;
        match source {
            Source::RequestHeader(name) => joined(request.headers(), name),
            Source::RequestQuery(name) => {
                let pairs = query::pairs(request.query().unwrap_or_default());
                let values: Vec<_> = pairs.filter(|(n, _)| **n == **name).map(|(_, value)| value).collect();
                (!values.is_empty()).then(|| values.join(","))
            }
            Source::RequestPath => Some(journey.path().to_owned()),
            Source::RequestVariable(name) => {
                let raw = journey.route().variables.value(name, journey.path())?;
                Some(query::decode_path(raw).into_owned())
            }
            Source::RequestBody(path) => body(request.body(), path, &self.request_json),
            Source::ResponseHeader(name) => {
                joined(response.as_ref()?.headers.iter().map(|(n, v)| (&**n, &**v)), name)
            }
            Source::ResponseBody(path) => body(&response.as_ref()?.body, path, &self.response_json),
            Source::Context(name) => self.context(name),
            Source::StageVariable(name) => journey.stage.variables.get(&**name).cloned(),
        }
    }

    /// The variables of `$context` that are known before the answer goes out.
    fn context(&self, name: &str) -> Option<String> {
        match name {
            "integration.status" | "integrationStatus" => Some(self.response?.status.to_string()),
            _ => self.journey.context(name).map(Cow::into_owned),
        }
    }
}

/// All values of a header, by a comma. `None`: it has none.
fn joined<'h>(headers: impl Iterator<Item = (&'h str, &'h [u8])>, name: &str) -> Option<String> {
    let values: Vec<_> =
        headers.filter(|(n, _)| n.eq_ignore_ascii_case(name)).map(|(_, value)| lossy(value)).collect();
    (!values.is_empty()).then(|| values.join(","))
}

fn lossy(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

fn body(body: &[u8], path: &JsonPath, json: &OnceCell<Option<Value>>) -> Option<String> {
    if path.is_empty() {
        return (!body.is_empty()).then(|| lossy(body));
    }
    let seen = &body[..body.len().min(MOST_OF_BODY)];
    path.text(json.get_or_init(|| serde_json::from_slice(seen).ok()).as_ref()?)
}
