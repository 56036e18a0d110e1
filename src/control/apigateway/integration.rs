//! Integrations: what answers a method.

pub mod mapping;
pub mod target;
pub mod update;

use serde_json::{Map, Value, json};

use super::violations::Violations;
use super::{
    edit_method, find_method, find_resource, integration_response, method, not_found, read, spelled,
};
use crate::control::Context;
use crate::control::answer::{Answer, Error};
use crate::control::call::Call;
use crate::control::input::{Input, bad_request};
use crate::control::members::{Members, strings};
use crate::model::Store;
use crate::model::rest::{Integration, IntegrationKind, Passthrough, Templates};
use crate::model::settings::Parity;

/// As AWS lists them.
const KINDS: &[&str] = &["HTTP", "MOCK", "AWS_PROXY", "HTTP_PROXY", "AWS"];
const CONTENT_HANDLINGS: &[&str] = &["CONVERT_TO_TEXT", "CONVERT_TO_BINARY"];
const CONNECTION_TYPES: &[&str] = &["VPC_LINK", "INTERNET"];

/// AWS: from 50 milliseconds on,
const MIN_TIMEOUT_MS: u32 = 50;
/// to 29 seconds, which its quotas let some raise,
const MAX_TIMEOUT_MS: u32 = 29_000;
/// so far ours.
const MAX_RAISED_TIMEOUT_MS: u32 = 300_000;

/// PutIntegration: makes it, or takes the place of the one that is there.
pub fn put(store: &mut Store, context: &Context, call: &Call) -> Result<Answer, Error> {
    let input = Input::of(call)?;
    let kind = front(&input)?;
    let mut integration = Integration::new(kind, call.path("resource_id"));
    // Types that are wrong come first, then what is missing.
    apply(&mut integration, &input)?;
    find_method(store, call)?;
    check(&integration, find_method(store, call)?, context)?;
    edit_method(store, call, |method| {
        let answer = Answer::created(show(&integration));
        method.integration = Some(integration);
        Ok(answer)
    })
}

/// GetIntegration
pub fn get(store: &mut Store, _: &Context, call: &Call) -> Result<Answer, Error> {
    let integration = find_method(store, call)?.integration.as_ref().ok_or_else(unknown)?;
    Ok(Answer::ok(show(integration)))
}

/// DeleteIntegration, with its responses.
pub fn delete(store: &mut Store, _: &Context, call: &Call) -> Result<Answer, Error> {
    find_resource(store, call)?;
    edit_method(store, call, |method| {
        method.integration.take().ok_or_else(unknown)?;
        Ok(Answer::no_content())
    })
}

/// The refusal of a method without an integration.
pub fn unknown() -> Error {
    not_found("Invalid Integration identifier specified")
}

/// An integration with its responses.
pub fn show(integration: &Integration) -> Value {
    let responses = integration.responses.iter();
    let responses: Map<_, _> = responses
        .map(|(code, response)| (code.clone(), integration_response::show(code, response)))
        .collect();
    let (parameters, templates) = (&integration.request_parameters, &integration.request_templates);
    let tls = integration.insecure_skip_verification;
    Members::default()
        .with("type", integration.kind.as_str())
        .maybe("httpMethod", integration.http_method.as_deref())
        .maybe("uri", integration.uri.as_deref())
        .maybe("connectionType", integration.connection_type.as_deref())
        .maybe("connectionId", integration.connection_id.as_deref())
        .maybe("credentials", integration.credentials.as_deref())
        .maybe("requestParameters", (!parameters.is_empty()).then(|| strings(parameters)))
        .maybe("requestTemplates", (!templates.is_empty()).then(|| show_templates(templates)))
        .with("passthroughBehavior", integration.passthrough.as_str())
        .maybe("contentHandling", integration.content_handling.map(|handling| handling.as_str()))
        .with("timeoutInMillis", integration.timeout_ms)
        .with("cacheNamespace", integration.cache_namespace.as_str())
        .with("cacheKeyParameters", json!(integration.cache_key_parameters))
        .maybe("tlsConfig", tls.map(|skip| json!({ "insecureSkipVerification": skip })))
        .maybe("integrationResponses", (!responses.is_empty()).then_some(responses))
        .done()
}

/// Templates; an empty one is `null`.
pub fn show_templates(templates: &Templates) -> Value {
    let shown = |text: &String| match text.is_empty() {
        true => Value::Null,
        false => Value::from(text.as_str()),
    };
    templates.iter().map(|(kind, text)| (kind.clone(), shown(text))).collect::<Map<_, _>>().into()
}

