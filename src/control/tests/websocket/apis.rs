use serde_json::json;

use super::*;

fn create(more: &str) -> String {
    format!(
        r#"{{"name":"chat","protocolType":"WEBSOCKET","routeSelectionExpression":"$request.body.action"{more}}}"#
    )
}

#[test]
fn an_api_has_the_members_and_defaults_of_aws() {
    let bench = Bench::new();
    let said = bench.ask("POST /v2/apis", &create(""));
    let id = text(&said.json(), "apiId");
    let mut expected = json!({
        "apiId": id,
        "apiEndpoint": "ws://localhost:4510",
        "name": "chat",
        "protocolType": "WEBSOCKET",
        "createdDate": "2020-04-08T19:05:45Z",
        "disableExecuteApiEndpoint": false,
        "apiKeySelectionExpression": "$request.header.x-api-key",
        "routeSelectionExpression": "$request.body.action",
        "ipAddressType": "ipv4",
        "tags": {},
    });
    assert_eq!((said.status, said.json()), (201, expected.clone()));
    assert_eq!(bench.ok("GET /v2/apis", ""), json!({ "items": [expected] }));
    let update = r#"{"routeSelectionExpression":"${request.body.a}/${request.body.b}","disableSchemaValidation":true,
        "apiKeySelectionExpression":"$context.authorizer.usageIdentifierKey","name":"talk"}"#;
    expected["routeSelectionExpression"] = "${request.body.a}/${request.body.b}".into();
    expected["apiKeySelectionExpression"] = "$context.authorizer.usageIdentifierKey".into();
    expected["disableSchemaValidation"] = true.into();
    expected["name"] = "talk".into();
    assert_eq!(bench.ok(&format!("PATCH /v2/apis/{id}"), update), expected);
}

#[test]
fn each_api_has_a_port_until_it_is_deleted() {
    let bench = Bench::new();
    let endpoint = |api: &Value| text(api, "apiEndpoint");
    let first = bench.ok("POST /v2/apis", &create(""));
    let second = bench.ok("POST /v2/apis", &create(r#","tags":{"_custom_id_":"wsapi"}"#));
    bench.ok("POST /v2/apis", r#"{"name":"pets","protocolType":"HTTP"}"#);
    assert_eq!(
        (endpoint(&first), endpoint(&second)),
        ("ws://localhost:4510".into(), "ws://localhost:4511".into())
    );
    assert_eq!(second["apiId"], "wsapi");
    let live = bench.live.latest();
    let mut ports: Vec<_> = live.ports().map(|(port, api)| (port, api.id.as_str().to_owned())).collect();
    ports.sort();
    assert_eq!(ports, [(4510, text(&first, "apiId")), (4511, "wsapi".to_owned())]);
    for body in [create(r#","tags":{"_custom_id_":"wsapi"}"#), create(r#","target":"http://a""#)] {
        assert!(bench.ask("POST /v2/apis", &body).status >= 400);
    }
    assert_eq!(bench.ports.open(), [4510, 4511], "what is refused opens no port");
    bench.ok(&format!("DELETE /v2/apis/{}", text(&first, "apiId")), "");
    assert_eq!(bench.ports.open(), [4511]);
    assert_eq!(endpoint(&bench.ok("POST /v2/apis", &create(""))), "ws://localhost:4510");
    bench.ask("POST /_localstack/state/reset", "");
    assert_eq!(bench.ports.open(), [0u16; 0]);
    assert_eq!(bench.live.latest().ports().count(), 0);
}

#[test]
fn without_a_port_an_api_is_reached_by_host_and_says_so() {
    let bench = Bench::with_ports(Settings::default(), Fake::until(4510));
    let api = bench.ok("POST /v2/apis", &create(""));
    let id = text(&api, "apiId");
    assert_eq!(text(&api, "apiEndpoint"), format!("ws://{id}.execute-api.localhost.localstack.cloud:4566"));
    assert!(api["warnings"][0].as_str().unwrap().starts_with("No port is free"), "{api}");
    assert_eq!(bench.ask(&format!("DELETE /v2/apis/{id}"), "").status, 204);
}

#[test]
fn the_host_of_an_endpoint() {
    for (public_host, expected) in [
        ("localhost.localstack.cloud:4566", "ws://localhost:4510"),
        ("localhost.localstack.cloud:4567", "ws://localhost:4510"),
        ("localstack_main:4566", "ws://localstack_main:4510"),
        ("localhost:4566", "ws://localhost:4510"),
        ("[::1]:4566", "ws://[::1]:4510"),
        ("example.org", "ws://example.org:4510"),
    ] {
        let bench = Bench::with(Settings { public_host: public_host.into(), ..Settings::default() });
        assert_eq!(text(&bench.ok("POST /v2/apis", &create("")), "apiEndpoint"), expected);
    }
}

#[test]
fn what_is_refused() {
    let (bench, api) = Bench::with_websocket();
    let with = |expression: &str| {
        format!(r#"{{"name":"a","protocolType":"WEBSOCKET","routeSelectionExpression":"{expression}"}}"#)
    };
    for (body, expected) in [
        (
            r#"{"name":"a","protocolType":"WEBSOCKET"}"#.to_owned(),
            "400 BadRequestException routeSelectionExpression is required for an API with a protocol type of WEBSOCKET",
        ),
        (with(""), "400 BadRequestException routeSelectionExpression is required…"),
        (
            with("$request.method"),
            "400 BadRequestException Invalid routeSelectionExpression specified: $request.method: …",
        ),
        (with("${request.body.a"), "400 BadRequestException Invalid routeSelectionExpression…"),
        (create(r#","target":"http://a""#), "400 BadRequestException target is not supported…"),
        (create(r#","routeKey":"$default""#), "400 BadRequestException routeKey is not supported…"),
        (create(r#","credentialsArn":"a""#), "400 BadRequestException credentialsArn is not supported…"),
        (
            create(r#","corsConfiguration":{"allowOrigins":["*"]}"#),
            "400 BadRequestException corsConfiguration is not supported for an API with a protocol type of WEBSOCKET",
        ),
        (create(r#","disableSchemaValidation":"yes""#), "400 SerializationException …"),
        (create(r#","apiKeySelectionExpression":"$x""#), "400 BadRequestException Invalid apiKeySelection…"),
        (create(r#","tags":{"_custom_id_":"A"}"#), "400 BadRequestException The ApiId 'A' cannot…"),
    ] {
        bench.refused("POST /v2/apis", &body, expected);
    }
    bench.refused(&format!("PATCH {api}"), r#"{"corsConfiguration":{}}"#, "400 BadRequestException cors…");
    bench.refused(
        &format!("POST {api}/deployments"),
        "",
        "400 BadRequestException At least one route is required before deploying the Api.",
    );
}
