use super::*;

const LOG_GROUP: &str = "arn:aws:logs:us-east-1:000000000000:log-group:g";

/// A REST API with two deployments and a stage `dev` of the first.
fn staged() -> (Rest, String, String) {
    let rest = Rest::new();
    rest.mock("GET");
    let (first, second) = (rest.deployment("{}"), rest.deployment("{}"));
    let body = json!({ "stageName": "dev", "deploymentId": first, "variables": { "testVar": "test" } });
    rest.bench.ok(&format!("POST {}/stages", rest.path), &body.to_string());
    (rest, first, second)
}

#[test]
fn a_life() {
    let rest = Rest::new();
    rest.mock("GET");
    let (bench, path) = (&rest.bench, &rest.path);
    let deployment = rest.deployment("{}");
    let body = json!({ "stageName": "s1", "deploymentId": deployment });
    let said = bench.ask(&format!("POST {path}/stages"), &body.to_string());
    let expected = json!({
        "cacheClusterEnabled": false, "cacheClusterStatus": "NOT_AVAILABLE", "createdDate": 1_586_372_745,
        "deploymentId": deployment, "lastUpdatedDate": 1_586_372_745, "methodSettings": {}, "stageName": "s1",
        "tracingEnabled": false,
    });
    assert_eq!((said.status, said.json()), (201, expected.clone()));
    assert_eq!(bench.ok(&format!("GET {path}/stages/s1"), ""), expected);
    assert_eq!(bench.ok(&format!("GET {path}/stages"), ""), json!({ "item": [expected] }));
    assert_eq!(
        bench.ok(&format!("GET {path}/stages?deploymentId={deployment}"), ""),
        json!({ "item": [expected] })
    );
    assert_eq!(bench.ok(&format!("GET {path}/stages?deploymentId=x"), ""), json!({ "item": [] }));
    let said = bench.ask(&format!("DELETE {path}/stages/s1"), "");
    assert_eq!((said.status, said.body.as_str()), (202, ""));
    for method in ["GET", "PATCH", "DELETE"] {
        bench.refused(
            &format!("{method} {path}/stages/s1"),
            "",
            "404 NotFoundException Invalid Stage identifier specified",
        );
    }
    let full = json!({
        "stageName": "s2", "deploymentId": deployment, "description": "d", "documentationVersion": "v1",
        "tracingEnabled": true, "cacheClusterEnabled": true, "cacheClusterSize": "0.5", "variables": { "a": "b" },
        "tags": { "t": "u" }, "canarySettings": { "percentTraffic": 10.5, "useStageCache": true },
    });
    let shown = bench.ok(&format!("POST {path}/stages"), &full.to_string());
    let mut expected = full;
    expected["canarySettings"]["deploymentId"] = json!(deployment);
    for (name, value) in expected.as_object().unwrap() {
        assert_eq!(shown[name], *value, "{name}");
    }
    assert_eq!(shown["cacheClusterStatus"], "AVAILABLE");
}

