//! Integrations of REST APIs. The two proxies pass on what comes, both ways; the others are shaped: by parameter
//! mappings, templates and integration responses.

use std::time::Duration;

use regex::Regex;

use super::{Context, Source, Templates};
use crate::live::api::Lambda;
use crate::live::response_key;
use crate::live::uri::{self, Backend};
use crate::model::arn::FunctionRef;
use crate::model::rest::{self, ContentHandling, IntegrationKind, IntegrationResponse, Passthrough};

/// What answers the requests of a method.
#[derive(Debug)]
pub enum Integration {
    /// `AWS_PROXY`: a function gets the event, and its result is the response.
    Function(Lambda),
    /// `HTTP_PROXY`: a back end gets the request, and its reply is the response.
    Backend(Remote),
    /// `AWS`, `HTTP`, `MOCK`
    Shaped(Box<Shaped>),
    /// Nothing can: why, for the log.
    Broken(String),
}

/// An HTTP back end.
#[derive(Debug)]
pub struct Remote {
    /// `uri`
    pub backend: Backend,
    /// `httpMethod`; `None`: the client's.
    pub method: Option<Box<str>>,
    /// `requestParameters`
    pub parameters: Vec<Parameter>,
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

/// An integration that is no proxy.
#[derive(Debug)]
pub struct Shaped {
    /// Who is asked.
    pub target: Target,
    /// `requestTemplates`
    pub request: Templates,
    /// `passthroughBehavior`
    pub passthrough: Passthrough,
    /// `contentHandling`
    pub content: Option<ContentHandling>,
    responses: Vec<Response>,
}

/// Whom an integration asks that is no proxy.
#[derive(Debug)]
pub enum Target {
    /// Nobody: the request's template says the status.
    Mock,
    /// A function.
    Function(Lambda),
    /// A back end.
    Backend(Remote),
}

/// An integration response.
#[derive(Debug)]
pub struct Response {
    /// `selectionPattern`; `None`: what no other takes.
    pattern: Option<Regex>,
    /// `statusCode`
    pub status: u16,
    /// `responseParameters`: headers, and where their values come from.
    pub headers: Vec<(Box<str>, Source)>,
    /// `responseTemplates`
    pub templates: Templates,
    /// `contentHandling`
    pub content: Option<ContentHandling>,
}

impl Integration {
    /// Compiles an integration for a stage.
    pub(super) fn new(integration: &rest::Integration, context: Context<'_>) -> Self {
        Self::compile(integration, context).unwrap_or_else(Self::Broken)
    }

    fn compile(integration: &rest::Integration, context: Context<'_>) -> Result<Self, String> {
        if integration.connection_type.as_deref() == Some("VPC_LINK") {
            return Err("gatelet does not support integrations by VPC link".to_owned());
        }
        let parameters = parameters(integration)?;
        Ok(match integration.kind {
            IntegrationKind::AwsProxy => Self::Function(function(integration, context)?),
            IntegrationKind::HttpProxy => Self::Backend(remote(integration, parameters, context)?),
            IntegrationKind::Aws => {
                if parameters.iter().any(|parameter| parameter.name.eq_ignore_ascii_case(INVOCATION_TYPE)) {
                    return Err(format!("gatelet does not support {INVOCATION_TYPE} yet"));
                }
                Self::shaped(integration, Target::Function(function(integration, context)?))?
            }
            IntegrationKind::Http => {
                Self::shaped(integration, Target::Backend(remote(integration, parameters, context)?))?
            }
            IntegrationKind::Mock => Self::shaped(integration, Target::Mock)?,
        })
    }

