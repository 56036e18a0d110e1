"""The control plane of HTTP APIs, by boto3, the AWS CLI and the AWS SDK for JavaScript."""

import datetime
import json
import re
import subprocess

import pytest

import aws
import harness
from aws import refused

API_ID = re.compile(r"[a-z0-9]{10}")
SEVEN = re.compile(r"[a-z0-9]{7}")
SIX = re.compile(r"[a-z0-9]{6}")
FUNCTION = "arn:aws:lambda:us-east-1:000000000000:function:any"


def plain(response):
    """A response without what is about the transport."""
    return {name: value for name, value in response.items() if name != "ResponseMetadata"}


@pytest.fixture(scope="module")
def apis(world):
    return world.apis


@pytest.fixture
def api(world):
    """An API without a stage."""
    return world.http_api(stage=None)


# ---- apis -----------------------------------------------------------------------------------------------------


def test_create_api_defaults(apis, gatelet):
    made = apis.create_api(Name="one", ProtocolType="HTTP")
    assert made["ResponseMetadata"]["HTTPStatusCode"] == 201
    assert API_ID.fullmatch(made["ApiId"])
    created = made.pop("CreatedDate")
    assert abs((datetime.datetime.now(datetime.timezone.utc) - created).total_seconds()) < 60
    expected = {
        "ApiEndpoint": f"{made['ApiId']}.execute-api.localhost.localstack.cloud:{gatelet.port}",
        "ApiId": made["ApiId"],
        "ApiKeySelectionExpression": "$request.header.x-api-key",
        "DisableExecuteApiEndpoint": False,
        "IpAddressType": "ipv4",
        "Name": "one",
        "ProtocolType": "HTTP",
        "RouteSelectionExpression": "$request.method $request.path",
        "Tags": {},
    }
    assert plain(made) == expected
    got = apis.get_api(ApiId=made["ApiId"])
    assert got["CreatedDate"] == created
    assert {**plain(got), "CreatedDate": None} == {**expected, "CreatedDate": None}


def test_create_api_with_everything(apis):
    cors = {"AllowCredentials": True, "AllowHeaders": ["x-a"], "AllowMethods": ["GET", "POST"],
            "AllowOrigins": ["https://example.com"], "ExposeHeaders": ["x-b"], "MaxAge": 300}
    given = {"Name": "all", "ProtocolType": "HTTP", "Description": "what it is", "Version": "1.2",
             "CorsConfiguration": cors, "DisableExecuteApiEndpoint": True, "Tags": {"Team": "a", "b": ""},
             "RouteSelectionExpression": "$request.method $request.path", "IpAddressType": "dualstack"}
    made = apis.create_api(**given)
    for name, value in given.items():
        assert made[name] == value, name
    got = apis.get_api(ApiId=made["ApiId"])
    assert plain(got) == plain(made)


def test_update_api_changes_what_is_said(apis):
    made = apis.create_api(Name="old", ProtocolType="HTTP", Description="kept", Version="1")
    updated = apis.update_api(ApiId=made["ApiId"], Name="new")
    assert (updated["Name"], updated["Description"], updated["Version"]) == ("new", "kept", "1")
    updated = apis.update_api(ApiId=made["ApiId"], CorsConfiguration={"AllowOrigins": ["*"]})
    assert updated["CorsConfiguration"] == {"AllowOrigins": ["*"]}
    assert updated["CreatedDate"] == made["CreatedDate"]
    assert plain(apis.get_api(ApiId=made["ApiId"])) == plain(updated)


def test_delete_api(apis):
    made = apis.create_api(Name="x", ProtocolType="HTTP")["ApiId"]
    assert apis.delete_api(ApiId=made)["ResponseMetadata"]["HTTPStatusCode"] == 204
    expected = (404, "NotFoundException", f"Invalid API identifier specified 000000000000:{made}")
    for operation in [apis.get_api, apis.delete_api, apis.get_routes, apis.get_stages, apis.get_integrations,
                      apis.get_deployments, apis.create_deployment]:
        assert refused(operation, ApiId=made) == expected, operation
    assert made not in [item["ApiId"] for item in apis.get_apis()["Items"]]


def test_wire_shapes(gatelet):
    """What boto3 hides: casing, dates, headers."""
    body = json.dumps({"name": "wire", "protocolType": "HTTP", "tags": {"CamelKey": "V"}})
    made = gatelet.request("POST", "/v2/apis", {"Content-Type": "application/json"}, body)
    assert made.status == 201 and made["content-type"] == "application/json"
    api = made.json()
    assert api["protocolType"] == "HTTP" and api["tags"] == {"CamelKey": "V"}
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", api["createdDate"])
    assert None not in api.values()
    assert re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", made["x-amzn-requestid"])
    missing = gatelet.request("GET", "/v2/apis/nosuch")
    assert missing.status == 404 and missing["content-type"] == "application/json"
    assert missing["x-amzn-errortype"].startswith("NotFoundException")
    assert missing.json()["message"] == "Invalid API identifier specified 000000000000:nosuch"
    assert missing.get("x-amzn-requestid")
    gone = gatelet.request("DELETE", f"/v2/apis/{api['apiId']}")
    assert (gone.status, gone.body) == (204, b"")


