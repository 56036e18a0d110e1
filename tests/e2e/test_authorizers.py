"""Lambda authorizers and IAM authorization of HTTP APIs: made by boto3, asked over HTTP, signed by botocore."""

import pytest
from botocore.auth import SigV4Auth, SigV4QueryAuth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

import aws
import harness
from aws import refused

FORBIDDEN = b'{"message":"Forbidden"}'
UNAUTHORIZED = b'{"message":"Unauthorized"}'
SERVER_ERROR = b'{"message":"Internal Server Error"}'

# Says in `context` how often it was asked, and of what.
SIMPLE = """
let asked = 0;
exports.handler = async (event) => {
  const who = (event.headers.authorization || "").replace("Bearer ", "");
  if (who === "broken") throw new Error("Unauthorized");
  if (who === "odd") return { isAuthorized: "true" };
  return { isAuthorized: who !== "nobody", context: { who, asked: ++asked, list: [1, { a: true }], event } };
};
"""

POLICY = """
import json

def handler(event, context):
    who = event["authorizationToken"]
    parts = event["methodArn"].split("/")
    effect = {"nobody": "Deny"}.get(who, "Allow")
    resource = "/".join([*parts[:2], "GET", "pets", "*"]) if who == "keeper" else "*"
    return {
        "principalId": who,
        "policyDocument": {"Version": "2012-10-17", "Statement": [
            {"Action": "execute-api:Invoke", "Effect": effect, "Resource": resource}]},
        "context": {"arn": event["methodArn"], "type": event["type"], "n": 7},
    }
"""


def uri(arn):
    return f"arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/{arn}/invocations"


def authorizer(world, api, arn, **more):
    given = {"AuthorizerPayloadFormatVersion": "2.0", "EnableSimpleResponses": True, **more}
    return world.apis.create_authorizer(
        ApiId=api.id, AuthorizerType="REQUEST", Name=aws.unique("authorizer"), AuthorizerUri=uri(arn), **given,
    )["AuthorizerId"]


def guard(world, api, key, integration, authorizer):
    world.apis.create_route(ApiId=api.id, RouteKey=key, Target=f"integrations/{integration}",
                            AuthorizationType="CUSTOM", AuthorizerId=authorizer)


@pytest.fixture(scope="module")
def simple(world):
    return world.function(SIMPLE, name=aws.unique("simple"))


@pytest.fixture(scope="module")
def policy(world):
    return world.function(POLICY, "python3.12", name=aws.unique("policy"))


# ---- Lambda ---------------------------------------------------------------------------------------------------


def test_a_function_lets_requests_in(world, simple, node_echo):
    api = world.http_api()
    auth = authorizer(world, api, simple, IdentitySource=["$request.header.Authorization"], AuthorizerResultTtlInSeconds=0)
    guard(world, api, "GET /pets/{id}", api.function_integration(node_echo), auth)
    answer = api.call("GET", "/pets/1?x=1", {"Authorization": "Bearer me"})
    assert answer.status == 200, answer
    given = answer.json()["requestContext"]["authorizer"]["lambda"]
    assert (given["who"], given["list"]) == ("me", [1, {"a": True}])
    event = given["event"]
    assert event["version"] == "2.0" and event["type"] == "REQUEST"
    assert event["routeArn"] == f"arn:aws:execute-api:us-east-1:000000000000:{api.id}/$default/GET/pets/1"
    assert event["identitySource"] == ["Bearer me"]
    assert event["routeKey"] == "GET /pets/{id}" and event["pathParameters"] == {"id": "1"}
    assert event["queryStringParameters"] == {"x": "1"} and "body" not in event
    for who, status, body in [("nobody", 403, FORBIDDEN), ("broken", 500, SERVER_ERROR), ("odd", 500, SERVER_ERROR)]:
        answer = api.call("GET", "/pets/1", {"Authorization": f"Bearer {who}"})
        assert (answer.status, answer.body) == (status, body), who
    missing = api.call("GET", "/pets/1")
    assert (missing.status, missing.body) == (401, UNAUTHORIZED)


def test_policies_and_format_1(world, policy, node_echo):
    api = world.http_api()
    auth = authorizer(world, api, policy, AuthorizerPayloadFormatVersion="1.0", EnableSimpleResponses=False,
                      IdentitySource=["$request.header.Authorization"], AuthorizerResultTtlInSeconds=300)
    one = api.function_integration(node_echo, "1.0")
    guard(world, api, "GET /pets/{id}", one, auth)
    guard(world, api, "GET /other", one, auth)
    given = api.call("GET", "/pets/1", {"Authorization": "keeper"}).json()["requestContext"]["authorizer"]
    assert given == {
        "principalId": "keeper", "type": "REQUEST", "n": 7,
        "arn": f"arn:aws:execute-api:us-east-1:000000000000:{api.id}/$default/GET/pets/1",
    }
    other = api.call("GET", "/other", {"Authorization": "keeper"})
    assert (other.status, other.body) == (403, FORBIDDEN), "the policy that is kept says nothing of it"
    assert api.call("GET", "/other", {"Authorization": "me"}).status == 200
    assert api.call("GET", "/other", {"Authorization": "nobody"}).status == 403


