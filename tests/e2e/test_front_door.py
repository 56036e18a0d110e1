"""The AWS front door: which service and operation a request is for, whose it is, and what is said of all others."""

import json

import pytest

import aws
import harness
from aws import refused


def scope(service, region="us-east-1", key="test"):
    return {"Authorization": f"AWS4-HMAC-SHA256 Credential={key}/20260101/{region}/{service}/aws4_request, "
                             "SignedHeaders=host, Signature=00"}


# ---- whose it is ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("key, account", [
    ("test", "000000000000"), ("AKIAIOSFODNN7EXAMPLE", "000000000000"), ("123456789012", "123456789012"),
    ("12345678901", "000000000000"), ("1234567890123", "000000000000"),
])
def test_accounts(gatelet, key, account):
    world = aws.World(gatelet, key=key)
    identity = world.sts.get_caller_identity()
    assert identity["Account"] == account
    assert identity["Arn"].startswith("arn:aws:iam::" + account + ":") and identity["UserId"]
    arn = world.function("exports.handler = async () => 1")
    assert arn.split(":")[4] == account
    assert refused(world.apis.get_api, ApiId="nosuch")[2].endswith(f" {account}:nosuch")
    world.functions.delete_function(FunctionName=arn)


@pytest.mark.parametrize("one, other", [
    ({"region": "us-east-1"}, {"region": "eu-central-1"}),
    ({"key": "222222222222"}, {"key": "333333333333"}),
])
def test_accounts_and_regions_are_apart(gatelet, one, other):
    here, there = aws.World(gatelet, **one), aws.World(gatelet, **other)
    name = aws.unique("apart")
    here.function("exports.handler = async () => 'here'", name=name)
    assert refused(there.functions.get_function, FunctionName=name)[0] == 404
    there.function("exports.handler = async () => 'there'", name=name)
    assert (here.invoke(name)[0], there.invoke(name)[0]) == ("here", "there")
    api = here.http_api(stage=None)
    assert refused(there.apis.get_api, ApiId=api.id)[0] == 404
    assert api.id not in [item["ApiId"] for item in there.apis.get_apis()["Items"]]


def test_an_api_reaches_a_function_of_another_region(gatelet):
    here, there = aws.World(gatelet), aws.World(gatelet, region="eu-west-2")
    arn = there.function("exports.handler = async () => process.env.AWS_REGION")
    api = here.http_api()
    api.route("$default", api.function_integration(arn))
    assert api.call("GET", "/").text == "eu-west-2"


def test_sts_by_the_cli(world):
    for program in ["aws", "awslocal"]:
        assert world.awscli("sts", "get-caller-identity", program=program)[0]["Account"] == "000000000000"


# ---- which service --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("headers, path, status", [
    ({}, "/v2/apis", 200),
    (scope("apigateway"), "/v2/apis", 200),
    ({"Host": "apigateway.us-east-1.localhost.localstack.cloud:4566"}, "/v2/apis", 200),
    ({"Host": "apigateway.us-east-1.amazonaws.com"}, "/v2/apis", 200),
    ({}, "/2015-03-31/functions", 200),
    ({}, "/2015-03-31/functions/", 200),
    (scope("lambda"), "/2015-03-31/functions/", 200),
    ({"Host": "lambda.us-east-1.localhost.localstack.cloud:4566"}, "/2015-03-31/functions/", 200),
    ({"Host": "lambda.us-east-1.amazonaws.com"}, "/2015-03-31/functions/", 200),
    ({"Host": "localhost.localstack.cloud:4566"}, "/v2/apis", 200),
])
def test_dispatch(gatelet, headers, path, status):
    assert gatelet.request("GET", path, headers).status == status


def test_the_region_of_a_signature(gatelet):
    made = gatelet.request("POST", "/v2/apis", {**scope("apigateway", "sa-east-1"), "Content-Type": "application/json"},
                           json.dumps({"name": "x", "protocolType": "HTTP"})).json()
    assert gatelet.request("GET", f"/v2/apis/{made['apiId']}", scope("apigateway", "sa-east-1")).status == 200
    assert gatelet.request("GET", f"/v2/apis/{made['apiId']}", scope("apigateway", "us-east-1")).status == 404


def test_sts_by_its_action(gatelet):
    for headers in [{}, scope("sts"), {"Host": "sts.amazonaws.com"}]:
        answer = gatelet.request("POST", "/", {**headers, "Content-Type": "application/x-www-form-urlencoded"},
                                 "Action=GetCallerIdentity&Version=2011-06-15")
        assert answer.status == 200 and answer["content-type"] == "text/xml"
        assert b"<Account>000000000000</Account>" in answer.body
    answer = gatelet.request("GET", "/?Action=GetCallerIdentity&Version=2011-06-15", scope("sts"))
    assert answer.status == 200


