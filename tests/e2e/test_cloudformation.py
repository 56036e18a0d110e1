"""CloudFormation by boto3: stacks made, changed, deleted, rolled back; change sets; what comes of them serves."""

import base64
import hashlib
import json
import threading
import time
from pathlib import Path

import pytest

import aws
import harness

TEMPLATES = harness.ROOT / "tests/templates"
ECHO = "exports.handler = async (event) => ({ statusCode: 200, body: JSON.stringify([event.rawPath || event.path, process.env.WHO]) })"


@pytest.fixture(scope="module")
def stacks(world):
    return world.client("cloudformation")


def http_api(**more):
    """An HTTP API and a REST API with one function."""
    resources = {
        "Role": {"Type": "AWS::IAM::Role", "Properties": {
            "AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": []},
            "ManagedPolicyArns": ["arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole"]}},
        "Function": {"Type": "AWS::Lambda::Function", "Properties": {
            "Runtime": "nodejs20.x", "Handler": "index.handler", "Role": {"Fn::GetAtt": ["Role", "Arn"]},
            "Environment": {"Variables": {"WHO": {"Ref": "Who"}}}, "Code": {"ZipFile": ECHO}}},
        "Http": {"Type": "AWS::ApiGatewayV2::Api", "Properties": {
            "Name": {"Ref": "AWS::StackName"}, "ProtocolType": "HTTP"}},
        "Integration": {"Type": "AWS::ApiGatewayV2::Integration", "Properties": {
            "ApiId": {"Ref": "Http"}, "IntegrationType": "AWS_PROXY", "PayloadFormatVersion": "2.0",
            "IntegrationUri": {"Fn::GetAtt": ["Function", "Arn"]}}},
        "Route": {"Type": "AWS::ApiGatewayV2::Route", "Properties": {
            "ApiId": {"Ref": "Http"}, "RouteKey": "GET /hello",
            "Target": {"Fn::Sub": "integrations/${Integration}"}}},
        "Stage": {"Type": "AWS::ApiGatewayV2::Stage", "Properties": {
            "ApiId": {"Ref": "Http"}, "StageName": "$default", "AutoDeploy": True}},
        "Rest": {"Type": "AWS::ApiGateway::RestApi", "Properties": {"Name": {"Ref": "AWS::StackName"}}},
        "Path": {"Type": "AWS::ApiGateway::Resource", "Properties": {
            "RestApiId": {"Ref": "Rest"}, "ParentId": {"Fn::GetAtt": ["Rest", "RootResourceId"]}, "PathPart": "hi"}},
        "Method": {"Type": "AWS::ApiGateway::Method", "Properties": {
            "RestApiId": {"Ref": "Rest"}, "ResourceId": {"Ref": "Path"}, "HttpMethod": "GET",
            "AuthorizationType": "NONE", "Integration": {
                "Type": "AWS_PROXY", "IntegrationHttpMethod": "POST",
                "Uri": {"Fn::Sub": "arn:aws:apigateway:${AWS::Region}:lambda:path/2015-03-31/functions/"
                                   "${Function.Arn}/invocations"}}}},
        "Deployment": {"Type": "AWS::ApiGateway::Deployment", "DependsOn": "Method", "Properties": {
            "RestApiId": {"Ref": "Rest"}, "StageName": "local"}},
        "MayHttp": permission("Http"),
        "MayRest": permission("Rest"),
        **more,
    }
    url = "https://${%s}.execute-api.${AWS::Region}.${AWS::URLSuffix}"
    return {
        "Parameters": {"Who": {"Type": "String", "Default": "world"}},
        "Resources": resources,
        "Outputs": {
            "HttpUrl": {"Value": {"Fn::Sub": url % "Http" + "/hello"}},
            "RestUrl": {"Value": {"Fn::Sub": url % "Rest" + "/local/hi"}},
            "Function": {"Value": {"Ref": "Function"}},
        },
    }


