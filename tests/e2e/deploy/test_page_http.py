"""LocalStack's page, first project: an `http` and an `httpApi` event, through the whole life of a Serverless service."""

import json
import re

import pytest

import tools

PROJECT = "page-http"
BODY = '{"hello":"world"}'


@pytest.fixture(scope="module")
def service(project):
    project.said = project.serverless("deploy")
    return project


@pytest.fixture(scope="module")
def ids(service, deployed):
    return {"v1": deployed.rest_api("local-page-http"), "v2": deployed.api("local-page-http")["ApiId"]}


def test_deploy(service, server, ids):
    said = service.said
    assert "Service deployed to stack page-http-local" in said
    # As the plugin rewrites them.
    assert f"http://localhost:{server.port}/restapis/{ids['v1']}/local/_user_request_" in said
    assert f"POST - https://{ids['v2']}.execute-api.localhost.localstack.cloud:{server.port}/my/path2" in said
    for function in ["serviceV1: page-http-local-serviceV1", "serviceV2: page-http-local-serviceV2"]:
        assert function in said


def test_every_url_of_the_page(service, server, deployed, ids):
    # What the handler is told comes back: an API of version 1 answers with the event's own body, one of version 2 with
    # the event.
    for url in tools.url_forms(server.port, ids["v1"], "local", "/my/path1"):
        answer = deployed.call(url, body=BODY)
        assert (answer.status, answer.text) == (200, BODY), url
    for stage in ["local", "$default", ""]:
        for url in tools.url_forms(server.port, ids["v2"], stage, "/my/path2"):
            answer = deployed.call(url, body=BODY)
            assert answer.status == 200, f"{url}: {answer.text}"
            event = answer.json()
            assert (event["version"], event["routeKey"], event["body"]) == ("2.0", "POST /my/path2", BODY), url


def test_what_is_no_url_of_theirs(service, server, deployed, ids):
    host = f"execute-api.localhost.localstack.cloud:{server.port}"
    for url, status in [(f"http://{ids['v1']}.{host}/my/path1", 404), (f"http://{ids['v1']}.{host}/local/my", 403),
                        (f"http://{ids['v2']}.{host}/my/path1", 404), (f"http://nosuch.{host}/local/my/path1", 404)]:
        assert deployed.call(url, body=BODY).status == status, url


def test_outputs_work_when_pasted(service, server, deployed):
    outputs = deployed.outputs("page-http-local")
    for name, path in [("ServiceEndpoint", "/my/path1"), ("HttpApiUrl", "/my/path2")]:
        assert deployed.call(outputs[name] + path, body=BODY).status == 200, outputs
    assert outputs["ServerlessDeploymentBucketName"] in [
        bucket["Name"] for bucket in deployed.client("s3").list_buckets()["Buckets"]]
    # Addresses of this machine, not of AWS.
    assert not [value for value in outputs.values() if "amazonaws.com" in value], outputs


def test_unchanged(service):
    assert "No changes to deploy. Deployment skipped." in service.serverless("deploy")


def test_info(service, server, ids):
    said = service.serverless("info")
    assert "service: page-http" in said and "stack: page-http-local" in said
    assert f"/restapis/{ids['v1']}/local/_user_request_" in said and ids["v2"] in said


def test_invoke(service):
    said = service.serverless("invoke", "--function", "serviceV1", "--data", '{"a": [1, 2]}')
    assert tools.result(said) == {"a": [1, 2]}


def test_change(service, deployed, ids, server):
    service.edit("handler.js", "callback(null, event)",
                 "console.log('changed it is'); callback(null, { statusCode: 201, body: 'changed' })")
    said = service.serverless("deploy")
    assert "Service deployed to stack page-http-local" in said
    # The APIs are those from before.
    assert ids == {"v1": deployed.rest_api("local-page-http"), "v2": deployed.api("local-page-http")["ApiId"]}
    for url in [*tools.url_forms(server.port, ids["v1"], "local", "/my/path1"),
                *tools.url_forms(server.port, ids["v2"], "", "/my/path2")]:
        answer = deployed.call(url, body=BODY)
        assert (answer.status, answer.text) == (201, "changed"), url


def test_a_route_more(service, deployed, ids, server):
    service.edit("serverless.yml", "path: /my/path2", "path: /my/path2\n      - httpApi: 'GET /more/{id}'\n"
                                                      "      - http: 'GET /more/{id}'")
    service.serverless("deploy")
    for url in [*tools.url_forms(server.port, ids["v1"], "local", "/more/7"),
                *tools.url_forms(server.port, ids["v2"], "local", "/more/7")]:
        answer = deployed.call(url, method="GET")
        assert (answer.status, answer.text) == (201, "changed"), url
    assert deployed.call(tools.url_forms(server.port, ids["v1"], "local", "/my/path1")[0], body=BODY).status == 201


def test_logs(service):
    said = service.serverless("logs", "--function", "serviceV1")
    assert "changed it is" in said and "START" in said and "END" in said


def test_deploy_function(service, deployed, ids, server):
    service.edit("handler.js", "body: 'changed'", "body: 'one function alone'")
    said = service.serverless("deploy", "function", "--function", "serviceV1")
    assert "Function code deployed" in said
    url = tools.url_forms(server.port, ids["v1"], "local", "/my/path1")[0]
    assert deployed.call(url, body=BODY).text == "one function alone"
    url = tools.url_forms(server.port, ids["v2"], "", "/my/path2")[0]
    assert deployed.call(url, body=BODY).text == "changed"
    said = service.serverless("deploy", "function", "--function", "serviceV1")
    assert "Code did not change. Function deployment skipped." in said


def test_a_template_that_fails_changes_nothing(service, deployed, ids, server):
    before = deployed.everything()
    with open(service.folder / "serverless.yml", "a") as file:
        file.write("""
resources:
  Resources:
    Unheard:
      Type: AWS::No::Such
""")
    said = service.serverless("deploy", check=False)
    assert "Unrecognized resource types: [AWS::No::Such]" in said
    assert deployed.everything() == before
    url = tools.url_forms(server.port, ids["v1"], "local", "/my/path1")[0]
    assert deployed.call(url, body=BODY).text == "one function alone"


def test_remove(service, deployed, ids, server):
    said = service.serverless("remove")
    assert re.search("Service page-http has been successfully removed", said)
    assert deployed.everything() == {}
    for url in [tools.url_forms(server.port, ids["v1"], "local", "/my/path1")[0],
                tools.url_forms(server.port, ids["v2"], "", "/my/path2")[0]]:
        assert deployed.call(url, body=BODY).status == 404
    assert json.loads(server.request("GET", "/_localstack/health").text)["services"]["cloudformation"] == "available"
