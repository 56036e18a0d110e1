//! Random sequences of operations, on whatever there is by then.

use proptest::prelude::*;

use super::*;
use crate::control::apigateway::OPERATIONS;

/// Names that operations look for, so that values of any type reach their checks.
const MEMBERS: &[&str] = &[
    "name",
    "description",
    "version",
    "tags",
    "policy",
    "binaryMediaTypes",
    "minimumCompressionSize",
    "cloneFrom",
    "apiKeySource",
    "endpointConfiguration",
    "types",
    "ipAddressType",
    "vpcEndpointIds",
    "pathPart",
    "authorizationType",
    "authorizerId",
    "apiKeyRequired",
    "requestParameters",
    "requestModels",
    "authorizationScopes",
    "responseParameters",
    "responseModels",
    "type",
    "httpMethod",
    "uri",
    "connectionType",
    "credentials",
    "requestTemplates",
    "responseTemplates",
    "passthroughBehavior",
    "contentHandling",
    "timeoutInMillis",
    "cacheKeyParameters",
    "selectionPattern",
    "stageName",
    "deploymentId",
    "variables",
    "canarySettings",
    "percentTraffic",
    "stageVariableOverrides",
    "method.request.header.a",
    "method.response.header.a",
    "integration.request.header.a",
    "application/json",
];

/// Texts that pass some check.
const TEXTS: &[&str] = &[
    "",
    "a",
    "{id}",
    "{proxy+}",
    "NONE",
    "AWS_IAM",
    "CUSTOM",
    "MOCK",
    "HTTP_PROXY",
    "AWS_PROXY",
    "http://a",
    "GET",
    "ANY",
    "dev",
    "'a'",
    "method.request.header.a",
    "integration.response.header.a",
    "Empty",
    "true",
    "1",
    "50",
    "10000",
    "EDGE",
    "PRIVATE",
    "ipv4",
    "NEVER",
    "CONVERT_TO_TEXT",
    "{statusCode: 200}",
    "{\"a\": 1}",
    "é",
    "arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/arn:aws:lambda:us-east-1:000000000000:function:f/invocations",
];

/// Paths of patches, of all resources.
const PATHS: &[&str] = &[
    "",
    "/",
    "/name",
    "/description",
    "/policy",
    "/version",
    "/minimumCompressionSize",
    "/apiKeySource",
    "/binaryMediaTypes/a~1b",
    "/binaryMediaTypes",
    "/endpointConfiguration/types/EDGE",
    "/endpointConfiguration/types/0",
    "/endpointConfiguration/types/99999999999999999999",
    "/endpointConfiguration/ipAddressType",
    "/endpointConfiguration/vpcEndpointIds",
    "/pathPart",
    "/parentId",
    "/authorizationType",
    "/apiKeyRequired",
    "/operationName",
    "/authorizationScopes",
    "/requestParameters/method.request.header.a",
    "/requestModels/application~1json",
    "/responseParameters/method.response.header.a",
    "/responseModels/a~1b",
    "/uri",
    "/httpMethod",
    "/type",
    "/timeoutInMillis",
    "/passthroughBehavior",
    "/contentHandling",
    "/connectionType",
    "/cacheKeyParameters/a",
    "/requestParameters/integration.request.header.a",
    "/requestTemplates/application~1json",
    "/selectionPattern",
    "/responseTemplates/application~1json",
    "/deploymentId",
    "/variables/a",
    "/variables/~01",
    "/tracingEnabled",
    "/cacheClusterSize",
    "/*/*",
    "/*/*/throttling/rateLimit",
    "/*/*/throttling/burstLimit",
    "/~1a/GET/logging/loglevel",
    "/accessLogSettings",
    "/accessLogSettings/format",
    "/canarySettings",
    "/canarySettings/deploymentId",
    "/canarySettings/percentTraffic",
    "/canarySettings/stageVariableOverrides/a",
    "/canarySettings/stageVariableOverrides",
    "/variables",
    "/cloudwatchRoleArn",
    "/features",
    "////",
    "/é/~/~2",
];

/// One call, before its ids are known: a body, and numbers that choose among what there is.
#[derive(Clone, Debug)]
struct Step {
    operation: usize,
    body: Value,
    choice: usize,
    query: &'static str,
}

fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        1 => Just(Value::Null),
        1 => any::<bool>().prop_map(Value::from),
        1 => (-2i64..100_000).prop_map(Value::from),
        1 => any::<f64>().prop_map(Value::from),
        6 => text_value(),
    ];
    leaf.prop_recursive(2, 12, 4, |inner| {
        prop_oneof![prop::collection::vec(inner.clone(), 0..3).prop_map(Value::from), members(inner)]
    })
}

fn text_value() -> impl Strategy<Value = Value> {
    prop_oneof![9 => prop::sample::select(TEXTS).prop_map(Value::from), 1 => ".{0,6}".prop_map(Value::from)]
}

fn members(value: impl Strategy<Value = Value>) -> impl Strategy<Value = Value> {
    let name = prop_oneof![9 => prop::sample::select(MEMBERS).prop_map(str::to_owned), 1 => ".{0,6}"];
    prop::collection::vec((name, value), 0..6)
        .prop_map(|entries| Value::Object(entries.into_iter().collect::<serde_json::Map<_, _>>()))
}

