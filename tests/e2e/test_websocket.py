"""WebSocket APIs on the data plane: handshakes, messages, events, authorizers, integrations."""

import base64
import http.server
import json
import re
import subprocess
import threading
import time
import urllib.parse

import pytest

import aws
import harness
import sockets
from sockets import ask, closing, refused, silent

ANY = re.compile(r"[\s\S]*")
TRACE = re.compile(r"Root=1-[0-9a-f]{8}-[0-9a-f]{24}")
CLF = re.compile(r"\d\d/[A-Z][a-z]{2}/\d{4}:\d\d:\d\d:\d\d \+0000")
# LocalStack's own sample: every handler of it.
PARROT = "exports.handler = (event, context, callback) => callback(null, event)"


def same(actual, expected, where="event"):
    """Compares field by field; a pattern in `expected` matches text, a type any value of it."""
    if isinstance(expected, dict):
        assert isinstance(actual, dict), f"{where}: {actual!r}"
        assert sorted(actual) == sorted(expected), where
        for key, value in expected.items():
            same(actual[key], value, f"{where}.{key}")
    elif isinstance(expected, re.Pattern):
        assert isinstance(actual, str) and expected.fullmatch(actual), f"{where}: {actual!r}"
    elif isinstance(expected, type):
        assert type(actual) is expected, f"{where}: {actual!r}"
    else:
        assert actual == expected and type(actual) is type(expected), f"{where}: {actual!r}, not {expected!r}"


@pytest.fixture(scope="module")
def recorder(world):
    return sockets.Recorder(world)


@pytest.fixture(scope="module")
def whoami(world):
    return world.function(sockets.WHOAMI, Timeout=30)


@pytest.fixture(scope="module")
def parrot(world):
    return world.function(PARROT, Timeout=30)


@pytest.fixture(scope="module")
def talk(world, recorder, whoami):
    """An api with all routes, each of them the recorder's, and `whoami`."""
    api = sockets.Api(world)
    integration = api.integration(recorder.arn)
    for key in ["$connect", "$disconnect"]:
        api.route(key, integration)
    api.route("$default", integration, replies=True)
    api.route("whoami", api.integration(whoami), replies=True)
    return api.stage()


@pytest.fixture(scope="module")
def bare(world, recorder):
    """An api without `$connect` and `$default`: `say` is all that there is."""
    api = sockets.Api(world)
    api.route("say", api.integration(recorder.arn), replies=True)
    return api.stage()


# ---- the page's example -----------------------------------------------------------------------------------------


def test_the_example_of_the_page(world, parrot):
    """As LocalStack's documentation and its sample project have it, by awslocal."""
    def local(*arguments):
        return world.awscli(*arguments, program="awslocal")[0]

    name = aws.unique("sample-local")
    api = local("apigatewayv2", "create-api", "--name", name, "--protocol-type", "WEBSOCKET",
                "--route-selection-expression", "$request.body.action")
    uri = f"arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/{parrot}/invocations"
    integration = local("apigatewayv2", "create-integration", "--api-id", api["ApiId"], "--integration-type", "AWS_PROXY",
                        "--integration-method", "POST", "--integration-uri", uri)
    for key in ["$connect", "$disconnect", "$default", "test-action"]:
        replies = [] if key.endswith("connect") else ["--route-response-selection-expression", "$default"]
        route = local("apigatewayv2", "create-route", "--api-id", api["ApiId"], "--route-key", key,
                      "--target", f"integrations/{integration['IntegrationId']}", *replies)
        if replies:
            local("apigatewayv2", "create-route-response", "--api-id", api["ApiId"], "--route-id", route["RouteId"],
                  "--route-response-key", "$default")
    deployment = local("apigatewayv2", "create-deployment", "--api-id", api["ApiId"])
    local("apigatewayv2", "create-stage", "--api-id", api["ApiId"], "--stage-name", "local",
          "--deployment-id", deployment["DeploymentId"])

    endpoint = [item for item in local("apigatewayv2", "get-apis")["Items"] if name in item["Name"]][0]["ApiEndpoint"]
    assert re.fullmatch(r"ws://localhost:45[1-5]\d", endpoint)
    with sockets.connect(endpoint, int(endpoint[-4:])) as client:
        for message in [{"action": "test-action"}, {"action": "other"}, {"x": [1, 2]}]:
            assert json.loads(ask(client, message)) == message
        assert ask(client, "not JSON") == "not JSON"


def test_the_push_of_the_page(world, whoami):
    api = sockets.Api(world)
    api.route("whoami", api.integration(whoami), replies=True)
    with api.stage().connect("", "port") as client:
        me = sockets.connection_id(client)
        world.awscli("apigatewaymanagementapi", "post-to-connection", "--connection-id", me,
                     "--data", '{"msg": "Hi"}', program="awslocal")
        assert json.loads(client.recv(timeout=30)) == {"msg": "Hi"}
        found, _, _ = world.awscli("apigatewaymanagementapi", "get-connection", "--connection-id", me, program="awslocal")
        assert found["Identity"]["SourceIp"] == "127.0.0.1"
        world.awscli("apigatewaymanagementapi", "delete-connection", "--connection-id", me, program="awslocal")
        assert closing(client) == (1000, "Connection Closed Normally")


