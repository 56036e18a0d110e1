//! What can be called, as a text for people: every api with the URLs of its routes.
//!
//! ```text
//! HTTP API hello (abc123def4)
//!   GET     http://localhost:4566/_aws/execute-api/abc123def4/pets/{id}
//! ```
//!
//! The URLs are those that need no name looked up. What is not deployed is not there.

use std::fmt::Write;

use crate::model::api::{Api, DEFAULT, Protocol, RouteKey, Stage};
use crate::model::rest::RestApi;
use crate::model::{Settings, Store};

/// Everything that can be called at `port` of this machine.
pub fn overview(store: &Store, settings: &Settings, port: u16) -> String {
    let mut text = String::new();
    let edge = format!("localhost:{port}/_aws/execute-api");
    for api in store.rest_apis.values() {
        let _ = writeln!(text, "REST API {} ({})", api.name, api.id);
        rest_api(&mut text, api, &edge);
    }
    for api in store.apis.values() {
        match api.protocol {
            Protocol::Http => {
                let _ = writeln!(text, "HTTP API {} ({})", api.name, api.id);
                api.stages.values().for_each(|stage| http_api(&mut text, api, stage, &edge));
            }
            Protocol::WebSocket => {
                let _ = writeln!(text, "WebSocket API {} ({})", api.name, api.id);
                let base = match api.port {
                    Some(port) => format!("{}:{port}", settings.port_host()),
                    None => format!("{edge}/{}", api.id),
                };
                api.stages.values().for_each(|stage| websocket_api(&mut text, api, stage, &base));
            }
        }
    }
    text
}

fn rest_api(text: &mut String, api: &RestApi, edge: &str) {
    for stage in api.stages.values() {
        let Some(deployment) = api.deployments.get(&stage.deployment_id) else { continue };
        let resources = deployment.snapshot.resources.values();
        let methods =
            resources.flat_map(|resource| resource.methods.keys().map(|method| (&resource.path, method)));
        let mut methods: Vec<_> = methods.collect();
        methods.sort_unstable();
        for (path, method) in methods {
            let _ = writeln!(text, "  {method:7} http://{edge}/{}/{}{path}", api.id, stage.name);
        }
    }
}

fn http_api(text: &mut String, api: &Api, stage: &Stage, edge: &str) {
    let mut base = format!("http://{edge}/{}", api.id);
    if stage.name != DEFAULT {
        let _ = write!(base, "/{}", stage.name);
    }
    let mut paths: Vec<_> = keys(api, stage)
        .filter_map(|key| match key {
            RouteKey::Path { method, path } => Some((path, method)),
            RouteKey::Default | RouteKey::Name(_) => None,
        })
        .collect();
    paths.sort_unstable();
    for (path, method) in paths {
        let _ = writeln!(text, "  {method:7} {base}{path}");
    }
    if keys(api, stage).any(|key| *key == RouteKey::Default) {
        let _ = writeln!(text, "  ANY     {base}/*");
    }
}

fn websocket_api(text: &mut String, api: &Api, stage: &Stage, base: &str) {
    // The api's own port serves its only stage without its name.
    let path =
        if api.port.is_some() && api.stages.len() == 1 { String::new() } else { format!("/{}", stage.name) };
    let mut names: Vec<_> = keys(api, stage).map(ToString::to_string).collect();
    names.sort_unstable();
    let _ = writeln!(text, "  connect ws://{base}{path}");
    let _ = writeln!(text, "  routes  {}", names.join(", "));
}

/// The keys of the routes that a stage serves.
fn keys<'a>(api: &'a Api, stage: &'a Stage) -> impl Iterator<Item = &'a RouteKey> {
    let deployment = stage.deployment_id.as_ref().and_then(|id| api.deployments.get(id));
    deployment.into_iter().flat_map(|deployment| deployment.snapshot.routes.values().map(|route| &route.key))
}
