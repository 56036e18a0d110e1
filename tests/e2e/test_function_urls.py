"""Functions' own URLs: made by boto3 and the AWS CLI, called over HTTP."""

import json
import urllib.parse

import pytest

import aws
from aws import refused


@pytest.fixture
def named(world):
    """A function that answers with its event."""
    name = aws.unique("url")
    world.function(aws.NODE_ECHO, name=name)
    return name


def host(url):
    return urllib.parse.urlsplit(url).netloc


def test_a_url_is_called(world, gatelet, named):
    made = world.functions.create_function_url_config(FunctionName=named, AuthType="NONE")
    url = made["FunctionUrl"]
    identity = host(url).split(".")[0]
    answer = gatelet.request("POST", "/a/b?x=1", {"Host": host(url), "Content-Type": "application/json"}, '{"n":1}')
    event = answer.json()
    assert answer.status == 200 and answer["content-type"] == "application/json"
    assert (event["version"], event["rawPath"], event["rawQueryString"]) == ("2.0", "/a/b", "x=1")
    assert (event["routeKey"], json.loads(event["body"])) == ("$default", {"n": 1})
    context = event["requestContext"]
    assert (context["apiId"], context["accountId"]) == (identity, "anonymous")
    assert context["domainName"] == host(url) and context["domainPrefix"] == identity
    assert answer["x-amzn-requestid"] == context["requestId"]
    by_path = gatelet.request("GET", f"/_aws/lambda-url/{identity}/c").json()
    assert by_path["rawPath"] == "/c" and by_path["requestContext"]["domainName"] == host(url)
    other = gatelet.request("GET", "/", {"Host": f"{identity}.lambda-url.eu-west-1.localhost"})
    assert other.status == 200


def test_the_life_of_a_url(world, gatelet, named):
    functions = world.functions
    assert refused(functions.get_function_url_config, FunctionName=named)[:2] == (404, "ResourceNotFoundException")
    url = functions.create_function_url_config(FunctionName=named, AuthType="AWS_IAM")["FunctionUrl"]
    assert refused(functions.create_function_url_config, FunctionName=named, AuthType="NONE")[:2] == (
        409, "ResourceConflictException")
    assert gatelet.request("GET", "/", {"Host": host(url)}).status == 403
    signed = gatelet.request("GET", "/", {
        "Host": host(url), "Authorization": "AWS4-HMAC-SHA256 Credential=AKIA/20260101/us-east-1/lambda/aws4_request, "
                                            "SignedHeaders=host, Signature=0"})
    assert signed.json()["requestContext"]["authorizer"]["iam"]["accessKey"] == "AKIA"
    updated = functions.update_function_url_config(FunctionName=named, AuthType="NONE")
    assert (updated["FunctionUrl"], updated["AuthType"]) == (url, "NONE")
    assert gatelet.request("GET", "/", {"Host": host(url)}).status == 200
    assert [one["FunctionUrl"] for one in functions.list_function_url_configs(FunctionName=named)[
        "FunctionUrlConfigs"]] == [url]
    functions.delete_function_url_config(FunctionName=named)
    assert gatelet.request("GET", "/", {"Host": host(url)}).status == 404


def test_cors(world, gatelet, named):
    cors = {"AllowOrigins": ["https://page.example"], "AllowMethods": ["PUT"], "AllowCredentials": True,
            "AllowHeaders": ["x-a"], "MaxAge": 60, "ExposeHeaders": ["x-b"]}
    made = world.functions.create_function_url_config(FunctionName=named, AuthType="NONE", Cors=cors)
    assert made["Cors"] == cors
    page = {"Host": host(made["FunctionUrl"]), "Origin": "https://page.example"}
    preflight = gatelet.request("OPTIONS", "/", {**page, "Access-Control-Request-Method": "PUT"})
    assert preflight.status == 200
    assert preflight["access-control-allow-origin"] == "https://page.example"
    assert preflight["access-control-allow-methods"] == "PUT"
    assert preflight["access-control-allow-headers"] == "x-a"
    assert preflight["access-control-max-age"] == "60"
    answer = gatelet.request("GET", "/", page)
    assert answer["access-control-allow-credentials"] == "true"
    assert answer["access-control-expose-headers"] == "x-b"
    other = gatelet.request("GET", "/", {**page, "Origin": "https://other.example"})
    assert other.status == 200 and other.get("access-control-allow-origin") is None


def test_results_and_errors(world, gatelet):
    name = aws.unique("results")
    world.function("""
        exports.handler = async (event) => {
          if (event.rawPath === '/throw') throw new Error('no');
          if (event.rawPath === '/full') return { statusCode: 201, headers: { 'X-A': '1' }, cookies: ['a=1', 'b=2'],
            body: 'aGk=', isBase64Encoded: true };
          return { plain: true };
        };
        """, name=name)
    url = world.functions.create_function_url_config(FunctionName=name, AuthType="NONE")["FunctionUrl"]
    headers = {"Host": host(url)}
    plain = gatelet.request("GET", "/", headers)
    assert (plain.status, plain.json(), plain["content-type"]) == (200, {"plain": True}, "application/json")
    full = gatelet.request("GET", "/full", headers)
    assert (full.status, full.body, full["x-a"], full.all("set-cookie")) == (201, b"hi", "1", ["a=1", "b=2"])
    thrown = gatelet.request("GET", "/throw", headers)
    assert (thrown.status, thrown.text) == (502, "Internal Server Error")


def test_custom_ids_and_aliases(world, gatelet):
    name, custom = aws.unique("custom"), aws.unique("my-url")
    world.function(aws.NODE_ECHO, name=name, Tags={"_custom_id_": custom}, Publish=True)
    world.functions.create_alias(FunctionName=name, Name="live", FunctionVersion="1")
    url = world.functions.create_function_url_config(FunctionName=name, AuthType="NONE")["FunctionUrl"]
    assert host(url).startswith(f"{custom}.lambda-url.us-east-1.")
    of_alias = world.functions.create_function_url_config(
        FunctionName=name, AuthType="NONE", Qualifier="live")["FunctionUrl"]
    assert host(of_alias).startswith(f"{custom}-live.lambda-url.")
    for one in (url, of_alias):
        assert gatelet.request("GET", "/", {"Host": host(one)}).status == 200


def test_the_cli(world, gatelet, named):
    out, _, _ = world.awscli("lambda", "create-function-url-config", "--function-name", named,
                             "--auth-type", "NONE", program="awslocal")
    assert gatelet.request("GET", "/x", {"Host": host(out["FunctionUrl"])}).json()["rawPath"] == "/x"


def test_cloud_control_knows_them(world):
    """What `sam list endpoints` asks, and all that is answered there."""
    control, name = world.client("cloudcontrol"), world.function("exports.handler = async () => 1")
    missing = aws.refused(control.get_resource, TypeName="AWS::Lambda::Url", Identifier=name)
    assert missing[:2] == (400, "ResourceNotFoundException")
    made = world.functions.create_function_url_config(FunctionName=name, AuthType="NONE")
    found = control.get_resource(TypeName="AWS::Lambda::Url", Identifier=name)["ResourceDescription"]
    properties = json.loads(found["Properties"])
    assert (properties["FunctionUrl"], properties["AuthType"]) == (made["FunctionUrl"], "NONE")
    other = aws.refused(control.get_resource, TypeName="AWS::SQS::Queue", Identifier="q")
    assert other[1] == "UnsupportedActionException" and "AWS::SQS::Queue" in other[2]
