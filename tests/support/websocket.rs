//! The lines of a world that only WebSocket APIs have.

use std::collections::BTreeMap;

use gatelet::model::api::{
    Authorizer, AuthorizerKind, FunctionAuthorizer, IntegrationResponse, Model, Passthrough, PayloadFormat,
    Protocol, Route, RouteKey, RouteResponse,
};

use super::World;

pub fn line(world: &mut World, line: &str) {
    let words: Vec<&str> = line.split_whitespace().collect();
    // A last word that may have spaces.
    let tail = |nth: usize| {
        let start =
            words[..nth].iter().fold(line, |rest, word| &rest[rest.find(word).unwrap() + word.len()..]);
        start.trim().to_owned()
    };
    match words[..] {
        ["websocket", id, ref more @ ..] => {
            let mut api = super::api(id);
            api.protocol = Protocol::WebSocket;
            api.disable_execute_api_endpoint = more.contains(&"disabled");
            let expression = more.iter().find(|word| **word != "disabled");
            api.route_selection_expression = (*expression.unwrap_or(&"$request.body.action")).to_owned();
            world.api = Some(api.id.clone());
            world.store.apis.insert(api.id.clone(), api);
        }
        ["template", id, name, ..] => {
            let text = tail(3);
            integration(world, id).request_templates.insert(name.to_owned(), text);
        }
        ["select", id, expression] => {
            integration(world, id).template_selection_expression = Some(expression.to_owned());
        }
        ["passthrough", id, behavior] => {
            integration(world, id).passthrough = match behavior {
                "never" => Passthrough::Never,
                "no_templates" => Passthrough::WhenNoTemplates,
                _ => panic!("what is this: {line}"),
            };
        }
        // A template's name, or `name=expression` if it must be selected.
        ["response", id, key, ref template @ ..] => {
            let selected = template.first().map(|word| word.split_once('=').unwrap_or((word, word)));
            let templates = selected.map(|(name, _)| (name.to_owned(), tail(4)));
            let responses = &mut integration(world, id).responses;
            let number = format!("x{}", responses.len());
            let response = IntegrationResponse {
                id: number.clone(),
                key: key.to_owned(),
                content_handling: None,
                template_selection_expression: selected.map(|(_, expression)| expression.to_owned()),
                response_templates: templates.into_iter().collect(),
                response_parameters: BTreeMap::new(),
            };
            responses.insert(number, response);
        }
        ["authorizer", id, uri, ref sources @ ..] => {
            let authorizer = Authorizer {
                id: id.to_owned(),
                name: id.to_owned(),
                identity_source: sources.iter().map(|source| (*source).to_owned()).collect(),
                kind: AuthorizerKind::Request(FunctionAuthorizer {
                    uri: uri.to_owned(),
                    credentials_arn: None,
                    payload: PayloadFormat::V1,
                    simple_responses: false,
                    ttl_s: 0,
                }),
            };
            world.api().authorizers.insert(id.to_owned(), authorizer);
        }
        ["model", name, ..] => {
            let model = Model {
                id: name.to_owned(),
                name: name.to_owned(),
                content_type: "application/json".into(),
                description: None,
                schema: tail(2),
            };
            world.api().models.insert(name.to_owned(), model);
        }
        ["models", key, expression, ref models @ ..] => {
            let named = RouteKey::Name(key.to_owned());
            let route = world.api().routes.values_mut().find(|route| route.key == named).unwrap();
            route.model_selection_expression = Some(expression.to_owned());
            let models = models.iter().map(|pair| pair.split_once('=').unwrap());
            route.request_models = models.map(|(key, name)| (key.to_owned(), name.to_owned())).collect();
        }
        _ => panic!("what is this: {line}"),
    }
    world.store.changed.apis.extend(world.api.clone());
}

/// What a route of a WebSocket API has besides.
pub fn finish_route(route: &mut Route, key: &str, words: &[&str]) {
    route.key = RouteKey::Name(key.to_owned());
    let option = |name: &str| words.iter().find_map(|word| word.strip_prefix(name)?.strip_prefix('='));
    if words.contains(&"-") {
        route.target = None;
    }
    if let Some(authorizer) = option("authorizer") {
        route.authorization_type = "CUSTOM".into();
        route.authorizer_id = Some(authorizer.to_owned());
    }
    if words.contains(&"replies") {
        route.route_response_selection_expression = Some("$default".into());
        let response = RouteResponse {
            id: "y".into(),
            key: "$default".into(),
            model_selection_expression: None,
            response_models: BTreeMap::new(),
            response_parameters: BTreeMap::new(),
        };
        route.responses.insert("y".into(), response);
    }
    route.request_parameters = option("needs").map(|name| (name.to_owned(), true)).into_iter().collect();
    route.api_key_required = words.contains(&"key");
}

fn integration<'w>(world: &'w mut World, id: &str) -> &'w mut gatelet::model::api::Integration {
    world.api().integrations.get_mut(id).expect("an integration comes first")
}
