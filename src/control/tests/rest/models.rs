use super::*;

#[test]
fn a_life() {
    let rest = Rest::new();
    let (bench, path) = (&rest.bench, &rest.path);
    let names = |list: &Value| -> Vec<String> {
        list["item"].as_array().unwrap().iter().map(|model| text(model, "name")).collect()
    };
    let defaults = bench.ok(&format!("GET {path}/models"), "");
    assert_eq!(names(&defaults), ["Empty", "Error"]);
    let empty = &defaults["item"][0];
    assert_eq!(empty["description"], "This is a default empty schema model");
    let schema: Value = serde_json::from_str(&text(empty, "schema")).unwrap();
    assert_eq!(
        schema,
        json!({ "$schema": "http://json-schema.org/draft-04/schema#", "title": "Empty Schema", "type": "object" })
    );
    let schema = r#"{"title":"t","type":"object"}"#;
    let body =
        json!({ "name": "pet", "contentType": "application/json", "schema": schema, "description": "d" });
    let said = bench.ask(&format!("POST {path}/models"), &body.to_string());
    let id = text(&said.json(), "id");
    let expected = json!({
        "id": id, "name": "pet", "contentType": "application/json", "schema": schema, "description": "d",
    });
    assert_eq!((said.status, said.json(), id.len()), (201, expected.clone(), 6));
    assert_eq!(bench.ok(&format!("GET {path}/models/pet"), ""), expected);
    assert_eq!(names(&bench.ok(&format!("GET {path}/models"), "")), ["Empty", "Error", "pet"]);
    let shown =
        bench.ok(&format!("PATCH {path}/models/pet"), &patch("replace", "/schema", r#"{"type":"string"}"#));
    assert_eq!(shown["schema"], r#"{"type":"string"}"#);
    let said = bench.ask(&format!("DELETE {path}/models/pet"), "");
    assert_eq!((said.status, said.body.as_str()), (202, ""));
    for method in ["GET", "PATCH", "DELETE"] {
        let gone = "404 NotFoundException Invalid model name specified: pet";
        bench.refused(&format!("{method} {path}/models/pet"), "", gone);
        bench.refused(&format!("{method} {path}x/models/pet"), "", gone);
    }
}

#[test]
fn methods_hold_their_models() {
    let rest = Rest::new();
    let (bench, path) = (&rest.bench, &rest.path);
    let model =
        |name: &str| json!({ "name": name, "contentType": "application/json", "schema": "{}" }).to_string();
    bench.ok(&format!("POST {path}/models"), &model("one"));
    bench.ok(&format!("POST {path}/models"), &model("two"));
    let method = rest.method("ANY");
    bench.ok(&format!("PATCH {method}"), &patch("add", "/requestModels/application~1json", "one"));
    let used = |name: &str, at: &str| {
        format!("409 ConflictException Cannot delete model '{name}', is referenced in method request: {at}")
    };
    bench.refused(&format!("DELETE {path}/models/one"), "", &used("one", "//ANY"));
    bench.ok(&format!("PATCH {method}"), &patch("replace", "/requestModels/application~1json", "two"));
    assert_eq!(bench.ask(&format!("DELETE {path}/models/one"), "").status, 202);
    let test = rest.resource(&rest.root, "test");
    let body = r#"{"authorizationType":"NONE","requestModels":{"application/json":"two"}}"#;
    bench.ok(&format!("PUT {path}/resources/{test}/methods/ANY"), body);
    bench.refused(&format!("DELETE {path}/models/two"), "", &used("two", "/test/ANY"));
}

#[test]
fn what_is_refused() {
    let rest = Rest::new();
    let body = |name: &str, kind: &str, schema: &str| {
        json!({ "name": name, "contentType": kind, "schema": schema }).to_string()
    };
    let no_schema =
        "400 BadRequestException Model schema must have at least 1 property or array items defined";
    let json = "application/json";
    rest.refuses(&[
        ("POST ~x/models", &body("a", json, "{}"), "404 NotFoundException Invalid API identifier specified…"),
        ("GET ~x/models", "", "404 NotFoundException Invalid API identifier specified…"),
        ("POST ~/models", &body("Empty", json, "{}"), "409 ConflictException Model name already exists for this REST API"),
        ("POST ~/models", &body("", json, "{}"), "400 BadRequestException Model name must be non-empty"),
        ("POST ~/models", &body("a-b", json, "{}"), "400 BadRequestException Model name must be alphanumeric: a-b"),
        ("POST ~/models", &body("a", json, ""), no_schema),
        ("POST ~/models", r#"{"name":"a","contentType":"application/json"}"#, no_schema),
        ("POST ~/models", r#"{"name":"a","contentType":"application/xml"}"#, no_schema),
        ("POST ~/models", &body("a", json, "{"), "400 BadRequestException Invalid model specified…"),
        ("POST ~/models", &body("a", json, "[]"), "400 BadRequestException Invalid model specified…"),
        ("POST ~/models", &body("a", "text/plain", &"x".repeat(500_000)), "400 BadRequestException Invalid model specified…"),
        ("POST ~/models", "{}", "400 ValidationException 2 validation errors detected: Value null at 'createModelInput.name'…"),
        ("GET ~/models/Empty?flatten=true", "", "501 NotImplementedException …"),
        (
            "PATCH ~/models/Empty",
            &patch("add", "/wrong-path", "x"),
            "400 BadRequestException Invalid patch path  '/wrong-path' specified for op 'add'. Please choose supported operations",
        ),
        (
            "PATCH ~/models/Empty",
            &patch("replace", "/name", "x"),
            "400 BadRequestException Invalid patch path  '/name' specified for op 'replace'. Must be one of: [/description, /schema]",
        ),
        ("PATCH ~/models/Empty", &patch("replace", "/schema", ""), no_schema),
    ]);
}
