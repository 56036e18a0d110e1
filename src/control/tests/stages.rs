use serde_json::json;

use super::*;

#[test]
fn a_stage_has_the_members_and_defaults_of_aws() {
    let (bench, api) = Bench::with_api();
    let said = bench.ask(&format!("POST {api}/stages"), r#"{"stageName":"dev"}"#);
    let expected = json!({
        "stageName": "dev",
        "createdDate": "2020-04-08T19:05:45Z",
        "lastUpdatedDate": "2020-04-08T19:05:45Z",
        "defaultRouteSettings": { "detailedMetricsEnabled": false },
        "routeSettings": {},
        "stageVariables": {},
        "tags": {},
    });
    assert_eq!((said.status, said.json()), (201, expected.clone()));
    assert_eq!(bench.ok(&format!("GET {api}/stages/dev"), ""), expected);
    assert_eq!(bench.ok(&format!("GET {api}/stages"), ""), json!({ "items": [expected] }));
    bench.refused(&format!("POST {api}/stages"), r#"{"stageName":"dev"}"#, "409 ConflictException …");
    assert_eq!(bench.ask(&format!("DELETE {api}/stages/dev"), "").status, 204);
    for line in [
        format!("GET {api}/stages/dev"),
        format!("PATCH {api}/stages/dev"),
        format!("DELETE {api}/stages/dev"),
    ] {
        bench.refused(&line, "", "404 NotFoundException Invalid stage identifier specified");
    }
    bench.ok(&format!("POST {api}/stages"), r#"{"stageName":"$default"}"#);
    bench.ok(&format!("GET {api}/stages/%24default"), "");
}

#[test]
fn settings_and_variables_are_live() {
    let (bench, api) = Bench::with_api();
    bench.ok(&format!("POST {api}/routes"), r#"{"routeKey":"GET /a"}"#);
    let create = r#"{"stageName":"dev","description":"d","tags":{"a":"b"},
        "stageVariables":{"host":"a.b:80","gone":"x"},
        "accessLogSettings":{"destinationArn":"arn:aws:logs:us-east-1:000000000000:log-group:g","format":"$context.requestId"},
        "defaultRouteSettings":{"throttlingBurstLimit":5,"throttlingRateLimit":2.5},
        "routeSettings":{"GET /a":{"detailedMetricsEnabled":true}}}"#;
    let shown = bench.ok(&format!("POST {api}/stages"), create);
    assert_eq!(
        shown["defaultRouteSettings"],
        json!({ "detailedMetricsEnabled": false, "throttlingBurstLimit": 5, "throttlingRateLimit": 2.5 })
    );
    assert_eq!(shown["routeSettings"], json!({ "GET /a": { "detailedMetricsEnabled": true } }));
    assert_eq!(shown["tags"], json!({ "a": "b" }));
    assert_eq!(shown["accessLogSettings"]["format"], "$context.requestId");
    let stage = format!("{api}/stages/dev");
    let shown = bench.ok(&format!("PATCH {stage}"), r#"{"stageVariables":{"gone":"","new":"1"}}"#);
    assert_eq!(shown["stageVariables"], json!({ "host": "a.b:80", "new": "1" }));
    assert_eq!(shown["description"], "d");
    assert_eq!(bench.ask(&format!("DELETE {stage}/routesettings/GET%20%2Fa"), "").status, 204);
    assert_eq!(bench.ask(&format!("DELETE {stage}/accesslogsettings"), "").status, 204);
    assert_eq!(bench.ask(&format!("DELETE {stage}/cache/authorizers"), "").status, 204);
    let shown = bench.ok(&format!("GET {stage}"), "");
    assert_eq!((&shown["routeSettings"], &shown["accessLogSettings"]), (&json!({}), &Value::Null));
    bench.refused(
        &format!("DELETE {stage}/routesettings/GET%20%2Fa"),
        "",
        "404 NotFoundException Unable to find Route by key GET /a within the provided RouteSettings",
    );
}

#[test]
fn what_is_refused() {
    let (bench, api) = Bench::with_api();
    bench.ok(&format!("POST {api}/stages"), r#"{"stageName":"auto","autoDeploy":true}"#);
    let dev = |more: &str| format!(r#"{{"stageName":"dev",{more}}}"#);
    for (body, expected) in [
        ("{}".into(), "400 BadRequestException Stage name is required"),
        (r#"{"stageName":"a b"}"#.into(), "400 BadRequestException Stage name a b only allows…"),
        (r#"{"stageName":"$other"}"#.into(), "400 BadRequestException Stage name…"),
        (r#"{"stageName":"a/b"}"#.into(), "400 BadRequestException Stage name…"),
        (r#"{"stageName":""}"#.into(), "400 BadRequestException stageName must have…"),
        (
            dev(r#""deploymentId":"nope""#),
            "404 NotFoundException Invalid Deployment identifier specified nope",
        ),
        (dev(r#""stageVariables":{"a-b":"c"}"#), "400 BadRequestException Stage variable names…"),
        (
            dev(r#""stageVariables":{"a":"b c"}"#),
            "400 BadRequestException The value of the stage variable a…",
        ),
        (
            dev(r#""routeSettings":{"GET /x":{}}"#),
            "404 NotFoundException Unable to find Route by key GET /x…",
        ),
        (dev(r#""routeSettings":{"GET /x":null}"#), "400 SerializationException …"),
        (
            dev(r#""defaultRouteSettings":{"loggingLevel":"INFO"}"#),
            "400 BadRequestException Execution logs are not…",
        ),
        (
            dev(r#""defaultRouteSettings":{"dataTraceEnabled":true}"#),
            "400 BadRequestException Execution logs…",
        ),
        (
            dev(r#""defaultRouteSettings":{"throttlingRateLimit":-1}"#),
            "400 BadRequestException defaultRoute…",
        ),
        (dev(r#""defaultRouteSettings":{"throttlingBurstLimit":1.5}"#), "400 SerializationException …"),
        (dev(r#""accessLogSettings":{"format":"x"}"#), "400 BadRequestException Access Log value missing…"),
        (
            dev(r#""accessLogSettings":{"format":"x","destinationArn":"y"}"#),
            "400 BadRequestException Invalid ARN specified in the request. ARNs must start with 'arn:': y",
        ),
        (
            dev(r#""accessLogSettings":{"format":"$context.requestId","destinationArn":"arn:aws:s3:::b"}"#),
            "400 BadRequestException Invalid ARN specified in the request. The ARN must…",
        ),
        (
            dev(&log("$context.requestId\\n")),
            "400 BadRequestException The following errors are found in Access Log Format: Access Log format must be \
             single line: '$context.requestId\n'",
        ),
        (
            dev(&log("$context.requestIdx")),
            "400 BadRequestException The following errors are found in Access Log Format: Access Log format must \
             include either $context.requestId or $context.extendedRequestId : '$context.requestIdx'",
        ),
        (dev(r#""tags":{"aws:a":"b"}"#), "400 BadRequestException Tag keys…"),
    ] {
        bench.refused(&format!("POST {api}/stages"), &body, expected);
    }
}

#[test]
fn parity_decides_how_many_there_may_be() {
    use crate::model::settings::Parity;
    for (parity, most) in [(Parity::Aws, 10), (Parity::LocalStack, 100)] {
        let bench = Bench::with(Settings { parity, ..Settings::default() });
        let api = bench.ok("POST /v2/apis", r#"{"name":"pets","protocolType":"HTTP"}"#);
        let path = format!("POST /v2/apis/{}/stages", text(&api, "apiId"));
        for n in 0..most {
            bench.ok(&path, &format!(r#"{{"stageName":"s{n}"}}"#));
        }
        bench.refused(
            &path,
            r#"{"stageName":"more"}"#,
            &format!("409 ConflictException Limit exceeded: at most {most}…"),
        );
    }
}

/// `accessLogSettings` with this format.
fn log(format: &str) -> String {
    let arn = "arn:aws:logs:us-east-1:000000000000:log-group:g:*";
    format!(r#""accessLogSettings":{{"destinationArn":"{arn}","format":"{format}"}}"#)
}

#[test]
fn what_only_aws_asks_of_an_access_log() {
    use crate::model::settings::Parity;
    let bench = Bench::with(Settings { parity: Parity::Aws, ..Settings::default() });
    let stages = |protocol: &str, more: &str| {
        let body = format!(r#"{{"name":"a","protocolType":"{protocol}"{more}}}"#);
        format!("POST /v2/apis/{}/stages", text(&bench.ok("POST /v2/apis", &body), "apiId"))
    };
    let http = stages("HTTP", "");
    let sockets = stages("WEBSOCKET", r#","routeSelectionExpression":"$request.body.action""#);
    let stage = |format: &str| format!(r#"{{"stageName":"s",{}}}"#, log(format));
    for (path, format, expected) in [
        (
            &http,
            "$context.requestId $context.connectionId $context.x",
            "400 BadRequestException The following context variables are not supported: [$context.connectionId, \
             $context.x]",
        ),
        (
            &http,
            "$context.requestId",
            "404 NotFoundException Cannot enable logging. LogDestination: g does not exist",
        ),
        (
            &sockets,
            "$context.requestId $context.connectionId",
            "400 BadRequestException CloudWatch Logs role ARN must be set in account settings to enable logging",
        ),
    ] {
        bench.refused(path, &stage(format), expected);
    }
    let owner = crate::model::Owner { account: "000000000000".into(), region: "us-east-1".into() };
    bench.control.context().logs().ensure_group(&owner, "g", 0);
    bench.ok(&http, &stage("$context.requestId $context.authorizer.claims.sub"));
}

#[test]
fn answers_of_authorizers_end_with_their_stage() {
    let (bench, api) = Bench::with_api();
    let id = api.rsplit('/').next().unwrap_or_default();
    let kept_under = || bench.control.store().apis[id].stages["dev"].authorizer_resets;
    let mut seen = Vec::new();
    for _ in 0..3 {
        bench.ok(&format!("POST {api}/stages"), r#"{"stageName":"dev"}"#);
        seen.push(kept_under());
        bench.ok(&format!("DELETE {api}/stages/dev/cache/authorizers"), "");
        seen.push(kept_under());
        bench.ok(&format!("DELETE {api}/stages/dev"), "");
    }
    seen.sort_unstable();
    seen.dedup();
    assert_eq!(seen.len(), 6);
}
