"""The control plane of WebSocket APIs, through boto3: fields, defaults, what is refused."""

import re

import pytest

import aws
import sockets
from aws import refused


@pytest.fixture(scope="module")
def apis(world):
    return world.apis


@pytest.fixture
def api(world):
    api = sockets.Api(world)
    yield api
    world.apis.delete_api(ApiId=api.id)


@pytest.fixture(scope="module")
def function(world):
    return world.function("exports.handler = async () => ({})")


def bad(call, *arguments, **keywords):
    """What a bad request is told."""
    status, code, message = refused(call, *arguments, **keywords)
    assert (status, code) == (400, "BadRequestException")
    return message


def plain(response):
    return {key: value for key, value in response.items() if key != "ResponseMetadata"}


def test_api(world, apis):
    made = apis.create_api(Name="chat", ProtocolType="WEBSOCKET", RouteSelectionExpression="$request.body.action",
                           Description="d", Version="1", Tags={"a": "b"})
    assert made["ResponseMetadata"]["HTTPStatusCode"] == 201
    assert re.fullmatch(r"[a-z0-9]{10}", made["ApiId"])
    assert re.fullmatch(r"ws://localhost:45\d\d", made["ApiEndpoint"])
    assert made["ApiKeySelectionExpression"] == "$request.header.x-api-key"
    assert made["ProtocolType"] == "WEBSOCKET" and made["RouteSelectionExpression"] == "$request.body.action"
    assert made["DisableExecuteApiEndpoint"] is False and made["Tags"] == {"a": "b"}
    assert plain(apis.get_api(ApiId=made["ApiId"])) == plain(made)
    assert plain(made) in apis.get_apis()["Items"]
    assert apis.get_routes(ApiId=made["ApiId"])["Items"] == []
    changed = apis.update_api(ApiId=made["ApiId"], RouteSelectionExpression="$request.body.kind", Name="talk")
    assert (changed["Name"], changed["RouteSelectionExpression"]) == ("talk", "$request.body.kind")
    apis.delete_api(ApiId=made["ApiId"])
    assert refused(apis.get_api, ApiId=made["ApiId"])[0] == 404


@pytest.mark.parametrize("more", [
    {},
    {"RouteSelectionExpression": "$request.body.action", "CorsConfiguration": {"AllowOrigins": ["*"]}},
    {"RouteSelectionExpression": "$request.body.action", "RouteKey": "$default",
     "Target": "arn:aws:lambda:us-east-1:000000000000:function:x"},
    {"RouteSelectionExpression": "$request.query.action"},
])
def test_apis_refused(apis, more):
    bad(apis.create_api, Name="x", ProtocolType="WEBSOCKET", **more)


def test_routes(apis, api):
    made = apis.create_route(ApiId=api.id, RouteKey="$default")
    assert plain(made) == {"ApiKeyRequired": False, "AuthorizationType": "NONE", "RouteKey": "$default",
                           "RouteId": made["RouteId"]}
    assert made["ResponseMetadata"]["HTTPStatusCode"] == 201
    assert refused(apis.create_route, ApiId=api.id, RouteKey="$default") == (
        409, "ConflictException", "Route with key $default already exists for this API")
    bad(apis.create_route, ApiId=api.id, RouteKey="$other")
    bad(apis.create_route, ApiId=api.id, RouteKey="x", Target="integrations/nosuch")
    bad(apis.create_route, ApiId=api.id, RouteKey="x", RouteResponseSelectionExpression="$request.body.x")
    bad(apis.create_route, ApiId=api.id, RouteKey="x", AuthorizationType="CUSTOM", AuthorizerId="nosuch")
    bad(apis.create_route, ApiId=api.id, RouteKey="x", RequestParameters={"route.request.querystring.x": {"Required": True}})
    spaced = apis.create_route(ApiId=api.id, RouteKey="chat/send", OperationName="Send")
    assert apis.get_route(ApiId=api.id, RouteId=spaced["RouteId"])["OperationName"] == "Send"
    changed = apis.update_route(ApiId=api.id, RouteId=spaced["RouteId"], RouteKey="chat/say",
                                RouteResponseSelectionExpression="$default")
    assert (changed["RouteKey"], changed["RouteResponseSelectionExpression"]) == ("chat/say", "$default")
    assert changed["ResponseMetadata"]["HTTPStatusCode"] == 200
    assert len(apis.get_routes(ApiId=api.id)["Items"]) == 2
    apis.delete_route(ApiId=api.id, RouteId=spaced["RouteId"])
    assert refused(apis.get_route, ApiId=api.id, RouteId=spaced["RouteId"])[0] == 404


