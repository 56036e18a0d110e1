//! Routes.

use serde_json::Value;

use super::{Members, conflict, edit_and_deploy, find, limits, new_id, page, unknown, websocket};
use crate::base::Rng;
use crate::control::Context;
use crate::control::answer::{Answer, Error};
use crate::control::call::Call;
use crate::control::input::{Input, bad_request};
use crate::model::api::{AuthorizerKind, Protocol, Route, RouteKey};
use crate::model::{Api, Settings, Store};

/// Members that only WebSocket APIs have: an HTTP API that has one would do something else than it says.
const WEBSOCKET_ONLY: &[&str] =
    &["modelSelectionExpression", "requestModels", "requestParameters", "routeResponseSelectionExpression"];

/// CreateRoute
pub fn create(store: &mut Store, context: &Context, call: &Call) -> Result<Answer, Error> {
    let input = Input::of(call)?;
    edit_and_deploy(store, call, |api, rng| {
        let id = add(api, rng, &input, &context.settings)?;
        Ok(Answer::created(show(api, &api.routes[&id])))
    })
}

/// Adds the route that `input` describes; its id.
pub fn add(api: &mut Api, rng: &mut Rng, input: &Input, settings: &Settings) -> Result<String, Error> {
    let text = input.text("routeKey")?.ok_or_else(|| bad_request("Route key is required"))?;
    let key = key_of(api, &text)?;
    limits::check(limits::ROUTES, api.routes.len(), settings)?;
    let id = new_id(rng, 7, &api.routes);
    let mut route = new(id.clone(), key);
    apply(&mut route, input, api, settings)?;
    put(api, route)?;
    Ok(id)
}

/// GetRoute
pub fn get(store: &mut Store, _: &Context, call: &Call) -> Result<Answer, Error> {
    let api = find(store, call)?;
    Ok(Answer::ok(show(api, named(api, call)?)))
}

/// GetRoutes
pub fn list(store: &mut Store, context: &Context, call: &Call) -> Result<Answer, Error> {
    let api = find(store, call)?;
    page::of(context, call, api.routes.iter().map(|(id, route)| (id.as_str(), route)), |route| {
        show(api, route)
    })
}

/// UpdateRoute
pub fn update(store: &mut Store, context: &Context, call: &Call) -> Result<Answer, Error> {
    let input = Input::of(call)?;
    edit_and_deploy(store, call, |api, _| {
        let mut route = named(api, call)?.clone();
        if let Some(text) = input.text("routeKey")? {
            let key = key_of(api, &text)?;
            if key != route.key && is_managed(api, &route) {
                return Err(bad_request(
                    "The route key of a route that is managed by quick create cannot change",
                ));
            }
            route.key = key;
        }
        apply(&mut route, &input, api, &context.settings)?;
        let answer = Answer::ok(show(api, &route));
        put(api, route)?;
        Ok(answer)
    })
}

/// DeleteRoute
pub fn delete(store: &mut Store, _: &Context, call: &Call) -> Result<Answer, Error> {
    edit_and_deploy(store, call, |api, _| {
        let id = named(api, call)?.id.clone();
        api.routes.remove(&id);
        Ok(Answer::no_content())
    })
}

/// A route of this key, and nothing more.
pub fn new(id: String, key: RouteKey) -> Route {
    Route {
        id,
        key,
        target: None,
        authorization_type: "NONE".into(),
        authorization_scopes: None,
        authorizer_id: None,
        operation_name: None,
        api_key_required: false,
        request_parameters: Default::default(),
        model_selection_expression: None,
        request_models: Default::default(),
        route_response_selection_expression: None,
        responses: Default::default(),
    }
}

/// Adds or replaces a route; no two have the same key.
pub fn put(api: &mut Api, route: Route) -> Result<(), Error> {
    if api.routes.values().any(|other| other.key == route.key && other.id != route.id) {
        return Err(conflict(format!("Route with key {} already exists for this API", route.key)));
    }
    api.routes.insert(route.id.clone(), route);
    Ok(())
}

/// A route key, or AWS's refusal and what exactly is wrong.
pub fn parse_key(text: &str) -> Result<RouteKey, Error> {
    RouteKey::parse(text).map_err(|why| {
        bad_request(format!(
            "The provided route key is not formatted properly for HTTP protocol. Format should be \"<METHOD> /<path>\" \
             or \"$default\": {why}"
        ))
    })
}

fn key_of(api: &Api, text: &str) -> Result<RouteKey, Error> {
    match api.protocol {
        Protocol::Http => parse_key(text),
        Protocol::WebSocket => websocket::route::parse_key(text),
    }
}

fn named<'a>(api: &'a Api, call: &Call) -> Result<&'a Route, Error> {
    let id = call.path("routeId");
    api.routes.get(id).ok_or_else(|| unknown("Route", id))
}

