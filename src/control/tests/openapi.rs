//! HTTP APIs from definitions, and definitions of HTTP APIs.

mod round_trip;
mod security;

use serde_json::json;

use super::*;

const FUNCTION: &str = "arn:aws:lambda:us-east-1:000000000000:function:f";

/// A definition with these members besides what all have.
fn definition(more: Value) -> Value {
    let mut members =
        json!({ "openapi": "3.0.1", "info": { "title": "pets", "version": "1.0" }, "paths": {} });
    for (name, value) in more.as_object().expect("members") {
        members[name] = value.clone();
    }
    members
}

/// The body of an import of a text.
fn body(text: impl std::fmt::Display) -> String {
    json!({ "body": text.to_string() }).to_string()
}

fn function() -> Value {
    json!({ "type": "aws_proxy", "uri": FUNCTION, "payloadFormatVersion": "2.0" })
}

impl Bench {
    /// What an import of this definition answers.
    #[track_caller]
    fn imported(&self, definition: &Value) -> Value {
        self.ok("PUT /v2/apis", &body(definition))
    }

    fn items(&self, api: &Value, what: &str) -> Vec<Value> {
        let listed = self.ok(&format!("GET /v2/apis/{}/{what}", text(api, "apiId")), "");
        listed["items"].as_array().expect("items").clone()
    }

    /// The routes of an api with the URIs of their integrations: `GET /a -> http://b`.
    fn served(&self, api: &Value) -> Vec<String> {
        let integrations = self.items(api, "integrations");
        let uri = |target: &Value| {
            let id = target.as_str()?.strip_prefix("integrations/")?;
            let found = integrations.iter().find(|integration| integration["integrationId"] == id)?;
            Some(text(found, "integrationUri"))
        };
        let shown = |route: &Value| {
            let uri = uri(&route["target"]).unwrap_or_else(|| "nothing".into());
            format!("{} -> {uri}", text(route, "routeKey"))
        };
        let mut served: Vec<String> = self.items(api, "routes").iter().map(shown).collect();
        served.sort();
        served
    }
}

#[test]
fn an_api_is_made_as_it_is_described() {
    let bench = Bench::new();
    let api = bench.imported(&definition(json!({
        "info": { "title": "pets", "description": "all of them", "version": "1.2" },
        "tags": [{ "name": "team", "x-amazon-apigateway-tag-value": "a" }, { "name": "described only" }],
        "servers": [{ "url": "/", "x-amazon-apigateway-endpoint-configuration": { "disableExecuteApiEndpoint": true } }],
        "x-amazon-apigateway-cors": { "allowOrigins": ["https://a.b"], "maxAge": "60", "allowCredentials": true },
        "x-amazon-apigateway-importexport-version": "1.0",
        "paths": { "/pets/{id}": { "get": {
            "operationId": "GetPet",
            "x-amazon-apigateway-integration": {
                "type": "http_proxy", "httpMethod": "GET", "uri": "https://back/{id}", "payloadFormatVersion": 1.0,
                "timeoutInMillis": "1500", "tlsConfig": { "serverNameToVerify": "back" }, "connectionType": "INTERNET",
                "requestParameters": { "append:header.n": 1 },
                "responseParameters": { "200": { "overwrite:header.x": "y" } },
            },
        } } },
    })));
    let expected = json!({
        "name": "pets", "description": "all of them", "version": "1.2", "protocolType": "HTTP", "tags": { "team": "a" },
        "disableExecuteApiEndpoint": true,
        "corsConfiguration": { "allowOrigins": ["https://a.b"], "maxAge": 60, "allowCredentials": true },
    });
    for (name, value) in expected.as_object().expect("members") {
        assert_eq!(api[name], *value, "{name}");
    }
    assert_eq!(api.get("warnings").or(api.get("importInfo")), None);
    let mut integrations = bench.items(&api, "integrations");
    let integration = integrations.remove(0);
    let id = text(&integration, "integrationId");
    assert_eq!(integrations, Vec::<Value>::new());
    assert_eq!(
        integration,
        json!({
            "integrationId": id, "integrationType": "HTTP_PROXY", "integrationMethod": "GET",
            "integrationUri": "https://back/{id}", "payloadFormatVersion": "1.0", "timeoutInMillis": 1500,
            "tlsConfig": { "serverNameToVerify": "back" }, "connectionType": "INTERNET",
            "requestParameters": { "append:header.n": "1" },
            "responseParameters": { "200": { "overwrite:header.x": "y" } },
        })
    );
    let routes = bench.items(&api, "routes");
    let expected = json!([{
        "routeId": routes[0]["routeId"], "routeKey": "GET /pets/{id}", "target": format!("integrations/{id}"),
        "authorizationType": "NONE", "operationName": "GetPet", "apiKeyRequired": false,
    }]);
    assert_eq!(json!(routes), expected);
    assert_eq!(bench.items(&api, "stages"), Vec::<Value>::new());
    assert!(bench.control.store().changed.is_empty(), "it is published");
}

