"""HTTP APIs on the data plane: how a request finds its route, what the function sees, what the client gets."""

import base64
import json
import re

import pytest

import aws
import harness
from aws import raw_header

ANY = re.compile(r"[\s\S]+")
REQUEST_ID = re.compile(r"[A-Za-z0-9_-]{15}=")
TRACE = re.compile(r"Root=1-[0-9a-f]{8}-[0-9a-f]{24}")
CLF = re.compile(r"\d\d/[A-Z][a-z]{2}/\d{4}:\d\d:\d\d:\d\d \+0000")
NOT_FOUND = b'{"message":"Not Found"}'
SERVER_ERROR = b'{"message":"Internal Server Error"}'


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


# ---- URL forms and stages -------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def staged(world, node_echo):
    """An API with `$default` and `dev`, one route."""
    api = world.http_api()
    api.stage("dev", variables={"color": "blue"})
    api.route("GET /pets/{id}", api.function_integration(node_echo))
    return api


@pytest.mark.parametrize("host, path, stage, raw_path", [
    ("{id}.execute-api.localhost.localstack.cloud:4566", "/pets/1", "$default", "/pets/1"),
    ("{id}.execute-api.localhost.localstack.cloud:4566", "/dev/pets/1", "dev", "/dev/pets/1"),
    ("{id}.execute-api.localhost.localstack.cloud", "/pets/1", "$default", "/pets/1"),
    ("{id}.execute-api.us-east-1.localhost.localstack.cloud:4566", "/pets/1", "$default", "/pets/1"),
    ("{id}.execute-api.us-east-1.amazonaws.com", "/dev/pets/1", "dev", "/dev/pets/1"),
    ("{id}.execute-api.localhost:4566", "/dev/pets/1", "dev", "/dev/pets/1"),
    ("{ID}.Execute-API.LOCALHOST:4566", "/dev/pets/1", "dev", "/dev/pets/1"),
    ("{id}.execute-api.example.org:80", "/dev/pets/1", "dev", "/dev/pets/1"),
    ("localhost:4566", "/restapis/{id}/dev/_user_request_/pets/1", "dev", "/dev/pets/1"),
    ("localhost:4566", "/restapis/{id}/$default/_user_request_/pets/1", "$default", "/pets/1"),
    ("127.0.0.1:4566", "/_aws/execute-api/{id}/dev/pets/1", "dev", "/dev/pets/1"),
    ("localhost:4566", "/_aws/execute-api/{id}/$default/pets/1", "$default", "/pets/1"),
    ("localhost:4566", "/_aws/execute-api/{id}/pets/1", "$default", "/pets/1"),
])
def test_url_forms(staged, host, path, stage, raw_path):
    names = {"id": staged.id, "ID": staged.id.upper()}
    answer = staged.call("GET", path.format(**names), {"Host": host.format(**names)})
    assert answer.status == 200, answer
    event = answer.json()
    assert event["requestContext"]["stage"] == stage
    assert event["rawPath"] == raw_path
    assert event["requestContext"]["http"]["path"] == raw_path
    assert event["routeKey"] == "GET /pets/{id}"
    assert event["pathParameters"] == {"id": "1"}
    assert event.get("stageVariables") == ({"color": "blue"} if stage == "dev" else None)


# LocalStack's words for an API that there isn't.
NO_API = b'{"message": "The API id \'nosuchapi0\' does not correspond to a deployed API Gateway API"}'


@pytest.mark.parametrize("host, path, body", [
    ("nosuchapi0.execute-api.localhost.localstack.cloud:4566", "/pets/1", NO_API),
    ("localhost:4566", "/_aws/execute-api/nosuchapi0/pets/1", NO_API),
    ("localhost:4566", "/restapis/nosuchapi0/dev/_user_request_/pets/1", NO_API),
    ("{id}.execute-api.localhost:4566", "/nosuch/route/at/all", NOT_FOUND),
    ("{id}.execute-api.localhost:4566", "/dev/nosuch", NOT_FOUND),
    ("{id}.execute-api.localhost:4566", "/DEV/pets/1/x", NOT_FOUND),
])
def test_not_found(staged, host, path, body):
    answer = staged.call("GET", path.format(id=staged.id), {"Host": host.format(id=staged.id)})
    assert (answer.status, answer.body) == (404, body)
    assert answer["content-type"] == "application/json"


# With the port that a function needs to call back; AWS has none there, since its port is 443.
def test_domain_name_is_the_host_with_its_port(staged):
    event = staged.call("GET", "/pets/1").json()
    context = event["requestContext"]
    assert context["domainName"] == f"{staged.id}.execute-api.localhost.localstack.cloud:4566"
    assert context["domainPrefix"] == staged.id


def test_a_stage_shadows_a_route_of_the_same_name(world, node_echo):
    api = world.http_api()
    integration = api.function_integration(node_echo)
    api.route("GET /dev", integration)
    api.route("GET /", integration)
    assert api.call("GET", "/dev").json()["routeKey"] == "GET /dev"
    api.stage("dev")
    event = api.call("GET", "/dev").json()
    assert (event["routeKey"], event["requestContext"]["stage"]) == ("GET /", "dev")
    assert event["rawPath"] in ("/dev", "/dev/")
    assert api.call("GET", "/dev/dev").json()["routeKey"] == "GET /dev"