# ---- where it is reached ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("form, path, headed", [
    ("host", "/dev", "own"), ("host", "/dev/", "own"), ("host", "/dev?x=1", "own"), ("host", "", "own"),
    ("path", "/dev", "id"), ("path", "/dev/", "id"), ("path", "", "id"), ("path", "/", "id"),
    ("ws", "/dev", "id"), ("ws", "/dev/", "id"), ("restapis", "/dev", "id"),
    ("port", "/dev", "id"), ("port", "", "id"), ("port", "/", "id"), ("port", "/dev/", "id"),
])
def test_url_forms(talk, recorder, form, path, headed):
    with talk.connect(path, form) as client:
        assert ask(client, "hello") == "hello"
        me = sockets.connection_id(client)
    event = recorder.wait(me, "CONNECT")
    assert event["requestContext"]["stage"] == "dev" and event["requestContext"]["apiId"] == talk.id
    # What apps make the address of the Management API of.
    domain = event["requestContext"]["domainName"]
    if headed == "own":
        assert domain == talk.host
    else:
        assert domain.startswith(f"{talk.id}.execute-api.")


def test_the_domain_name_leads_to_the_management_api(talk, recorder):
    with talk.connect() as client:
        me = sockets.connection_id(client)
        context = recorder.wait(me, "CONNECT")["requestContext"]
        answer = talk.world.gatelet.request(
            "POST", f"/{context['stage']}/@connections/{me}", {"Host": context["domainName"]}, "there")
        assert answer.status == 200 and client.recv(timeout=30) == "there"


@pytest.mark.parametrize("url, status", [
    ("/nosuch", 403), ("/dev/more", 101),
])
def test_paths(talk, url, status):
    if status == 101:
        with talk.connect(url) as client:
            assert ask(client, "hello") == "hello"
    else:
        response = refused(talk.connect, url)
        assert response.status_code == status
        assert json.loads(response.body) == {"message": "Forbidden"}
        assert response.headers["x-amzn-ErrorType"] == "ForbiddenException"


def test_no_such_api(world):
    port = world.gatelet.port
    response = refused(sockets.connect, f"ws://nosuchapi1.{sockets.NAME}:{port}/dev", port)
    assert response.status_code == 403 and json.loads(response.body) == {"message": "Forbidden"}


def test_deployments(world, recorder):
    api = sockets.Api(world)
    api.route("$default", api.integration(recorder.arn), replies=True)
    api.stage()
    with api.connect() as client:
        assert ask(client, "hello") == "hello"
        # What is deployed later is there for connections that are open, and nothing before.
        new = api.integration(kind="MOCK", RequestTemplates={"$default": '{"statusCode":200}'})
        world.apis.create_integration_response(
            ApiId=api.id, IntegrationId=new, IntegrationResponseKey="$default", ResponseTemplates={"$default": '{"new":true}'})
        api.route("new", new, replies=True)
        assert json.loads(ask(client, {"action": "new"})) == {"action": "new"}
        api.deploy()
        assert json.loads(ask(client, {"action": "new"})) == {"new": True}


def test_a_stage_without_a_deployment_serves_what_there_is(world, recorder):
    """LocalStack's users know of no deployments; with `--parity aws` nothing is there."""
    api = sockets.Api(world)
    world.apis.create_stage(ApiId=api.id, StageName="dev")
    api.route("$default", api.integration(recorder.arn), replies=True)
    with api.connect() as client:
        assert ask(client, "hello") == "hello"


@pytest.mark.parametrize("headers, status", [
    ({}, 403),
    ({"Upgrade": "websocket"}, (400, 403)),
    ({"Upgrade": "websocket", "Connection": "Upgrade"}, 400),
    ({"Upgrade": "websocket", "Connection": "Upgrade", "Sec-WebSocket-Key": "x", "Sec-WebSocket-Version": "13"}, 400),
    ({"Upgrade": "websocket", "Connection": "Upgrade", "Sec-WebSocket-Key": "AAAAAAAAAAAAAAAAAAAAAA==",
      "Sec-WebSocket-Version": "8"}, 426),
])
@pytest.mark.parametrize("form", ["host", "port"])
def test_requests_that_are_no_handshakes(talk, form, headers, status):
    headers = {"Host": talk.host, **headers}
    to = talk.world.gatelet if form == "host" else sockets.At(talk.port)
    answer = harness.Gatelet.request(to, "GET", "/dev", headers)
    assert answer.status in (status if isinstance(status, tuple) else (status,))
    if answer.status == 426:
        assert answer["Sec-WebSocket-Version"] == "13"


