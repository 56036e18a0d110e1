"""REST APIs (V1) on the data plane: made with boto3, called by every form of URL."""

import base64
import re

import pytest

import aws
import harness
from aws import raw_header
from test_http_api import same
from test_http_proxy import Backend

UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}")
EXTENDED_ID = re.compile(r"[A-Za-z0-9_-]{15}=")
TRACE = re.compile(r"Root=1-[0-9a-f]{8}-[0-9a-f]{24}")
CLF = re.compile(r"\d\d/[A-Z][a-z]{2}/\d{4}:\d\d:\d\d:\d\d \+0000")

# Returns what it is given, as the page does that we follow.
ECHO = "exports.handler = (event, context, callback) => { callback(null, event); };"


def refusal(answer):
    """A gateway response: its status, its type, its body."""
    assert answer["content-type"] == "application/json"
    assert UUID.fullmatch(answer["x-amzn-RequestId"]) and EXTENDED_ID.fullmatch(answer["x-amz-apigw-id"])
    assert answer.get("x-amzn-trace-id") is None
    return answer.status, answer.get("x-amzn-errortype"), answer.text


MISSING = (403, "MissingAuthenticationTokenException", '{"message":"Missing Authentication Token"}')
SERVER_ERROR = '{"message": "Internal server error"}'


# ---- URL forms, stages, resources ---------------------------------------------------------------------------


@pytest.fixture(scope="module")
def pets(world, node_echo):
    """Resources of all kinds, deployed to `dev` with a variable."""
    api = world.rest_api()
    for key in ["GET /pets/{id}", "POST /pets/dog", "ANY /files/{proxy+}", "GET /"]:
        api.function(key, node_echo)
    api.deploy("dev", variables={"color": "blue"})
    return api


@pytest.mark.parametrize("host, path", [
    ("{id}.execute-api.localhost.localstack.cloud:4566", "/dev/pets/1"),
    ("{id}.execute-api.localhost.localstack.cloud", "/dev/pets/1"),
    ("{id}.execute-api.us-east-1.localhost.localstack.cloud:4566", "/dev/pets/1"),
    ("{id}.execute-api.us-east-1.amazonaws.com", "/dev/pets/1"),
    ("{id}.execute-api.localhost:4566", "//dev/pets/1"),
    ("{ID}.Execute-API.LOCALHOST:4566", "/dev/pets/1"),
    ("localhost:4566", "/restapis/{id}/dev/_user_request_/pets/1"),
    ("127.0.0.1:4566", "/_aws/execute-api/{id}/dev/pets/1"),
])
def test_url_forms(pets, host, path):
    names = {"id": pets.id, "ID": pets.id.upper()}
    answer = pets.call("GET", path.format(**names), {"Host": host.format(**names)})
    assert answer.status == 200, answer
    event = answer.json()
    assert (event["resource"], event["path"], event["pathParameters"]) == ("/pets/{id}", "/pets/1", {"id": "1"})
    assert event["requestContext"]["path"] == "/dev/pets/1"
    assert event["requestContext"]["domainPrefix"].lower() == pets.id
    assert event["stageVariables"] == {"color": "blue"}


@pytest.mark.parametrize("host, path, expected", [
    ("{id}.execute-api.localhost:4566", "/", MISSING),
    ("localhost:4566", "/_aws/execute-api/{id}", MISSING),
    ("{id}.execute-api.localhost:4566", "/dev/nothing", MISSING),
    ("{id}.execute-api.localhost:4566", "/dev/pets", MISSING),
    ("{id}.execute-api.localhost:4566", "/dev/files/", MISSING),
    ("{id}.execute-api.localhost:4566", "/prod/pets/1", None),
    ("localhost:4566", "/restapis/{id}/prod/_user_request_/pets/1", None),
])
def test_what_is_not_there(pets, host, path, expected):
    answer = pets.call("GET", path.format(id=pets.id), {"Host": host.format(id=pets.id)})
    there_is_none = f'{{"message": "The API id \'{pets.id}\' does not correspond to a deployed API Gateway API"}}'
    assert refusal(answer) == (expected or (404, None, there_is_none))


