"""The control plane of REST APIs (V1), through boto3 and the AWS CLI: statuses, bytes, what is refused."""

import datetime
import json
import re
import urllib.parse

import pytest

from aws import refused, unique

FUNCTION = ("arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/"
            "arn:aws:lambda:us-east-1:000000000000:function:f/invocations")


@pytest.fixture(scope="module")
def rest(world):
    return world.client("apigateway")


@pytest.fixture(scope="module")
def careless(world):
    """A client that sends what boto3 would refuse."""
    return world.client("apigateway", validate=False)


@pytest.fixture
def api(rest):
    made = rest.create_rest_api(name=unique("rest"))
    yield made
    rest.delete_rest_api(restApiId=made["id"])


@pytest.fixture
def method(rest, api):
    """GET of the root, answered by nobody: the parameters that name it."""
    names = {"restApiId": api["id"], "resourceId": api["rootResourceId"], "httpMethod": "GET"}
    rest.put_method(**names, authorizationType="NONE")
    rest.put_integration(**names, type="MOCK", requestTemplates={"application/json": '{"statusCode": 200}'})
    return names


def status(response):
    return response["ResponseMetadata"]["HTTPStatusCode"]


def plain(response):
    return {key: value for key, value in response.items() if key != "ResponseMetadata"}


def patches(*operations):
    return [dict(zip(("op", "path", "value"), operation)) for operation in operations]


def test_api(rest):
    name = unique("rest")
    made = rest.create_rest_api(name=name, description="d", tags={"a": "b"})
    assert status(made) == 201
    assert re.fullmatch("[a-z0-9]{10}", made["id"])
    assert isinstance(made["createdDate"], datetime.datetime)
    assert plain(made) == {
        "id": made["id"], "name": name, "description": "d", "createdDate": made["createdDate"],
        "apiKeySource": "HEADER", "endpointConfiguration": {"types": ["EDGE"], "ipAddressType": "ipv4"},
        "tags": {"a": "b"}, "disableExecuteApiEndpoint": False, "rootResourceId": made["rootResourceId"],
    }
    assert plain(rest.get_rest_api(restApiId=made["id"])) == plain(made)
    assert plain(made) in rest.get_rest_apis(limit=500)["items"]
    changed = rest.update_rest_api(restApiId=made["id"], patchOperations=patches(
        ("replace", "/description", "new"), ("add", "/binaryMediaTypes/image~1png", "")))
    assert (status(changed), changed["description"], changed["binaryMediaTypes"]) == (200, "new", ["image/png"])
    assert status(rest.delete_rest_api(restApiId=made["id"])) == 202
    gone = (404, "NotFoundException", f"Invalid API identifier specified 000000000000:{made['id']}")
    assert refused(rest.get_rest_api, restApiId=made["id"]) == gone
    assert refused(rest.delete_rest_api, restApiId=made["id"]) == gone


def test_pages(rest):
    names = {unique("page") for _ in range(3)}
    ids = [rest.create_rest_api(name=name)["id"] for name in names]
    pages = rest.get_paginator("get_rest_apis").paginate(PaginationConfig={"PageSize": 1})
    found = [item["name"] for page in pages for item in page["items"]]
    assert names <= set(found) and len(found) == len(set(found))
    for api in ids:
        rest.delete_rest_api(restApiId=api)


def test_bytes(gatelet, api):
    """What SDKs other than boto3 see: names of members, dates, types of errors."""
    answer = gatelet.request("GET", f"/restapis/{api['id']}/resources")
    assert (answer.status, answer["content-type"]) == (200, "application/json")
    assert answer.json() == {"item": [{"id": api["rootResourceId"], "path": "/"}]}
    assert re.fullmatch("[0-9a-f-]{36}", answer["x-amzn-requestid"])
    shown = gatelet.request("GET", f"/restapis/{api['id']}").json()
    assert isinstance(shown["createdDate"], int) and shown["tags"] == {}
    answer = gatelet.request("GET", f"/restapis/{api['id']}/stages")
    assert answer.body == b'{"item":[]}'
    answer = gatelet.request("GET", "/restapis/UPPER")
    assert (answer.status, answer["x-amzn-errortype"]) == (404, "NotFoundException")
    assert answer.body == b'{"message":"Invalid API identifier specified 000000000000:UPPER"}'
    answer = gatelet.request("DELETE", f"/restapis/{api['id']}/resources/{api['rootResourceId']}/methods/GET")
    assert (answer.status, answer.json()) == (404, {"message": "Invalid Method identifier specified"})