def test_the_101_has_what_it_must_have_and_no_more(talk):
    request = (f"GET /dev HTTP/1.1\r\nHost: {talk.host}\r\nConnection: keep-alive, Upgrade\r\nUpgrade: WebSocket\r\n"
               "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n"
               "Sec-WebSocket-Extensions: permessage-deflate\r\nSec-WebSocket-Protocol: a, b\r\n\r\n")
    with talk.world.gatelet.wire() as wire:
        answer = wire.send(request.encode()).answer(head_only=True)
        assert answer.status == 101
        assert answer["Sec-WebSocket-Accept"] == "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="
        assert answer["Upgrade"].lower() == "websocket" and answer["Connection"].lower() == "upgrade"
        assert not answer.all("sec-websocket-extensions") and not answer.all("sec-websocket-protocol")
        assert not answer.all("content-length") and not answer.all("transfer-encoding")


def opens(api, *arguments, **keywords):
    """A client that only comes and goes."""
    with api.connect(*arguments, **keywords):
        pass


# ---- $connect decides -------------------------------------------------------------------------------------------


def wish(answer):
    """The query string that makes the recorder answer a handshake so."""
    return f"/dev?answer={urllib.parse.quote(json.dumps(answer))}"


def connects(recorder):
    return [event for event in recorder.all() if event["requestContext"]["eventType"] == "CONNECT"]


@pytest.mark.parametrize("status", [301, 400, 401, 403, 404, 429, 500, 501, 503])
def test_a_handshake_refused(talk, recorder, status):
    before = len(connects(recorder))
    response = refused(talk.connect, wish({"statusCode": status, "body": "secret", "headers": {"X-Secret": "1"}}))
    assert response.status_code == status
    assert "X-Secret" not in response.headers and b"secret" not in response.body
    body = json.loads(response.body)
    assert sockets.ID.fullmatch(body["connectionId"]) and sockets.ID.fullmatch(body["requestId"]) and body["message"]
    # It never was: nothing to push to, nothing that ends.
    assert [event["requestContext"]["connectionId"] for event in connects(recorder)[before:]] == [body["connectionId"]]
    assert talk.manage("GET", body["connectionId"]).status == 410
    time.sleep(0.1)
    assert recorder.of(body["connectionId"], "DISCONNECT") == []


@pytest.mark.parametrize("status", [200, 201, 204, 299, "200"])
def test_a_handshake_accepted(talk, status):
    with talk.connect(wish({"statusCode": status})) as client:
        assert ask(client, "hello") == "hello"


def test_connect_throws(talk, recorder):
    before = len(connects(recorder))
    response = refused(talk.connect, "/dev?throws=no")
    assert response.status_code == 502 and json.loads(response.body)["message"] == "Internal server error"
    assert len(connects(recorder)) == before + 1


def test_connect_in_time(world, recorder):
    api = sockets.Api(world)
    api.route("$connect", api.integration(recorder.arn, TimeoutInMillis=200))
    response = refused(api.stage().connect, "/dev?sleep=3000")
    assert response.status_code == 504 and json.loads(response.body)["message"] == "Endpoint request timed out"


def test_connect_without_a_function(world):
    api = sockets.Api(world)
    api.route("$connect", api.integration(f"arn:aws:lambda:us-east-1:{aws.ACCOUNT}:function:nosuch"))
    response = refused(api.stage().connect)
    assert response.status_code == 500 and json.loads(response.body)["message"] == "Internal server error"


def test_without_connect_all_may(bare):
    with bare.connect() as client:
        assert json.loads(ask(client, {"action": "say"})) == {"action": "say"}


def test_connect_without_a_target(world):
    api = sockets.Api(world)
    api.route("$connect")
    with api.stage().connect() as client:
        assert json.loads(ask(client, "hello"))["message"] == "Forbidden"


def test_a_parameter_that_must_be_there(world, recorder):
    api = sockets.Api(world)
    api.route("$connect", api.integration(recorder.arn),
              RequestParameters={"route.request.querystring.token": {"Required": True},
                                 "route.request.header.x-color": {"Required": False}})
    api.stage()
    response = refused(api.connect)
    assert response.status_code == 400
    assert json.loads(response.body)["message"] == "Missing required request parameters: [token]"
    opens(api, "/dev?token=x")


# ---- subprotocols -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("headers, protocol", [
    ({"headers": {"Sec-WebSocket-Protocol": "b"}}, "b"),
    ({"headers": {"sec-websocket-protocol": "b"}}, "b"),
    ({"headers": {"SEC-WEBSOCKET-PROTOCOL": "a"}}, "a"),
    ({"multiValueHeaders": {"sec-websocket-protocol": ["a"]}}, "a"),
    ({"headers": {"Set-Cookie": "x=1"}}, None),
    ({}, None),
])
def test_subprotocols(talk, headers, protocol):
    with talk.connect(wish({"statusCode": 200, **headers}), subprotocols=["a", "b"]) as client:
        assert client.subprotocol == protocol
        assert "set-cookie" not in client.response.headers
        assert ask(client, "hello") == "hello"


