//! Security schemes and authorizers, both ways.

use super::*;

fn jwt(more: Value) -> Value {
    let mut extension = json!({ "type": "jwt", "identitySource": "$request.header.Authorization",
                                "jwtConfiguration": { "issuer": "https://issuer.example", "audience": ["a", "b"] } });
    for (name, value) in more.as_object().expect("members") {
        extension[name] = value.clone();
    }
    json!({ "type": "oauth2", "flows": {}, "x-amazon-apigateway-authorizer": extension })
}

fn judge(more: Value) -> Value {
    let mut extension = json!({ "type": "request", "authorizerUri": FUNCTION, "authorizerPayloadFormatVersion": 2.0,
                                "identitySource": "$request.header.Auth, $request.querystring.q",
                                "authorizerResultTtlInSeconds": "60", "enableSimpleResponses": true });
    for (name, value) in more.as_object().expect("members") {
        extension[name] = value.clone();
    }
    json!({ "type": "apiKey", "name": "Auth", "in": "header", "x-amazon-apigateway-authorizer": extension })
}

fn with(schemes: Value, operation: Value) -> Value {
    definition(
        json!({ "components": { "securitySchemes": schemes }, "paths": { "/a": { "get": operation } } }),
    )
}

#[test]
fn schemes_become_authorizers() {
    let bench = Bench::new();
    let of_url = json!({ "type": "openIdConnect", "openIdConnectUrl": "https://i.example/x/.well-known/openid-configuration",
                         "x-amazon-apigateway-authorizer": { "type": "jwt", "identitySource": "$request.header.Authorization",
                                                             "jwtConfiguration": { "audience": ["c"] } } });
    for (scheme, expected) in [
        (
            jwt(json!({})),
            json!({ "authorizerType": "JWT", "identitySource": ["$request.header.Authorization"],
                                 "jwtConfiguration": { "issuer": "https://issuer.example", "audience": ["a", "b"] } }),
        ),
        (
            of_url,
            json!({ "authorizerType": "JWT", "identitySource": ["$request.header.Authorization"],
                         "jwtConfiguration": { "issuer": "https://i.example/x", "audience": ["c"] } }),
        ),
        (
            judge(json!({})),
            json!({ "authorizerType": "REQUEST", "authorizerUri": FUNCTION, "authorizerPayloadFormatVersion": "2.0",
                                   "identitySource": ["$request.header.Auth", "$request.querystring.q"],
                                   "authorizerResultTtlInSeconds": 60, "enableSimpleResponses": true }),
        ),
        (
            judge(
                json!({ "authorizerCredentials": "arn:aws:iam::000000000000:role/any", "authorizerResultTtlInSeconds": 0,
                       "identitySource": null, "enableSimpleResponses": false, "authorizerPayloadFormatVersion": "1.0" }),
            ),
            json!({ "authorizerType": "REQUEST", "authorizerUri": FUNCTION, "authorizerPayloadFormatVersion": "1.0",
                 "identitySource": [], "authorizerResultTtlInSeconds": 0, "enableSimpleResponses": false,
                 "authorizerCredentialsArn": "arn:aws:iam::000000000000:role/any" }),
        ),
    ] {
        let api = bench.imported(&with(json!({ "who": scheme }), json!({ "security": [{ "who": [] }] })));
        let mut made = bench.items(&api, "authorizers").remove(0);
        let members = made.as_object_mut().expect("members");
        let id = members.remove("authorizerId").expect("an id");
        assert_eq!(members.remove("name"), Some("who".into()));
        assert_eq!(made, expected);
        let route = bench.items(&api, "routes").remove(0);
        assert_eq!(route["authorizerId"], id);
        assert_eq!(route["authorizationType"] == "JWT", expected["authorizerType"] == "JWT");
        assert_eq!(route["authorizationType"] == "CUSTOM", expected["authorizerType"] == "REQUEST");
    }
}

