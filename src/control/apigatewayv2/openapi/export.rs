//! An HTTP API as a definition, in the shape and order in which AWS exports it.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde_json::Value;

use super::extensions::{
    ANY, AUTH_NAME, AUTHORIZER, AUTHORIZER_NAME, CORS, CORS_NAME, ENDPOINT_NAME, INTEGRATION,
    INTEGRATION_NAME, INTEGRATIONS_NAME, METHODS,
};
use super::{ALGORITHM, ALGORITHM_EXTENSION};
use crate::base::clock::iso8601;
use crate::base::map::set_of;
use crate::control::answer::Error;
use crate::control::apigatewayv2::{authorizer, cors, integration, stage};
use crate::control::custom_id;
use crate::control::input::bad_request;
use crate::control::openapi::TAG_VALUE;
use crate::control::openapi::shape::extension;
use crate::control::tree::Tree;
use crate::model::api::{DEFAULT, Route, RouteKey};
use crate::model::{Api, Settings};

/// The definition of an api as it is, or as a stage serves it.
///
/// # Errors
/// There is no such stage, or it serves nothing.
pub fn document(api: &Api, stage: Option<&str>, settings: &Settings) -> Result<Tree, Error> {
    let served = match stage {
        None => Cow::Borrowed(api),
        Some(name) => Cow::Owned(served(api, name)?),
    };
    let api = &*served;
    Ok(Tree::new()
        .with("openapi", "3.0.1")
        .with("info", info(api))
        .with("servers", Tree::List(vec![server(api, stage, settings)]))
        .maybe("tags", tags(api))
        .with("paths", paths(api))
        .maybe("components", components(api))
        .maybe(CORS_NAME, api.cors.as_ref().map(|cors| extension(CORS, &cors::show(cors))))
        .with(ALGORITHM_EXTENSION, ALGORITHM))
}

/// The api with what a stage's deployment froze.
fn served(api: &Api, name: &str) -> Result<Api, Error> {
    let stage = api.stages.get(name).ok_or_else(stage::unknown)?;
    let deployment = stage.deployment_id.as_ref().and_then(|id| api.deployments.get(id));
    let deployment =
        deployment.ok_or_else(|| bad_request(format!("Stage {name} has no deployment to export")))?;
    let snapshot = (*deployment.snapshot).clone();
    Ok(Api {
        routes: snapshot.routes,
        integrations: snapshot.integrations,
        authorizers: snapshot.authorizers,
        cors: snapshot.cors,
        disable_execute_api_endpoint: snapshot.disable_execute_api_endpoint,
        ..api.clone()
    })
}

fn info(api: &Api) -> Tree {
    // AWS puts the time where there is no version: 2020-04-08 19:05:45UTC
    let time = || iso8601(api.created).replace('T', " ").replace('Z', "UTC");
    Tree::new()
        .with("title", api.name.as_str())
        .maybe("description", api.description.as_deref())
        .with("version", api.version.clone().unwrap_or_else(time))
}

fn server(api: &Api, stage: Option<&str>, settings: &Settings) -> Tree {
    let base = stage.filter(|name| *name != DEFAULT).unwrap_or_default();
    let variable = Tree::new().with("default", base);
    let disabled = Tree::new().with("disableExecuteApiEndpoint", true);
    Tree::new()
        .with("url", format!("http://{}.execute-api.{}/{{basePath}}", api.id, settings.public_host))
        .with("variables", Tree::new().with("basePath", variable))
        .maybe(ENDPOINT_NAME, api.disable_execute_api_endpoint.then_some(disabled))
}

/// Tags, but for the one that would give a copy the id of the original.
fn tags(api: &Api) -> Option<Tree> {
    let tags = api.tags.iter().filter(|(name, _)| *name != custom_id::TAG);
    let tags =
        tags.map(|(name, value)| Tree::new().with("name", name.as_str()).with(TAG_VALUE, value.as_str()));
    Some(tags.collect::<Vec<_>>()).filter(|tags| !tags.is_empty()).map(Tree::List)
}

fn paths(api: &Api) -> Tree {
    let mut items: BTreeMap<&str, Vec<(&str, &Route)>> = BTreeMap::new();
    let is_taken = |route: &Route| matches!(&route.key, RouteKey::Path { path, .. } if path == DEFAULT_PATH);
    // The other spelling is that of SAM, and no path of a route.
    let default = if api.routes.values().any(is_taken) { DEFAULT } else { DEFAULT_PATH };
    for route in api.routes.values() {
        let (method, path) = match &route.key {
            RouteKey::Path { method, path } => (method.as_str(), path.as_str()),
            RouteKey::Default | RouteKey::Name(_) => ("ANY", default),
        };
        let known = METHODS.iter().find(|(_, known)| *known == method);
        items.entry(path).or_default().push((known.map_or(ANY, |(name, _)| name), route));
    }
    items.into_iter().fold(Tree::new(), |paths, (path, mut routes)| {
        routes.sort_unstable_by_key(|(method, _)| *method);
        let item = routes
            .into_iter()
            .fold(Tree::new(), |item, (method, route)| item.with(method, operation(api, route)));
        let parameters: Vec<Tree> = parameters(path).map(parameter).collect();
        paths.with(path, item.maybe("parameters", (!parameters.is_empty()).then_some(Tree::List(parameters))))
    })
}