def test_get_apis_pages(gatelet):
    # A region of its own: the list must be exactly known.
    apis = aws.client(gatelet, "apigatewayv2", region="ap-southeast-2")
    made = [apis.create_api(Name=f"page{n}", ProtocolType="HTTP")["ApiId"] for n in range(7)]
    seen, token, pages = [], None, 0
    while True:
        page = apis.get_apis(MaxResults="3", **({"NextToken": token} if token else {}))
        assert len(page["Items"]) <= 3
        seen += [item["ApiId"] for item in page["Items"]]
        pages += 1
        token = page.get("NextToken")
        if not token:
            break
    assert pages == 3 and sorted(seen) == sorted(made)
    paginated = [item["ApiId"] for page in apis.get_paginator("get_apis").paginate() for item in page["Items"]]
    assert sorted(paginated) == sorted(made)
    assert refused(apis.get_apis, MaxResults="x")[:2] == (400, "BadRequestException")
    assert refused(apis.get_apis, NextToken="nonsense")[:2] == (400, "BadRequestException")


# ---- what is refused ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("given, code, message", [
    ({"ProtocolType": "HTTP"}, 400, None),
    ({"Name": "x"}, 400, None),
    ({"Name": "", "ProtocolType": "HTTP"}, 400, None),
    ({"Name": "x" * 129, "ProtocolType": "HTTP"}, 400, None),
    ({"Name": "x", "ProtocolType": "SOAP"}, 400, "Invalid protocol specified. Must be one of [HTTP, WEBSOCKET]"),
    ({"Name": "x", "ProtocolType": "HTTP", "Description": "x" * 1025}, 400, None),
    ({"Name": "x", "ProtocolType": "HTTP", "Version": "x" * 65}, 400, None),
    ({"Name": "x", "ProtocolType": "HTTP", "RouteSelectionExpression": "$request.body.action"}, 400, None),
    ({"Name": "x", "ProtocolType": "HTTP", "CorsConfiguration": {"AllowOrigins": ["*"], "AllowCredentials": True}}, 400,
     "allow-credentials is not supported if 'allow-origin' is *"),
    ({"Name": "x", "ProtocolType": "HTTP", "CorsConfiguration": {"MaxAge": 86401}}, 400, None),
    ({"Name": "x", "ProtocolType": "HTTP", "Tags": {"aws:x": "y"}}, 400, None),
    ({"Name": "x", "ProtocolType": "HTTP", "Tags": {str(n): "y" for n in range(51)}}, 400, None),
    ({"Name": "x", "ProtocolType": "HTTP", "Tags": {"_custom_id_": "UPPER"}}, 400, None),
    ({"Name": "x", "ProtocolType": "HTTP", "IpAddressType": "ipv9"}, 400, None),
])
def test_create_api_refuses(world, given, code, message):
    status, error, said = refused(world.client("apigatewayv2", validate=False).create_api, **given)
    assert (status, error) == (code, "BadRequestException")
    assert said == message if message else said


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"null", b'"x"', b'{"name": 1, "protocolType": "HTTP"}', b"\xff",
                                  b'{"name": {"a": 1}, "protocolType": "HTTP"}', b"[" * 100_000])
def test_bodies_that_are_no_request(gatelet, body):
    answer = gatelet.request("POST", "/v2/apis", {"Content-Type": "application/json"}, body)
    assert answer.status == 400
    assert answer["x-amzn-errortype"].split(":")[0] in ("BadRequestException", "SerializationException")


def test_missing_things(apis, api):
    id = api.id
    for call, message in [
        (lambda: apis.get_route(ApiId=id, RouteId="nosuch"), "Invalid Route identifier specified nosuch"),
        (lambda: apis.delete_route(ApiId=id, RouteId="nosuch"), "Invalid Route identifier specified nosuch"),
        (lambda: apis.get_integration(ApiId=id, IntegrationId="nosuch"), "Invalid Integration identifier specified nosuch"),
        (lambda: apis.update_integration(ApiId=id, IntegrationId="nosuch", Description="x"),
         "Invalid Integration identifier specified nosuch"),
        (lambda: apis.get_stage(ApiId=id, StageName="nosuch"), "Invalid stage identifier specified"),
        (lambda: apis.update_stage(ApiId=id, StageName="nosuch"), "Invalid stage identifier specified"),
        (lambda: apis.delete_stage(ApiId=id, StageName="nosuch"), "Invalid stage identifier specified"),
        (lambda: apis.get_deployment(ApiId=id, DeploymentId="nosuch"), "Invalid Deployment identifier specified"),
        (lambda: apis.create_stage(ApiId=id, StageName="s", DeploymentId="nosuch"), None),
        (lambda: apis.create_deployment(ApiId=id, StageName="nosuch"), None),
    ]:
        status, code, said = refused(call)
        assert (status, code) == (404, "NotFoundException") or message is None and code == "BadRequestException", said
        assert message is None or said.startswith(message), said