def test_resources(rest, api):
    names = {"restApiId": api["id"]}
    made = rest.create_resource(**names, parentId=api["rootResourceId"], pathPart="pets")
    expected = {"id": made["id"], "parentId": api["rootResourceId"], "path": "/pets", "pathPart": "pets"}
    assert (status(made), plain(made)) == (201, expected)
    sub = rest.create_resource(**names, parentId=made["id"], pathPart="{proxy+}")
    assert refused(rest.create_resource, **names, parentId=made["id"], pathPart="{id}") == (
        400, "BadRequestException",
        "A sibling ({proxy+}) of this resource already has a variable path part -- only one is allowed")
    assert refused(rest.create_resource, **names, parentId=api["rootResourceId"], pathPart="pets") == (
        409, "ConflictException", "Another resource with the same parent already has this name: pets")
    assert refused(rest.create_resource, **names, parentId="nosuch", pathPart="x") == (
        404, "NotFoundException", "Invalid Resource identifier specified")
    rest.put_method(**names, resourceId=sub["id"], httpMethod="ANY", authorizationType="NONE")
    assert [resource["path"] for resource in rest.get_resources(**names)["items"]] == ["/", "/pets", "/pets/{proxy+}"]
    named = rest.get_resources(**names)["items"][2]
    assert named["resourceMethods"] == {"ANY": {}}
    whole = rest.get_resources(**names, embed=["methods"])["items"][2]
    assert whole["resourceMethods"]["ANY"]["authorizationType"] == "NONE"
    moved = rest.update_resource(**names, resourceId=made["id"], patchOperations=patches(
        ("replace", "/pathPart", "dogs")))
    assert moved["path"] == "/dogs"
    assert rest.get_resource(**names, resourceId=sub["id"])["path"] == "/dogs/{proxy+}"
    assert status(rest.delete_resource(**names, resourceId=made["id"])) == 202
    assert len(rest.get_resources(**names)["items"]) == 1


def test_methods(rest, api):
    names = {"restApiId": api["id"], "resourceId": api["rootResourceId"], "httpMethod": "GET"}
    made = rest.put_method(**names, authorizationType="NONE", requestParameters={"method.request.header.h": True})
    assert (status(made), plain(made)) == (201, {
        "httpMethod": "GET", "authorizationType": "NONE", "apiKeyRequired": False,
        "requestParameters": {"method.request.header.h": True}})
    assert status(rest.get_method(**names)) == 200
    updated = rest.update_method(**names, patchOperations=patches(("replace", "/apiKeyRequired", "true")))
    assert (status(updated), updated["apiKeyRequired"]) == (200, True)
    response = rest.put_method_response(**names, statusCode="200", responseParameters={}, responseModels={})
    assert (status(response), plain(response)) == (201, {
        "statusCode": "200", "responseParameters": {}, "responseModels": {}})
    updated = rest.update_method_response(**names, statusCode="200", patchOperations=patches(
        ("add", "/responseModels/application~1json", "Empty")))
    assert (status(updated), updated["responseModels"]) == (201, {"application/json": "Empty"})
    assert status(rest.get_method_response(**names, statusCode="200")) == 200
    assert status(rest.delete_method_response(**names, statusCode="200")) == 204
    assert status(rest.delete_method(**names)) == 204
    assert refused(rest.get_method, **names) == (404, "NotFoundException", "Invalid Method identifier specified")


@pytest.mark.parametrize("kind, more, expected", [
    ("AWS_PROXY", {"integrationHttpMethod": "POST", "uri": FUNCTION}, {"httpMethod": "POST", "uri": FUNCTION}),
    ("HTTP_PROXY", {"integrationHttpMethod": "ANY", "uri": "http://example.com/{proxy}"},
     {"httpMethod": "ANY", "uri": "http://example.com/{proxy}", "connectionType": "INTERNET"}),
    ("MOCK", {"requestTemplates": {"application/json": "{statusCode:200}"}},
     {"requestTemplates": {"application/json": "{statusCode:200}"}}),
])
def test_integrations(rest, api, kind, more, expected):
    names = {"restApiId": api["id"], "resourceId": api["rootResourceId"], "httpMethod": "GET"}
    rest.put_method(**names, authorizationType="NONE")
    made = rest.put_integration(**names, type=kind, **more)
    assert (status(made), plain(made)) == (201, {
        "type": kind, "passthroughBehavior": "WHEN_NO_MATCH", "timeoutInMillis": 29000,
        "cacheNamespace": api["rootResourceId"], "cacheKeyParameters": [], **expected})
    assert plain(rest.get_integration(**names)) == plain(made)
    changed = rest.update_integration(**names, patchOperations=patches(("replace", "/timeoutInMillis", "1000")))
    assert (status(changed), changed["timeoutInMillis"]) == (200, 1000)
    response = rest.put_integration_response(**names, statusCode="200", selectionPattern="",
                                             responseTemplates={"application/json": ""})
    assert status(response) == 201
    assert plain(response) == {"statusCode": "200", "selectionPattern": "", "responseTemplates": {"application/json": None}}
    assert status(rest.get_integration_response(**names, statusCode="200")) == 200
    changed = rest.update_integration_response(**names, statusCode="200", patchOperations=patches(
        ("replace", "/selectionPattern", "2..")))
    assert (status(changed), changed["selectionPattern"]) == (200, "2..")
    assert status(rest.delete_integration_response(**names, statusCode="200")) == 204
    assert status(rest.delete_integration(**names)) == 204
    assert refused(rest.get_integration, **names) == (
        404, "NotFoundException", "Invalid Integration identifier specified")


