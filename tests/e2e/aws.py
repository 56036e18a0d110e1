"""AWS's side of the tests: clients, zips, functions, APIs."""

import base64
import io
import itertools
import json
import os
import subprocess
import zipfile

import boto3
import botocore.exceptions
import pytest
from botocore.config import Config

REGION = "us-east-1"
ACCOUNT = "000000000000"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/any"
_numbers = itertools.count()


def unique(prefix):
    """A name that no other test uses."""
    return f"{prefix}-{os.getpid()}-{next(_numbers)}"


def client(gatelet, service, region=REGION, key="test", validate=True, timeout=60):
    """A boto3 client that tries once. `validate=False` sends what boto3 would refuse."""
    return boto3.client(
        service, endpoint_url=gatelet.url, region_name=region, aws_access_key_id=key, aws_secret_access_key="test",
        config=Config(retries={"total_max_attempts": 1}, parameter_validation=validate, read_timeout=timeout,
                      max_pool_connections=64),
    )


def refused(call, *arguments, **keywords):
    """What an operation that must fail says: (status, code, message)."""
    with pytest.raises(botocore.exceptions.ClientError) as caught:
        call(*arguments, **keywords)
    response = caught.value.response
    return response["ResponseMetadata"]["HTTPStatusCode"], response["Error"]["Code"], response["Error"]["Message"]


def zipped(files, modes=None):
    """A zip of `{name: text or bytes}`; `modes` by name, else 0644."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            info = zipfile.ZipInfo(name, (2026, 1, 2, 3, 4, 6))
            info.create_system = 3
            info.external_attr = ((modes or {}).get(name, 0o100644)) << 16
            archive.writestr(info, content, zipfile.ZIP_DEFLATED)
    return out.getvalue()


SUFFIX = {"nodejs": ".js", "python": ".py"}


class World:
    """One gatelet and its clients."""

    def __init__(self, gatelet, region=REGION, key="test"):
        self.gatelet = gatelet
        self.region = region
        self.account = key if key.isdigit() and len(key) == 12 else ACCOUNT
        self.key = key
        self.apis = client(gatelet, "apigatewayv2", region, key)
        self.rest = client(gatelet, "apigateway", region, key)
        self.functions = client(gatelet, "lambda", region, key)
        self.sts = client(gatelet, "sts", region, key)

    def client(self, service, **keywords):
        return client(self.gatelet, service, **{"region": self.region, "key": self.key, **keywords})

    def function(self, code, runtime="nodejs20.x", handler=None, modes=None, name=None, **more):
        """Creates a function; `code` is the source of its one file, or a dict of files. Its ARN."""
        if isinstance(code, str):
            if runtime.startswith("provided"):
                code, modes = {"bootstrap": code}, {"bootstrap": 0o100755}
            else:
                code = {"index" + SUFFIX[runtime[:6]]: code}
        name = name or unique("function")
        made = self.functions.create_function(
            FunctionName=name, Runtime=runtime, Role=ROLE, Handler=handler or "index.handler",
            Code={"ZipFile": zipped(code, modes)}, **{"Timeout": 10, **more},
        )
        return made["FunctionArn"]

    def invoke(self, function, payload=None, **more):
        """Invokes, and returns (payload parsed, the whole response)."""
        response = self.functions.invoke(
            FunctionName=function, Payload=json.dumps(payload if payload is not None else {}), **more)
        text = response["Payload"].read()
        return (json.loads(text) if text else None), response

    def http_api(self, **create):
        return HttpApi(self, **create)

    def rest_api(self, **create):
        return RestApi(self, **create)

    def awscli(self, *arguments, program="aws", check=True, **environment):
        """Runs the AWS CLI (or awslocal) as a user would: (parsed output, exit code, stderr)."""
        bin_folder = os.path.dirname(os.sys.executable)
        done = subprocess.run(
            [os.path.join(bin_folder, program), *arguments],
            env={
                "PATH": f"{bin_folder}:{os.environ['PATH']}", "HOME": self.gatelet.folder.name,
                "AWS_ENDPOINT_URL": self.gatelet.url, "AWS_ACCESS_KEY_ID": self.key, "AWS_SECRET_ACCESS_KEY": "test",
                "AWS_DEFAULT_REGION": self.region, "AWS_PAGER": "", **environment,
            },
            capture_output=True, text=True, timeout=60,
        )
        if check:
            assert done.returncode == 0, done.stderr
        output = json.loads(done.stdout) if done.stdout.strip().startswith(("{", "[", '"')) else done.stdout
        return output, done.returncode, done.stderr


class HttpApi:
    """An HTTP API under construction, and a way to call it."""

    def __init__(self, world, stage="$default", variables=None, auto_deploy=True, **create):
        self.world = world
        made = world.apis.create_api(Name=create.pop("Name", unique("api")), ProtocolType="HTTP", **create)
        self.id = made["ApiId"]
        if stage:
            self.stage(stage, auto_deploy, variables)

    def stage(self, name, auto_deploy=True, variables=None):
        more = {"StageVariables": variables} if variables else {}
        self.world.apis.create_stage(ApiId=self.id, StageName=name, AutoDeploy=auto_deploy, **more)
        return self

    def function_integration(self, arn, version="2.0", **more):
        return self.world.apis.create_integration(
            ApiId=self.id, IntegrationType="AWS_PROXY", IntegrationUri=arn, PayloadFormatVersion=version, **more,
        )["IntegrationId"]

    def http_integration(self, uri, method="ANY", **more):
        return self.world.apis.create_integration(
            ApiId=self.id, IntegrationType="HTTP_PROXY", IntegrationUri=uri, IntegrationMethod=method,
            PayloadFormatVersion="1.0", **more,
        )["IntegrationId"]

    def route(self, key, integration, **more):
        return self.world.apis.create_route(
            ApiId=self.id, RouteKey=key, Target=f"integrations/{integration}", **more)["RouteId"]

    @property
    def host(self):
        return f"{self.id}.execute-api.localhost.localstack.cloud:4566"

    def call(self, method="GET", path="/", headers=None, body=None, **more):
        pairs = list(headers.items() if isinstance(headers, dict) else headers or [])
        if not any(name.lower() == "host" for name, _ in pairs):
            pairs.insert(0, ("Host", self.host))
        return self.world.gatelet.request(method, path, pairs, body, **more)

    def url(self, path="/"):
        """A path on localhost that reaches the API without its host."""
        return f"/_aws/execute-api/{self.id}{path}"


class RestApi:
    """A REST API under construction, and a way to call it."""

    def __init__(self, world, **create):
        self.world = world
        made = world.rest.create_rest_api(name=create.pop("name", unique("rest")), **create)
        self.id = made["id"]
        self.resources = {"/": made["rootResourceId"]}

    def resource(self, path):
        """The id of the resource with this path, made with all above it where it is missing."""
        if path not in self.resources:
            parent, part = path.rsplit("/", 1)
            made = self.world.rest.create_resource(
                restApiId=self.id, parentId=self.resource(parent or "/"), pathPart=part)
            self.resources[path] = made["id"]
        return self.resources[path]

    def names(self, key):
        """What names a method, `GET /pets`, to the operations."""
        verb, path = key.split(" ")
        return {"restApiId": self.id, "resourceId": self.resource(path), "httpMethod": verb}

    def method(self, key, kind, parameters=None, **integration):
        """Makes a method; `parameters` are its requestParameters, and what else comes is the integration's."""
        more = {name: integration.pop(name) for name in ["apiKeyRequired", "operationName"] if name in integration}
        authorization = integration.pop("authorizationType", "NONE")
        if parameters:
            more["requestParameters"] = parameters
        self.world.rest.put_method(**self.names(key), authorizationType=authorization, **more)
        self.world.rest.put_integration(**self.names(key), type=kind, **integration)
        return self

    def function(self, key, arn, **more):
        """A method that a function answers by Lambda proxy."""
        return self.method(key, "AWS_PROXY", integrationHttpMethod="POST", uri=invocations(arn), **more)

    def response(self, key, status, parameters=None, **more):
        """A method response and its integration response."""
        names, status = {**self.names(key), "statusCode": str(status)}, str(status)
        declared = {"responseParameters": {name: False for name in parameters}} if parameters else {}
        self.world.rest.put_method_response(**names, **declared)
        if parameters:
            more["responseParameters"] = parameters
        self.world.rest.put_integration_response(**names, **more)
        return self

    def deploy(self, stage="dev", **more):
        """The id of the deployment."""
        return self.world.rest.create_deployment(restApiId=self.id, stageName=stage, **more)["id"]

    @property
    def host(self):
        return f"{self.id}.execute-api.localhost.localstack.cloud:4566"

    def call(self, method="GET", path="/dev", headers=None, body=None, **more):
        """`path` begins with the stage."""
        pairs = list(headers.items() if isinstance(headers, dict) else headers or [])
        if not any(name.lower() == "host" for name, _ in pairs):
            pairs.insert(0, ("Host", self.host))
        return self.world.gatelet.request(method, path, pairs, body, **more)


