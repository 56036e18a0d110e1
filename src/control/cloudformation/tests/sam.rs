//! Templates of SAM: what its own translator makes of one, what comes of it here, and what is refused.

use std::collections::BTreeSet;

use super::*;
use crate::control::cloudformation::template;

const TEMPLATE: &str = include_str!("../../../../tests/templates/sam.yaml");

/// By `samtranslator` 1.114, without the OpenAPI documents: their routes are resources here.
const TRANSLATED: &str = include_str!("../../../../tests/templates/sam-expanded.json");

/// What stands in place of the documents.
const INSTEAD: &[&str] = &[
    "AWS::ApiGateway::Method",
    "AWS::ApiGateway::Resource",
    "AWS::ApiGatewayV2::Authorizer",
    "AWS::ApiGatewayV2::Integration",
    "AWS::ApiGatewayV2::Route",
];

/// What a document says as well.
const DESCRIBED: &[&str] =
    &["AWS::ApiGateway::Deployment", "AWS::ApiGateway::RestApi", "AWS::ApiGatewayV2::Api"];

/// A template without its hashes.
fn plain(text: &str) -> Value {
    let hashes = regex::Regex::new("(Version|Deployment|Shared)[0-9a-f]{10}").expect("a pattern");
    serde_json::from_str(&hashes.replace_all(text, "$1#")).expect("JSON")
}

#[test]
fn as_the_translator_has_it() {
    let ours = plain(&template::processed(TEMPLATE).expect("a good template"));
    let theirs = plain(TRANSLATED);
    for section in ["Conditions", "Outputs", "Parameters"] {
        assert_eq!(ours[section], theirs[section], "{section}");
    }
    assert!(ours.get("Transform").is_none() && ours.get("Globals").is_none());
    let resources = |template: &Value| template["Resources"].as_object().expect("resources").clone();
    let (ours, theirs) = (resources(&ours), resources(&theirs));
    for (id, expected) in &theirs {
        let resource = ours.get(id).unwrap_or_else(|| panic!("no {id} in {:?}", ours.keys()));
        assert_eq!(resource["Type"], expected["Type"], "{id}");
        if !DESCRIBED.contains(&resource["Type"].as_str().expect("a type")) {
            assert_eq!(resource, expected, "{id}");
        }
    }
    let more: BTreeSet<&str> = ours
        .iter()
        .filter(|(id, _)| !theirs.contains_key(*id))
        .map(|(_, resource)| resource["Type"].as_str().expect("a type"))
        .collect();
    assert_eq!(more.into_iter().collect::<Vec<_>>(), INSTEAD);
}

/// The same with code that is a folder of the user's.
fn deployable() -> Value {
    let text = TEMPLATE
        .replace("{Bucket: artifacts, Key: code}", "{Bucket: hot-reload, Key: /project}")
        .replace("s3://artifacts/layer", "{Bucket: hot-reload, Key: /project}");
    template::tree(&text).expect("YAML")
}

