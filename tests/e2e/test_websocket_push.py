"""The Management API of WebSocket APIs: back ends push to connections, look at them, close them."""

import datetime
import re
import time
import urllib.parse

import botocore.exceptions
import pytest

import aws
import harness
import sockets
from sockets import ask, closing

TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")


def once(connection):
    return urllib.parse.quote(connection, safe="")


def twice(connection):
    return once(once(connection))


@pytest.fixture(scope="module")
def recorder(world):
    return sockets.Recorder(world)


@pytest.fixture(scope="module")
def api(world, recorder):
    api = sockets.Api(world)
    integration = api.integration(recorder.arn)
    for key in ["$connect", "$disconnect"]:
        api.route(key, integration)
    api.route("$default", integration, replies=True)
    api.route("whoami", api.integration(world.function(sockets.WHOAMI, Timeout=30)), replies=True)
    return api.stage().stage("other")


@pytest.fixture
def client(api):
    with api.connect() as client:
        yield client


@pytest.mark.parametrize("escape", [str, once, twice])
@pytest.mark.parametrize("marker", ["@connections", "%40connections"])
@pytest.mark.parametrize("form, base", [
    ("any", ""), ("host", "/dev"), ("host", ""), ("path", "/dev"), ("path", ""), ("restapis", "/dev"),
    ("execute-api", "/dev"), ("port", "/dev"), ("port", ""),
])
def test_url_forms(api, client, form, base, marker, escape):
    me = sockets.connection_id(client)
    text = f"{form} {base} {marker} ü"
    answer = api.manage("POST", me, text, base, form, escape, marker=marker)
    assert (answer.status, answer.body) == (200, b"")
    assert client.recv(timeout=30) == text
    look = api.manage("GET", me, None, base, form, escape, marker=marker)
    assert look.status == 200 and look.json()["identity"]["sourceIp"] == "127.0.0.1"


def test_get(api, client):
    me = sockets.connection_id(client)
    first = api.manage("GET", me).json()
    assert sorted(first) == ["connectedAt", "identity", "lastActiveAt"]
    assert TIME.fullmatch(first["connectedAt"]) and TIME.fullmatch(first["lastActiveAt"])
    assert first["identity"]["userAgent"].startswith("Python/")
    time.sleep(0.02)
    assert ask(client, "hello") == "hello"
    second = api.manage("GET", me).json()
    time.sleep(0.02)
    assert api.manage("POST", me, "x").status == 200
    third = api.manage("GET", me).json()
    assert first["connectedAt"] == second["connectedAt"] == third["connectedAt"]
    assert first["lastActiveAt"] < second["lastActiveAt"] < third["lastActiveAt"]


def test_delete(api, recorder, client):
    me = sockets.connection_id(client)
    answer = api.manage("DELETE", me)
    assert (answer.status, answer.body) == (204, b"")
    assert closing(client) == (1000, "Connection Closed Normally")
    context = recorder.wait(me)["requestContext"]
    assert (context["disconnectStatusCode"], context["disconnectReason"]) == (1000, "Connection Closed Normally")
    for method in ["POST", "GET", "DELETE"]:
        gone = api.manage(method, me, "late" if method == "POST" else None)
        assert (gone.status, gone.body, gone["x-amzn-ErrorType"]) == (410, b"", "GoneException")
    time.sleep(0.1)
    assert len(recorder.of(me, "DISCONNECT")) == 1


def test_boto3(api, client):
    me = sockets.connection_id(client)
    management = api.management()
    management.post_to_connection(ConnectionId=me, Data=b'{"msg": "Hi"}')
    assert client.recv(timeout=30) == '{"msg": "Hi"}'
    seen = management.get_connection(ConnectionId=me)
    assert isinstance(seen["ConnectedAt"], datetime.datetime) and seen["LastActiveAt"] >= seen["ConnectedAt"]
    assert seen["Identity"]["SourceIp"] == "127.0.0.1" and seen["Identity"]["UserAgent"]
    management.delete_connection(ConnectionId=me)
    assert closing(client)[0] == 1000
    for call in [lambda: management.post_to_connection(ConnectionId=me, Data=b"x"),
                 lambda: management.get_connection(ConnectionId=me),
                 lambda: management.delete_connection(ConnectionId=me)]:
        with pytest.raises(management.exceptions.GoneException) as caught:
            call()
        assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 410


@pytest.mark.parametrize("where", ["edge", "port", "port/dev"])
def test_boto3_by_other_urls(api, client, where):
    me = sockets.connection_id(client)
    url = {"edge": api.world.gatelet.url, "port": f"http://localhost:{api.port}",
           "port/dev": f"http://localhost:{api.port}/dev"}[where]
    sockets.management(url).post_to_connection(ConnectionId=me, Data=b"x")
    assert client.recv(timeout=30) == "x"


