//! Authorizers of HTTP APIs, and the routes that ask them.

use serde_json::json;

use super::*;
use crate::model::settings::Parity;

const FUNCTION: &str = "arn:aws:lambda:us-east-1:000000000000:function:f";

fn jwt(more: Value) -> String {
    with(
        json!({
            "name": "a", "authorizerType": "JWT", "identitySource": ["$request.header.Authorization"],
            "jwtConfiguration": { "issuer": "https://example.com/", "audience": ["me"] },
        }),
        more,
    )
}

fn request(more: Value) -> String {
    with(
        json!({
            "name": "b", "authorizerType": "REQUEST", "authorizerUri": FUNCTION,
            "authorizerPayloadFormatVersion": "2.0",
        }),
        more,
    )
}

fn with(mut body: Value, more: Value) -> String {
    body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    body.to_string()
}

fn id(path: &str) -> &str {
    path.rsplit_once('/').unwrap().1
}

#[test]
fn those_of_issuers() {
    let (bench, api) = Bench::with_api();
    let authorizer = bench.made(
        &format!("{api}/authorizers"),
        "authorizerId",
        &jwt(json!({ "enableSimpleResponses": false, "authorizerResultTtlInSeconds": 0 })),
    );
    let mut expected = json!({
        "authorizerId": id(&authorizer), "authorizerType": "JWT", "name": "a",
        "identitySource": ["$request.header.Authorization"],
        "jwtConfiguration": { "issuer": "https://example.com/", "audience": ["me"] },
    });
    assert_eq!(bench.ok(&format!("GET {authorizer}"), ""), expected);
    let update = json!({
        "name": "c", "identitySource": ["$request.querystring.token"],
        "jwtConfiguration": { "issuer": "http://localhost:9000" },
    });
    expected["name"] = "c".into();
    expected["identitySource"] = json!(["$request.querystring.token"]);
    expected["jwtConfiguration"]["issuer"] = "http://localhost:9000".into();
    assert_eq!(bench.ok(&format!("PATCH {authorizer}"), &update.to_string()), expected);
    let gone = format!("Invalid Authorizer identifier specified {}", id(&authorizer));
    bench.lives_and_goes(&authorizer, &expected, &gone);
}

#[test]
fn those_of_functions() {
    let (bench, api) = Bench::with_api();
    let list = format!("{api}/authorizers");
    let source = json!({ "identitySource": ["$request.header.A", "$context.routeKey"] });
    let authorizer = bench.made(&list, "authorizerId", &request(source));
    let mut expected = json!({
        "authorizerId": id(&authorizer), "authorizerType": "REQUEST", "name": "b",
        "authorizerUri": FUNCTION, "authorizerPayloadFormatVersion": "2.0", "enableSimpleResponses": false,
        "identitySource": ["$request.header.A", "$context.routeKey"], "authorizerResultTtlInSeconds": 300,
    });
    assert_eq!(bench.ok(&format!("GET {authorizer}"), ""), expected);
    let role = "arn:aws:iam::000000000000:role/r";
    let update = json!({
        "enableSimpleResponses": true, "authorizerResultTtlInSeconds": 0, "identitySource": [],
        "authorizerCredentialsArn": role,
    });
    for (member, value) in update.as_object().unwrap() {
        expected[member] = value.clone();
    }
    assert_eq!(bench.ok(&format!("PATCH {authorizer}"), &update.to_string()), expected);
    bench.refused(
        &format!("PATCH {authorizer}"),
        r#"{"authorizerPayloadFormatVersion":"1.0"}"#,
        "400 BadRequestException enableSimpleResponses is only supported…",
    );
    bench.lives_and_goes(
        &authorizer,
        &expected,
        &format!("Invalid Authorizer identifier specified {}", id(&authorizer)),
    );
    // Nothing tells clients apart: nothing is kept.
    assert_eq!(bench.ok(&format!("POST {list}"), &request(json!({})))["authorizerResultTtlInSeconds"], 0);
}