def test_without_a_default_stage_the_stage_must_be_said(world, node_echo):
    api = world.http_api(stage="dev")
    api.route("GET /pets", api.function_integration(node_echo))
    assert api.call("GET", "/dev/pets").status == 200
    assert (api.call("GET", "/pets").status, api.call("GET", "/pets").body) == (404, NOT_FOUND)


def test_no_stage_no_answer(world, node_echo):
    api = world.http_api(stage=None)
    api.route("$default", api.function_integration(node_echo))
    assert (api.call("GET", "/").status, api.call("GET", "/").body) == (404, NOT_FOUND)


# The page that we follow reaches an API that has only `$default` through `/local/my/path2`.
def test_a_stage_label_that_is_no_stage(world, node_echo):
    api = world.http_api()
    api.route("POST /my/path2", api.function_integration(node_echo))
    for path in ["/my/path2", "/local/my/path2"]:
        assert api.call("POST", path).json()["routeKey"] == "POST /my/path2", path
    assert api.call("POST", "/local/local/my/path2").status == 404
    # Something must stand behind it, if only a slash.
    api.route("GET /", api.function_integration(node_echo))
    assert api.call("GET", "/local/").json()["routeKey"] == "GET /"
    assert api.call("GET", "/favicon.ico").status == 404
    # Tried only when the whole path matched nothing.
    api.route("POST /local/{proxy+}", api.function_integration(node_echo))
    assert api.call("POST", "/local/my/path2").json()["routeKey"] == "POST /local/{proxy+}"


def test_parity_aws(tmp_path):
    with harness.Gatelet(["--parity", "aws"]) as gatelet:
        world = aws.World(gatelet)
        echo = world.function(aws.NODE_ECHO, name="echo")
        api = world.http_api()
        api.route("POST /my/path2", api.function_integration(echo))
        # No stage labels, and a path is taken as it is.
        api.route("GET /", api.function_integration(echo))
        api.route("GET /a", api.function_integration(echo))
        for path in ["/b", "/a/", "/A"]:
            assert (api.call("GET", path).status, api.call("GET", path).body) == (404, NOT_FOUND), path
        assert (api.call("POST", "/local/my/path2").status, api.call("POST", "/local/my/path2").body) == (404, NOT_FOUND)
        # No invocation without permission.
        assert (api.call("POST", "/my/path2").status, api.call("POST", "/my/path2").body) == (500, SERVER_ERROR)
        world.functions.add_permission(
            FunctionName="echo", StatementId="gateway", Action="lambda:InvokeFunction",
            Principal="apigateway.amazonaws.com",
            SourceArn=f"arn:aws:execute-api:us-east-1:000000000000:{api.id}/*/*",
        )
        assert api.call("POST", "/my/path2").status == 200


# ---- routing --------------------------------------------------------------------------------------------------

DOCUMENTED = ["GET /pets/dog/1", "GET /pets/dog/{id}", "GET /pets/{proxy+}", "ANY /{proxy+}", "$default"]
ROUTES = {
    "documented": DOCUMENTED,
    "reversed": DOCUMENTED[::-1],
    "methods": ["GET /a", "ANY /a", "ANY /pets/{id}", "GET /{proxy+}", "HEAD /h", "ANY /h"],
    "root": ["GET /"],
    "plain": ["GET /a", "POST /a/b", "GET /x/{one}/y/{two}", "GET /g/{rest+}", "GET /g/{one}/z"],
    "proxy only": ["ANY /{any+}"],
    "prefixes": ["GET /a/{p+}", "GET /a/b/{p+}", "GET /{v}/b/c", "GET /a/{v}/c"],
}


@pytest.fixture(scope="module")
def routed(world, node_echo):
    apis = {}
    for name, keys in ROUTES.items():
        apis[name] = world.http_api()
        integration = apis[name].function_integration(node_echo)
        for key in keys:
            apis[name].route(key, integration)
    return apis


@pytest.mark.parametrize("routes, method, path, expected", [
    *[(name, *row) for name in ("documented", "reversed") for row in [
        ("GET", "/pets/dog/1", "GET /pets/dog/1"),
        ("GET", "/pets/dog/2", "GET /pets/dog/{id}"),
        ("GET", "/pets/cat/1", "GET /pets/{proxy+}"),
        ("POST", "/test/5", "ANY /{proxy+}"),
        ("POST", "/pets/dog/1", "ANY /{proxy+}"),
        ("GET", "/", "$default"),
        ("GET", "/pets", "ANY /{proxy+}"),
    ]],
    ("methods", "GET", "/a", "GET /a"),
    ("methods", "POST", "/a", "ANY /a"),
    ("methods", "GET", "/pets/1", "ANY /pets/{id}"),
    ("methods", "GET", "/pets/1/2", "GET /{proxy+}"),
    ("methods", "POST", "/pets/1/2", None),
    ("methods", "DELETE", "/h", "ANY /h"),
    ("root", "GET", "/", "GET /"),
    ("root", "PUT", "/", None),
    ("root", "GET", "", "GET /"),
    ("root", "GET", "/a/b", None),
    ("plain", "GET", "/a", "GET /a"),
    ("plain", "GET", "/a/", None),
    ("plain", "GET", "/A", None),
    ("plain", "POST", "/a", None),
    ("plain", "GET", "/a/b", None),
    ("plain", "POST", "/a/b", "POST /a/b"),
    ("plain", "GET", "/x/1/y/2", "GET /x/{one}/y/{two}"),
    ("plain", "GET", "/x/1/y/", None),
    ("plain", "GET", "/x//y/2", None),
    ("plain", "GET", "/g", None),
    ("plain", "GET", "/g/", None),
    ("plain", "GET", "/g/1", "GET /g/{rest+}"),
    ("plain", "GET", "/g/1/z", "GET /g/{one}/z"),
    ("plain", "GET", "/g/1/", "GET /g/{rest+}"),
    ("proxy only", "GET", "/", None),
    ("proxy only", "PATCH", "/a/b/c", "ANY /{any+}"),
    ("prefixes", "GET", "/a/b/c", "GET /a/{v}/c"),
    ("prefixes", "GET", "/a/b/d", "GET /a/b/{p+}"),
    ("prefixes", "GET", "/a/x/d", "GET /a/{p+}"),
    ("prefixes", "GET", "/z/b/c", "GET /{v}/b/c"),
])
def test_routing(routed, routes, method, path, expected):
    answer = routed[routes].call(method, path)
    if expected is None:
        assert (answer.status, answer.body) == (404, NOT_FOUND)
    else:
        assert answer.status == 200, answer
        assert answer.json()["routeKey"] == expected