@pytest.mark.parametrize("form", ["host", "path", "port"])
def test_whom_events_say_a_client_came_by(talk, recorder, form):
    url = talk.url(form=form)
    with talk.connect(form=form, additional_headers=[("X-Forwarded-For", "192.0.2.1"), ("X-Forwarded-Proto", "gopher"),
                                                   ("x-forwarded-port", "70")]) as client:
        me = sockets.connection_id(client)
    event = recorder.wait(me, "CONNECT")
    expected = {"X-Forwarded-For": "192.0.2.1, 127.0.0.1", "X-Forwarded-Port": re.search(r":(\d+)", url[5:])[1],
                "X-Forwarded-Proto": "http"}
    for members, spelled in [("headers", lambda value: value), ("multiValueHeaders", lambda value: [value])]:
        found = {name: value for name, value in event[members].items() if name.lower().startswith("x-forwarded-")}
        assert found == {name: spelled(value) for name, value in expected.items()}


def test_the_function_sees_the_offer(talk, recorder):
    with talk.connect("/dev", subprotocols=["graphql-ws", "b"]) as client:
        me = sockets.connection_id(client)
    assert recorder.wait(me, "CONNECT")["headers"]["Sec-WebSocket-Protocol"] == "graphql-ws, b"


# ---- events -----------------------------------------------------------------------------------------------------


def context(talk, me, client_port=None, **more):
    return {
        "extendedRequestId": sockets.ID, "requestTime": CLF, "messageDirection": "IN", "stage": "dev",
        "connectedAt": int, "requestTimeEpoch": int, "requestId": sockets.ID, "connectionId": me, "apiId": talk.id,
        "domainName": talk.host, "identity": {"userAgent": "tests/1", "sourceIp": "127.0.0.1"}, **more,
    }


def test_events(talk, recorder):
    with talk.connect("/dev?a=1&a=2&b=x%20y", user_agent_header="tests/1", origin="http://app.test",
                      additional_headers=[("Cookie", "k=v"), ("X-Two", "1"), ("X-Two", "2")]) as client:
        me = sockets.connection_id(client)
        assert sockets.ID.fullmatch(me)
        assert ask(client, '{"q": "ü\\u0000"}') == '{"q": "ü\\u0000"}'
        client.close(3000, "bye")
    connect, message, disconnect = (recorder.wait(me, kind) for kind in ["CONNECT", "MESSAGE", "DISCONNECT"])

    headers = {
        "Host": talk.host, "Sec-WebSocket-Key": str, "Sec-WebSocket-Version": "13", "User-Agent": "tests/1",
        "Origin": "http://app.test", "Cookie": "k=v", "X-Two": "2", "X-Amzn-Trace-Id": TRACE,
        "X-Forwarded-For": "127.0.0.1", "X-Forwarded-Port": talk.host.rpartition(":")[2], "X-Forwarded-Proto": "http",
    }
    multiple = connect.pop("multiValueHeaders")
    same(connect, {
        "headers": headers, "queryStringParameters": {"a": "2", "b": "x y"},
        "multiValueQueryStringParameters": {"a": ["1", "2"], "b": ["x y"]},
        "requestContext": context(talk, me, routeKey="$connect", eventType="CONNECT"), "isBase64Encoded": False,
    })
    assert multiple == {name: [value] for name, value in connect["headers"].items()} | {"X-Two": ["1", "2"]}
    same(message, {
        "requestContext": context(talk, me, routeKey="$default", eventType="MESSAGE", messageId=sockets.ID),
        "body": '{"q": "ü\\u0000"}', "isBase64Encoded": False,
    })
    last = {"Host": talk.host, "x-api-key": "", "X-Forwarded-For": "", "x-restapi": ""}
    same(disconnect, {
        "headers": last, "requestContext": context(
            talk, me, routeKey="$disconnect", eventType="DISCONNECT", disconnectStatusCode=3000, disconnectReason="bye"),
        "multiValueHeaders": disconnect["multiValueHeaders"], "isBase64Encoded": False,
    })
    assert disconnect["multiValueHeaders"] == {name: [value] for name, value in last.items()}
    contexts = [event["requestContext"] for event in (connect, message, disconnect)]
    assert len({each["connectedAt"] for each in contexts}) == 1
    assert len({each["requestId"] for each in contexts}) == 3
    for each in contexts:
        assert each["requestId"] == each["extendedRequestId"]
        assert each["requestTimeEpoch"] >= each["connectedAt"]
    assert list(connect) == ["headers", "queryStringParameters", "multiValueQueryStringParameters", "requestContext",
                             "isBase64Encoded"]
    assert list(message) == ["requestContext", "body", "isBase64Encoded"]


def test_events_without_a_query_and_a_user_agent(talk, recorder):
    with talk.connect(user_agent_header=None) as client:
        me = sockets.connection_id(client)
    event = recorder.wait(me, "CONNECT")
    assert "queryStringParameters" not in event and "multiValueQueryStringParameters" not in event
    assert "stageVariables" not in event and "body" not in event
    assert event["requestContext"]["identity"] == {"sourceIp": "127.0.0.1"}
    # The headers of the hop are the gateway's own.
    assert not {"Connection", "Upgrade", "Content-Length", "content-length"} & set(event["headers"])


