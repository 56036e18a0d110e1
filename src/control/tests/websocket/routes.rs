use serde_json::json;

use super::*;

#[test]
fn a_route_has_the_members_and_defaults_of_aws() {
    let (bench, api) = Bench::with_websocket();
    let said = bench.ask(&format!("POST {api}/routes"), r#"{"routeKey":"$default"}"#);
    let id = text(&said.json(), "routeId");
    let mut expected = json!({ "routeId": id, "routeKey": "$default", "authorizationType": "NONE", "apiKeyRequired": false });
    assert_eq!((said.status, said.json()), (201, expected.clone()));
    let path = format!("{api}/routes/{id}");
    bench.ok(&format!("POST {api}/models"), r#"{"name":"join","schema":"{}"}"#);
    let update = r#"{"routeKey":"chat/join","apiKeyRequired":true,"operationName":"Join",
        "routeResponseSelectionExpression":"$default","modelSelectionExpression":"$request.body.action",
        "requestModels":{"join":"join","$default":"join"}}"#;
    expected["routeKey"] = "chat/join".into();
    expected["apiKeyRequired"] = true.into();
    expected["operationName"] = "Join".into();
    expected["routeResponseSelectionExpression"] = "$default".into();
    expected["modelSelectionExpression"] = "$request.body.action".into();
    expected["requestModels"] = json!({ "join": "join", "$default": "join" });
    assert_eq!(bench.ok(&format!("PATCH {path}"), update), expected);
    let less = r#"{"modelSelectionExpression":"","routeResponseSelectionExpression":"","requestModels":{}}"#;
    for name in ["modelSelectionExpression", "routeResponseSelectionExpression", "requestModels"] {
        expected.as_object_mut().unwrap().remove(name);
    }
    assert_eq!(bench.ok(&format!("PATCH {path}"), less), expected);
    bench.lives_and_goes(&path, &expected, &format!("Invalid Route identifier specified {id}"));
}

#[test]
fn request_parameters() {
    let (bench, api) = Bench::with_websocket();
    let body = r#"{"routeKey":"$connect","requestParameters":{"route.request.querystring.auth":{"required":true},
        "route.request.header.X-Key":{}}}"#;
    let route = bench.made(&format!("{api}/routes"), "routeId", body);
    let update = r#"{"requestParameters":{"route.request.header.X-Key":{"required":true},"route.request.header.b":{}}}"#;
    assert_eq!(
        bench.ok(&format!("PATCH {route}"), update)["requestParameters"],
        json!({
            "route.request.querystring.auth": { "required": true },
            "route.request.header.X-Key": { "required": true },
            "route.request.header.b": { "required": false },
        })
    );
    let mapped = json!({
        "integrationType": "HTTP_PROXY", "integrationMethod": "POST", "integrationUri": "http://a",
        "requestParameters": { "integration.request.header.auth": "route.request.multivaluequerystring.auth" },
    });
    let integration = bench.made(&format!("{api}/integrations"), "integrationId", &mapped.to_string());
    let target = format!(r#"{{"target":"/integrations/{}"}}"#, integration.rsplit_once('/').unwrap().1);
    assert!(text(&bench.ok(&format!("PATCH {route}"), &target), "target").starts_with("/integrations/"));
    let declared = |key: &str| format!("DELETE {route}/requestparameters/{key}");
    bench.refused(
        &declared("route.request.querystring.auth"),
        "",
        "400 BadRequestException Invalid mapping expression specified: Validation Result: warnings : [], errors : \
         [Invalid mapping expression parameter specified: route.request.multivaluequerystring.auth]",
    );
    assert_eq!(bench.ask(&declared("route%2Erequest.header.b"), "").status, 204);
    bench.refused(
        &declared("route.request.header.b"),
        "",
        "404 NotFoundException Invalid request parameter…",
    );
    bench.refused(
        &format!("DELETE {api}/routes/x/requestparameters/y"),
        "",
        "404 NotFoundException Invalid Route identifier specified x",
    );
    bench.refused(
        &format!("PATCH {route}"),
        r#"{"routeKey":"join"}"#,
        "400 BadRequestException requestParameters…",
    );
    bench.refused(&format!("DELETE {integration}"), "", "409 ConflictException Cannot delete Integration…");
}