@pytest.mark.parametrize("method, path, resource", [
    ("GET", "/dev", "/"), ("GET", "/dev/", "/"), ("GET", "/dev/pets/dog", "/pets/{id}"),
    ("POST", "/dev/pets/dog/", "/pets/dog"), ("POST", "/dev/pets/cat", None), ("HEAD", "/dev/pets/1", None),
    ("OPTIONS", "/dev/pets/1", None), ("DELETE", "/dev/files/a//b/", "/files/{proxy+}"),
    ("GET", "/dev//files/a", "/files/{proxy+}"),
])
def test_resources(pets, method, path, resource):
    answer = pets.call(method, path)
    if resource is None:
        assert answer.status == 403
        assert method == "HEAD" or refusal(answer) == MISSING
    else:
        assert (answer.status, answer.json()["resource"]) == (200, resource)


def test_a_custom_id(world, node_echo):
    api = world.rest_api(tags={"_custom_id_": "myid123"}).function("GET /x", node_echo)
    assert api.id == "myid123"
    api.deploy("local")
    for host, path in [("myid123.execute-api.localhost.localstack.cloud:4566", "/local/x"),
                       ("localhost:4566", "/restapis/myid123/local/_user_request_/x")]:
        assert api.call("GET", path, {"Host": host}).json()["requestContext"]["apiId"] == "myid123"


def test_a_stage_serves_its_deployment_and_its_own_variables(world, node_echo):
    api = world.rest_api().function("GET /old", node_echo)
    first = api.deploy("dev")
    api.function("GET /new", node_echo)
    assert api.call("GET", "/dev/old").json()["requestContext"]["deploymentId"] == first
    assert refusal(api.call("GET", "/dev/new")) == MISSING
    second = api.deploy("dev")
    assert api.call("GET", "/dev/new").json()["requestContext"]["deploymentId"] == second
    assert api.call("GET", "/dev/old").json()["stageVariables"] is None
    world.rest.update_stage(restApiId=api.id, stageName="dev", patchOperations=[
        {"op": "replace", "path": "/variables/color", "value": "red"},
        {"op": "replace", "path": "/deploymentId", "value": first},
    ])
    assert api.call("GET", "/dev/old").json()["stageVariables"] == {"color": "red"}
    assert refusal(api.call("GET", "/dev/new")) == MISSING
    world.rest.delete_rest_api(restApiId=api.id)
    assert api.call("GET", "/dev/old").status == 404


def test_a_canary_serves_its_share(world, node_echo):
    api = world.rest_api().function("GET /x", node_echo)
    api.deploy("dev")
    made = world.rest.create_deployment(restApiId=api.id, stageName="dev", canarySettings={
        "percentTraffic": 100.0, "stageVariableOverrides": {"version": "new"}})
    event = api.call("GET", "/dev/x").json()
    assert event["requestContext"]["deploymentId"] == made["id"]
    assert (event["requestContext"]["isCanaryRequest"], event["stageVariables"]) == (True, {"version": "new"})


# ---- Lambda proxies ------------------------------------------------------------------------------------------