def test_stage_variables(world, recorder, whoami):
    api = sockets.Api(world)
    integration = api.integration(recorder.arn)
    for key in ["$connect", "$default"]:
        api.route(key, integration, replies=key == "$default")
    api.route("whoami", api.integration(whoami), replies=True)
    api.stage("one", StageVariables={"color": "red"}).stage("two", StageVariables={"color": "blue"})
    for stage, color in [("one", "red"), ("two", "blue")]:
        for form in ["host", "path", "port"]:
            with api.connect(f"/{stage}", form) as client:
                me = sockets.connection_id(client)
                ask(client, "hello")
            for kind in ["CONNECT", "MESSAGE"]:
                event = recorder.wait(me, kind)
                assert event["stageVariables"] == {"color": color}
                assert event["requestContext"]["stage"] == stage


# ---- how it ends ------------------------------------------------------------------------------------------------


NOT_SET = "Client-side close frame status not set"


@pytest.mark.parametrize("sent, code, reason", [
    (b"", 1005, NOT_SET),
    ((1000).to_bytes(2, "big"), 1000, ""),
    ((1001).to_bytes(2, "big"), 1001, ""),
    ((1000).to_bytes(2, "big") + b"done", 1000, "done"),
    ((4999).to_bytes(2, "big") + "ü".encode(), 4999, "ü"),
    (None, 1005, NOT_SET),
])
def test_disconnect(talk, recorder, sent, code, reason):
    """What the client's close frame says, or that there was none: the client vanished."""
    with upgraded(talk) as (wire, _):
        me = whoami_of(wire)
        if sent is not None:
            wire.send(frame(8, sent))
            opcode, payload = read_frame(wire)
            assert opcode == 8 and payload == sent[:2]
    seen = recorder.wait(me)["requestContext"]
    assert (seen["disconnectStatusCode"], seen["disconnectReason"]) == (code, reason)
    assert talk.manage("POST", me, "late").status == 410


@pytest.mark.parametrize("data, code", [
    (lambda: frame(2, b"binary"), 1003),
    (lambda: frame(1, b"x" * 32769), 1009),
    (lambda: frame(1, b"x" * 32768, final=False) + 3 * frame(0, b"x" * 32768, final=False) + frame(0, b"x"), 1009),
    (lambda: frame(1, b"\xff\xfe"), 1007),
    (lambda: b"\x81\x02hi", 1002),
    (lambda: frame(3, b""), 1002),
    (lambda: frame(0, b"of nothing"), 1002),
    (lambda: frame(9, b"x" * 126), 1002),
    (lambda: b"\xc1" + frame(1, b"x")[1:], 1002),
    (lambda: frame(8, b"\x03"), 1002),
    (lambda: frame(8, (1005).to_bytes(2, "big")), 1002),
])
def test_faults_of_clients(talk, recorder, data, code):
    with upgraded(talk) as (wire, _):
        me = whoami_of(wire)
        wire.send(data())
        opcode, payload = read_frame(wire)
        assert opcode == 8 and int.from_bytes(payload[:2], "big") == code
        wire.send(frame(8, payload[:2]))
        assert wire.closed()
    assert recorder.wait(me)["requestContext"]["disconnectStatusCode"] == code
    assert len(recorder.of(me, "DISCONNECT")) == 1


def test_the_largest_messages(talk):
    with talk.connect(max_size=None) as client:
        for message in ["x" * 32768, ["x" * 32768] * 4, ["ab", "", "cd"], ["x", "y" * 32768, "z"]]:
            client.send(message)
            assert client.recv(timeout=30) == "".join(message)


def test_pings(talk):
    with upgraded(talk) as (wire, _):
        wire.send(frame(9, b"are you there") + frame(1, b"one, ", final=False) + frame(9, b"?") + frame(0, b"two"))
        frames = [read_frame(wire) for _ in range(3)]
        assert frames == [(10, b"are you there"), (10, b"?"), (1, b"one, two")]
        wire.send(frame(10, b"nobody asked") + frame(1, b"x"))
        assert read_frame(wire) == (1, b"x")


# ---- messages ---------------------------------------------------------------------------------------------------


def test_no_default(bare):
    with bare.connect() as client:
        frames = [ask(client, message) for message in ["hello", '{"action":"nope"}', '{"action":"$connect"}', "[]", ""]]
        ids = [re.fullmatch(
            r'\{"message": "Forbidden", "connectionId":"([A-Za-z0-9_-]{15}=)", "requestId":"([A-Za-z0-9_-]{15}=)"\}', text,
        ).groups() for text in frames]
        assert len({connection for connection, _ in ids}) == 1 and len({request for _, request in ids}) == 5
        assert json.loads(ask(client, {"action": "say", "x": 1})) == {"action": "say", "x": 1}