#[test]
fn deployed_changed_removed() {
    let bench = Bench::new();
    let empty = bench.dump();
    let mut template = deployable();
    assert_eq!(
        bench.deploy("CreateStack", "pets", &template),
        "CREATE_COMPLETE",
        "{:#?}",
        bench.events("pets")
    );

    let web = bench.get("/v2/apis/samweb/routes");
    let routes: BTreeSet<&str> = web["items"]
        .as_array()
        .expect("a list")
        .iter()
        .filter_map(|route| route["routeKey"].as_str())
        .collect();
    assert_eq!(routes.into_iter().collect::<Vec<_>>(), ["GET /asked", "GET /open", "POST /signed/{id}"]);
    let rest = bench.physical("pets", "Rest");
    let resources = |rest: &str| {
        let all = bench.get(&format!("/restapis/{rest}/resources?limit=500"));
        let all = all["item"].as_array().expect("a list").clone();
        let mut paths: Vec<String> = all
            .iter()
            .map(|item| {
                let methods =
                    item["resourceMethods"].as_object().map(|all| all.keys().cloned().collect::<Vec<_>>());
                format!(
                    "{} {}",
                    item["path"].as_str().expect("a path"),
                    methods.unwrap_or_default().join(",")
                )
            })
            .collect();
        paths.sort();
        paths
    };
    assert_eq!(resources(&rest), ["/ ANY,OPTIONS", "/r ", "/r/{id} GET,OPTIONS"]);
    let implied = bench.physical("pets", "ServerlessRestApi");
    assert_eq!(resources(&implied)[..3], ["/ ", "/a ", "/a/b "]);
    let before = bench.get(&format!("/restapis/{rest}/stages/live"))["deploymentId"].clone();
    let outputs = bench.outputs("pets");
    for expected in ["Stage=live", "Version=1", "Layer=arn:aws:lambda:us-east-1:000000000000:layer:Shared:1"]
    {
        assert!(outputs.contains(&expected.to_owned()), "{expected}: {outputs:?}");
    }

    template["Resources"]["Main"]["Properties"]["Events"]["Rest"]["Properties"]["Path"] = json!("/s/{id}");
    template["Resources"]["Catch"]["Properties"]["Events"]["All"] =
        json!({ "Type": "HttpApi", "Properties": { "Path": "/x", "Method": "*" } });
    assert_eq!(
        bench.deploy("UpdateStack", "pets", &template),
        "UPDATE_COMPLETE",
        "{:#?}",
        bench.events("pets")
    );
    assert_eq!(resources(&rest), ["/ ANY,OPTIONS", "/s ", "/s/{id} GET,OPTIONS"]);
    assert_ne!(
        bench.get(&format!("/restapis/{rest}/stages/live"))["deploymentId"],
        before,
        "a new deployment"
    );
    let refusal =
        bench.refused("UpdateStack", &[("StackName", "pets"), ("TemplateBody", &template.to_string())]);
    assert_eq!(refusal, "ValidationError: No updates are to be performed.");

    let body = |stage: &str| bench.ok("GetTemplate", &[("StackName", "pets"), ("TemplateStage", stage)]);
    assert!(body("Original").contains("AWS::Serverless::Function"));
    assert!(!body("Processed").contains("AWS::Serverless") && body("Processed").contains("AWS::Lambda::Url"));
    let summary = bench.ok("GetTemplateSummary", &[("StackName", "pets")]);
    assert!(summary.contains("<ResourceType>AWS::Serverless::Api</ResourceType>"), "{summary}");

    bench.ok("DeleteStack", &[("StackName", "pets")]);
    // Versions of layers and functions stay, as their policy says.
    let is_left = |line: &str| line.contains("AWS::Lambda") || line.contains("Shared");
    assert!(bench.dump() == empty || bench.dump().lines().any(is_left), "{}", bench.dump());
}

/// A template with one resource, `X`.
fn one_resource(kind: &str, properties: Value) -> Value {
    json!({
        "Transform": "AWS::Serverless-2016-10-31",
        "Resources": { "X": { "Type": format!("AWS::Serverless::{kind}"), "Properties": properties } },
    })
}

