//! Models and authorizers.

use serde_json::json;

use super::*;

#[test]
fn models() {
    let (bench, api) = Bench::with_websocket();
    let list = format!("{api}/models");
    let schema =
        r#"{"$schema":"http://json-schema.org/draft-04/schema#","type":"object","required":["action"]}"#;
    let with = |name: &str, schema: &str| json!({ "name": name, "schema": schema }).to_string();
    let model = bench.made(&list, "modelId", &with("Join1", schema));
    let id = model.rsplit_once('/').unwrap().1;
    for (body, expected) in [
        ("{}".to_owned(), "400 BadRequestException Model name is required"),
        (r#"{"name":"a"}"#.to_owned(), "400 BadRequestException Model schema is required"),
        (with("a-b", "{}"), "400 BadRequestException Model name must be alphanumeric: a-b"),
        (with("", "{}"), "400 BadRequestException name must have…"),
        (with("Join1", "{}"), "409 ConflictException Model name already exists for this API: Join1"),
        (
            with("a", "{"),
            "400 BadRequestException Invalid model specified: Validation Result: warnings : [], errors : [Invalid model \
             schema specified: it is no JSON…",
        ),
        (with("a", "[]"), "400 BadRequestException Invalid model specified…"),
        (with("a", r#"{"type":"thing"}"#), "400 BadRequestException Invalid model specified…"),
        (
            with("a", &format!(r#"{{"title":"{}"}}"#, "x".repeat(32 * 1024))),
            "400 BadRequestException schema must…",
        ),
        (
            r#"{"name":"a","schema":"{}","contentType":"json"}"#.to_owned(),
            "400 BadRequestException Invalid content type specified: json",
        ),
    ] {
        bench.refused(&format!("POST {list}"), &body, expected);
    }
    let route = r#"{"routeKey":"join","requestModels":{"$default":"Join1"}}"#;
    let route = bench.made(&format!("{api}/routes"), "routeId", route);
    let route_id = route.rsplit_once('/').unwrap().1;
    bench.refused(
        &format!("DELETE {model}"),
        "",
        &format!(
            "409 ConflictException Cannot delete Model because it is referenced by the following Routes with Ids: \
             [{route_id}]"
        ),
    );
    bench.refused(
        &format!("PATCH {model}"),
        r#"{"name":"Other"}"#,
        "409 ConflictException Cannot rename Model…",
    );
    bench.ok(&format!("DELETE {route}"), "");
    let update =
        r#"{"name":"Other","description":"d","contentType":"application/vnd.a+json; charset=utf-8"}"#;
    let expected = json!({
        "modelId": id, "name": "Other", "schema": schema, "description": "d",
        "contentType": "application/vnd.a+json; charset=utf-8",
    });
    assert_eq!(bench.ok(&format!("PATCH {model}"), update), expected);
    bench.lives_and_goes(&model, &expected, &format!("Invalid Model identifier specified {id}"));
    assert_eq!(bench.ok(&format!("POST {list}"), &with("a", "{}"))["contentType"], "application/json");
}

#[test]
fn authorizers() {
    let (bench, api) = Bench::with_websocket();
    let list = format!("{api}/authorizers");
    let uri = format!("arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/{FUNCTION}/invocations");
    let with = |more: Value| {
        let mut body = json!({ "name": "b", "authorizerType": "REQUEST", "authorizerUri": uri });
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        body.to_string()
    };
    let sources = json!(["route.request.header.Auth", "route.request.querystring.token", "stageVariables.x"]);
    let body = with(json!({ "name": "a", "identitySource": sources, "authorizerResultTtlInSeconds": 0 }));
    let authorizer = bench.made(&list, "authorizerId", &body);
    let id = authorizer.rsplit_once('/').unwrap().1;
    for (more, expected) in [
        (json!({ "authorizerType": null }), "400 BadRequestException Authorizer type is required"),
        (json!({ "authorizerType": "TOKEN" }), "400 BadRequestException authorizerType must be one of…"),
        (json!({ "authorizerType": "JWT" }), "400 BadRequestException authorizerType JWT is not supported…"),
        (json!({ "name": null }), "400 BadRequestException Authorizer name is required"),
        (json!({ "name": "a" }), "409 ConflictException Authorizer name must be unique…"),
        (json!({ "authorizerUri": null }), "400 BadRequestException Authorizer URI is required"),
        (json!({ "authorizerUri": "http://a" }), "400 BadRequestException Invalid Authorizer URI: http://a"),
        (
            json!({ "authorizerPayloadFormatVersion": "1.0" }),
            "400 BadRequestException authorizerPayloadFormatVersion is not supported for an API with a protocol type of \
             WEBSOCKET",
        ),
        (json!({ "enableSimpleResponses": true }), "400 BadRequestException enableSimpleResponses is not…"),
        (json!({ "jwtConfiguration": {} }), "400 BadRequestException jwtConfiguration is not supported…"),
        (json!({ "authorizerResultTtlInSeconds": 300 }), "400 BadRequestException authorizerResultTtlIn…"),
        (
            json!({ "identitySource": ["method.request.header.a"] }),
            "400 BadRequestException Invalid identity source specified: method.request.header.a",
        ),
        (json!({ "identitySource": ["route.request.header."] }), "400 BadRequestException Invalid identity…"),
    ] {
        bench.refused(&format!("POST {list}"), &with(more), expected);
    }
    let route = format!(r#"{{"routeKey":"$connect","authorizationType":"CUSTOM","authorizerId":"{id}"}}"#);
    let route = bench.made(&format!("{api}/routes"), "routeId", &route);
    bench.ok(&format!("POST {api}/stages"), r#"{"stageName":"dev","autoDeploy":true}"#);
    {
        let store = bench.control.store();
        let deployments = &store.apis.values().next().unwrap().deployments;
        assert!(deployments.values().next().unwrap().snapshot.authorizers.contains_key(id));
    }
    bench.refused(
        &format!("DELETE {authorizer}"),
        "",
        &format!(
            "409 ConflictException Cannot delete Authorizer because it is referenced by the following Routes with Ids: \
             [{}]",
            route.rsplit_once('/').unwrap().1
        ),
    );
    let shown = bench.ok(&format!("PATCH {route}"), r#"{"authorizationType":"NONE"}"#);
    assert_eq!((&shown["authorizationType"], &shown["authorizerId"]), (&json!("NONE"), &Value::Null));
    let role = "arn:aws:iam::000000000000:role/r";
    let update = json!({ "authorizerCredentialsArn": role, "identitySource": [], "authorizerUri": FUNCTION });
    let expected = json!({
        "authorizerId": id, "authorizerType": "REQUEST", "authorizerUri": FUNCTION, "name": "a",
        "authorizerCredentialsArn": role, "identitySource": [],
    });
    assert_eq!(bench.ok(&format!("PATCH {authorizer}"), &update.to_string()), expected);
    bench.lives_and_goes(&authorizer, &expected, &format!("Invalid Authorizer identifier specified {id}"));
}
