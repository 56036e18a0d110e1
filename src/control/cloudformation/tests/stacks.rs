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

#[test]
fn as_many_resources_as_there_may_be() {
    let bench = Bench::new();
    let mut template = http_api();
    let resources = template["Resources"].as_object_mut().expect("an object");
    // With the other six, as many as there may be; and of routes almost as many as an api may have.
    for n in 0..247 {
        resources.insert(
            format!("Integration{n}"),
            json!({
                "Type": "AWS::ApiGatewayV2::Integration",
                "Properties": {
                    "ApiId": { "Ref": "Api" },
                    "IntegrationType": "HTTP_PROXY",
                    "IntegrationMethod": "GET",
                    "IntegrationUri": "http://localhost/x",
                    "PayloadFormatVersion": "1.0",
                },
            }),
        );
        resources.insert(
            format!("Route{n}"),
            json!({
                "Type": "AWS::ApiGatewayV2::Route",
                "Properties": {
                    "ApiId": { "Ref": "Api" },
                    "RouteKey": format!("GET /pets/{n}"),
                    "Target": { "Fn::Sub": format!("integrations/${{Integration{n}}}") },
                },
            }),
        );
    }
    assert_eq!(resources.len(), 500);
    assert_eq!(
        bench.deploy("CreateStack", "s", &template),
        "CREATE_COMPLETE",
        "{:?}",
        bench.events("s").last()
    );
    let api = bench.physical("s", "Api");
    assert!(bench.live.latest().api(&api).is_some());
    let listed = bench.ok("ListStackResources", &[("StackName", "s")]);
    assert_eq!(members(&listed).len(), 100);
    let next = one(&listed, "NextToken");
    let listed = bench.ok("ListStackResources", &[("StackName", "s"), ("NextToken", &next)]);
    assert_eq!(members(&listed).len(), 100);
    bench.ok("DeleteStack", &[("StackName", "s")]);
    assert_eq!(bench.dump(), Bench::new().dump());
}

#[test]
fn exports_are_imported_and_held() {
    let bench = Bench::new();
    let exporting = json!({
        "Resources": { "A": { "Type": "AWS::CDK::Metadata" } },
        "Outputs": { "O": { "Value": "v", "Export": { "Name": { "Fn::Sub": "${AWS::StackName}-x" } } } },
    });
    let importing = json!({
        "Resources": {
            "P": { "Type": "AWS::SSM::Parameter", "Properties": { "Name": "/p", "Type": "String", "Value": { "Fn::ImportValue": "one-x" } } },
        },
        "Outputs": { "O": { "Value": { "Fn::GetAtt": ["P", "Value"] } } },
    });
    assert_eq!(bench.deploy("CreateStack", "one", &exporting), "CREATE_COMPLETE");
    assert_eq!(bench.deploy("CreateStack", "two", &importing), "CREATE_COMPLETE");
    assert_eq!(bench.outputs("two"), ["O=v"]);
    let exports = bench.ok("ListExports", &[]);
    assert_eq!((all(&exports, "Name"), all(&exports, "Value")), (vec!["one-x".into()], vec!["v".into()]));
    let imports = bench.ok("ListImports", &[("ExportName", "one-x")]);
    assert!(imports.contains("<member>two</member>"), "{imports}");
    bench.ok("DeleteStack", &[("StackName", "one")]);
    assert_eq!(bench.status("one"), "DELETE_FAILED");
    let last = bench.events("one").pop().expect("an event");
    assert_eq!(last, "one DELETE_FAILED Delete canceled. Cannot delete export one-x as it is in use by two.");
    let mut again = exporting.clone();
    again["Outputs"]["O"]["Export"]["Name"] = json!("one-x");
    assert_eq!(bench.deploy("CreateStack", "three", &again), "ROLLBACK_COMPLETE");
    bench.ok("DeleteStack", &[("StackName", "two")]);
    bench.ok("DeleteStack", &[("StackName", "one")]);
    let refusal =
        bench.refused("CreateStack", &[("StackName", "four"), ("TemplateBody", &importing.to_string())]);
    assert_eq!(refusal, "ValidationError: No export named one-x found.");
}

