"""API keys and usage plans, through boto3: whom a key lets in, how fast, how often, and what CloudFormation makes."""

import datetime
import json

import pytest
import websockets.exceptions

import harness
import sockets
from aws import refused, unique

FORBIDDEN = (403, "ForbiddenException", {"message": "Forbidden"})
THROTTLED = (429, "TooManyRequestsException", {"message": "Too Many Requests"})
EXCEEDED = (429, "LimitExceededException", {"message": "Limit Exceeded"})


@pytest.fixture(scope="module")
def rest(world):
    return world.client("apigateway")


@pytest.fixture
def api(world, node_echo):
    """A REST API that asks for keys."""
    api = world.rest_api().function("GET /x", node_echo, apiKeyRequired=True).function("GET /free", node_echo)
    api.deploy()
    return api


def plan_of(rest, *stages, **more):
    stages = [{"apiId": api.id, "stage": "dev"} for api in stages]
    return rest.create_usage_plan(name=unique("plan"), apiStages=stages, **more)["id"]


def key_of(rest, *plans, **more):
    key = rest.create_api_key(**{"name": unique("key"), "enabled": True, **more})
    for plan in plans:
        rest.create_usage_plan_key(usagePlanId=plan, keyId=key["id"], keyType="API_KEY")
    return key


def asks(api, key=None, path="/dev/x"):
    response = api.call("GET", path, {"x-api-key": key} if key else {})
    if response.status == 200:
        return response.json()["requestContext"]["identity"]
    return response.status, response.get("x-amzn-errortype"), response.json()


def test_who_is_let_in(rest, api):
    plan = plan_of(rest, api)
    key, alone = key_of(rest, plan), key_of(rest)
    assert asks(api) == FORBIDDEN
    assert asks(api, "any") == FORBIDDEN
    assert asks(api, alone["value"]) == FORBIDDEN
    identity = asks(api, key["value"])
    assert (identity["apiKey"], identity["apiKeyId"]) == (key["value"], key["id"])
    assert "apiKey" not in asks(api, key["value"], "/dev/free")
    switch = [{"op": "replace", "path": "/enabled", "value": "false"}]
    assert rest.update_api_key(apiKey=key["id"], patchOperations=switch)["enabled"] is False
    assert asks(api, key["value"]) == FORBIDDEN
    switch[0]["value"] = "true"
    rest.update_api_key(apiKey=key["id"], patchOperations=switch)
    assert asks(api, key["value"])["apiKeyId"] == key["id"]
    stage = [{"op": "remove", "path": "/apiStages", "value": f"{api.id}:dev"}]
    assert rest.update_usage_plan(usagePlanId=plan, patchOperations=stage)["apiStages"] == []
    assert asks(api, key["value"]) == FORBIDDEN
    stage[0]["op"] = "add"
    rest.update_usage_plan(usagePlanId=plan, patchOperations=stage)
    assert asks(api, key["value"])["apiKeyId"] == key["id"]
    rest.delete_usage_plan_key(usagePlanId=plan, keyId=key["id"])
    assert asks(api, key["value"]) == FORBIDDEN


def test_how_fast_and_how_often(rest, api):
    slow = plan_of(rest, api, throttle={"rateLimit": 0.001, "burstLimit": 1})
    key = key_of(rest, slow)
    assert "apiKey" in asks(api, key["value"])
    assert asks(api, key["value"]) == THROTTLED
    few = plan_of(rest, api, quota={"limit": 2, "period": "MONTH"})
    key = key_of(rest, few)
    assert "apiKey" in asks(api, key["value"]) and "apiKey" in asks(api, key["value"])
    assert asks(api, key["value"]) == EXCEEDED
    today = datetime.datetime.now(datetime.timezone.utc).date()
    days = {"startDate": str(today - datetime.timedelta(1)), "endDate": str(today)}
    usage = rest.get_usage(usagePlanId=few, **days)
    assert {name: usage[name] for name in days} == days
    # At midnight some of them are of yesterday.
    assert sum(used for used, _ in usage["items"][key["id"]]) == 2
    rest.update_usage(usagePlanId=few, keyId=key["id"],
                      patchOperations=[{"op": "replace", "path": "/remaining", "value": "1"}])
    assert "apiKey" in asks(api, key["value"])
    assert asks(api, key["value"]) == EXCEEDED