#[test]
fn what_is_refused() {
    let (bench, api) = Bench::with_api();
    let list = format!("{api}/authorizers");
    bench.made(&list, "authorizerId", &jwt(json!({ "name": "taken" })));
    let issuer = |issuer: &str| json!({ "jwtConfiguration": { "issuer": issuer, "audience": ["me"] } });
    for (body, expected) in [
        (jwt(json!({ "authorizerType": null })), "Authorizer type is required"),
        (jwt(json!({ "authorizerType": "TOKEN" })), "authorizerType must be one of…"),
        (jwt(json!({ "name": null })), "Authorizer name is required"),
        (
            jwt(json!({ "jwtConfiguration": null })),
            "JwtConfiguration is a required parameter for JWT authorizer",
        ),
        (jwt(json!({ "identitySource": null })), "IdentitySource is a required parameter for JWT authorizer"),
        (jwt(json!({ "identitySource": [] })), "A JWT authorizer must have exactly one identity source"),
        (
            jwt(json!({ "identitySource": ["$context.path"] })),
            "Invalid identity source specified: $context.path",
        ),
        (jwt(json!({ "identitySource": ["$request.header."] })), "Invalid identity source specified…"),
        (
            jwt(json!({ "identitySource": ["Authorization"] })),
            "Invalid identity source specified: Authorization",
        ),
        (jwt(json!({ "jwtConfiguration": { "audience": ["me"] } })), "Invalid issuer: . Issuer must have…"),
        (
            jwt(issuer("example.com")),
            "Invalid issuer: example.com. Issuer must have a valid discovery endpoint ended with \
             '/.well-known/openid-configuration'",
        ),
        (jwt(json!({ "jwtConfiguration": { "issuer": "https://a" } })), "Audience is a required parameter…"),
        (jwt(json!({ "authorizerUri": FUNCTION })), "authorizerUri is not supported for JWT authorizer"),
        (jwt(json!({ "enableSimpleResponses": true })), "enableSimpleResponses is not supported for JWT…"),
        (jwt(json!({ "authorizerResultTtlInSeconds": 1 })), "authorizerResultTtlInSeconds is not supported…"),
        (request(json!({ "authorizerUri": null })), "Authorizer URI is required"),
        (request(json!({ "authorizerUri": "http://a" })), "Invalid Authorizer URI: http://a"),
        (
            request(json!({ "authorizerPayloadFormatVersion": null })),
            "AuthorizerPayloadFormatVersion is a required parameter for REQUEST authorizer",
        ),
        (
            request(json!({ "authorizerPayloadFormatVersion": "3.0" })),
            "authorizerPayloadFormatVersion must be…",
        ),
        (
            request(json!({ "authorizerPayloadFormatVersion": "1.0", "enableSimpleResponses": true })),
            "enableSimpleResponses is only supported for authorizerPayloadFormatVersion 2.0",
        ),
        (
            request(json!({ "authorizerResultTtlInSeconds": 1 })),
            "Identity source must be set if authorizer caching is enabled (TTL is greater than 0)",
        ),
        (request(json!({ "authorizerResultTtlInSeconds": 3601 })), "authorizerResultTtlInSeconds must be…"),
        (request(json!({ "identitySource": ["$request.body"] })), "Invalid identity source specified…"),
        (
            request(json!({ "identitySource": ["route.request.header.a"] })),
            "Invalid identity source specified…",
        ),
        (
            request(json!({ "jwtConfiguration": {} })),
            "jwtConfiguration is not supported for REQUEST authorizer",
        ),
    ] {
        bench.refused(&format!("POST {list}"), &body, &format!("400 BadRequestException {expected}"));
    }
    bench.refused(
        &format!("POST {list}"),
        &jwt(json!({ "name": "taken" })),
        "409 ConflictException Authorizer name must be unique. Authorizer taken already exists",
    );
}

