use super::*;

#[test]
fn a_life() {
    let rest = Rest::new();
    let (bench, path) = (&rest.bench, &rest.path);
    let deploy = format!("POST {path}/deployments");
    bench.refused(&deploy, "{}", "400 BadRequestException The REST API doesn't contain any methods");
    let method = rest.method("GET");
    bench.refused(&deploy, "{}", "400 BadRequestException No integration defined for method");
    bench.ok(&format!("PUT {method}/integration"), r#"{"type":"MOCK"}"#);
    let said = bench.ask(&deploy, r#"{"description":"first"}"#);
    let id = text(&said.json(), "id");
    let expected = json!({ "id": id, "createdDate": 1_586_372_745, "description": "first" });
    assert_eq!((said.status, said.json(), id.len()), (201, expected.clone(), 6));
    let line = format!("{path}/deployments/{id}");
    assert_eq!(bench.ok(&format!("GET {line}"), ""), expected);
    assert_eq!(bench.ok(&format!("GET {path}/deployments?limit=500"), ""), json!({ "item": [expected] }));
    let summary = json!({ "/": { "GET": { "authorizationType": "NONE", "apiKeyRequired": false } } });
    assert_eq!(bench.ok(&format!("GET {line}?embed=apisummary"), "")["apiSummary"], summary);
    let shown = bench.ok(&format!("PATCH {line}"), &patch("replace", "/description", "new-description"));
    assert_eq!(shown["description"], "new-description");
    bench.refused(
        &format!("PATCH {line}"),
        &patch("replace", "/id", "x"),
        "400 BadRequestException Invalid patch path /id",
    );
    let said = bench.ask(&format!("DELETE {line}"), "");
    assert_eq!((said.status, said.body.as_str()), (202, ""));
    for method in ["GET", "PATCH", "DELETE"] {
        bench.refused(
            &format!("{method} {line}"),
            "",
            "404 NotFoundException Invalid Deployment identifier specified",
        );
    }
}

#[test]
fn a_deployment_is_frozen() {
    let rest = Rest::new();
    let method = rest.mock("GET");
    let first = rest.deployment("{}");
    rest.bench.ok(&format!("DELETE {method}"), "");
    rest.mock("POST");
    let second = rest.deployment("{}");
    let store = rest.bench.control.store();
    let deployments = &store.rest_apis[rest.path.rsplit('/').next().unwrap()].deployments;
    let methods = |id: &str| -> Vec<String> {
        deployments[id].snapshot.resources[&rest.root].methods.keys().cloned().collect()
    };
    assert_eq!((methods(&first), methods(&second)), (vec!["GET".to_owned()], vec!["POST".to_owned()]));
}

#[test]
fn a_stage_comes_with_its_deployment_and_moves_to_the_next() {
    let rest = Rest::new();
    rest.mock("GET");
    let (bench, path) = (&rest.bench, &rest.path);
    let stage = format!("GET {path}/stages/s1");
    let first = rest.deployment(
        r#"{"stageName":"s1","stageDescription":"d","variables":{"a":"1"},"tracingEnabled":true}"#,
    );
    let shown = bench.ok(&stage, "");
    let found =
        (&shown["deploymentId"], &shown["description"], &shown["variables"], &shown["tracingEnabled"]);
    assert_eq!(found, (&json!(first), &json!("d"), &json!({ "a": "1" }), &json!(true)));
    let active = "400 BadRequestException Active stages pointing to this deployment must be moved or deleted";
    bench.refused(&format!("DELETE {path}/deployments/{first}"), "", active);

    let second = rest.deployment(r#"{"stageName":"s1","variables":{"b":"2"}}"#);
    let shown = bench.ok(&stage, "");
    assert_eq!(
        (&shown["deploymentId"], &shown["variables"]),
        (&json!(second), &json!({ "a": "1", "b": "2" }))
    );
    assert_eq!(bench.ask(&format!("DELETE {path}/deployments/{first}"), "").status, 202);
    bench.refused(&format!("DELETE {path}/deployments/{second}"), "", active);
    assert_eq!(bench.ask(&format!("DELETE {path}/stages/s1"), "").status, 202);
    assert_eq!(bench.ask(&format!("DELETE {path}/deployments/{second}"), "").status, 202);

    rest.deployment(r#"{"stageName":""}"#);
    assert_eq!(bench.ok(&format!("GET {path}/stages"), ""), json!({ "item": [] }));
    rest.refuses(&[
        (
            "POST ~/deployments",
            r#"{"stageName":"a b"}"#,
            "400 BadRequestException Stage name only allows a-zA-Z0-9_-…",
        ),
        (
            "POST ~/deployments",
            r#"{"stageName":"a","variables":{"a-b":"1"}}"#,
            "400 BadRequestException Stage variable names…",
        ),
        ("POST ~x/deployments", "{}", "404 NotFoundException Invalid API identifier specified…"),
    ]);
}

#[test]
fn canaries() {
    let rest = Rest::new();
    rest.mock("GET");
    let (bench, path) = (&rest.bench, &rest.path);
    let invalid = "400 BadRequestException Invalid deployment content specified.";
    for (body, why) in [
        (
            r#"{"canarySettings":{}}"#,
            "Non null and non empty stageName must be provided for canary deployment. Provided value is null",
        ),
        (
            r#"{"stageName":"","canarySettings":{}}"#,
            "Non null and non empty stageName must be provided for canary deployment. Provided value is ",
        ),
        (
            r#"{"stageName":"non-existing","canarySettings":{}}"#,
            "Stage non-existing must already be created before making a canary release deployment",
        ),
    ] {
        bench.refused(&format!("POST {path}/deployments"), body, &format!("{invalid}{why}"));
    }
    let first = rest.deployment(r#"{"stageName":"dev"}"#);
    let canary =
        r#"{"stageName":"dev","canarySettings":{"percentTraffic":50,"stageVariableOverrides":{"v":"c"}}}"#;
    let second = rest.deployment(canary);
    let shown = bench.ok(&format!("GET {path}/stages/dev"), "");
    let expected = json!({
        "deploymentId": second, "percentTraffic": 50.0, "stageVariableOverrides": { "v": "c" }, "useStageCache": false,
    });
    assert_eq!((&shown["deploymentId"], &shown["canarySettings"]), (&json!(first), &expected));
    bench.refused(
        &format!("DELETE {path}/deployments/{second}"),
        "",
        "400 BadRequestException Active stages pointing to this deployment must be moved or deleted",
    );
    // A deployment for all ends it.
    rest.deployment(r#"{"stageName":"dev"}"#);
    assert_eq!(bench.ok(&format!("GET {path}/stages/dev"), "").get("canarySettings"), None);
}

#[test]
fn the_newest_comes_first() {
    let mut rest = Rest::new();
    rest.mock("GET");
    let mut ids: Vec<String> = Vec::new();
    for _ in 0..3 {
        ids.push(rest.deployment("{}"));
        rest.bench.now.unix_ms += 1000;
    }
    ids.reverse();
    let list = |query: &str| {
        let list = rest.bench.ok(&format!("GET {}/deployments{query}", rest.path), "");
        let ids = list["item"].as_array().unwrap().iter().map(|deployment| text(deployment, "id"));
        (ids.collect::<Vec<_>>(), list["position"].as_str().map(str::to_owned))
    };
    assert_eq!(list(""), (ids.clone(), None));
    let (page, position) = list("?limit=2");
    assert_eq!(page, ids[..2]);
    assert_eq!(list(&format!("?limit=2&position={}", position.unwrap())), (ids[2..].to_vec(), None));
}