def test_request_parameters(apis, api):
    key = "route.request.querystring.token"
    route = apis.create_route(ApiId=api.id, RouteKey="$connect", RequestParameters={key: {"Required": True}})["RouteId"]
    assert apis.get_route(ApiId=api.id, RouteId=route)["RequestParameters"] == {key: {"Required": True}}
    apis.delete_route_request_parameter(ApiId=api.id, RouteId=route, RequestParameterKey=key)
    assert "RequestParameters" not in plain(apis.get_route(ApiId=api.id, RouteId=route))
    assert refused(apis.delete_route_request_parameter, ApiId=api.id, RouteId=route, RequestParameterKey=key)[0] == 404


def test_route_responses(apis, api):
    route = apis.create_route(ApiId=api.id, RouteKey="x", RouteResponseSelectionExpression="$default")["RouteId"]
    made = apis.create_route_response(ApiId=api.id, RouteId=route, RouteResponseKey="$default")
    assert made["RouteResponseKey"] == "$default" and made["ResponseMetadata"]["HTTPStatusCode"] == 201
    of = {"ApiId": api.id, "RouteId": route, "RouteResponseId": made["RouteResponseId"]}
    assert plain(apis.get_route_response(**of)) == plain(made)
    assert apis.get_route_responses(ApiId=api.id, RouteId=route)["Items"] == [plain(made)]
    assert refused(apis.create_route_response, ApiId=api.id, RouteId=route, RouteResponseKey="$default")[0] == 409
    apis.delete_route_response(**of)
    bad(apis.create_route_response, ApiId=api.id, RouteId=route, RouteResponseKey="other")
    assert refused(apis.get_route_response, **of)[0] == 404


def test_integrations(apis, api, function):
    uri = f"arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/{function}/invocations"
    made = apis.create_integration(ApiId=api.id, IntegrationType="AWS_PROXY", IntegrationMethod="POST", IntegrationUri=uri)
    expected = {"IntegrationType": "AWS_PROXY", "IntegrationMethod": "POST", "IntegrationUri": uri,
                "ConnectionType": "INTERNET", "PassthroughBehavior": "WHEN_NO_MATCH", "TimeoutInMillis": 29000}
    assert expected.items() <= made.items()
    assert "IntegrationResponseSelectionExpression" not in made
    shown = apis.get_integration(ApiId=api.id, IntegrationId=made["IntegrationId"])
    assert plain(shown) == plain(made)
    for kind, expression in [("HTTP", "${integration.response.statuscode}"), ("MOCK", "${integration.response.statuscode}"),
                             ("AWS", "${integration.response.body.errorMessage}"), ("HTTP_PROXY", None)]:
        more = {"MOCK": {}, "AWS": {"IntegrationUri": uri}}.get(kind, {"IntegrationUri": "http://localhost:1/x"})
        method = {} if kind == "MOCK" else {"IntegrationMethod": "POST"}
        one = apis.create_integration(ApiId=api.id, IntegrationType=kind, **more, **method)
        assert one.get("IntegrationResponseSelectionExpression") == expression
        apis.delete_integration(ApiId=api.id, IntegrationId=one["IntegrationId"])
    route = apis.create_route(ApiId=api.id, RouteKey="x", Target=f"integrations/{made['IntegrationId']}")["RouteId"]
    assert refused(apis.delete_integration, ApiId=api.id, IntegrationId=made["IntegrationId"])[0] == 409
    apis.delete_route(ApiId=api.id, RouteId=route)
    apis.delete_integration(ApiId=api.id, IntegrationId=made["IntegrationId"])


