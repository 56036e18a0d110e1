"""JWT authorizers against a local OpenID Connect issuer, whose keys `openssl` makes and which change while it runs."""

import http.server
import json
import pathlib
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

import aws
import harness

sys.path.insert(0, str(harness.ROOT / "tests/jwt"))
import make  # noqa: E402

UNAUTHORIZED = b'{"message":"Unauthorized"}'


class Issuer:
    """An issuer on a free port: what it serves, how slowly, and what it was asked."""

    def __init__(self, folder):
        self.folder, self.keys, self.asked, self.delay = pathlib.Path(folder), {}, [], 0
        issuer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self):
                issuer.asked.append(self.path)
                time.sleep(issuer.delay)
                body = json.dumps(issuer.serves(self.path)).encode()
                self.send_response(200)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.url = f"http://localhost:{self.server.server_port}/realms/test"
        self.thread = threading.Thread(target=self.server.serve_forever, daemon=True)
        self.thread.start()

    def serves(self, path):
        if path == "/realms/test/.well-known/openid-configuration":
            return {"issuer": self.url, "jwks_uri": self.url + "/keys"}
        assert path == "/realms/test/keys", path
        return {"keys": [make.public(kid, path) for kid, path in self.keys.items()]}

    def rotate(self, kid, kind="rsa"):
        """From now on it has this key alone."""
        path = str(self.folder / kid)
        make.generate(kind, path)
        self.keys = {kid: path}

    def token(self, algorithm="RS256", kid=None, path=None, **claims):
        """A good token, but for these claims; `None` leaves one out."""
        (known, key), = self.keys.items()
        now = int(time.time())
        claims = {"iss": self.url, "aud": "me", "sub": "user", "iat": now, "exp": now + 600, **claims}
        claims = {name: value for name, value in claims.items() if value is not None}
        return make.token(algorithm, kid or known, path or key, claims)

    def stop(self):
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()


@pytest.fixture
def issuer(tmp_path):
    issuer = Issuer(tmp_path)
    issuer.rotate("first")
    yield issuer
    issuer.stop()


@pytest.fixture
def api(world, issuer, node_echo):
    """An API with one authorizer, and routes that ask it."""
    return secured(world, issuer, node_echo)


def secured(world, issuer, function):
    api = world.http_api()
    api.authorizer = world.apis.create_authorizer(
        ApiId=api.id, Name="jwt", AuthorizerType="JWT", IdentitySource=["$request.header.Authorization"],
        JwtConfiguration={"Issuer": issuer.url, "Audience": ["other", "me"]},
    )["AuthorizerId"]
    asks = {"AuthorizationType": "JWT", "AuthorizerId": api.authorizer}
    new, old = api.function_integration(function), api.function_integration(function, version="1.0")
    api.route("GET /open", new)
    api.route("GET /new", new, **asks)
    api.route("GET /old", old, **asks)
    api.route("GET /scoped", new, AuthorizationScopes=["write", "read"], **asks)
    return api


def ask(api, path, token=None):
    headers = {"Authorization": token} if token is not None else {}
    return api.call("GET", path, headers)


def challenge(text):
    return f'Bearer scope="" error="invalid_token" error_description="{text}"'


def test_a_function_sees_the_claims(api, issuer):
    token = issuer.token(scope="openid read", **{"cognito:groups": ["admin", "power user"], "vip": True, "level": 3})
    claims = {
        "iss": issuer.url, "aud": "me", "sub": "user", "scope": "openid read",
        "cognito:groups": "[admin power user]", "vip": "true", "level": "3",
    }
    for path, scopes in [("/new", None), ("/scoped", ["openid", "read"])]:
        answer = ask(api, path, f"Bearer {token}")
        assert answer.status == 200, answer
        jwt = answer.json()["requestContext"]["authorizer"]["jwt"]
        times = {name: jwt["claims"].pop(name) for name in ("iat", "exp")}
        assert int(times["exp"]) == int(times["iat"]) + 600
        assert jwt == {"claims": claims, "scopes": scopes}
    context = ask(api, "/old", token).json()["requestContext"]
    assert context["authorizer"]["claims"]["cognito:groups"] == "[admin power user]"
    assert context["authorizer"]["scopes"] is None
    assert "authorizer" not in ask(api, "/open").json()["requestContext"]