def test_lists_and_pages(rest):
    prefix = unique("page")
    keys = [key_of(rest, name=f"{prefix}-{n}") for n in range(5)]
    found = []
    for page in rest.get_paginator("get_api_keys").paginate(nameQuery=prefix, PaginationConfig={"PageSize": 2}):
        found += [key["id"] for key in page["items"]]
    assert found == [key["id"] for key in reversed(keys)]
    plan = plan_of(rest)
    for key in keys:
        rest.create_usage_plan_key(usagePlanId=plan, keyId=key["id"], keyType="API_KEY")
    members = rest.get_usage_plan_keys(usagePlanId=plan)["items"]
    assert [member["value"] for member in members] == [key["value"] for key in reversed(keys)]
    assert refused(rest.create_api_key, value=keys[0]["value"]) == (409, "ConflictException", "API Key already exists")


def test_keys_from_a_file(rest, api):
    plan = plan_of(rest, api)
    value = unique("value").ljust(24, "x")
    file = f"Name,Key,UsagePlanIds\nmine,{value},{plan}\n"
    made = rest.import_api_keys(body=file.encode(), format="csv", failOnWarnings=True)
    assert asks(api, value)["apiKeyId"] == made["ids"][0]


def test_a_stage_that_goes_takes_its_place_in_plans_along(rest, api):
    plan = plan_of(rest, api)
    status, code, message = refused(rest.delete_usage_plan, usagePlanId=plan)
    assert (status, code) == (400, "BadRequestException") and message.endswith(f"including {api.id}:dev")
    rest.delete_rest_api(restApiId=api.id)
    assert rest.get_usage_plan(usagePlanId=plan)["apiStages"] == []
    rest.delete_usage_plan(usagePlanId=plan)


def test_websockets(world, rest):
    api = sockets.Api(world)
    api.route("$connect", ApiKeyRequired=True)
    api.stage()
    key = key_of(rest, plan_of(rest, api, quota={"limit": 1, "period": "DAY"}))

    def status(value):
        try:
            with api.connect(additional_headers={"x-api-key": value} if value else {}):
                return 101
        except websockets.exceptions.InvalidStatus as error:
            return error.response.status_code

    assert [status(None), status("any"), status(key["value"]), status(key["value"])] == [403, 403, 101, 429]


TEMPLATE = {
    "Resources": {
        "Api": {"Type": "AWS::ApiGateway::RestApi", "Properties": {"Name": {"Ref": "AWS::StackName"}}},
        "Method": {"Type": "AWS::ApiGateway::Method", "Properties": {
            "RestApiId": {"Ref": "Api"}, "ResourceId": {"Fn::GetAtt": ["Api", "RootResourceId"]}, "HttpMethod": "GET",
            "AuthorizationType": "NONE", "ApiKeyRequired": True,
            "Integration": {"Type": "MOCK", "RequestTemplates": {"application/json": "{statusCode:200}"},
                            "IntegrationResponses": [{"StatusCode": "200"}]},
            "MethodResponses": [{"StatusCode": "200"}]}},
        "Deployment": {"Type": "AWS::ApiGateway::Deployment", "DependsOn": "Method", "Properties": {
            "RestApiId": {"Ref": "Api"}, "StageName": "dev"}},
        "Key": {"Type": "AWS::ApiGateway::ApiKey", "DependsOn": "Deployment", "Properties": {
            "Enabled": True, "Name": {"Fn::Sub": "${AWS::StackName}-key"}, "Tags": [{"Key": "a", "Value": "b"}]}},
        "Plan": {"Type": "AWS::ApiGateway::UsagePlan", "DependsOn": "Deployment", "Properties": {
            "ApiStages": [{"ApiId": {"Ref": "Api"}, "Stage": "dev",
                           "Throttle": {"/GET": {"RateLimit": 100, "BurstLimit": 50}}}],
            "Quota": {"Limit": 1000, "Period": "MONTH"}, "Throttle": {"BurstLimit": 20, "RateLimit": 10},
            "UsagePlanName": {"Ref": "AWS::StackName"}}},
        "PlanKey": {"Type": "AWS::ApiGateway::UsagePlanKey", "Properties": {
            "KeyId": {"Ref": "Key"}, "KeyType": "API_KEY", "UsagePlanId": {"Ref": "Plan"}}},
    },
    "Outputs": {
        "Api": {"Value": {"Ref": "Api"}}, "Key": {"Value": {"Ref": "Key"}}, "Plan": {"Value": {"Ref": "Plan"}},
        "KeyId": {"Value": {"Fn::GetAtt": ["Key", "APIKeyId"]}}, "PlanId": {"Value": {"Fn::GetAtt": ["Plan", "Id"]}},
        "PlanKey": {"Value": {"Ref": "PlanKey"}},
    },
}


