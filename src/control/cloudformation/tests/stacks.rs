use super::*;

#[test]
fn a_stack_is_made_changed_and_deleted() {
    let bench = Bench::new();
    let empty = bench.dump();
    let mut template = http_api();
    assert_eq!(bench.deploy("CreateStack", "s", &template), "CREATE_COMPLETE");
    assert_eq!(
        bench.events("s"),
        [
            "s CREATE_IN_PROGRESS User Initiated",
            "Api CREATE_IN_PROGRESS",
            "Api CREATE_COMPLETE",
            "Function CREATE_IN_PROGRESS",
            "Function CREATE_COMPLETE",
            "Integration CREATE_IN_PROGRESS",
            "Integration CREATE_COMPLETE",
            "Permission CREATE_IN_PROGRESS",
            "Permission CREATE_COMPLETE",
            "Route CREATE_IN_PROGRESS",
            "Route CREATE_COMPLETE",
            "Stage CREATE_IN_PROGRESS",
            "Stage CREATE_COMPLETE",
            "s CREATE_COMPLETE",
        ]
    );
    let api = bench.physical("s", "Api");
    assert_eq!(
        bench.outputs("s"),
        [
            "Arn=arn:aws:lambda:us-east-1:000000000000:function:hello".to_owned(),
            format!("Url=http://{api}.execute-api.us-east-1.localhost.localstack.cloud:4566/x"),
        ]
    );
    let route = &bench.get(&format!("/v2/apis/{api}/routes"))["items"][0];
    assert_eq!(route["routeKey"], "GET /hi");
    assert_eq!(route["target"], format!("integrations/{}", bench.physical("s", "Integration")));
    assert!(bench.live.latest().api(&api).is_some(), "it is published");

    let refusal =
        bench.refused("UpdateStack", &[("StackName", "s"), ("TemplateBody", &template.to_string())]);
    assert_eq!(refusal, "ValidationError: No updates are to be performed.");

    template["Resources"]["Function"]["Properties"]["MemorySize"] = json!(256);
    template["Resources"]["Route"]["Properties"]["RouteKey"] = json!("GET /ho");
    template["Resources"]["Stage"]["Properties"]["StageName"] = json!("other");
    template["Resources"]["More"] = json!({ "Type": "AWS::CDK::Metadata", "Properties": {} });
    let before = bench.events("s").len();
    assert_eq!(bench.deploy("UpdateStack", "s", &template), "UPDATE_COMPLETE");
    assert_eq!(
        bench.events("s")[before..],
        [
            "s UPDATE_IN_PROGRESS User Initiated",
            "Function UPDATE_IN_PROGRESS",
            "Function UPDATE_COMPLETE",
            "More CREATE_IN_PROGRESS",
            "More CREATE_COMPLETE",
            "Route UPDATE_IN_PROGRESS",
            "Route UPDATE_COMPLETE",
            "Stage UPDATE_IN_PROGRESS",
            "Stage UPDATE_COMPLETE",
            "s UPDATE_COMPLETE_CLEANUP_IN_PROGRESS",
            "Stage DELETE_IN_PROGRESS",
            "Stage DELETE_COMPLETE",
            "s UPDATE_COMPLETE",
        ]
    );
    assert_eq!(bench.physical("s", "Api"), api);
    assert_eq!(bench.get(&format!("/v2/apis/{api}/stages"))["items"][0]["stageName"], "other");
    assert_eq!(bench.get("/2015-03-31/functions/hello/configuration")["MemorySize"], 256);
    assert_eq!(bench.get("/2015-03-31/functions/hello/configuration")["Timeout"], 6);

    let id = one(&bench.ok("DescribeStacks", &[("StackName", "s")]), "StackId");
    bench.ok("DeleteStack", &[("StackName", "s")]);
    assert_eq!(bench.dump(), empty);
    let gone = "ValidationError: Stack with id s does not exist";
    assert_eq!(bench.refused("DescribeStacks", &[("StackName", "s")]), gone);
    assert_eq!(bench.status(&id), "DELETE_COMPLETE");
    bench.ok("DeleteStack", &[("StackName", "s")]);
    assert_eq!(bench.deploy("CreateStack", "s", &template), "CREATE_COMPLETE");
}