# ---- routes ---------------------------------------------------------------------------------------------------


def test_routes_live_and_die(apis, api):
    integration = api.function_integration(FUNCTION)
    made = apis.create_route(ApiId=api.id, RouteKey="GET /pets/{id}", Target=f"integrations/{integration}",
                             OperationName="getPet")
    assert made["ResponseMetadata"]["HTTPStatusCode"] == 201
    assert SEVEN.fullmatch(made["RouteId"])
    assert plain(made) == {
        "ApiKeyRequired": False, "AuthorizationType": "NONE", "OperationName": "getPet", "RouteId": made["RouteId"],
        "RouteKey": "GET /pets/{id}", "Target": f"integrations/{integration}",
    }
    assert plain(apis.get_route(ApiId=api.id, RouteId=made["RouteId"])) == plain(made)
    updated = apis.update_route(ApiId=api.id, RouteId=made["RouteId"], RouteKey="ANY /pets/{id}")
    assert (updated["RouteKey"], updated["Target"]) == ("ANY /pets/{id}", f"integrations/{integration}")
    assert [item["RouteKey"] for item in apis.get_routes(ApiId=api.id)["Items"]] == ["ANY /pets/{id}"]
    assert apis.delete_route(ApiId=api.id, RouteId=made["RouteId"])["ResponseMetadata"]["HTTPStatusCode"] == 204
    assert apis.get_routes(ApiId=api.id)["Items"] == []


@pytest.mark.parametrize("key", [
    "$default", "GET /", "ANY /", "GET /a", "GET /a/b/c", "POST /a/{b}", "ANY /{proxy+}", "GET /a/{b}/c/{d+}",
    "HEAD /x", "OPTIONS /x", "PATCH /x", "PUT /x", "DELETE /x", "GET /a-b_c.d~e", "GET /{under_score}",
])
def test_good_route_keys(apis, api, key):
    assert apis.create_route(ApiId=api.id, RouteKey=key)["RouteKey"] == key
    # A key is there once.
    assert refused(apis.create_route, ApiId=api.id, RouteKey=key) == (
        409, "ConflictException", f"Route with key {key} already exists for this API")


@pytest.mark.parametrize("key", [
    "", "GET", "/a", "GET a", "get /a", "GET  /a", "GET /a ", "BREW /a", "GET /{proxy+}/x", "GET /{a", "GET /a}", "GET /{}",
    "GET /{+}", "$connect", "$disconnect", "$nosuch", "GET /a/", "GET /a?b", "GET /{a}/{a}", "x" * 3000,
])
def test_bad_route_keys(world, api, key):
    status, code, _ = refused(world.client("apigatewayv2", validate=False).create_route, ApiId=api.id, RouteKey=key)
    assert (status, code) == (400, "BadRequestException")


def test_a_route_without_a_key(world, api):
    assert refused(world.client("apigatewayv2", validate=False).create_route, ApiId=api.id) == (
        400, "BadRequestException", "Route key is required")


def test_route_keys_clash_on_update(apis, api):
    apis.create_route(ApiId=api.id, RouteKey="GET /a")
    other = apis.create_route(ApiId=api.id, RouteKey="GET /b")["RouteId"]
    assert refused(apis.update_route, ApiId=api.id, RouteId=other, RouteKey="GET /a") == (
        409, "ConflictException", "Route with key GET /a already exists for this API")
    # Its own key is no clash.
    assert apis.update_route(ApiId=api.id, RouteId=other, RouteKey="GET /b")["RouteKey"] == "GET /b"


def test_routes_page(apis, api):
    for n in range(30):
        apis.create_route(ApiId=api.id, RouteKey=f"GET /{n}")
    first = apis.get_routes(ApiId=api.id, MaxResults="10")
    assert len(first["Items"]) == 10 and first["NextToken"]
    keys = [item["RouteKey"] for page in apis.get_paginator("get_routes").paginate(ApiId=api.id)
            for item in page["Items"]]
    assert sorted(keys) == sorted(f"GET /{n}" for n in range(30))


