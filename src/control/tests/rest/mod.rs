//! REST APIs (V1): what clients send and see. Texts of refusals are those that AWS answered.

mod apis;

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