    fn shaped(integration: &rest::Integration, target: Target) -> Result<Self, String> {
        let responses =
            integration.responses.iter().map(|(status, response)| Response::new(status, response));
        Ok(Self::Shaped(Box::new(Shaped {
            target,
            request: Templates::new(&integration.request_templates),
            passthrough: integration.passthrough,
            content: integration.content_handling,
            responses: responses.collect::<Result<_, _>>()?,
        })))
    }
}

impl Shaped {
    /// The integration response for a status, or for a function's error: the first whose pattern takes it, else the
    /// one without a pattern.
    pub fn response(&self, selected: &str) -> Option<&Response> {
        let takes = |response: &&Response| response.pattern.as_ref().is_some_and(|p| p.is_match(selected));
        let default = || self.responses.iter().find(|response| response.pattern.is_none());
        self.responses.iter().find(takes).or_else(default)
    }
}

impl Response {
    fn new(status: &str, response: &IntegrationResponse) -> Result<Self, String> {
        let what = |what: &str| format!("the integration response {status}: {what}");
        let pattern = response.selection_pattern.as_deref().filter(|pattern| !pattern.is_empty());
        let pattern = pattern.map(|pattern| {
            // As in Java, `.` takes no line ends: the developer guide writes `(\n|.)+` for what does.
            response_key::whole(pattern, false)
                .ok_or_else(|| what(&format!("{pattern} is no regular expression that gatelet can read")))
        });
        let mut headers = Vec::new();
        for (place, source) in response.response_parameters.iter().flatten() {
            let name = place.strip_prefix("method.response.header.").filter(|name| !name.is_empty());
            let header = name.and_then(|name| Some((name.into(), Source::parse(source)?)));
            headers.push(header.ok_or_else(|| what(&format!("{place} = {source} is no mapping")))?);
        }
        Ok(Self {
            pattern: pattern.transpose()?,
            status: match status.parse() {
                // One below 200 is no final status, and would leave the client waiting.
                Ok(status @ 200..600) => status,
                Ok(_) | Err(_) => return Err(what("it is no final HTTP status")),
            },
            headers,
            templates: response.response_templates.as_ref().map(Templates::new).unwrap_or_default(),
            content: response.content_handling,
        })
    }
}

/// A header by which a function is invoked without waiting for it.
const INVOCATION_TYPE: &str = "X-Amz-Invocation-Type";

/// Headers that no mapping may set ("Amazon API Gateway important notes"): with what they are for.
const NEVER_MAPPED: [&str; 4] =
    ["content-length", "transfer-encoding", "x-amzn-trace-id", "x-amzn-apigateway-api-id"];
const NEVER_MAPPED_TO_AWS: [&str; 5] = ["authorization", "connection", "expect", "proxy-authenticate", "te"];

fn parameters(integration: &rest::Integration) -> Result<Vec<Parameter>, String> {
    let to_aws = match integration.kind {
        IntegrationKind::Aws | IntegrationKind::AwsProxy => &NEVER_MAPPED_TO_AWS[..],
        IntegrationKind::Http | IntegrationKind::HttpProxy | IntegrationKind::Mock => &[],
    };
    let mut parameters = Vec::new();
    for (place, source) in &integration.request_parameters {
        let parameter = Parameter::parse(place, source)
            .ok_or_else(|| format!("{place} = {source} is no mapping of a parameter"))?;
        let mut never = NEVER_MAPPED.iter().chain(to_aws);
        if parameter.place == Place::Header && never.any(|name| name.eq_ignore_ascii_case(&parameter.name)) {
            return Err(format!("the header {} can't be mapped", parameter.name));
        }
        parameters.push(parameter);
    }
    Ok(parameters)
}

impl Parameter {
    fn parse(place: &str, source: &str) -> Option<Self> {
        let (place, name) = place.strip_prefix("integration.request.")?.split_once('.')?;
        let place = match place {
            "header" => Place::Header,
            "querystring" => Place::Query,
            "path" => Place::Path,
            _ => return None,
        };
        (!name.is_empty()).then_some(Self { place, name: name.into(), source: Source::parse(source)? })
    }
}

fn function(integration: &rest::Integration, context: Context<'_>) -> Result<Lambda, String> {
    if integration.http_method.as_deref().is_some_and(|method| method != "POST") {
        return Err("functions are invoked by POST: httpMethod of the integration is another".to_owned());
    }
    let uri = filled_in(integration, context)?;
    let function = FunctionRef::parse(&uri, context.owner)
        .ok_or_else(|| format!("the integration URI names no function: {uri}"))?;
    Ok(Lambda::new(function, integration.credentials.is_some(), timeout(integration)))
}

fn remote(
    integration: &rest::Integration,
    parameters: Vec<Parameter>,
    context: Context<'_>,
) -> Result<Remote, String> {
    let uri = filled_in(integration, context)?;
    Ok(Remote {
        backend: Backend::parse(&uri)
            .ok_or_else(|| format!("the integration URI is no http or https URL: {uri}"))?,
        method: integration.http_method.as_deref().filter(|method| *method != rest::ANY).map(Into::into),
        parameters,
        timeout: timeout(integration),
    })
}

fn filled_in(integration: &rest::Integration, context: Context<'_>) -> Result<String, String> {
    uri::fill_in(integration.uri.as_deref().unwrap_or_default(), context.variables)
        .map_err(|name| format!("the stage has no variable {name}, which the integration URI names"))
}

fn timeout(integration: &rest::Integration) -> Duration {
    Duration::from_millis(integration.timeout_ms.into())
}