def permission(api):
    return {"Type": "AWS::Lambda::Permission", "Properties": {
        "FunctionName": {"Ref": "Function"}, "Action": "lambda:InvokeFunction",
        "Principal": "apigateway.amazonaws.com",
        "SourceArn": {"Fn::Sub": "arn:aws:execute-api:${AWS::Region}:${AWS::AccountId}:${%s}/*" % api}}}


def outputs(stacks, name):
    (stack,) = stacks.describe_stacks(StackName=name)["Stacks"]
    return {output["OutputKey"]: output["OutputValue"] for output in stack.get("Outputs", [])}


def pasted(world, url):
    """What comes of a URL, as `curl` would ask for it on this machine."""
    scheme, rest = url.split("://")
    assert scheme == "http"
    host, _, path = rest.partition("/")
    assert host.endswith(f".localhost.localstack.cloud:{world.gatelet.port}"), url
    answer = world.gatelet.request("GET", f"/{path}", {"Host": host})
    assert answer.status == 200, (url, answer)
    return answer.json()


def events(stacks, name):
    """The events, oldest first: (logical id, status)."""
    pages = stacks.get_paginator("describe_stack_events").paginate(StackName=name)
    newest_first = [event for page in pages for event in page["StackEvents"]]
    stamps = [event["Timestamp"] for event in newest_first]
    assert len({event["EventId"] for event in newest_first}) == len(newest_first)
    assert stamps == sorted(stamps, reverse=True) and len(set(stamps)) == len(stamps)
    return [(event["LogicalResourceId"], event["ResourceStatus"]) for event in reversed(newest_first)]


def test_a_stack_from_its_making_to_its_end(world, stacks):
    name, template = aws.unique("stack"), http_api()
    made = stacks.create_stack(StackName=name, TemplateBody=json.dumps(template), Capabilities=["CAPABILITY_IAM"])
    stacks.get_waiter("stack_create_complete").wait(StackName=name)
    (shown,) = stacks.describe_stacks(StackName=made["StackId"])["Stacks"]
    assert shown["StackName"] == name and shown["Capabilities"] == ["CAPABILITY_IAM"]
    said = outputs(stacks, name)
    assert pasted(world, said["HttpUrl"]) == ["/hello", "world"]
    assert pasted(world, said["RestUrl"]) == ["/hi", "world"]

    template["Resources"]["Route"]["Properties"]["RouteKey"] = "GET /hello/{who}"
    template["Outputs"]["HttpUrl"]["Value"]["Fn::Sub"] += "/you"
    stacks.update_stack(StackName=name, TemplateBody=json.dumps(template),
                        Parameters=[{"ParameterKey": "Who", "ParameterValue": "you"}])
    stacks.get_waiter("stack_update_complete").wait(StackName=name)
    assert pasted(world, outputs(stacks, name)["HttpUrl"]) == ["/hello/you", "you"]
    status, code, message = aws.refused(
        stacks.update_stack, StackName=name, UsePreviousTemplate=True,
        Parameters=[{"ParameterKey": "Who", "UsePreviousValue": True}])
    assert (status, code, message) == (400, "ValidationError", "No updates are to be performed.")
    assert stacks.get_template(StackName=name)["TemplateBody"] == template

    stacks.delete_stack(StackName=name)
    stacks.get_waiter("stack_delete_complete").wait(StackName=name)
    assert aws.refused(stacks.describe_stacks, StackName=name)[2] == f"Stack with id {name} does not exist"
    (gone,) = stacks.describe_stacks(StackName=made["StackId"])["Stacks"]
    assert gone["StackStatus"] == "DELETE_COMPLETE"
    assert aws.refused(world.functions.get_function, FunctionName=said["Function"])[0] == 404