#[test]
fn what_is_refused() {
    let bench = Bench::new();
    let function = |more: Value| {
        let mut properties =
            json!({ "InlineCode": "x", "Runtime": "nodejs20.x", "Handler": "index.handler" });
        properties.as_object_mut().expect("a map").extend(more.as_object().expect("a map").clone());
        one_resource("Function", properties)
    };
    let event = |kind: &str, properties: Value| {
        function(json!({ "Events": { "E": { "Type": kind, "Properties": properties } } }))
    };
    let ours = |what: &str| format!("gatelet does not support {what} in templates of SAM yet (resource X)");
    let invalid = |what: &str| {
        format!(
            "Transform AWS::Serverless-2016-10-31 failed with: Invalid Serverless Application Specification document. \
             Number of errors found: 1. Resource with id [X] is invalid. {what}"
        )
    };
    let mut ignoring = function(json!({}));
    ignoring["Resources"]["X"]["Connectors"] = json!({});
    let mut odd = function(json!({}));
    odd["Globals"] = json!({ "Functions": {} });
    for (template, expected) in [
        (one_resource("SimpleTable", json!({})), ours("the type AWS::Serverless::SimpleTable")),
        (one_resource("StateMachine", json!({})), ours("the type AWS::Serverless::StateMachine")),
        (one_resource("Api", json!({})), invalid("Missing required property 'StageName'.")),
        (
            one_resource("Api", json!({ "StageName": "a", "DefinitionBody": {}, "Cors": "'*'" })),
            ours("Cors beside a definition of the API"),
        ),
        (
            one_resource("HttpApi", json!({ "DefinitionBody": {}, "DefinitionUri": "s3://a/b" })),
            invalid("Specify either 'DefinitionUri' or 'DefinitionBody' property and not both."),
        ),
        (
            one_resource("HttpApi", json!({ "Domain": {} })),
            ours("the property Domain of AWS::Serverless::HttpApi"),
        ),
        (
            one_resource("HttpApi", json!({ "StageNames": "a" })),
            invalid("property StageNames not defined for resource of type AWS::Serverless::HttpApi"),
        ),
        (
            one_resource("Api", json!({ "StageName": "a", "Cors": { "AllowOrigins": "'*'" } })),
            invalid("Invalid key 'AllowOrigins' for 'Cors' property."),
        ),
        (one_resource("LayerVersion", json!({})), invalid("Missing required property 'ContentUri'.")),
        (one_resource("Function", json!({})), invalid("Either 'InlineCode' or 'CodeUri' must be set.")),
        (
            one_resource("Function", json!({ "CodeUri": "src/" })),
            invalid(
                "'CodeUri' is not a valid S3 Uri of the form 's3://bucket/key' with optional versionId query parameter.",
            ),
        ),
        (function(json!({ "ImageUri": "x" })), ours("the property ImageUri of AWS::Serverless::Function")),
        (
            function(json!({ "FunctionUrlConfig": {} })),
            invalid(
                "AuthType is required to configure function property `FunctionUrlConfig`. Please provide either \
                 AWS_IAM or NONE.",
            ),
        ),
        (event("SQS", json!({})), ours("events of the type SQS (event E)")),
        (
            event("Api", json!({ "Path": "/" })),
            invalid("Event with id [E] is invalid. Event is missing key 'Method', or it is no text."),
        ),
        (
            event("Api", json!({ "Path": "/", "Method": "get", "Auth": { "Authorizer": "A" } })),
            "gatelet does not support authorizers of AWS::Serverless::Api (A) in templates of SAM yet (resource \
             ServerlessRestApi)"
                .into(),
        ),
        (
            event("HttpApi", json!({ "Path": "/", "Method": "get", "ApiId": { "Ref": "Y" } })),
            invalid(
                "Event with id [E] is invalid. ApiId must be a valid reference to an 'AWS::Serverless::HttpApi' in \
                 same template.",
            ),
        ),
        (
            event("HttpApi", json!({ "Path": "/", "Method": "get", "Auth": { "Authorizer": "A" } })),
            invalid(
                "Event with id [E] is invalid. Unable to set Authorizer [A] on API method [get] for path [/] because \
                 it wasn't defined in the API's Authorizers.",
            ),
        ),
        (
            function(json!({ "Events": {
                "E": { "Type": "HttpApi", "Properties": { "Path": "/a", "Method": "get" } },
                "F": { "Type": "HttpApi", "Properties": { "Path": "/a", "Method": "GET" } },
            } })),
            invalid(
                "Event with id [F] is invalid. API method \"get\" defined multiple times for path \"/a\".",
            ),
        ),
        (
            function(json!({ "Events": {
                "E": { "Type": "Api", "Properties": { "Path": "/a/", "Method": "get" } },
                "F": { "Type": "Api", "Properties": { "Path": "/a", "Method": "get" } },
            } })),
            invalid("Event with id [F] is invalid. API method \"get\" defined multiple times for path \"/a\"."),
        ),
        (ignoring, ours("the attribute Connectors of resources")),
    ] {
        let text = template.to_string();
        let refusal = bench.refused("CreateStack", &[("StackName", "s"), ("TemplateBody", &text)]);
        assert_eq!(refusal, format!("ValidationError: {expected}"), "{text}");
    }
    let refusal = bench.refused("CreateStack", &[("StackName", "s"), ("TemplateBody", &odd.to_string())]);
    assert!(refusal.contains("'Globals' section is invalid. 'Functions' is not supported."), "{refusal}");
    assert_eq!(bench.dump(), Bench::new().dump(), "nothing was made");
}

