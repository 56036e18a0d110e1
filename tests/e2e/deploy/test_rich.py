"""A Serverless service with what services use besides routes."""

import pytest
import websockets.exceptions
import websockets.sync.client

import tools

PROJECT = "rich"


@pytest.fixture(scope="module")
def service(project):
    project.said = project.serverless("deploy")
    return project


@pytest.fixture(scope="module")
def rest(service, deployed, server):
    return tools.url_forms(server.port, deployed.rest_api("local-rich"), "local", "")[0]


def test_deploy(service):
    assert "Service deployed to stack rich-local" in service.said
    for line in ["common: arn:aws:lambda:us-east-1:000000000000:layer:common:1", "endpoint"]:
        assert line in service.said, service.said


def test_rest(rest, deployed):
    answer = deployed.call(f"{rest}/r/7", "GET")
    assert answer.json() == {"path": {"id": "7"}, "method": "GET", "greeting": "hello", "layer": "common of the layer"}
    assert deployed.call(f"{rest}/any/of/these", "PATCH").json()["path"] == {"proxy": "of/these"}


def test_cors(rest, deployed, server):
    answer = deployed.call(f"{rest}/r/7", "OPTIONS", headers={"Origin": "http://page.test"})
    assert answer.status == 200 and answer["access-control-allow-origin"] == "*"
    assert "GET" in answer["access-control-allow-methods"]


def test_http(service, deployed, server):
    (url, *_) = tools.url_forms(server.port, deployed.api("local-rich")["ApiId"], "", "")
    assert deployed.call(f"{url}/items/3", "GET").json() == {"route": "GET /items/{id}", "path": "/items/3"}
    assert deployed.call(f"{url}/else", "PUT").json() == {"route": "$default", "path": "/else"}
    # `cors: true`; the route `*` takes preflights, too, as on AWS.
    page = {"Origin": "http://page.test"}
    assert deployed.call(f"{url}/items/3", "GET", headers=page)["access-control-allow-origin"] == "*"
    preflight = deployed.call(f"{url}/items/3", "OPTIONS", headers={**page, "Access-Control-Request-Method": "GET"})
    assert (preflight.status, preflight["access-control-allow-origin"]) == (200, "*")
    assert "GET" in preflight["access-control-allow-methods"]
    assert "authorization" in preflight["access-control-allow-headers"].lower()
    assert deployed.call(f"{url}/closed", "GET").status == 401
    (authorizer,) = deployed.client("apigatewayv2").get_authorizers(ApiId=deployed.api("local-rich")["ApiId"])["Items"]
    assert authorizer["JwtConfiguration"] == {"Audience": ["me"], "Issuer": "https://issuer.test"}


def test_sockets(service, deployed):
    endpoint = deployed.api("rich-sockets")["ApiEndpoint"]
    with websockets.sync.client.connect(f"{endpoint}?token=good") as client:
        client.send('{"action": "echo"}')
        assert client.recv(timeout=30) == '{"action": "echo"}'
    for query, status in [("?token=bad", 403), ("", 401)]:
        with pytest.raises(websockets.exceptions.InvalidStatus) as refused:
            websockets.sync.client.connect(endpoint + query)
        assert refused.value.response.status_code == status, query


def test_python(service, deployed):
    said = service.serverless("invoke", "--function", "py", "--data", '{"rawPath": "/a/b", "version": "2.0"}')
    assert tools.result(said) == {"statusCode": 200, "body": "python of the layer /a/b 2.0"}


def test_function_url(service, deployed):
    url = deployed.outputs("rich-local")["PyLambdaFunctionUrl"]
    assert url.startswith("http://") and url in service.serverless("info", "--verbose")
    answer = deployed.call(url + "at/once", "GET")
    assert (answer.status, answer.text) == (200, "python of the layer /at/once 2.0")


def test_logs(service):
    said = service.serverless("logs", "--function", "py")
    assert "START\nEND Duration: " in said, said


def test_deploy_function(service, deployed):
    service.edit("pyhandler.py", '"body": f"', '"body": f"changed: ')
    service.serverless("deploy", "function", "--function", "py")
    url = deployed.outputs("rich-local")["PyLambdaFunctionUrl"]
    assert deployed.call(url, "GET").text == "changed: python of the layer / 2.0"


def test_tags_and_schedule(service, deployed):
    tags = deployed.client("lambda").list_tags(Resource="arn:aws:lambda:us-east-1:000000000000:function:rich-local-rest")
    assert tags["Tags"]["team"] == "x"
    (rule,) = deployed.client("events").list_rules()["Rules"]
    assert rule["ScheduleExpression"] == "rate(10 minutes)"


def test_another_layer(service, rest, deployed):
    service.edit("layer/nodejs/node_modules/common/index.js", "common of the layer", "second of the layer")
    service.serverless("deploy")
    assert deployed.call(f"{rest}/r/7", "GET").json()["layer"] == "second of the layer"


def test_remove(service, deployed):
    service.serverless("remove")
    # Serverless keeps layers' versions in no stack of a later deployment: they are gone with the stack.
    assert deployed.everything() == {}