def test_what_fails_is_undone(world, stacks):
    name = aws.unique("stack")
    nonsense = {"Nonsense": {"Type": "AWS::ApiGatewayV2::Route", "DependsOn": ["Deployment", "Stage", "MayRest"],
                             "Properties": {"ApiId": {"Ref": "Http"}, "RouteKey": "nonsense"}}}
    before = {api["ApiId"] for api in world.apis.get_apis()["Items"]}
    stacks.create_stack(StackName=name, TemplateBody=json.dumps(http_api(**nonsense)))
    (shown,) = stacks.describe_stacks(StackName=name)["Stacks"]
    assert shown["StackStatus"] == "ROLLBACK_COMPLETE"
    assert {api["ApiId"] for api in world.apis.get_apis()["Items"]} == before
    happened = events(stacks, name)
    assert happened[0] == (name, "CREATE_IN_PROGRESS") and happened[-1] == (name, "ROLLBACK_COMPLETE")
    failed = happened.index(("Nonsense", "CREATE_FAILED"))
    assert happened[failed + 1] == (name, "ROLLBACK_IN_PROGRESS")
    stacks.delete_stack(StackName=name)

    stacks.create_stack(StackName=name, TemplateBody=json.dumps(http_api()))
    url = outputs(stacks, name)["HttpUrl"]
    stacks.update_stack(StackName=name, TemplateBody=json.dumps(http_api(**nonsense)),
                        Parameters=[{"ParameterKey": "Who", "ParameterValue": "nobody"}])
    (shown,) = stacks.describe_stacks(StackName=name)["Stacks"]
    assert shown["StackStatus"] == "UPDATE_ROLLBACK_COMPLETE"
    assert pasted(world, url) == ["/hello", "world"]
    stacks.delete_stack(StackName=name)


def test_unknown_types_are_refused_before_anything_happens(stacks):
    name = aws.unique("stack")
    body = json.dumps({"Resources": {"A": {"Type": "AWS::DynamoDB::Table"}}})
    refusal = aws.refused(stacks.create_change_set, StackName=name, ChangeSetName="c", ChangeSetType="CREATE",
                          TemplateBody=body)
    text = "Template format error: Unrecognized resource types: [AWS::DynamoDB::Table]"
    assert refusal == (400, "ValidationError", text)
    assert aws.refused(stacks.describe_stacks, StackName=name)[0] == 400


def test_exports(stacks):
    one, two = aws.unique("one"), aws.unique("two")
    exporting = {"Resources": {"P": {"Type": "AWS::SSM::Parameter", "Properties": {"Type": "String", "Value": "v"}}},
                 "Outputs": {"O": {"Value": {"Fn::GetAtt": ["P", "Value"]}, "Export": {"Name": one}}}}
    importing = {"Resources": {"P": {"Type": "AWS::SSM::Parameter", "Properties": {
        "Type": "String", "Value": {"Fn::ImportValue": one}}}},
        "Outputs": {"O": {"Value": {"Fn::GetAtt": ["P", "Value"]}}}}
    stacks.create_stack(StackName=one, TemplateBody=json.dumps(exporting))
    stacks.create_stack(StackName=two, TemplateBody=json.dumps(importing))
    assert outputs(stacks, two) == {"O": "v"}
    pages = stacks.get_paginator("list_exports").paginate()
    assert {export["Name"]: export["Value"] for page in pages for export in page["Exports"]}[one] == "v"
    assert stacks.list_imports(ExportName=one)["Imports"] == [two]
    for name in (two, one):
        stacks.delete_stack(StackName=name)
        stacks.get_waiter("stack_delete_complete").wait(StackName=name)


def test_yaml_with_short_tags(world, stacks):
    name = aws.unique("yaml")
    stacks.create_stack(StackName=name, TemplateBody="""
Mappings: {Sizes: {us-east-1: {Level: INFO}}}
Conditions: {Here: !Equals [!Ref AWS::Region, us-east-1]}
Resources:
  Level:
    Type: AWS::SSM::Parameter
    Properties: {Type: String, Value: !If [Here, !FindInMap [Sizes, !Ref AWS::Region, Level], none]}
Outputs:
  Level: {Value: !Sub "${Level.Value}-${AWS::StackName}"}
""")
    assert outputs(stacks, name) == {"Level": f"INFO-{name}"}
    summary = stacks.get_template_summary(StackName=name)
    assert summary["ResourceTypes"] == ["AWS::SSM::Parameter"]
    stacks.delete_stack(StackName=name)


