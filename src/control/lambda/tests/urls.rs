//! URLs of functions.

use super::*;

const URLS: &str = "/2021-10-31/functions";

#[test]
fn a_url_from_its_making_to_its_end() {
    let lambda = Lambda::with_f();
    let line = |method: &str| format!("{method} {URLS}/f/url");
    let cors = json!({ "AllowOrigins": ["*"], "AllowMethods": ["GET"], "MaxAge": 60 });
    let made = lambda.said(&line("POST"), &json!({ "AuthType": "NONE", "Cors": cors }), 201);
    let url = made["FunctionUrl"].as_str().unwrap().to_owned();
    let id = url.strip_prefix("http://").unwrap().split('.').next().unwrap().to_owned();
    assert_eq!(id.len(), 32);
    assert!(url.ends_with(".lambda-url.us-east-1.localhost.localstack.cloud:4566/"), "{url}");
    has(&made, json!({ "AuthType": "NONE", "FunctionArn": ARN, "InvokeMode": "BUFFERED", "Cors": cors }));
    assert!(lambda.live.latest().function_url(&id.to_ascii_uppercase()).is_some());
    assert_eq!(lambda.said(&line("GET"), &Value::Null, 200)["FunctionUrl"], url);
    let exists = lambda.refused(&line("POST"), &json!({ "AuthType": "NONE" }));
    assert!(
        exists.starts_with("409 resourceconflictexception: Failed to create function url config"),
        "{exists}"
    );
    let updated = lambda.said(&line("PUT"), &json!({ "AuthType": "AWS_IAM", "Cors": {} }), 200);
    has(&updated, json!({ "AuthType": "AWS_IAM", "FunctionUrl": url }));
    assert_eq!(updated.get("Cors"), None);
    let live = lambda.live.latest();
    let compiled = live.function_url(&id).unwrap();
    assert!(compiled.signed && compiled.api.default_stage().is_some_and(|stage| stage.cors.is_none()));
    let list = lambda.said(&format!("GET {URLS}/f/urls"), &Value::Null, 200);
    assert_eq!(list["FunctionUrlConfigs"][0]["FunctionUrl"], url);
    assert_eq!(lambda.answered(&line("DELETE"), b"").status, 204);
    assert!(lambda.live.latest().function_url(&id).is_none());
    let missing = "404 resourcenotfoundexception: The resource you requested does not exist.";
    for method in ["GET", "PUT", "DELETE"] {
        assert_eq!(lambda.refused(&line(method), &json!({})), missing);
    }
    lambda.said(&line("POST"), &json!({ "AuthType": "NONE" }), 201);
    lambda.answered(&format!("DELETE {FUNCTIONS}/f"), b"");
    assert!(lambda.control.store().function_urls.is_empty());
}

#[test]
fn aliases_have_urls_of_their_own() {
    let lambda = Lambda::empty();
    lambda.made(&but(function("f"), json!({ "Tags": { "_custom_id_": "Mine" }, "Publish": true })));
    lambda.said(
        &format!("POST {FUNCTIONS}/f/aliases"),
        &json!({ "Name": "live", "FunctionVersion": "1" }),
        201,
    );
    let line = format!("POST {URLS}/f/url?Qualifier=live");
    let made = lambda.said(&line, &json!({ "AuthType": "NONE" }), 201);
    has(
        &made,
        json!({
            "FunctionUrl": "http://mine-live.lambda-url.us-east-1.localhost.localstack.cloud:4566/",
            "FunctionArn": format!("{ARN}:live"),
        }),
    );
    let made = lambda.said(&format!("POST {URLS}/f/url"), &json!({ "AuthType": "NONE" }), 201);
    assert_eq!(made["FunctionUrl"], "http://mine.lambda-url.us-east-1.localhost.localstack.cloud:4566/");
    lambda.made(&but(function("g"), json!({ "Tags": { "_custom_id_": "mine" } })));
    let taken = lambda.refused(&format!("POST {URLS}/g/url"), &json!({ "AuthType": "NONE" }));
    assert_eq!(taken, "409 resourceconflictexception: A function's URL with the id mine exists already");
    assert_eq!(lambda.answered(&format!("DELETE {FUNCTIONS}/f/aliases/live"), b"").status, 204);
    assert!(lambda.live.latest().function_url("mine-live").is_none());
    assert!(lambda.live.latest().function_url("mine").is_some());
}

#[test]
fn what_is_refused() {
    let lambda = Lambda::with_f();
    for (path, body, expected) in [
        (
            "f/url",
            json!({}),
            "400 validationexception: 1 validation error detected: Value null at 'authType'",
        ),
        (
            "f/url",
            json!({ "AuthType": "x" }),
            "400 validationexception: 1 validation error detected: Value 'x' at",
        ),
        ("g/url", json!({ "AuthType": "NONE" }), "404 resourcenotfoundexception: Function does not exist"),
        (
            "f/url?Qualifier=no",
            json!({ "AuthType": "NONE" }),
            "404 resourcenotfoundexception: Function does not exist",
        ),
        ("f/url?Qualifier=1", json!({ "AuthType": "NONE" }), "400 validationexception: "),
        ("f/url?Qualifier=$LATEST", json!({ "AuthType": "NONE" }), "400 validationexception: "),
        (
            "f/url",
            json!({ "AuthType": "NONE", "InvokeMode": "RESPONSE_STREAM" }),
            "501 notimplementedexception: gatelet does not support the invoke mode RESPONSE_STREAM",
        ),
        (
            "f/url",
            json!({ "AuthType": "NONE", "Cors": { "MaxAge": 90000 } }),
            "400 validationexception: 1 validation error detected: Value '90000' at 'cors.maxAge'",
        ),
        (
            "f/url",
            json!({ "AuthType": "NONE", "Cors": { "AllowMethods": ["x"] } }),
            "400 validationexception: ",
        ),
        (
            "f/url",
            json!({ "AuthType": "NONE", "Cors": { "AllowOrigins": ["a\r\nb"] } }),
            "400 validationexception: ",
        ),
    ] {
        let found = lambda.refused(&format!("POST {URLS}/{path}"), &body);
        assert!(found.starts_with(expected), "{path} {body}\nexpected {expected}\nfound    {found}");
    }
    assert!(lambda.control.store().function_urls.is_empty());
}