#[test]
fn what_operations_require() {
    let sigv4 = json!({ "type": "apiKey", "name": "Authorization", "in": "header", "x-amazon-apigateway-authtype": "awsSigv4" });
    let schemes = json!({ "jwt": jwt(json!({})), "sign": sigv4, "said": { "type": "http", "scheme": "bearer" },
                          "alias": { "$ref": "#/components/securitySchemes/jwt2" }, "jwt2": jwt(json!({})) });
    let bench = Bench::new();
    for (operation, root, expected) in [
        (json!({}), json!([]), json!(["NONE", null, null])),
        (json!({}), json!([{ "jwt": [] }]), json!(["JWT", "jwt", null])),
        (json!({ "security": [] }), json!([{ "jwt": [] }]), json!(["NONE", null, null])),
        (json!({ "security": [{}] }), json!([{ "jwt": [] }]), json!(["NONE", null, null])),
        (json!({ "security": [{ "jwt": ["a", "b"] }] }), json!([]), json!(["JWT", "jwt", ["a", "b"]])),
        (json!({ "security": [{ "alias": [] }] }), json!([]), json!(["JWT", "alias", null])),
        (json!({ "security": [{ "sign": [] }] }), json!([]), json!(["AWS_IAM", null, null])),
        (
            json!({ "x-amazon-apigateway-auth": { "type": "AWS_IAM" } }),
            json!([{ "jwt": [] }]),
            json!(["AWS_IAM", null, null]),
        ),
        (json!({ "x-amazon-apigateway-auth": { "type": "NONE" } }), json!([]), json!(["NONE", null, null])),
        (json!({ "security": [{ "said": ["x"] }] }), json!([]), json!(["NONE", null, null])),
    ] {
        let mut definition = with(schemes.clone(), operation);
        definition["security"] = root;
        let api = bench.imported(&definition);
        let route = bench.items(&api, "routes").remove(0);
        let authorizers = bench.items(&api, "authorizers");
        let judge = authorizers.iter().find(|judge| judge.get("authorizerId") == route.get("authorizerId"));
        let found = json!([
            route["authorizationType"],
            judge.map(|judge| &judge["name"]),
            route["authorizationScopes"]
        ]);
        assert_eq!(found, expected, "{definition}");
    }
}

/// As SAM#1727 has it: without its authorizer a route would let anybody in.
#[test]
fn a_route_goes_with_its_authorizer() {
    let bench = Bench::new();
    for (scheme, why, of_type) in [
        (
            jwt(json!({ "jwtConfiguration": { "issuer": "no url", "audience": ["a"] } })),
            "Invalid issuer: no url. Issuer must",
            "JWT",
        ),
        (
            jwt(json!({ "identitySource": null })),
            "IdentitySource is a required parameter for JWT authorizer",
            "JWT",
        ),
        (
            judge(json!({ "identitySource": "$request.headers.Auth" })),
            "Invalid identity source specified: $request.headers.Auth",
            "CUSTOM",
        ),
        (
            judge(json!({ "authorizerPayloadFormatVersion": null })),
            "AuthorizerPayloadFormatVersion is a required parameter",
            "CUSTOM",
        ),
        (judge(json!({ "type": "token" })), "authorizerType must be one of", "CUSTOM"),
    ] {
        let integration = json!({ "type": "aws_proxy", "uri": FUNCTION });
        let operation =
            json!({ "security": [{ "who": [] }], "x-amazon-apigateway-integration": integration });
        let api = bench.imported(&with(json!({ "who": scheme }), operation));
        for what in ["routes", "integrations", "authorizers"] {
            assert_eq!(bench.items(&api, what), Vec::<Value>::new(), "{what} {why}");
        }
        let warnings = api["warnings"].as_array().expect("warnings");
        let first = warnings[0].as_str().expect("text");
        assert!(first.starts_with(&format!("Unable to create Authorizer 'who': {why}")), "{first}");
        assert!(first.ends_with(". Ignoring."), "{first}");
        assert_eq!(
            warnings[1..],
            [json!(format!(
                "Unable to put method 'GET' on resource at path '/a': Invalid authorizer definition. Setting the authorization \
                 type to {of_type} requires a valid authorizer. Ignoring."
            ))]
        );
    }
}

#[test]
fn authorizers_are_exported_as_aws_does() {
    let bench = Bench::new();
    let schemes = json!({ "jwt": jwt(json!({})), "f": judge(json!({})) });
    let mut definition = with(schemes, json!({ "security": [{ "jwt": ["s"] }] }));
    definition["paths"]["/a"]["put"] = json!({ "security": [{ "f": [] }] });
    definition["paths"]["/a"]["post"] = json!({ "x-amazon-apigateway-auth": { "type": "AWS_IAM" } });
    let api = text(&bench.imported(&definition), "apiId");
    let exported = bench.exported(&api, "JSON");
    let operations = &exported["paths"]["/a"];
    assert_eq!(operations["get"]["security"], json!([{ "jwt": ["s"] }]));
    assert_eq!(operations["put"]["security"], json!([{ "f": [] }]));
    assert_eq!(operations["post"]["x-amazon-apigateway-auth"], json!({ "type": "AWS_IAM" }));
    let expected = json!({
        "jwt": { "type": "oauth2", "flows": {}, "x-amazon-apigateway-authorizer": {
            "identitySource": "$request.header.Authorization", "type": "jwt",
            "jwtConfiguration": { "audience": ["a", "b"], "issuer": "https://issuer.example" } } },
        "f": { "type": "apiKey", "name": "Auth", "in": "header", "x-amazon-apigateway-authorizer": {
            "identitySource": "$request.header.Auth,$request.querystring.q", "authorizerUri": FUNCTION,
            "authorizerPayloadFormatVersion": "2.0", "authorizerResultTtlInSeconds": 60, "type": "request",
            "enableSimpleResponses": true } },
    });
    assert_eq!(exported["components"]["securitySchemes"], expected);
}