@pytest.mark.parametrize("template", ["serverless-http", "serverless-websocket"])
def test_as_serverless_deploys(world, stacks, template):
    """The calls of `serverless deploy`, `deploy` again unchanged, and `remove`, with its own templates."""
    name, objects = aws.unique("pets"), world.client("s3")

    def execute(kind, **body):
        stacks.delete_change_set(StackName=name, ChangeSetName="c") if kind == "UPDATE" else None
        stacks.create_change_set(StackName=name, ChangeSetName="c", ChangeSetType=kind,
                                 Capabilities=["CAPABILITY_NAMED_IAM"], Parameters=[], NotificationARNs=[],
                                 Tags=[{"Key": "STAGE", "Value": "local"}], **body)
        shown = stacks.describe_change_set(StackName=name, ChangeSetName="c")
        if shown["Status"] == "FAILED":
            return shown["StatusReason"]
        stacks.execute_change_set(StackName=name, ChangeSetName="c")
        last = events(stacks, name)[-1]
        assert last == (name, f"{kind}_COMPLETE"), last

    first = (TEMPLATES / "serverless-first.json").read_text()
    execute("CREATE", TemplateBody=first)
    bucket = stacks.describe_stack_resource(StackName=name, LogicalResourceId="ServerlessDeploymentBucket")
    bucket = bucket["StackResourceDetail"]["PhysicalResourceId"]
    compiled = json.loads((TEMPLATES / f"{template}.json").read_text())
    zipped = aws.zipped({"handler.js": "exports.handler = (event, context, callback) => callback(null, event)"})
    for resource in compiled["Resources"].values():
        if resource["Type"] == "AWS::Lambda::Function":
            key = resource["Properties"]["Code"]["S3Key"]
        if resource["Type"] == "AWS::Lambda::Version":
            resource["Properties"]["CodeSha256"] = base64.b64encode(hashlib.sha256(zipped).digest()).decode()
    objects.put_object(Bucket=bucket, Key=key, Body=zipped)
    objects.put_object(Bucket=bucket, Key="t/2026-01-02T03:04:05.678Z/compiled.json", Body=json.dumps(compiled))
    url = f"https://s3.amazonaws.com/{bucket}/t/2026-01-02T03:04:05.678Z/compiled.json"
    execute("UPDATE", TemplateURL=url)
    said = outputs(stacks, name)
    assert execute("UPDATE", TemplateURL=url).startswith("The submitted information didn't contain changes.")
    if template == "serverless-http":
        api = said["HttpApiUrl"].split("://")[1]
        answer = world.gatelet.request("POST", "/my/path2", {"Host": api}, "{}")
        assert answer.status == 200, answer
        rest = said["ServiceEndpoint"].split("://")[1].split(".")[0]
        answer = world.gatelet.request("POST", f"/restapis/{rest}/local/_user_request_/my/path1", {}, "{}")
        assert answer.status in (200, 502), answer
    for page in objects.get_paginator("list_objects_v2").paginate(Bucket=bucket):
        for entry in page.get("Contents", []):
            objects.delete_object(Bucket=bucket, Key=entry["Key"])
    stacks.delete_stack(StackName=name)
    assert aws.refused(stacks.describe_stacks, StackName=name)[0] == 400