def test_head_is_no_get(routed):
    assert routed["plain"].call("HEAD", "/a").status == 404
    answer = routed["methods"].call("HEAD", "/h")
    assert (answer.status, answer.body) == (200, b"")
    assert int(answer["content-length"]) > 100


@pytest.mark.parametrize("method", ["DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"])
def test_methods(routed, method):
    answer = routed["proxy only"].call(method, "/a")
    assert answer.status == 200
    if method != "HEAD":
        assert answer.json()["requestContext"]["http"]["method"] == method


@pytest.mark.parametrize("routes, path, expected", [
    ("plain", "/x/1/y/2", {"one": "1", "two": "2"}),
    ("plain", "/x/a%20b/y/%C3%A9", {"one": "a b", "two": "é"}),
    ("plain", "/x/a+b/y/2", {"one": "a+b", "two": "2"}),
    ("plain", "/x/a%2Fb/y/2", {"one": "a/b", "two": "2"}),
    ("plain", "/g/1/2/3", {"rest": "1/2/3"}),
    ("plain", "/g/1//3/", {"rest": "1//3/"}),
    ("proxy only", "/%61/b", {"any": "a/b"}),
])
def test_path_parameters(routed, routes, path, expected):
    assert routed[routes].call("GET", path).json()["pathParameters"] == expected


# ---- events ---------------------------------------------------------------------------------------------------

REQUEST = (
    b"GET /prod/items/a%20b?tag=x&tag=y&q=&sp=a+b%21 HTTP/1.1\r\n"
    b"Host: HOST\r\n"
    b"Accept: */*\r\n"
    b"User-Agent: e2e/1\r\n"
    b"X-Dup: first\r\n"
    b"Cookie: session=abc123; theme=dark\r\n"
    b"x-dup: second\r\n"
    b"\r\n"
)


@pytest.fixture(scope="module")
def both(world, node_echo):
    """An API whose `/items/{id}` speaks 2.0 and whose `/old/{id}` speaks 1.0, on the stage `prod`."""
    api = world.http_api(stage="prod", variables={"color": "blue"})
    api.stage("$default")
    new, old = api.function_integration(node_echo), api.function_integration(node_echo, "1.0")
    for integration, name in [(new, "items"), (old, "old")]:
        api.route(f"ANY /{name}/{{id}}", integration)
    api.route("$default", old)
    return api


def exchange(api, request):
    with api.world.gatelet.wire() as wire:
        return wire.send(request.replace(b"HOST", api.host.encode())).answer()


def test_event_2_0_field_by_field(both):
    answer = exchange(both, REQUEST)
    domain = both.host
    same(answer.json(), {
        "version": "2.0",
        "routeKey": "ANY /items/{id}",
        "rawPath": "/prod/items/a b",
        "rawQueryString": "tag=x&tag=y&q=&sp=a+b%21",
        "cookies": ["session=abc123", "theme=dark"],
        "headers": {
            "accept": "*/*",
            "content-length": "0",
            "host": domain,
            "user-agent": "e2e/1",
            "x-amzn-trace-id": TRACE,
            "x-dup": "first,second",
            "x-forwarded-for": "127.0.0.1",
            "x-forwarded-port": "4566",
            "x-forwarded-proto": "http",
        },
        "queryStringParameters": {"tag": "x,y", "q": "", "sp": "a b!"},
        "requestContext": {
            "accountId": "000000000000",
            "apiId": both.id,
            "domainName": domain,
            "domainPrefix": both.id,
            "http": {
                "method": "GET",
                "path": "/prod/items/a b",
                "protocol": "HTTP/1.1",
                "sourceIp": "127.0.0.1",
                "userAgent": "e2e/1",
            },
            "requestId": answer["apigw-requestid"],
            "routeKey": "ANY /items/{id}",
            "stage": "prod",
            "time": CLF,
            "timeEpoch": int,
        },
        "pathParameters": {"id": "a b"},
        "stageVariables": {"color": "blue"},
        "isBase64Encoded": False,
    })
    assert REQUEST_ID.fullmatch(answer["apigw-requestid"])