#[test]
fn which_routes_there_are() {
    let http = |uri: &str| json!({ "x-amazon-apigateway-integration": { "type": "HTTP_PROXY", "uri": uri } });
    let default = |uri: &str| {
        let mut any = http(uri);
        any["isDefaultRoute"] = true.into();
        json!({ "x-amazon-apigateway-any-method": any })
    };
    let shared = json!({ "x-amazon-apigateway-integration": { "$ref": "#/components/x-amazon-apigateway-integrations/one~1two" } });
    let bench = Bench::new();
    for (definition, expected) in [
        (
            json!({ "paths": { "/": { "get": http("http://a"), "put": http("http://b") } } }),
            "GET / -> http://a, PUT / -> http://b",
        ),
        (
            json!({ "paths": { "/a/{p+}": { "x-amazon-apigateway-any-method": http("http://a") } } }),
            "ANY /a/{p+} -> http://a",
        ),
        (json!({ "paths": { "/$default": default("http://a") } }), "$default -> http://a"),
        (json!({ "paths": { "$default": default("http://a") } }), "$default -> http://a"),
        (
            json!({ "paths": { "/$default": { "x-amazon-apigateway-any-method": http("http://a") } } }),
            "ANY /$default -> http://a",
        ),
        (json!({ "paths": { "/a": { "get": {} } } }), "GET /a -> nothing"),
        (
            json!({ "paths": { "/a": { "parameters": [], "summary": "x", "x-y": {}, "servers": [] }, "x-z": { "get": {} } } }),
            "",
        ),
        (
            json!({ "paths": { "/a": { "get": shared, "put": shared } },
                 "components": { "x-amazon-apigateway-integrations": { "one/two": { "type": "HTTP_PROXY", "uri": "http://a" } } } }),
            "GET /a -> http://a, PUT /a -> http://a",
        ),
        (
            json!({ "paths": { "/a": { "$ref": "#/components/x-items/b" } }, "components": { "x-items": { "b": { "get": http("http://a") } } } }),
            "GET /a -> http://a",
        ),
    ] {
        let api = bench.imported(&self::definition(definition));
        assert_eq!(bench.served(&api).join(", "), expected);
    }
}

#[test]
fn shared_integrations_are_one_and_others_one_each() {
    let own = json!({ "x-amazon-apigateway-integration": { "type": "HTTP_PROXY", "uri": "http://a" } });
    let shared = json!({ "x-amazon-apigateway-integration": { "$ref": "#/components/x-amazon-apigateway-integrations/b" } });
    let bench = Bench::new();
    let api = bench.imported(&definition(json!({
        "paths": { "/a": { "get": own, "put": own }, "/b": { "get": shared, "put": shared } },
        "components": { "x-amazon-apigateway-integrations": { "b": { "type": "HTTP_PROXY", "uri": "http://b" } } },
    })));
    assert_eq!(bench.items(&api, "integrations").len(), 3);
}