def test_the_whole_event(world, node_echo):
    api = world.rest_api(binaryMediaTypes=["image/png"]).function("ANY /a/{x}/{rest+}", node_echo,
                                                                  operationName="doIt")
    deployment = api.deploy("dev", variables={"n": "v"})
    answer = api.call("PUT", "/dev/a/b%20c/d/e?q=1&q=2&r=%26+", [
        ("Host", api.host), ("X-Two", "1"), ("x-two", "2"), ("user-agent", "test/1"), ("authorization", "Bearer x"),
        ("Content-Type", "text/plain"), ("Connection", "keep-alive")], "hello")
    assert TRACE.fullmatch(answer["X-Amzn-Trace-Id"])
    assert UUID.fullmatch(answer["x-amzn-RequestId"]) and EXTENDED_ID.fullmatch(answer["x-amz-apigw-id"])
    assert "x-amz-apigw-id" in answer.names() and answer.get("apigw-requestid") is None
    event = answer.json()
    assert event["requestContext"]["requestId"] == answer["x-amzn-RequestId"]
    assert event["requestContext"]["extendedRequestId"] == answer["x-amz-apigw-id"]
    headers = {
        "Authorization": "Bearer x", "Content-Type": "text/plain", "Host": api.host, "User-Agent": "test/1",
        "X-Two": "2", "X-Amzn-Trace-Id": TRACE, "X-Forwarded-For": "127.0.0.1", "X-Forwarded-Port": "4566",
        "X-Forwarded-Proto": "http",
    }
    multi = {name: [value] if isinstance(value, str) else list for name, value in headers.items()}
    same(event, {
        "resource": "/a/{x}/{rest+}", "path": "/a/b%20c/d/e", "httpMethod": "PUT", "headers": headers,
        "multiValueHeaders": {**multi, "X-Two": ["1", "2"]},
        "queryStringParameters": {"q": "2", "r": "& "},
        "multiValueQueryStringParameters": {"q": ["1", "2"], "r": ["& "]},
        "pathParameters": {"x": "b%20c", "rest": "d/e"}, "stageVariables": {"n": "v"},
        "requestContext": {
            "accountId": aws.ACCOUNT, "apiId": api.id, "deploymentId": deployment, "domainName": api.host,
            "domainPrefix": api.id, "extendedRequestId": EXTENDED_ID, "httpMethod": "PUT", "operationName": "doIt",
            "identity": {
                "accessKey": None, "accountId": None, "caller": None, "cognitoAuthenticationProvider": None,
                "cognitoAuthenticationType": None, "cognitoIdentityId": None, "cognitoIdentityPoolId": None,
                "principalOrgId": None, "sourceIp": "127.0.0.1", "user": None, "userAgent": "test/1",
                "userArn": None,
            },
            "path": "/dev/a/b%20c/d/e", "protocol": "HTTP/1.1", "requestId": UUID, "requestTime": CLF,
            "requestTimeEpoch": int, "resourceId": api.resource("/a/{x}/{rest+}"),
            "resourcePath": "/a/{x}/{rest+}", "stage": "dev",
        },
        "body": "hello", "isBase64Encoded": False,
    })


def test_binary_bodies_both_ways(world, node_echo, speaker):
    api = world.rest_api(binaryMediaTypes=["image/png"]).function("POST /in", node_echo).function("GET /out", speaker)
    api.deploy()
    event = api.call("POST", "/dev/in", {"Content-Type": "image/png"}, b"\0\xff").json()
    assert (event["body"], event["isBase64Encoded"]) == ("AP8=", True)
    event = api.call("POST", "/dev/in", {"Content-Type": "application/x-www-form-urlencoded"}, b"a=b").json()
    assert (event["body"], event["isBase64Encoded"]) == ("a=b", False)
    result = raw_header({"statusCode": 200, "body": base64.b64encode(b"\0\xff").decode(), "isBase64Encoded": True})
    assert api.call("GET", "/dev/out", {"Accept": "image/png, */*", **result}).body == b"\0\xff"
    assert api.call("GET", "/dev/out", {"Accept": "*/*", **result}).body == b"AP8="


