//! Integrations of WebSocket APIs: proxies, and those that shape a message by templates.

use super::super::integration::{METHODS, is_function, is_http, read_common, refuse_vpc_links};
use super::super::{Members, strings};
use super::expression::{self, Asks};
use super::{parameters, refuse_members, set, template};
use crate::control::answer::Error;
use crate::control::input::{Input, bad_request};
use crate::model::Owner;
use crate::model::api::{ContentHandling, Integration, IntegrationKind, Passthrough};

/// AWS: between 50 and 29,000 milliseconds, and the most where nothing is said.
pub const MAX_TIMEOUT_MS: u32 = 29_000;

const HTTP_ONLY: &[&str] = &["integrationSubtype", "responseParameters", "tlsConfig"];

/// `integrationType`
pub fn kind(input: &Input) -> Result<Option<IntegrationKind>, Error> {
    use IntegrationKind::{Aws, AwsProxy, Http, HttpProxy, Mock};
    let kinds = [Aws, Http, Mock, AwsProxy, HttpProxy];
    let said = input.one_of("integrationType", &kinds.map(IntegrationKind::as_str))?;
    Ok(said.and_then(|said| kinds.into_iter().find(|kind| kind.as_str() == said)))
}

/// `contentHandlingStrategy`
pub fn content_handling(input: &Input) -> Result<Option<ContentHandling>, Error> {
    let ways = [ContentHandling::ToBinary, ContentHandling::ToText];
    let said = input.one_of("contentHandlingStrategy", &ways.map(ContentHandling::as_str))?;
    Ok(said.and_then(|said| ways.into_iter().find(|way| way.as_str() == said)))
}

/// Reads what CreateIntegration and UpdateIntegration say.
pub fn apply(integration: &mut Integration, input: &Input, owner: &Owner) -> Result<(), Error> {
    refuse_members(input, HTTP_ONLY)?;
    refuse_vpc_links(input)?;
    read_common(integration, input, MAX_TIMEOUT_MS)?;
    if let Some(method) = input.one_of("integrationMethod", METHODS)? {
        integration.method = Some(method.into());
    }
    if input.one_of("payloadFormatVersion", &["1.0", "2.0"])? == Some("2.0") {
        return Err(bad_request(
            "payloadFormatVersion 2.0 is not supported for an API with a protocol type of WEBSOCKET: only 1.0",
        ));
    }
    if let Some(way) = content_handling(input)? {
        integration.content_handling = Some(way);
    }
    let behaviors = [Passthrough::WhenNoMatch, Passthrough::WhenNoTemplates, Passthrough::Never];
    if let Some(said) = input.one_of("passthroughBehavior", &behaviors.map(Passthrough::as_str))? {
        integration.passthrough =
            behaviors.into_iter().find(|behavior| behavior.as_str() == said).unwrap_or_default();
    }
    if let Some(given) = input.map("requestParameters")? {
        parameters::merge(&mut integration.request_parameters, given)?;
    }
    if let Some(templates) = template::read(input, "requestTemplates")? {
        integration.request_templates = templates;
    }
    let selection = expression::read(input, "templateSelectionExpression", Asks::Message)?;
    set(&mut integration.template_selection_expression, selection);
    // AWS calls functions by POST alone.
    if integration.method.is_none() && integration.kind == IntegrationKind::AwsProxy {
        integration.method = Some("POST".into());
    }
    check(integration, owner)
}

/// Adds to an answer what only these integrations have.
pub(in super::super) fn show(members: Members, integration: &Integration) -> Members {
    let templates = &integration.request_templates;
    members
        .with("passthroughBehavior", integration.passthrough.as_str())
        .maybe("contentHandlingStrategy", integration.content_handling.map(ContentHandling::as_str))
        .maybe("requestTemplates", (!templates.is_empty()).then(|| strings(templates)))
        .maybe("templateSelectionExpression", integration.template_selection_expression.as_deref())
        .maybe("integrationResponseSelectionExpression", integration.response_selection_expression())
}

/// Whether what an integration says fits together.
pub fn check(integration: &Integration, owner: &Owner) -> Result<(), Error> {
    check_target(integration, owner)?;
    match integration.kind {
        // What is passed on as it is needs no templates, and has no use for them.
        IntegrationKind::AwsProxy | IntegrationKind::HttpProxy => return Ok(()),
        IntegrationKind::Aws | IntegrationKind::Http | IntegrationKind::Mock => {}
    }
    template::check_static("requestTemplates", &integration.request_templates)?;
    if integration.kind == IntegrationKind::Mock {
        template::check_status("requestTemplates", &integration.request_templates)?;
    }
    let mut responses = integration.responses.values();
    responses
        .try_for_each(|response| template::check_static("responseTemplates", &response.response_templates))
}

fn check_target(integration: &Integration, owner: &Owner) -> Result<(), Error> {
    if integration.kind == IntegrationKind::Mock {
        return Ok(());
    }
    let kind = integration.kind.as_str();
    if integration.method.is_none() {
        return Err(bad_request(format!(
            "Integration method is required for integrations of the type {kind}"
        )));
    }
    let uri = integration.uri.as_deref().ok_or_else(|| bad_request("Integration URI is required"))?;
    match integration.kind {
        IntegrationKind::AwsProxy | IntegrationKind::Aws if is_function(uri, owner) => Ok(()),
        IntegrationKind::Aws if uri.starts_with("arn:") && uri.contains(":apigateway:") => {
            let message = format!(
                "gatelet does not support AWS integrations with services other than Lambda yet: {uri}"
            );
            Err(Error::new(501, "NotImplementedException", message))
        }
        IntegrationKind::AwsProxy | IntegrationKind::Aws => Err(bad_request(format!(
            "{kind} integrations must have the ARN of a Lambda function as their URI"
        ))),
        IntegrationKind::HttpProxy | IntegrationKind::Http if !is_http(uri) => {
            Err(bad_request(format!("Invalid HTTP endpoint specified for URI: {uri}")))
        }
        IntegrationKind::HttpProxy | IntegrationKind::Http | IntegrationKind::Mock => Ok(()),
    }
}