# ---- what is not supported ------------------------------------------------------------------------------------


@pytest.mark.parametrize("service, call, arguments", [
    ("apigateway", "create_vpc_link", {"name": "x", "targetArns": ["x"]}),
    ("lambda", "put_function_event_invoke_config", {"FunctionName": "x", "MaximumRetryAttempts": 1}),
    ("lambda", "list_event_source_mappings", {}),
    ("sts", "get_session_token", {}),
    ("lambda", "list_code_signing_configs", {}),
    ("s3", "get_object_torrent", {"Bucket": "x", "Key": "x"}),
    ("dynamodb", "list_tables", {}),
    ("sqs", "list_queues", {}),
    ("cloudformation", "list_stack_sets", {}),
    ("sns", "list_topics", {}),
])
def test_known_and_unsupported(world, service, call, arguments):
    client = world.client(service)
    status, _, message = refused(getattr(client, call), **arguments)
    assert status == 501
    operation = client.meta.method_to_api_mapping[call]
    if service in ("apigatewayv2", "apigateway", "lambda", "sts"):
        assert service in message and (operation in message or "POST /restapis" in message), message
    elif service != "s3":
        assert operation in message or service in message, message


def test_the_cli_shows_what_is_unsupported(world):
    _, code, err = world.awscli("apigateway", "get-vpc-links", check=False)
    assert code != 0 and "apigateway" in err and "GetVpcLinks" in err, err
    _, code, err = world.awscli("dynamodb", "list-tables", check=False)
    assert code != 0 and "dynamodb" in err and "ListTables" in err, err


@pytest.mark.parametrize("method, path", [
    ("GET", "/"), ("GET", "/nosuch"), ("POST", "/nosuch/path?x=1"), ("GET", "/favicon.ico"), ("GET", "/v2"),
    ("GET", "/v2/nosuch"), ("DELETE", "/v2/apis"), ("GET", "/2015-03-31/nosuch"), ("GET", "/_localstack/nosuch"),
    ("GET", "/_aws/nosuch"),
])
def test_unknown_paths_say_what_exists(gatelet, method, path):
    answer = gatelet.request(method, path)
    assert answer.status == 404
    assert path.split("?")[0] in answer.text and method in answer.text, answer.text
    # A path of a service gets that service's answer, all else is told how an API is reached.
    assert path.startswith(("/v2/", "/2015", "/_localstack")) or "execute-api" in answer.text


def test_nothing_of_the_request_is_reflected_as_markup(gatelet):
    answer = gatelet.request("GET", "/<script>alert(1)</script>")
    assert answer["content-type"].startswith(("text/plain", "application/json"))


# ---- browsers -------------------------------------------------------------------------------------------------


def test_a_foreign_page_cannot_use_the_control_plane(gatelet):
    """A page of the open web must not create functions on a developer's machine."""
    answer = gatelet.request("POST", "/v2/apis", {"Origin": "https://evil.example", "Content-Type": "text/plain"},
                             json.dumps({"name": "x", "protocolType": "HTTP"}))
    assert answer.status == 403
    answer = gatelet.request("GET", "/v2/apis", {"Origin": "https://evil.example"})
    assert answer.status == 403 and b"items" not in answer.body


@pytest.mark.parametrize("arguments, environment", [
    (["--allow-origin", "https://app.example"], {}), ([], {"EXTRA_CORS_ALLOWED_ORIGINS": "https://app.example"}),
    ([], {"DISABLE_CORS_CHECKS": "1"}),
])
def test_whose_pages_may_ask_can_be_set(arguments, environment):
    with harness.Gatelet(arguments, environment) as gatelet:
        assert gatelet.request("GET", "/v2/apis", {"Origin": "https://app.example"}).status == 200
        expected = 200 if environment.get("DISABLE_CORS_CHECKS") else 403
        assert gatelet.request("GET", "/v2/apis", {"Origin": "https://evil.example"}).status == expected


@pytest.mark.parametrize("origin", ["http://localhost:3000", "http://127.0.0.1:8080", "https://app.localstack.cloud"])
def test_local_pages_can(gatelet, origin):
    answer = gatelet.request("GET", "/v2/apis", {"Origin": origin})
    assert answer.status == 200 and answer["access-control-allow-origin"] in (origin, "*")
    answer = gatelet.request("OPTIONS", "/v2/apis", {"Origin": origin, "Access-Control-Request-Method": "POST",
                                                     "Access-Control-Request-Headers": "x-amz-date,authorization"})
    assert answer.status in (200, 204)
    assert "POST" in answer["access-control-allow-methods"]
    assert "x-amz-date" in answer["access-control-allow-headers"].lower()