#[test]
fn what_multiplies_is_bounded() {
    let bench = Bench::new();
    let many = |count: usize, events: &Value| {
        let function = json!({
            "Type": "AWS::Serverless::Function",
            "Properties": { "InlineCode": "x", "Handler": "a.b", "Runtime": "nodejs20.x", "Events": events },
        });
        (0..count).map(|n| (format!("F{n}"), function.clone())).collect::<serde_json::Map<_, _>>()
    };
    let deep = "/a".repeat(10_000);
    let long = "x".repeat(200_000);
    for template in [
        json!({ "Transform": "AWS::Serverless-2016-10-31", "Resources": many(300, &json!({})) }),
        json!({
            "Transform": "AWS::Serverless-2016-10-31",
            "Resources": many(1, &json!({ "E": { "Type": "Api", "Properties": { "Path": deep, "Method": "get" } } })),
        }),
        json!({
            "Transform": "AWS::Serverless-2016-10-31",
            "Globals": { "Function": { "Description": long } },
            "Resources": many(100, &json!({})),
        }),
    ] {
        let refusal =
            bench.refused("CreateStack", &[("StackName", "s"), ("TemplateBody", &template.to_string())]);
        assert!(refusal.starts_with("ValidationError: Template format error: "), "{refusal}");
    }
}

#[test]
fn apis_with_a_definition_are_that_definition() {
    let uri = json!({ "Fn::Sub":
        "arn:aws:apigateway:${AWS::Region}:lambda:path/2015-03-31/functions/${F.Arn}/invocations" });
    let definition = |head: (&str, &str), extension: Value| {
        json!({ (head.0): head.1, "info": { "title": "defined", "version": "1" }, "paths": { "/a": { "get": {
            "responses": {}, "x-amazon-apigateway-integration": extension } } } })
    };
    let web = json!({ "type": "aws_proxy", "httpMethod": "POST", "payloadFormatVersion": "2.0", "uri": uri });
    let rest = json!({ "type": "aws_proxy", "httpMethod": "POST", "uri": uri });
    let event = |kind: &str, property: &str, api: &str| json!({ "Type": kind, "Properties": { (property): { "Ref": api }, "Path": "/a", "Method": "get" } });
    let mut template = json!({
        "Transform": "AWS::Serverless-2016-10-31",
        "Resources": {
            "F": { "Type": "AWS::Serverless::Function", "Properties": {
                "InlineCode": "exports.handler = async () => 1", "Handler": "index.handler", "Runtime": "nodejs22.x",
                "Events": {
                    "Web": event("HttpApi", "ApiId", "Web"), "Rest": event("Api", "RestApiId", "Rest"),
                    "Rule": { "Type": "EventBridgeRule", "Properties": { "Pattern": { "source": ["a"] } } },
                },
            } },
            "Web": { "Type": "AWS::Serverless::HttpApi", "Properties": {
                "DefinitionBody": definition(("openapi", "3.0.1"), web) } },
            "Rest": { "Type": "AWS::Serverless::Api", "Properties": {
                "StageName": "live", "Name": "named", "DefinitionBody": definition(("swagger", "2.0"), rest) } },
        },
    });
    let bench = Bench::new();
    let empty = bench.dump();
    assert_eq!(bench.deploy("CreateStack", "s", &template), "CREATE_COMPLETE", "{:#?}", bench.events("s"));
    let (web, rest) = (bench.physical("s", "Web"), bench.physical("s", "Rest"));
    assert_eq!(bench.get(&format!("/v2/apis/{web}"))["name"], "defined");
    assert_eq!(bench.get(&format!("/v2/apis/{web}/routes"))["items"][0]["routeKey"], "GET /a");
    assert_eq!(bench.get(&format!("/restapis/{rest}"))["name"], "named");
    let paths = |bench: &Bench| -> BTreeSet<String> {
        let resources = bench.get(&format!("/restapis/{rest}/resources"));
        let paths = resources["item"].as_array().expect("a list").iter();
        paths.map(|resource| resource["path"].as_str().expect("a path").to_owned()).collect()
    };
    assert_eq!(paths(&bench), BTreeSet::from(["/".to_owned(), "/a".to_owned()]));
    let deployed = bench.get(&format!("/restapis/{rest}/stages/live"))["deploymentId"].clone();

    let body = &mut template["Resources"]["Rest"]["Properties"]["DefinitionBody"]["paths"];
    body["/b"] = body["/a"].clone();
    assert_eq!(bench.deploy("UpdateStack", "s", &template), "UPDATE_COMPLETE", "{:#?}", bench.events("s"));
    assert!(paths(&bench).contains("/b"));
    assert_ne!(bench.get(&format!("/restapis/{rest}/stages/live"))["deploymentId"], deployed);
    bench.ok("DeleteStack", &[("StackName", "s")]);
    assert_eq!(bench.dump(), empty);
}
