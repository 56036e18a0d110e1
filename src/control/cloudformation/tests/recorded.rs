//! Templates as deploy tools synthesize them.

use super::*;

/// The template of this name below `tests/templates`, with code that is a folder of the user's.
fn template(name: &str) -> Value {
    let text = match name {
        "cdk-app" => include_str!("../../../../tests/templates/cdk-app.json"),
        "serverless-first" => include_str!("../../../../tests/templates/serverless-first.json"),
        "serverless-http" => include_str!("../../../../tests/templates/serverless-http.json"),
        "serverless-mount" => include_str!("../../../../tests/templates/serverless-mount.json"),
        "serverless-websocket" => include_str!("../../../../tests/templates/serverless-websocket.json"),
        "serverless-websocket-sample" => {
            include_str!("../../../../tests/templates/serverless-websocket-sample.json")
        }
        _ => panic!("no template {name}"),
    };
    let mut template: Value = serde_json::from_str(text).expect("JSON");
    for resource in template["Resources"].as_object_mut().expect("resources").values_mut() {
        if resource["Type"] == "AWS::Lambda::Function" {
            resource["Properties"]["Code"] = json!({ "S3Bucket": "hot-reload", "S3Key": "/project" });
        }
    }
    template
}

/// Deploys as Serverless does, and removes.
#[track_caller]
fn serverless(bench: &Bench, name: &str, looks: impl FnOnce(&Bench)) {
    let empty = bench.dump();
    assert_eq!(bench.deploy("CreateStack", "pets", &template("serverless-first")), "CREATE_COMPLETE");
    let second = template(name);
    assert_eq!(
        bench.deploy("UpdateStack", "pets", &second),
        "UPDATE_COMPLETE",
        "{:#?}",
        bench.events("pets")
    );
    looks(bench);
    // A deployment has a new name each time.
    let mut third = second.clone();
    let resources = third["Resources"].as_object_mut().expect("resources");
    let deployment = resources
        .iter()
        .find(|(_, resource)| resource["Type"].as_str().is_some_and(|kind| kind.ends_with("::Deployment")));
    let old = deployment.map(|(name, _)| name.clone()).expect("a deployment");
    let again = third.to_string().replace(&old, &format!("{old}0"));
    assert_eq!(
        bench.deploy("UpdateStack", "pets", &serde_json::from_str(&again).expect("JSON")),
        "UPDATE_COMPLETE",
        "{:#?}",
        bench.events("pets")
    );
    let events = bench.events("pets");
    assert!(events.contains(&format!("{old} DELETE_COMPLETE")), "{events:#?}");
    bench.ok("DeleteStack", &[("StackName", "pets")]);
    assert_eq!(bench.dump(), empty);
}

#[test]
fn serverless_http() {
    serverless(&Bench::new(), "serverless-http", |bench| {
        let rest = bench.physical("pets", "ApiGatewayRestApi");
        let stage = bench.get(&format!("/restapis/{rest}/stages/local"));
        assert_eq!(stage["deploymentId"], bench.physical("pets", "ApiGatewayDeployment1795416989795"));
        let path = bench.physical("pets", "ApiGatewayResourceMyPath1");
        let method = bench.get(&format!("/restapis/{rest}/resources/{path}/methods/POST"));
        assert_eq!(method["methodIntegration"]["type"], "AWS_PROXY");
        let api = bench.physical("pets", "HttpApi");
        assert_eq!(bench.get(&format!("/v2/apis/{api}/routes"))["items"][0]["routeKey"], "POST /my/path2");
        let outputs = bench.outputs("pets");
        let url = |host: &str| format!("{host}.execute-api.us-east-1.localhost.localstack.cloud:4566");
        assert!(outputs.contains(&format!("HttpApiUrl=http://{}", url(&api))), "{outputs:?}");
        assert!(outputs.contains(&format!("ServiceEndpoint=http://{}/local", url(&rest))), "{outputs:?}");
        let arn = outputs.iter().find(|output| output.starts_with("ServiceV1LambdaFunctionQualifiedArn="));
        assert!(arn.is_some_and(|arn| arn.ends_with(":function:pets-http-local-serviceV1:1")), "{arn:?}");
    });
}

#[test]
fn serverless_websocket() {
    serverless(&Bench::new(), "serverless-websocket", |bench| {
        let api = bench.physical("pets", "WebsocketsApi");
        let outputs = bench.outputs("pets");
        let url = format!(
            "ServiceEndpointWebsocket=ws://{api}.execute-api.us-east-1.localhost.localstack.cloud:4566/local"
        );
        assert!(outputs.contains(&url), "{outputs:?}");
    });
    let bench = Bench::new();
    assert_eq!(
        bench.deploy("CreateStack", "pets", &template("serverless-websocket-sample")),
        "CREATE_COMPLETE"
    );
}

#[test]
fn serverless_with_mounted_code() {
    serverless(&Bench::new(), "serverless-mount", |_| ());
}

#[test]
fn cdk() {
    let bench = Bench::new();
    let bootstrap = include_str!("../../../../tests/templates/cdk-bootstrap.yaml");
    bench.ok("CreateStack", &[("StackName", "CDKToolkit"), ("TemplateBody", bootstrap)]);
    assert_eq!(bench.status("CDKToolkit"), "CREATE_COMPLETE", "{:#?}", bench.events("CDKToolkit"));
    assert!(bench.outputs("CDKToolkit").contains(&"BootstrapVersion=33".to_owned()));
    let buckets: Vec<String> = bench.control.store().buckets.keys().cloned().collect();
    assert_eq!(buckets, ["cdk-hnb659fds-assets-000000000000-us-east-1"]);
    let refusal = bench.refused("UpdateStack", &[("StackName", "CDKToolkit"), ("TemplateBody", bootstrap)]);
    assert_eq!(refusal, "ValidationError: No updates are to be performed.");

    let app = template("cdk-app");
    assert_eq!(bench.deploy("CreateStack", "pets", &app), "CREATE_COMPLETE", "{:#?}", bench.events("pets"));
    let (http, rest) = (bench.physical("pets", "HttpApiF5A9A8A7"), bench.physical("pets", "Rest9065D4D9"));
    let outputs = bench.outputs("pets");
    let public = "localhost.localstack.cloud:4566";
    assert!(outputs.contains(&format!("HttpApiUrl=http://{http}.execute-api.{public}")), "{outputs:?}");
    assert!(
        outputs
            .contains(&format!("RestEndpoint0DADCC7A=http://{rest}.execute-api.us-east-1.{public}/local/")),
        "{outputs:?}"
    );
    bench.ok("DeleteStack", &[("StackName", "pets")]);
    bench.ok("DeleteStack", &[("StackName", "CDKToolkit")]);
}
