"""What WebSocket APIs hold on to and let go: ports, connections, processes; and what `--parity aws` changes."""

import contextlib
import json
import signal
import socket
import threading
import time

import pytest
import websockets.exceptions

import aws
import harness
import sockets
from sockets import ask, closing, refused, silent


def free_range(size):
    """The first of so many ports, all free now."""
    while True:
        first = harness.free_port()
        if first + size > 65000:
            continue
        try:
            for port in range(first, first + size):
                with socket.socket() as listener:
                    listener.bind(("127.0.0.1", port))
            return first
        except OSError:
            continue


def with_ports(size, arguments=(), **environment):
    first = free_range(size)
    return first, harness.Gatelet(list(arguments), {
        "EXTERNAL_SERVICE_PORTS_START": str(first), "EXTERNAL_SERVICE_PORTS_END": str(first + size), **environment})


def listens(port):
    try:
        socket.create_connection(("127.0.0.1", port), 5).close()
        return True
    except ConnectionRefusedError:
        return False


def parrots(world, **create):
    """An api that says what it is told, and its recorder."""
    recorder = sockets.Recorder(world)
    api = sockets.Api(world, **create)
    integration = api.integration(recorder.arn)
    for key in ["$connect", "$disconnect"]:
        api.route(key, integration)
    api.route("$default", integration, replies=True)
    api.route("whoami", api.integration(world.function(sockets.WHOAMI, Timeout=30)), replies=True)
    return api.stage(), recorder


def test_ports():
    first, gatelet = with_ports(2)
    with gatelet:
        world = aws.World(gatelet)
        assert not listens(first)
        one, _ = parrots(world)
        assert one.made["ApiEndpoint"] == f"ws://localhost:{first}"
        assert world.apis.get_api(ApiId=one.id)["ApiEndpoint"] == one.made["ApiEndpoint"]
        two = sockets.Api(world)
        assert two.port == first + 1
        # Nothing is deployed there yet.
        assert refused(two.connect, "", "port").status_code == 403

        # No port is free: by host and path it works.
        three, _ = parrots(world)
        assert three.made["ApiEndpoint"] == f"ws://{three.id}.execute-api.localhost.localstack.cloud:{gatelet.port}"
        for form in ["host", "path"]:
            with three.connect(form=form) as client:
                assert ask(client, "hello") == "hello"
        assert "port" in " ".join(three.made.get("Warnings", []))

        with one.connect("", "port") as client:
            assert ask(client, "hello") == "hello"
            world.apis.delete_api(ApiId=one.id)
            assert closing(client)[0] == 1001
        harness.wait_until(lambda: not listens(first), "the port let go")
        four, _ = parrots(world)
        assert four.port == first
        with four.connect("", "port") as client:
            assert ask(client, "hello") == "hello"
        # HTTP APIs have none.
        assert "localhost:" not in world.apis.create_api(Name="http", ProtocolType="HTTP")["ApiEndpoint"]


def test_ports_of_others_are_passed_over():
    first, gatelet = with_ports(2)
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", first))
        taken.listen()
        with gatelet:
            assert sockets.Api(aws.World(gatelet)).port == first + 1


def test_reset_lets_ports_go():
    first, gatelet = with_ports(1)
    with gatelet:
        api, _ = parrots(aws.World(gatelet))
        with api.connect("", "port") as client:
            assert ask(client, "hello") == "hello"
            assert gatelet.request("POST", "/_localstack/state/reset").status == 200
            assert closing(client)[0] == 1001
        assert sockets.Api(aws.World(gatelet)).port == first


@pytest.mark.parametrize("what", ["api", "stage"])
def test_what_is_deleted_closes_its_connections(world, what):
    api, recorder = parrots(world)
    api.stage("other")
    with api.connect() as client, api.connect("/other") as other:
        me, you = sockets.connection_id(client), sockets.connection_id(other)
        if what == "api":
            world.apis.delete_api(ApiId=api.id)
        else:
            world.apis.delete_stage(ApiId=api.id, StageName="dev")
        assert closing(client)[0] == 1001
        context = recorder.wait(me)["requestContext"]
        assert (context["disconnectStatusCode"], context["disconnectReason"]) == (1001, "Going away")
        if what == "api":
            assert closing(other)[0] == 1001
            recorder.wait(you)
        else:
            assert ask(other, "alive") == "alive"


def test_stopping():
    """The clients are told, `$disconnect` is asked, and the exit is 0."""
    with harness.Gatelet() as gatelet, contextlib.ExitStack() as opened:
        api, recorder = parrots(aws.World(gatelet))
        clients = [opened.enter_context(api.connect()) for _ in range(5)]
        ids = [sockets.connection_id(client) for client in clients]
        gatelet.send(signal.SIGTERM)
        assert [closing(client)[0] for client in clients] == [1001] * 5
        assert gatelet.process.wait(30) == 0
        assert sorted(event["requestContext"]["connectionId"] for event in recorder.all()
                      if event["requestContext"]["eventType"] == "DISCONNECT") == sorted(ids)
        for me in ids:
            assert recorder.of(me, "DISCONNECT")[0]["requestContext"]["disconnectStatusCode"] == 1001


