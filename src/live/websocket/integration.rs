//! Integrations of WebSocket APIs. A proxy passes on what comes, both ways; all others are shaped by templates,
//! which are fixed texts here.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::time::Duration;

use bytes::Bytes;

use super::source::Source;
use super::{Context, filled_in, function};
use crate::base::map::map_of;
use crate::live::api::Lambda;
use crate::live::response_key::ResponseKey;
use crate::live::selection::{Responded, Selection};
use crate::live::uri::Backend;
use crate::model::api::{self, ContentHandling, DEFAULT, IntegrationKind, Passthrough};

/// What answers.
#[derive(Debug)]
pub struct Integration {
    /// Who.
    pub target: Target,
    /// `requestParameters`
    pub parameters: Vec<Parameter>,
    /// What becomes of messages on the way; `None`: nothing, it is a proxy.
    pub shaping: Option<Shaping>,
}

/// Who is asked.
#[derive(Debug)]
pub enum Target {
    /// A Lambda function.
    Function(Lambda),
    /// An HTTP back end.
    Backend(Remote),
    /// Nobody: the request's template is the response.
    Mock,
    /// Nobody can be: why, for the log.
    Broken(String),
}

/// An HTTP back end.
#[derive(Debug)]
pub struct Remote {
    /// `integrationUri`
    pub backend: Backend,
    /// `integrationMethod`
    pub method: Box<str>,
    /// `tlsConfig.serverNameToVerify`
    pub tls_server_name: Option<Box<str>>,
    /// `timeoutInMillis`
    pub timeout: Duration,
}

/// One of `requestParameters`.
#[derive(Clone, Debug, PartialEq)]
pub struct Parameter {
    /// Where it goes.
    pub place: Place,
    /// What it is called there.
    pub name: Box<str>,
    /// Where it comes from.
    pub source: Source,
}

/// Where a parameter goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// `integration.request.header.<name>`
    Header,
    /// `integration.request.querystring.<name>`
    Query,
    /// `integration.request.path.<name>`: `{name}` in the URI.
    Path,
}

/// What becomes of messages on their way to the integration, and of its responses.
#[derive(Debug)]
pub struct Shaping {
    /// `requestTemplates`
    pub request: Templates,
    /// `passthroughBehavior`
    pub passthrough: Passthrough,
    /// `contentHandlingStrategy`
    pub content: Option<ContentHandling>,
    /// What clients get.
    pub responses: Responses,
}

/// Templates, and how one is selected.
#[derive(Debug, Default)]
pub struct Templates {
    selection: Option<Selection>,
    texts: BTreeMap<Box<str>, Bytes>,
}

/// The integration responses.
#[derive(Debug, Default)]
pub struct Responses(Vec<(ResponseKey, Response)>);

/// An integration response.
#[derive(Debug)]
pub struct Response {
    /// `responseTemplates`
    pub templates: Templates,
    /// `contentHandlingStrategy`
    pub content: Option<ContentHandling>,
}

impl Integration {
    /// Compiles an integration for a stage.
    pub(super) fn new(integration: &api::Integration, context: Context<'_>) -> Self {
        Self::compile(integration, context).unwrap_or_else(Self::broken)
    }

    /// One that can't answer.
    pub(super) fn broken(why: String) -> Self {
        Self { target: Target::Broken(why), parameters: Vec::new(), shaping: None }
    }

    /// Whether it passes on what comes to a function.
    pub(super) fn is_function_proxy(&self) -> bool {
        self.shaping.is_none() && matches!(self.target, Target::Function(_))
    }

    fn compile(integration: &api::Integration, context: Context<'_>) -> Result<Self, String> {
        if let Some(subtype) = &integration.subtype {
            return Err(format!("gatelet does not support the integration subtype {subtype}"));
        }
        if integration.connection_type == "VPC_LINK" {
            return Err("gatelet does not support integrations by VPC link".to_owned());
        }
        let uri = integration.uri.as_deref().unwrap_or_default();
        let timeout = Duration::from_millis(integration.timeout_ms.into());
        let target = match integration.kind {
            IntegrationKind::AwsProxy | IntegrationKind::Aws => {
                Target::Function(function(uri, context, timeout, integration.credentials_arn.is_some())?)
            }
            IntegrationKind::HttpProxy | IntegrationKind::Http => {
                let uri = filled_in(uri, context)?;
                Target::Backend(Remote {
                    backend: Backend::parse(&uri)
                        .ok_or_else(|| format!("the integration URI is no http or https URL: {uri}"))?,
                    method: match integration.method.as_deref() {
                        None | Some("ANY") => "POST".into(),
                        Some(method) => method.into(),
                    },
                    tls_server_name: integration.tls_server_name.as_deref().map(Into::into),
                    timeout,
                })
            }
            IntegrationKind::Mock => Target::Mock,
        };
        let shaping = match integration.kind {
            IntegrationKind::AwsProxy | IntegrationKind::HttpProxy => None,
            IntegrationKind::Aws | IntegrationKind::Http | IntegrationKind::Mock => {
                Some(Shaping::new(integration)?)
            }
        };
        let parameters =
            integration.request_parameters.iter().map(|(place, source)| Parameter::parse(place, source));
        Ok(Self { target, parameters: parameters.collect::<Result<_, _>>()?, shaping })
    }
}