@pytest.mark.parametrize("given, message", [
    ({"AuthorizationType": "JWT", "AuthorizerId": "nosuch"},
     "Invalid authorizer ID specified. Setting the authorization type to JWT requires a valid JWT authorizer."),
    ({"AuthorizationType": "JWT"},
     "Invalid authorizer ID specified. Setting the authorization type to JWT requires a valid JWT authorizer."),
    ({"AuthorizationType": "CUSTOM", "AuthorizerId": "nosuch"}, None),
    ({"AuthorizationType": "MAGIC"}, None),
    ({"Target": "nonsense"}, None),
    ({"Target": "integrations/nosuch"}, None),
])
def test_create_route_refuses(world, api, given, message):
    call = world.client("apigatewayv2", validate=False).create_route
    status, code, said = refused(call, ApiId=api.id, RouteKey="GET /x", **given)
    assert (status, code) in [(400, "BadRequestException"), (404, "NotFoundException")]
    if message:
        assert (status, said) == (400, message)


def test_quotas_of_aws():
    with harness.Gatelet(["--parity", "aws"]) as gatelet:
        api = aws.World(gatelet).http_api(stage=None)
        for n in range(300):
            api.world.apis.create_route(ApiId=api.id, RouteKey=f"GET /{n}")
        status, code, _ = refused(api.world.apis.create_route, ApiId=api.id, RouteKey="GET /300")
        assert (status, code) == (409, "ConflictException")
        for n in range(10):
            api.stage(f"s{n}", auto_deploy=False)
        assert refused(api.world.apis.create_stage, ApiId=api.id, StageName="s10")[:2] == (409, "ConflictException")


# ---- integrations ---------------------------------------------------------------------------------------------


def test_lambda_integration(apis, api):
    made = apis.create_integration(ApiId=api.id, IntegrationType="AWS_PROXY", IntegrationUri=FUNCTION,
                                   PayloadFormatVersion="2.0")
    assert SEVEN.fullmatch(made["IntegrationId"])
    assert plain(made) == {
        "ConnectionType": "INTERNET", "IntegrationId": made["IntegrationId"], "IntegrationMethod": "POST",
        "IntegrationType": "AWS_PROXY", "IntegrationUri": FUNCTION, "PayloadFormatVersion": "2.0",
        "TimeoutInMillis": 30000,
    }
    assert plain(apis.get_integration(ApiId=api.id, IntegrationId=made["IntegrationId"])) == plain(made)
    assert [item["IntegrationId"] for item in apis.get_integrations(ApiId=api.id)["Items"]] == [made["IntegrationId"]]


def test_payload_format_defaults_to_1_0(apis, api):
    made = apis.create_integration(ApiId=api.id, IntegrationType="AWS_PROXY", IntegrationUri=FUNCTION)
    assert made["PayloadFormatVersion"] == "1.0"


def test_http_integration_with_everything(apis, api):
    given = {
        "IntegrationType": "HTTP_PROXY", "IntegrationUri": "https://example.com/{proxy}", "IntegrationMethod": "GET",
        "PayloadFormatVersion": "1.0", "Description": "d", "TimeoutInMillis": 50, "ConnectionType": "INTERNET",
        "RequestParameters": {"append:header.x-a": "$request.header.b", "overwrite:path": "/c"},
        "ResponseParameters": {"200": {"overwrite:statuscode": "201"}},
        "TlsConfig": {"ServerNameToVerify": "example.org"},
    }
    made = apis.create_integration(ApiId=api.id, **given)
    for name, value in given.items():
        assert made[name] == value, name


def test_update_integration_merges_parameters(apis, api):
    made = apis.create_integration(
        ApiId=api.id, IntegrationType="HTTP_PROXY", IntegrationUri="http://example.com", IntegrationMethod="GET",
        PayloadFormatVersion="1.0", RequestParameters={"append:header.a": "1", "append:header.b": "2"},
        ResponseParameters={"200": {"overwrite:statuscode": "201"}, "404": {"overwrite:statuscode": "400"}})
    updated = apis.update_integration(
        ApiId=api.id, IntegrationId=made["IntegrationId"], TimeoutInMillis=100,
        RequestParameters={"append:header.a": "", "append:header.c": "3"}, ResponseParameters={"200": {}})
    assert updated["RequestParameters"] == {"append:header.b": "2", "append:header.c": "3"}
    assert updated["ResponseParameters"] == {"404": {"overwrite:statuscode": "400"}}
    assert (updated["TimeoutInMillis"], updated["IntegrationUri"]) == (100, "http://example.com")


def test_an_integration_in_use_is_not_deleted(apis, api):
    integration = api.function_integration(FUNCTION)
    route = api.route("GET /a", integration)
    assert refused(apis.delete_integration, ApiId=api.id, IntegrationId=integration) == (
        409, "ConflictException",
        f"Cannot delete Integration because it is referenced by the following Routes with Ids: [{route}]")
    apis.delete_route(ApiId=api.id, RouteId=route)
    assert apis.delete_integration(ApiId=api.id, IntegrationId=integration)["ResponseMetadata"]["HTTPStatusCode"] == 204