def test_event_2_0_minimal(both):
    answer = exchange(both, b"GET /items/1 HTTP/1.1\r\nHost: HOST\r\n\r\n")
    event = answer.json()
    assert sorted(event) == [
        "headers", "isBase64Encoded", "pathParameters", "rawPath", "rawQueryString", "requestContext", "routeKey",
        "version",
    ]
    assert event["rawQueryString"] == ""
    assert event["requestContext"]["http"]["userAgent"] == ""
    assert event["requestContext"]["stage"] == "$default"
    assert sorted(event["headers"]) == [
        "content-length", "host", "x-amzn-trace-id", "x-forwarded-for", "x-forwarded-port", "x-forwarded-proto"]


def test_event_1_0_field_by_field(both):
    answer = exchange(both, REQUEST.replace(b"/items/", b"/old/"))
    domain = both.host
    owned = {
        "Content-Length": "0",
        "Host": domain,
        "User-Agent": "e2e/1",
        "X-Amzn-Trace-Id": TRACE,
        "X-Forwarded-For": "127.0.0.1",
        "X-Forwarded-Port": "4566",
        "X-Forwarded-Proto": "http",
    }
    event = answer.json()
    # Two spellings of one name: whichever is kept, both values are there.
    dup = {name: event["multiValueHeaders"].pop(name) for name in list(event["multiValueHeaders"])
           if name.lower() == "x-dup"}
    assert sum(dup.values(), []) == ["first", "second"]
    assert [event["headers"].pop(name) for name in list(event["headers"]) if name.lower() == "x-dup"][-1] == "second"
    headers = event.pop("multiValueHeaders")
    same(event, {
        "version": "1.0",
        "resource": "/old/{id}",
        "path": "/prod/old/a%20b",
        "httpMethod": "GET",
        "headers": {"Accept": "*/*", "Cookie": "session=abc123; theme=dark", **owned},
        "queryStringParameters": {"tag": "y", "q": "", "sp": "a b!"},
        "multiValueQueryStringParameters": {"tag": ["x", "y"], "q": [""], "sp": ["a b!"]},
        "requestContext": {
            "accountId": "000000000000",
            "apiId": both.id,
            "domainName": domain,
            "domainPrefix": both.id,
            "extendedRequestId": answer["apigw-requestid"],
            "httpMethod": "GET",
            "identity": {
                "accessKey": None, "accountId": None, "caller": None, "cognitoAmr": None,
                "cognitoAuthenticationProvider": None, "cognitoAuthenticationType": None, "cognitoIdentityId": None,
                "cognitoIdentityPoolId": None, "principalOrgId": None, "sourceIp": "127.0.0.1", "user": None,
                "userAgent": "e2e/1", "userArn": None,
            },
            "path": "/prod/old/a b",
            "protocol": "HTTP/1.1",
            "requestId": answer["apigw-requestid"],
            "requestTime": CLF,
            "requestTimeEpoch": int,
            "resourceId": "ANY /old/{id}",
            "resourcePath": "/old/{id}",
            "stage": "prod",
        },
        "pathParameters": {"id": "a b"},
        "stageVariables": {"color": "blue"},
        "body": None,
        "isBase64Encoded": False,
    })
    assert headers["Accept"] == ["*/*"] and headers["Cookie"] == ["session=abc123; theme=dark"]
    assert sorted(headers) == sorted(event["headers"])


def test_event_1_0_nulls(both):
    event = exchange(both, b"GET /no/route HTTP/1.1\r\nHost: HOST\r\n\r\n").json()
    assert event["resource"] == "$default"
    for name in ["queryStringParameters", "multiValueQueryStringParameters", "pathParameters", "stageVariables",
                 "body"]:
        assert event[name] is None, name
    assert event["requestContext"]["resourcePath"] == "$default"
    assert event["requestContext"]["identity"]["userAgent"] == ""


@pytest.mark.parametrize("query, expected", [
    ("", None),
    ("a=1", {"a": "1"}),
    ("a", {"a": ""}),
    ("a=", {"a": ""}),
    ("a=1&a=2&a=3", {"a": "1,2,3"}),
    ("a=b=c", {"a": "b=c"}),
    ("a=%C3%A9&%C3%A9=a", {"a": "é", "é": "a"}),
    ("a=1%2C2", {"a": "1,2"}),
    ("a+b=c+d", {"a b": "c d"}),
    ("A=1&a=2", {"A": "1", "a": "2"}),
    ("a[]=1&a[]=2", {"a[]": "1,2"}),
    ("a=1;b=2", {"a": "1;b=2"}),
])
def test_query_2_0(both, query, expected):
    event = both.call("GET", f"/items/1?{query}" if query else "/items/1").json()
    assert event["rawQueryString"] == query
    assert event.get("queryStringParameters") == expected


@pytest.mark.parametrize("cookies, expected", [
    (["a=1"], ["a=1"]),
    (["a=1; b=2"], ["a=1", "b=2"]),
    (["a=1;b=2 ;  c=3"], ["a=1", "b=2", "c=3"]),
    (["a=1", "b=2"], ["a=1", "b=2"]),
    (["a=x=y"], ["a=x=y"]),
])
def test_cookies_2_0(both, cookies, expected):
    event = both.call("GET", "/items/1", [("Cookie", value) for value in cookies]).json()
    assert event["cookies"] == expected
    assert "cookie" not in event["headers"]