/// Services of AWS have no URI: the subtype says which, and parameters what is sent.
#[test]
fn integrations_with_services_go_both_ways() {
    let integration = json!({
        "integrationSubtype": "SQS-SendMessage", "credentials": "arn:aws:iam::000000000000:role/any", "type": "aws_proxy",
        "payloadFormatVersion": "1.0", "connectionType": "INTERNET",
        "requestParameters": { "QueueUrl": "https://sqs.example/q", "MessageBody": "$request.body" },
    });
    let bench = Bench::new();
    let described =
        json!({ "paths": { "/a": { "post": { "x-amazon-apigateway-integration": integration } } } });
    let api = bench.ok("PUT /v2/apis?failOnWarnings=true", &body(definition(described)));
    assert_eq!(bench.items(&api, "integrations")[0]["integrationSubtype"], "SQS-SendMessage");
    let exported = bench.exported(&text(&api, "apiId"), "JSON");
    let mut found = exported["paths"]["/a"]["post"]["x-amazon-apigateway-integration"].clone();
    found.as_object_mut().expect("members").remove("httpMethod");
    assert_eq!(found, integration);
    let copy = bench.ok("PUT /v2/apis?failOnWarnings=true", &body(exported));
    assert_eq!(bench.items(&copy, "integrations").len(), 1);
}

#[test]
fn base_paths_count_as_asked() {
    let paths = json!({ "/": { "get": {} }, "/a": { "get": {} }, "/$default": { "x-amazon-apigateway-any-method": { "isDefaultRoute": true } } });
    let servers =
        json!([{ "url": "https://h/{basePath}", "variables": { "basePath": { "default": "v1/x" } } }]);
    let text = definition(json!({ "paths": paths, "servers": servers }));
    let bench = Bench::new();
    for (query, expected) in [
        ("", "$default, GET /, GET /a"),
        ("?basepath=ignore", "$default, GET /, GET /a"),
        ("?basepath=prepend", "$default, GET /v1/x, GET /v1/x/a"),
        ("?basepath=split", "$default, GET /x, GET /x/a"),
    ] {
        let api = bench.ok(&format!("PUT /v2/apis{query}"), &body(&text));
        assert_eq!(bench.served(&api).join(", ").replace(" -> nothing", ""), expected);
    }
    let expected =
        "400 BadRequestException Invalid basepath specified: no. Must be one of [ignore, prepend, split]";
    bench.refused("PUT /v2/apis?basepath=no", &body(&text), expected);
}

