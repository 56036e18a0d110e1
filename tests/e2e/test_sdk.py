"""AWS's SDKs in functions that bring none: Lambda's own images have them, here they are the machine's. The functions call
back, to the Management API and to S3, with nothing configured but what their environment has."""

import os

import boto3
import pytest

import aws
import harness
import sockets
from sockets import ask

PACKAGES = harness.HERE / "node_modules"

# Pushes what arrives to its sender.
COMMON = """
const { ApiGatewayManagementApiClient, PostToConnectionCommand } = require('@aws-sdk/client-apigatewaymanagementapi');
const client = new ApiGatewayManagementApiClient({});
exports.handler = async ({ body, requestContext: { connectionId: ConnectionId } }) => {
  await client.send(new PostToConnectionCommand({ ConnectionId, Data: `node ${body}` }));
  return { statusCode: 200 };
};
"""
MODULE = """
import { ApiGatewayManagementApi } from '@aws-sdk/client-apigatewaymanagementapi';
const client = new ApiGatewayManagementApi({});
export const handler = async ({ body, requestContext: { connectionId: ConnectionId } }) => {
  await client.postToConnection({ ConnectionId, Data: `module ${body}` });
  return { statusCode: 200 };
};
"""
PYTHON = """
import boto3

client = boto3.client("apigatewaymanagementapi")

def handler(event, context):
    connection = event["requestContext"]["connectionId"]
    client.post_to_connection(ConnectionId=connection, Data=f"python {event['body']}".encode())
    return {"statusCode": 200}
"""
BUCKETS = """
import { S3Client, ListBucketsCommand } from '@aws-sdk/client-s3';
export const handler = async () => (await new S3Client({}).send(new ListBucketsCommand({}))).Buckets.map(({ Name }) => Name);
"""


@pytest.fixture(scope="module")
def equipped():
    """The world of a gatelet whose machine has the SDKs."""
    site = os.path.dirname(os.path.dirname(boto3.__file__))
    with harness.Gatelet(environment={"NODE_PATH": str(PACKAGES), "PYTHONPATH": site}) as gatelet:
        yield aws.World(gatelet)


@pytest.mark.parametrize("code, runtime, said", [
    ({"index.js": COMMON}, "nodejs20.x", "node hello"),
    ({"index.mjs": MODULE}, "nodejs22.x", "module hello"),
    ({"index.js": MODULE, "package.json": '{"type": "module"}'}, "nodejs18.x", "module hello"),
    ({"index.py": PYTHON}, "python3.12", "python hello"),
])
def test_pushes(equipped, code, runtime, said):
    api = sockets.Api(equipped)
    api.route("$default", api.integration(equipped.function(code, runtime, Timeout=30)))
    with api.stage().connect() as client:
        assert ask(client, "hello") == said


def test_another_service(equipped):
    equipped.client("s3").create_bucket(Bucket="for-the-function")
    function = equipped.function({"index.mjs": BUCKETS}, Timeout=30)
    assert equipped.invoke(function)[0] == ["for-the-function"]


def test_what_the_function_brings_is_taken(equipped):
    own = {"node_modules/@aws-sdk/client-s3/index.js": "exports.which = 'own'"}
    require = "exports.handler = async () => require('@aws-sdk/client-s3').which"
    load = "import s3 from '@aws-sdk/client-s3'; export const handler = async () => s3.which"
    for code in [{"index.js": require}, {"index.mjs": load}]:
        assert equipped.invoke(equipped.function({**code, **own}))[0] == "own"
    layered = {f"nodejs/{name}": text for name, text in own.items()}
    layer = equipped.functions.publish_layer_version(
        LayerName=aws.unique("sdk"), Content={"ZipFile": aws.zipped(layered)})["LayerVersionArn"]
    for code in [{"index.js": require}, {"index.mjs": load}]:
        assert equipped.invoke(equipped.function(code, Layers=[layer]))[0] == "own"


@pytest.mark.parametrize("file, code, runtime, missing", [
    ("index.js", "require('@aws-sdk/client-of-nothing')", "nodejs20.x", "npm install --global @aws-sdk/client-of-nothing"),
    ("index.mjs", "import '@aws-sdk/client-of-nothing'", "nodejs20.x", "npm install --global @aws-sdk/client-of-nothing"),
    ("index.py", "import package_of_nothing", "python3.12", "-m pip install package_of_nothing"),
])
def test_the_error_says_how_to_provide_it(equipped, file, code, runtime, missing):
    answer, response = equipped.invoke(equipped.function({file: code}, runtime))
    assert response["FunctionError"] == "Unhandled"
    assert missing in answer["errorMessage"] and "layer" in answer["errorMessage"], answer