@pytest.mark.parametrize("path", ["items", "old"])
@pytest.mark.parametrize("content_type, encoded", [
    ("text/plain", False),
    ("text/plain; charset=utf-8", False),
    ("text/plain; charset=UTF-8", False),
    ("text/html", False),
    ("application/json", False),
    ("application/json; charset=utf-8", False),
    ("application/xml", False),
    ("application/javascript", False),
    ("application/graphql", False),
    ("text/plain; charset=iso-8859-1", True),
    ("application/x-www-form-urlencoded", True),
    ("multipart/form-data; boundary=x", True),
    ("application/octet-stream", True),
    ("image/png", True),
    ("application/zip", True),
    ("application/vnd.api+json", True),
    ("what/ever", True),
    (None, True),
])
def test_request_body_base64(both, path, content_type, encoded):
    body = "a=1&b=é"
    event = both.call("POST", f"/{path}/1", {"Content-Type": content_type} if content_type else {}, body).json()
    assert event["isBase64Encoded"] is encoded
    expected = base64.b64encode(body.encode()).decode() if encoded else body
    assert event["body"] == expected
    assert {k.lower(): v for k, v in event["headers"].items()}["content-length"] == str(len(body.encode()))


def test_every_byte_of_a_body_arrives(both):
    body = bytes(range(256)) * 9
    event = both.call("PUT", "/items/1", {"Content-Type": "application/octet-stream"}, body).json()
    assert base64.b64decode(event["body"]) == body


def test_an_empty_body_is_none(both):
    event = both.call("POST", "/items/1", {"Content-Type": "application/json"}, b"").json()
    assert "body" not in event and event["isBase64Encoded"] is False
    event = both.call("POST", "/old/1", {"Content-Type": "application/json"}, b"").json()
    assert event["body"] is None and event["isBase64Encoded"] is False


def test_a_chunked_body_arrives_whole(both):
    answer = exchange(both, b"POST /items/1 HTTP/1.1\r\nHost: HOST\r\nContent-Type: text/plain\r\n"
                            b"Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n4;x=y\r\ndefg\r\n0\r\nX-Trailer: 1\r\n\r\n")
    event = answer.json()
    assert event["body"] == "abcdefg"
    assert event["headers"]["content-length"] == "7"
    assert "transfer-encoding" not in event["headers"]


def test_forwarded_for_is_appended(both):
    event = both.call("GET", "/items/1", {"X-Forwarded-For": "192.0.2.1"}).json()
    assert event["headers"]["x-forwarded-for"] == "192.0.2.1, 127.0.0.1"
    assert event["requestContext"]["http"]["sourceIp"] == "127.0.0.1"


def test_header_bytes_beyond_ascii(both):
    answer = exchange(both, b"GET /items/1 HTTP/1.1\r\nHost: HOST\r\nX-Name: caf\xc3\xa9\r\n\r\n")
    assert answer.status == 200
    assert answer.json()["headers"]["x-name"] in ("café", "cafÃ©")


# ---- responses ------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def speaking(world, speaker):
    api = world.http_api()
    api.route("ANY /new", api.function_integration(speaker))
    api.route("ANY /old", api.function_integration(speaker, "1.0"))
    api.route("ANY /short", api.function_integration(speaker, TimeoutInMillis=200))
    return api


JSON, TEXT = "application/json", "text/plain; charset=utf-8"


@pytest.mark.parametrize("payload, status, content_type, body", [
    # No statusCode: the whole payload is the body.
    ({"a": 1}, 200, JSON, b'{"a": 1}'),
    (b'{"b":  [1,2 ]}', 200, JSON, b'{"b":  [1,2 ]}'),
    (b"{}", 200, JSON, b"{}"),
    (b"42", 200, JSON, b"42"),
    (b"true", 200, JSON, b"true"),
    (b"[1, 2]", 200, JSON, b"[1, 2]"),
    (b'"test"', 200, JSON, b"test"),
    (b'"a\\u00e9\\n\\"b\\""', 200, JSON, 'aé\n"b"'.encode()),
    (b'""', 200, JSON, b""),
    (b"null", 200, JSON, b"null"),
    (b"Hello, World!", 200, JSON, b"Hello, World!"),
    (b'{"name": "John', 200, JSON, b'{"name": "John'),
    (b'{"body": "x"}', 200, JSON, b'{"body": "x"}'),
    # Structured.
    ({"statusCode": 200}, 200, TEXT, b""),
    ({"statusCode": 201, "body": "made"}, 201, TEXT, b"made"),
    ({"statusCode": "202", "body": "x"}, 202, TEXT, b"x"),
    ({"statusCode": 200, "body": ""}, 200, TEXT, b""),
    ({"statusCode": 200, "body": None}, 200, TEXT, b""),
    ({"statusCode": 404, "body": "gone", "headers": {"Content-Type": "text/html"}}, 404, "text/html", b"gone"),
    ({"statusCode": 500, "body": "mine"}, 500, TEXT, b"mine"),
    ({"statusCode": 418, "body": "tea", "extra": 1}, 418, TEXT, b"tea"),
    ({"statusCode": 200, "body": "aGVsbG8=", "isBase64Encoded": True}, 200, TEXT, b"hello"),
    ({"statusCode": 200, "body": "AAH/", "isBase64Encoded": True, "headers": {"content-type": "image/png"}}, 200,
     "image/png", b"\0\1\xff"),
    ({"statusCode": 200, "body": "aGVsbG8=", "isBase64Encoded": False}, 200, TEXT, b"aGVsbG8="),
    ({"statusCode": 200, "body": "aGVsbG8=", "isBase64Encoded": "true"}, 200, TEXT, b"hello"),
    ({"statusCode": 200, "body": "aGVsbG8=", "base64Encoded": True}, 200, TEXT, b"aGVsbG8="),
    ({"statusCode": 200, "body": "é"}, 200, TEXT, "é".encode()),
    # Malformed.
    ({"statusCode": 0}, 500, JSON, SERVER_ERROR),
    ({"statusCode": 200.5}, 500, JSON, SERVER_ERROR),
    ({"statusCode": 99}, 500, JSON, SERVER_ERROR),
    ({"statusCode": 600}, 500, JSON, SERVER_ERROR),
    ({"statusCode": "ok"}, 500, JSON, SERVER_ERROR),
    ({"statusCode": 200, "headers": ["a"]}, 500, JSON, SERVER_ERROR),
    ({"statusCode": 200, "body": {"a": 1}}, 500, JSON, SERVER_ERROR),
    ({"statusCode": 200, "body": "%%%", "isBase64Encoded": True}, 500, JSON, SERVER_ERROR),
])
def test_response_2_0(speaking, payload, status, content_type, body):
    answer = speaking.call("GET", "/new", raw_header(payload))
    assert (answer.status, answer.body) == (status, body)
    assert answer["content-type"] == content_type
    assert answer["content-length"] == str(len(body))