/// Bodies that are often good enough.
fn body() -> impl Strategy<Value = Value> {
    let operation = (
        prop::sample::select(vec!["add", "remove", "replace", "copy", "move", "x"]),
        prop::sample::select(PATHS),
        text_value(),
    )
        .prop_map(|(op, path, value)| json!({ "op": op, "path": path, "value": value, "from": value }));
    let good = prop::sample::select(vec![
        json!({ "name": "a", "pathPart": "a", "authorizationType": "NONE", "type": "MOCK", "stageName": "dev" }),
        json!({ "name": "b", "pathPart": "b", "authorizationType": "AWS_IAM", "type": "HTTP", "httpMethod": "GET", "uri": "http://a" }),
        json!({ "pathPart": "{id}", "tags": { "_custom_id_": "mine" }, "name": "c", "authorizationType": "NONE" }),
        json!({ "stageName": "dev", "canarySettings": { "percentTraffic": 50 } }),
        json!({ "name": "pet", "contentType": "application/json", "schema": "{}" }),
        json!({ "authorizationType": "NONE", "requestModels": { "application/json": "pet" } }),
        json!({ "responseParameters": { "method.response.header.a": true } }),
        json!({ "responseParameters": { "method.response.header.a": "'a'" }, "selectionPattern": "" }),
    ]);
    prop_oneof![
        3 => prop::collection::vec(operation, 0..4).prop_map(|operations| json!({ "patchOperations": operations })),
        3 => good,
        2 => members(value()),
        1 => value(),
    ]
}

fn step() -> impl Strategy<Value = Step> {
    let query = prop::sample::select(vec![
        "",
        "?embed=methods",
        "?limit=1",
        "?position=YQ",
        "?tagKeys=a",
        "?embed=apisummary",
    ]);
    (0..OPERATIONS.len(), body(), 0usize..64, query).prop_map(|(operation, body, choice, query)| Step {
        operation,
        body,
        choice,
        query,
    })
}

/// The line of a step: its ids are those of something that exists, if anything does.
fn line(store: &Store, step: &Step) -> String {
    let choice = step.choice;
    let at = OPERATIONS[step.operation].at;
    let pick = |mut among: Vec<String>| match among.is_empty() {
        true => "none".to_owned(),
        false => among.swap_remove(choice % among.len()),
    };
    let api = store.rest_apis.values().nth(choice % store.rest_apis.len().max(1));
    let id = api.map_or("none", |api| api.id.as_str());
    let resources = api.map(|api| api.resources.keys().cloned().collect()).unwrap_or_default();
    let deployments = api.map(|api| api.deployments.keys().cloned().collect()).unwrap_or_default();
    let method = ["GET", "ANY", "POST", "x"][choice % 4];
    at.replace("{restapi_id}", id)
        .replace("{resource_id}", &pick(resources))
        .replace("{deployment_id}", &pick(deployments))
        .replace("{http_method}", method)
        .replace("{model_name}", ["Empty", "pet"][choice % 2])
        .replace("{status_code}", ["200", "404", "x"][choice % 3])
        .replace("{stage_name}", "dev")
        .replace("{resource_arn+}", &format!("arn:aws:apigateway:us-east-1::/restapis/{id}"))
        + step.query
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    /// Whatever is asked in whatever order: an operation answers, one that refuses has changed nothing, and what
    /// there is always fits together.
    #[test]
    fn any_sequence_is_answered(steps in prop::collection::vec(step(), 1..60)) {
        let rest = Rest::new();
        rest.mock("GET");
        rest.deployment(r#"{"stageName":"dev"}"#);
        for step in &steps {
            let line = line(&rest.bench.control.store(), step);
            let before = rest.bench.control.store().rest_apis.clone();
            let said = rest.bench.ask(&line, &step.body.to_string());
            prop_assert!((200..500).contains(&said.status) || said.status == 501, "{line} {}: {said:?}", step.body);
            let store = rest.bench.control.store();
            prop_assert!(store.changed.is_empty(), "what changed was published");
            if said.status >= 400 || line.starts_with("GET") {
                prop_assert!(store.rest_apis == before, "{line} {} changed something", step.body);
            }
            check_invariants(&store);
        }
    }

    /// Whatever bytes a body has.
    #[test]
    fn any_bytes_get_an_answer(body in "\\PC{0,40}", operation in 0..OPERATIONS.len()) {
        let rest = Rest::new();
        let step = Step { operation, body: Value::Null, choice: 0, query: "" };
        let line = line(&rest.bench.control.store(), &step);
        prop_assert_ne!(rest.bench.ask(&line, &body).status, 500);
    }
}

/// What holds of every REST API at all times.
fn check_invariants(store: &Store) {
    for (id, api) in &store.rest_apis {
        assert_eq!(*id, api.id);
        assert!(api.resources[&api.root_resource_id].parent_id.is_none());
        for (id, resource) in &api.resources {
            assert_eq!(*id, resource.id);
            let expected = match &resource.parent_id {
                None => "/".to_owned(),
                Some(parent) => {
                    format!("{}/{}", api.resources[parent].path.trim_end_matches('/'), resource.path_part)
                }
            };
            assert_eq!(resource.path, expected);
            for (name, method) in &resource.methods {
                assert_eq!(*name, method.http_method);
                assert!(method.request_models.values().all(|model| api.models.contains_key(model)));
            }
        }
        let mut paths: Vec<_> = api.resources.values().map(|resource| &resource.path).collect();
        paths.sort_unstable();
        paths.dedup();
        assert_eq!(paths.len(), api.resources.len(), "no two resources have one path");
        for stage in api.stages.values() {
            assert!(api.deployments.contains_key(&stage.deployment_id));
            let canary = stage.canary.as_ref();
            assert!(canary.is_none_or(|canary| api.deployments.contains_key(&canary.deployment_id)));
        }
    }
}
