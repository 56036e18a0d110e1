//! The lines of a world that are about REST APIs.

use std::collections::BTreeMap;
use std::sync::Arc;

use gatelet::model::ApiId;
use gatelet::model::rest::{
    Authorization, Canary, ContentHandling, Deployment, Integration, IntegrationKind, Method, MethodSetting,
    Passthrough, Resource, RestApi, Stage,
};

use super::{World, owner};

/// A REST API in the making.
pub struct Draft {
    id: ApiId,
    integrations: BTreeMap<String, Integration>,
}

/// Does what a line says, if it is about a REST API.
pub fn line(world: &mut World, words: &[&str], line: &str) -> bool {
    match words {
        ["api" | "websocket", ..] => {
            world.rest = None;
            return false;
        }
        ["rest", id, more @ ..] => return begin(world, id, more),
        ["function" | "permission" | "parity" | "binary" | "idle" | "lifetime", ..] => return false,
        _ => {}
    }
    let Some(mut draft) = world.rest.take() else { return false };
    let api = world.store.rest_apis.get_mut(&draft.id).expect("it was begun");
    match words {
        ["method", verb, path, "->", integration, more @ ..] => {
            let mut method = Method::new(*verb);
            method.integration = draft.integrations.get(*integration).cloned();
            finish(&mut method, more);
            let id = resource(api, path);
            let resource = Arc::make_mut(api.resources.get_mut(&id).unwrap());
            resource.methods.insert((*verb).to_owned(), method);
        }
        ["stage", name, variables @ ..] => {
            let mut stage = Stage::new(*name, "", 0);
            let pairs = variables.iter().map(|pair| pair.split_once('=').unwrap());
            stage.variables = pairs.map(|(name, value)| (name.into(), value.into())).collect();
            api.stages.insert((*name).to_owned(), stage);
        }
        ["throttle", name, rate, burst, key] => {
            let setting = MethodSetting {
                throttling_rate_limit: rate.parse().unwrap(),
                throttling_burst_limit: burst.parse().unwrap(),
                ..MethodSetting::default()
            };
            api.stages.get_mut(*name).unwrap().method_settings.insert((*key).to_owned(), setting);
        }
        ["log", name, ..] => {
            let format = &line[line.find(name).unwrap() + name.len() + 1..];
            api.stages.get_mut(*name).unwrap().access_log = Some(super::access_log(format));
        }
        ["deploy", name] => {
            let id = format!("d{}", api.deployments.len());
            let snapshot = Arc::new(api.snapshot());
            let deployment = Deployment { id: id.clone(), description: None, created: 0, snapshot };
            api.deployments.insert(id.clone(), deployment);
            api.stages.get_mut(*name).unwrap().deployment_id = id;
        }
        ["canary", name, percent, variables @ ..] => {
            let id = format!("d{}", api.deployments.len());
            let snapshot = Arc::new(api.snapshot());
            let deployment = Deployment { id: id.clone(), description: None, created: 0, snapshot };
            api.deployments.insert(id.clone(), deployment);
            let pairs = variables.iter().map(|pair| pair.split_once('=').unwrap());
            api.stages.get_mut(*name).unwrap().canary = Some(Canary {
                deployment_id: id,
                percent_traffic: percent.parse().unwrap(),
                stage_variable_overrides: pairs.map(|(name, value)| (name.into(), value.into())).collect(),
                use_stage_cache: false,
            });
        }
        [kind, id, rest @ ..] => integration(&mut draft.integrations, kind, id, rest, line),
        _ => panic!("what is this: {line}"),
    }
    world.store.changed.rest_apis.insert(draft.id.clone());
    world.rest = Some(draft);
    true
}

fn begin(world: &mut World, id: &str, more: &[&str]) -> bool {
    let id = ApiId::new(id);
    let api = world.store.rest_apis.entry(id.clone());
    let api = api.or_insert_with(|| RestApi::new(id.clone(), owner(), id.as_str(), "root000000", 0));
    api.disable_execute_api_endpoint = more.contains(&"disabled");
    if let Some(types) = option(more, "binary") {
        api.binary_media_types = types.split(',').map(str::to_owned).collect();
    }
    world.store.changed.rest_apis.insert(id.clone());
    world.rest = Some(Draft { id, integrations: BTreeMap::new() });
    true
}