@pytest.mark.parametrize("payload, status, content_type, body", [
    ({"statusCode": 200, "body": "x"}, 200, TEXT, b"x"),
    ({"statusCode": 201}, 201, TEXT, b""),
    ({"statusCode": 200, "body": "aGVsbG8=", "isBase64Encoded": True}, 200, TEXT, b"hello"),
    ({"statusCode": 200, "body": "x", "headers": {"content-type": "text/css"}}, 200, "text/css", b"x"),
    ({"a": 1}, 500, JSON, SERVER_ERROR),
    ({"body": "x"}, 500, JSON, SERVER_ERROR),
    ({"statusCode": 0}, 500, JSON, SERVER_ERROR),
    (b'"test"', 500, JSON, SERVER_ERROR),
    (b"42", 500, JSON, SERVER_ERROR),
    (b"null", 500, JSON, SERVER_ERROR),
    (b"Hello", 500, JSON, SERVER_ERROR),
    (b"[1]", 500, JSON, SERVER_ERROR),
])
def test_response_1_0(speaking, payload, status, content_type, body):
    answer = speaking.call("GET", "/old", raw_header(payload))
    assert (answer.status, answer.body) == (status, body)
    assert answer["content-type"] == content_type


def test_response_headers_2_0(speaking):
    answer = speaking.call("GET", "/new", raw_header({
        "statusCode": 200,
        "headers": {"myheader": "1", "X-Other": "two", "number": 3, "bool": True, "Set-Cookie": "c=3", "gone": None,
                    "Connection": "close", "Transfer-Encoding": "chunked", "Keep-Alive": "x"},
        "multiValueHeaders": {"X-Many": ["1", "2"]},
        "cookies": ["a=1; Path=/", "b=2"],
        "body": "x",
    }))
    assert answer.status == 200 and answer.body == b"x"
    names = answer.names()
    assert "Myheader" in names and answer["myheader"] == "1"
    assert "X-Other" in names and answer["x-other"] == "two"
    assert answer["number"] == "3" and answer["bool"] == "true"
    assert answer.all("set-cookie") == ["a=1; Path=/", "b=2", "c=3"]
    for name in ["x-many", "gone", "transfer-encoding"]:
        assert answer.get(name) is None, name
    assert answer["connection"] == "keep-alive"
    assert "Apigw-Requestid" in names and REQUEST_ID.fullmatch(answer["apigw-requestid"])
    assert "Date" in names and "Content-Length" in names
    for name in ["x-amzn-requestid", "x-amz-apigw-id", "x-amzn-trace-id", "x-amzn-errortype"]:
        assert answer.get(name) is None, name


def test_response_headers_1_0(speaking):
    answer = speaking.call("GET", "/old", raw_header({
        "statusCode": 200,
        "headers": {"x-a": "single", "Set-Cookie": "a=1"},
        "multiValueHeaders": {"X-A": ["m1", "m2"], "x-b": ["b"], "Set-Cookie": ["b=2"]},
        "cookies": ["never=1"],
    }))
    assert answer.all("x-a") == ["single", "m1", "m2"]
    assert answer.all("x-b") == ["b"]
    assert answer.all("set-cookie") == ["a=1", "b=2"]


def test_a_function_cannot_split_a_response(speaking):
    for payload in [{"statusCode": 200, "headers": {"x-a": "1\r\nX-Injected: 1"}, "body": "x"},
                    {"statusCode": 200, "headers": {"x-a\r\nX-Injected": "1"}, "body": "x"},
                    {"statusCode": 200, "cookies": ["a=1\r\nX-Injected: 1"], "body": "x"}]:
        answer = speaking.call("GET", "/new", raw_header(payload))
        assert answer.get("x-injected") is None
        assert answer.status in (200, 500)