def test_a_function_throws(talk):
    with talk.connect() as client:
        me = sockets.connection_id(client)
        text = ask(client, {"throws": "no"})
        assert re.fullmatch(
            r'\{"message": "Internal server error", "connectionId":"%s", "requestId":"[A-Za-z0-9_-]{15}="\}' % re.escape(me),
            text)
        assert ask(client, "hello") == "hello"


def test_a_function_is_late(world, recorder):
    api = sockets.Api(world)
    api.route("$default", api.integration(recorder.arn, TimeoutInMillis=300), replies=True)
    with api.stage().connect() as client:
        ask(client, "warm")
        assert json.loads(ask(client, {"sleep": 3000}))["message"] == "Endpoint request timed out"


@pytest.mark.parametrize("answer, expected", [
    ({"statusCode": 200, "body": "text"}, "text"),
    ({"statusCode": 500, "body": "five hundred"}, "five hundred"),
    ({"body": "alone"}, "alone"),
    ({"statusCode": 200}, None),
    ({"statusCode": 200, "body": ""}, None),
    ({"other": 1}, None),
])
def test_replies(talk, answer, expected):
    with talk.connect() as client:
        client.send(json.dumps({"answer": answer}))
        if expected is None:
            assert silent(client)
            assert ask(client, "next") == "next"
        else:
            assert client.recv(timeout=30) == expected


@pytest.mark.parametrize("expression, key, hits, misses", [
    ("$request.body.action", "a", ['{"action":"a"}', ' {"x":{"action":"z"},"action":"a"} '],
     ['{"Action":"a"}', '{"action":"A"}', '{"action":["a"]}', '{"action":null}', "a", '"a"', '{"action":"a"'],),
    ("$request.body.a.b", "x", ['{"a":{"b":"x"}}'], ['{"a.b":"x"}', '{"a":"x"}', '{"b":"x"}']),
    ("${request.body.service}/${request.body.action}", "chat/send", ['{"action":"send","service":"chat"}'],
     ['{"service":"chat"}', '{"action":"send"}']),
    ("$request.body.n", "5", ['{"n":5}', '{"n":"5"}'], ['{"n":5.5}', '{"n":55}']),
    ("$request.body.on", "true", ['{"on":true}', '{"on":"true"}'], ['{"on":false}', '{"on":1}']),
    ("always", "always", ['{"action":"x"}', "no JSON"], []),
])
def test_selection(world, parrot, expression, key, hits, misses):
    """The route that is meant answers; the others' messages are nobody's."""
    api = sockets.Api(world, RouteSelectionExpression=expression)
    api.route(key, api.integration(parrot), replies=True)
    with api.stage().connect() as client:
        for message in hits:
            assert ask(client, message) == message
        for message in misses:
            assert json.loads(ask(client, message))["message"] == "Forbidden", message


def test_messages_run_at_once(talk):
    with talk.connect() as client:
        client.send('{"sleep": 1500}')
        client.send('{"quick": 1}')
        assert client.recv(timeout=30) == '{"quick": 1}'
        assert client.recv(timeout=30) == '{"sleep": 1500}'


def test_many_messages_all_come_back(talk):
    with talk.connect() as client:
        sent = [f"message {n}" for n in range(300)]
        for message in sent:
            client.send(message)
        assert sorted(client.recv(timeout=30) for _ in sent) == sorted(sent)


def test_a_route_without_a_route_response_replies(world, parrot):
    """As LocalStack does; AWS stays silent, and so do we with `--parity aws`."""
    api = sockets.Api(world)
    api.route("$default", api.integration(parrot))
    with api.stage().connect() as client:
        assert ask(client, "hello") == "hello"


# ---- authorizers ------------------------------------------------------------------------------------------------


AUTHORIZER = """
const fs = require('node:fs');
exports.handler = async (event) => {
  fs.appendFileSync(process.env.RECORD, JSON.stringify(event) + '\\n');
  const how = event.queryStringParameters.how;
  if (how === 'unauthorized') throw new Error('Unauthorized');
  if (how === 'throws') throw new Error('something else');
  if (how === 'nothing') return {};
  const allow = (Resource) => ({
    principalId: 'me', context: { n: 1, b: true, s: 'x' },
    policyDocument: { Version: '2012-10-17', Statement: [
      { Action: 'execute-api:Invoke', Effect: how === 'deny' ? 'Deny' : 'Allow', Resource }] },
  });
  if (how === 'rest') return allow(event.methodArn.replace('$connect', '*/*'));
  if (how === 'all') return allow('*');
  return allow(event.methodArn);
};
"""


@pytest.fixture(scope="module")
def guarded(world, recorder, whoami):
    """An api with an authorizer, and the events that this one saw."""
    seen = sockets.Recorder(world)
    world.functions.update_function_code(
        FunctionName=seen.arn, ZipFile=aws.zipped({"index.js": AUTHORIZER}))
    api = sockets.Api(world)
    uri = f"arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/{seen.arn}/invocations"
    authorizer = world.apis.create_authorizer(
        ApiId=api.id, Name="guard", AuthorizerType="REQUEST", AuthorizerUri=uri,
        IdentitySource=["route.request.header.Auth", "route.request.querystring.how"])["AuthorizerId"]
    integration = api.integration(recorder.arn)
    api.route("$connect", integration, AuthorizationType="CUSTOM", AuthorizerId=authorizer)
    api.route("$disconnect", integration)
    api.route("$default", integration, replies=True)
    api.route("whoami", api.integration(whoami), replies=True)
    api.stage()
    api.seen = seen
    return api


