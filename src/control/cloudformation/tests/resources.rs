use super::*;
use crate::control::SERVICES;
use crate::control::cloudformation::resources::{self, Step, Update, When};

#[test]
fn rows_name_operations_that_there_are_and_all_their_parameters() {
    let mut wrong = Vec::new();
    for kind in resources::all() {
        let Some(calls) = kind.calls else { continue };
        let updates = match calls.update {
            Update::Steps(steps, resets) => {
                for (name, reset) in resets {
                    assert!(serde_json::from_str::<Value>(reset).is_ok(), "{}: {name} {reset}", kind.name);
                }
                steps
            }
            Update::Again => &[],
        };
        let steps: Vec<&Step> =
            calls.absent.iter().chain(calls.create).chain(updates).chain(calls.delete).collect();
        let checks = steps.iter().filter_map(|step| match step.when {
            When::Is(check) => Some((check.operation, check.path)),
            _ => None,
        });
        let tagging = calls
            .tagging
            .iter()
            .flat_map(|tagging| [(tagging.tag, tagging.path), (tagging.untag, tagging.path)]);
        let asked = steps.iter().map(|step| (step.operation, step.path)).chain(checks).chain(tagging);
        for (operation, path) in asked {
            let service = SERVICES.iter().find(|service| service.name == calls.family.service);
            let row = service.and_then(|service| service.operations.iter().find(|row| row.name == operation));
            let Some(row) = row else {
                let known = service
                    .is_some_and(|service| service.unsupported.iter().any(|(name, _)| *name == operation));
                if !known {
                    wrong
                        .push(format!("{}: {operation} is not known to {}", kind.name, calls.family.service));
                }
                continue;
            };
            let mut given: Vec<&str> = path.iter().map(|(name, _)| *name).collect();
            let mut wanted: Vec<&str> = row
                .at
                .split(['/', '?'])
                .filter_map(|segment| segment.strip_prefix('{')?.strip_suffix('}'))
                .map(|name| name.trim_end_matches('+'))
                .collect();
            given.sort_unstable();
            wanted.sort_unstable();
            if given != wanted {
                wrong.push(format!("{}: {operation} has {given:?} and wants {wanted:?}", kind.name));
            }
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

/// A stack with these resources, which must be made; changed to those; and deleted. What `look` sees in between.
#[track_caller]
fn lives(first: Value, second: Value, look: impl Fn(&Bench)) -> Bench {
    let bench = Bench::new();
    let empty = bench.dump();
    let template = |resources: Value| json!({ "Resources": resources });
    assert_eq!(
        bench.deploy("CreateStack", "s", &template(first)),
        "CREATE_COMPLETE",
        "{:#?}",
        bench.events("s")
    );
    assert_eq!(
        bench.deploy("UpdateStack", "s", &template(second)),
        "UPDATE_COMPLETE",
        "{:#?}",
        bench.events("s")
    );
    look(&bench);
    bench.ok("DeleteStack", &[("StackName", "s")]);
    assert_eq!(bench.dump(), empty);
    bench
}

#[test]
fn roles_and_policies() {
    let trust = json!({ "Version": "2012-10-17", "Statement": [] });
    let document = |action: &str| json!({ "Version": "2012-10-17", "Statement": [{ "Action": action }] });
    let role = |policies: Value, arns: Value, more: Value| {
        let mut properties = json!({
            "RoleName": "r", "AssumeRolePolicyDocument": trust, "Policies": policies, "ManagedPolicyArns": arns,
        });
        properties.as_object_mut().expect("an object").extend(more.as_object().expect("an object").clone());
        json!({ "Type": "AWS::IAM::Role", "Properties": properties })
    };
    let inline = |name: &str, action: &str| json!({ "PolicyName": name, "PolicyDocument": document(action) });
    let policy = |action: &str| {
        json!({
            "Type": "AWS::IAM::ManagedPolicy",
            "Properties": { "PolicyDocument": document(action), "Roles": [{ "Ref": "Role" }] },
        })
    };
    let own = |action: &str| {
        json!({
            "Type": "AWS::IAM::Policy",
            "Properties": { "PolicyName": "own", "PolicyDocument": document(action), "Roles": [{ "Ref": "Role" }] },
        })
    };
    let aws = "arn:aws:iam::aws:policy/";
    lives(
        json!({
            "Role": role(
                json!([inline("a", "s3:*"), inline("b", "s3:*")]),
                json!([format!("{aws}One"), format!("{aws}Two")]),
                json!({ "Description": "d", "Tags": [{ "Key": "k", "Value": 1 }, { "Key": "l", "Value": "2" }] }),
            ),
            "Policy": policy("s3:*"),
            "Own": own("s3:*"),
        }),
        json!({
            "Role": role(
                json!([inline("a", "sqs:*"), inline("c", "s3:*")]),
                json!([format!("{aws}Two"), format!("{aws}Three")]),
                json!({ "MaxSessionDuration": "7200", "Tags": [{ "Key": "k", "Value": "3" }] }),
            ),
            "Policy": policy("sqs:*"),
            "Own": own("sqs:*"),
        }),
        |bench| {
            let store = bench.control.store();
            let role = &store.iam.roles[&("000000000000".to_owned(), "r".to_owned())];
            assert_eq!(role.inline.keys().collect::<Vec<_>>(), ["a", "c", "own"]);
            assert!(role.inline["a"].contains("sqs:*") && role.inline["own"].contains("sqs:*"));
            assert_eq!(role.max_session_s, 7200);
            assert_eq!(role.description.as_deref().unwrap_or_default(), "");
            assert_eq!(
                role.tags.iter().map(|(key, value)| format!("{key}={value}")).collect::<Vec<_>>(),
                ["k=3"]
            );
            assert_eq!(role.attached.len(), 3, "{:?}", role.attached);
            let policy = store.iam.policies.values().next().expect("a policy");
            assert_eq!((policy.versions.len(), policy.default), (1, 2));
        },
    );
}

#[test]
fn parameters_log_groups_rules_and_repositories() {
    let retention = |days: Value| json!({ "Type": "AWS::Logs::LogGroup", "Properties": { "LogGroupName": "/g", "RetentionInDays": days } });
    let rule = |ids: &[&str]| {
        let target = |id: &&str| json!({ "Id": id, "Arn": "arn:aws:lambda:us-east-1:000000000000:function:f", "Input": { "a": 1 } });
        json!({
            "Type": "AWS::Events::Rule",
            "Properties": { "EventPattern": { "source": ["x"] }, "Targets": ids.iter().map(target).collect::<Vec<_>>() },
        })
    };
    let parameter = |value: &str, tags: Value| json!({ "Type": "AWS::SSM::Parameter", "Properties": { "Name": "/p", "Type": "String", "Value": value, "Tags": tags } });
    let repository = json!({ "Type": "AWS::ECR::Repository", "Properties": { "RepositoryName": "pets", "EmptyOnDelete": "true" } });
    lives(
        json!({
            "Group": retention(json!("7")),
            "Rule": rule(&["1", "2"]),
            "Parameter": parameter("a", json!({ "k": "1", "l": "2" })),
            "Repository": repository.clone(),
        }),
        json!({
            "Group": { "Type": "AWS::Logs::LogGroup", "Properties": { "LogGroupName": "/g" } },
            "Rule": rule(&["2", "3"]),
            "Parameter": parameter("b", json!({ "k": "3" })),
            "Repository": repository,
            "Other": { "Type": "AWS::CDK::Metadata" },
        }),
        |_| (),
    );
}

#[test]
fn dynamic_references_and_parameters_of_the_store() {
    let bench = Bench::new();
    let put = |name: &str, value: &str| {
        let parameter = json!({ "Type": "AWS::SSM::Parameter", "Properties": { "Name": name, "Type": "String", "Value": value } });
        bench.deploy("CreateStack", &name[1..], &json!({ "Resources": { "P": parameter } }));
    };
    put("/one", "first");
    let template = json!({
        "Parameters": { "V": { "Type": "AWS::SSM::Parameter::Value<String>", "Default": "/one" } },
        "Resources": {
            "P": {
                "Type": "AWS::SSM::Parameter",
                "Properties": { "Type": "String", "Value": { "Fn::Sub": "${V}-{{resolve:ssm:/one:1}}" } },
            },
        },
        "Outputs": { "O": { "Value": { "Fn::GetAtt": ["P", "Value"] } } },
    });
    assert_eq!(bench.deploy("CreateStack", "s", &template), "CREATE_COMPLETE");
    assert_eq!(bench.outputs("s"), ["O=first-first"]);
    let shown = bench.ok("DescribeStacks", &[("StackName", "s")]);
    assert_eq!(
        (one(&shown, "ParameterValue"), one(&shown, "ResolvedValue")),
        ("/one".into(), "first".into())
    );
    let wrong = template.to_string().replace("ssm:/one:1", "ssm:/none");
    let refusal = bench.refused("UpdateStack", &[("StackName", "s"), ("TemplateBody", &wrong)]);
    assert_eq!(
        refusal,
        "ValidationError: Unable to fetch parameters [/none] from parameter store for this account."
    );
}

#[test]
fn functions_change_in_place() {
    let function = |properties: Value| {
        let mut all = json!({ "FunctionName": "f", "Runtime": "python3.12", "Handler": "index.handler", "Role": "arn:aws:iam::000000000000:role/r" });
        all.as_object_mut().expect("an object").extend(properties.as_object().expect("an object").clone());
        json!({ "Type": "AWS::Lambda::Function", "Properties": all })
    };
    let layer = |name: &str| json!({ "Type": "AWS::Lambda::LayerVersion", "Properties": { "LayerName": name, "Content": { "S3Bucket": "hot-reload", "S3Key": "/project" } } });
    let alias = |version: Value| {
        json!({
            "Type": "AWS::Lambda::Alias",
            "Properties": { "FunctionName": { "Ref": "Function" }, "Name": "live", "FunctionVersion": version },
        })
    };
    let version = |description: &str| {
        json!({
            "Type": "AWS::Lambda::Version",
            "Properties": { "FunctionName": { "Ref": "Function" }, "Description": description },
        })
    };
    lives(
        json!({
            "Function": function(json!({
                "Code": { "ZipFile": "a" }, "MemorySize": "512", "Timeout": 9, "Description": "d", "Layers": [{ "Ref": "Layer" }],
                "ReservedConcurrentExecutions": 3, "Tags": [{ "Key": "a", "Value": "b" }],
                "Environment": { "Variables": { "AA": 1, "BB": true } },
            })),
            "Layer": layer("one"),
            "Alias": alias(json!({ "Fn::GetAtt": ["Version", "Version"] })),
            "Version": version("v"),
        }),
        json!({
            "Function": function(json!({ "Code": { "ZipFile": "b" }, "Tags": [{ "Key": "c", "Value": "d" }] })),
            "Layer": layer("two"),
            "Alias": alias(json!("$LATEST")),
            "Another": version("w"),
        }),
        |bench| {
            let shown = bench.get("/2015-03-31/functions/f");
            let configuration = &shown["Configuration"];
            for (name, expected) in [
                ("MemorySize", json!(128)),
                ("Timeout", json!(3)),
                ("Description", json!("")),
                ("Environment", json!({ "Variables": {} })),
            ] {
                assert_eq!(configuration[name], expected, "{name}");
            }
            assert_eq!((&shown["Tags"], &shown["Concurrency"]), (&json!({ "c": "d" }), &Value::Null));
            assert_eq!(bench.get("/2015-03-31/functions/f/aliases/live")["FunctionVersion"], "$LATEST");
            let versions = bench.get("/2015-03-31/functions/f/versions");
            let numbers: Vec<&str> = versions["Versions"]
                .as_array()
                .expect("a list")
                .iter()
                .filter_map(|v| v["Version"].as_str())
                .collect();
            assert_eq!(numbers, ["$LATEST", "2"]);
        },
    );
}

#[test]
fn the_role_of_api_gateways_account_is_as_good_as_made() {
    let custom = json!({ "Type": "Custom::ApiGatewayAccountRole", "Properties": { "ServiceToken": "arn:aws:lambda:x" } });
    lives(json!({ "A": custom }), json!({ "A": custom, "B": { "Type": "AWS::CDK::Metadata" } }), |bench| {
        let listed = bench.ok("ListStackResources", &[("StackName", "s")]);
        assert_eq!(all(&listed, "ResourceType")[0], "Custom::ApiGatewayAccountRole");
    });
}

#[test]
fn custom_resources_of_the_cdk_are_done_here() {
    let bucket = |allowed: &str| {
        let tags = json!([{ "Key": "aws-cdk:auto-delete-objects", "Value": allowed }]);
        json!({ "Type": "AWS::S3::Bucket", "Properties": { "BucketName": "files", "Tags": tags } })
    };
    let emptied = json!({ "Type": "Custom::S3AutoDeleteObjects", "Properties": { "ServiceToken": "x", "BucketName": { "Ref": "B" } } });
    let kept = |days: &str| {
        let properties = json!({ "ServiceToken": "x", "LogGroupName": "/aws/lambda/f", "RetentionInDays": days, "RemovalPolicy": "destroy" });
        json!({ "Type": "Custom::LogRetention", "Properties": properties })
    };
    let put = |bench: &Bench| {
        let head = "PUT /files/a HTTP/1.1\r\nHost: s3.localhost:4566\r\nContent-Length: 1\r\n\r\nx";
        assert_eq!(bench.send(head).0, 200);
    };
    lives(
        json!({ "B": bucket("true"), "E": emptied, "L": kept("7") }),
        json!({ "B": bucket("true"), "E": emptied, "L": kept("30") }),
        |bench| {
            put(bench);
            let owner = bench.control.store().buckets["files"].owner.clone();
            let logs = bench.control.context().logs();
            let group = logs.group(&owner, "/aws/lambda/f").expect("a log group");
            assert_eq!(group.retention_days, Some(30));
        },
    );
    let bench = Bench::new();
    let template = json!({ "Resources": { "B": bucket("false"), "E": emptied } });
    assert_eq!(bench.deploy("CreateStack", "s", &template), "CREATE_COMPLETE");
    put(&bench);
    bench.ask("DeleteStack", &[("StackName", "s")]);
    assert_eq!(bench.status("s"), "DELETE_FAILED", "a bucket that does not allow it is not emptied");
}

#[test]
fn rest_apis_change_in_place() {
    let api = |properties: Value| json!({ "Type": "AWS::ApiGateway::RestApi", "Properties": properties });
    let method = |integration: Value| {
        json!({
            "Type": "AWS::ApiGateway::Method",
            "Properties": {
                "RestApiId": { "Ref": "Api" }, "ResourceId": { "Fn::GetAtt": ["Api", "RootResourceId"] }, "HttpMethod": "OPTIONS",
                "AuthorizationType": "NONE", "Integration": integration,
                "MethodResponses": [{ "StatusCode": 200, "ResponseParameters": { "method.response.header.Allow": "true" } }],
            },
        })
    };
    let mock = |allow: &str| {
        json!({
            "Type": "MOCK",
            "RequestTemplates": { "application/json": "{statusCode:200}" },
            "IntegrationResponses": [{
                "StatusCode": "200", "ResponseParameters": { "method.response.header.Allow": format!("'{allow}'") },
            }],
        })
    };
    let deployment = json!({ "Type": "AWS::ApiGateway::Deployment", "DependsOn": "Method", "Properties": { "RestApiId": { "Ref": "Api" } } });
    let stage = |properties: Value| {
        let mut all = json!({ "RestApiId": { "Ref": "Api" }, "StageName": "s", "DeploymentId": { "Ref": "Deployment" } });
        all.as_object_mut().expect("an object").extend(properties.as_object().expect("an object").clone());
        json!({ "Type": "AWS::ApiGateway::Stage", "Properties": all })
    };
    lives(
        json!({
            "Api": api(json!({ "Name": "a", "Description": "d", "BinaryMediaTypes": ["a/b", "c/d"], "Tags": [{ "Key": "k", "Value": "v" }] })),
            "Method": method(mock("GET")),
            "Deployment": deployment,
            "Stage": stage(json!({
                "Variables": { "a": "1", "b": "2" }, "Description": "d", "TracingEnabled": "true",
                "MethodSettings": [{ "ResourcePath": "/*", "HttpMethod": "*", "MetricsEnabled": true, "LoggingLevel": "INFO" }],
            })),
        }),
        json!({
            "Api": api(json!({ "Name": "b", "BinaryMediaTypes": ["c/d", "e/f"] })),
            "Method": method(mock("PUT")),
            "Deployment": deployment,
            "Stage": stage(json!({ "Variables": { "b": "3" } })),
        }),
        |bench| {
            let id = bench.physical("s", "Api");
            let shown = bench.get(&format!("/restapis/{id}"));
            assert_eq!((&shown["name"], &shown["description"]), (&json!("b"), &Value::Null));
            assert_eq!((&shown["binaryMediaTypes"], &shown["tags"]), (&json!(["c/d", "e/f"]), &json!({})));
            let root = shown["rootResourceId"].as_str().expect("text");
            let method = bench.get(&format!("/restapis/{id}/resources/{root}/methods/OPTIONS"));
            let response = &method["methodIntegration"]["integrationResponses"]["200"];
            assert_eq!(response["responseParameters"]["method.response.header.Allow"], "'PUT'");
            assert_eq!(
                method["methodResponses"]["200"]["responseParameters"]["method.response.header.Allow"],
                true
            );
            let stage = bench.get(&format!("/restapis/{id}/stages/s"));
            assert_eq!((&stage["variables"], &stage["methodSettings"]), (&json!({ "b": "3" }), &json!({})));
            assert_eq!((&stage["description"], &stage["tracingEnabled"]), (&Value::Null, &json!(false)));
        },
    );
}

/// An HTTP API that is a definition, with functions inside it, and what other properties say of it.
#[test]
fn apis_of_definitions() {
    let definition = |path: &str| {
        json!({
            "openapi": "3.0.1",
            "info": { "title": { "Ref": "AWS::StackName" }, "version": "1.0" },
            "tags": [{ "name": "made", "x-amazon-apigateway-tag-value": "by" }],
            "paths": { path: { "get": { "x-amazon-apigateway-integration": {
                "type": "http_proxy", "httpMethod": "ANY", "uri": { "Fn::Sub": "https://${AWS::Region}.example" },
            } } } },
        })
    };
    let api =
        |properties: Value| json!({ "Api": { "Type": "AWS::ApiGatewayV2::Api", "Properties": properties } });
    let first = api(json!({
        "Body": definition("/one"), "FailOnWarnings": "true", "Description": "first", "ProtocolType": "HTTP", "Tags": { "_custom_id_": "mine", "k": 1 },
        "CorsConfiguration": { "AllowOrigins": ["*"], "MaxAge": "5" },
    }));
    let second = api(json!({
        "Body": definition("/two"), "Name": "other", "ProtocolType": "HTTP", "BasePath": "ignore", "DisableExecuteApiEndpoint": "true",
        "Tags": { "_custom_id_": "mine", "l": "2" },
    }));
    lives(first.clone(), second, |bench| {
        let api = bench.get("/v2/apis/mine");
        assert_eq!((&api["name"], &api["version"]), (&json!("other"), &json!("1.0")));
        assert_eq!(api["tags"], json!({ "_custom_id_": "mine", "made": "by", "l": "2" }));
        assert_eq!((api.get("corsConfiguration"), &api["disableExecuteApiEndpoint"]), (None, &json!(true)));
        assert_eq!(bench.get("/v2/apis/mine/routes")["items"][0]["routeKey"], "GET /two");
    });
    // Without any change it stays as it is; with one that fails it is what it was.
    let bench = Bench::new();
    let template = |resources: &Value| json!({ "Resources": resources });
    assert_eq!(
        bench.deploy("CreateStack", "s", &template(&first)),
        "CREATE_COMPLETE",
        "{:#?}",
        bench.events("s")
    );
    let made = bench.get("/v2/apis/mine");
    assert_eq!((&made["name"], &made["description"]), (&json!("s"), &json!("first")));
    assert_eq!(made["corsConfiguration"], json!({ "allowOrigins": ["*"], "maxAge": 5 }));
    assert_eq!(made["tags"], json!({ "_custom_id_": "mine", "made": "by", "k": "1" }));
    let integrations = bench.get("/v2/apis/mine/integrations");
    assert_eq!(integrations["items"][0]["integrationUri"], "https://us-east-1.example");
    let wrong = api(
        json!({ "Body": definition("no path"), "ProtocolType": "HTTP", "FailOnWarnings": true, "Tags": { "_custom_id_": "mine" } }),
    );
    assert_eq!(bench.deploy("UpdateStack", "s", &template(&wrong)), "UPDATE_ROLLBACK_COMPLETE");
    assert!(bench.events("s").iter().any(|event| event.contains("Warnings found during import:")));
    assert_eq!(bench.get("/v2/apis/mine"), made);
    assert_eq!(bench.get("/v2/apis/mine/routes")["items"][0]["routeKey"], "GET /one");
    // One without a definition gets it, and loses it again.
    let plain = api(
        json!({ "Name": "plain", "ProtocolType": "HTTP", "Description": "d", "Tags": { "_custom_id_": "mine" } }),
    );
    lives(plain.clone(), first.clone(), |bench| {
        assert_eq!(bench.get("/v2/apis/mine")["description"], "first");
        assert_eq!(bench.get("/v2/apis/mine/routes")["items"][0]["routeKey"], "GET /one");
    });
    lives(first, plain, |bench| assert_eq!(bench.get("/v2/apis/mine")["name"], "plain"));
    let nowhere = api(json!({ "BodyS3Location": { "Bucket": "none", "Key": "k" } }));
    assert_eq!(bench.deploy("CreateStack", "t", &template(&nowhere)), "ROLLBACK_COMPLETE");
    assert!(bench.events("t").iter().any(|event| event.contains("bucket")), "{:#?}", bench.events("t"));
}

/// A REST API that is a definition, as SAM makes them.
#[test]
fn rest_apis_of_definitions() {
    let api = |path: &str, more: Value| {
        let mut properties = json!({
            "Tags": [{ "Key": "_custom_id_", "Value": "mine" }],
            "Body": { "swagger": "2.0", "info": { "title": { "Ref": "AWS::StackName" }, "version": "1.0" }, "paths": {
                path: { "post": { "responses": {}, "x-amazon-apigateway-integration": { "type": "mock" } } } } },
        });
        for (name, value) in more.as_object().expect("members") {
            properties[name] = value.clone();
        }
        json!({ "Api": { "Type": "AWS::ApiGateway::RestApi", "Properties": properties } })
    };
    let first = api(
        "/one",
        json!({ "Description": "d", "EndpointConfiguration": { "Types": ["REGIONAL"] }, "FailOnWarnings": "true" }),
    );
    let second = api(
        "/two",
        json!({ "Name": "other", "BinaryMediaTypes": ["a/b"], "Parameters": { "endpointConfigurationTypes": "PRIVATE" } }),
    );
    let look = |path: &'static str| {
        move |bench: &Bench| {
            let resources = bench.get("/restapis/mine/resources");
            let paths: Vec<&Value> =
                resources["item"].as_array().into_iter().flatten().map(|item| &item["path"]).collect();
            assert_eq!(paths, ["/", path]);
        }
    };
    lives(second.clone(), first.clone(), |bench| {
        look("/one")(bench);
        let api = bench.get("/restapis/mine");
        assert_eq!((&api["name"], &api["description"]), (&json!("s"), &json!("d")));
        assert_eq!(api["endpointConfiguration"]["types"], json!(["REGIONAL"]));
    });
    lives(first, second, |bench| {
        look("/two")(bench);
        let api = bench.get("/restapis/mine");
        assert_eq!((&api["name"], &api["binaryMediaTypes"]), (&json!("other"), &json!(["a/b"])));
        assert_eq!(api["tags"], json!({ "_custom_id_": "mine" }));
    });
}

#[test]
fn domains_of_v1_and_what_lies_beside_them() {
    let stack = |kind: &str, stage: Value, arn: &str| {
        json!({
            "Api": { "Type": "AWS::ApiGateway::RestApi", "Properties": { "Name": "a" } },
            "Method": { "Type": "AWS::ApiGateway::Method", "Properties": {
                "RestApiId": { "Ref": "Api" }, "ResourceId": { "Fn::GetAtt": ["Api", "RootResourceId"] },
                "HttpMethod": "GET", "AuthorizationType": "NONE", "Integration": { "Type": "MOCK" },
            } },
            "Deployment": { "Type": "AWS::ApiGateway::Deployment", "DependsOn": "Method", "Properties": {
                "RestApiId": { "Ref": "Api" }, "StageName": "dev",
            } },
            "Certificate": { "Type": "AWS::CertificateManager::Certificate", "Properties": {
                "DomainName": "api.example.com", "ValidationMethod": "DNS",
            } },
            "Domain": { "Type": "AWS::ApiGateway::DomainName", "Properties": {
                "DomainName": "api.example.com", "EndpointConfiguration": { "Types": [kind] },
                (arn): { "Ref": "Certificate" }, "Tags": [{ "Key": "k", "Value": kind }],
            } },
            "Mapping": { "Type": "AWS::ApiGateway::BasePathMapping", "DependsOn": "Deployment", "Properties": {
                "DomainName": { "Ref": "Domain" }, "RestApiId": { "Ref": "Api" }, "Stage": stage,
            } },
            "Record": { "Type": "AWS::Route53::RecordSet", "Properties": {
                "Name": { "Ref": "Domain" }, "Type": "A", "HostedZoneName": "example.com.", "AliasTarget": {
                    "DNSName": { "Fn::GetAtt": ["Domain", "RegionalDomainName"] },
                    "HostedZoneId": { "Fn::GetAtt": ["Domain", "RegionalHostedZoneId"] },
                },
            } },
        })
    };
    lives(
        stack("REGIONAL", json!("dev"), "RegionalCertificateArn"),
        stack("EDGE", json!(""), "CertificateArn"),
        |bench| {
            let store = bench.control.store();
            let domain = &store.domains["api.example.com"];
            assert!(domain.configuration.is_edge());
            let arn = domain.configuration.certificate_arn.as_deref().unwrap_or_default();
            assert!(
                arn.starts_with("arn:aws:acm:us-east-1:000000000000:certificate/s-Certificate-"),
                "{arn}"
            );
            assert_eq!(domain.tags["k"], "EDGE");
            let mapping = domain.mappings.values().next().unwrap();
            assert_eq!((mapping.key.as_str(), mapping.target.stage.as_deref()), ("", None));
        },
    );
}
