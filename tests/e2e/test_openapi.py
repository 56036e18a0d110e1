"""APIs from OpenAPI definitions, and HTTP APIs back to them, by boto3 and the AWS CLI; what is imported serves."""

import json

import pytest
import yaml

import aws
from aws import refused

YAML = """\
openapi: 3.0.1
info:
  title: zoo
  version: 1.10
x-amazon-apigateway-cors:
  allowOrigins: ["https://app.example"]
  allowMethods: [GET, POST]
paths:
  /animals/{id}:
    parameters:
      - {name: id, in: path, required: true, schema: {type: string}}
    get:
      operationId: GetAnimal
      responses: {default: {description: one}}
      x-amazon-apigateway-integration: {$ref: '#/components/x-amazon-apigateway-integrations/echo'}
    post:
      x-amazon-apigateway-integration:
        type: AWS_PROXY
        httpMethod: POST
        uri: arn:${AWS::Partition}:apigateway:${AWS::Region}:lambda:path/2015-03-31/functions/FUNCTION/invocations
        payloadFormatVersion: 1.0
  /$default:
    x-amazon-apigateway-any-method:
      isDefaultRoute: true
      x-amazon-apigateway-integration: {$ref: '#/components/x-amazon-apigateway-integrations/echo'}
components:
  x-amazon-apigateway-integrations:
    echo: {type: aws_proxy, uri: FUNCTION, payloadFormatVersion: 2.0, httpMethod: POST}
"""


class Imported(aws.HttpApi):
    """An HTTP API that is there already."""

    def __init__(self, world, api):
        self.world, self.id = world, api
        self.stage("$default")

    def answer(self, method, path):
        """The route that took a request, and the version of the event's format."""
        event = self.call(method, path).json()
        return event.get("routeKey") or f"{event['httpMethod']} {event['resource']}", event["version"]


ANSWERS = [
    ("GET", "/animals/7", ("GET /animals/{id}", "2.0")),
    ("POST", "/animals/7", ("POST /animals/{id}", "1.0")),
    ("PUT", "/anything", ("$default", "2.0")),
]


@pytest.fixture(scope="module")
def definition(node_echo):
    return YAML.replace("FUNCTION", node_echo)


def test_an_imported_api_answers(world, definition):
    made = world.apis.import_api(Body=definition, FailOnWarnings=True)
    assert made["ResponseMetadata"]["HTTPStatusCode"] == 201
    assert (made["Name"], made["Version"], made["ProtocolType"]) == ("zoo", "1.10", "HTTP")
    assert made["CorsConfiguration"] == {"AllowOrigins": ["https://app.example"], "AllowMethods": ["GET", "POST"]}
    assert "Warnings" not in made
    api = Imported(world, made["ApiId"])
    for method, path, expected in ANSWERS:
        assert api.answer(method, path) == expected
    [animal] = [route for route in world.apis.get_routes(ApiId=api.id)["Items"] if route["RouteKey"].startswith("GET")]
    assert animal["OperationName"] == "GetAnimal"
    assert len(world.apis.get_integrations(ApiId=api.id)["Items"]) == 2


@pytest.mark.parametrize("form", ["JSON", "YAML"])
def test_an_exported_api_is_imported_as_the_same(world, definition, form):
    first = Imported(world, world.apis.import_api(Body=definition)["ApiId"])
    exported = world.apis.export_api(ApiId=first.id, Specification="OAS30", OutputType=form, StageName="$default")
    text = exported["body"].read().decode()
    copy = Imported(world, world.apis.import_api(Body=text, FailOnWarnings=True)["ApiId"])
    for method, path, expected in ANSWERS:
        assert copy.answer(method, path) == expected
    if form == "JSON":
        document = json.loads(text)
        assert document["openapi"] == "3.0.1" and document["info"] == {"title": "zoo", "version": "1.10"}
        assert document["paths"]["/animals/{id}"]["post"]["x-amazon-apigateway-integration"]["type"] == "aws_proxy"
    else:
        assert text.startswith('---\nopenapi: "3.0.1"\n')
        other = world.apis.export_api(ApiId=first.id, Specification="OAS30", OutputType="JSON", StageName="$default")
        assert yaml.safe_load(text) == json.loads(other["body"].read())