@pytest.mark.parametrize("status", [204, 304])
def test_statuses_without_a_body(speaking, status):
    with speaking.world.gatelet.wire() as wire:
        header = raw_header({"statusCode": status, "body": "ignored"})["x-raw"]
        request = f"GET /new HTTP/1.1\r\nHost: {speaking.host}\r\nx-raw: {header}\r\n\r\n".encode()
        # Twice on one connection: a body sent all the same would be taken for the next head.
        for _ in range(2):
            assert wire.send(request).answer().status == status


def test_large_responses(speaking):
    answer = speaking.call("GET", "/new", {"x-do": "large:5000000"})
    assert (answer.status, len(answer.body)) == (200, 5_000_000)


# ---- failures -------------------------------------------------------------------------------------------------

UNAVAILABLE = b'{"message":"Service Unavailable"}'
TOO_LARGE = b'{"message":"Request Entity Too Large"}'


@pytest.mark.parametrize("path", ["/new", "/old"])
@pytest.mark.parametrize("do, status, body", [
    ("error", 500, SERVER_ERROR),
    ("exit", 500, SERVER_ERROR),
    ("hang", 500, SERVER_ERROR),
    ("large:6300000", 500, SERVER_ERROR),
])
def test_function_failures(speaking, path, do, status, body):
    answer = speaking.call("GET", path, {"x-do": do})
    assert (answer.status, answer.body) == (status, body)
    assert answer["content-type"] == "application/json"
    assert REQUEST_ID.fullmatch(answer["apigw-requestid"])


def test_integration_timeout(speaking):
    answer = speaking.call("GET", "/short", {"x-do": "hang"})
    assert (answer.status, answer.body) == (503, UNAVAILABLE)
    assert answer["content-type"] == "application/json"


@pytest.mark.parametrize("uri", [
    "arn:aws:lambda:us-east-1:000000000000:function:nosuch",
    "arn:aws:lambda:us-east-1:000000000000:function:speaker:nosuch",
    "arn:aws:lambda:eu-west-1:000000000000:function:speaker",
    "arn:aws:lambda:us-east-1:000000000000:function:${stageVariables.nosuch}",
])
def test_missing_functions(world, speaker, uri):
    api = world.http_api()
    api.route("$default", api.function_integration(uri))
    answer = api.call("GET", "/", raw_header("x"))
    assert (answer.status, answer.body) == (500, SERVER_ERROR)


def test_throttled_function(world):
    arn = world.function("exports.handler = async () => 'x'")
    world.functions.put_function_concurrency(FunctionName=arn, ReservedConcurrentExecutions=0)
    api = world.http_api()
    api.route("$default", api.function_integration(arn))
    answer = api.call("GET", "/")
    assert (answer.status, answer.body) == (503, UNAVAILABLE)


def test_events_beyond_6_mb(speaking, both):
    # As base64 it is beyond the limit, as it came it is not.
    answer = both.call("POST", "/items/1", {"Content-Type": "application/octet-stream"}, b"x" * 5_000_000)
    assert (answer.status, answer.body) == (413, TOO_LARGE)
    answer = both.call("POST", "/items/1", {"Content-Type": "text/plain"}, b"x" * 2_500_000)
    assert answer.status == 200
    assert len(answer.json()["body"]) == 2_500_000


def test_a_route_without_an_integration(world):
    api = world.http_api()
    world.apis.create_route(ApiId=api.id, RouteKey="GET /")
    answer = api.call("GET", "/")
    assert (answer.status, answer.body) == (500, SERVER_ERROR)


# ---- integration URIs -----------------------------------------------------------------------------------------


def test_spellings_of_lambda_uris(world):
    name = aws.unique("spelled")
    arn = world.function("exports.handler = async (event, context) => context.functionVersion + ' '"
                         " + context.invokedFunctionArn", name=name)
    version = world.functions.publish_version(FunctionName=name)["Version"]
    world.functions.create_alias(FunctionName=name, Name="live", FunctionVersion=version)
    api = world.http_api(variables={"name": name, "qualifier": "live"})
    path = "arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/{}/invocations"
    base = arn.removesuffix(name)
    table = {
        "bare": (arn, f"$LATEST {arn}"),
        "version": (f"{arn}:1", f"1 {arn}:1"),
        "alias": (f"{arn}:live", f"1 {arn}:live"),
        "wrapped": (path.format(arn), f"$LATEST {arn}"),
        "wrapped-alias": (path.format(f"{arn}:live"), f"1 {arn}:live"),
        "variable": (base + "${stageVariables.name}", f"$LATEST {arn}"),
        "variables": (path.format(base + "${stageVariables.name}:${stageVariables.qualifier}"), f"1 {arn}:live"),
    }
    for route, (uri, _) in table.items():
        api.route(f"GET /{route}", api.function_integration(uri))
    for route, (_, expected) in table.items():
        answer = api.call("GET", f"/{route}")
        assert (answer.status, answer.text) == (200, expected), route


# ---- deployments ----------------------------------------------------------------------------------------------


