"""The sample project that LocalStack's page links to, with its own check, and a deployment bucket by
serverless-deployment-bucket."""

import json
import re

import pytest
import websockets.sync.client

PROJECT = "sample"


@pytest.fixture(scope="module")
def service(project):
    project.said = project.serverless("deploy")
    return project


def test_deploy(service, deployed):
    assert "Service deployed to stack localstack-websockets-local" in service.said
    buckets = [bucket["Name"] for bucket in deployed.client("s3").list_buckets()["Buckets"]]
    assert buckets == ["localstack-websockets-serverless"]
    kept = deployed.client("s3").list_objects_v2(Bucket=buckets[0])["Contents"]
    assert {item["Key"].rsplit("/", 1)[1] for item in kept} == {
        "compiled-cloudformation-template.json", "serverless-state.json", "localstack-websockets.zip"}


def test_its_own_check(service, deployed):
    """The API is found by its name, its `ApiEndpoint` is connected to as it is, and what is sent comes back."""
    apis = deployed.client("apigatewayv2").get_apis()["Items"]
    api = [item for item in apis if "localstack-websockets" in item["Name"]][0]
    message = {"action": "test-action"}
    with websockets.sync.client.connect(api["ApiEndpoint"]) as client:
        client.send(json.dumps(message))
        assert json.loads(client.recv(timeout=30)) == message
        client.send(json.dumps({"action": "of no route"}))
        assert json.loads(client.recv(timeout=30)) == {"action": "of no route"}


def test_logs(service):
    said = service.serverless("logs", "--function", "connectionHandler")
    assert re.search(r'event: .*"eventType":"CONNECT"', said)


def test_unchanged(service):
    assert "No changes to deploy. Deployment skipped." in service.serverless("deploy")


def test_remove(service, deployed):
    service.serverless("remove")
    # The bucket is the plugin's own, and stays; the framework has emptied it.
    assert deployed.everything() == {"buckets": ["localstack-websockets-serverless"]}
    assert "Contents" not in deployed.client("s3").list_objects_v2(Bucket="localstack-websockets-serverless")