@pytest.mark.parametrize("result, status, headers, body", [
    ({"statusCode": 201, "headers": {"x-a": "1", "x-b": True}, "body": "x"}, 201, [("x-a", "1"), ("x-b", "true")], "x"),
    ({"statusCode": "202", "multiValueHeaders": {"X-A": ["1", "2"]}, "headers": {"x-a": "3"}}, 202,
     [("X-A", "1"), ("X-A", "2"), ("X-A", "3")], ""),
    ({}, 200, [], ""),
    # What AWS refuses is answered all the same.
    ({"statusCode": 200, "wrongValue": "value", "body": "x"}, 200, [], "x"),
    ({"body": {"a": 1}}, 200, [], '{"a": 1}'),
    ({"message": "x"}, 200, [], '{"message": "x"}'),
    ('"justAString"', 200, [], '"justAString"'),
    ([1], 200, [], "[1]"),
])
def test_results(speaking, result, status, headers, body):
    answer = speaking.call("GET", "/dev/x", raw_header(result))
    assert (answer.status, answer.text) == (status, body)
    assert [(name, value) for name, value in answer.headers if name.lower().startswith("x-") and len(name) == 3] == headers
    assert answer["content-type"] == "application/json"


@pytest.fixture(scope="module")
def speaking(world, speaker):
    api = world.rest_api().function("GET /x", speaker).function("GET /slow", speaker, timeoutInMillis=200)
    api.deploy()
    return api


def test_failures(speaking):
    failed = (502, "InternalServerErrorException", SERVER_ERROR)
    assert refusal(speaking.call("GET", "/dev/x", {"x-do": "error"})) == failed
    assert refusal(speaking.call("GET", "/dev/x", {"x-do": "exit"})) == failed
    late = (504, "InternalServerErrorException", '{"message": "Endpoint request timed out"}')
    assert refusal(speaking.call("GET", "/dev/slow", {"x-do": "hang"})) == late


def test_a_handler_that_returns_its_event(world):
    api = world.rest_api().function("ANY /hello", world.function(ECHO))
    api.deploy()
    assert api.call("GET", "/dev/hello").json()["path"] == "/hello"
    answer = api.call("POST", "/dev/hello", {"Content-Type": "application/json"}, '{"a": 1}')
    assert (answer.status, answer.text) == (200, '{"a": 1}')
    said(world, "Malformed Lambda proxy response")


def test_the_same_under_aws_parity():
    with harness.Gatelet(["--parity", "aws"]) as gatelet:
        world = aws.World(gatelet)
        arn = world.function(ECHO)
        api = world.rest_api().function("GET /hello", arn)
        api.deploy()
        # No permission yet.
        error = "InternalServerErrorException"
        assert refusal(api.call("GET", "/dev/hello")) == (500, error, SERVER_ERROR)
        world.functions.add_permission(
            FunctionName=arn, StatementId="s", Action="lambda:InvokeFunction", Principal="apigateway.amazonaws.com",
            SourceArn=f"arn:aws:execute-api:us-east-1:{aws.ACCOUNT}:{api.id}/*/GET/hello")
        assert refusal(api.call("GET", "/dev/hello")) == (502, error, SERVER_ERROR)
        assert refusal(api.call("GET", "/other/hello")) == (403, "ForbiddenException", '{"message":"Forbidden"}')


def test_too_large(world, pets):
    """More than 10 MB is refused by the head, and more chunks than that by the body; 10 MB are no event."""
    too_long = (413, "RequestTooLargeException", '{"message":"Request Too Long"}')
    length = 10 * 1024 * 1024
    head = f"POST /dev/files/x HTTP/1.1\r\nHost: {pets.host}\r\n"
    with world.gatelet.wire() as wire:
        wire.send(f"{head}Content-Length: {length + 1}\r\n\r\nx".encode())
        assert refusal(wire.answer()) == too_long
    with world.gatelet.wire() as wire:
        wire.send(f"{head}Transfer-Encoding: chunked\r\n\r\n".encode())
        wire.send(b"%x\r\n%s\r\n" % (length, b"x" * length)).send(b"1\r\nx\r\n")
        assert refusal(wire.answer()) == too_long
    assert refusal(pets.call("POST", "/dev/files/x", body=b"x" * length)) == too_long


def test_many_at_once(world, node_echo, pets):
    paths = [f"/dev/pets/{n}" for n in range(100)]
    events = harness.together(lambda path: pets.call("GET", path).json(), paths)
    assert [event["requestContext"]["path"] for event in events] == paths


