"""Throttling by what stages say of their routes: who is told 429. Rates are such that no test lives to see a token come."""

import pytest
import websockets.exceptions
import websockets.sync.client

import aws
import harness

SLOW = {"ThrottlingRateLimit": 0.001, "ThrottlingBurstLimit": 2}
NOTHING = {"ThrottlingRateLimit": 0, "ThrottlingBurstLimit": 0}
OK = "exports.handler = async () => ({statusCode: 200, body: 'ok'})"
TOO_MANY = b'{"message":"Too Many Requests"}'


@pytest.fixture(scope="module")
def ok(world):
    return world.function(OK)


@pytest.fixture
def api(world, ok):
    api = world.http_api()
    integration = api.function_integration(ok)
    for key in ["GET /a", "GET /b", "ANY /any/{proxy+}", "$default"]:
        api.route(key, integration)
    return api


def statuses(api, path, count, method="GET"):
    return [api.call(method, path).status for _ in range(count)]


def update(api, **settings):
    return api.world.apis.update_stage(ApiId=api.id, StageName="$default", **settings)


def test_routes(api):
    assert statuses(api, "/a", 5) == [200] * 5
    update(api, DefaultRouteSettings=SLOW, RouteSettings={"GET /b": NOTHING, "ANY /any/{proxy+}": {
        "ThrottlingBurstLimit": 3, "ThrottlingRateLimit": 0.001}})
    assert statuses(api, "/a", 4) == [200, 200, 429, 429]
    assert statuses(api, "/else", 3) == [200, 200, 429], "$default has a bucket of its own"
    assert statuses(api, "/any/x", 2, "PUT") + statuses(api, "/any/y", 2) == [200, 200, 200, 429]
    answer = api.call("GET", "/b")
    assert (answer.status, answer.body, answer["content-type"]) == (429, TOO_MANY, "application/json")
    assert answer["apigw-requestid"]


def test_a_deployment_fills_no_bucket(world, ok, api):
    update(api, DefaultRouteSettings=SLOW)
    assert statuses(api, "/a", 3) == [200, 200, 429]
    api.route("GET /more", api.function_integration(ok))
    assert statuses(api, "/a", 1) == [429]
    assert statuses(api, "/more", 1) == [200]


def test_settings_are_live_and_can_go(world, api):
    update(api, RouteSettings={"GET /a": NOTHING})
    assert statuses(api, "/a", 1) == [429]
    shown = world.apis.get_stage(ApiId=api.id, StageName="$default")["RouteSettings"]
    assert shown == {"GET /a": {"ThrottlingBurstLimit": 0, "ThrottlingRateLimit": 0.0}}
    world.apis.delete_route_settings(ApiId=api.id, StageName="$default", RouteKey="GET /a")
    assert statuses(api, "/a", 3) == [200] * 3


def test_only_routes_that_there_are(world, api):
    for key in ["GET /nothing", "GET /any/{proxy+}", "get /a"]:
        said = aws.refused(world.apis.update_stage, ApiId=api.id, StageName="$default", RouteSettings={key: SLOW})
        assert said == (404, "NotFoundException",
                        f"Unable to find Route by key {key} within the provided RouteSettings")
    assert world.apis.get_stage(ApiId=api.id, StageName="$default")["RouteSettings"] == {}


def test_many_at_once(world, api):
    update(api, DefaultRouteSettings={"ThrottlingRateLimit": 0.001, "ThrottlingBurstLimit": 10})
    found = harness.together(lambda _: statuses(api, "/a", 10), range(8))
    assert sorted(sum(found, [])) == [200] * 10 + [429] * 70


def test_rest_methods(world, ok):
    api = world.rest_api()
    api.function("GET /a", ok).function("GET /b", ok).deploy("dev")
    world.rest.update_stage(restApiId=api.id, stageName="dev", patchOperations=[
        {"op": "replace", "path": "/*/*/throttling/rateLimit", "value": "0.001"},
        {"op": "replace", "path": "/*/*/throttling/burstLimit", "value": "1"},
        {"op": "replace", "path": "/~1b/GET/throttling/rateLimit", "value": "0"},
    ])
    answers = [api.call("GET", "/dev/a") for _ in range(2)] + [api.call("GET", "/dev/b")]
    assert [answer.status for answer in answers] == [200, 429, 429]
    assert (answers[1].body, answers[1]["x-amzn-errortype"]) == (TOO_MANY, "TooManyRequestsException")


def test_sockets(world):
    api = world.apis.create_api(Name=aws.unique("ws"), ProtocolType="WEBSOCKET",
                                RouteSelectionExpression="$request.body.action")
    for key in ["$connect", "say"]:
        world.apis.create_route(ApiId=api["ApiId"], RouteKey=key)
    world.apis.create_stage(ApiId=api["ApiId"], StageName="dev", AutoDeploy=True,
                            DefaultRouteSettings={"ThrottlingRateLimit": 0.001, "ThrottlingBurstLimit": 1})
    url = f"ws://127.0.0.1:{world.gatelet.port}/_aws/execute-api/{api['ApiId']}/dev"
    with websockets.sync.client.connect(url) as client:
        client.send('{"action": "say"}')
        client.send('{"action": "say"}')
        assert client.recv(timeout=harness.PATIENCE).startswith('{"message": "Too Many Requests", "connectionId":')
    with pytest.raises(websockets.exceptions.InvalidStatus) as refused:
        websockets.sync.client.connect(url)
    assert refused.value.response.status_code == 429