def test_answers_are_kept_until_they_are_reset(world, simple, node_echo):
    api = world.http_api()
    auth = authorizer(world, api, simple, IdentitySource=["$request.header.Authorization"], AuthorizerResultTtlInSeconds=3600)
    guard(world, api, "GET /a", api.function_integration(node_echo), auth)
    guard(world, api, "GET /b", api.function_integration(node_echo), auth)

    def asked(path="/a", who="me"):
        answer = api.call("GET", path, {"Authorization": f"Bearer {who}"})
        return answer.json()["requestContext"]["authorizer"]["lambda"]["asked"]

    first = asked()
    assert [asked(), asked("/b")] == [first, first]
    other = asked(who="you")
    assert other != first and asked(who="you") == other
    world.apis.reset_authorizers_cache(ApiId=api.id, StageName="$default")
    assert asked() not in (first, other)
    assert refused(world.apis.reset_authorizers_cache, ApiId=api.id, StageName="nowhere")[:2] == (404, "NotFoundException")


def test_answers_end(world, simple, node_echo):
    api = world.http_api()
    auth = authorizer(world, api, simple, IdentitySource=["$request.header.Authorization"], AuthorizerResultTtlInSeconds=1)
    guard(world, api, "GET /a", api.function_integration(node_echo), auth)

    def asked():
        return api.call("GET", "/a", {"Authorization": "Bearer me"}).json()["requestContext"]["authorizer"]["lambda"]["asked"]

    first = asked()
    harness.wait_until(lambda: asked() != first, "the function is asked again")


def test_what_it_says_is_mapped(world, simple, node_echo):
    api = world.http_api()
    auth = authorizer(world, api, simple, IdentitySource=["$request.header.Authorization"])
    mapped = api.function_integration(node_echo, RequestParameters={
        "overwrite:header.who": "$context.authorizer.who", "append:querystring.deep": "${context.authorizer.list[1].a}"})
    guard(world, api, "GET /b", mapped, auth)
    event = api.call("GET", "/b", {"Authorization": "Bearer me"}).json()
    assert (event["headers"]["who"], event["queryStringParameters"]["deep"]) == ("me", "true")


def test_aws_asks_for_permission():
    with harness.Gatelet(arguments=["--parity", "aws"]) as gatelet:
        world = aws.World(gatelet)
        auth = world.function(SIMPLE, name="auth")
        echo = world.function(aws.NODE_ECHO, name="echo")
        api = world.http_api()
        source = f"arn:aws:execute-api:us-east-1:000000000000:{api.id}"
        world.functions.add_permission(FunctionName="echo", StatementId="s", Action="lambda:InvokeFunction",
                                       Principal="apigateway.amazonaws.com", SourceArn=f"{source}/*/*/a")
        made = authorizer(world, api, auth, IdentitySource=["$request.header.Authorization"])
        guard(world, api, "GET /a", api.function_integration(echo), made)
        refusal = api.call("GET", "/a", {"Authorization": "me"})
        assert (refusal.status, refusal.body) == (500, SERVER_ERROR)
        world.functions.add_permission(FunctionName="auth", StatementId="s", Action="lambda:InvokeFunction",
                                       Principal="apigateway.amazonaws.com", SourceArn=f"{source}/authorizers/{made}")
        assert api.call("GET", "/a", {"Authorization": "me"}).status == 200


# ---- IAM ------------------------------------------------------------------------------------------------------


def signed(api, method, path, credentials, signer=SigV4Auth, body=None, headers=None, region="us-east-1"):
    """What a request signed by botocore is answered."""
    host = f"{api.id}.execute-api.localhost.localstack.cloud:{api.world.gatelet.port}"
    request = AWSRequest(method=method, url=f"http://{host}{path}", data=body, headers=headers or {})
    signer(credentials, "execute-api", region).add_auth(request)
    target = request.url.split(host, 1)[1]
    sent = {"Host": host, **dict(request.headers.items())}
    return api.world.gatelet.request(method, target, sent, body)


TEST = Credentials("test", "test")


@pytest.fixture(scope="module")
def guarded(world, node_echo):
    api = world.http_api()
    api.stage("dev")
    two = api.function_integration(node_echo)
    one = api.function_integration(node_echo, "1.0")
    for key, integration in [("ANY /two/{proxy+}", two), ("GET /one", one)]:
        world.apis.create_route(ApiId=api.id, RouteKey=key, Target=f"integrations/{integration}",
                                AuthorizationType="AWS_IAM")
    return api


