//! REST APIs (V1): what clients send and see. Texts of refusals are those that AWS answered.

mod apis;
mod deployments;
mod domains;
mod integrations;
mod methods;
mod models;
mod openapi;
mod properties;
mod resources;
mod stages;
mod usage;

use serde_json::json;

use super::*;

/// A REST API, and nothing in it.
struct Rest {
    bench: Bench,
    /// `/restapis/{id}`
    path: String,
    root: String,
}

impl Rest {
    fn new() -> Self {
        Self::with(Settings::default())
    }

    fn with(settings: Settings) -> Self {
        let bench = Bench::with(settings);
        let api = bench.ok("POST /restapis", r#"{"name":"pets"}"#);
        let (path, root) = (format!("/restapis/{}", text(&api, "id")), text(&api, "rootResourceId"));
        Self { bench, path, root }
    }

    /// A resource under `parent`: its id.
    #[track_caller]
    fn resource(&self, parent: &str, part: &str) -> String {
        let body = json!({ "pathPart": part }).to_string();
        text(&self.bench.ok(&format!("POST {}/resources/{parent}", self.path), &body), "id")
    }

    /// A method of the root: its path.
    #[track_caller]
    fn method(&self, http_method: &str) -> String {
        let path = format!("{}/resources/{}/methods/{http_method}", self.path, self.root);
        self.bench.ok(&format!("PUT {path}"), r#"{"authorizationType":"NONE"}"#);
        path
    }

    /// The same with an integration.
    #[track_caller]
    fn mock(&self, http_method: &str) -> String {
        let path = self.method(http_method);
        self.bench.ok(&format!("PUT {path}/integration"), r#"{"type":"MOCK"}"#);
        path
    }

    /// A deployment: its id.
    #[track_caller]
    fn deployment(&self, body: &str) -> String {
        text(&self.bench.ok(&format!("POST {}/deployments", self.path), body), "id")
    }

    /// Each line, which stands for what comes after the api's own path, is refused so.
    #[track_caller]
    fn refuses(&self, rows: &[(&str, &str, &str)]) {
        for (line, body, expected) in rows {
            let line = line.replace("~", &self.path).replace("{root}", &self.root);
            self.bench.refused(&line, body, expected);
        }
    }
}

/// One patch operation.
fn patch(op: &str, path: &str, value: &str) -> String {
    patches(&[(op, path, value)])
}

/// The body of an update.
fn patches(operations: &[(&str, &str, &str)]) -> String {
    let operations = operations.iter().map(|(op, path, value)| match *op {
        "copy" => json!({ "op": op, "path": path, "from": value }),
        _ => json!({ "op": op, "path": path, "value": value }),
    });
    json!({ "patchOperations": operations.collect::<Vec<_>>() }).to_string()
}
