"""WebSocket APIs under test: making them, connecting to them, pushing to their connections."""

import json
import re
import socket
import urllib.parse
from pathlib import Path

import boto3
import websockets.exceptions
import websockets.sync.client
from botocore.config import Config

import aws
import harness

# AWS's ids: eleven bytes in URL-safe base64.
ID = re.compile(r"[A-Za-z0-9_-]{15}=")
NAME = "execute-api.localhost.localstack.cloud"

# Writes each event to a file, a line each, and does what the event asks for: the query string of a handshake, or the
# message. Its answer to a handshake is 200, to a message the message itself.
RECORDER = """
const fs = require('node:fs'), http = require('node:http');
const push = (path, method, body) => new Promise((resolve, reject) => {
  const request = http.request(process.env.GATELET + path, { method }, (response) => {
    response.resume();
    response.on('end', () => resolve(response.statusCode));
  });
  request.on('error', reject);
  request.end(body);
});
exports.handler = async (event) => {
  fs.appendFileSync(process.env.RECORD, JSON.stringify(event) + '\\n');
  const { eventType, connectionId } = event.requestContext;
  let wish = event.queryStringParameters ?? {};
  if (eventType === 'MESSAGE') {
    try { wish = JSON.parse(event.body) } catch { wish = {} }
  }
  if (wish.sleep) await new Promise((done) => setTimeout(done, Number(wish.sleep)));
  if (wish.throws) throw new Error(wish.throws);
  if (wish.pushes) {
    const status = await push(`/@connections/${encodeURIComponent(connectionId)}`, 'POST', wish.pushes);
    fs.appendFileSync(process.env.RECORD, JSON.stringify({ pushed: status, requestContext: { connectionId } }) + '\\n');
  }
  if (wish.answer) return typeof wish.answer === 'string' ? JSON.parse(wish.answer) : wish.answer;
  return { statusCode: 200, body: event.body };
};
"""


class Recorder:
    """A function, and the events that it saw."""

    def __init__(self, world, name=None):
        self.path = Path(world.gatelet.folder.name) / f"{aws.unique('events')}.jsonl"
        self.path.touch()
        environment = {"RECORD": str(self.path), "GATELET": world.gatelet.url}
        self.arn = world.function(RECORDER, name=name, Timeout=30, Environment={"Variables": environment})

    def all(self):
        # The last line may be half written.
        return [json.loads(line) for line in self.path.read_text().split("\n")[:-1]]

    def of(self, connection, kind=None):
        events = [event for event in self.all() if event["requestContext"]["connectionId"] == connection]
        return [event for event in events if kind is None or event["requestContext"].get("eventType") == kind]

    def wait(self, connection, kind="DISCONNECT"):
        """The one event of a kind, when it is there."""
        events = harness.wait_until(lambda: self.of(connection, kind), f"{kind} of {connection}")
        assert len(events) == 1
        return events[0]