def test_a_stack(world, rest):
    stacks, name = world.client("cloudformation"), unique("keys")
    template = json.loads(json.dumps(TEMPLATE))
    stacks.create_stack(StackName=name, TemplateBody=json.dumps(template))
    stacks.get_waiter("stack_create_complete").wait(StackName=name, WaiterConfig={"Delay": 1})
    outputs = {output["OutputKey"]: output["OutputValue"]
               for output in stacks.describe_stacks(StackName=name)["Stacks"][0]["Outputs"]}
    key = rest.get_api_key(apiKey=outputs["Key"], includeValue=True)
    assert (key["name"], key["enabled"], key["tags"]["a"]) == (f"{name}-key", True, "b")
    assert (outputs["KeyId"], outputs["PlanId"]) == (outputs["Key"], outputs["Plan"])
    assert outputs["PlanKey"] == f"{outputs['Key']}:{outputs['Plan']}"
    plan = rest.get_usage_plan(usagePlanId=outputs["Plan"])
    assert plan["apiStages"] == [{"apiId": outputs["Api"], "stage": "dev",
                                  "throttle": {"/GET": {"burstLimit": 50, "rateLimit": 100.0}}}]
    assert plan["quota"] == {"limit": 1000, "offset": 0, "period": "MONTH"}

    def status(**headers):
        path = f"/_aws/execute-api/{outputs['Api']}/dev/"
        return world.gatelet.request("GET", path, list(headers.items())).status

    assert (status(), status(**{"x-api-key": key["value"]})) == (403, 200)
    # An update in place: the plan loses a stage, a limit changes, the key gets a description.
    properties = template["Resources"]["Plan"]["Properties"]
    properties["Quota"]["Limit"], properties["ApiStages"] = 7, []
    del properties["Throttle"]
    template["Resources"]["Key"]["Properties"]["Description"] = "new"
    stacks.update_stack(StackName=name, TemplateBody=json.dumps(template))
    stacks.get_waiter("stack_update_complete").wait(StackName=name, WaiterConfig={"Delay": 1})
    plan = rest.get_usage_plan(usagePlanId=outputs["Plan"])
    assert (plan["apiStages"], plan["quota"]["limit"], plan.get("throttle")) == ([], 7, None)
    assert rest.get_api_key(apiKey=outputs["Key"])["description"] == "new"
    assert status(**{"x-api-key": key["value"]}) == 403
    # A stack that fails leaves all as it was; one that is deleted leaves nothing.
    template["Resources"]["Plan"]["Properties"].update(TEMPLATE["Resources"]["Plan"]["Properties"])
    template["Resources"]["Bad"] = {"Type": "AWS::ApiGateway::UsagePlanKey", "DependsOn": "Plan", "Properties": {
        "KeyId": "none", "KeyType": "API_KEY", "UsagePlanId": {"Ref": "Plan"}}}
    stacks.update_stack(StackName=name, TemplateBody=json.dumps(template))
    harness.wait_until(lambda: stacks.describe_stacks(StackName=name)["Stacks"][0]["StackStatus"]
                       == "UPDATE_ROLLBACK_COMPLETE", "the stack is rolled back")
    assert rest.get_usage_plan(usagePlanId=outputs["Plan"]) | {"ResponseMetadata": None} \
        == plan | {"ResponseMetadata": None}
    stacks.delete_stack(StackName=name)
    stacks.get_waiter("stack_delete_complete").wait(StackName=name, WaiterConfig={"Delay": 1})
    assert refused(rest.get_usage_plan, usagePlanId=outputs["Plan"])[0] == 404
    assert refused(rest.get_api_key, apiKey=outputs["Key"])[0] == 404


def test_a_stack_with_keys_is_deleted_whole(world, rest):
    stacks, name = world.client("cloudformation"), unique("keys")
    stacks.create_stack(StackName=name, TemplateBody=json.dumps(TEMPLATE))
    stacks.get_waiter("stack_create_complete").wait(StackName=name, WaiterConfig={"Delay": 1})
    stacks.delete_stack(StackName=name)
    stacks.get_waiter("stack_delete_complete").wait(StackName=name, WaiterConfig={"Delay": 1})
    assert name not in [plan["name"] for plan in rest.get_usage_plans()["items"]]
