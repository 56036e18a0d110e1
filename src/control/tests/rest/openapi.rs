//! REST APIs from definitions. What answers look like is what AWS answered to the same definitions.

use super::*;

const FUNCTION: &str = "arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/arn:aws:lambda:us-east-1:000000000000:function:f/invocations";

impl Bench {
    /// The paths of an api with their methods: `/pets GET,POST`.
    fn tree(&self, api: &Value) -> Vec<String> {
        let path = format!("GET /restapis/{}/resources?limit=500", text(api, "id"));
        let items = self.ok(&path, "")["item"].as_array().expect("items").clone();
        let methods = |resource: &Value| match resource["resourceMethods"].as_object() {
            Some(methods) => methods.keys().cloned().collect::<Vec<_>>().join(","),
            None => "-".into(),
        };
        items.iter().map(|resource| format!("{} {}", text(resource, "path"), methods(resource))).collect()
    }

    /// A method of an api, without what is random.
    fn method(&self, api: &Value, path: &str, method: &str) -> Value {
        let id = text(api, "id");
        let listed = self.ok(&format!("GET /restapis/{id}/resources?embed=methods&limit=500"), "");
        let found = listed["item"].as_array().into_iter().flatten().find(|resource| resource["path"] == path);
        let mut method = found.expect("a resource")["resourceMethods"][method].clone();
        if let Some(integration) = method.get_mut("methodIntegration").and_then(Value::as_object_mut) {
            integration.remove("cacheNamespace");
        }
        method
    }
}

fn swagger(more: Value) -> Value {
    let mut members = json!({ "swagger": "2.0", "info": { "title": "pets", "version": "1.0" }, "paths": {} });
    for (name, value) in more.as_object().expect("members") {
        members[name] = value.clone();
    }
    members
}