class Api:
    """A WebSocket API under construction, and ways to reach it."""

    def __init__(self, world, **create):
        self.world = world
        create = {"Name": aws.unique("socket"), "RouteSelectionExpression": "$request.body.action", **create}
        self.made = world.apis.create_api(ProtocolType="WEBSOCKET", **create)
        self.id = self.made["ApiId"]
        self.routes = {}

    @property
    def port(self):
        """The port of its own."""
        return urllib.parse.urlsplit(self.made["ApiEndpoint"]).port

    def integration(self, arn=None, kind="AWS_PROXY", **more):
        if arn is not None:
            uri = f"arn:aws:apigateway:{self.world.region}:lambda:path/2015-03-31/functions/{arn}/invocations"
            more = {"IntegrationUri": uri, "IntegrationMethod": "POST", **more}
        return self.world.apis.create_integration(ApiId=self.id, IntegrationType=kind, **more)["IntegrationId"]

    def route(self, key, integration=None, replies=False, **more):
        if integration is not None:
            more["Target"] = f"integrations/{integration}"
        if replies:
            more["RouteResponseSelectionExpression"] = "$default"
        route = self.world.apis.create_route(ApiId=self.id, RouteKey=key, **more)["RouteId"]
        if replies:
            self.world.apis.create_route_response(ApiId=self.id, RouteId=route, RouteResponseKey="$default")
        self.routes[key] = route
        return route

    def stage(self, name="dev", **more):
        deployment = self.world.apis.create_deployment(ApiId=self.id)["DeploymentId"]
        self.world.apis.create_stage(ApiId=self.id, StageName=name, DeploymentId=deployment, **more)
        return self

    def deploy(self, stage="dev"):
        self.world.apis.create_deployment(ApiId=self.id, StageName=stage)
        return self

    @property
    def host(self):
        return f"{self.id}.{NAME}:{self.world.gatelet.port}"

    def url(self, path="/dev", form="host"):
        """A URL of the API; `path` is the stage and what follows."""
        edge = f"localhost:{self.world.gatelet.port}"
        return {
            "host": f"ws://{self.host}{path}",
            "path": f"ws://{edge}/_aws/execute-api/{self.id}{path}",
            "ws": f"ws://{edge}/ws/{self.id}{path}",
            "restapis": f"ws://{edge}/restapis/{self.id}{path}/_user_request_",
            "port": f"ws://localhost:{self.port}{path}",
        }[form]

    def connect(self, path="/dev", form="host", **more):
        return connect(self.url(path, form), self.world.gatelet.port if form != "port" else self.port, **more)

    def manage(self, method, connection, body=None, base="/dev", form="host", escape=str, **more):
        """A call of the Management API, by hand: its answer."""
        prefix = {
            "any": "", "host": base, "path": f"/_aws/execute-api/{self.id}{base}", "port": base,
            "restapis": f"/restapis/{self.id}{base}/_user_request_", "execute-api": f"/execute-api/{self.id}{base}",
        }[form]
        headers = {"Host": self.host} if form == "host" else {}
        to = self.world.gatelet if form != "port" else At(self.port)
        return harness.Gatelet.request(
            to, method, f"{prefix}/{more.pop('marker', '@connections')}/{escape(connection)}", headers, body, **more)

    def management(self, path="/dev"):
        """A client of boto3 for the Management API."""
        return management(f"{self.world.gatelet.url}/_aws/execute-api/{self.id}{path}", self.world.region)


def management(url, region=aws.REGION):
    """A client of boto3 for the Management API at a URL."""
    return boto3.client(
        "apigatewaymanagementapi", endpoint_url=url, region_name=region, aws_access_key_id="test",
        aws_secret_access_key="test", config=Config(retries={"total_max_attempts": 1}),
    )


class At:
    """Somebody to ask at a port."""

    def __init__(self, port):
        self.port = port


def connect(url, port, **more):
    """A client of a URL that is served at a port here, whatever its host resolves to."""
    sock = socket.create_connection(("127.0.0.1", port), harness.PATIENCE)
    more = {"open_timeout": harness.PATIENCE, "close_timeout": harness.PATIENCE, "ping_interval": None,
            "compression": None, "proxy": None, **more}
    try:
        return websockets.sync.client.connect(url, sock=sock, **more)
    except BaseException:
        sock.close()
        raise


def refused(call, *arguments, **keywords):
    """The response to a handshake that must fail."""
    try:
        with call(*arguments, **keywords):
            pass
    except websockets.exceptions.InvalidStatus as error:
        return error.response
    raise AssertionError("the connection opened")


def closing(client):
    """How the server closes the connection: (code, reason)."""
    try:
        message = client.recv(timeout=harness.PATIENCE)
    except websockets.exceptions.ConnectionClosed as closed:
        return (closed.rcvd.code, closed.rcvd.reason) if closed.rcvd else (1006, "")
    raise AssertionError(f"a message instead of the end: {message!r}")


def ask(client, message):
    """Sends a message, and returns the next one that comes."""
    client.send(message if isinstance(message, (str, bytes)) else json.dumps(message))
    return client.recv(timeout=harness.PATIENCE)


def connection_id(client):
    """The id of a connection, by asking an api that answers `{"action": "whoami"}`."""
    return json.loads(ask(client, '{"action":"whoami"}'))["id"]


def silent(client, seconds=0.3):
    """Whether nothing comes."""
    try:
        client.recv(timeout=seconds)
    except TimeoutError:
        return True
    return False


# Answers with the id of the connection.
WHOAMI = """
exports.handler = async (event) => ({ statusCode: 200, body: JSON.stringify({ id: event.requestContext.connectionId }) });
"""