#[test]
fn what_is_retained_stays() {
    let bench = Bench::new();
    let parameter = |name: &str| {
        json!({
            "Type": "AWS::SSM::Parameter",
            "DeletionPolicy": "Retain",
            "UpdateReplacePolicy": "Retain",
            "Properties": { "Name": name, "Type": "String", "Value": "v" },
        })
    };
    let template =
        |a: &str| json!({ "Resources": { "A": parameter(a), "B": { "Type": "AWS::CDK::Metadata" } } });
    bench.deploy("CreateStack", "s", &template("/a"));
    bench.deploy("UpdateStack", "s", &template("/b"));
    assert!(bench.events("s").contains(&"A DELETE_SKIPPED".to_owned()));
    bench.deploy("UpdateStack", "s", &json!({ "Resources": { "B": { "Type": "AWS::CDK::Metadata" } } }));
    bench.ok("DeleteStack", &[("StackName", "s")]);
    let names: Vec<String> = bench.control.store().parameters.keys().map(|(_, name)| name.clone()).collect();
    assert_eq!(names, ["/a", "/b"]);
    assert_eq!(
        bench.deploy("CreateStack", "s", &template("/a")),
        "ROLLBACK_COMPLETE",
        "there is one of this name"
    );
    assert_eq!(bench.control.store().parameters.len(), 2, "and it is not ours to delete");
}

#[test]
fn protection_and_names() {
    let bench = Bench::new();
    let body = json!({ "Resources": { "A": { "Type": "AWS::CDK::Metadata" } } });
    bench.deploy("CreateStack", "s", &body);
    let body = body.to_string();
    let create = |name: &str| bench.refused("CreateStack", &[("StackName", name), ("TemplateBody", &body)]);
    assert_eq!(create("s"), "AlreadyExistsException: Stack [s] already exists");
    assert_eq!(
        create("*@da591fa3_$"),
        "ValidationError: 1 validation error detected: Value '*@da591fa3_$' at 'stackName' failed to satisfy \
         constraint: Member must satisfy regular expression pattern: [a-zA-Z][-a-zA-Z0-9]*|arn:[-a-zA-Z0-9:/._+]*"
    );
    let named = ("StackName", "s");
    bench.ok("UpdateTerminationProtection", &[named, ("EnableTerminationProtection", "true")]);
    assert_eq!(
        bench.refused("DeleteStack", &[named]),
        "ValidationError: Stack [s] cannot be deleted while TerminationProtection is enabled"
    );
    bench.ok("UpdateTerminationProtection", &[named, ("EnableTerminationProtection", "false")]);
    for (action, members, expected) in [
        ("DescribeStacks", &[("StackName", "t")][..], "Stack with id t does not exist"),
        ("DescribeStackEvents", &[("StackName", "t")], "Stack [t] does not exist"),
        (
            "DescribeStackResource",
            &[("StackName", "t"), ("LogicalResourceId", "A")],
            "Stack 't' does not exist",
        ),
        (
            "DescribeStackResource",
            &[named, ("LogicalResourceId", "B")],
            "Resource B does not exist for stack s",
        ),
        ("GetTemplate", &[("StackName", "t")], "Stack with id t does not exist"),
        ("GetTemplate", &[("ChangeSetName", "t")], "StackName is a required parameter."),
        ("GetTemplate", &[], "StackName is required if ChangeSetName is not specified."),
        ("UpdateStack", &[named], "Either Template URL or Template Body must be specified."),
        ("UpdateStack", &[named, ("TemplateURL", "ftp://x")], "TemplateURL must be a supported URL."),
        ("ListExports", &[("NextToken", "x")], "The provided NextToken x is not valid"),
    ] {
        assert_eq!(bench.refused(action, members), format!("ValidationError: {expected}"));
    }
    bench.ok("DeleteStack", &[named]);
    let listed = bench.ok("ListStacks", &[]);
    assert_eq!(all(&listed, "StackStatus"), ["DELETE_COMPLETE"]);
    let filter = ("StackStatusFilter.member.1", "CREATE_COMPLETE");
    assert!(all(&bench.ok("ListStacks", &[filter]), "StackStatus").is_empty());
}