def test_algorithms(world, issuer, node_echo):
    for kid, kind, algorithms in [
        ("r", "rsa", ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512"]),
        ("p", "ec256", ["ES256"]),
        ("q", "ec384", ["ES384"]),
    ]:
        issuer.rotate(kid, kind)
        api = secured(world, issuer, node_echo)
        for algorithm in algorithms:
            token = issuer.token(algorithm)
            harness.wait_until(lambda: ask(api, "/new", token).status == 200, f"{algorithm} passes")


def test_what_is_refused(api, issuer, tmp_path):
    answer = ask(api, "/new")
    assert (answer.status, answer.body, answer["www-authenticate"]) == (401, UNAUTHORIZED, "Bearer")
    make.generate("rsa", str(tmp_path / "stranger"))
    now = int(time.time())
    for token, text in [
        ("token", "token contains an invalid number of segments"),
        (issuer.token(path=str(tmp_path / "stranger")), "signature is invalid"),
        (issuer.token(iss="http://localhost/"), "the token does not have a valid issuer"),
        (issuer.token(aud="you", client_id="me"), "the token does not have a valid audience"),
        (issuer.token(exp=now - 1), "token is expired"),
        (issuer.token(nbf=now + 600), "token is not valid yet"),
        (issuer.token(iat=now + 600), "token used before issued"),
    ]:
        answer = ask(api, "/new", f"Bearer {token}")
        assert (answer.status, answer.body, answer["www-authenticate"]) == (401, UNAUTHORIZED, challenge(text))
    answer = ask(api, "/scoped", issuer.token(scope="openid reader"))
    assert (answer.status, answer.body) == (403, b'{"message":"Forbidden"}')
    assert ask(api, "/new", issuer.token(aud=None, client_id="me")).status == 200


def test_requests_that_come_first_together_share_one_discovery(api, issuer):
    issuer.delay, token = 0.3, issuer.token()
    with ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(lambda _: ask(api, "/new", token), range(16)))
    assert [answer.status for answer in answers] == [200] * 16
    assert issuer.asked == ["/realms/test/.well-known/openid-configuration", "/realms/test/keys"]


def test_keys_change_while_it_runs(api, issuer):
    old = issuer.token()
    assert ask(api, "/new", old).status == 200
    issuer.rotate("second")
    new = issuer.token()
    assert ask(api, "/new", old).status == 200, "its keys are still known"
    harness.wait_until(lambda: ask(api, "/new", new).status == 200, "the new key is fetched")
    answer = ask(api, "/new", old)
    assert answer.status == 401, "the old key is gone"
    # An issuer that starts anew may give new keys old names.
    issuer.rotate("second")
    again = issuer.token()
    harness.wait_until(lambda: ask(api, "/new", again).status == 200, "the key of an old name is fetched")
    # Who names keys that are none makes gatelet ask once a second at most.
    issuer.asked.clear()
    began = time.monotonic()
    for n in range(50):
        assert ask(api, "/new", issuer.token(kid=f"none{n}")).status == 401
    assert len(issuer.asked) <= 2 * (time.monotonic() - began + 2)


def test_an_issuer_that_does_not_answer(world, issuer, node_echo):
    api = secured(world, issuer, node_echo)
    token = issuer.token()
    issuer.delay = 60
    answer = ask(api, "/new", token)
    assert (answer.status, answer["www-authenticate"]) == (
        401, challenge("OIDC discovery endpoint communication error"))
    issuer.delay = 0
    assert ask(api, "/new", token).status == 200, "the next one tries again"


def test_an_issuer_that_is_gone(world, issuer, node_echo):
    api = secured(world, issuer, node_echo)
    token = issuer.token()
    issuer.stop()
    answer = ask(api, "/new", token)
    assert (answer.status, answer["www-authenticate"]) == (
        401, challenge("OIDC discovery endpoint communication error"))