fn is_managed(api: &Api, route: &Route) -> bool {
    api.quick_create.as_ref().is_some_and(|made| made.route_id == route.id)
}

fn apply(route: &mut Route, input: &Input, api: &Api, settings: &Settings) -> Result<(), Error> {
    if let Some(name) = input.string("operationName", 1..=64)? {
        route.operation_name = Some(name);
    }
    if let Some(target) = input.string("target", 1..=128)? {
        // AWS takes a slash before it too.
        let id = target.trim_start_matches('/').strip_prefix("integrations/");
        let id = id.ok_or_else(|| {
            bad_request(format!(
                "Invalid target specified: {target}. It must be integrations/{{integrationId}}"
            ))
        })?;
        if !api.integrations.contains_key(id) {
            return Err(bad_request(format!("Invalid Integration identifier specified {id}")));
        }
        route.target = Some(target);
    }
    match api.protocol {
        Protocol::Http => apply_http(route, input, api, settings),
        Protocol::WebSocket => websocket::route::apply(route, input, api),
    }
}

fn apply_http(route: &mut Route, input: &Input, api: &Api, settings: &Settings) -> Result<(), Error> {
    if let Some(name) = WEBSOCKET_ONLY.iter().find(|name| input.has(name)) {
        return Err(bad_request(format!("{name} is not supported for an API with a protocol type of HTTP")));
    }
    if input.boolean("apiKeyRequired")? == Some(true) {
        return Err(bad_request("apiKeyRequired is not supported for an API with a protocol type of HTTP"));
    }
    authorization(route, input, api, settings)
}

/// `authorizationType` and what goes with it. What another type had goes with it too.
fn authorization(route: &mut Route, input: &Input, api: &Api, settings: &Settings) -> Result<(), Error> {
    if let Some(kind) = input.one_of("authorizationType", &["NONE", "AWS_IAM", "CUSTOM", "JWT"])?
        && kind != route.authorization_type
    {
        route.authorization_type = kind.to_owned();
        route.authorizer_id = None;
        route.authorization_scopes = None;
    }
    if let Some(id) = input.text("authorizerId")? {
        route.authorizer_id = Some(id).filter(|id| !id.is_empty());
    }
    if let Some(scopes) = input.strings("authorizationScopes")? {
        if scopes.iter().any(|scope| !(1..=64).contains(&scope.chars().count())) {
            return Err(bad_request("authorizationScopes must have between 1 and 64 characters each"));
        }
        limits::check(limits::SCOPES, scopes.len().saturating_sub(1), settings)?;
        route.authorization_scopes = Some(scopes).filter(|scopes| !scopes.is_empty());
    }
    check_authorization(route, api)
}

fn check_authorization(route: &Route, api: &Api) -> Result<(), Error> {
    let id = route.authorizer_id.as_deref();
    let authorizer = id.and_then(|id| api.authorizers.get(id)).map(|authorizer| &authorizer.kind);
    if route.authorization_type != "JWT" && route.authorization_scopes.is_some() {
        return Err(bad_request(
            "Invalid Route authorization type specified. Authorization Scopes are only valid for COGNITO_USER_POOLS and \
             JWT authorization types",
        ));
    }
    match (&*route.authorization_type, authorizer) {
        ("NONE", _) if id.is_some() => {
            Err(bad_request("authorizerId must not be set when the authorization type is NONE"))
        }
        ("AWS_IAM", _) if id.is_some() => {
            Err(bad_request("authorizerId must not be set when the authorization type is AWS_IAM"))
        }
        ("JWT", Some(AuthorizerKind::Request(_)) | None) => Err(bad_request(
            "Invalid authorizer ID specified. Setting the authorization type to JWT requires a valid JWT authorizer.",
        )),
        ("CUSTOM", Some(AuthorizerKind::Jwt(_)) | None) => Err(bad_request(
            "Invalid authorizer ID specified. Setting the authorization type to CUSTOM requires a valid custom authorizer.",
        )),
        _ => Ok(()),
    }
}

fn show(api: &Api, route: &Route) -> Value {
    let members = Members::default()
        .with("routeId", route.id.as_str())
        .with("routeKey", route.key.to_string())
        .maybe("target", route.target.as_deref())
        .with("authorizationType", route.authorization_type.as_str())
        .maybe("authorizationScopes", route.authorization_scopes.clone())
        .maybe("authorizerId", route.authorizer_id.as_deref())
        .maybe("operationName", route.operation_name.as_deref())
        .with("apiKeyRequired", route.api_key_required)
        .maybe("apiGatewayManaged", is_managed(api, route).then_some(true));
    match api.protocol {
        Protocol::Http => members.done(),
        Protocol::WebSocket => websocket::route::show(members, route).done(),
    }
}