def test_integrations_refused(rest, careless, method):
    assert refused(rest.put_integration, **method, type="AWS_PROXY", uri=FUNCTION) == (
        400, "BadRequestException", "Enumeration value for HttpMethod must be non-empty")
    assert refused(rest.put_integration, **method, type="HTTPS_PROXY") == (
        400, "ValidationException",
        "1 validation error detected: Value 'HTTPS_PROXY' at 'putIntegrationInput.type' failed to satisfy constraint: "
        "Member must satisfy enum value set: [HTTP, MOCK, AWS_PROXY, HTTP_PROXY, AWS]")
    assert refused(careless.put_integration, **method, type="MOCK",
                   requestParameters={"integration.request.path.p": True}) == (
        400, "SerializationException", "class java.lang.Boolean can not be converted to an String")


def test_deployments_and_stages(rest, method):
    api = {"restApiId": method["restApiId"]}
    first = rest.create_deployment(**api, stageName="dev", description="first")
    assert (status(first), set(plain(first))) == (201, {"id", "createdDate", "description"})
    stage = rest.get_stage(**api, stageName="dev")
    assert plain(stage) == {
        "stageName": "dev", "deploymentId": first["id"], "cacheClusterEnabled": False,
        "cacheClusterStatus": "NOT_AVAILABLE", "methodSettings": {}, "tracingEnabled": False,
        "createdDate": stage["createdDate"], "lastUpdatedDate": stage["lastUpdatedDate"]}
    assert isinstance(stage["createdDate"], datetime.datetime)
    assert [found["stageName"] for found in rest.get_stages(**api)["item"]] == ["dev"]
    second = rest.create_deployment(**api)
    assert {found["id"] for found in rest.get_deployments(**api, limit=500)["items"]} == {first["id"], second["id"]}
    summary = rest.get_deployment(**api, deploymentId=second["id"], embed=["apisummary"])["apiSummary"]
    assert summary == {"/": {"GET": {"authorizationType": "NONE", "apiKeyRequired": False}}}
    active = (400, "BadRequestException", "Active stages pointing to this deployment must be moved or deleted")
    assert refused(rest.delete_deployment, **api, deploymentId=first["id"]) == active
    changed = rest.update_stage(**api, stageName="dev", patchOperations=patches(
        ("replace", "/deploymentId", second["id"]), ("replace", "/tracingEnabled", "true"),
        ("replace", "/variables/v", "1"), ("replace", "/*/*/throttling/rateLimit", "1.5")))
    assert (status(changed), changed["deploymentId"], changed["tracingEnabled"]) == (200, second["id"], True)
    assert (changed["variables"], changed["methodSettings"]["*/*"]["throttlingRateLimit"]) == ({"v": "1"}, 1.5)
    assert status(rest.delete_deployment(**api, deploymentId=first["id"])) == 202
    made = rest.create_stage(**api, stageName="prod", deploymentId=second["id"], variables={"a": "b"})
    assert (status(made), made["variables"]) == (201, {"a": "b"})
    assert refused(rest.create_stage, **api, stageName="x", deploymentId="nosuch") == (
        400, "BadRequestException", "Deployment id does not exist")
    assert status(rest.delete_stage(**api, stageName="prod")) == 202
    assert refused(rest.get_stage, **api, stageName="prod") == (
        404, "NotFoundException", "Invalid Stage identifier specified")


def test_incomplete_apis_are_not_deployed(rest, api):
    assert refused(rest.create_deployment, restApiId=api["id"]) == (
        400, "BadRequestException", "The REST API doesn't contain any methods")
    rest.put_method(restApiId=api["id"], resourceId=api["rootResourceId"], httpMethod="GET", authorizationType="NONE")
    assert refused(rest.create_deployment, restApiId=api["id"]) == (
        400, "BadRequestException", "No integration defined for method")