#[test]
fn a_swagger_definition_is_an_api() {
    let bench = Bench::new();
    let api = bench.ok("POST /restapis?mode=import", &swagger(json!({
        "info": { "title": "pets", "version": "1.0", "description": "all" },
        "produces": ["application/json"],
        "x-amazon-apigateway-binary-media-types": ["*/*"],
        "x-amazon-apigateway-api-key-source": "AUTHORIZER",
        "x-amazon-apigateway-minimum-compression-size": 100,
        "x-amazon-apigateway-policy": { "Version": "2012-10-17", "Statement": [] },
        "x-amazon-apigateway-endpoint-configuration": { "types": ["REGIONAL"], "disableExecuteApiEndpoint": true },
        "tags": [{ "name": "team", "x-amazon-apigateway-tag-value": "a" }],
        "paths": { "/pets/{petId}": { "get": {
            "operationId": "GetPet",
            "parameters": [
                { "name": "q", "in": "query", "required": false, "type": "string" },
                { "name": "x", "in": "header", "required": true, "type": "string" },
                { "name": "body", "in": "body", "schema": { "$ref": "#/definitions/NewPet" } },
            ],
            "responses": { "200": { "description": "ok", "schema": { "$ref": "#/definitions/Pet" },
                                    "headers": { "Access-Control-Allow-Origin": { "type": "string" } } } },
            "security": [{ "key": [] }],
            "x-amazon-apigateway-integration": {
                "type": "http", "httpMethod": "get", "uri": "http://back.example/{id}", "passthroughBehavior": "when_no_match",
                "requestParameters": { "integration.request.path.id": "method.request.path.petId" },
                "requestTemplates": { "application/json": "{\"a\": 1}" },
                "responses": {
                    "default": { "statusCode": 200, "responseParameters": { "method.response.header.Access-Control-Allow-Origin": "'*'" } },
                },
            },
        } } },
        "securityDefinitions": { "key": { "type": "apiKey", "name": "x-api-key", "in": "header" } },
        "definitions": { "NewPet": { "type": "object", "properties": { "pet": { "$ref": "#/definitions/Pet" } } },
                         "Pet": { "type": "object", "description": "One" } },
    })).to_string());
    let expected = json!({
        "name": "pets", "version": "1.0", "description": "all", "apiKeySource": "AUTHORIZER", "binaryMediaTypes": ["*/*"],
        "minimumCompressionSize": 100, "disableExecuteApiEndpoint": true, "tags": { "team": "a" },
        "endpointConfiguration": { "types": ["REGIONAL"], "ipAddressType": "ipv4" },
        "policy": "{\\\"Statement\\\":[],\\\"Version\\\":\\\"2012-10-17\\\"}",
    });
    for (name, value) in expected.as_object().expect("members") {
        assert_eq!(api[name], *value, "{name}");
    }
    assert_eq!(bench.tree(&api), ["/ -", "/pets -", "/pets/{petId} GET"]);
    assert_eq!(
        bench.method(&api, "/pets/{petId}", "GET"),
        json!({
            "httpMethod": "GET", "authorizationType": "NONE", "apiKeyRequired": true, "operationName": "GetPet",
            "requestParameters": { "method.request.querystring.q": false, "method.request.header.x": true, "method.request.path.petId": true },
            "requestModels": { "application/json": "NewPet" },
            "methodResponses": { "200": {
                "statusCode": "200", "responseModels": { "application/json": "Pet" },
                "responseParameters": { "method.response.header.Access-Control-Allow-Origin": false } } },
            "methodIntegration": {
                "type": "HTTP", "httpMethod": "GET", "uri": "http://back.example/{id}", "connectionType": "INTERNET",
                "passthroughBehavior": "WHEN_NO_MATCH", "timeoutInMillis": 29000, "cacheKeyParameters": [],
                "requestParameters": { "integration.request.path.id": "method.request.path.petId" },
                "requestTemplates": { "application/json": "{\"a\": 1}" },
                "integrationResponses": { "200": { "statusCode": "200", "responseParameters": {
                    "method.response.header.Access-Control-Allow-Origin": "'*'" } } },
            },
        })
    );
    let id = text(&api, "id");
    let models =
        bench.ok(&format!("GET /restapis/{id}/models"), "")["item"].as_array().expect("items").clone();
    let names: Vec<String> = models.iter().map(|model| text(model, "name")).collect();
    assert_eq!(names, ["NewPet", "Pet"], "an imported api has no models of its own");
    let schema: Value = serde_json::from_str(&text(&models[0], "schema")).expect("JSON");
    let reference = format!("https://apigateway.amazonaws.com/restapis/{id}/models/Pet");
    assert_eq!(schema["properties"]["pet"], json!({ "$ref": reference }));
    assert_eq!(models[1]["description"], "One");
    bench.ok(&format!("POST /restapis/{id}/deployments"), r#"{"stageName":"dev"}"#);
}

#[test]
fn an_openapi_definition_is_an_api() {
    let bench = Bench::new();
    let text = json!({
        "openapi": "3.0.1", "info": { "title": "pets", "version": "1" },
        "paths": { "/a/{proxy+}": {
            "parameters": [{ "name": "h", "in": "header", "schema": { "type": "string" } }],
            "x-amazon-apigateway-any-method": {
                "requestBody": { "content": { "text/x": { "schema": { "$ref": "#/components/schemas/Thing" } } } },
                "responses": { "200": { "content": { "application/json": { "schema": { "$ref": "#/components/schemas/Thing" } } } }, "default": {} },
                "security": [{ "sign": [] }],
                "x-amazon-apigateway-integration": { "type": "aws_proxy", "httpMethod": "GET", "uri": FUNCTION, "timeoutInMillis": "500",
                    "contentHandling": "convert_to_text", "responses": { "4\\d{2}": { "statusCode": "200" } } },
            } } },
        "components": {
            "schemas": { "Thing": { "type": "object" } },
            "securitySchemes": { "sign": { "type": "apiKey", "name": "Authorization", "in": "header", "x-amazon-apigateway-authtype": "awsSigv4" } },
        },
    });
    let api = bench.ok("POST /restapis?mode=import&failonwarnings=true", &text.to_string());
    assert_eq!(bench.tree(&api), ["/ -", "/a -", "/a/{proxy+} ANY"]);
    assert_eq!(
        bench.method(&api, "/a/{proxy+}", "ANY"),
        json!({
            "httpMethod": "ANY", "authorizationType": "AWS_IAM", "apiKeyRequired": false,
            "requestParameters": { "method.request.header.h": false, "method.request.path.proxy": true },
            "requestModels": { "text/x": "Thing" },
            "methodResponses": { "200": { "statusCode": "200", "responseModels": { "application/json": "Thing" } } },
            "methodIntegration": {
                "type": "AWS_PROXY", "httpMethod": "POST", "uri": FUNCTION, "passthroughBehavior": "WHEN_NO_MATCH",
                "timeoutInMillis": 500, "cacheKeyParameters": [], "contentHandling": "CONVERT_TO_TEXT",
                "integrationResponses": { "200": { "statusCode": "200", "selectionPattern": "4\\d{2}" } },
            },
        })
    );
}

#[test]
fn base_paths() {
    let bench = Bench::new();
    let text =
        swagger(json!({ "basePath": "/base/sub", "paths": { "/": { "get": {} }, "/a": { "get": {} } } }))
            .to_string();
    for (mode, expected) in [
        ("ignore", vec!["/ GET", "/a GET"]),
        ("prepend", vec!["/ -", "/base -", "/base/sub GET", "/base/sub/a GET"]),
        ("split", vec!["/ -", "/sub GET", "/sub/a GET"]),
    ] {
        let api = bench.ok(&format!("POST /restapis?mode=import&basepath={mode}"), &text);
        assert_eq!(bench.tree(&api), expected, "{mode}");
    }
}

#[test]
fn a_definition_is_merged_or_overwrites() {
    let bench = Bench::new();
    for (mode, tree, types, models) in [
        ("", vec!["/ -", "/new PUT", "/old GET,POST"], json!(["a/b", "c/d"]), 3),
        ("?mode=merge", vec!["/ -", "/new PUT", "/old GET,POST"], json!(["a/b", "c/d"]), 3),
        ("?mode=overwrite", vec!["/ -", "/new PUT", "/old GET"], json!(["c/d"]), 1),
    ] {
        let api = bench
            .ok("POST /restapis", r#"{"name":"before","binaryMediaTypes":["a/b"],"description":"kept"}"#);
        let path = format!("/restapis/{}", text(&api, "id"));
        let old = bench
            .ok(&format!("POST {path}/resources/{}", text(&api, "rootResourceId")), r#"{"pathPart":"old"}"#);
        for method in ["GET", "POST"] {
            let method = format!("{path}/resources/{}/methods/{method}", text(&old, "id"));
            bench.ok(&format!("PUT {method}"), r#"{"authorizationType":"NONE"}"#);
            bench.ok(&format!("PUT {method}/integration"), r#"{"type":"MOCK"}"#);
        }
        let definition = swagger(json!({
            "x-amazon-apigateway-binary-media-types": ["c/d"], "definitions": { "Pet": {} },
            "paths": { "/old": { "get": { "operationId": "New" } }, "/new": { "put": {} } },
        }));
        let after = bench.ok(&format!("PUT {path}{mode}"), &definition.to_string());
        assert_eq!(
            (&after["name"], &after["version"], &after["description"]),
            (&json!("pets"), &json!("1.0"), &json!("kept"))
        );
        assert_eq!(after["binaryMediaTypes"], types);
        assert_eq!(after["tags"], json!({}));
        assert_eq!(bench.tree(&after), tree, "{mode}");
        assert_eq!(bench.method(&after, "/old", "GET")["operationName"], "New");
        assert_eq!(bench.method(&after, "/old", "GET").get("methodIntegration"), None);
        let listed = bench.ok(&format!("GET {path}/models"), "");
        assert_eq!(listed["item"].as_array().map(Vec::len), Some(models));
    }
}

#[test]
fn what_is_refused_changes_nothing() {
    let rest = Rest::new();
    let http = |uri: &str| json!({ "x-amazon-apigateway-integration": { "type": "http_proxy", "httpMethod": "GET", "uri": uri } });
    let malformed = "400 BadRequestException Invalid OpenAPI input.";
    let missing = json!({ "responses": { "200": { "schema": { "$ref": "#/definitions/No" } } } });
    let cases = [
        ("", String::new(), malformed),
        ("", "{".into(), malformed),
        ("", "openapi: 3.1.0".into(), malformed),
        ("&basepath=x", swagger(json!({})).to_string(), "400 BadRequestException Invalid basepath specified: x…"),
        ("", swagger(json!({ "paths": { "/": { "get": http("ftp://x") }, "/a": { "put": http("") } } })).to_string(),
         "400 BadRequestException Errors found during import:\n\t\
          Unable to put integration on 'GET' for resource at path '/': Invalid HTTP endpoint specified for URI\n\t\
          Unable to put integration on 'PUT' for resource at path '/a': Invalid HTTP endpoint specified for URI"),
        ("", swagger(json!({ "paths": { "/a b": { "get": {} } } })).to_string(),
         "400 BadRequestException Errors found during import:\n\tUnable to create resource at path '/a b': Resource's path part…"),
        ("", swagger(json!({ "definitions": { "no-name": {} } })).to_string(),
         "400 BadRequestException Errors found during import:\n\tUnable to create model for 'no-name': …"),
        ("&failonwarnings=true", swagger(json!({ "paths": { "/a": { "get": missing } } })).to_string(),
         "400 BadRequestException Warnings found during import:\n\tReference to model 'No' not found. Ignoring."),
        ("", "x".repeat(6 * 1024 * 1024 + 1), "400 BadRequestException The API definition is larger than 6291456 bytes"),
        ("", swagger(json!({ "securityDefinitions": { "a": { "type": "apiKey", "x-amazon-apigateway-authorizer": { "type": "token" } } } })).to_string(),
         "501 NotImplementedException gatelet does not support the operation CreateAuthorizer of apigateway yet"),
    ];
    for (query, body, expected) in cases {
        rest.bench.refused(&format!("POST /restapis?mode=import{query}"), &body, expected);
        rest.bench.refused(&format!("PUT {}?mode=merge{query}", rest.path), &body, expected);
    }
    let good = swagger(json!({})).to_string();
    rest.bench.refused(
        &format!("PUT {}?mode=x", rest.path),
        &good,
        "400 BadRequestException Invalid mode specified. Valid options are merge,overwrite",
    );
    rest.bench.refused(
        "PUT /restapis/none",
        &good,
        "404 NotFoundException Invalid API identifier specified 000000000000:none",
    );
    let mine =
        swagger(json!({ "tags": [{ "name": "_custom_id_", "x-amazon-apigateway-tag-value": "mine" }] }))
            .to_string();
    assert_eq!(rest.bench.ok("POST /restapis?mode=import", &mine)["id"], "mine");
    rest.bench.refused(
        "POST /restapis?mode=import",
        &mine,
        "409 ConflictException API with id 'mine' already exists",
    );
}

#[test]
fn what_is_left_out_is_told() {
    let bench = Bench::new();
    let missing = json!({ "responses": { "200": { "schema": { "$ref": "#/definitions/No" } } } });
    let api = bench.ok("POST /restapis?mode=import", &swagger(json!({
        "x-amazon-apigateway-gateway-responses": {}, "paths": { "/a": { "get": missing }, "/b": { "$ref": "#/nowhere" } },
    })).to_string());
    assert_eq!(
        api["warnings"],
        json!([
            "gatelet does not support x-amazon-apigateway-gateway-responses yet. Ignoring.",
            "Reference to model 'No' not found. Ignoring.",
            "Reference of path '/b' not found. Ignoring.",
        ])
    );
    assert_eq!(bench.tree(&api), ["/ -", "/a GET"]);
}
