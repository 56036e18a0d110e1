//! WebSocket APIs.

mod apis;
mod integrations;
mod models;
mod routes;
mod stages;

use serde_json::json;

use super::*;

const FUNCTION: &str = "arn:aws:lambda:us-east-1:000000000000:function:f";

#[test]
fn the_mock_ping_of_the_golden_scenarios() {
    let (bench, api) = Bench::with_websocket();
    let integration = bench.made(
        &format!("{api}/integrations"),
        "integrationId",
        r#"{"integrationType":"MOCK","templateSelectionExpression":"200","requestTemplates":{"200":"{\"statusCode\":200}"}}"#,
    );
    let target = integration.rsplit_once('/').unwrap().1;
    let route = json!({
        "routeKey": "ping",
        "target": format!("integrations/{target}"),
        "routeResponseSelectionExpression": "$default",
    });
    let route = bench.made(&format!("{api}/routes"), "routeId", &route.to_string());
    bench.ok(&format!("POST {route}/routeresponses"), r#"{"routeResponseKey":"$default"}"#);
    bench.ok(
        &format!("POST {integration}/integrationresponses"),
        r#"{"integrationResponseKey":"/200/","templateSelectionExpression":"200",
            "responseTemplates":{"200":"{\"statusCode\":200,\"message\":\"pong\"}"}}"#,
    );
    bench.ok(&format!("POST {api}/stages"), r#"{"stageName":"dev"}"#);
    bench.ok(&format!("POST {api}/deployments"), r#"{"stageName":"dev"}"#);
    let store = bench.control.store();
    let deployments = &store.apis.values().next().unwrap().deployments;
    let snapshot = &deployments.values().next().unwrap().snapshot;
    assert_eq!(snapshot.route_selection_expression, "$request.body.action");
    assert_eq!(snapshot.routes.values().next().unwrap().responses.len(), 1);
    let responses = &snapshot.integrations[target].responses;
    let response = responses.values().next().unwrap();
    assert_eq!(response.response_templates["200"], r#"{"statusCode":200,"message":"pong"}"#);
}

#[test]
fn an_http_api_has_none_of_it() {
    let (bench, api) = Bench::with_api();
    let integration = bench.made(
        &format!("{api}/integrations"),
        "integrationId",
        r#"{"integrationType":"HTTP_PROXY","integrationUri":"http://a"}"#,
    );
    let route = bench.made(&format!("{api}/routes"), "routeId", r#"{"routeKey":"$default"}"#);
    for (path, body, expected) in [
        (format!("{api}/models"), r#"{"name":"a","schema":"{}"}"#, "400 BadRequestException Models are not…"),
        (
            format!("{route}/routeresponses"),
            r#"{"routeResponseKey":"$default"}"#,
            "400 BadRequestException Route…",
        ),
        (
            format!("{integration}/integrationresponses"),
            r#"{"integrationResponseKey":"$default"}"#,
            "400 BadRequestException Integration responses are not supported for an API with a protocol type of HTTP",
        ),
    ] {
        bench.refused(&format!("POST {path}"), body, expected);
        assert_eq!(bench.ok(&format!("GET {path}"), ""), json!({ "items": [] }));
    }
}
