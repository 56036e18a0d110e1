use serde_json::json;

use super::*;

#[test]
fn a_stage_has_the_defaults_of_websockets() {
    let (bench, api) = Bench::with_websocket();
    let mut expected = json!({
        "stageName": "dev",
        "defaultRouteSettings": { "dataTraceEnabled": false, "detailedMetricsEnabled": false, "loggingLevel": "OFF" },
        "routeSettings": {},
        "stageVariables": {},
        "tags": {},
        "createdDate": "2020-04-08T19:05:45Z",
        "lastUpdatedDate": "2020-04-08T19:05:45Z",
    });
    assert_eq!(bench.ok(&format!("POST {api}/stages"), r#"{"stageName":"dev"}"#), expected);
    bench.ok(&format!("POST {api}/routes"), r#"{"routeKey":"$connect"}"#);
    let update = r#"{"defaultRouteSettings":{"loggingLevel":"INFO","throttlingRateLimit":10,"throttlingBurstLimit":5},
        "routeSettings":{"$connect":{"dataTraceEnabled":true,"loggingLevel":"ERROR"}}}"#;
    expected["defaultRouteSettings"] = json!({
        "dataTraceEnabled": false, "detailedMetricsEnabled": false, "loggingLevel": "INFO",
        "throttlingRateLimit": 10.0, "throttlingBurstLimit": 5,
    });
    expected["routeSettings"] = json!({ "$connect": { "dataTraceEnabled": true, "loggingLevel": "ERROR" } });
    let stage = format!("{api}/stages/dev");
    assert_eq!(bench.ok(&format!("PATCH {stage}"), update), expected);
    bench.refused(
        &format!("PATCH {stage}"),
        r#"{"routeSettings":{"join":{}}}"#,
        "404 NotFoundException Unable to find Route by key join within the provided RouteSettings",
    );
    let settings = format!("DELETE {stage}/routesettings/%24connect");
    assert_eq!(bench.ask(&settings, "").status, 204);
    bench.refused(&settings, "", "404 NotFoundException Unable to find Route by key $connect…");
    expected["routeSettings"] = json!({});
    assert_eq!(bench.ok(&format!("GET {stage}"), ""), expected);
}

#[test]
fn an_edit_is_served_once_it_is_deployed() {
    let (bench, api) = Bench::with_websocket();
    let said = bench.ok(&format!("POST {api}/stages"), r#"{"stageName":"auto","autoDeploy":true}"#);
    assert_eq!(
        said["lastDeploymentStatusMessage"],
        "Deployment attempt failed: At least one route is required before deploying the Api."
    );
    bench.ok(&format!("POST {api}/stages"), r#"{"stageName":"dev"}"#);
    bench.ok(&format!("POST {api}/routes"), r#"{"routeKey":"a"}"#);
    let deployment = bench.ok(&format!("POST {api}/deployments"), r#"{"stageName":"dev","description":"d"}"#);
    let expected = json!({
        "deploymentId": deployment["deploymentId"], "deploymentStatus": "DEPLOYED", "autoDeployed": false,
        "createdDate": "2020-04-08T19:05:45Z", "description": "d",
    });
    assert_eq!(deployment, expected);
    bench.ok(&format!("POST {api}/routes"), r#"{"routeKey":"b"}"#);
    bench.ok(&format!("PATCH {api}"), r#"{"routeSelectionExpression":"$request.body.kind"}"#);
    let store = bench.control.store();
    let api = store.apis.values().next().unwrap();
    for (stage, routes, expression) in [("dev", 1, "$request.body.action"), ("auto", 2, "$request.body.kind")]
    {
        let deployment = api.stages[stage].deployment_id.as_ref().unwrap();
        let snapshot = &api.deployments[deployment].snapshot;
        assert_eq!((snapshot.routes.len(), &*snapshot.route_selection_expression), (routes, expression));
    }
    drop(store);
    let id = text(&deployment, "deploymentId");
    let line =
        format!("DELETE /v2/apis/{}/deployments/{id}", bench.control.store().apis.keys().next().unwrap());
    bench.refused(&line, "", "400 BadRequestException Active stages pointing to this deployment…");
}