def test_idle_and_lifetime():
    with harness.Gatelet(["--ws-idle-ms", "1500", "--ws-lifetime-ms", "6000"]) as gatelet:
        api, recorder = parrots(aws.World(gatelet))
        with api.connect() as idle, api.connect() as busy, api.connect() as pinging:
            me, you = sockets.connection_id(idle), sockets.connection_id(busy)
            began = time.monotonic()
            closed = []

            def wait(client):
                closed.append((closing(client), time.monotonic() - began))

            thread = threading.Thread(target=wait, args=(idle,))
            thread.start()
            while time.monotonic() - began < 3:
                assert ask(busy, "hello") == "hello"
                assert pinging.ping().wait(5)
                time.sleep(0.3)
            thread.join()
            assert closed[0][0] == (1001, "Going away") and 1.2 < closed[0][1] < 3.5
            context = recorder.wait(me)["requestContext"]
            assert (context["disconnectStatusCode"], context["disconnectReason"]) == (1001, "Going away")
            assert ask(pinging, "still here") == "still here"
            with pytest.raises(websockets.exceptions.ConnectionClosed):
                while time.monotonic() - began < 12:
                    ask(busy, "hello")
                    time.sleep(0.2)
            assert 4 < time.monotonic() - began < 12
            assert recorder.wait(you)["requestContext"]["disconnectStatusCode"] == 1001


def test_binary_on_demand():
    with harness.Gatelet(["--ws-binary", "base64"]) as gatelet:
        api, recorder = parrots(aws.World(gatelet))
        with api.connect() as client:
            me = sockets.connection_id(client)
            client.send(b"\x00\xff")
            event = recorder.wait(me, "MESSAGE")
            assert (event["body"], event["isBase64Encoded"]) == ("AP8=", True)


# ---- --parity aws -----------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def strict():
    with harness.Gatelet(["--parity", "aws"]) as gatelet:
        yield aws.World(gatelet)


def permit(world, arn, api):
    world.functions.add_permission(
        FunctionName=arn, StatementId=aws.unique("s"), Action="lambda:InvokeFunction", Principal="apigateway.amazonaws.com",
        SourceArn=f"arn:aws:execute-api:{world.region}:{world.account}:{api.id}/*")


def test_aws_asks_for_permission(strict):
    recorder = sockets.Recorder(strict)
    api = sockets.Api(strict)
    api.route("$connect", api.integration(recorder.arn))
    api.stage()
    assert refused(api.connect).status_code == 500
    assert recorder.all() == []
    permit(strict, recorder.arn, api)
    with api.connect():
        pass
    assert len(recorder.all()) == 1


def test_aws_is_silent_without_a_route_response(strict):
    recorder = sockets.Recorder(strict)
    api = sockets.Api(strict)
    integration = api.integration(recorder.arn)
    api.route("$default", integration)
    api.route("two-way", integration, replies=True)
    api.stage()
    permit(strict, recorder.arn, api)
    with api.connect() as client:
        client.send("one-way")
        assert silent(client)
        # What goes wrong is said even there.
        assert json.loads(ask(client, {"throws": "no"}))["message"] == "Internal server error"
        assert json.loads(ask(client, {"action": "two-way"})) == {"action": "two-way"}


def test_aws_wants_a_status(strict):
    arn = strict.function("exports.handler = (event, context, callback) => callback(null, event)", Timeout=30)
    api = sockets.Api(strict)
    api.route("$connect", api.integration(arn))
    api.stage()
    permit(strict, arn, api)
    assert refused(api.connect).status_code == 502


def test_aws_wants_a_stage(strict):
    api = sockets.Api(strict)
    api.route("whoami", api.integration(strict.function(sockets.WHOAMI, Timeout=30, name="whoami")), replies=True)
    api.stage()
    permit(strict, "whoami", api)
    for form in ["host", "path"]:
        assert refused(api.connect, "", form).status_code == 403
    with api.connect() as client:
        me = sockets.connection_id(client)
        assert api.manage("POST", me, "x", "", "host").status == 403
        assert api.manage("POST", me, "x").status == 200
        assert client.recv(timeout=30) == "x"


def test_aws_wants_a_deployment(strict):
    api = sockets.Api(strict)
    api.route("x")
    strict.apis.create_stage(ApiId=api.id, StageName="dev")
    assert refused(api.connect).status_code == 403
    api.deploy()
    with api.connect() as client:
        assert json.loads(ask(client, "hello"))["message"] == "Forbidden"
