"""LocalStack's page, second project: a WebSocket API with the route `test-action`, whose messages come back."""

import json
import re

import pytest
import websockets.sync.client

import sockets
import tools

PROJECT = "page-websocket"
MESSAGE = '{"action": "test-action", "text": "hi"}'


@pytest.fixture(scope="module")
def service(project):
    project.said = project.serverless("deploy")
    return project


@pytest.fixture(scope="module")
def api(service, deployed):
    return deployed.api("local-page-websocket-websockets")


def test_deploy(service, server, api):
    assert "Service deployed to stack page-websocket-local" in service.said
    assert f"http://localhost:{server.port}/restapis/{api['ApiId']}/local/_user_request_" in service.said


def test_the_endpoint_as_given(api):
    assert re.fullmatch(r"ws://localhost:45[1-5]\d", api["ApiEndpoint"])
    with websockets.sync.client.connect(api["ApiEndpoint"]) as client:
        for _ in range(3):
            client.send(MESSAGE)
            assert client.recv(timeout=30) == MESSAGE


def test_every_url(server, api):
    edge = f"localhost:{server.port}"
    urls = [f"ws://{edge}/restapis/{api['ApiId']}/local/_user_request_", f"ws://{edge}/_aws/execute-api/{api['ApiId']}/local"]
    for host in [f"localhost.localstack.cloud:{server.port}", edge, f"us-east-1.localhost.localstack.cloud:{server.port}",
                 "us-east-1.amazonaws.com"]:
        urls.append(f"ws://{api['ApiId']}.execute-api.{host}/local")
    for url in urls:
        with sockets.connect(url, server.port) as client:
            assert sockets.ask(client, MESSAGE) == MESSAGE, url
    with websockets.sync.client.connect(f"{api['ApiEndpoint']}/local") as client:
        assert sockets.ask(client, MESSAGE) == MESSAGE


def test_the_output_when_pasted(service, deployed, server):
    output = deployed.outputs("page-websocket-local")["ServiceEndpointWebsocket"]
    assert output.endswith("/local") and "amazonaws.com" not in output
    # TLS is not served: the scheme is all that has to be changed.
    with sockets.connect(output.replace("wss://", "ws://"), server.port) as client:
        assert sockets.ask(client, MESSAGE) == MESSAGE


def test_the_push_of_the_page(deployed, service, api):
    """`awslocal apigatewaymanagementapi post-to-connection`, with an id that a function was told."""
    service.edit("handler.js", "callback(null, event)",
                 "callback(null, { statusCode: 200, body: event.requestContext.connectionId })")
    service.serverless("deploy")
    with websockets.sync.client.connect(deployed.api(api["Name"])["ApiEndpoint"]) as client:
        client.send(MESSAGE)
        me = client.recv(timeout=30)
        assert sockets.ID.fullmatch(me)
        deployed.world.awscli("apigatewaymanagementapi", "post-to-connection", "--connection-id", me,
                              "--data", '{"msg": "Hi"}', program="awslocal")
        assert json.loads(client.recv(timeout=30)) == {"msg": "Hi"}


def test_remove(service, deployed):
    service.serverless("remove")
    assert deployed.everything() == {}