def test_a_reimport_replaces_and_serves_at_once(world, definition, node_echo):
    api = Imported(world, world.apis.import_api(Body=definition)["ApiId"])
    smaller = {"openapi": "3.0.3", "info": {"title": "smaller", "version": "2"}, "paths": {"/only": {"get": {
        "x-amazon-apigateway-integration": {"type": "aws_proxy", "uri": node_echo, "payloadFormatVersion": "2.0"}}}}}
    after = world.apis.reimport_api(ApiId=api.id, Body=json.dumps(smaller), Basepath="ignore")
    assert (after["ApiId"], after["Name"]) == (api.id, "smaller") and "CorsConfiguration" not in after
    assert api.answer("GET", "/only") == ("GET /only", "2.0")
    assert api.call("GET", "/animals/7").status == 404
    before = world.apis.get_api(ApiId=api.id)
    wrong = json.dumps({**smaller, "info": {"title": "wrong", "version": "3"}, "paths": {"/a": {"get": {
        "x-amazon-apigateway-integration": {"type": "MOCK"}}}}})
    status, code, message = refused(world.apis.reimport_api, ApiId=api.id, Body=wrong, FailOnWarnings=True)
    assert (status, code) == (400, "BadRequestException")
    assert message.startswith("Warnings found during import:\n\tUnable to put integration on 'GET'")
    for body in ["{", "not: openapi", "swagger: '2.0'\npaths: {}"]:
        assert refused(world.apis.reimport_api, ApiId=api.id, Body=body)[:2] == (400, "BadRequestException")
        assert refused(world.apis.import_api, Body=body)[:2] == (400, "BadRequestException")
    after = world.apis.get_api(ApiId=api.id)
    assert (after["Name"], after["Version"]) == (before["Name"], before["Version"])
    assert api.answer("GET", "/only") == ("GET /only", "2.0")


def test_the_cli_imports_and_exports_files(world, definition, tmp_path):
    source, target = tmp_path / "zoo.yaml", tmp_path / "exported.yaml"
    source.write_text(definition)
    made, _, _ = world.awscli("apigatewayv2", "import-api", "--body", f"file://{source}", "--fail-on-warnings")
    api = Imported(world, made["ApiId"])
    world.awscli("apigatewayv2", "export-api", "--api-id", api.id, "--specification", "OAS30", "--output-type", "YAML",
                 str(target))
    assert "/animals/{id}:" in target.read_text()
    world.awscli("apigatewayv2", "reimport-api", "--api-id", api.id, "--body", f"file://{target}", "--fail-on-warnings")
    for method, path, expected in ANSWERS:
        assert api.answer(method, path) == expected


def test_a_stack_makes_an_api_of_a_definition_in_s3(world, definition):
    stacks, s3 = world.client("cloudformation"), world.client("s3")
    bucket, name = aws.unique("definitions"), aws.unique("of-s3")
    s3.create_bucket(Bucket=bucket)
    s3.put_object(Bucket=bucket, Key="zoo.yaml", Body=definition.encode())
    template = {
        "Resources": {
            "Api": {"Type": "AWS::ApiGatewayV2::Api", "Properties": {
                "BodyS3Location": {"Bucket": bucket, "Key": "zoo.yaml"}, "Name": {"Ref": "AWS::StackName"},
                "FailOnWarnings": True}},
            "Stage": {"Type": "AWS::ApiGatewayV2::Stage", "Properties": {
                "ApiId": {"Ref": "Api"}, "StageName": "prod", "AutoDeploy": True}}},
        "Outputs": {"Id": {"Value": {"Ref": "Api"}}},
    }
    stacks.create_stack(StackName=name, TemplateBody=json.dumps(template))
    [stack] = stacks.describe_stacks(StackName=name)["Stacks"]
    assert stack["StackStatus"] == "CREATE_COMPLETE"
    api = Imported(world, stack["Outputs"][0]["OutputValue"])
    assert world.apis.get_api(ApiId=api.id)["Name"] == name
    for method, path, expected in ANSWERS:
        assert api.answer(method, path) == expected
    stacks.delete_stack(StackName=name)
    assert refused(world.apis.get_api, ApiId=api.id)[0] == 404