@pytest.mark.parametrize("signer", [SigV4Auth, SigV4QueryAuth])
@pytest.mark.parametrize("path", [
    "/two/a", "/two/a?b=2&a=1&a=0&c", "/two/a%20b/c%2Fd?x=%20%2B&y=%C3%A9", "/two/a/../b/./c//d", "/dev/two/-._~:@!$&'()*+,;=",
])
def test_signatures(guarded, signer, path):
    answer = signed(guarded, "GET", path, TEST, signer)
    assert answer.status == 200, answer
    assert answer.json()["requestContext"]["authorizer"] == {"iam": {
        "accessKey": "test", "accountId": "000000000000", "callerId": "test", "cognitoIdentity": None,
        "principalOrgId": None, "userArn": "arn:aws:iam::000000000000:root", "userId": "test",
    }}


def test_bodies_are_signed(guarded):
    for body in (b"", b"body", bytes(range(256)) * 100):
        assert signed(guarded, "POST", "/two/a", TEST, body=body, headers={"X-Odd": " a   b "}).status == 200
    host = f"{guarded.id}.execute-api.localhost.localstack.cloud:4566"
    request = AWSRequest(method="POST", url=f"http://{host}/two/a", data=b"body")
    SigV4Auth(TEST, "execute-api", "us-east-1").add_auth(request)
    sent = {"Host": host, **dict(request.headers.items())}
    gatelet = guarded.world.gatelet
    assert gatelet.request("POST", "/two/a", sent, b"body").status == 200
    other = gatelet.request("POST", "/two/a", sent, b"bodx")
    assert (other.status, other.body) == (403, FORBIDDEN)


def test_format_1_says_who_signed(guarded):
    identity = signed(guarded, "GET", "/one", TEST).json()["requestContext"]["identity"]
    assert identity["accessKey"] == "test" and identity["accountId"] == "000000000000"
    assert identity["userArn"] == "arn:aws:iam::000000000000:root" and identity["cognitoIdentityId"] is None


@pytest.mark.parametrize("credentials, region", [
    (Credentials("test", "other"), "us-east-1"),
    (Credentials("AKIANOBODY", "test"), "us-east-1"),
    (TEST, "eu-west-1"),
])
@pytest.mark.parametrize("signer", [SigV4Auth, SigV4QueryAuth])
def test_what_does_not_pass(guarded, signer, credentials, region):
    answer = signed(guarded, "GET", "/two/a", credentials, signer, region=region)
    assert (answer.status, answer.body) == (403, FORBIDDEN)


def test_unsigned_requests(guarded):
    for headers in ({}, {"Authorization": "Bearer x"}, {"Authorization": "AWS4-HMAC-SHA256 Credential=test"}):
        answer = guarded.call("GET", "/two/a", headers)
        assert (answer.status, answer.body) == (403, FORBIDDEN), headers


def test_who_assumed_a_role(guarded, world):
    given = world.sts.assume_role(RoleArn="arn:aws:iam::000000000000:role/keeper", RoleSessionName="me")
    keys = given["Credentials"]
    credentials = Credentials(keys["AccessKeyId"], keys["SecretAccessKey"], keys["SessionToken"])
    for signer in (SigV4Auth, SigV4QueryAuth):
        iam = signed(guarded, "GET", "/two/a", credentials, signer).json()["requestContext"]["authorizer"]["iam"]
        assert iam["accessKey"] == keys["AccessKeyId"]
        assert iam["userArn"] == "arn:aws:sts::000000000000:assumed-role/keeper/me"
        assert iam["callerId"] == given["AssumedRoleUser"]["AssumedRoleId"]
    for secret, token in [("other", keys["SessionToken"]), (keys["SecretAccessKey"], "other"), (keys["SecretAccessKey"], None)]:
        wrong = Credentials(keys["AccessKeyId"], secret, token)
        assert signed(guarded, "GET", "/two/a", wrong).status == 403


def test_functions_credentials(guarded, world):
    """As functions have them in their environment: everybody's key, or the account's, and a session token."""
    token = Credentials("test", "test", "test")
    assert signed(guarded, "GET", "/two/a", token).status == 200
    account = Credentials("111111111111", "test", "test")
    iam = signed(guarded, "GET", "/two/a", account).json()["requestContext"]["authorizer"]["iam"]
    assert (iam["accountId"], iam["userArn"]) == ("111111111111", "arn:aws:iam::111111111111:root")


def test_configured_credentials():
    with harness.Gatelet(arguments=["--credentials", "AKIAME=s3cr=t,test=changed"]) as gatelet:
        world = aws.World(gatelet)
        api = world.http_api()
        echo = world.function(aws.NODE_ECHO, name="echo")
        integration = api.function_integration(echo)
        world.apis.create_route(ApiId=api.id, RouteKey="GET /a", Target=f"integrations/{integration}",
                                AuthorizationType="AWS_IAM")
        assert signed(api, "GET", "/a", Credentials("AKIAME", "s3cr=t")).status == 200
        assert signed(api, "GET", "/a", Credentials("test", "changed")).status == 200
        assert signed(api, "GET", "/a", TEST).status == 403
