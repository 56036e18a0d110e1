//! Route responses: a route that has one answers its messages.

use serde_json::Value;

use super::super::{Members, conflict, edit_and_deploy, find, new_id, page, strings, unknown};
use super::expression::{self, Asks};
use super::route::show_parameters;
use super::{check_protocol, model, set};
use crate::control::Context;
use crate::control::answer::{Answer, Error};
use crate::control::call::Call;
use crate::control::input::{Input, bad_request};
use crate::model::api::{DEFAULT, Model, Route, RouteResponse};
use crate::model::{Api, Store};

/// CreateRouteResponse. There is one at most, since there is one key.
pub fn create(store: &mut Store, _: &Context, call: &Call) -> Result<Answer, Error> {
    let input = Input::of(call)?;
    edit_and_deploy(store, call, |api, rng| {
        check_protocol(api, "Route responses")?;
        let route = of_call(api, call)?;
        let mut response = RouteResponse {
            id: new_id(rng, 7, &route.responses),
            key: DEFAULT.into(),
            model_selection_expression: None,
            response_models: Default::default(),
            response_parameters: Default::default(),
        };
        if !input.has("routeResponseKey") {
            return Err(bad_request("Route response key is required"));
        }
        apply(&mut response, &input, api)?;
        if !route.responses.is_empty() {
            return Err(conflict(format!("RouteResponse with key {DEFAULT} already exists for this Route")));
        }
        let answer = Answer::created(show(&response));
        of_call_mut(api, call)?.responses.insert(response.id.clone(), response);
        Ok(answer)
    })
}

/// GetRouteResponse
pub fn get(store: &mut Store, _: &Context, call: &Call) -> Result<Answer, Error> {
    let route = of_call(find(store, call)?, call)?;
    Ok(Answer::ok(show(named(route, call)?)))
}

/// GetRouteResponses
pub fn list(store: &mut Store, context: &Context, call: &Call) -> Result<Answer, Error> {
    let route = of_call(find(store, call)?, call)?;
    page::of(context, call, route.responses.iter().map(|(id, item)| (id.as_str(), item)), show)
}

/// UpdateRouteResponse
pub fn update(store: &mut Store, _: &Context, call: &Call) -> Result<Answer, Error> {
    let input = Input::of(call)?;
    edit_and_deploy(store, call, |api, _| {
        let mut response = named(of_call(api, call)?, call)?.clone();
        apply(&mut response, &input, api)?;
        let answer = Answer::ok(show(&response));
        of_call_mut(api, call)?.responses.insert(response.id.clone(), response);
        Ok(answer)
    })
}

/// DeleteRouteResponse
pub fn delete(store: &mut Store, _: &Context, call: &Call) -> Result<Answer, Error> {
    edit_and_deploy(store, call, |api, _| {
        let id = named(of_call(api, call)?, call)?.id.clone();
        of_call_mut(api, call)?.responses.remove(&id);
        Ok(Answer::no_content())
    })
}

/// Whether a route's responses name this model.
pub fn names(route: &Route, model: &Model) -> bool {
    route.responses.values().any(|response| response.response_models.values().any(|name| *name == model.name))
}

fn of_call<'a>(api: &'a Api, call: &Call) -> Result<&'a Route, Error> {
    let id = call.path("routeId");
    api.routes.get(id).ok_or_else(|| unknown("Route", id))
}

fn of_call_mut<'a>(api: &'a mut Api, call: &Call) -> Result<&'a mut Route, Error> {
    let id = call.path("routeId");
    api.routes.get_mut(id).ok_or_else(|| unknown("Route", id))
}

fn named<'a>(route: &'a Route, call: &Call) -> Result<&'a RouteResponse, Error> {
    let id = call.path("routeResponseId");
    route.responses.get(id).ok_or_else(|| unknown("RouteResponse", id))
}

fn apply(response: &mut RouteResponse, input: &Input, api: &Api) -> Result<(), Error> {
    if let Some(key) = input.text("routeResponseKey")?
        && key != DEFAULT
    {
        return Err(bad_request(format!("Invalid routeResponseKey specified: {key}. It must be {DEFAULT}")));
    }
    let selection = expression::read(input, "modelSelectionExpression", Asks::Message)?;
    set(&mut response.model_selection_expression, selection);
    if let Some(models) = input.map("responseModels")? {
        response.response_models = models;
    }
    for (key, constraints) in input.objects("responseParameters")?.unwrap_or_default() {
        response.response_parameters.insert(key, constraints.boolean("required")?.unwrap_or(false));
    }
    model::check_names(api, response.response_models.values())
}

fn show(response: &RouteResponse) -> Value {
    let (models, parameters) = (&response.response_models, &response.response_parameters);
    Members::default()
        .with("routeResponseId", response.id.as_str())
        .with("routeResponseKey", response.key.as_str())
        .maybe("modelSelectionExpression", response.model_selection_expression.as_deref())
        .maybe("responseModels", (!models.is_empty()).then(|| strings(models)))
        .maybe("responseParameters", (!parameters.is_empty()).then(|| show_parameters(parameters)))
        .done()
}
