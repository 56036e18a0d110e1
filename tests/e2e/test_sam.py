"""Templates of SAM, sent as `sam deploy` sends them: the code in S3, the template by its URL, expanded by the server.
The tool itself was tried by hand; it brings a third of a gigabyte along."""

import pytest

import aws
import harness
from aws import zipped

CODE = """
exports.handler = async (event) => ({
  statusCode: 200,
  body: JSON.stringify([event.version ?? 'url', event.requestContext.stage, event.routeKey ?? event.resource,
    event.pathParameters ?? null, process.env.GREETING, process.env.OWN ?? null, require('shared')]),
});
"""
TEMPLATE = """
AWSTemplateFormatVersion: "2010-09-09"
Transform: AWS::Serverless-2016-10-31
Globals:
  Function:
    Runtime: nodejs20.x
    Timeout: 10
    Environment: {Variables: {GREETING: hello}}
Resources:
  Shared:
    Type: AWS::Serverless::LayerVersion
    Properties: {ContentUri: s3://BUCKET/layer.zip}
  Rest:
    Type: AWS::Serverless::Api
    Properties: {StageName: dev, Cors: "'*'", Tags: {_custom_id_: samrest}}
  Hello:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: s3://BUCKET/code.zip
      Handler: index.handler
      Layers: [!Ref Shared]
      Environment: {Variables: {OWN: own}}
      AutoPublishAlias: live
      FunctionUrlConfig: {AuthType: NONE}
      Policies: [{S3ReadPolicy: {BucketName: any}}]
      Events:
        Http: {Type: HttpApi, Properties: {Path: "/items/{id}", Method: get}}
        Implied: {Type: Api, Properties: {Path: "/a/{b}", Method: ANY}}
        Rest: {Type: Api, Properties: {RestApiId: !Ref Rest, Path: /hi, Method: get}}
Outputs:
  Http: {Value: !Sub "https://${ServerlessHttpApi}.execute-api.${AWS::Region}.${AWS::URLSuffix}/"}
  Implied: {Value: !Sub "https://${ServerlessRestApi}.execute-api.${AWS::Region}.${AWS::URLSuffix}/Prod/"}
  Url: {Value: !GetAtt HelloUrl.FunctionUrl}
  Alias: {Value: !Ref Hello.Alias}
"""


class Application:
    """A stack of SAM's, and what is called of it."""

    def __init__(self, server):
        self.server = server
        self.stacks, self.objects = aws.client(server, "cloudformation"), aws.client(server, "s3")
        self.objects.create_bucket(Bucket="artifacts")
        self.upload(CODE)
        self.objects.put_object(
            Bucket="artifacts", Key="layer.zip",
            Body=zipped({"nodejs/node_modules/shared/index.js": "module.exports = 'from the layer'"}))

    def upload(self, code, key="code.zip"):
        self.objects.put_object(Bucket="artifacts", Key=key, Body=zipped({"index.js": code}))

    def deploy(self, template, kind, parameters=()):
        self.objects.put_object(Bucket="artifacts", Key="it.template", Body=template.replace("BUCKET", "artifacts"))
        self.stacks.create_change_set(
            StackName="app", ChangeSetName=f"samcli-deploy-{kind}", ChangeSetType=kind, Parameters=list(parameters),
            TemplateURL="https://s3.us-east-1.amazonaws.com/artifacts/it.template",
            Capabilities=["CAPABILITY_IAM", "CAPABILITY_AUTO_EXPAND"])
        changes = self.stacks.describe_change_set(StackName="app", ChangeSetName=f"samcli-deploy-{kind}")
        self.stacks.execute_change_set(StackName="app", ChangeSetName=f"samcli-deploy-{kind}")
        stack = self.stacks.describe_stacks(StackName="app")["Stacks"][0]
        self.outputs = {output["OutputKey"]: output["OutputValue"] for output in stack["Outputs"]}
        return stack["StackStatus"], [change["ResourceChange"] for change in changes["Changes"]]

    def call(self, url, method="GET", **headers):
        host, path = url.removeprefix("http://").split("/", 1)
        return self.server.request(method, f"/{path}", {"Host": host, **headers})


@pytest.fixture(scope="module")
def application():
    with harness.Gatelet() as server:
        application = Application(server)
        application.status, application.changes = application.deploy(TEMPLATE, "CREATE")
        yield application


def test_deployed(application):
    assert application.status == "CREATE_COMPLETE"
    logical = {change["LogicalResourceId"] for change in application.changes}
    assert {"Hello", "HelloRole", "HelloUrl", "HelloAliaslive", "ServerlessHttpApi", "ServerlessHttpApiApiGatewayDefaultStage",
            "ServerlessRestApi", "ServerlessRestApiProdStage", "RestdevStage", "HelloHttpPermission",
            "HelloImpliedPermissionProd", "HelloRestPermissiondev"} <= logical
    assert application.outputs["Alias"].endswith(":live")


@pytest.mark.parametrize("output, path, expected", [
    ("Http", "items/7", ["2.0", "$default", "GET /items/{id}", {"id": "7"}]),
    ("Implied", "a/c", ["url", "Prod", "/a/{b}", {"b": "c"}]),
    ("Url", "x", ["2.0", "$default", "$default", None]),
])
def test_called(application, output, path, expected):
    answer = application.call(application.outputs[output] + path)
    assert answer.status == 200, answer.text
    assert answer.json() == [*expected, "hello", "own", "from the layer"]


def test_a_stage_by_name_and_preflight(application):
    assert application.server.request("GET", "/_aws/execute-api/samrest/dev/hi").json()[1:3] == ["dev", "/hi"]
    answer = application.server.request("OPTIONS", "/_aws/execute-api/samrest/dev/hi", {"Origin": "http://page.test"})
    assert answer.status == 200
    assert (answer["access-control-allow-origin"], answer["access-control-allow-methods"]) == ("*", "GET,OPTIONS")


def test_permissions_are_those_of_the_routes(application):
    functions = aws.client(application.server, "lambda")
    policy = functions.get_policy(FunctionName=application.outputs["Alias"])["Policy"]
    assert "/*/GET/items/*" in policy and "/*/*/a/*" in policy and "lambda:InvokeFunctionUrl" in policy


def test_changed(application):
    application.upload(CODE.replace("'url'", "'second'"), "code2.zip")
    changed = TEMPLATE.replace("code.zip", "code2.zip").replace('"/a/{b}"', '"/z/{b}"').replace("/items/", "/things/")
    status, changes = application.deploy(changed, "UPDATE")
    assert status == "UPDATE_COMPLETE"
    assert application.call(application.outputs["Implied"] + "z/c").json()[:4] == ["second", "Prod", "/z/{b}", {"b": "c"}]
    assert application.call(application.outputs["Http"] + "things/7").status == 200
    assert application.call(application.outputs["Http"] + "items/7").status == 404


def test_deleted(application):
    application.stacks.delete_stack(StackName="app")
    assert aws.client(application.server, "apigateway").get_rest_apis()["items"] == []
    assert aws.client(application.server, "apigatewayv2").get_apis()["Items"] == []
    functions = aws.client(application.server, "lambda")
    assert functions.list_functions()["Functions"] == []
    # Layers stay, as SAM says of them.
    assert [layer["LayerName"] for layer in functions.list_layers()["Layers"]] == ["Shared"]