def test_a_stage_serves_its_deployment_not_the_edits(world, node_echo):
    api = world.http_api(stage=None)
    integration = api.function_integration(node_echo)
    api.route("GET /one", integration)
    first = world.apis.create_deployment(ApiId=api.id)["DeploymentId"]
    world.apis.create_stage(ApiId=api.id, StageName="prod", DeploymentId=first)
    api.route("GET /two", integration)
    statuses = lambda: [api.call("GET", path).status for path in ("/prod/one", "/prod/two")]  # noqa: E731
    assert statuses() == [200, 404]
    second = world.apis.create_deployment(ApiId=api.id, StageName="prod")["DeploymentId"]
    assert statuses() == [200, 200]
    world.apis.update_stage(ApiId=api.id, StageName="prod", DeploymentId=first)
    assert statuses() == [200, 404]
    world.apis.update_stage(ApiId=api.id, StageName="prod", DeploymentId=second)
    assert statuses() == [200, 200]


def test_auto_deploy_deploys_each_change(world, node_echo):
    api = world.http_api()
    integration = api.function_integration(node_echo)
    route = api.route("GET /one", integration)
    assert api.call("GET", "/one").status == 200
    world.apis.update_route(ApiId=api.id, RouteId=route, RouteKey="GET /two")
    assert [api.call("GET", path).status for path in ("/one", "/two")] == [404, 200]
    other = api.route("GET /three", integration)
    world.apis.delete_route(ApiId=api.id, RouteId=route)
    assert [api.call("GET", path).status for path in ("/two", "/three")] == [404, 200]
    # An API without routes cannot be deployed: the stage keeps what it served, and says why.
    world.apis.delete_route(ApiId=api.id, RouteId=other)
    assert api.call("GET", "/three").status == 200
    message = world.apis.get_stage(ApiId=api.id, StageName="$default")["LastDeploymentStatusMessage"]
    assert "no routes exist" in message


def test_stage_variables_are_live(world, node_echo):
    api = world.http_api(stage="prod", auto_deploy=False, variables={"a": "1"})
    api.route("$default", api.function_integration(node_echo))
    world.apis.create_deployment(ApiId=api.id, StageName="prod")
    assert api.call("GET", "/prod/x").json()["stageVariables"] == {"a": "1"}
    world.apis.update_stage(ApiId=api.id, StageName="prod", StageVariables={"b": "2"})
    assert "b" in api.call("GET", "/prod/x").json()["stageVariables"]


def test_a_deleted_api_is_gone(world, node_echo):
    api = world.http_api()
    api.route("$default", api.function_integration(node_echo))
    assert api.call("GET", "/").status == 200
    world.apis.delete_api(ApiId=api.id)
    gone = api.call("GET", "/")
    assert (gone.status, gone.body) == (404, NO_API.replace(b"nosuchapi0", api.id.encode()))


def test_a_disabled_endpoint(world, node_echo):
    api = world.http_api()
    api.route("$default", api.function_integration(node_echo))
    world.apis.update_api(ApiId=api.id, DisableExecuteApiEndpoint=True)
    assert api.call("GET", "/").status == 404


def test_throttling_settings_are_kept(world, node_echo):
    api = world.http_api()
    api.route("GET /a", api.function_integration(node_echo))
    made = world.apis.update_stage(ApiId=api.id, StageName="$default", RouteSettings={
        "GET /a": {"ThrottlingBurstLimit": 5, "ThrottlingRateLimit": 10.5}})
    assert made["RouteSettings"]["GET /a"] == {
        "DetailedMetricsEnabled": False, "ThrottlingBurstLimit": 5, "ThrottlingRateLimit": 10.5} or \
        made["RouteSettings"]["GET /a"] == {"ThrottlingBurstLimit": 5, "ThrottlingRateLimit": 10.5}


# ---- the whole chain, in three languages ----------------------------------------------------------------------

PYTHON_ECHO = "import json\ndef handler(event, context):\n    return {'statusCode': 200, 'body': json.dumps(event)}\n"


@pytest.mark.parametrize("version", ["1.0", "2.0"])
@pytest.mark.parametrize("language", ["node", "python", "rust"])
def test_real_functions_answer_through_both_formats(world, node_echo, rust_bootstrap, language, version):
    arn = {
        "node": lambda: node_echo,
        "python": lambda: world.function(PYTHON_ECHO, "python3.12"),
        "rust": lambda: world.function({"bootstrap": rust_bootstrap}, "provided.al2023", modes={"bootstrap": 0o100755}),
    }[language]()
    api = world.http_api()
    api.route("GET /pets/{id}", api.function_integration(arn, version))
    answer = api.call("GET", "/pets/7?a=b")
    if language == "rust" and version == "1.0":
        # It answers with no statusCode, which 2.0 forgives and 1.0 does not.
        assert (answer.status, answer.body) == (500, SERVER_ERROR)
        return
    assert answer.status == 200
    event = answer.json()["event"] if language == "rust" else answer.json()
    assert event["version"] == version
    assert event["pathParameters"] == {"id": "7"}
    assert event["queryStringParameters"] == {"a": "b"}


def test_requests_on_one_connection_are_answered_in_order(both):
    with both.world.gatelet.wire() as wire:
        wire.send(b"".join(f"GET /items/{n} HTTP/1.1\r\nHost: {both.host}\r\n\r\n".encode() for n in range(50)))
        for n in range(50):
            assert json.loads(wire.answer().body)["pathParameters"] == {"id": str(n)}