def test_what_the_control_plane_shows(world, issuer, api):
    shown = world.apis.get_authorizer(ApiId=api.id, AuthorizerId=api.authorizer)
    del shown["ResponseMetadata"]
    assert shown == {
        "AuthorizerId": api.authorizer, "AuthorizerType": "JWT", "Name": "jwt",
        "IdentitySource": ["$request.header.Authorization"],
        "JwtConfiguration": {"Issuer": issuer.url, "Audience": ["other", "me"]},
    }
    assert aws.refused(world.apis.delete_authorizer, ApiId=api.id, AuthorizerId=api.authorizer)[:2] == (
        409, "ConflictException")
    asked = world.apis.create_authorizer(
        ApiId=api.id, Name="function", AuthorizerType="REQUEST", IdentitySource=["$request.header.A"],
        AuthorizerUri="arn:aws:lambda:us-east-1:000000000000:function:f", AuthorizerPayloadFormatVersion="2.0",
        EnableSimpleResponses=True,
    )
    assert (asked["AuthorizerResultTtlInSeconds"], asked["EnableSimpleResponses"]) == (300, True)
    listed = world.apis.get_authorizers(ApiId=api.id)["Items"]
    assert sorted(item["Name"] for item in listed) == ["function", "jwt"]


def test_a_stack_with_an_authorizer(world, issuer, node_echo):
    template = {"Resources": {
        "Api": {"Type": "AWS::ApiGatewayV2::Api", "Properties": {"Name": "secured", "ProtocolType": "HTTP"}},
        "Stage": {"Type": "AWS::ApiGatewayV2::Stage",
                  "Properties": {"ApiId": {"Ref": "Api"}, "StageName": "$default", "AutoDeploy": True}},
        "Authorizer": {"Type": "AWS::ApiGatewayV2::Authorizer", "Properties": {
            "ApiId": {"Ref": "Api"}, "Name": "jwt", "AuthorizerType": "JWT",
            "IdentitySource": ["$request.header.Authorization"],
            "JwtConfiguration": {"Issuer": issuer.url, "Audience": ["me"]}}},
        "Integration": {"Type": "AWS::ApiGatewayV2::Integration", "Properties": {
            "ApiId": {"Ref": "Api"}, "IntegrationType": "AWS_PROXY", "IntegrationUri": node_echo,
            "PayloadFormatVersion": "2.0"}},
        "Route": {"Type": "AWS::ApiGatewayV2::Route", "Properties": {
            "ApiId": {"Ref": "Api"}, "RouteKey": "GET /new", "AuthorizationType": "JWT",
            "AuthorizerId": {"Ref": "Authorizer"}, "AuthorizationScopes": ["read"],
            "Target": {"Fn::Join": ["/", ["integrations", {"Ref": "Integration"}]]}}},
    }, "Outputs": {"Api": {"Value": {"Ref": "Api"}}}}
    stacks, name = world.client("cloudformation"), aws.unique("secured")
    stacks.create_stack(StackName=name, TemplateBody=json.dumps(template))
    stacks.get_waiter("stack_create_complete").wait(StackName=name, WaiterConfig={"Delay": 1})
    outputs = stacks.describe_stacks(StackName=name)["Stacks"][0]["Outputs"]
    api = aws.HttpApi.__new__(aws.HttpApi)
    api.world, api.id = world, outputs[0]["OutputValue"]
    assert ask(api, "/new").status == 401
    assert ask(api, "/new", issuer.token()).status == 403
    assert ask(api, "/new", issuer.token(scope="read")).status == 200
    # The route asks for nothing any more, and the authorizer is gone.
    del template["Resources"]["Authorizer"]
    for property in ("AuthorizationType", "AuthorizerId", "AuthorizationScopes"):
        del template["Resources"]["Route"]["Properties"][property]
    stacks.update_stack(StackName=name, TemplateBody=json.dumps(template))
    stacks.get_waiter("stack_update_complete").wait(StackName=name, WaiterConfig={"Delay": 1})
    assert ask(api, "/new").status == 200
    assert world.apis.get_authorizers(ApiId=api.id)["Items"] == []
