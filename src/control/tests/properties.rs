use proptest::prelude::*;
use serde_json::json;

use super::*;

/// Names that operations look for, so that values of any type reach their checks.
const MEMBERS: &[&str] = &[
    "name",
    "protocolType",
    "corsConfiguration",
    "allowOrigins",
    "maxAge",
    "tags",
    "target",
    "routeKey",
    "credentialsArn",
    "version",
    "authorizationType",
    "integrationType",
    "integrationUri",
    "integrationMethod",
    "payloadFormatVersion",
    "requestParameters",
    "responseParameters",
    "timeoutInMillis",
    "tlsConfig",
    "stageName",
    "autoDeploy",
    "deploymentId",
    "stageVariables",
    "routeSettings",
    "defaultRouteSettings",
    "accessLogSettings",
    "description",
    "throttlingBurstLimit",
    "throttlingRateLimit",
    "format",
    "destinationArn",
    "200",
    "append:header.x",
    "routeSelectionExpression",
    "routeResponseSelectionExpression",
    "routeResponseKey",
    "modelSelectionExpression",
    "requestModels",
    "responseModels",
    "templateSelectionExpression",
    "requestTemplates",
    "responseTemplates",
    "integrationResponseKey",
    "passthroughBehavior",
    "contentHandlingStrategy",
    "schema",
    "contentType",
    "authorizerType",
    "authorizerUri",
    "authorizerId",
    "identitySource",
    "route.request.header.x",
    "integration.request.header.x",
    "required",
    "GET /a",
];

/// Texts that pass some check.
const TEXTS: &[&str] = &[
    "",
    "a",
    "HTTP",
    "HTTP_PROXY",
    "AWS_PROXY",
    "http://a",
    "*",
    "GET",
    "GET /a",
    "$default",
    "integrations/a",
    "1.0",
    "2.0",
    "arn:aws:lambda:us-east-1:000000000000:function:f",
    "NONE",
    "JWT",
    "CUSTOM",
    "REQUEST",
    "WEBSOCKET",
    "MOCK",
    "HTTP",
    "$connect",
    "$request.body.a",
    "{\"statusCode\":200}",
    "/2../",
    "application/json",
    "route.request.header.x",
    "context.connectionId",
    "NEVER",
    "$request.header.x",
    "${",
    "é",
];

fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        (-2i64..100_000).prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        prop::sample::select(TEXTS).prop_map(Value::from),
        ".{0,8}".prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 24, 4, |inner| {
        prop_oneof![prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from), members(inner)]
    })
}

fn members(value: impl Strategy<Value = Value>) -> impl Strategy<Value = Value> {
    let name = prop_oneof![9 => prop::sample::select(MEMBERS).prop_map(str::to_owned), 1 => ".{0,6}"];
    prop::collection::vec((name, value), 0..8)
        .prop_map(|entries| Value::Object(entries.into_iter().collect::<serde_json::Map<_, _>>()))
}