#[test]
fn what_is_no_definition_changes_nothing() {
    let bench = Bench::new();
    let api = text(&bench.imported(&definition(json!({ "paths": { "/a": { "get": {} } } }))), "apiId");
    let two = json!([{ "a": [] }, { "b": [] }]);
    let cases = [
        (json!({}).to_string(), "400 BadRequestException Body is required"),
        (body(""), "400 BadRequestException Invalid OpenAPI input. It has no members."),
        (
            body("{"),
            "400 BadRequestException Invalid OpenAPI input. JSON not well-formed. (line 1, column 1)",
        ),
        (
            body("a: [\n"),
            "400 BadRequestException Invalid OpenAPI input. YAML not well-formed. (line 2, column 1)",
        ),
        (
            body("swagger: '2.0'"),
            "400 BadRequestException Invalid OpenAPI input. HTTP APIs are imported from OpenAPI 3.0…",
        ),
        (
            body("openapi: 3.1.0"),
            "400 BadRequestException Invalid OpenAPI input. There is no support for OpenAPI 3.1.0, only for 3.0.",
        ),
        (
            body(definition(json!({ "info": { "title": "x".repeat(129), "version": "1" } }))),
            "400 BadRequestException name must have between 1 and 128 characters",
        ),
        (
            body(definition(json!({ "x-amazon-apigateway-importexport-version": "2.0" }))),
            "400 BadRequestException Invalid x-amazon-apigateway-importexport-version specified: 2.0. Must be 1.0",
        ),
        (
            body(definition(json!({ "tags": [{ "name": "aws:x", "x-amazon-apigateway-tag-value": "" }] }))),
            "400 BadRequestException Tag keys must not start with aws:…",
        ),
        (
            body(definition(json!({ "paths": { "/a": { "get": { "security": two } } } }))),
            "400 BadRequestException An operation can require one security scheme only, unlike 'GET' on resource at path '/a'",
        ),
        (
            body(definition(json!({ "paths": {
            "/$default": { "x-amazon-apigateway-any-method": { "isDefaultRoute": true } },
            "$default": { "x-amazon-apigateway-any-method": {} } } }))),
            "409 ConflictException Route with key $default already exists for this API",
        ),
        (
            body("x".repeat(6 * 1024 * 1024 + 1)),
            "400 BadRequestException The API definition is larger than 6291456 bytes",
        ),
    ];
    for (body, expected) in cases {
        bench.refused("PUT /v2/apis", &body, expected);
        bench.refused(&format!("PUT /v2/apis/{api}"), &body, expected);
    }
    let nameless = body(json!({ "openapi": "3.0.1", "paths": {} }));
    bench.refused("PUT /v2/apis", &nameless, "400 BadRequestException Api name is required");
    let good = body(definition(json!({})));
    bench.refused(
        "PUT /v2/apis?failOnWarnings=maybe",
        &good,
        "400 BadRequestException failOnWarnings must be true or false",
    );
    bench.refused(
        "PUT /v2/apis/nosuch",
        &good,
        "404 NotFoundException Invalid API identifier specified 000000000000:nosuch",
    );
    let (chat, path) = Bench::with_websocket();
    let expected =
        "400 BadRequestException Import and export are only supported for APIs with a protocol type of HTTP";
    chat.refused(&format!("PUT {path}"), &good, expected);
    chat.refused(&format!("GET {path}/exports/OAS30?outputType=JSON"), "", expected);
}

