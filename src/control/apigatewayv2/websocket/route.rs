//! What routes of WebSocket APIs have besides a key and a target: parameters, models of messages, two ways, and who
//! may connect.

use std::collections::BTreeMap;

use super::super::{Members, edit_and_deploy, not_found, strings, unknown};
use super::expression::{self, Asks};
use super::{model, parameters, refuse_members, set};
use crate::control::Context;
use crate::control::answer::{Answer, Error};
use crate::control::call::Call;
use crate::control::input::{Input, bad_request};
use crate::model::api::{CONNECT, DEFAULT, Route, RouteKey};
use crate::model::{Api, Store};

const HTTP_ONLY: &[&str] = &["authorizationScopes"];

/// DeleteRouteRequestParameter
pub fn delete_request_parameter(store: &mut Store, _: &Context, call: &Call) -> Result<Answer, Error> {
    edit_and_deploy(store, call, |api, _| {
        let id = call.path("routeId");
        let mut route = api.routes.get(id).ok_or_else(|| unknown("Route", id))?.clone();
        let key = call.path("requestParameterKey");
        if route.request_parameters.remove(key).is_none() {
            return Err(not_found(format!("Invalid request parameter identifier specified {key}")));
        }
        check(&route, api)?;
        api.routes.insert(route.id.clone(), route);
        Ok(Answer::no_content())
    })
}

/// A route key, or the refusal and what exactly is wrong.
pub fn parse_key(text: &str) -> Result<RouteKey, Error> {
    RouteKey::parse_name(text).map_err(|why| {
        bad_request(format!("The provided route key is not formatted properly for WEBSOCKET protocol: {why}"))
    })
}

/// Reads what CreateRoute and UpdateRoute say.
pub fn apply(route: &mut Route, input: &Input, api: &Api) -> Result<(), Error> {
    refuse_members(input, HTTP_ONLY)?;
    if let Some(required) = input.boolean("apiKeyRequired")? {
        route.api_key_required = required;
    }
    if let Some(given) = input.objects("requestParameters")? {
        parameters::declare(&mut route.request_parameters, given)?;
    }
    if let Some(models) = input.map("requestModels")? {
        route.request_models = models;
    }
    let selection = expression::read(input, "modelSelectionExpression", Asks::Message)?;
    set(&mut route.model_selection_expression, selection);
    set(&mut route.route_response_selection_expression, input.text("routeResponseSelectionExpression")?);
    authorization(route, input)?;
    check(route, api)
}

/// Adds to an answer what only these routes have.
pub(in super::super) fn show(members: Members, route: &Route) -> Members {
    let parameters = &route.request_parameters;
    let models = &route.request_models;
    members
        .maybe("requestParameters", (!parameters.is_empty()).then(|| show_parameters(parameters)))
        .maybe("requestModels", (!models.is_empty()).then(|| strings(models)))
        .maybe("modelSelectionExpression", route.model_selection_expression.as_deref())
        .maybe("routeResponseSelectionExpression", route.route_response_selection_expression.as_deref())
}

/// `{"route.request.querystring.x": {"required": true}}`
pub fn show_parameters(parameters: &BTreeMap<String, bool>) -> serde_json::Map<String, serde_json::Value> {
    let shown = |(key, required): (&String, &bool)| {
        (key.clone(), Members::default().with("required", *required).done())
    };
    parameters.iter().map(shown).collect()
}

fn authorization(route: &mut Route, input: &Input) -> Result<(), Error> {
    if let Some(kind) = input.one_of("authorizationType", &["NONE", "AWS_IAM", "CUSTOM", "JWT"])? {
        route.authorization_type = kind.to_owned();
        if kind == "NONE" {
            route.authorizer_id = None;
        }
    }
    set(&mut route.authorizer_id, input.text("authorizerId")?);
    Ok(())
}

/// Whether what a route says fits together, and with its api.
fn check(route: &Route, api: &Api) -> Result<(), Error> {
    let connects = matches!(&route.key, RouteKey::Name(name) if name == CONNECT);
    if !connects && !route.request_parameters.is_empty() {
        return Err(bad_request(
            "requestParameters are only supported on the $connect route: messages have no headers and no query",
        ));
    }
    check_authorization(route, api, connects)?;
    model::check_names(api, route.request_models.values())?;
    if let Some(expression) = &route.model_selection_expression
        && route.request_models.is_empty()
    {
        return Err(bad_request(format!(
            "modelSelectionExpression {expression} has nothing to select: requestModels must be set too"
        )));
    }
    if let Some(key) = &route.route_response_selection_expression
        && key != DEFAULT
    {
        return Err(bad_request(format!(
            "Invalid routeResponseSelectionExpression specified: {key}. It must be {DEFAULT}"
        )));
    }
    match route.integration_id().and_then(|id| api.integrations.get(id)) {
        Some(integration) => parameters::check_declared(route, integration),
        None => Ok(()),
    }
}

fn check_authorization(route: &Route, api: &Api, connects: bool) -> Result<(), Error> {
    let authorizer = route.authorizer_id.as_deref();
    match route.authorization_type.as_str() {
        "NONE" => match authorizer {
            None => Ok(()),
            Some(_) => Err(bad_request("authorizerId must not be set when the authorization type is NONE")),
        },
        _ if !connects => {
            Err(bad_request("Authorization is only supported on the $connect route of a WebSocket API"))
        }
        "CUSTOM" if authorizer.is_some_and(|id| api.authorizers.contains_key(id)) => Ok(()),
        "CUSTOM" => Err(bad_request(
            "Invalid authorizer ID specified. Setting the authorization type to CUSTOM requires a valid custom authorizer.",
        )),
        "JWT" => Err(bad_request(
            "authorizationType JWT is not supported for an API with a protocol type of WEBSOCKET",
        )),
        // A route that says it checks signatures and doesn't would be worse than none.
        other => {
            let message = format!(
                "gatelet does not support routes with authorizationType {other} yet: only NONE and CUSTOM"
            );
            Err(Error::new(501, "NotImplementedException", message))
        }
    }
}
