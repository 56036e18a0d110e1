"""Serverless projects with more than the page's: ids that are chosen, code that is mounted."""

import pytest

import sockets
import tools


@pytest.fixture(scope="module")
def service(server):
    """Deploys a project; each is removed after its test."""
    def deploy(name):
        copies.append(tools.Project(server, name))
        copies[-1].said = copies[-1].serverless("deploy")
        return copies[-1]

    copies = []
    yield deploy
    for copy in copies:
        copy.remove_files()


def test_ids_that_are_chosen(service, deployed, server):
    copy = service("ids")
    for api in ["my-rest", "my-http"]:
        for url in tools.url_forms(server.port, api, "local", "/hello"):
            answer = deployed.call(url, method="GET")
            assert (answer.status, answer.text) == (200, f"hello {api}"), url
    with sockets.connect(f"ws://my-sockets.execute-api.localhost:{server.port}/local", server.port) as client:
        assert sockets.ask(client, "hi") == "hello my-sockets"
    # They are the same after a removal and a new deployment.
    copy.serverless("remove")
    assert deployed.everything() == {}
    copy.serverless("deploy")
    assert deployed.call(f"http://my-rest.execute-api.localhost:{server.port}/local/hello", "GET").text == "hello my-rest"
    copy.serverless("remove")


def test_code_that_is_mounted(service, deployed, server):
    copy = service("mount")
    api = deployed.api("local-mount")["ApiId"]
    (url, *_) = tools.url_forms(server.port, api, "", "/hello")
    assert deployed.call(url, "GET").text == "before"
    copy.edit("src/handler.js", "before", "after")
    assert deployed.call(url, "GET").text == "after", "without a deployment"
    copy.serverless("remove")
    assert deployed.everything() == {}