@pytest.mark.parametrize("path, headers, status, asked", [
    ("/dev?how=allow", {}, 401, 0),
    ("/dev", {"Auth": "x"}, 401, 0),
    ("/dev?how=", {"Auth": "x"}, 401, 0),
    ("/dev?how=allow", {"Auth": ""}, 401, 0),
    ("/dev?HOW=allow", {"Auth": "x"}, 401, 0),
    ("/dev?how=deny", {"auth": "x"}, 403, 1),
    ("/dev?how=rest", {"auth": "x"}, 403, 1),
    ("/dev?how=unauthorized", {"auth": "x"}, 401, 1),
    ("/dev?how=throws", {"auth": "x"}, 500, 1),
    ("/dev?how=nothing", {"auth": "x"}, 500, 1),
])
def test_an_authorizer_refuses(guarded, recorder, path, headers, status, asked):
    before, asked_to_connect = len(guarded.seen.all()), len(connects(recorder))
    response = refused(guarded.connect, path, additional_headers=headers)
    assert response.status_code == status
    message = {401: "Unauthorized", 403: "Forbidden", 500: "Internal server error"}[status]
    assert json.loads(response.body)["message"] == message
    assert len(guarded.seen.all()) - before == asked
    assert len(connects(recorder)) == asked_to_connect


@pytest.mark.parametrize("how", ["allow", "all"])
def test_an_authorizer_allows(guarded, recorder, how):
    before = len(guarded.seen.all())
    with guarded.connect(f"/dev?how={how}", additional_headers={"AUTH": "x"}) as client:
        me = sockets.connection_id(client)
        ask(client, "hello")
    for kind in ["CONNECT", "MESSAGE", "DISCONNECT"]:
        same(recorder.wait(me, kind)["requestContext"]["authorizer"],
             {"n": 1, "b": True, "s": "x", "principalId": "me", "integrationLatency": int})
    asked = guarded.seen.all()[before:]
    assert len(asked) == 1
    event = asked[0]
    assert event["type"] == "REQUEST" and event["stageVariables"] == {}
    assert event["methodArn"] == f"arn:aws:execute-api:us-east-1:{aws.ACCOUNT}:{guarded.id}/dev/$connect"
    assert event["headers"]["Connection"] and event["headers"]["Upgrade"] and event["headers"]["AUTH"] == "x"
    assert event["queryStringParameters"] == {"how": how}
    assert event["multiValueQueryStringParameters"] == {"how": [how]}
    assert event["requestContext"]["connectionId"] == me and event["requestContext"]["eventType"] == "CONNECT"
    assert event["requestContext"]["routeKey"] == "$connect"


# ---- integrations that are no functions -------------------------------------------------------------------------


def test_mock_ping(world):
    api = sockets.Api(world)
    ping = api.integration(kind="MOCK", TemplateSelectionExpression="200", RequestTemplates={"200": '{"statusCode":200}'})
    world.apis.create_integration_response(
        ApiId=api.id, IntegrationId=ping, IntegrationResponseKey="/200/", TemplateSelectionExpression="200",
        ResponseTemplates={"200": '{"statusCode":200,"message":"pong"}'})
    api.route("ping", ping, replies=True)
    with api.stage().connect() as client:
        assert ask(client, {"action": "ping"}) == '{"statusCode":200,"message":"pong"}'


@pytest.mark.parametrize("status", [200, 403])
def test_mock_connect(world, status):
    api = sockets.Api(world)
    mock = api.integration(kind="MOCK", RequestTemplates={"$default": '{"statusCode":%d}' % status})
    world.apis.create_integration_response(ApiId=api.id, IntegrationId=mock, IntegrationResponseKey="$default")
    api.route("$connect", mock)
    api.stage()
    if status == 200:
        opens(api)
    else:
        assert refused(api.connect).status_code == status


@pytest.fixture(scope="module")
def backend():
    """A back end that keeps what it was asked; the path's last part is its status."""
    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self):
            body = self.rfile.read(int(self.headers.get("content-length") or 0))
            self.server.asked.append((self.path, dict(self.headers), body))
            said = b"back end: " + body
            self.send_response(int(self.path.split("?")[0].rsplit("/", 1)[1]))
            self.send_header("Content-Length", str(len(said)))
            self.send_header("Set-Cookie", "x=1")
            self.end_headers()
            self.wfile.write(said)

        def log_message(self, *_):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.asked = []
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