@pytest.mark.parametrize("more", [
    {"IntegrationType": "HTTP_PROXY", "IntegrationUri": "http://localhost/x"},
    {"IntegrationType": "HTTP_PROXY", "IntegrationMethod": "POST"},
    {"IntegrationType": "AWS_PROXY", "IntegrationMethod": "POST"},
    {"IntegrationType": "AWS_PROXY", "IntegrationMethod": "POST", "IntegrationUri": "function", "PayloadFormatVersion": "2.0"},
    {"IntegrationType": "HTTP", "IntegrationMethod": "FETCH", "IntegrationUri": "http://localhost/x"},
    {"IntegrationType": "HTTP", "IntegrationMethod": "POST", "IntegrationUri": "http://localhost/x", "TimeoutInMillis": 29001},
    {"IntegrationType": "HTTP", "IntegrationMethod": "POST", "IntegrationUri": "http://localhost/x", "TimeoutInMillis": 49},
    {"IntegrationType": "MOCK", "TemplateSelectionExpression": "$request.header.x"},
])
def test_integrations_refused(world, api, function, more):
    if more.get("IntegrationUri") == "function":
        more = {**more, "IntegrationUri": function}
    bad(world.client("apigatewayv2", validate=False).create_integration, ApiId=api.id, **more)


def test_templates_that_need_more_are_refused(apis, api):
    """Until there are mapping templates, saying so beats doing something else."""
    status, _, message = refused(
        apis.create_integration, ApiId=api.id, IntegrationType="MOCK",
        RequestTemplates={"$default": '{"statusCode":200,"id":"$context.connectionId"}'})
    assert status in (400, 501) and "template" in message.lower()


def test_integration_responses(apis, api):
    integration = apis.create_integration(ApiId=api.id, IntegrationType="MOCK")["IntegrationId"]
    made = apis.create_integration_response(ApiId=api.id, IntegrationId=integration, IntegrationResponseKey=r"/2\d\d/",
                                            ResponseTemplates={"$default": "ok"})
    of = {"ApiId": api.id, "IntegrationId": integration, "IntegrationResponseId": made["IntegrationResponseId"]}
    assert plain(apis.get_integration_response(**of)) == plain(made)
    assert apis.get_integration_responses(ApiId=api.id, IntegrationId=integration)["Items"] == [plain(made)]
    changed = apis.update_integration_response(**of, IntegrationResponseKey="$default")
    assert changed["IntegrationResponseKey"] == "$default" and changed["ResponseTemplates"] == {"$default": "ok"}
    for key in ["200", "/(/", ""]:
        assert refused(apis.create_integration_response, ApiId=api.id, IntegrationId=integration,
                       IntegrationResponseKey=key)[0] == 400
    apis.delete_integration_response(**of)
    assert refused(apis.get_integration_response, **of)[0] == 404


def test_models(apis, api):
    made = apis.create_model(ApiId=api.id, Name="Order", ContentType="application/json", Schema='{"type":"object"}')
    of = {"ApiId": api.id, "ModelId": made["ModelId"]}
    assert plain(apis.get_model(**of)) == plain(made) == {
        "Name": "Order", "ContentType": "application/json", "Schema": '{"type":"object"}', "ModelId": made["ModelId"]}
    assert apis.get_models(ApiId=api.id)["Items"] == [plain(made)]
    assert apis.update_model(**of, Description="d")["Description"] == "d"
    for more in [{"Name": "a-b"}, {"Name": "A", "Schema": "{"}, {"Name": "A", "Schema": '{"type":7}'}]:
        bad(apis.create_model, **{"ApiId": api.id, "Schema": "{}", "ContentType": "application/json", **more})
    route = apis.create_route(ApiId=api.id, RouteKey="x", RequestModels={"$default": "Order"},
                              ModelSelectionExpression="$default")
    assert route["RequestModels"] == {"$default": "Order"}
    bad(apis.create_route, ApiId=api.id, RouteKey="y", RequestModels={"$default": "Nosuch"})
    bad(apis.create_route, ApiId=api.id, RouteKey="y", ModelSelectionExpression="$default")
    assert refused(apis.delete_model, **of)[0] == 409
    apis.delete_route(ApiId=api.id, RouteId=route["RouteId"])
    apis.delete_model(**of)
    assert refused(apis.get_model, **of)[0] == 404