def invocations(arn):
    """How V1 names a function."""
    return f"arn:aws:apigateway:{REGION}:lambda:path/2015-03-31/functions/{arn}/invocations"


# Answers with the event that it got.
NODE_ECHO = """
exports.handler = async (event, context) => ({
  statusCode: 200, headers: { 'content-type': 'application/json' },
  body: JSON.stringify(event),
});
"""

# A `provided` function in Python, speaking the Runtime API itself: it answers with exactly the bytes that the
# request's header `x-raw` (base64) says, or does what `x-do` says.
SPEAKER = r"""#!/usr/bin/env python3
import base64, http.client, json, os, sys, time

api = http.client.HTTPConnection(os.environ["AWS_LAMBDA_RUNTIME_API"])
base = "/2018-06-01/runtime/invocation/"
while True:
    api.request("GET", base + "next")
    response = api.getresponse()
    event = json.loads(response.read())
    request_id = response.headers["Lambda-Runtime-Aws-Request-Id"]
    headers = {name.lower(): value for name, value in (event.get("headers") or {}).items()}
    do = headers.get("x-do")
    if do == "exit":
        os._exit(3)
    if do == "hang":
        time.sleep(3600)
    if do == "error":
        api.request("POST", base + request_id + "/error", json.dumps(
            {"errorMessage": "the function says no", "errorType": "No"}))
    elif do and do.startswith("large:"):
        api.request("POST", base + request_id + "/response", json.dumps("x" * int(do[6:])))
    else:
        api.request("POST", base + request_id + "/response", base64.b64decode(headers["x-raw"]))
    api.getresponse().read()
"""


def raw_header(payload):
    """The header that makes SPEAKER answer with `payload`: bytes, text, or anything else as JSON."""
    if not isinstance(payload, (bytes, str)):
        payload = json.dumps(payload)
    if isinstance(payload, str):
        payload = payload.encode()
    return {"x-raw": base64.b64encode(payload).decode()}