/// What the front end checks; the kind, which must be there.
fn front(input: &Input) -> Result<IntegrationKind, Error> {
    let (kind, handling) = (input.text("type")?, input.text("contentHandling")?);
    let connection = input.text("connectionType")?;
    let mut found = Violations::default();
    found.required("putIntegrationInput.type", kind.is_some());
    let enums = [
        ("type", kind.as_deref(), KINDS),
        ("connectionType", connection.as_deref(), CONNECTION_TYPES),
        ("contentHandling", handling.as_deref(), CONTENT_HANDLINGS),
    ];
    for (name, text, among) in enums {
        if let Some(text) = text {
            found.one_of(&format!("putIntegrationInput.{name}"), text, among);
        }
    }
    found.check()?;
    Ok(kind.and_then(|text| self::kind(&text)).unwrap_or(IntegrationKind::Mock))
}

fn kind(text: &str) -> Option<IntegrationKind> {
    use IntegrationKind::{Aws, AwsProxy, Http, HttpProxy, Mock};
    spelled(&[Aws, AwsProxy, Http, HttpProxy, Mock], IntegrationKind::as_str, text)
}

fn apply(integration: &mut Integration, input: &Input) -> Result<(), Error> {
    integration.http_method = input.text("httpMethod")?.filter(|method| !method.is_empty());
    integration.uri = input.text("uri")?.filter(|uri| !uri.is_empty());
    if let Some(connection) = input.text("connectionType")? {
        set_connection_type(integration, &connection)?;
    }
    integration.connection_id = input.text("connectionId")?.filter(|id| !id.is_empty());
    integration.credentials = input.text("credentials")?.filter(|arn| !arn.is_empty());
    if let Some(text) = input.text("passthroughBehavior")? {
        integration.passthrough = passthrough(&text)?;
    }
    let handling = input.text("contentHandling")?;
    integration.content_handling = handling.and_then(|text| read::content_handling(&text));
    if let Some(timeout) = input.value("timeoutInMillis") {
        integration.timeout_ms = timeout_ms(&timeout.to_string())?;
    }
    if let Some(namespace) = input.text("cacheNamespace")? {
        integration.cache_namespace = namespace;
    }
    integration.cache_key_parameters = input.strings("cacheKeyParameters")?.unwrap_or_default();
    integration.request_parameters = read::strings(input, "requestParameters")?.unwrap_or_default();
    integration.request_templates = read::templates(input, "requestTemplates")?.unwrap_or_default();
    if let Some(tls) = input.object("tlsConfig")? {
        integration.insecure_skip_verification = tls.boolean("insecureSkipVerification")?;
    }
    match input.text("responseTransferMode")?.as_deref() {
        Some("STREAM") => Err(not_there("responseTransferMode STREAM")),
        Some(_) | None => Ok(()),
    }
}

/// Whether what an integration says fits together, and to its method.
fn check(
    integration: &Integration,
    method: &crate::model::rest::Method,
    context: &Context,
) -> Result<(), Error> {
    if let Some(text) = &integration.http_method {
        method::check_name(text)?;
    }
    target::check(integration)?;
    mapping::check_request(&integration.request_parameters, method, context.settings.parity)?;
    let most = max_timeout(context.settings.parity);
    match integration.timeout_ms <= most {
        true => Ok(()),
        false => Err(invalid_timeout(most)),
    }
}

fn passthrough(text: &str) -> Result<Passthrough, Error> {
    let all = [Passthrough::WhenNoMatch, Passthrough::WhenNoTemplates, Passthrough::Never];
    spelled(&all, Passthrough::as_str, text).ok_or_else(|| {
        bad_request(
            "Invalid passthrough behavior specified. Valid options are WHEN_NO_MATCH,WHEN_NO_TEMPLATES,NEVER",
        )
    })
}

fn timeout_ms(text: &str) -> Result<u32, Error> {
    let timeout = text.parse::<u32>().ok().filter(|timeout| *timeout >= MIN_TIMEOUT_MS);
    timeout.ok_or_else(|| invalid_timeout(MAX_TIMEOUT_MS))
}

fn max_timeout(parity: Parity) -> u32 {
    match parity {
        Parity::Aws => MAX_TIMEOUT_MS,
        Parity::LocalStack => MAX_RAISED_TIMEOUT_MS,
    }
}

fn invalid_timeout(most: u32) -> Error {
    bad_request(format!("Timeout should be between {MIN_TIMEOUT_MS} ms and {most} ms"))
}

/// A back end within a private network cannot be reached from here.
fn set_connection_type(integration: &mut Integration, text: &str) -> Result<(), Error> {
    match text {
        "INTERNET" => {}
        "VPC_LINK" => return Err(not_there("connectionType VPC_LINK")),
        _ => {
            return Err(bad_request(
                "Invalid connection type specified. Valid options are INTERNET,VPC_LINK",
            ));
        }
    }
    // AWS shows it only of those that have a connection of their own.
    match integration.kind {
        IntegrationKind::Http | IntegrationKind::HttpProxy => integration.connection_type = Some(text.into()),
        IntegrationKind::Aws | IntegrationKind::AwsProxy | IntegrationKind::Mock => {}
    }
    Ok(())
}

fn not_there(what: &str) -> Error {
    let message = format!("gatelet does not support integrations with {what} yet");
    Error::new(501, "NotImplementedException", message)
}