# ---- MOCK, HTTP, AWS -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("template", ["{statusCode:200}", "{ statusCode: 200 }", '{"statusCode": 200}',
                                      '{"statusCode" : 200}'])
def test_preflights(world, node_echo, template):
    api = world.rest_api().function("GET /x", node_echo)
    api.method("OPTIONS /x", "MOCK", requestTemplates={"application/json": template},
               contentHandling="CONVERT_TO_TEXT")
    api.response("OPTIONS /x", 204, {
        "method.response.header.Access-Control-Allow-Origin": "'*'",
        "method.response.header.Access-Control-Allow-Headers": "'Content-Type,X-Api-Key'",
        "method.response.header.Access-Control-Allow-Methods": "'OPTIONS,GET'",
    })
    api.deploy()
    asks = {"Origin": "http://localhost:3000", "Access-Control-Request-Method": "GET"}
    for host, path in [(api.host, "/dev/x"), ("localhost:4566", f"/restapis/{api.id}/dev/_user_request_/x")]:
        answer = api.call("OPTIONS", path, {"Host": host, **asks})
        assert answer.status == 204
        assert answer["Access-Control-Allow-Origin"] == "*"
        assert answer["Access-Control-Allow-Headers"] == "Content-Type,X-Api-Key"
        assert answer["Access-Control-Allow-Methods"] == "OPTIONS,GET"
        assert answer.get("x-amzn-trace-id") is None
    # Of all else nothing is added.
    assert api.call("GET", "/dev/x", asks).get("access-control-allow-origin") is None


def test_mocks_select_by_status(world):
    api = world.rest_api()
    api.method("GET /x", "MOCK", requestTemplates={"application/json": '{"statusCode": 404}'})
    api.response("GET /x", 200, responseTemplates={"application/json": '{"ok": true}'})
    api.response("GET /x", 404, selectionPattern=r"4\d\d", responseTemplates={"application/json": '{"ok": false}'})
    api.method("POST /x", "MOCK", passthroughBehavior="NEVER")
    api.response("POST /x", 200)
    api.method("PUT /x", "MOCK", requestTemplates={"application/json": '{"statusCode": $input.body}'})
    api.response("PUT /x", 200)
    api.deploy()
    answer = api.call("GET", "/dev/x")
    assert (answer.status, answer.json()) == (404, {"ok": False})
    media_type = (415, "BadRequestException", '{"message": "Unsupported Media Type"}')
    assert refusal(api.call("POST", "/dev/x", body="x")) == media_type
    assert refusal(api.call("PUT", "/dev/x", body="200")) == (500, "InternalServerErrorException", SERVER_ERROR)
    said(world, "does not evaluate templates yet")


@pytest.fixture(scope="module")
def backend():
    with Backend() as backend:
        yield backend