def test_models(rest, api):
    names = {"restApiId": api["id"]}
    assert [model["name"] for model in rest.get_models(**names)["items"]] == ["Empty", "Error"]
    made = rest.create_model(**names, name="pet", contentType="application/json", schema='{"type":"object"}')
    assert (status(made), made["schema"]) == (201, '{"type":"object"}')
    rest.put_method(**names, resourceId=api["rootResourceId"], httpMethod="GET", authorizationType="NONE",
                    requestModels={"application/json": "pet"})
    assert refused(rest.delete_model, **names, modelName="pet") == (
        409, "ConflictException", "Cannot delete model 'pet', is referenced in method request: //GET")
    rest.delete_method(**names, resourceId=api["rootResourceId"], httpMethod="GET")
    assert status(rest.delete_model(**names, modelName="pet")) == 202
    assert refused(rest.get_model, **names, modelName="pet") == (
        404, "NotFoundException", "Invalid model name specified: pet")


def test_tags(rest, method):
    rest.create_deployment(restApiId=method["restApiId"], stageName="dev")
    api = f"arn:aws:apigateway:us-east-1::/restapis/{method['restApiId']}"
    for arn in (api, f"{api}/stages/dev"):
        assert status(rest.tag_resource(resourceArn=arn, tags={"a": "1", "b": "2"})) == 204
        assert status(rest.untag_resource(resourceArn=arn, tagKeys=["a"])) == 204
        assert rest.get_tags(resourceArn=arn)["tags"] == {"b": "2"}
    assert rest.get_stage(restApiId=method["restApiId"], stageName="dev")["tags"] == {"b": "2"}


def test_what_serverless_sends_after_a_deployment(gatelet, rest, method):
    """`provider.tags` and `provider.tracing` of the Serverless Framework."""
    rest.create_deployment(restApiId=method["restApiId"], stageName="dev")
    base = f"/restapis/{method['restApiId']}"
    assert any(item["id"] == method["restApiId"] for item in gatelet.request("GET", "/restapis?limit=500").json()["item"])
    assert len(gatelet.request("GET", f"{base}/deployments?limit=500").json()["item"]) == 1
    body = {"patchOperations": [{"op": "replace", "path": "/tracingEnabled", "value": "true"}]}
    assert gatelet.request("PATCH", f"{base}/stages/dev", body=json.dumps(body)).json()["tracingEnabled"] is True
    arn = urllib.parse.quote(f"arn:aws:apigateway:us-east-1::{base}/stages/dev", safe="")
    assert gatelet.request("PUT", f"/tags/{arn}", body=json.dumps({"tags": {"t": "u"}})).status == 204
    stage = gatelet.request("GET", f"{base}/stages/dev").json()
    assert stage["tags"] == {"t": "u"} and "accessLogSettings" not in stage


def test_account(rest):
    assert plain(rest.get_account()) == {
        "throttleSettings": {"burstLimit": 5000, "rateLimit": 10000.0}, "features": ["UsagePlans"], "apiKeyVersion": "4"}
    arn = "arn:aws:iam::000000000000:role/logs"
    changed = rest.update_account(patchOperations=patches(("replace", "/cloudwatchRoleArn", arn)))
    assert (status(changed), changed["cloudwatchRoleArn"]) == (200, arn)
    rest.update_account(patchOperations=patches(("replace", "/cloudwatchRoleArn", "")))


def test_what_is_not_there_says_so(rest, api):
    assert refused(rest.get_vpc_links)[:2] == (501, "NotImplementedException")
    assert refused(rest.import_rest_api, body=b"{}") == (400, "BadRequestException", "Invalid OpenAPI input.")
    assert refused(rest.get_export, restApiId=api["id"], stageName="x", exportType="oas30")[0] == 501
    assert refused(rest.test_invoke_method, restApiId=api["id"], resourceId=api["rootResourceId"],
                   httpMethod="GET")[0] == 501


def test_a_custom_id_from_the_command_line(world):
    made, _, _ = world.awscli("apigateway", "create-rest-api", "--name", "x", "--tags", '{"_custom_id_":"myid123"}',
                              program="awslocal")
    assert (made["id"], made["tags"]) == ("myid123", {"_custom_id_": "myid123"})
    found, _, _ = world.awscli("apigateway", "get-rest-api", "--rest-api-id", "myid123")
    assert found["id"] == "myid123"
    resources, _, _ = world.awscli("apigateway", "get-resources", "--rest-api-id", "myid123")
    assert [item["path"] for item in resources["items"]] == ["/"]
    _, code, error = world.awscli("apigateway", "create-rest-api", "--name", "x", "--tags", "_custom_id_=myid123",
                                  check=False)
    assert code != 0 and "API with id 'myid123' already exists" in error
    _, code, error = world.awscli("apigateway", "create-rest-api", "--name", "x", "--tags", "_custom_id_=UPPER",
                                  check=False)
    assert "The RestApiId 'UPPER' cannot contain uppercase characters" in error
    world.awscli("apigateway", "delete-rest-api", "--rest-api-id", "myid123")