PROXIES_ONLY = ("Currently, an API with a protocol type of HTTP may only be associated with proxy integrations "
                "(AWS_PROXY, HTTP_PROXY)")


@pytest.mark.parametrize("given, message", [
    ({"IntegrationType": "AWS"}, PROXIES_ONLY),
    ({"IntegrationType": "HTTP"}, PROXIES_ONLY),
    ({"IntegrationType": "MOCK"}, PROXIES_ONLY),
    ({"IntegrationType": "NOSUCH"}, None),
    ({}, None),
    ({"IntegrationType": "AWS_PROXY", "IntegrationUri": FUNCTION, "PayloadFormatVersion": "3.0"}, None),
    ({"IntegrationType": "AWS_PROXY", "IntegrationUri": FUNCTION, "TimeoutInMillis": 49}, None),
    ({"IntegrationType": "AWS_PROXY", "IntegrationUri": FUNCTION, "TimeoutInMillis": 30001}, None),
    ({"IntegrationType": "AWS_PROXY", "IntegrationUri": FUNCTION, "ConnectionType": "PIGEON"}, None),
    ({"IntegrationType": "HTTP_PROXY", "IntegrationUri": "http://example.com", "IntegrationMethod": "GET",
      "PayloadFormatVersion": "2.0"}, None),
    ({"IntegrationType": "HTTP_PROXY", "IntegrationMethod": "GET", "PayloadFormatVersion": "1.0"}, None),
])
def test_create_integration_refuses(world, api, given, message):
    call = world.client("apigatewayv2", validate=False).create_integration
    status, code, said = refused(call, ApiId=api.id, **given)
    assert (status, code) == (400, "BadRequestException")
    assert said == message if message else said


@pytest.mark.parametrize("header", ["authorization", "Connection", "x-amz-date", "access-control-allow-origin", "via",
                                    "transfer-encoding", "x-forwarded-for", "apigw-x"])
def test_reserved_headers_are_not_mapped(apis, api, header):
    status, code, said = refused(
        apis.create_integration, ApiId=api.id, IntegrationType="HTTP_PROXY", IntegrationUri="http://example.com",
        IntegrationMethod="GET", PayloadFormatVersion="1.0", RequestParameters={f"append:header.{header}": "x"})
    assert (status, code) == (400, "BadRequestException")
    assert said.startswith("Invalid mapping expression specified: Validation Result: warnings : [], errors : [")


# ---- stages and deployments -----------------------------------------------------------------------------------


def test_stage_defaults(apis, api):
    made = apis.create_stage(ApiId=api.id, StageName="dev")
    assert made["ResponseMetadata"]["HTTPStatusCode"] == 201
    created, updated = made.pop("CreatedDate"), made.pop("LastUpdatedDate")
    assert created == updated
    assert plain(made) == {
        "DefaultRouteSettings": {"DetailedMetricsEnabled": False}, "RouteSettings": {}, "StageName": "dev",
        "StageVariables": {}, "Tags": {},
    }


def test_stage_with_everything(apis, api):
    api.route("GET /a", api.function_integration(FUNCTION))
    given = {
        "StageName": "$default", "AutoDeploy": True, "Description": "d", "StageVariables": {"Name": "value-1"},
        "Tags": {"a": "b"},
        "AccessLogSettings": {"DestinationArn": "arn:aws:logs:us-east-1:000000000000:log-group:x", "Format": "$context.requestId"},
        "DefaultRouteSettings": {"DetailedMetricsEnabled": True, "ThrottlingBurstLimit": 1, "ThrottlingRateLimit": 2.5},
    }
    made = apis.create_stage(ApiId=api.id, **given)
    for name, value in given.items():
        assert made[name] == value, name
    got = apis.get_stage(ApiId=api.id, StageName="$default")
    assert SIX.fullmatch(got["DeploymentId"])
    assert got["LastDeploymentStatusMessage"] == \
        f"Successfully deployed stage with deployment ID '{got['DeploymentId']}'"


def test_update_and_delete_stage(apis, api):
    apis.create_stage(ApiId=api.id, StageName="dev", Description="kept", StageVariables={"a": "1"})
    updated = apis.update_stage(ApiId=api.id, StageName="dev", AutoDeploy=False)
    assert (updated["AutoDeploy"], updated["Description"], updated["StageVariables"]) == (False, "kept", {"a": "1"})
    assert [item["StageName"] for item in apis.get_stages(ApiId=api.id)["Items"]] == ["dev"]
    status, code, _ = refused(apis.create_stage, ApiId=api.id, StageName="dev")
    assert (status, code) == (409, "ConflictException")
    apis.delete_stage(ApiId=api.id, StageName="dev")
    assert apis.get_stages(ApiId=api.id)["Items"] == []