#[test]
fn what_cannot_be_made_leaves_nothing() {
    let bench = Bench::new();
    let mut template = http_api();
    template["Resources"]["Integration"]["Properties"]["IntegrationUri"] = json!("nonsense");
    let before = bench.dump();
    assert_eq!(bench.deploy("CreateStack", "s", &template), "ROLLBACK_COMPLETE");
    assert_eq!(bench.dump(), before);
    assert_eq!(
        bench.events("s")[5..],
        [
            "Integration CREATE_IN_PROGRESS",
            "Integration CREATE_FAILED AWS_PROXY integrations must have the ARN of a Lambda function as their URI",
            "s ROLLBACK_IN_PROGRESS The following resource(s) failed to create: [Integration]. Rollback requested by user.",
            "Function DELETE_IN_PROGRESS",
            "Function DELETE_COMPLETE",
            "Api DELETE_IN_PROGRESS",
            "Api DELETE_COMPLETE",
            "s ROLLBACK_COMPLETE",
        ]
    );
    let refusal =
        bench.refused("UpdateStack", &[("StackName", "s"), ("TemplateBody", &http_api().to_string())]);
    assert!(refusal.ends_with("is in ROLLBACK_COMPLETE state and can not be updated."), "{refusal}");
    bench.ok("DeleteStack", &[("StackName", "s")]);
    template["Resources"]["Function"]["Properties"]["FunctionName"] = json!("other");
    let body = template.to_string();
    for (on_failure, status) in [("DO_NOTHING", "CREATE_FAILED"), ("DELETE", "DELETE_COMPLETE")] {
        let body = [
            ("StackName", on_failure.split('_').next().unwrap()),
            ("TemplateBody", &*body),
            ("OnFailure", on_failure),
        ];
        let id = one(&bench.ok("CreateStack", &body), "StackId");
        assert_eq!(bench.status(&id), status);
        bench.ok("DeleteStack", &[("StackName", &id)]);
        assert_eq!(bench.dump(), before, "{on_failure}");
    }
}

#[test]
fn what_cannot_be_changed_is_what_it_was() {
    let bench = Bench::new();
    let mut template = http_api();
    template["Resources"]["Api"]["Properties"]["Description"] = json!("d");
    template["Resources"]["Gone"] = template["Resources"]["Route"].clone();
    template["Resources"]["Gone"]["Properties"]["RouteKey"] = json!("GET /gone");
    assert_eq!(bench.deploy("CreateStack", "s", &template), "CREATE_COMPLETE");
    let (before, resources) = (bench.dump(), bench.ok("ListStackResources", &[("StackName", "s")]));
    let outputs = bench.outputs("s");

    let resources_of = &mut template["Resources"];
    resources_of["Api"]["Properties"] = json!({ "Name": "b", "ProtocolType": "HTTP" });
    resources_of["Function"]["Properties"]["Environment"] = json!({ "Variables": { "A1": 1 } });
    resources_of["Function"]["Properties"]["Code"]["ZipFile"] = json!("other");
    resources_of["Permission"]["Properties"]["Action"] = json!("lambda:*");
    resources_of["New"] = resources_of["Gone"].clone();
    resources_of["New"]["Properties"]["RouteKey"] = json!("GET /new");
    resources_of["Stage"]["Properties"]["StageName"] = json!("other");
    resources_of["Zulu"] = json!({
        "Type": "AWS::ApiGatewayV2::Route",
        "DependsOn": ["New", "Stage", "Permission"],
        "Properties": { "ApiId": { "Ref": "Api" }, "RouteKey": "nonsense" },
    });
    resources_of.as_object_mut().expect("an object").remove("Gone");
    assert_eq!(bench.deploy("UpdateStack", "s", &template), "UPDATE_ROLLBACK_COMPLETE");
    assert_eq!(bench.dump(), before);
    assert_eq!(bench.ok("ListStackResources", &[("StackName", "s")]).len(), resources.len());
    assert_eq!(bench.outputs("s"), outputs);
    let events = bench.events("s");
    let at = events.iter().position(|event| event.starts_with("Zulu CREATE_FAILED")).expect("it failed");
    assert_eq!(
        events[at + 1..],
        [
            "s UPDATE_ROLLBACK_IN_PROGRESS The following resource(s) failed to create: [Zulu].",
            "Function UPDATE_IN_PROGRESS",
            "Function UPDATE_COMPLETE",
            "Api UPDATE_IN_PROGRESS",
            "Api UPDATE_COMPLETE",
            "s UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS",
            "Stage DELETE_IN_PROGRESS",
            "Stage DELETE_COMPLETE",
            "Permission DELETE_IN_PROGRESS",
            "Permission DELETE_COMPLETE",
            "New DELETE_IN_PROGRESS",
            "New DELETE_COMPLETE",
            "s UPDATE_ROLLBACK_COMPLETE",
        ]
    );
    template["Resources"].as_object_mut().expect("an object").remove("Zulu");
    assert_eq!(bench.deploy("UpdateStack", "s", &template), "UPDATE_COMPLETE");
    let api = bench.physical("s", "Api");
    let shown = bench.get(&format!("/v2/apis/{api}"));
    assert_eq!((&shown["name"], &shown["description"]), (&json!("b"), &json!("")));
    bench.ok("DeleteStack", &[("StackName", "s")]);
    assert_eq!(bench.dump(), Bench::new().dump());
}