/// A bench with one of everything, and the parameters that name them.
fn furnished() -> (Bench, Vec<(&'static str, String)>) {
    let (bench, api) = Bench::with_api();
    let http = r#"{"integrationType":"HTTP_PROXY","integrationUri":"http://a"}"#;
    let integration = text(&bench.ok(&format!("POST {api}/integrations"), http), "integrationId");
    let route = json!({ "routeKey": "GET /a", "target": format!("integrations/{integration}") }).to_string();
    let route = text(&bench.ok(&format!("POST {api}/routes"), &route), "routeId");
    bench.ok(&format!("POST {api}/stages"), r#"{"stageName":"auto","autoDeploy":true}"#);
    let deployment = text(&bench.ok(&format!("POST {api}/deployments"), ""), "deploymentId");
    bench.ok(
        &format!("POST {api}/stages"),
        &json!({ "stageName": "dev", "deploymentId": deployment }).to_string(),
    );
    let id = api.strip_prefix("/v2/apis/").unwrap().to_owned();
    let parameters = vec![
        ("{resource-arn+}", format!("arn:aws:apigateway:us-east-1::/apis/{id}")),
        ("{apiId}", id),
        ("{integrationId}", integration),
        ("{routeId}", route),
        ("{stageName}", "dev".into()),
        ("{deploymentId}", deployment),
        ("{routeKey}", "GET%20%2Fa".into()),
    ];
    (bench, parameters)
}

/// The same with a WebSocket api.
fn furnished_websocket() -> (Bench, Vec<(&'static str, String)>) {
    let (bench, api) = Bench::with_websocket();
    let last = |path: String| path.rsplit_once('/').expect("an id is the last segment").1.to_owned();
    let integration =
        bench.made(&format!("{api}/integrations"), "integrationId", r#"{"integrationType":"MOCK"}"#);
    let body = r#"{"integrationResponseKey":"$default"}"#;
    let integration_response =
        bench.made(&format!("{integration}/integrationresponses"), "integrationResponseId", body);
    let integration = last(integration);
    let model = last(bench.made(&format!("{api}/models"), "modelId", r#"{"name":"a","schema":"{}"}"#));
    let function = "arn:aws:lambda:us-east-1:000000000000:function:f";
    let body = json!({ "name": "a", "authorizerType": "REQUEST", "authorizerUri": function }).to_string();
    let authorizer = last(bench.made(&format!("{api}/authorizers"), "authorizerId", &body));
    let body = json!({
        "routeKey": "$connect", "target": format!("integrations/{integration}"), "authorizationType": "CUSTOM",
        "authorizerId": authorizer, "requestModels": { "$default": "a" },
        "requestParameters": { "route.request.header.x": {} },
    });
    let route = bench.made(&format!("{api}/routes"), "routeId", &body.to_string());
    let body = r#"{"routeResponseKey":"$default"}"#;
    let route_response = last(bench.made(&format!("{route}/routeresponses"), "routeResponseId", body));
    bench.ok(&format!("POST {api}/stages"), r#"{"stageName":"auto","autoDeploy":true}"#);
    let deployment = last(bench.made(&format!("{api}/deployments"), "deploymentId", ""));
    let body = json!({ "stageName": "dev", "deploymentId": deployment }).to_string();
    bench.ok(&format!("POST {api}/stages"), &body);
    let id = last(api);
    let parameters = vec![
        ("{resource-arn+}", format!("arn:aws:apigateway:us-east-1::/apis/{id}")),
        ("{apiId}", id),
        ("{integrationId}", integration),
        ("{integrationResponseId}", last(integration_response)),
        ("{routeId}", last(route)),
        ("{routeResponseId}", route_response),
        ("{modelId}", model),
        ("{authorizerId}", authorizer),
        ("{requestParameterKey}", "route.request.header.x".into()),
        ("{stageName}", "dev".into()),
        ("{deploymentId}", deployment),
        ("{routeKey}", "%24connect".into()),
    ];
    (bench, parameters)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    /// Whatever a body says, an operation answers, and one that refuses has changed nothing.
    #[test]
    fn any_body_gets_an_answer(
        body in members(value()), operation in 0..apigatewayv2::OPERATIONS.len(), websocket in any::<bool>(),
    ) {
        let (bench, parameters) = if websocket { furnished_websocket() } else { furnished() };
        let mut line = apigatewayv2::OPERATIONS[operation].at.to_owned();
        for (name, value) in parameters {
            line = line.replace(name, &value);
        }
        let before = bench.control.store().apis.clone();
        let said = bench.ask(&line, &body.to_string());
        prop_assert!((200..500).contains(&said.status) || said.status == 501, "{line} {body}: {said:?}");
        let store = bench.control.store();
        prop_assert!(store.changed.is_empty(), "what changed was published");
        if said.status >= 400 {
            prop_assert!(store.apis == before, "{line} {body} changed something");
        } else if !line.starts_with("GET") && said.status != 204 {
            prop_assert!(serde_json::from_str::<Value>(&said.body).is_ok());
        }
        check_invariants(&store);
    }

    /// Whatever bytes a body has.
    #[test]
    fn any_bytes_get_an_answer(body in "\\PC{0,40}", operation in 0..apigatewayv2::OPERATIONS.len()) {
        let (bench, parameters) = furnished();
        let mut line = apigatewayv2::OPERATIONS[operation].at.to_owned();
        for (name, value) in parameters {
            line = line.replace(name, &value);
        }
        prop_assert_ne!(bench.ask(&line, &body).status, 500);
    }

    /// Whatever a path says.
    #[test]
    fn any_path_gets_an_answer(method in "GET|POST|PUT|PATCH|DELETE|HEAD", path in "(/|v2|apis|%2F|%|tags|arn|:|a|\\{|restapis){0,12}") {
        let bench = Bench::new();
        let said = bench.ask(&format!("{method} /{path}"), "");
        prop_assert_ne!(said.status, 500);
    }
}

/// What holds of every api at all times.
fn check_invariants(store: &Store) {
    for (id, api) in &store.apis {
        assert_eq!(*id, api.id);
        for stage in api.stages.values() {
            assert!(stage.deployment_id.as_ref().is_none_or(|id| api.deployments.contains_key(id)));
        }
        for route in api.routes.values() {
            assert!(route.integration_id().is_none_or(|id| api.integrations.contains_key(id)));
            assert_eq!(api.routes.values().filter(|other| other.key == route.key).count(), 1);
            assert!(route.authorizer_id.as_ref().is_none_or(|id| api.authorizers.contains_key(id)));
            let known = |name: &String| api.models.values().any(|model| model.name == *name);
            assert!(route.request_models.values().all(known));
        }
        let unserved = api.deployments.values().filter(|deployment| {
            deployment.auto_deployed
                && !api.stages.values().any(|stage| stage.deployment_id.as_ref() == Some(&deployment.id))
        });
        assert!(unserved.count() <= 1, "automatic deployments don't pile up");
    }
}