def test_http_proxies(world, backend):
    api = world.rest_api()
    key = "ANY /files/{proxy+}"
    api.method(key, "HTTP_PROXY", parameters={"method.request.path.proxy": True},
               integrationHttpMethod="ANY", uri=f"{backend.url}/echo/{{proxy}}?own=1",
               requestParameters={"integration.request.path.proxy": "method.request.path.proxy",
                                  "integration.request.header.X-Static": "'text'"})
    api.method("GET /status/{code}", "HTTP_PROXY", parameters={"method.request.path.code": True},
               integrationHttpMethod="GET", uri=f"{backend.url}/status/{{code}}",
               requestParameters={"integration.request.path.code": "method.request.path.code"})
    api.method("GET /headers", "HTTP_PROXY", integrationHttpMethod="GET", uri=f"{backend.url}/headers")
    api.method("GET /nobody", "HTTP_PROXY", integrationHttpMethod="GET",
               uri=f"http://127.0.0.1:{harness.free_port()}/")
    api.deploy()
    asked = api.call("POST", "/dev/files/a%20b/c?q=1&q=2", {"X-One": "1", "Authorization": "Bearer x"}, "hello").json()
    assert (asked["method"], asked["path"], asked["body"]) == ("POST", "/echo/a%20b/c?own=1&q=1&q=2", "hello")
    headers = {name.lower(): value for name, value in asked["headers"]}
    assert (headers["x-one"], headers["x-static"], headers["authorization"]) == ("1", "text", "Bearer x")
    assert (headers["host"], headers["x-amzn-apigateway-api-id"]) == (backend.url.split("//")[1], api.id)
    assert (headers["user-agent"], headers["accept"]) == (f"AmazonAPIGateway_{api.id}", "application/json")
    assert "forwarded" not in headers and "via" not in headers
    assert api.call("GET", "/dev/status/418").status == 418
    answer = api.call("GET", "/dev/headers")
    assert answer.all("set-cookie") == ["a=1", "b=2"]
    assert "mine" in answer.all("x-amzn-Remapped-Server")
    assert answer.get("x-amzn-Remapped-Date") and answer.get("via") is None and answer.get("x-hop") is None
    assert refusal(api.call("GET", "/dev/nobody")) == (500, "InternalServerErrorException", SERVER_ERROR)


def test_http_and_lambda_by_integration_responses(world, backend):
    api = world.rest_api()
    api.method("POST /http", "HTTP", integrationHttpMethod="PUT", uri=f"{backend.url}/echo",
               parameters={"method.request.header.X-In": False},
               requestParameters={"integration.request.header.X-In": "method.request.header.X-In"})
    api.response("POST /http", 201, {
        "method.response.header.X-Type": "integration.response.header.Content-Type",
        "method.response.header.X-Method": "integration.response.body.method"})
    code = """exports.handler = async (event) => {
        if (event.fail) throw new Error('Error: ' + event.fail);
        return { got: event };
    };"""
    api.method("POST /lambda", "AWS", integrationHttpMethod="POST", uri=aws.invocations(world.function(code)))
    api.response("POST /lambda", 200)
    api.response("POST /lambda", 404, selectionPattern=".*not found.*",
                 responseTemplates={"application/json": '{"found": false}'})
    api.deploy()
    answer = api.call("POST", "/dev/http", {"X-In": "1", "X-Other": "2"}, '{"a": 1}')
    asked = answer.json()
    headers = {name.lower(): value for name, value in asked["headers"]}
    assert (answer.status, answer["x-type"], answer["x-method"]) == (201, "application/json", "PUT")
    assert (asked["body"], headers["x-in"], "x-other" in headers) == ('{"a": 1}', "1", False)
    assert TRACE.fullmatch(answer["x-amzn-trace-id"])
    assert api.call("POST", "/dev/lambda", body='{"a": [1]}').json() == {"got": {"a": [1]}}
    assert api.call("POST", "/dev/lambda").json() == {"got": {}}
    answer = api.call("POST", "/dev/lambda", body='{"fail": "not found at all"}')
    assert (answer.status, answer.json()) == (404, {"found": False})
    assert api.call("POST", "/dev/lambda", body='{"fail": "x"}').json()["errorMessage"] == "Error: x"


def test_log_and_metrics(world, node_echo):
    api = world.rest_api().function("GET /x/{id}", node_echo)
    api.deploy()
    before = count(world)
    assert api.call("GET", "/dev/x/1").status == 200
    assert count(world) == before + 1
    line = f'GET /dev/x/1 api={api.id} route="GET /x/{{id}}" stage=dev 200 '
    said(world, line)


def said(world, text):
    """The log says this, in a moment."""
    harness.wait_until(lambda: text in world.gatelet.stderr(), text)


def count(world):
    text = world.gatelet.request("GET", "/_gatelet/metrics").text
    found = re.search(r'gatelet_requests_total\{kind="rest_api",status="200"\} (\d+)', text)
    return int(found[1]) if found else 0