#[test]
fn where_issuers_may_do_without_tls() {
    for (parity, issuer, expected) in [
        (Parity::LocalStack, "http://keycloak:8080/realms/a", 201),
        (Parity::Aws, "http://keycloak:8080/realms/a", 400),
        (Parity::Aws, "http://localhost:8080", 201),
        (Parity::Aws, "http://oidc.localhost:8080", 201),
        (Parity::Aws, "http://127.0.0.2", 201),
        (Parity::Aws, "http://[::1]:80", 201),
        (Parity::Aws, "https://keycloak:8080", 201),
    ] {
        let bench = Bench::with(Settings { parity, ..Settings::default() });
        let api = text(&bench.ok("POST /v2/apis", r#"{"name":"a","protocolType":"HTTP"}"#), "apiId");
        let body = jwt(json!({ "jwtConfiguration": { "issuer": issuer, "audience": ["me"] } }));
        let said = bench.ask(&format!("POST /v2/apis/{api}/authorizers"), &body);
        assert_eq!(said.status, expected, "{parity:?} {issuer}");
    }
}

#[test]
fn routes_and_their_authorizers() {
    let (bench, api) = Bench::with_api();
    let jwt = bench.made(&format!("{api}/authorizers"), "authorizerId", &jwt(json!({})));
    let request = bench.made(&format!("{api}/authorizers"), "authorizerId", &request(json!({})));
    let route = bench.made(
        &format!("{api}/routes"),
        "routeId",
        &json!({
            "routeKey": "GET /a", "authorizationType": "JWT", "authorizerId": id(&jwt),
            "authorizationScopes": ["read", "write"],
        })
        .to_string(),
    );
    let shown = bench.ok(&format!("GET {route}"), "");
    assert_eq!(shown["authorizationType"], "JWT");
    assert_eq!(shown["authorizerId"], id(&jwt));
    assert_eq!(shown["authorizationScopes"], json!(["read", "write"]));
    let (jwt_id, request_id) = (id(&jwt), id(&request));
    let needs = |kind: &str, what: &str| {
        format!(
            "400 BadRequestException Invalid authorizer ID specified. Setting the authorization type to {kind} requires \
             a valid {what} authorizer."
        )
    };
    let scopes = "400 BadRequestException Invalid Route authorization type specified. Authorization Scopes are only \
                  valid for COGNITO_USER_POOLS and JWT authorization types";
    for (update, expected) in [
        (json!({ "authorizerId": request_id }), needs("JWT", "JWT")),
        (json!({ "authorizerId": "" }), needs("JWT", "JWT")),
        (json!({ "authorizationType": "CUSTOM", "authorizerId": jwt_id }), needs("CUSTOM", "custom")),
        (json!({ "authorizationType": "CUSTOM" }), needs("CUSTOM", "custom")),
        (
            json!({ "authorizationType": "CUSTOM", "authorizerId": request_id, "authorizationScopes": ["a"] }),
            scopes.to_owned(),
        ),
        (
            json!({ "authorizationType": "AWS_IAM", "authorizerId": jwt_id }),
            "400 BadRequestException authorizerId must not be set when the authorization type is AWS_IAM"
                .into(),
        ),
        (
            json!({ "authorizationScopes": [""] }),
            "400 BadRequestException authorizationScopes must have…".into(),
        ),
        (
            json!({ "authorizationScopes": vec!["a"; 101] }),
            "409 ConflictException Limit exceeded: at most 100 scopes per route".into(),
        ),
    ] {
        bench.refused(&format!("PATCH {route}"), &update.to_string(), &expected);
    }
    bench.refused(
        &format!("DELETE {jwt}"),
        "",
        &format!(
            "409 ConflictException Cannot delete Authorizer because it is referenced by the following Routes with Ids: \
             [{}]",
            id(&route)
        ),
    );
    bench.refused(
        &format!("PATCH {jwt}"),
        &json!({ "authorizerType": "REQUEST", "authorizerUri": FUNCTION, "authorizerPayloadFormatVersion": "1.0" })
            .to_string(),
        "400 BadRequestException The type of an authorizer that routes refer to cannot change",
    );
    // What one type had goes with it.
    let update = json!({ "authorizationType": "AWS_IAM" }).to_string();
    let expected = json!({
        "routeId": id(&route), "routeKey": "GET /a", "authorizationType": "AWS_IAM", "apiKeyRequired": false,
    });
    assert_eq!(bench.ok(&format!("PATCH {route}"), &update), expected);
    let update = json!({ "authorizationType": "CUSTOM", "authorizerId": request_id }).to_string();
    assert_eq!(bench.ok(&format!("PATCH {route}"), &update)["authorizerId"], request_id);
    assert_eq!(bench.ask(&format!("DELETE {jwt}"), "").status, 204);
}