impl Parameter {
    fn parse(place: &str, source: &str) -> Result<Self, String> {
        let parsed = place.strip_prefix("integration.request.").and_then(|text| {
            let (place, name) = text.split_once('.')?;
            let place = match place {
                "header" => Place::Header,
                "querystring" => Place::Query,
                "path" => Place::Path,
                _ => return None,
            };
            Some(Self { place, name: name.into(), source: Source::parse(source)? })
        });
        parsed.ok_or_else(|| format!("{place} = {source} is no mapping of a parameter"))
    }
}

impl Shaping {
    fn new(integration: &api::Integration) -> Result<Self, String> {
        let mut responses = Vec::new();
        for response in integration.responses.values() {
            let templates = Templates::new(
                response.template_selection_expression.as_deref(),
                &response.response_templates,
            )?;
            responses.push((
                ResponseKey::parse(&response.key)
                    .map_err(|why| format!("the integration response {}: {why}", response.key))?,
                Response { templates, content: response.content_handling },
            ));
        }
        Ok(Self {
            request: Templates::new(
                integration.template_selection_expression.as_deref(),
                &integration.request_templates,
            )?,
            passthrough: integration.passthrough,
            content: integration.content_handling,
            responses: Responses(responses),
        })
    }
}

impl Templates {
    fn new(selection: Option<&str>, texts: &BTreeMap<String, String>) -> Result<Self, String> {
        // `$` begins what is evaluated in the Velocity language, `#` its directives.
        if let Some((name, _)) = texts.iter().find(|(_, text)| text.contains(['$', '#'])) {
            return Err(format!(
                "gatelet does not evaluate mapping templates yet: the template {name} needs it"
            ));
        }
        Ok(Self {
            selection: selection.map(Selection::parse),
            texts: map_of(texts.iter().map(|(name, text)| (name.as_str().into(), text.clone().into()))),
        })
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.texts.is_empty()
    }

    /// The template of a message.
    pub fn of_message(&self, message: &str) -> Option<&Bytes> {
        self.pick(self.selection.as_ref().map(|selection| selection.of_message(message)))
    }

    /// The template of a response.
    pub fn of_response(&self, message: &str, response: Responded<'_>) -> Option<&Bytes> {
        self.pick(self.selection.as_ref().map(|selection| selection.of_response(message, response)))
    }

    /// `None` outside: nothing selects. Then it is the one that is there, or the one for JSON.
    fn pick(&self, key: Option<Option<Cow<'_, str>>>) -> Option<&Bytes> {
        let named = |name: &str| self.texts.get(name);
        match key {
            Some(key) => key.and_then(|key| named(&key)).or_else(|| named(DEFAULT)),
            None => named(DEFAULT).or_else(|| named("application/json")).or_else(|| match self.texts.len() {
                1 => self.texts.values().next(),
                _ => None,
            }),
        }
    }
}

impl Responses {
    /// The response for what is selected of the integration's: a status, or a function's error.
    pub fn of(&self, selected: &str) -> Option<&Response> {
        let matching = self.0.iter().find(|(key, _)| key.takes(selected));
        let default = || self.0.iter().find(|(key, _)| matches!(key, ResponseKey::Default));
        matching.or_else(default).map(|(_, response)| response)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(names: &[&str]) -> BTreeMap<String, String> {
        names.iter().map(|name| ((*name).to_owned(), format!("<{name}>"))).collect()
    }

    #[test]
    fn templates() {
        for (selection, names, message, expected) in [
            (None, &["200"][..], "{}", "<200>"),
            (None, &["a", "b"], "{}", "-"),
            (None, &["a", "application/json"], "{}", "<application/json>"),
            (None, &["a", "application/json", "$default"], "{}", "<$default>"),
            (Some("200"), &["200", "$default"], "{}", "<200>"),
            (Some("$request.body.t"), &["x", "y"], r#"{"t":"y"}"#, "<y>"),
            (Some("$request.body.t"), &["x", "y"], r#"{"t":"z"}"#, "-"),
            (Some("$request.body.t"), &["x", "$default"], "hello", "<$default>"),
        ] {
            // The names in angle brackets have dollars of their own, which no template may have.
            let mut compiled = Templates::new(selection, &BTreeMap::new()).unwrap();
            compiled.texts =
                texts(names).into_iter().map(|(name, text)| (name.into(), text.into())).collect();
            let found = compiled.of_message(message).map_or("-", |text| std::str::from_utf8(text).unwrap());
            assert_eq!(found, expected, "{selection:?} {names:?}");
        }
        let velocity = BTreeMap::from([("a".to_owned(), "$input.body".to_owned())]);
        assert!(Templates::new(None, &velocity).is_err());
    }

    #[test]
    fn responses() {
        let response = || Response { templates: Templates::default(), content: None };
        let keys = ["/2\\d\\d/", "$default", "/.*timeout.*/"];
        let all = Responses(keys.map(|key| (ResponseKey::parse(key).unwrap(), response())).into());
        let number = |selected: &str| {
            all.0.iter().position(|(_, response)| std::ptr::eq(response, all.of(selected).unwrap())).unwrap()
        };
        for (selected, expected) in [("200", 0), ("404", 1), ("", 1), ("a timeout\nof us", 2)] {
            assert_eq!(number(selected), expected, "{selected}");
        }
        assert!(Responses::default().of("200").is_none());
    }
}
