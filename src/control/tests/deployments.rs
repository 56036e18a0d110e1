use serde_json::json;

use super::*;

fn deployments(bench: &Bench, api: &str) -> Vec<Value> {
    bench.ok(&format!("GET {api}/deployments"), "")["items"].as_array().unwrap().clone()
}

/// The route keys that a stage serves.
fn served(bench: &Bench, api: &str, stage: &str) -> Vec<String> {
    let store = bench.control.store();
    let api = &store.apis[api.strip_prefix("/v2/apis/").unwrap()];
    let Some(id) = &api.stages[stage].deployment_id else { return Vec::new() };
    let mut keys: Vec<_> =
        api.deployments[id].snapshot.routes.values().map(|route| route.key.to_string()).collect();
    keys.sort();
    keys
}

#[test]
fn a_stage_serves_its_deployment_and_not_the_edits() {
    let (bench, api) = Bench::with_api();
    let deploy = format!("POST {api}/deployments");
    let none = "400 BadRequestException Unable to deploy API because no routes exist in this API";
    bench.refused(&deploy, "{}", none);
    bench.ok(&format!("POST {api}/routes"), r#"{"routeKey":"GET /a"}"#);
    bench.ok(&format!("POST {api}/stages"), r#"{"stageName":"dev"}"#);
    bench.refused(
        &deploy,
        r#"{"stageName":"prod"}"#,
        "404 NotFoundException Invalid stage identifier specified",
    );
    assert_eq!(served(&bench, &api, "dev"), [""; 0]);

    let said = bench.ask(&deploy, r#"{"stageName":"dev","description":"first"}"#);
    let first = text(&said.json(), "deploymentId");
    let expected = json!({
        "deploymentId": first,
        "autoDeployed": false,
        "createdDate": "2020-04-08T19:05:45Z",
        "deploymentStatus": "DEPLOYED",
        "description": "first",
    });
    assert_eq!((said.status, said.json(), first.len()), (201, expected, 6));
    assert_eq!(bench.ok(&format!("GET {api}/stages/dev"), "")["deploymentId"], first);

    bench.ok(&format!("POST {api}/routes"), r#"{"routeKey":"GET /b"}"#);
    assert_eq!(served(&bench, &api, "dev"), ["GET /a"]);
    let second = text(&bench.ok(&deploy, ""), "deploymentId");
    assert_eq!(served(&bench, &api, "dev"), ["GET /a"]);
    bench.ok(&format!("PATCH {api}/stages/dev"), &format!(r#"{{"deploymentId":"{second}"}}"#));
    assert_eq!(served(&bench, &api, "dev"), ["GET /a", "GET /b"]);
    assert_eq!(deployments(&bench, &api).len(), 2);

    let shown = bench.ok(&format!("PATCH {api}/deployments/{first}"), r#"{"description":"old"}"#);
    assert_eq!(shown["description"], "old");
    bench.refused(
        &format!("DELETE {api}/deployments/{second}"),
        "",
        "400 BadRequestException Active stages…",
    );
    assert_eq!(bench.ask(&format!("DELETE {api}/deployments/{first}"), "").status, 204);
    for method in ["GET", "PATCH", "DELETE"] {
        let line = format!("{method} {api}/deployments/{first}");
        let gone = format!("404 NotFoundException Invalid Deployment identifier specified {first}");
        bench.refused(&line, "", &gone);
    }
}

#[test]
fn auto_deploy_deploys_each_change() {
    let (bench, api) = Bench::with_api();
    let stage = |name: &str| bench.ok(&format!("GET {api}/stages/{name}"), "");
    bench.ok(&format!("POST {api}/stages"), r#"{"stageName":"$default","autoDeploy":true}"#);
    bench.ok(&format!("POST {api}/stages"), r#"{"stageName":"fixed"}"#);
    assert_eq!(
        text(&stage("$default"), "lastDeploymentStatusMessage"),
        "Deployment attempt failed: Unable to deploy API because no routes exist in this API"
    );
    let route = bench.ok(&format!("POST {api}/routes"), r#"{"routeKey":"GET /a"}"#);
    assert_eq!(served(&bench, &api, "$default"), ["GET /a"]);
    let id = text(&stage("$default"), "deploymentId");
    assert_eq!(
        text(&stage("$default"), "lastDeploymentStatusMessage"),
        format!("Successfully deployed stage with deployment ID '{id}'")
    );
    let made = &deployments(&bench, &api)[0];
    assert_eq!(made["autoDeployed"], true);
    assert_eq!(made["description"], "Automatic deployment triggered by changes to the Api configuration");
    let fixed = format!(r#"{{"deploymentId":"{id}"}}"#);
    bench.ok(&format!("PATCH {api}/stages/fixed"), &fixed);
    for body in [fixed.clone(), fixed.replace('}', r#","autoDeploy":true}"#)] {
        bench.refused(
            &format!("PATCH {api}/stages/$default"),
            &body,
            "400 BadRequestException Deployment ID cannot…",
        );
    }
    bench.refused(
        &format!("POST {api}/deployments"),
        r#"{"stageName":"$default"}"#,
        "400 BadRequestException Deployment ID cannot be set on a stage because AutoDeploy is enabled",
    );

    let path = format!("{api}/routes/{}", text(&route, "routeId"));
    let integration = r#"{"integrationType":"HTTP_PROXY","integrationUri":"http://a"}"#;
    let integration = text(&bench.ok(&format!("POST {api}/integrations"), integration), "integrationId");
    let mut ids = std::collections::HashSet::from([id]);
    for (line, body) in [
        (format!("PATCH {path}"), r#"{"routeKey":"GET /b"}"#),
        (format!("PATCH {api}/integrations/{integration}"), r#"{"timeoutInMillis":100}"#),
        (format!("DELETE {api}/integrations/{integration}"), ""),
        (format!("PATCH {api}"), r#"{"disableExecuteApiEndpoint":true}"#),
        (format!("DELETE {api}/cors"), ""),
    ] {
        bench.ok(&line, body);
        assert!(ids.insert(text(&stage("$default"), "deploymentId")), "{line} deployed");
    }
    assert_eq!(served(&bench, &api, "$default"), ["GET /b"]);
    assert_eq!(served(&bench, &api, "fixed"), ["GET /a"]);
    assert_eq!(deployments(&bench, &api).len(), 2, "those that no stage serves are gone");

    bench.ok(&format!("DELETE {path}"), "");
    assert_eq!(served(&bench, &api, "$default"), ["GET /b"], "without routes there is nothing to deploy");
    bench.ok(&format!("PATCH {api}/stages/$default"), r#"{"autoDeploy":false}"#);
    bench.ok(&format!("POST {api}/routes"), r#"{"routeKey":"GET /c"}"#);
    assert_eq!(served(&bench, &api, "$default"), ["GET /b"]);
    bench.ok(&format!("PATCH {api}/stages/$default"), r#"{"autoDeploy":true}"#);
    assert_eq!(served(&bench, &api, "$default"), ["GET /c"], "turning it on deploys at once");
}