@pytest.mark.parametrize("kind", ["HTTP", "HTTP_PROXY"])
@pytest.mark.parametrize("status", [200, 401])
def test_http_connect(world, backend, kind, status):
    api = sockets.Api(world)
    api.route("$connect", api.integration(
        kind=kind, IntegrationMethod="POST", IntegrationUri=f"http://127.0.0.1:{backend.server_port}/connect/{status}",
        RequestParameters={"integration.request.header.connectionId": "context.connectionId"}))
    api.stage()
    backend.asked.clear()
    if status == 200:
        with api.connect() as client:
            assert "set-cookie" not in client.response.headers
    else:
        assert refused(api.connect, subprotocols=["a"]).status_code == status
    [(_, headers, body)] = backend.asked
    names = {name.lower() for name in headers}
    assert sockets.ID.fullmatch({name.lower(): value for name, value in headers.items()}["connectionid"])
    assert body == b"" and not {"upgrade", "connection"} & names - {"connection"}
    assert not [name for name in names if name.startswith("sec-websocket-")]


def test_http_messages(world, backend):
    api = sockets.Api(world)
    uri = f"http://127.0.0.1:{backend.server_port}/message"
    for status in [200, 500]:
        api.route(str(status), api.integration(kind="HTTP_PROXY", IntegrationMethod="POST", IntegrationUri=f"{uri}/{status}"),
                  replies=True)
    with api.stage().connect() as client:
        backend.asked.clear()
        for status in [200, 500]:
            message = '{"action":"%d"}' % status
            assert ask(client, message) == f"back end: {message}"
        assert [body for _, _, body in backend.asked] == [b'{"action":"200"}', b'{"action":"500"}']


def test_models(world, parrot):
    api = sockets.Api(world)
    world.apis.create_model(ApiId=api.id, Name="Order", ContentType="application/json", Schema=json.dumps({
        "$schema": "http://json-schema.org/draft-04/schema#", "type": "object", "required": ["count"],
        "properties": {"count": {"type": "integer", "minimum": 0, "exclusiveMinimum": True}}}))
    api.route("order", api.integration(parrot), replies=True, ModelSelectionExpression="$request.body.action",
              RequestModels={"order": "Order"})
    with api.stage().connect() as client:
        assert json.loads(ask(client, {"action": "order", "count": 1}))["count"] == 1
        for count in [0, "1", None]:
            text = ask(client, {"action": "order", "count": count})
            assert text.startswith('{"message": "Bad request body", "connectionId":"')
        assert json.loads(ask(client, {"action": "order", "count": 2}))["count"] == 2


# ---- other clients ----------------------------------------------------------------------------------------------


def test_node(talk, recorder):
    """The `ws` package, which most programs in JavaScript use."""
    url = f"ws://127.0.0.1:{talk.world.gatelet.port}/_aws/execute-api/{talk.id}/dev"
    done = subprocess.run(["node", str(harness.HERE / "node/ws.mjs"), url], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    seen = json.loads(done.stdout)
    assert seen["protocol"] == "b" and seen["echo"] == "héllo" and seen["pong"] == "!"
    assert seen["extensions"] == ""
    assert seen["refused"] == {"status": 401, "opened": False}
    assert seen["binary"] == 1003 and seen["large"] == 1009
    assert seen["unwanted"] == "Server sent no subprotocol"
    assert seen["close"] == 1000


# ---- by hand ----------------------------------------------------------------------------------------------------


def frame(opcode, payload, final=True):
    """A frame as a client sends it."""
    size = len(payload)
    length = bytes([0x80 | size]) if size < 126 else b"\xfe" + size.to_bytes(2, "big") if size < 65536 \
        else b"\xff" + size.to_bytes(8, "big")
    mask = b"\x01\x02\x03\x04"
    masked = bytes(byte ^ mask[index % 4] for index, byte in enumerate(payload))
    return bytes([opcode | (0x80 if final else 0)]) + length + mask + masked


def read_frame(wire):
    """A frame as the server sent it: (opcode, payload)."""
    first, size = wire.take(2)
    assert first & 0x80 and not size & 0x80
    if size == 126:
        size = int.from_bytes(wire.take(2), "big")
    elif size == 127:
        size = int.from_bytes(wire.take(8), "big")
    return first & 0x0F, wire.take(size)


class upgraded:
    """A connection by hand: a wire after its 101, and the answer."""

    def __init__(self, api, path="/dev"):
        self.api, self.path = api, path

    def __enter__(self):
        key = base64.b64encode(b"0123456789abcdef").decode()
        self.wire = self.api.world.gatelet.wire()
        self.wire.send((f"GET {self.path} HTTP/1.1\r\nHost: {self.api.host}\r\nConnection: Upgrade\r\n"
                        f"Upgrade: websocket\r\nSec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n\r\n").encode())
        answer = self.wire.answer(head_only=True)
        assert answer.status == 101
        return self.wire, answer

    def __exit__(self, *_):
        self.wire.sock.close()


def whoami_of(wire):
    wire.send(frame(1, b'{"action":"whoami"}'))
    opcode, payload = read_frame(wire)
    assert opcode == 1
    return json.loads(payload)["id"]