@pytest.mark.parametrize("name", ["", "a b", "a/b", "$nosuch", "ä", "x" * 129, "a.b"])
def test_bad_stage_names(world, api, name):
    status, code, _ = refused(world.client("apigatewayv2", validate=False).create_stage, ApiId=api.id, StageName=name)
    assert (status, code) == (400, "BadRequestException")


@pytest.mark.parametrize("variables", [{"a-b": "x"}, {"a": "x y"}, {"a": "<"}, {"": "x"}, {"a": "x" * 2049}])
def test_bad_stage_variables(apis, api, variables):
    status, code, _ = refused(apis.create_stage, ApiId=api.id, StageName="s", StageVariables=variables)
    assert (status, code) == (400, "BadRequestException")


def test_route_settings_need_their_route(apis, api):
    key = "GET /nosuch"
    expected = (404, "NotFoundException", f"Unable to find Route by key {key} within the provided RouteSettings")
    settings = {key: {"ThrottlingRateLimit": 1.0}}
    assert refused(apis.create_stage, ApiId=api.id, StageName="s", RouteSettings=settings) == expected
    apis.create_stage(ApiId=api.id, StageName="s")
    assert refused(apis.update_stage, ApiId=api.id, StageName="s", RouteSettings=settings) == expected


def test_delete_route_and_access_log_settings(apis, api):
    api.route("GET /a/{b}", api.function_integration(FUNCTION))
    apis.create_stage(
        ApiId=api.id, StageName="$default", RouteSettings={"GET /a/{b}": {"ThrottlingRateLimit": 1.0}},
        AccessLogSettings={"DestinationArn": "arn:aws:logs:us-east-1:000000000000:log-group:x", "Format": "$context.requestId"})
    apis.delete_route_settings(ApiId=api.id, StageName="$default", RouteKey="GET /a/{b}")
    apis.delete_access_log_settings(ApiId=api.id, StageName="$default")
    got = apis.get_stage(ApiId=api.id, StageName="$default")
    assert got["RouteSettings"] == {} and "AccessLogSettings" not in got


def test_deployments_live_and_die(apis, api):
    api.route("GET /a", api.function_integration(FUNCTION))
    made = apis.create_deployment(ApiId=api.id, Description="first")
    assert made["ResponseMetadata"]["HTTPStatusCode"] == 201
    assert SIX.fullmatch(made["DeploymentId"])
    created = made.pop("CreatedDate")
    assert plain(made) == {
        "AutoDeployed": False, "DeploymentId": made["DeploymentId"], "DeploymentStatus": "DEPLOYED", "Description": "first"}
    got = apis.get_deployment(ApiId=api.id, DeploymentId=made["DeploymentId"])
    assert got.pop("CreatedDate") == created and plain(got) == plain(made)
    updated = apis.update_deployment(ApiId=api.id, DeploymentId=made["DeploymentId"], Description="second")
    assert updated["Description"] == "second"
    apis.create_stage(ApiId=api.id, StageName="dev", DeploymentId=made["DeploymentId"])
    status, code, _ = refused(apis.delete_deployment, ApiId=api.id, DeploymentId=made["DeploymentId"])
    assert (status, code) in [(400, "BadRequestException"), (409, "ConflictException")]
    apis.delete_stage(ApiId=api.id, StageName="dev")
    apis.delete_deployment(ApiId=api.id, DeploymentId=made["DeploymentId"])
    assert apis.get_deployments(ApiId=api.id)["Items"] == []


def test_nothing_to_deploy(apis, api):
    assert refused(apis.create_deployment, ApiId=api.id) == (
        400, "BadRequestException", "Unable to deploy API because no routes exist in this API")


def test_auto_deploy_makes_deployments(apis, api):
    apis.create_stage(ApiId=api.id, StageName="$default", AutoDeploy=True)
    assert "DeploymentId" not in apis.get_stage(ApiId=api.id, StageName="$default")
    api.route("GET /a", api.function_integration(FUNCTION))
    first = apis.get_stage(ApiId=api.id, StageName="$default")["DeploymentId"]
    deployment = apis.get_deployment(ApiId=api.id, DeploymentId=first)
    assert deployment["AutoDeployed"] is True
    assert deployment["Description"] == "Automatic deployment triggered by changes to the Api configuration"
    apis.create_route(ApiId=api.id, RouteKey="GET /b")
    assert apis.get_stage(ApiId=api.id, StageName="$default")["DeploymentId"] != first


def test_auto_deploy_and_a_deployment_exclude_each_other(apis, api):
    api.route("GET /a", api.function_integration(FUNCTION))
    made = apis.create_deployment(ApiId=api.id)["DeploymentId"]
    apis.create_stage(ApiId=api.id, StageName="auto", AutoDeploy=True)
    status, code, _ = refused(apis.update_stage, ApiId=api.id, StageName="auto", DeploymentId=made)
    assert (status, code) == (400, "BadRequestException")


