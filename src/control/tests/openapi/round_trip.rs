//! An exported api that is imported again is the same, but for ids and times.

use std::collections::BTreeMap;

use proptest::prelude::*;
use serde_json::Map;

use super::*;

/// A route, and which of the integrations it has.
#[derive(Clone, Debug)]
struct Described {
    key: String,
    name: Option<String>,
    target: Option<prop::sample::Index>,
    judge: Option<prop::sample::Index>,
    scopes: Vec<String>,
}

fn texts() -> impl Strategy<Value = String> {
    prop_oneof![
        "[a-z]{1,6}",
        "[ -~]{1,12}",
        "[^\u{0}-\u{1f}\u{7f}]{1,8}",
        "(yes|null|1.0|~|- a|a: b|#x|'|\"|\\\\)"
    ]
}

fn keys() -> impl Strategy<Value = String> {
    let segment = prop_oneof!["[a-z0-9._~:$-]{1,5}", "(\\$default|true|200|%20|über|a'b)"];

    let path = prop::collection::vec(segment, 0..3)
        .prop_map(|segments| segments.iter().map(|segment| format!("/{segment}")).collect::<String>());
    let end = prop::sample::select(vec!["", "/{id}", "/{a.b-c}/x", "/{proxy+}"]);
    let method =
        prop::sample::select(vec!["ANY", "DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"]);
    let route = (method, path, end).prop_map(|(method, path, end)| match format!("{path}{end}") {
        path if path.is_empty() => format!("{method} /"),
        path => format!("{method} {path}"),
    });
    prop_oneof![1 => Just("$default".to_owned()), 9 => route]
}

fn routes() -> impl Strategy<Value = Vec<Described>> {
    let name = prop::option::of(texts());
    let index = any::<Option<prop::sample::Index>>;
    let route = (keys(), name, index(), index(), prop::collection::vec(texts(), 0..3));
    let route =
        route.prop_map(|(key, name, target, judge, scopes)| Described { key, name, target, judge, scopes });
    prop::collection::vec(route, 0..6).prop_map(|routes| {
        let by_key: BTreeMap<String, Described> =
            routes.into_iter().map(|route| (route.key.clone(), route)).collect();
        by_key.into_values().collect()
    })
}

/// The body of CreateIntegration.
fn integration() -> impl Strategy<Value = Value> {
    let mapped = prop::sample::select(vec![
        "append:header.a",
        "overwrite:querystring.b",
        "remove:header.c",
        "overwrite:path",
    ]);
    let mapped = prop::collection::btree_map(mapped, "[ -#%-z]{1,8}", 0..3);
    let answered = prop::collection::btree_map(
        "[2-5]0[0-9]",
        prop::collection::btree_map(
            prop::sample::select(vec!["append:header.a", "overwrite:statuscode"]),
            "[a-z0-9 ]{1,6}",
            1..3,
        ),
        0..3,
    );
    let http = (
        mapped,
        answered,
        prop::option::of(50u32..=30_000),
        prop::option::of("[a-z.]{1,9}"),
        prop::sample::select(vec!["ANY", "GET", "POST"]),
    );
    let http = http.prop_map(|(mapped, answered, timeout, tls, method)| {
        let mut members = json!({ "integrationType": "HTTP_PROXY", "integrationUri": "https://back/{proxy}?a=b",
                                  "integrationMethod": method, "requestParameters": mapped, "responseParameters": answered });
        if let Some(timeout) = timeout {
            members["timeoutInMillis"] = timeout.into();
        }
        if let Some(name) = tls {
            members["tlsConfig"] = json!({ "serverNameToVerify": name });
        }
        members
    });
    let function = (prop::sample::select(vec!["1.0", "2.0"]), any::<bool>());
    let function = function.prop_map(|(version, credentials)| {
        let mut members = json!({ "integrationType": "AWS_PROXY", "integrationUri": FUNCTION, "payloadFormatVersion": version });
        if credentials {
            members["credentialsArn"] = "arn:aws:iam::000000000000:role/any".into();
        }
        members
    });
    prop_oneof![http, function]
}

/// The body of CreateAuthorizer, but for the name.
fn authorizer() -> impl Strategy<Value = Value> {
    let source = prop::sample::select(vec![
        "$request.header.Auth",
        "$request.querystring.a,b",
        "$context.path",
        "$stageVariables.x",
    ]);
    let jwt = (
        prop::sample::select(vec!["$request.header.Auth", "$request.querystring.t"]),
        prop::collection::vec(texts(), 1..3),
    );
    let jwt = jwt.prop_map(|(source, audience)| {
        json!({
            "authorizerType": "JWT", "identitySource": [source],
            "jwtConfiguration": { "issuer": "https://issuer.example/a", "audience": audience },
        })
    });
    let request = (prop::collection::vec(source, 0..3), any::<bool>(), 1u32..=3600, any::<bool>());
    let request = request.prop_map(|(sources, simple, ttl, credentials)| said(json!({
        "authorizerType": "REQUEST", "authorizerUri": FUNCTION, "enableSimpleResponses": simple,
        "authorizerPayloadFormatVersion": if simple { "2.0" } else { "1.0" },
        "authorizerResultTtlInSeconds": if sources.is_empty() { 0 } else { ttl }, "identitySource": sources,
        "authorizerCredentialsArn": credentials.then_some("arn:aws:iam::000000000000:role/any"),
    })));
    prop_oneof![jwt, request]
}