fn finish(method: &mut Method, more: &[&str]) {
    method.api_key_required = more.contains(&"key");
    method.operation_name = option(more, "operation");
    method.authorization = match option(more, "auth").as_deref() {
        Some("AWS_IAM") => Authorization::Iam,
        Some("CUSTOM") => Authorization::Custom,
        Some("COGNITO_USER_POOLS") => Authorization::Cognito,
        Some(other) => panic!("what is this: {other}"),
        None => Authorization::None,
    };
}

/// The id of the resource with this path, which is made with all above it where it is missing.
fn resource(api: &mut RestApi, path: &str) -> String {
    let mut id = api.root_resource_id.clone();
    let mut here = String::new();
    for part in path.split('/').filter(|part| !part.is_empty()) {
        here = format!("{here}/{part}");
        let known = api.resources.values().find(|resource| resource.path == here);
        id = match known {
            Some(known) => known.id.clone(),
            None => {
                let new = Resource {
                    id: format!("res{}", api.resources.len()),
                    parent_id: Some(id),
                    path_part: part.to_owned(),
                    path: here.clone(),
                    methods: BTreeMap::new(),
                };
                let id = new.id.clone();
                api.resources.insert(id.clone(), Arc::new(new));
                id
            }
        };
    }
    id
}

fn integration(all: &mut BTreeMap<String, Integration>, kind: &str, id: &str, rest: &[&str], line: &str) {
    let new = |kind, uri: Option<&str>, more: &[&str]| {
        let mut integration = Integration::new(kind, "resource00");
        integration.uri = uri.map(str::to_owned);
        integration.http_method = option(more, "method");
        integration.credentials = more.contains(&"role").then(|| "arn:aws:iam::123456789012:role/r".into());
        if let Some(connection) = option(more, "connection") {
            integration.connection_type = Some(connection);
        }
        if let Some(timeout) = option(more, "timeout") {
            integration.timeout_ms = timeout.parse().unwrap();
        }
        integration
    };
    let kinds = [
        ("lambda", IntegrationKind::AwsProxy),
        ("http", IntegrationKind::HttpProxy),
        ("aws", IntegrationKind::Aws),
        ("web", IntegrationKind::Http),
    ];
    if let Some((_, kind)) = kinds.iter().find(|(name, _)| *name == kind) {
        all.insert(id.to_owned(), new(*kind, Some(rest[0]), &rest[1..]));
        return;
    }
    if kind == "mock" {
        all.insert(id.to_owned(), new(IntegrationKind::Mock, None, rest));
        return;
    }
    // What follows this many words, spaces and all.
    let after = |count: usize| line.splitn(count + 1, ' ').nth(count).unwrap_or_default().to_owned();
    let integration = all.get_mut(id).expect("an integration comes first");
    match (kind, rest) {
        ("map", [place, ..]) => {
            integration.request_parameters.insert((*place).to_owned(), after(3));
        }
        ("template", [name, ..]) => {
            integration.request_templates.insert((*name).to_owned(), after(3));
        }
        ("passthrough", ["never"]) => integration.passthrough = Passthrough::Never,
        ("passthrough", ["no_templates"]) => integration.passthrough = Passthrough::WhenNoTemplates,
        ("content", ["binary"]) => integration.content_handling = Some(ContentHandling::ToBinary),
        ("content", ["text"]) => integration.content_handling = Some(ContentHandling::ToText),
        ("respond", [status, ..]) => {
            let response = integration.responses.entry((*status).to_owned()).or_default();
            response.selection_pattern = Some(after(3)).filter(|pattern| !pattern.is_empty());
        }
        ("header", [status, name, ..]) => {
            let response = integration.responses.get_mut(*status).expect("a response comes first");
            let headers = response.response_parameters.get_or_insert_default();
            headers.insert(format!("method.response.header.{name}"), after(4));
        }
        ("body", [status, name, ..]) => {
            let response = integration.responses.get_mut(*status).expect("a response comes first");
            response.response_templates.get_or_insert_default().insert((*name).to_owned(), after(4));
        }
        _ => panic!("what is this: {line}"),
    }
}

fn option(words: &[&str], name: &str) -> Option<String> {
    words.iter().find_map(|word| word.strip_prefix(name)?.strip_prefix('=')).map(str::to_owned)
}
