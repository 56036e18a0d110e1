//! Integration responses: what a client gets of what a back end answered.

use serde_json::Value;

use super::super::{Members, conflict, edit_and_deploy, find, limits, new_id, page, strings, unknown};
use super::expression::{self, Asks};
use super::integration::content_handling;
use super::{check_protocol, set, template};
use crate::control::Context;
use crate::control::answer::{Answer, Error};
use crate::control::call::Call;
use crate::control::input::{Input, bad_request};
use crate::live::response_key::ResponseKey;
use crate::model::api::{ContentHandling, Integration, IntegrationKind, IntegrationResponse};
use crate::model::{Api, Store};

/// CreateIntegrationResponse
pub fn create(store: &mut Store, context: &Context, call: &Call) -> Result<Answer, Error> {
    let input = Input::of(call)?;
    edit_and_deploy(store, call, |api, rng| {
        check_protocol(api, "Integration responses")?;
        let integration = of_call(api, call)?;
        limits::check(limits::INTEGRATION_RESPONSES, integration.responses.len(), &context.settings)?;
        let mut response = IntegrationResponse {
            id: new_id(rng, 7, &integration.responses),
            key: String::new(),
            content_handling: None,
            template_selection_expression: None,
            response_templates: Default::default(),
            response_parameters: Default::default(),
        };
        if !input.has("integrationResponseKey") {
            return Err(bad_request("Integration response key is required"));
        }
        apply(&mut response, &input, integration)?;
        let answer = Answer::created(show(&response));
        integration.responses.insert(response.id.clone(), response);
        Ok(answer)
    })
}

/// GetIntegrationResponse
pub fn get(store: &mut Store, _: &Context, call: &Call) -> Result<Answer, Error> {
    let integration = seen(find(store, call)?, call)?;
    Ok(Answer::ok(show(named(integration, call)?)))
}

/// GetIntegrationResponses
pub fn list(store: &mut Store, context: &Context, call: &Call) -> Result<Answer, Error> {
    let integration = seen(find(store, call)?, call)?;
    page::of(context, call, integration.responses.iter().map(|(id, item)| (id.as_str(), item)), show)
}

/// UpdateIntegrationResponse
pub fn update(store: &mut Store, _: &Context, call: &Call) -> Result<Answer, Error> {
    let input = Input::of(call)?;
    edit_and_deploy(store, call, |api, _| {
        let integration = of_call(api, call)?;
        let mut response = named(integration, call)?.clone();
        apply(&mut response, &input, integration)?;
        let answer = Answer::ok(show(&response));
        integration.responses.insert(response.id.clone(), response);
        Ok(answer)
    })
}

/// DeleteIntegrationResponse
pub fn delete(store: &mut Store, _: &Context, call: &Call) -> Result<Answer, Error> {
    edit_and_deploy(store, call, |api, _| {
        let integration = of_call(api, call)?;
        let id = named(integration, call)?.id.clone();
        integration.responses.remove(&id);
        Ok(Answer::no_content())
    })
}

fn of_call<'a>(api: &'a mut Api, call: &Call) -> Result<&'a mut Integration, Error> {
    let id = call.path("integrationId");
    api.integrations.get_mut(id).ok_or_else(|| unknown("Integration", id))
}

fn seen<'a>(api: &'a Api, call: &Call) -> Result<&'a Integration, Error> {
    let id = call.path("integrationId");
    api.integrations.get(id).ok_or_else(|| unknown("Integration", id))
}

fn named<'a>(integration: &'a Integration, call: &Call) -> Result<&'a IntegrationResponse, Error> {
    let id = call.path("integrationResponseId");
    integration.responses.get(id).ok_or_else(|| unknown("IntegrationResponse", id))
}

fn apply(response: &mut IntegrationResponse, input: &Input, integration: &Integration) -> Result<(), Error> {
    if let Some(key) = input.string("integrationResponseKey", 1..=1024)? {
        ResponseKey::parse(&key)
            .map_err(|why| bad_request(format!("Invalid integrationResponseKey specified: {key}: {why}")))?;
        if integration.responses.values().any(|other| other.key == key && other.id != response.id) {
            return Err(conflict(format!(
                "IntegrationResponse with key {key} already exists for this Integration"
            )));
        }
        response.key = key;
    }
    if let Some(way) = content_handling(input)? {
        response.content_handling = Some(way);
    }
    if let Some(parameters) = input.map("responseParameters")? {
        response.response_parameters = parameters;
    }
    if let Some(templates) = template::read(input, "responseTemplates")? {
        response.response_templates = templates;
    }
    let selection = expression::read(input, "templateSelectionExpression", Asks::Response)?;
    set(&mut response.template_selection_expression, selection);
    match integration.kind {
        // AWS takes responses of proxies too, which have no effect.
        IntegrationKind::AwsProxy | IntegrationKind::HttpProxy => Ok(()),
        IntegrationKind::Aws | IntegrationKind::Http | IntegrationKind::Mock => {
            template::check_static("responseTemplates", &response.response_templates)
        }
    }
}

fn show(response: &IntegrationResponse) -> Value {
    let (templates, parameters) = (&response.response_templates, &response.response_parameters);
    Members::default()
        .with("integrationResponseId", response.id.as_str())
        .with("integrationResponseKey", response.key.as_str())
        .maybe("contentHandlingStrategy", response.content_handling.map(ContentHandling::as_str))
        .maybe("responseParameters", (!parameters.is_empty()).then(|| strings(parameters)))
        .maybe("responseTemplates", (!templates.is_empty()).then(|| strings(templates)))
        .maybe("templateSelectionExpression", response.template_selection_expression.as_deref())
        .done()
}