def test_cdk_bootstrap(world, stacks):
    name = aws.unique("CDKToolkit")
    body = (TEMPLATES / "cdk-bootstrap.yaml").read_text()
    parameters = [{"ParameterKey": "Qualifier", "ParameterValue": "q"},
                  {"ParameterKey": "FileAssetsBucketName", "ParameterValue": "cdk-q-assets"}]
    stacks.create_change_set(StackName=name, ChangeSetName="c", ChangeSetType="CREATE", TemplateBody=body,
                             Parameters=parameters)
    stacks.execute_change_set(StackName=name, ChangeSetName="c")
    assert outputs(stacks, name)["BucketName"] == "cdk-q-assets"
    parameter = world.client("ssm").get_parameter(Name="/cdk-bootstrap/q/version")
    assert int(parameter["Parameter"]["Value"]) >= 6
    stacks.delete_stack(StackName=name)
    (bucket,) = [b for b in world.client("s3").list_buckets()["Buckets"] if b["Name"] == "cdk-q-assets"]
    world.client("s3").delete_bucket(Bucket=bucket["Name"])


def test_a_large_deployment_is_not_noticed_by_others(world, stacks):
    """500 resources; meanwhile another API answers as if nothing were. Prints what it measured."""
    api = world.http_api()
    api.route("GET /x", api.function_integration(world.function(aws.NODE_ECHO)))
    assert api.call(path="/x").status == 200
    resources = {"Api": {"Type": "AWS::ApiGatewayV2::Api", "Properties": {"Name": "large", "ProtocolType": "HTTP"}},
                 "Stage": {"Type": "AWS::ApiGatewayV2::Stage", "Properties": {
                     "ApiId": {"Ref": "Api"}, "StageName": "$default", "AutoDeploy": True}}}
    for n in range(249):
        resources[f"I{n}"] = {"Type": "AWS::ApiGatewayV2::Integration", "Properties": {
            "ApiId": {"Ref": "Api"}, "IntegrationType": "HTTP_PROXY", "IntegrationMethod": "GET",
            "IntegrationUri": "http://localhost/x", "PayloadFormatVersion": "1.0"}}
        resources[f"R{n}"] = {"Type": "AWS::ApiGatewayV2::Route", "Properties": {
            "ApiId": {"Ref": "Api"}, "RouteKey": f"GET /r/{n}", "Target": {"Fn::Sub": "integrations/${I%d}" % n}}}
    name, took, done = aws.unique("large"), [], threading.Event()

    def others():
        while not done.is_set():
            began = time.monotonic()
            assert api.call(path="/x").status == 200
            took.append(time.monotonic() - began)

    thread = threading.Thread(target=others)
    thread.start()
    try:
        began = time.monotonic()
        stacks.create_stack(StackName=name, TemplateBody=json.dumps({"Resources": resources}))
        seconds = time.monotonic() - began
    finally:
        done.set()
        thread.join()
    (shown,) = stacks.describe_stacks(StackName=name)["Stacks"]
    assert shown["StackStatus"] == "CREATE_COMPLETE"
    took.sort()
    print(f"500 resources in {seconds:.3f} s; meanwhile {len(took)} requests of another API, "
          f"median {took[len(took) // 2] * 1000:.1f} ms, slowest {took[-1] * 1000:.1f} ms")
    stacks.delete_stack(StackName=name)


def test_the_cli(world):
    name = aws.unique("cli")
    template = Path(world.gatelet.folder.name) / "template.json"
    template.write_text(json.dumps(http_api()))
    out, _, _ = world.awscli("cloudformation", "deploy", "--stack-name", name, "--template-file", str(template),
                             "--capabilities", "CAPABILITY_IAM", "--tags", "a=b")
    assert f"Successfully created/updated stack - {name}" in out
    out, _, _ = world.awscli("cloudformation", "deploy", "--stack-name", name, "--template-file", str(template),
                             "--capabilities", "CAPABILITY_IAM", "--tags", "a=b", "--no-fail-on-empty-changeset")
    assert "No changes to deploy" in out, out
    world.awscli("cloudformation", "delete-stack", "--stack-name", name)
