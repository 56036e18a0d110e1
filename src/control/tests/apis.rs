use serde_json::json;

use super::*;
use crate::model::settings::{EndpointStyle, Parity};

#[test]
fn an_api_has_the_members_and_defaults_of_aws() {
    let bench = Bench::new();
    let said = bench.ask("POST /v2/apis", r#"{"name":"pets","protocolType":"HTTP","extra":{"ignored":1}}"#);
    assert_eq!((said.status, said.header("content-type")), (201, "application/json"));
    assert_eq!(said.header("x-amzn-requestid").len(), 36);
    let id = text(&said.json(), "apiId");
    assert_eq!(id.len(), 10);
    let expected = json!({
        "apiId": id,
        "apiEndpoint": format!("{id}.execute-api.localhost.localstack.cloud:4566"),
        "name": "pets",
        "protocolType": "HTTP",
        "createdDate": "2020-04-08T19:05:45Z",
        "disableExecuteApiEndpoint": false,
        "apiKeySelectionExpression": "$request.header.x-api-key",
        "routeSelectionExpression": "$request.method $request.path",
        "ipAddressType": "ipv4",
        "tags": {},
    });
    assert_eq!(said.json(), expected);
    assert_eq!(bench.ok(&format!("GET /v2/apis/{id}"), ""), expected);
    assert_eq!(bench.ok("GET /v2/apis", ""), json!({ "items": [expected] }));
    assert_eq!(bench.ask(&format!("DELETE /v2/apis/{id}"), "").status, 204);
    bench.refused(
        &format!("GET /v2/apis/{id}"),
        "",
        &format!("404 NotFoundException Invalid API identifier specified 000000000000:{id}"),
    );
    assert_eq!(bench.ok("GET /v2/apis", ""), json!({ "items": [] }));
}

#[test]
fn an_update_says_only_what_changes() {
    let (bench, api) = Bench::with_api();
    let update = |body: &str| bench.ok(&format!("PATCH {api}"), body);
    let cors = r#"{"corsConfiguration":{"allowOrigins":["https://a.b"],"allowMethods":["GET"],"maxAge":-1}}"#;
    let shown = update(cors);
    assert_eq!(
        shown["corsConfiguration"],
        json!({ "allowOrigins": ["https://a.b"], "allowMethods": ["GET"], "maxAge": -1 })
    );
    let shown = update(
        r#"{"name":"cats","description":"","version":"2","disableExecuteApiEndpoint":true,"ipAddressType":"dualstack",
            "corsConfiguration":{"allowOrigins":["*"]}}"#,
    );
    assert_eq!(shown["name"], "cats");
    assert_eq!(shown["description"], "");
    assert_eq!(shown["version"], "2");
    assert_eq!(shown["disableExecuteApiEndpoint"], true);
    assert_eq!(shown["ipAddressType"], "dualstack");
    assert_eq!(
        shown["corsConfiguration"],
        json!({ "allowOrigins": ["*"], "allowMethods": ["GET"], "maxAge": -1 }),
        "members of corsConfiguration merge"
    );
    assert_eq!(update("{}"), shown);
    assert_eq!(bench.ask(&format!("DELETE {api}/cors"), "").status, 204);
    assert_eq!(update("")["corsConfiguration"], Value::Null);
}