#[test]
fn what_is_patched() {
    let (rest, first, second) = staged();
    let line = format!("PATCH {}/stages/dev", rest.path);
    let settings = |more: Value| {
        let mut settings = json!({
            "cacheDataEncrypted": false, "cacheTtlInSeconds": 300, "cachingEnabled": false, "dataTraceEnabled": false,
            "metricsEnabled": false, "requireAuthorizationForCacheControl": true, "throttlingBurstLimit": 5000,
            "throttlingRateLimit": 10000.0, "unauthorizedCacheControlHeaderStrategy": "SUCCEED_WITH_RESPONSE_HEADER",
        });
        settings.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        settings
    };
    for (operations, member, expected) in [
        (vec![("replace", "/description", "new")], "description", json!("new")),
        (vec![("remove", "/description", "")], "description", json!(null)),
        (vec![("replace", "/tracingEnabled", "true")], "tracingEnabled", json!(true)),
        (vec![("replace", "/tracingEnabled", "x")], "tracingEnabled", json!(false)),
        (vec![("replace", "/deploymentId", second.as_str())], "deploymentId", json!(second)),
        (vec![("replace", "/deploymentId", first.as_str())], "deploymentId", json!(first)),
        (vec![("replace", "/cacheClusterEnabled", "true")], "cacheClusterStatus", json!("AVAILABLE")),
        (vec![("replace", "/cacheClusterSize", "1.6")], "cacheClusterSize", json!("1.6")),
        (vec![("replace", "/clientCertificateId", "c")], "clientCertificateId", json!("c")),
        (vec![("replace", "/documentationVersion", "v")], "documentationVersion", json!("v")),
        (
            vec![
                ("add", "/variables/var1", "a"),
                ("replace", "/variables/var2", "b"),
                ("remove", "/variables/testVar", ""),
            ],
            "variables",
            json!({ "var1": "a", "var2": "b" }),
        ),
        (
            vec![("remove", "/variables/var1", ""), ("remove", "/variables/var2", "")],
            "variables",
            json!(null),
        ),
        (
            vec![
                ("replace", "/*/*/throttling/burstLimit", "123"),
                ("replace", "/*/*/caching/enabled", "true"),
                ("replace", "/~1test/GET/throttling/rateLimit", "0.5"),
                ("replace", "/~1test/GET/logging/loglevel", "INFO"),
                ("replace", "/~1test/GET/logging/dataTrace", "true"),
                ("replace", "/~1test/GET/metrics/enabled", "true"),
            ],
            "methodSettings",
            json!({
                "*/*": settings(json!({ "throttlingBurstLimit": 123, "cachingEnabled": true })),
                "~1test/GET": settings(json!({
                    "throttlingBurstLimit": 123, "cachingEnabled": true, "throttlingRateLimit": 0.5,
                    "loggingLevel": "INFO", "dataTraceEnabled": true, "metricsEnabled": true,
                })),
            }),
        ),
        (
            vec![
                ("remove", "/*/*", ""),
                ("replace", "/~1test/GET/throttling/burstLimit", "5000"),
                ("replace", "/~1test/GET/caching/enabled", "false"),
                ("replace", "/~1test/GET/throttling/rateLimit", "10000"),
                ("replace", "/~1test/GET/logging/dataTrace", "false"),
                ("replace", "/~1test/GET/metrics/enabled", "false"),
                ("replace", "/~1test/GET/caching/ttlInSeconds", "5"),
                ("replace", "/~1test/GET/caching/dataEncrypted", "true"),
                ("replace", "/~1test/GET/caching/requireAuthorizationForCacheControl", "false"),
                ("replace", "/~1test/GET/caching/unauthorizedCacheControlHeaderStrategy", "FAIL_WITH_403"),
            ],
            "methodSettings",
            json!({ "~1test/GET": settings(json!({
                "loggingLevel": "INFO", "cacheTtlInSeconds": 5, "cacheDataEncrypted": true,
                "requireAuthorizationForCacheControl": false, "unauthorizedCacheControlHeaderStrategy": "FAIL_WITH_403",
            })) }),
        ),
        (vec![("remove", "/~1test/GET", "")], "methodSettings", json!({})),
        (
            vec![
                ("add", "/accessLogSettings/destinationArn", LOG_GROUP),
                ("add", "/accessLogSettings/format", "$context.requestId"),
            ],
            "accessLogSettings",
            json!({ "destinationArn": LOG_GROUP, "format": "$context.requestId" }),
        ),
        (vec![("remove", "/accessLogSettings", "")], "accessLogSettings", json!(null)),
    ] {
        let shown = rest.bench.ok(&line, &patches(&operations));
        assert_eq!(shown[member], expected, "{operations:?}");
        assert_eq!(rest.bench.ok(&format!("GET {}/stages/dev", rest.path), ""), shown);
    }
}

#[test]
fn canaries() {
    let (rest, first, second) = staged();
    let line = format!("PATCH {}/stages/dev", rest.path);
    let update = |operations: &[(&str, &str, &str)]| rest.bench.ok(&line, &patches(operations));
    let canary = |deployment: &str, percent: f64| json!({ "deploymentId": deployment, "percentTraffic": percent, "useStageCache": false });
    let shown = update(&[("replace", "/canarySettings/deploymentId", &second)]);
    assert_eq!(shown["canarySettings"], canary(&second, 0.0));
    assert_eq!(shown["deploymentId"], first);
    assert_eq!(update(&[("remove", "/canarySettings", "")]).get("canarySettings"), None);
    assert_eq!(
        update(&[("replace", "/canarySettings/percentTraffic", "50")])["canarySettings"],
        canary(&first, 50.0)
    );
    let shown = update(&[
        ("replace", "/canarySettings/stageVariableOverrides/testVar", "override"),
        ("replace", "/canarySettings/stageVariableOverrides/more", "m"),
        ("remove", "/canarySettings/stageVariableOverrides/more", ""),
        ("replace", "/canarySettings/useStageCache", "true"),
        ("replace", "/canarySettings/deploymentId", &second),
    ]);
    let expected = json!({
        "deploymentId": second, "percentTraffic": 50.0, "useStageCache": true,
        "stageVariableOverrides": { "testVar": "override" },
    });
    assert_eq!(shown["canarySettings"], expected);
    // Promoted: what it has becomes the stage's; it stays until it is removed.
    let shown = update(&[
        ("replace", "/canarySettings/percentTraffic", "0.0"),
        ("copy", "/deploymentId", "/canarySettings/deploymentId"),
        ("copy", "/variables", "/canarySettings/stageVariableOverrides"),
    ]);
    assert_eq!(
        (&shown["deploymentId"], &shown["variables"]),
        (&json!(second), &json!({ "testVar": "override" }))
    );
    assert_eq!(shown["canarySettings"]["percentTraffic"], 0.0);
    let shown = update(&[("remove", "/canarySettings/stageVariableOverrides", "")]);
    assert_eq!(shown["canarySettings"].get("stageVariableOverrides"), None);
}