def test_authorizers(apis, api, function):
    uri = f"arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/{function}/invocations"
    base = {"ApiId": api.id, "AuthorizerType": "REQUEST", "AuthorizerUri": uri}
    made = apis.create_authorizer(**base, Name="one", IdentitySource=["route.request.header.Auth"])
    of = {"ApiId": api.id, "AuthorizerId": made["AuthorizerId"]}
    assert plain(apis.get_authorizer(**of)) == plain(made)
    assert made["IdentitySource"] == ["route.request.header.Auth"] and made["Name"] == "one"
    assert apis.get_authorizers(ApiId=api.id)["Items"] == [plain(made)]
    assert apis.update_authorizer(**of, Name="two")["Name"] == "two"
    apis.create_authorizer(**base, Name="three", IdentitySource=[])
    bad(apis.create_authorizer, **base, Name="x", IdentitySource=["nothing"])
    bad(apis.create_authorizer, **base, Name="x", IdentitySource=[], AuthorizerPayloadFormatVersion="2.0")
    bad(apis.create_authorizer, ApiId=api.id, AuthorizerType="JWT", Name="x", IdentitySource=["route.request.header.Auth"])
    route = apis.create_route(ApiId=api.id, RouteKey="$connect", AuthorizationType="CUSTOM",
                              AuthorizerId=made["AuthorizerId"])
    assert (route["AuthorizationType"], route["AuthorizerId"]) == ("CUSTOM", made["AuthorizerId"])
    bad(apis.create_route, ApiId=api.id, RouteKey="x", AuthorizationType="CUSTOM", AuthorizerId=made["AuthorizerId"])
    assert refused(apis.delete_authorizer, **of)[0] == 409
    apis.delete_route(ApiId=api.id, RouteId=route["RouteId"])
    apis.delete_authorizer(**of)
    assert refused(apis.get_authorizer, **of)[0] == 404


def test_deployments_and_stages(apis, api):
    assert bad(apis.create_deployment, ApiId=api.id) == "At least one route is required before deploying the Api."
    apis.create_route(ApiId=api.id, RouteKey="x")
    deployment = apis.create_deployment(ApiId=api.id)
    assert (deployment["DeploymentStatus"], deployment["AutoDeployed"]) == ("DEPLOYED", False)
    stage = apis.create_stage(ApiId=api.id, StageName="dev", DeploymentId=deployment["DeploymentId"],
                              RouteSettings={"x": {"LoggingLevel": "INFO"}})
    assert not stage.get("AutoDeploy") and stage["StageVariables"] == {}
    settings = {"DataTraceEnabled": False, "DetailedMetricsEnabled": False, "LoggingLevel": "OFF"}
    assert settings.items() <= stage["DefaultRouteSettings"].items()
    assert stage["RouteSettings"]["x"]["LoggingLevel"] == "INFO"
    assert plain(apis.get_stage(ApiId=api.id, StageName="dev")) == plain(stage)
    apis.delete_route_settings(ApiId=api.id, StageName="dev", RouteKey="x")
    assert apis.get_stage(ApiId=api.id, StageName="dev")["RouteSettings"] == {}
    changed = apis.update_stage(ApiId=api.id, StageName="dev", StageVariables={"a": "b"})
    assert changed["StageVariables"] == {"a": "b"}
    auto = apis.create_stage(ApiId=api.id, StageName="auto", AutoDeploy=True)
    assert auto["AutoDeploy"] is True
    bad(apis.create_stage, ApiId=api.id, StageName="a/b")
    apis.delete_stage(ApiId=api.id, StageName="dev")
    assert refused(apis.get_stage, ApiId=api.id, StageName="dev")[0] == 404


def test_an_id_of_ones_own(world):
    made = world.apis.create_api(Name="x", ProtocolType="WEBSOCKET", RouteSelectionExpression="$request.body.action",
                                 Tags={"_custom_id_": "my-socket"})
    assert made["ApiId"] == "my-socket"
    world.apis.delete_api(ApiId="my-socket")


@pytest.mark.parametrize("call", ["create_authorizer", "create_model", "get_models", "get_authorizers"])
def test_of_no_api(apis, call):
    more = {
        "create_authorizer": {"AuthorizerType": "REQUEST", "Name": "x", "IdentitySource": []},
        "create_model": {"Name": "X", "Schema": "{}"},
    }.get(call, {})
    status, code, _ = refused(getattr(apis, call), ApiId="nosuch", **more)
    assert (status, code) == (404, "NotFoundException")


def test_by_the_cli(world):
    made = world.awscli("apigatewayv2", "create-api", "--name", aws.unique("cli"), "--protocol-type", "WEBSOCKET",
                        "--route-selection-expression", "$request.body.action")[0]
    route = world.awscli("apigatewayv2", "create-route", "--api-id", made["ApiId"], "--route-key", "$connect")[0]
    assert route == {"ApiKeyRequired": False, "AuthorizationType": "NONE", "RouteKey": "$connect", "RouteId": route["RouteId"]}
    world.awscli("apigatewayv2", "delete-api", "--api-id", made["ApiId"])