#[test]
fn what_is_refused() {
    let (bench, api) = Bench::with_api();
    let long = "n".repeat(129);
    for (body, expected) in [
        ("", "400 BadRequestException Invalid protocol specified. Must be one of [HTTP, WEBSOCKET]"),
        (r#"{"name":"a","protocolType":"REST"}"#, "400 BadRequestException Invalid protocol…"),
        (
            r#"{"name":"a","protocolType":"WEBSOCKET"}"#,
            "400 BadRequestException routeSelectionExpression is required…",
        ),
        (r#"{"protocolType":"HTTP"}"#, "400 BadRequestException …"),
        (r#"{"name":null,"protocolType":"HTTP"}"#, "400 BadRequestException …"),
        (
            r#"{"name":"","protocolType":"HTTP"}"#,
            "400 BadRequestException name must have between 1 and 128 characters",
        ),
        (&format!(r#"{{"name":"{long}","protocolType":"HTTP"}}"#), "400 BadRequestException name …"),
        (
            r#"{"name":7,"protocolType":"HTTP"}"#,
            "400 SerializationException name must be a string, and not a number",
        ),
        (r#"[]"#, "400 SerializationException …"),
        (r#"{"name":"#, "400 SerializationException …"),
        (
            r#"{"name":"a","protocolType":"HTTP","routeKey":"GET /"}"#,
            "400 BadRequestException routeKey can only…",
        ),
        (r#"{"name":"a","protocolType":"HTTP","target":"ftp://x"}"#, "400 BadRequestException Invalid HTTP…"),
        (
            r#"{"name":"a","protocolType":"HTTP","target":"arn:aws:s3:::x"}"#,
            "400 BadRequestException AWS_PROXY…",
        ),
        (
            r#"{"name":"a","protocolType":"HTTP","target":"http://x","routeKey":"x"}"#,
            "400 BadRequestException The…",
        ),
    ] {
        bench.refused("POST /v2/apis", body, expected);
    }
    let deep = format!(r#"{{"name":{}1{}}}"#, "[".repeat(200), "]".repeat(200));
    for (body, expected) in [
        (
            r#"{"corsConfiguration":{"allowOrigins":["*"],"allowCredentials":true}}"#,
            "400 BadRequestException allow-credentials is not supported if 'allow-origin' is *",
        ),
        (
            r#"{"corsConfiguration":{"allowOrigins":["a.b"]}}"#,
            "400 BadRequestException Invalid format for origin a.b",
        ),
        (
            r#"{"corsConfiguration":{"allowOrigins":["https://*","https://*.a.b"]}}"#,
            "400 BadRequestException Invalid format for origin https://*.a.b",
        ),
        (
            r#"{"corsConfiguration":{"allowOrigins":["http://*","capacitor://localhost"]}}"#,
            "400 BadRequestException Invalid format for origin capacitor://localhost",
        ),
        (r#"{"corsConfiguration":{"allowOrigins":["https://"]}}"#, "400 BadRequestException Invalid format…"),
        (
            r#"{"corsConfiguration":{"allowOrigins":["http://a/b"]}}"#,
            "400 BadRequestException Invalid format…",
        ),
        (
            r#"{"corsConfiguration":{"allowOrigins":["http://a\r\nb"]}}"#,
            "400 BadRequestException Invalid format…",
        ),
        (r#"{"corsConfiguration":{"allowMethods":["BREW"]}}"#, "400 BadRequestException Invalid value…"),
        (r#"{"corsConfiguration":{"allowHeaders":["a b"]}}"#, "400 BadRequestException Invalid header…"),
        (
            r#"{"corsConfiguration":{"maxAge":86401}}"#,
            "400 BadRequestException corsConfiguration.maxAge must be…",
        ),
        (
            r#"{"corsConfiguration":{"maxAge":1.5}}"#,
            "400 SerializationException corsConfiguration.maxAge must be…",
        ),
        (r#"{"corsConfiguration":[]}"#, "400 SerializationException corsConfiguration must be a structure…"),
        (r#"{"corsConfiguration":{"allowMethods":"GET"}}"#, "400 SerializationException …"),
        (
            r#"{"routeSelectionExpression":"$request.body.action"}"#,
            "400 BadRequestException Invalid routeSel…",
        ),
        (r#"{"apiKeySelectionExpression":"x"}"#, "400 BadRequestException Invalid apiKey…"),
        (
            r#"{"ipAddressType":"ipv6"}"#,
            "400 BadRequestException ipAddressType must be one of [ipv4, dualstack]",
        ),
        (r#"{"disableExecuteApiEndpoint":"true"}"#, "400 SerializationException …"),
        (r#"{"name":"changed","version":""}"#, "400 BadRequestException version …"),
        (r#"{"target":"http://localhost"}"#, "400 BadRequestException target can only be updated…"),
        (&deep, "400 SerializationException the request body cannot be read: recursion limit exceeded…"),
    ] {
        bench.refused(&format!("PATCH {api}"), body, expected);
    }
}

#[test]
fn a_tag_decides_the_id() {
    let bench = Bench::with(Settings { endpoint_style: EndpointStyle::Url, ..Settings::default() });
    let create =
        |id: &str| format!(r#"{{"name":"a","protocolType":"HTTP","tags":{{"_custom_id_":"{id}"}}}}"#);
    let api = bench.ok("POST /v2/apis", &create("my-api"));
    assert_eq!(api["apiId"], "my-api");
    assert_eq!(api["apiEndpoint"], "http://my-api.execute-api.localhost.localstack.cloud:4566");
    assert_eq!(api["tags"], json!({ "_custom_id_": "my-api" }));
    let taken = "409 ConflictException API with id 'my-api' already exists";
    bench.refused("POST /v2/apis", &create("my-api"), taken);
    let long = "a".repeat(64);
    for id in ["", "-a", "a-", "a.b", "a_b", "a/b", "ü", "a b", &long] {
        bench.refused("POST /v2/apis", &create(id), "400 BadRequestException The ApiId …");
    }
    let upper = "400 BadRequestException The ApiId 'My' cannot contain uppercase characters";
    bench.refused("POST /v2/apis", &create("My"), upper);
    // Unique among all accounts: a URL names nothing else.
    let other = "POST /v2/apis HTTP/1.1\r\nHost: localhost\r\nAuthorization: AWS4-HMAC-SHA256 \
                 Credential=111111111111/20200408/eu-west-1/apigateway/aws4_request, SignedHeaders=host, Signature=0\r\n";
    assert_eq!(bench.send(other, &create("my-api")).status, 409);
    assert_eq!(bench.send(other, &create("another")).status, 201);
    assert_eq!(bench.ask("GET /v2/apis/another", "").status, 404, "another account's");
    // The tag is looked at only when an api is made.
    bench.ok("POST /v2/tags/arn:aws:apigateway:us-east-1::/apis/my-api", r#"{"tags":{"_custom_id_":"new"}}"#);
    assert_eq!(bench.ok("GET /v2/apis/my-api", "")["tags"], json!({ "_custom_id_": "new" }));
}

#[test]
fn lists_come_in_pages() {
    let bench = Bench::new();
    for n in 0..30 {
        bench.ok("POST /v2/apis", &format!(r#"{{"name":"{n}","protocolType":"HTTP"}}"#));
    }
    let all: Vec<_> = bench.ok("GET /v2/apis", "")["items"].as_array().unwrap().clone();
    assert_eq!(all.len(), 30);
    let (mut paged, mut token) = (Vec::new(), String::new());
    loop {
        let next = if token.is_empty() { String::new() } else { format!("&nextToken={token}") };
        let page = bench.ok(&format!("GET /v2/apis?maxResults=7{next}"), "");
        paged.extend(page["items"].as_array().unwrap().iter().cloned());
        match page["nextToken"].as_str() {
            Some(next) => token = next.to_owned(),
            None => break,
        }
    }
    assert_eq!(paged, all);
    assert_eq!(bench.ok("GET /v2/apis?maxResults=30", "")["nextToken"], Value::Null);
    for (query, expected) in [
        ("maxResults=x", "400 BadRequestException maxResults must be a positive integer"),
        ("maxResults=0", "400 BadRequestException maxResults must be a positive integer"),
        ("maxResults=-1", "400 BadRequestException maxResults must be a positive integer"),
        ("nextToken=%25", "400 BadRequestException Invalid nextToken specified"),
    ] {
        bench.refused(&format!("GET /v2/apis?{query}"), "", expected);
    }
    let aws = Bench::with(Settings { parity: Parity::Aws, ..Settings::default() });
    for n in 0..30 {
        aws.ok("POST /v2/apis", &format!(r#"{{"name":"{n}","protocolType":"HTTP"}}"#));
    }
    assert_eq!(aws.ok("GET /v2/apis", "")["items"].as_array().unwrap().len(), 25);
}

#[test]
fn quick_create_makes_all_that_is_needed() {
    let bench = Bench::new();
    let function = "arn:aws:lambda:us-east-1:000000000000:function:f";
    for (target, key, kind, method, payload) in [
        (function, "", "AWS_PROXY", "POST", "2.0"),
        ("https://example.com/x", r#","routeKey":"GET /x""#, "HTTP_PROXY", "ANY", "1.0"),
    ] {
        let body = format!(r#"{{"name":"q","protocolType":"HTTP","target":"{target}"{key}}}"#);
        let api = format!("/v2/apis/{}", text(&bench.ok("POST /v2/apis", &body), "apiId"));
        let first = |list: &str| bench.ok(&format!("GET {api}/{list}"), "")["items"][0].clone();
        let (integration, route, stage) = (first("integrations"), first("routes"), first("stages"));
        assert_eq!(integration["integrationUri"], target);
        assert_eq!(integration["integrationType"], kind);
        assert_eq!(integration["integrationMethod"], method);
        assert_eq!(integration["payloadFormatVersion"], payload);
        assert_eq!(route["routeKey"], if key.is_empty() { "$default" } else { "GET /x" });
        assert_eq!(text(&route, "target"), format!("integrations/{}", text(&integration, "integrationId")));
        assert_eq!((&stage["stageName"], &stage["autoDeploy"]), (&"$default".into(), &true.into()));
        assert_eq!(stage["deploymentId"], first("deployments")["deploymentId"]);
        for made in [&integration, &route, &stage] {
            assert_eq!(made["apiGatewayManaged"], true, "{made}");
        }
        let integration = format!("{api}/integrations/{}", text(&integration, "integrationId"));
        let route = format!("{api}/routes/{}", text(&route, "routeId"));
        bench.refused(
            &format!("DELETE {integration}"),
            "",
            "400 BadRequestException An integration that is managed…",
        );
        bench.refused(
            &format!("PATCH {route}"),
            r#"{"routeKey":"GET /y"}"#,
            "400 BadRequestException The route key…",
        );
        bench.refused(
            &format!("PATCH {api}/stages/$default"),
            "{}",
            "400 BadRequestException The $default stage…",
        );
        bench.ok(&format!("PATCH {api}"), r#"{"target":"http://other:8080","routeKey":"ANY /{all+}"}"#);
        assert_eq!(bench.ok(&format!("GET {integration}"), "")["integrationUri"], "http://other:8080");
        assert_eq!(bench.ok(&format!("GET {route}"), "")["routeKey"], "ANY /{all+}");
        assert_ne!(first("stages")["deploymentId"], stage["deploymentId"], "it was deployed");
    }
}