/// The body of CreateApi.
fn api() -> impl Strategy<Value = Value> {
    let list = |item: &'static str| prop::option::of(prop::collection::vec(item, 1..3));
    let cors = (
        list("https://[a-z]{1,5}"),
        list("(GET|POST|\\*)"),
        list("[a-z-]{1,5}"),
        list("[a-z-]{1,5}"),
        prop::option::of(-1i64..=86_400),
        any::<Option<bool>>(),
    );
    let cors = cors.prop_map(|(origins, methods, headers, exposed, age, credentials)| {
        said(json!({ "allowOrigins": origins, "allowMethods": methods, "allowHeaders": headers, "exposeHeaders": exposed,
                     "maxAge": age, "allowCredentials": credentials }))
    });
    let tags = prop::collection::btree_map("[a-zA-Z0-9:]{1,6}", texts(), 0..3);
    let about = (
        texts(),
        prop::option::of(texts()),
        prop::option::of(texts()),
        prop::option::of(cors),
        tags,
        any::<bool>(),
    );
    about.prop_map(|(name, description, version, cors, tags, disabled)| {
        said(json!({ "name": name, "description": description, "version": version, "corsConfiguration": cors, "tags": tags,
                     "disableExecuteApiEndpoint": disabled, "protocolType": "HTTP" }))
    })
}

/// The members that are there.
fn said(members: Value) -> Value {
    let Value::Object(members) = members else { return members };
    Value::Object(members.into_iter().filter(|(_, value)| !value.is_null()).collect::<Map<_, _>>())
}

/// All that an api is, but for ids and times.
fn behaviour(bench: &Bench, api: &Value) -> Value {
    let mut api = api.clone();
    let without = |mut members: Value, names: &[&str]| {
        for name in names {
            members.as_object_mut().expect("members").remove(*name);
        }
        members
    };
    let integrations = bench.items(&api, "integrations");
    let integration = |target: &Value| {
        let id = target.as_str().and_then(|target| target.strip_prefix("integrations/"));
        let found =
            integrations.iter().find(|integration| Some(text(integration, "integrationId").as_str()) == id);
        found.cloned().map(|found| without(found, &["integrationId"]))
    };
    let authorizers = bench.items(&api, "authorizers");
    let judges: BTreeMap<String, Value> = authorizers
        .iter()
        .map(|judge| (text(judge, "name"), without(judge.clone(), &["authorizerId"])))
        .collect();
    let mut routes = BTreeMap::new();
    for route in bench.items(&api, "routes") {
        let mut shown = without(route.clone(), &["routeId"]);
        shown["target"] = integration(&route["target"]).into();
        let judge = authorizers.iter().find(|judge| judge.get("authorizerId") == route.get("authorizerId"));
        shown["authorizerId"] = judge.map(|judge| judge["name"].clone()).into();
        routes.insert(text(&route, "routeKey"), shown);
    }
    if api.get("version").is_none() {
        api["version"] = "2020-04-08 19:05:45UTC".into();
    }
    json!({ "api": without(api, &["apiId", "apiEndpoint", "warnings"]), "routes": routes, "authorizers": judges })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 128, ..ProptestConfig::default() })]

    #[test]
    fn what_is_exported_and_imported_is_the_same(
        about in api(), integrations in prop::collection::vec(integration(), 0..3), routes in routes(), form in "(JSON|YAML)",
        authorizers in prop::collection::btree_map(texts(), authorizer(), 0..3),
    ) {
        let bench = Bench::new();
        let api = bench.ok("POST /v2/apis", &about.to_string());
        let path = format!("/v2/apis/{}", text(&api, "apiId"));
        let integrations: Vec<String> = integrations.iter().map(|body| {
            text(&bench.ok(&format!("POST {path}/integrations"), &body.to_string()), "integrationId")
        }).collect();
        let judges: Vec<(String, bool)> = authorizers.into_iter().map(|(name, mut body)| {
            body["name"] = name.into();
            let made = bench.ok(&format!("POST {path}/authorizers"), &body.to_string());
            (text(&made, "authorizerId"), made["authorizerType"] == "JWT")
        }).collect();
        for (n, route) in routes.into_iter().enumerate() {
            let (judge, of_type, scopes) = match route.judge.filter(|_| !judges.is_empty()).map(|index| index.get(&judges)) {
                Some((id, true)) => (Some(id), "JWT", Some(route.scopes).filter(|scopes| !scopes.is_empty())),
                Some((id, false)) => (Some(id), "CUSTOM", None),
                None if n == 0 => (None, "AWS_IAM", None),
                None => (None, "NONE", None),
            };
            let target = route.target.filter(|_| !integrations.is_empty());
            let target = target.map(|index| format!("integrations/{}", index.get(&integrations)));
            let body = said(json!({ "routeKey": route.key, "operationName": route.name, "target": target, "authorizerId": judge,
                                    "authorizationType": of_type, "authorizationScopes": scopes }));
            bench.ok(&format!("POST {path}/routes"), &body.to_string());
        }
        let exported = bench.ask(&format!("GET {path}/exports/OAS30?outputType={form}"), "").body;
        let copy = bench.ok("PUT /v2/apis", &body(&exported));
        prop_assert_eq!(behaviour(&bench, &copy), behaviour(&bench, &api), "{}", exported);
        let again = bench.ok(&path.replacen("/v2", "PUT /v2", 1), &body(&exported));
        prop_assert_eq!(behaviour(&bench, &again), behaviour(&bench, &copy), "{}", exported);
    }
}