def swagger(node_echo, path="/pets/{petId}"):
    return {
        "swagger": "2.0", "info": {"title": aws.unique("store"), "version": "1"}, "basePath": "/v1",
        "paths": {path: {"get": {
            "produces": ["application/json"], "responses": {"200": {"description": "ok"}},
            "x-amazon-apigateway-integration": {
                "type": "aws_proxy", "httpMethod": "POST", "uri": aws.invocations(node_echo)}}}},
    }


def test_a_rest_api_is_imported_and_put(world, node_echo, tmp_path):
    made = world.rest.import_rest_api(body=json.dumps(swagger(node_echo)).encode(), failOnWarnings=True,
                                      parameters={"basepath": "prepend", "endpointConfigurationTypes": "REGIONAL"})
    assert made["ResponseMetadata"]["HTTPStatusCode"] == 201 and made["version"] == "1"
    assert made["name"].startswith("store-")

    def answer(path):
        host = f"{made['id']}.execute-api.localhost.localstack.cloud:4566"
        return world.gatelet.request("GET", f"/dev{path}", [("Host", host)])

    world.rest.create_deployment(restApiId=made["id"], stageName="dev")
    event = answer("/v1/pets/7").json()
    assert (event["resource"], event["pathParameters"]) == ("/v1/pets/{petId}", {"petId": "7"})
    world.rest.put_rest_api(restApiId=made["id"], mode="overwrite", body=json.dumps(swagger(node_echo, "/all")).encode())
    assert answer("/v1/pets/7").status == 200, "what is deployed stays until it is deployed anew"
    world.rest.create_deployment(restApiId=made["id"], stageName="dev")
    assert answer("/all").json()["resource"] == "/all" and answer("/v1/pets/7").status == 403
    for body in [b"{", b"a: [", b"openapi: 3.1.0"]:
        expected = (400, "BadRequestException", "Invalid OpenAPI input.")
        assert refused(world.rest.import_rest_api, body=body) == expected
        assert refused(world.rest.put_rest_api, restApiId=made["id"], body=body) == expected
    definition = tmp_path / "store.yaml"
    definition.write_text(yaml.safe_dump(swagger(node_echo)))
    imported, _, _ = world.awscli("apigateway", "import-rest-api", "--body", f"fileb://{definition}")
    paths = [resource["path"] for resource in world.rest.get_resources(restApiId=imported["id"])["items"]]
    assert sorted(paths) == ["/", "/pets", "/pets/{petId}"]


def test_a_stack_makes_a_rest_api_as_sam_does(world, node_echo):
    stacks, name = world.client("cloudformation"), aws.unique("sam")
    template = {
        "Resources": {
            "Api": {"Type": "AWS::ApiGateway::RestApi", "Properties": {"Body": swagger(node_echo)}},
            "Deployment": {"Type": "AWS::ApiGateway::Deployment", "Properties": {
                "RestApiId": {"Ref": "Api"}, "StageName": "Stage"}},
            "Stage": {"Type": "AWS::ApiGateway::Stage", "Properties": {
                "RestApiId": {"Ref": "Api"}, "StageName": "Prod", "DeploymentId": {"Ref": "Deployment"}}}},
        "Outputs": {"Id": {"Value": {"Ref": "Api"}}},
    }
    stacks.create_stack(StackName=name, TemplateBody=json.dumps(template))
    [stack] = stacks.describe_stacks(StackName=name)["Stacks"]
    assert stack["StackStatus"] == "CREATE_COMPLETE"
    host = f"{stack['Outputs'][0]['OutputValue']}.execute-api.localhost.localstack.cloud:4566"
    assert world.gatelet.request("GET", "/Prod/pets/1", [("Host", host)]).json()["resource"] == "/pets/{petId}"
    stacks.delete_stack(StackName=name)