@pytest.mark.parametrize("connection", ["!!!", "x", "a2cbf3ea", "AAAAAAAAAAAAAAAA", "AAAAAAAAAAAAAAAAAAAA=", "%00"])
@pytest.mark.parametrize("method", ["POST", "GET", "DELETE"])
def test_what_is_no_id(api, method, connection):
    answer = api.manage(method, connection, "x" if method == "POST" else None)
    assert (answer.status, answer["x-amzn-ErrorType"]) == (400, "BadRequestException")
    assert answer.json()["message"].startswith("Invalid connectionId: ")


def test_what_was_never_one(api):
    answer = api.manage("POST", "PJqB0fHsqRcCHlw=", "x")
    assert (answer.status, answer.body, answer["x-amzn-ErrorType"]) == (410, b"", "GoneException")


def test_of_another_stage_or_api(world, api, client):
    me = sockets.connection_id(client)
    assert api.manage("POST", me, "x", "/other").status == 410
    nowhere = api.manage("POST", me, "x", "/nosuch")
    assert (nowhere.status, nowhere["x-amzn-ErrorType"], nowhere.json()) == (
        403, "ForbiddenException", {"message": "Forbidden"})
    another = sockets.Api(world)
    another.route("$default")
    another.stage()
    assert another.manage("POST", me, "x").status == 410
    assert another.manage("POST", me, "x", "", "port").status == 410
    assert ask(client, "alive") == "alive"


@pytest.mark.parametrize("method", ["PUT", "PATCH", "HEAD"])
def test_no_such_operation(api, client, method):
    assert api.manage(method, sockets.connection_id(client)).status == 403


def test_how_much(api, client):
    me = sockets.connection_id(client)
    largest = "x" * 131072
    assert api.manage("POST", me, largest).status == 200
    assert client.recv(timeout=30) == largest
    answer = api.manage("POST", me, largest + "x")
    assert (answer.status, answer["x-amzn-ErrorType"]) == (413, "PayloadTooLargeException")


@pytest.mark.parametrize("body, text", [(b"", ""), (b"\xff\xfe", "\ufffd\ufffd"), ("ü€".encode(), "ü€"), (b"\0", "\0")])
def test_what_is_pushed_is_text(api, client, body, text):
    me = sockets.connection_id(client)
    assert api.manage("POST", me, body).status == 200
    assert client.recv(timeout=30) == text


def test_in_order(api, client):
    me = sockets.connection_id(client)
    management = api.management()
    for number in range(100):
        management.post_to_connection(ConnectionId=me, Data=str(number).encode())
    assert [client.recv(timeout=30) for _ in range(100)] == [str(number) for number in range(100)]


def test_from_inside_connect(api, recorder):
    """The connection is not there yet."""
    before = len(recorder.all())
    with api.connect("/dev?pushes=early") as client:
        assert ask(client, "first") == "first"
    assert [event["pushed"] for event in recorder.all()[before:] if "pushed" in event] == [410]


def test_from_inside_a_message(api, client):
    client.send('{"pushes": "mine", "answer": {"body": "reply"}}')
    assert sorted(client.recv(timeout=30) for _ in range(2)) == ["mine", "reply"]


def test_from_inside_disconnect(world):
    """It is gone already."""
    code = sockets.RECORDER.replace("if (wish.sleep)", "if (eventType === 'DISCONNECT') wish.pushes = 'x';\n  if (wish.sleep)")
    recorder = sockets.Recorder(world)
    world.functions.update_function_code(FunctionName=recorder.arn, ZipFile=aws.zipped({"index.js": code}))
    api = sockets.Api(world)
    api.route("$disconnect", api.integration(recorder.arn))
    with api.stage().connect():
        pass
    pushed = harness.wait_until(lambda: [event["pushed"] for event in recorder.all() if "pushed" in event], "a push")
    assert pushed == [410]


def test_a_client_that_does_not_read(api, recorder):
    """What waits for it is bounded: then pushes are refused, while others go on."""
    with api.connect() as slow, api.connect() as other:
        me, you = sockets.connection_id(slow), sockets.connection_id(other)
        slow_reader = slow.socket
        assert slow_reader.fileno() >= 0
        statuses = []
        # The client's library reads ahead a little, and so do the sockets: 64 MB are more than all of them.
        for _ in range(512):
            answer = api.manage("POST", me, "x" * 131072)
            statuses.append(answer.status)
            if answer.status != 200:
                break
        assert statuses[-1] == 429 and answer["x-amzn-ErrorType"] == "LimitExceededException"
        assert ask(other, "hello") == "hello"
        assert api.manage("POST", you, "push").status == 200 and other.recv(timeout=30) == "push"
        for _ in range(statuses.count(200)):
            assert len(slow.recv(timeout=30)) == 131072
        assert ask(slow, "alive") == "alive"


def test_the_endpoint_of_an_http_api(world, node_echo):
    """It has no connections: its routes are asked, as for any other path."""
    api = world.http_api()
    api.route("$default", api.function_integration(node_echo))
    assert api.call("GET", "/dev/@connections/x").json()["rawPath"] == "/dev/@connections/x"
    with pytest.raises(botocore.exceptions.ClientError):
        sockets.management(f"{world.gatelet.url}/_aws/execute-api/nosuch/dev").get_connection(ConnectionId="x")