/// Where AWS puts the route that takes what no other does.
const DEFAULT_PATH: &str = "/$default";

fn operation(api: &Api, route: &Route) -> Tree {
    let response = Tree::new().with("description", format!("Default response for {}", route.key));
    let target = route.integration_id().and_then(|id| api.integrations.get(id));
    let signed = route.authorization_type == "AWS_IAM";
    Tree::new()
        .maybe("operationId", route.operation_name.as_deref())
        .with("responses", Tree::new().with("default", response))
        .maybe("security", security(api, route))
        .maybe("isDefaultRoute", (route.key == RouteKey::Default).then_some(true))
        .maybe(AUTH_NAME, signed.then(|| Tree::new().with("type", "AWS_IAM")))
        .maybe(INTEGRATION_NAME, target.map(|integration| integrated(&integration::show(api, integration))))
}

fn security(api: &Api, route: &Route) -> Option<Tree> {
    let authorizer = api.authorizers.get(route.authorizer_id.as_ref()?)?;
    let scopes = route.authorization_scopes.iter().flatten().map(|scope| scope.as_str().into());
    let requirement = Tree::new().with(&authorizer.name, Tree::List(scopes.collect()));
    Some(Tree::List(vec![requirement]))
}

/// The names of a path's parameters, as AWS writes them: `proxy+` of `/{proxy+}`.
fn parameters(path: &str) -> impl Iterator<Item = &str> {
    path.split('/').filter_map(|segment| segment.strip_prefix('{')?.strip_suffix('}'))
}

fn parameter(name: &str) -> Tree {
    Tree::new()
        .with("name", name)
        .with("in", "path")
        .with("description", format!("Generated path parameter for {name}"))
        .with("required", true)
        .with("schema", Tree::new().with("type", "string"))
}

/// An integration as its extension writes it; the timeout that all have is not said.
fn integrated(shown: &Value) -> Tree {
    let mut shown = shown.clone();
    if shown["timeoutInMillis"] == integration::MAX_TIMEOUT_MS
        && let Some(members) = shown.as_object_mut()
    {
        members.remove("timeoutInMillis");
    }
    extension(INTEGRATION, &shown)
}

fn components(api: &Api) -> Option<Tree> {
    let schemes = api.authorizers.values().fold(None, |schemes: Option<Tree>, authorizer| {
        Some(
            schemes
                .unwrap_or_default()
                .with(&authorizer.name, scheme(&authorizer::show(authorizer, api.protocol))),
        )
    });
    let used = set_of(api.routes.values().filter_map(Route::integration_id));
    let unused = api.integrations.values().filter(|integration| !used.contains(integration.id.as_str()));
    let unused = unused.fold(None, |unused: Option<Tree>, integration| {
        let name = format!("unusedIntegration_{}", integration.id);
        Some(unused.unwrap_or_default().with(&name, integrated(&integration::show(api, integration))))
    });
    if schemes.is_none() && unused.is_none() {
        return None;
    }
    Some(Tree::new().maybe("securitySchemes", schemes).maybe(INTEGRATIONS_NAME, unused))
}

/// An authorizer as a security scheme: tokens are OAuth's, and what a function looks at is somewhere in the request.
fn scheme(shown: &Value) -> Tree {
    let described = match shown["authorizerType"].as_str() {
        Some("JWT") => Tree::new().with("type", "oauth2").with("flows", Tree::new()),
        Some(_) | None => {
            let (name, place) = source(shown["identitySource"][0].as_str().unwrap_or_default());
            Tree::new().with("type", "apiKey").with("name", name).with("in", place)
        }
    };
    described.with(AUTHORIZER_NAME, extension(AUTHORIZER, shown))
}

/// The name and place of what an identity source names; AWS's usual ones where it is neither header nor query.
fn source(identity: &str) -> (&str, &'static str) {
    let places = [("$request.header.", "header"), ("$request.querystring.", "query")];
    let named = places.iter().find_map(|(start, place)| Some((identity.strip_prefix(start)?, *place)));
    named.unwrap_or(("Authorization", "header"))
}