#[test]
fn route_responses() {
    let (bench, api) = Bench::with_websocket();
    bench.ok(&format!("POST {api}/models"), r#"{"name":"reply","schema":"{}"}"#);
    let route = bench.made(&format!("{api}/routes"), "routeId", r#"{"routeKey":"ping"}"#);
    let list = format!("{route}/routeresponses");
    for (body, expected) in [
        ("", "400 BadRequestException Route response key is required"),
        (
            r#"{"routeResponseKey":"other"}"#,
            "400 BadRequestException Invalid routeResponseKey specified: other. It must be $default",
        ),
        (
            r#"{"routeResponseKey":"$default","responseModels":{"$default":"nope"}}"#,
            "400 BadRequestException Invalid Model name specified: nope",
        ),
        (
            r#"{"routeResponseKey":"$default","modelSelectionExpression":"$x"}"#,
            "400 BadRequestException Invalid modelSelectionExpression…",
        ),
    ] {
        bench.refused(&format!("POST {list}"), body, expected);
    }
    let body = r#"{"routeResponseKey":"$default","responseModels":{"$default":"reply"},
        "responseParameters":{"route.response.header.a":{"required":true}}}"#;
    let response = bench.made(&list, "routeResponseId", body);
    let id = response.rsplit_once('/').unwrap().1;
    let expected = json!({
        "routeResponseId": id, "routeResponseKey": "$default", "responseModels": { "$default": "reply" },
        "responseParameters": { "route.response.header.a": { "required": true } },
    });
    for (body, expected) in [
        (body, "409 ConflictException RouteResponse with key $default already…"),
        (r#"{"routeResponseKey":"other"}"#, "400 BadRequestException Invalid routeResponseKey…"),
    ] {
        bench.refused(&format!("POST {list}"), body, expected);
    }
    let model =
        bench.ok(&format!("GET {api}/models"), "")["items"][0]["modelId"].as_str().unwrap().to_owned();
    bench.refused(&format!("DELETE {api}/models/{model}"), "", "409 ConflictException Cannot delete Model…");
    bench.lives_and_goes(&response, &expected, &format!("Invalid RouteResponse identifier specified {id}"));
    bench.refused(
        &format!("GET {api}/routes/x/routeresponses"),
        "",
        "404 NotFoundException Invalid Route identifier specified x",
    );
}

#[test]
fn what_is_refused() {
    let (bench, api) = Bench::with_websocket();
    let authorizer = format!(r#"{{"name":"a","authorizerType":"REQUEST","authorizerUri":"{FUNCTION}"}}"#);
    let authorizer = text(&bench.ok(&format!("POST {api}/authorizers"), &authorizer), "authorizerId");
    let custom = format!(r#""authorizationType":"CUSTOM","authorizerId":"{authorizer}""#);
    bench.ok(&format!("POST {api}/routes"), r#"{"routeKey":"$connect"}"#);
    bench.ok(&format!("POST {api}/models"), r#"{"name":"m","schema":"{}"}"#);
    let with = |more: &str| format!(r#"{{"routeKey":"join",{more}}}"#);
    let connect = |more: &str| format!(r#"{{"routeKey":"$connect",{more}}}"#);
    for (body, expected) in [
        ("{}".to_owned(), "400 BadRequestException Route key is required"),
        (
            r#"{"routeKey":""}"#.to_owned(),
            "400 BadRequestException The provided route key is not formatted properly…",
        ),
        (
            r#"{"routeKey":"$other"}"#.to_owned(),
            "400 BadRequestException The provided route key is not formatted…",
        ),
        (
            r#"{"routeKey":"$connect"}"#.to_owned(),
            "409 ConflictException Route with key $connect already exists for this API",
        ),
        (
            with(r#""target":"integrations/x""#),
            "400 BadRequestException Invalid Integration identifier specified x",
        ),
        (with(r#""target":"x""#), "400 BadRequestException Invalid target specified…"),
        (with(r#""routeResponseSelectionExpression":"x""#), "400 BadRequestException Invalid routeResponse…"),
        (
            with(r#""requestModels":{"a":"nope"}"#),
            "400 BadRequestException Invalid Model name specified: nope",
        ),
        (with(r#""modelSelectionExpression":"$request.body.a""#), "400 BadRequestException modelSelection…"),
        (
            with(r#""modelSelectionExpression":"$request.header.a","requestModels":{"a":"m"}"#),
            "400 BadRequestException Invalid modelSelectionExpression specified…",
        ),
        (
            with(r#""requestParameters":{"route.request.header.a":{"required":true}}"#),
            "400 BadRequestException requestParameters are only supported on the $connect route…",
        ),
        (
            connect(r#""requestParameters":{"header.a":{"required":true}}"#),
            "400 BadRequestException Invalid request parameter specified: header.a…",
        ),
        (
            connect(r#""requestParameters":{"route.request.path.a":{}}"#),
            "400 BadRequestException Invalid request…",
        ),
        (connect(r#""requestParameters":{"route.request.header.a":true}"#), "400 SerializationException …"),
        (
            with(&custom),
            "400 BadRequestException Authorization is only supported on the $connect route of a WebSocket API",
        ),
        (
            with(r#""authorizationType":"AWS_IAM""#),
            "400 BadRequestException Authorization is only supported…",
        ),
        (connect(r#""authorizationType":"AWS_IAM""#), "501 NotImplementedException …"),
        (
            connect(r#""authorizationType":"JWT""#),
            "400 BadRequestException authorizationType JWT is not supported…",
        ),
        (
            connect(r#""authorizationType":"CUSTOM","authorizerId":"x""#),
            "400 BadRequestException Invalid authorizer ID specified…",
        ),
        (
            connect(r#""authorizationType":"CUSTOM""#),
            "400 BadRequestException Invalid authorizer ID specified…",
        ),
        (
            connect(&format!(r#""authorizerId":"{authorizer}""#)),
            "400 BadRequestException authorizerId must not be set when the authorization type is NONE",
        ),
        (
            with(r#""authorizationScopes":["a"]"#),
            "400 BadRequestException authorizationScopes is not supported…",
        ),
    ] {
        bench.refused(&format!("POST {api}/routes"), &body, expected);
    }
}