# ---- tags -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["api", "stage"])
def test_tags(apis, api, kind):
    arn = f"arn:aws:apigateway:us-east-1::/apis/{api.id}"
    if kind == "stage":
        apis.create_stage(ApiId=api.id, StageName="$default")
        arn += "/stages/$default"
    get = {"api": lambda: apis.get_api(ApiId=api.id), "stage": lambda: apis.get_stage(ApiId=api.id, StageName="$default")}[kind]
    assert apis.get_tags(ResourceArn=arn)["Tags"] == {}
    assert apis.tag_resource(ResourceArn=arn, Tags={"A": "1", "b c": "2"})["ResponseMetadata"]["HTTPStatusCode"] == 201
    apis.tag_resource(ResourceArn=arn, Tags={"A": "3", "d": "4"})
    expected = {"A": "3", "b c": "2", "d": "4"}
    assert apis.get_tags(ResourceArn=arn)["Tags"] == expected and get()["Tags"] == expected
    gone = apis.untag_resource(ResourceArn=arn, TagKeys=["b c", "d", "nosuch"])
    assert gone["ResponseMetadata"]["HTTPStatusCode"] == 204
    assert apis.get_tags(ResourceArn=arn)["Tags"] == {"A": "3"} and get()["Tags"] == {"A": "3"}


@pytest.mark.parametrize("arn, status", [
    ("arn:aws:apigateway:us-east-1::/apis/nosuchapi0", 404), ("nonsense", 400),
    ("arn:aws:lambda:us-east-1:000000000000:function:x", 400),
])
def test_tags_of_nothing(apis, arn, status):
    assert refused(apis.get_tags, ResourceArn=arn)[0] in (status, 404)
    assert refused(apis.tag_resource, ResourceArn=arn, Tags={"a": "b"})[0] in (status, 404)
    assert refused(apis.untag_resource, ResourceArn=arn, TagKeys=["a"])[0] in (status, 404)


# ---- custom ids, quick create ---------------------------------------------------------------------------------


def test_custom_ids(apis, gatelet):
    made = apis.create_api(Name="x", ProtocolType="HTTP", Tags={"_custom_id_": "my-api", "a": "b"})
    assert made["ApiId"] == "my-api"
    assert made["ApiEndpoint"] == f"my-api.execute-api.localhost.localstack.cloud:{gatelet.port}"
    assert made["Tags"] == {"_custom_id_": "my-api", "a": "b"}
    assert refused(apis.create_api, Name="y", ProtocolType="HTTP", Tags={"_custom_id_": "my-api"})[:2] == (
        409, "ConflictException")
    # Unique across regions and accounts.
    elsewhere = aws.client(gatelet, "apigatewayv2", region="eu-west-1", key="111111111111")
    assert refused(elsewhere.create_api, Name="y", ProtocolType="HTTP", Tags={"_custom_id_": "my-api"})[:2] == (
        409, "ConflictException")
    # A later tag changes nothing.
    other = apis.create_api(Name="z", ProtocolType="HTTP")["ApiId"]
    apis.tag_resource(ResourceArn=f"arn:aws:apigateway:us-east-1::/apis/{other}", Tags={"_custom_id_": "later"})
    assert apis.get_api(ApiId=other)["ApiId"] == other
    apis.delete_api(ApiId="my-api")
    assert apis.create_api(Name="x", ProtocolType="HTTP", Tags={"_custom_id_": "my-api"})["ApiId"] == "my-api"
    apis.delete_api(ApiId="my-api")


@pytest.mark.parametrize("target, key, integration", [
    (FUNCTION, None, {"IntegrationType": "AWS_PROXY", "IntegrationMethod": "POST", "PayloadFormatVersion": "2.0"}),
    ("https://example.com/x", "GET /a", {"IntegrationType": "HTTP_PROXY", "IntegrationMethod": "ANY",
                                         "PayloadFormatVersion": "1.0"}),
])
def test_quick_create(apis, target, key, integration):
    made = apis.create_api(Name="quick", ProtocolType="HTTP", Target=target, **({"RouteKey": key} if key else {}))
    id = made["ApiId"]
    [route] = apis.get_routes(ApiId=id)["Items"]
    [got] = apis.get_integrations(ApiId=id)["Items"]
    [stage] = apis.get_stages(ApiId=id)["Items"]
    assert route["RouteKey"] == (key or "$default")
    assert route["Target"] == f"integrations/{got['IntegrationId']}"
    assert got["IntegrationUri"] == target
    for name, value in integration.items():
        assert got[name] == value, name
    assert stage["StageName"] == "$default" and stage["AutoDeploy"] is True and stage["DeploymentId"]
    for thing in [route, got, stage]:
        assert thing["ApiGatewayManaged"] is True
    assert refused(apis.delete_integration, ApiId=id, IntegrationId=got["IntegrationId"])[0] in (400, 409)