#[test]
fn what_is_refused() {
    let (rest, first, _) = staged();
    let stage = |more: &str| format!(r#"{{"stageName":"new","deploymentId":"{first}"{more}}}"#);
    let twice = format!(r#"{{"stageName":"dev","deploymentId":"{first}"}}"#);
    rest.refuses(&[
        ("POST ~x/stages", &stage(""), "404 NotFoundException Invalid API identifier specified…"),
        ("GET ~x/stages", "", "404 NotFoundException Invalid API identifier specified…"),
        ("GET ~/stages/x", "", "404 NotFoundException Invalid Stage identifier specified"),
        ("POST ~/stages", &twice, "409 ConflictException Stage already exists"),
        (
            "POST ~/stages",
            "{}",
            "400 ValidationException 2 validation errors detected: Value null at 'createStageInput.stageName' failed to satisfy constraint: Member must not be null; Value null at 'createStageInput.deploymentId'…",
        ),
        ("POST ~/stages", r#"{"stageName":"new","deploymentId":"x"}"#, "400 BadRequestException Deployment id does not exist"),
        ("POST ~/stages", &stage(r#","canarySettings":{"deploymentId":"x"}"#), "400 BadRequestException Deployment id does not exist"),
        ("POST ~/stages", &stage(r#","canarySettings":{"percentTraffic":101}"#), "400 BadRequestException Invalid percentTraffic…"),
        ("POST ~/stages", &stage(r#","cacheClusterSize":"7""#), "400 BadRequestException Invalid cache cluster size…"),
        ("POST ~/stages", &stage(r#","variables":{"a":"b c"}"#), "400 BadRequestException The value of the stage variable a…"),
        ("POST ~/stages", &stage(r#","variables":{"a":1}"#), "400 SerializationException class com.amazon.coral…"),
    ]);
    let log = "Invalid accessLogSettings path. Must be one of : [/accessLogSettings/destinationArn, /accessLogSettings/format]";
    let cannot = |key: &str| {
        format!("Cannot remove method setting {key} because there is no method setting for this method ")
    };
    let path = |path: &str| {
        format!("Invalid method setting path: {path}. Must be one of: [/deploymentId, /description…")
    };
    let copy = "Invalid copy operation with path: /canarySettings/stageVariableOverrides and from /variables. Valid copy:path are [/deploymentId, /variables] and valid copy:from are [/canarySettings/deploymentId, /canarySettings/stageVariableOverrides]";
    for (op, at, value, expected) in [
        ("replace", "/deploymentId", "x", "Deployment id does not exist".to_owned()),
        ("replace", "/documentation_version", "x", path("/documentation_version")),
        ("replace", "/tags/tag1", "x", path("/tags/tag1")),
        ("replace", "/variables", "x", path("/variables")),
        ("replace", "/*/*/throttling/x", "1", path("/*/*/throttling/x")),
        ("replace", "", "1", path("")),
        ("test", "/description", "1", path("/description")),
        (
            "replace",
            "/*/*/throttling/burstLimit",
            "x",
            "Invalid value for /*/*/throttling/burstLimit: x".to_owned(),
        ),
        (
            "replace",
            "/*/*/throttling/rateLimit",
            "NaN",
            "Invalid value for /*/*/throttling/rateLimit: NaN".to_owned(),
        ),
        ("replace", "/*/*/logging/loglevel", "x", "Invalid value for /*/*/logging/loglevel: x".to_owned()),
        ("remove", "/*/*", "", cannot("*/*")),
        ("remove", "/a/GET/throttling/rateLimit", "", cannot("a/GET")),
        ("remove", "/accessLogSettings/destinationArn", "", cannot("accessLogSettings/destinationArn")),
        ("remove", "/accessLogSettings/randomValue", "", cannot("accessLogSettings/randomValue")),
        ("add", "/accessLogSettings/randomValue", "x", log.to_owned()),
        ("replace", "/accessLogSettings/*", "x", log.to_owned()),
        ("add", "/accessLogSettings", "x", log.to_owned()),
        ("add", "/accessLogSettings/format", "", "Access Log value must not be empty".to_owned()),
        (
            "add",
            "/accessLogSettings/format",
            "$context.requestId\nx",
            "Access Log format must be single line, new line character is allowed only at end of the format: \
             '$context.requestId\nx'"
                .to_owned(),
        ),
        (
            "add",
            "/accessLogSettings/format",
            "$context.status",
            "Access Log format must include either $context.requestId or $context.extendedRequestId : \
             '$context.status'"
                .to_owned(),
        ),
        (
            "add",
            "/accessLogSettings/destinationArn",
            "x",
            "Invalid ARN specified in the request. ARNs must start with 'arn:': x".to_owned(),
        ),
        (
            "remove",
            "/canarySettings/stageVariableOverrides",
            "",
            cannot("canarySettings/stageVariableOverrides"),
        ),
        ("remove", "/canarySettings/badPath", "", cannot("canarySettings/badPath")),
        ("replace", "/canarySettings", "x", path("/canarySettings")),
        ("replace", "/canarySettings/badPath", "x", path("/canarySettings/badPath")),
        (
            "add",
            "/canarySettings/deploymentId",
            &first,
            "Invalid add operation with path: /canarySettings/deploymentId".to_owned(),
        ),
        ("replace", "/canarySettings/deploymentId", "x", "Deployment id does not exist".to_owned()),
        ("replace", "/canarySettings/percentTraffic", "x", "Invalid percentTraffic specified…".to_owned()),
        ("copy", "/canarySettings/stageVariableOverrides", "/variables", copy.to_owned()),
        (
            "copy",
            "/deploymentId",
            "/canarySettings/deploymentId",
            "Promotion not available. Canary does not exist.".to_owned(),
        ),
    ] {
        let line = format!("PATCH {}/stages/dev", rest.path);
        rest.bench.refused(&line, &patch(op, at, value), &format!("400 BadRequestException {expected}"));
    }
}

#[test]
fn tags() {
    let (rest, ..) = staged();
    let api = format!("/tags/arn:aws:apigateway:us-east-1::{}", rest.path);
    let stage = format!(
        "/tags/arn%3Aaws%3Aapigateway%3Aus-east-1%3A%3A{}%2Fstages%2Fdev",
        rest.path.replace('/', "%2F")
    );
    for line in [&api, &stage] {
        let said = rest.bench.ask(&format!("PUT {line}"), r#"{"tags":{"a":"1","b":"2"}}"#);
        assert_eq!((said.status, said.body.as_str()), (204, ""));
        rest.bench.ok(&format!("PUT {line}"), r#"{"tags":{"b":"3"}}"#);
        assert_eq!(rest.bench.ok(&format!("GET {line}"), ""), json!({ "tags": { "a": "1", "b": "3" } }));
        assert_eq!(rest.bench.ask(&format!("DELETE {line}?tagKeys=a&tagKeys=c"), "").status, 204);
    }
    assert_eq!(rest.bench.ok(&format!("GET {}", rest.path), "")["tags"], json!({ "b": "3" }));
    assert_eq!(rest.bench.ok(&format!("GET {}/stages/dev", rest.path), "")["tags"], json!({ "b": "3" }));
    let many: serde_json::Map<_, _> = (0..51).map(|n| (n.to_string(), json!("x"))).collect();
    for (arn, expected) in [
        (
            "arn:aws:apigateway:us-east-1::/restapis/x",
            "404 NotFoundException Invalid API identifier specified 000000000000:x",
        ),
        (
            &format!("arn:aws:apigateway:us-east-1::{}/stages/x", rest.path),
            "404 NotFoundException Invalid Stage identifier specified",
        ),
        (
            &format!("arn:aws:apigateway:eu-west-1::{}", rest.path),
            "404 NotFoundException Unable to find the resource…",
        ),
        ("arn:aws:apigateway:us-east-1::/nothing/x", "404 NotFoundException Unable to find the resource…"),
        ("x", "400 BadRequestException Invalid resource ARN specified: x"),
    ] {
        for method in ["GET", "PUT", "DELETE"] {
            rest.bench.refused(&format!("{method} /tags/{arn}"), "", expected);
        }
    }
    rest.bench.refused(
        &format!("PUT {api}"),
        &json!({ "tags": many }).to_string(),
        "400 BadRequestException A resource has at most 50 tags",
    );
}