#[test]
fn what_is_left_out_is_told() {
    let missing = json!({ "content": { "application/json": { "schema": { "items": { "$ref": "#/components/schemas/X" } } } } });
    let route = |more: Value| json!({ "paths": { "/a": { "get": more } } });
    let integration = |more: Value| route(json!({ "x-amazon-apigateway-integration": more }));
    let cases = [
        (
            json!({ "x-amazon-apigateway-cors": { "allowOrigins": ["*"], "allowCredentials": true } }),
            "",
            "CORS Scheme is malformed, ignoring. allow-credentials is not supported if 'allow-origin' is *",
        ),
        (
            json!({ "x-amazon-apigateway-cors": true }),
            "",
            "CORS Scheme is malformed, ignoring. it must be a structure",
        ),
        (json!({ "paths": [] }), "", "Parse issue: attribute paths is missing"),
        (
            json!({ "paths": { "a": { "get": {} } } }),
            "",
            "Parse issue: attribute paths. Resource a should start with /\n\
          Unable to put method 'GET' on resource at path 'a': The provided route key is not formatted properly for HTTP \
          protocol. Format should be \"<METHOD> /<path>\" or \"$default\": it is neither $default nor a method and a path. Ignoring.",
        ),
        (
            json!({ "paths": { "/a": { "trace": {} } } }),
            "",
            "Unable to put method 'TRACE' on resource at path '/a': The provided route key is not formatted properly for HTTP \
          protocol. Format should be \"<METHOD> /<path>\" or \"$default\": the method must be one of ANY, DELETE, GET, HEAD, \
          OPTIONS, PATCH, POST, PUT. Ignoring.",
        ),
        (json!({ "paths": { "/a": { "$ref": "#/x" } } }), "", "Parse issue: attribute $ref #/x is missing"),
        (
            json!({ "paths": { "/a": { "$ref": "#/paths/~1a" } } }),
            "",
            "Parse issue: attribute $ref #/paths/~1a is missing",
        ),
        (
            route(json!({ "responses": { "200": missing } })),
            "GET /a",
            "Parse issue: attribute paths.'/a'(get).responses.200.content.schema.#/components/schemas/X is missing",
        ),
        (
            route(json!({ "requestBody": missing })),
            "GET /a",
            "Parse issue: attribute paths.'/a'(get).requestBody.content.schema.#/components/schemas/X is missing",
        ),
        (
            route(json!({ "operationId": "x".repeat(65) })),
            "GET /a",
            "The operationId of 'GET' on resource at path '/a' has more than 64 characters. Ignoring.",
        ),
        (
            integration(json!({ "type": "AWS", "uri": "x" })),
            "GET /a",
            "Unable to put integration on 'GET' on resource at path '/a': Currently, an API with a protocol type of HTTP may only \
          be associated with proxy integrations (AWS_PROXY, HTTP_PROXY). Ignoring.",
        ),
        (
            integration(json!("no")),
            "GET /a",
            "Unable to put integration on 'GET' on resource at path '/a': Integration type is required. Ignoring.",
        ),
        (
            integration(json!({ "$ref": "#/components/x-amazon-apigateway-integrations/none" })),
            "GET /a",
            "Parse issue: attribute $ref #/components/x-amazon-apigateway-integrations/none is missing",
        ),
        (
            json!({ "components": { "x-amazon-apigateway-integrations": { "i": { "type": "HTTP_PROXY" } } } }),
            "",
            "Unable to put integration 'i': Integration URI is required. Ignoring.",
        ),
        (
            route(json!({ "security": [{ "none": [] }] })),
            "",
            "Unable to put method 'GET' on resource at path '/a': Invalid authorizer definition. Setting the authorization type to \
          CUSTOM requires a valid authorizer. Ignoring.",
        ),
    ];
    let bench = Bench::new();
    let api = text(&bench.imported(&definition(json!({}))), "apiId");
    for (more, routes, warnings) in cases {
        let definition = body(definition(more));
        let made = bench.ok("PUT /v2/apis", &definition);
        let found: Vec<&str> =
            made["warnings"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
        assert_eq!(found.join("\n"), warnings);
        assert_eq!(bench.served(&made).join(", ").replace(" -> nothing", ""), routes, "{warnings}");
        assert_eq!(bench.items(&made, "integrations"), Vec::<Value>::new());
        let again = bench.ok(&format!("PUT /v2/apis/{api}"), &definition);
        assert_eq!(again["warnings"], made["warnings"]);
        assert_eq!(
            bench.ok(&format!("GET /v2/apis/{api}"), "").get("warnings"),
            None,
            "only the import tells"
        );
        let expected = format!(
            "400 BadRequestException Warnings found during import:\n\t{}",
            warnings.replace('\n', "\n\t")
        );
        for line in
            ["PUT /v2/apis?failOnWarnings=true".into(), format!("PUT /v2/apis/{api}?failOnWarnings=true")]
        {
            bench.refused(&line, &definition, &expected);
        }
    }
}

#[test]
fn what_is_valid_and_not_used_is_informed_about() {
    let bench = Bench::new();
    let api = bench.ok("PUT /v2/apis?failOnWarnings=true", &body(definition(json!({
        "x-amazon-apigateway-policy": {},
        "components": { "securitySchemes": { "bearer": { "type": "http", "scheme": "bearer" } }, "schemas": { "Pet": {} } },
        "paths": { "/a": { "get": {
            "requestBody": {}, "security": [{ "bearer": [] }],
            "x-amazon-apigateway-integration": { "type": "aws_proxy", "uri": FUNCTION, "passthroughBehavior": "NEVER" },
        } } },
    }))));
    assert_eq!(
        api["importInfo"],
        json!([
            "x-amazon-apigateway-policy is not supported for HTTP APIs. Ignoring.",
            "requestBody of 'GET' on resource at path '/a' is not supported for HTTP APIs. Ignoring.",
            "Security scheme 'bearer' has no x-amazon-apigateway-authorizer: anybody may call 'GET' on resource at path '/a'. Ignoring.",
            "passthroughBehavior of integration on 'GET' on resource at path '/a' is not supported for HTTP APIs. Ignoring.",
        ])
    );
    assert_eq!(api.get("warnings"), None);
}

#[test]
fn variables_of_aws_are_known() {
    let bench = Bench::new();
    let uri = "arn:${AWS::Partition}:apigateway:${AWS::Region}:lambda:path/2015-03-31/functions/\
               arn:${AWS::Partition}:lambda:${AWS::Region}:${AWS::AccountId}:function:f/invocations";
    let integration = json!({ "type": "AWS_PROXY", "uri": uri });
    let api = bench.imported(&definition(
        json!({ "paths": { "/a": { "get": { "x-amazon-apigateway-integration": integration } } } }),
    ));
    let expected = "GET /a -> arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/\
                    arn:aws:lambda:us-east-1:000000000000:function:f/invocations";
    assert_eq!(bench.served(&api), [expected]);
}

#[test]
fn a_reimport_replaces_what_it_describes_and_deploys() {
    let bench = Bench::new();
    let target = json!({ "name": "old", "protocolType": "HTTP", "target": FUNCTION, "description": "kept", "tags": { "a": "b" },
                         "corsConfiguration": { "allowOrigins": ["*"] } });
    let api = text(&bench.ok("POST /v2/apis", &target.to_string()), "apiId");
    let before = bench.ok(&format!("GET /v2/apis/{api}/stages/$default"), "");
    let definition = definition(
        json!({ "paths": { "/a": { "get": { "x-amazon-apigateway-integration": function() } } } }),
    );
    let after = bench.ok(&format!("PUT /v2/apis/{api}"), &body(&definition));
    assert_eq!(after["apiId"], *api);
    assert_eq!(
        (&after["name"], &after["description"], &after["version"]),
        (&json!("pets"), &json!("kept"), &json!("1.0"))
    );
    assert_eq!(after["tags"], json!({ "a": "b" }), "a definition without tags says nothing of them");
    assert_eq!(after.get("corsConfiguration"), None);
    assert_eq!(bench.served(&after), [format!("GET /a -> {FUNCTION}")]);
    let stage = bench.ok(&format!("GET /v2/apis/{api}/stages/$default"), "");
    assert_ne!(stage["deploymentId"], before["deploymentId"]);
    let tagged = self::definition(json!({ "tags": [{ "name": "c", "x-amazon-apigateway-tag-value": "d" }] }));
    let after = bench.ok(&format!("PUT /v2/apis/{api}"), &body(&tagged));
    assert_eq!(after["tags"], json!({ "c": "d" }));
    let kept = bench.ok(&format!("GET /v2/apis/{api}/stages/$default"), "");
    assert_eq!(kept["deploymentId"], stage["deploymentId"], "without routes there is nothing to deploy");
}

#[test]
fn the_id_may_be_chosen() {
    let bench = Bench::new();
    let tagged =
        definition(json!({ "tags": [{ "name": "_custom_id_", "x-amazon-apigateway-tag-value": "mine" }] }));
    assert_eq!(bench.imported(&tagged)["apiId"], "mine");
    bench.refused("PUT /v2/apis", &body(&tagged), "409 ConflictException API with id 'mine' already exists");
    assert_eq!(bench.exported("mine", "JSON").get("tags"), None, "a copy gets an id of its own");
}

impl Bench {
    #[track_caller]
    fn exported(&self, api: &str, form: &str) -> Value {
        let said = self.ask(&format!("GET /v2/apis/{api}/exports/OAS30?outputType={form}"), "");
        assert_eq!(said.status, 200, "{said:?}");
        match form {
            "JSON" => said.json(),
            _ => {
                yaml::parse(&said.body, yaml::Tags::NONE).unwrap_or_else(|why| panic!("{why}: {}", said.body))
            }
        }
    }
}

#[test]
fn an_export_has_the_shape_of_aws() {
    let bench = Bench::new();
    let api = text(
        &bench.ok("POST /v2/apis", r#"{"name":"pets","protocolType":"HTTP","tags":{"team":"a"}}"#),
        "apiId",
    );
    let path = format!("/v2/apis/{api}");
    let http = json!({ "integrationType": "HTTP_PROXY", "integrationUri": "https://a/{id}", "integrationMethod": "GET",
                       "payloadFormatVersion": "1.0", "timeoutInMillis": 5000, "requestParameters": { "append:header.a": "b" } });
    let one = text(&bench.ok(&format!("POST {path}/integrations"), &http.to_string()), "integrationId");
    let function =
        json!({ "integrationType": "AWS_PROXY", "integrationUri": FUNCTION, "payloadFormatVersion": "2.0" });
    let two = text(&bench.ok(&format!("POST {path}/integrations"), &function.to_string()), "integrationId");
    for (key, target) in [("GET /pets/{id}/{rest+}", &one), ("$default", &one), ("ANY /", &one)] {
        let route = json!({ "routeKey": key, "target": format!("integrations/{target}"), "operationName": key.get(..3) });
        bench.ok(&format!("POST {path}/routes"), &route.to_string());
    }
    bench.ok(&format!("PATCH {path}"), r#"{"corsConfiguration":{"allowOrigins":["*"],"maxAge":5}}"#);
    let said = bench.ask(&format!("GET {path}/exports/OAS30?outputType=JSON&exportVersion=1.0"), "");
    assert_eq!(said.header("content-type"), "application/json");
    let integration = json!({ "requestParameters": { "append:header.a": "b" }, "payloadFormatVersion": "1.0", "type": "http_proxy",
                              "httpMethod": "GET", "uri": "https://a/{id}", "connectionType": "INTERNET", "timeoutInMillis": 5000 });
    let operation = |key: &str| {
        json!({
            "operationId": key.get(..3), "responses": { "default": { "description": format!("Default response for {key}") } },
            "x-amazon-apigateway-integration": integration,
        })
    };
    let parameter = |name: &str| {
        json!({ "name": name, "in": "path", "required": true, "schema": { "type": "string" },
                                         "description": format!("Generated path parameter for {name}") })
    };
    let mut default = operation("$default");
    default["isDefaultRoute"] = true.into();
    let unused = json!({ "payloadFormatVersion": "2.0", "type": "aws_proxy", "httpMethod": "POST", "uri": FUNCTION, "connectionType": "INTERNET" });
    let expected = json!({
        "openapi": "3.0.1",
        "info": { "title": "pets", "version": "2020-04-08 19:05:45UTC" },
        "servers": [{ "url": format!("http://{api}.execute-api.localhost.localstack.cloud:4566/{{basePath}}"),
                      "variables": { "basePath": { "default": "" } } }],
        "tags": [{ "name": "team", "x-amazon-apigateway-tag-value": "a" }],
        "paths": {
            "/$default": { "x-amazon-apigateway-any-method": default },
            "/": { "x-amazon-apigateway-any-method": operation("ANY /") },
            "/pets/{id}/{rest+}": { "get": operation("GET /pets/{id}/{rest+}"), "parameters": [parameter("id"), parameter("rest+")] },
        },
        "components": { "x-amazon-apigateway-integrations": { format!("unusedIntegration_{two}"): unused } },
        "x-amazon-apigateway-cors": { "allowOrigins": ["*"], "maxAge": 5 },
        "x-amazon-apigateway-importexport-version": "1.0",
    });
    assert_eq!(said.json(), expected);
    assert!(said.body.starts_with("{\n  \"openapi\": \"3.0.1\",\n  \"info\": {\n"), "{}", said.body);
    assert_eq!(bench.exported(&api, "YAML"), expected);
    let yaml = bench.ask(&format!("GET {path}/exports/OAS30?outputType=YAML"), "");
    assert_eq!(yaml.header("content-type"), "application/yaml");
    assert!(yaml.body.starts_with("---\nopenapi: \"3.0.1\"\ninfo:\n  title: \"pets\"\n"), "{}", yaml.body);
    let bare = bench.ask(&format!("GET {path}/exports/OAS30?outputType=JSON&includeExtensions=false"), "");
    assert!(!bare.body.contains("x-amazon-apigateway"), "{}", bare.body);
    assert!(bare.body.contains("Default response for GET /pets/{id}/{rest+}"), "{}", bare.body);
}

#[test]
fn an_export_of_a_stage_is_what_it_serves() {
    let bench = Bench::new();
    let api = text(&bench.imported(&definition(json!({ "paths": { "/a": { "get": {} } } }))), "apiId");
    let path = format!("/v2/apis/{api}");
    bench.ok(&format!("POST {path}/stages"), r#"{"stageName":"prod"}"#);
    let line = |stage: &str| format!("GET {path}/exports/OAS30?outputType=JSON&stageName={stage}");
    bench.refused(&line("prod"), "", "400 BadRequestException Stage prod has no deployment to export");
    bench.refused(&line("dev"), "", "404 NotFoundException Invalid stage identifier specified");
    bench.ok(&format!("POST {path}/deployments"), r#"{"stageName":"prod"}"#);
    bench.ok(&format!("PUT {path}"), &body(definition(json!({ "paths": { "/b": { "get": {} } } }))));
    let paths = |exported: &Value| {
        exported["paths"].as_object().map(|paths| paths.keys().cloned().collect::<Vec<_>>())
    };
    let staged = bench.ok(&line("prod"), "");
    assert_eq!(paths(&staged), Some(vec!["/a".into()]));
    assert_eq!(staged["servers"][0]["variables"], json!({ "basePath": { "default": "prod" } }));
    assert_eq!(paths(&bench.exported(&api, "JSON")), Some(vec!["/b".into()]));
}

#[test]
fn exports_that_are_refused() {
    let (bench, path) = Bench::with_api();
    for (query, expected) in [
        ("OAS30", "400 BadRequestException Invalid outputType specified. Must be one of [JSON, YAML]"),
        (
            "OAS30?outputType=json",
            "400 BadRequestException Invalid outputType specified. Must be one of [JSON, YAML]",
        ),
        (
            "OAS31?outputType=JSON",
            "400 BadRequestException Invalid specification specified: OAS31. Must be OAS30",
        ),
        (
            "OAS30?outputType=JSON&exportVersion=2.0",
            "400 BadRequestException Invalid exportVersion specified: 2.0. Must be 1.0",
        ),
        (
            "OAS30?outputType=JSON&includeExtensions=yes",
            "400 BadRequestException includeExtensions must be true or false",
        ),
    ] {
        bench.refused(&format!("GET {path}/exports/{query}"), "", expected);
    }
    bench.refused(
        "GET /v2/apis/nosuch/exports/OAS30?outputType=JSON",
        "",
        "404 NotFoundException Invalid API identifier…",
    );
}

#[test]
fn an_import_has_the_limits_of_other_operations() {
    let bench = Bench::with(Settings { parity: crate::model::settings::Parity::Aws, ..Settings::default() });
    let paths: serde_json::Map<_, _> = (0..301).map(|n| (format!("/{n}"), json!({ "get": {} }))).collect();
    let text = body(definition(json!({ "paths": paths })));
    bench.refused("PUT /v2/apis", &text, "409 ConflictException Limit exceeded: at most 300 routes per API");
}