def test_quick_create_answers_at_once(world, node_echo):
    api = world.apis.create_api(Name="quick", ProtocolType="HTTP", Target=node_echo)
    answer = world.gatelet.request("GET", "/any/path", {"Host": f"{api['ApiId']}.execute-api.localhost:4566"})
    assert answer.status == 200 and answer.json()["routeKey"] == "$default"


# ---- other clients --------------------------------------------------------------------------------------------


def test_the_cli_creates_reads_updates_and_deletes(world):
    def run(*arguments):
        return world.awscli("apigatewayv2", *arguments)[0]

    api = run("create-api", "--name", "cli", "--protocol-type", "HTTP", "--tags", "a=b")
    id = api["ApiId"]
    assert api["Tags"] == {"a": "b"}
    assert run("get-api", "--api-id", id) == api
    assert run("update-api", "--api-id", id, "--description", "d")["Description"] == "d"
    assert id in [item["ApiId"] for item in run("get-apis")["Items"]]
    integration = run("create-integration", "--api-id", id, "--integration-type", "HTTP_PROXY", "--integration-method",
                      "GET", "--integration-uri", "http://example.com", "--payload-format-version", "1.0")["IntegrationId"]
    assert run("update-integration", "--api-id", id, "--integration-id", integration, "--timeout-in-millis", "100")[
        "TimeoutInMillis"] == 100
    route = run("create-route", "--api-id", id, "--route-key", "GET /x", "--target", f"integrations/{integration}")["RouteId"]
    assert run("update-route", "--api-id", id, "--route-id", route, "--route-key", "GET /y")["RouteKey"] == "GET /y"
    deployment = run("create-deployment", "--api-id", id)["DeploymentId"]
    assert run("create-stage", "--api-id", id, "--stage-name", "dev", "--deployment-id", deployment)[
        "DeploymentId"] == deployment
    assert run("update-stage", "--api-id", id, "--stage-name", "dev", "--description", "d")["Description"] == "d"
    for listed in ["get-routes", "get-integrations", "get-stages", "get-deployments"]:
        assert len(run(listed, "--api-id", id)["Items"]) == 1, listed
    arn = f"arn:aws:apigateway:us-east-1::/apis/{id}"
    run("tag-resource", "--resource-arn", arn, "--tags", "c=d")
    run("untag-resource", "--resource-arn", arn, "--tag-keys", "a")
    assert run("get-tags", "--resource-arn", arn) == {"Tags": {"c": "d"}}
    run("delete-stage", "--api-id", id, "--stage-name", "dev")
    run("delete-deployment", "--api-id", id, "--deployment-id", deployment)
    run("delete-route", "--api-id", id, "--route-id", route)
    run("delete-integration", "--api-id", id, "--integration-id", integration)
    assert run("delete-api", "--api-id", id) == ""
    _, code, err = world.awscli("apigatewayv2", "get-api", "--api-id", id, check=False)
    assert code in (254, 255)
    assert f"(NotFoundException) when calling the GetApi operation: Invalid API identifier specified 000000000000:{id}" in err


def test_awslocal(world):
    def run(*arguments):
        return world.awscli("apigatewayv2", *arguments, program="awslocal")[0]

    id = run("create-api", "--name", "local", "--protocol-type", "HTTP", "--target", FUNCTION)["ApiId"]
    assert run("get-routes", "--api-id", id)["Items"][0]["RouteKey"] == "$default"
    run("delete-api", "--api-id", id)


def test_the_sdk_for_javascript(world):
    script = harness.HERE / "node/sdk.mjs"
    done = subprocess.run(
        ["node", script, world.gatelet.url], cwd=harness.HERE, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout)
    assert said["created"]["ProtocolType"] == "HTTP"
    assert said["isDate"] is True
    assert said["missing"] == {"name": "NotFoundException", "status": 404,
                               "message": "Invalid API identifier specified 000000000000:nosuch"}
    assert said["unsupported"]["status"] == 501
    assert said["invoked"] == {"hello": "javascript"}
    assert said["waited"] == "SUCCESS"
    assert said["thrown"] == "Unhandled"


def test_concurrent_writers_lose_nothing(world, api):
    clients = [world.client("apigatewayv2") for _ in range(8)]

    def write(number):
        for n in range(20):
            clients[number].create_route(ApiId=api.id, RouteKey=f"GET /{number}/{n}")

    harness.together(write, range(8))
    keys = [item["RouteKey"] for page in world.apis.get_paginator("get_routes").paginate(ApiId=api.id)
            for item in page["Items"]]
    assert sorted(keys) == sorted(f"GET /{number}/{n}" for number in range(8) for n in range(20))
