"""A CDK app with an API of each kind: bootstrap, deploy, no change, hotswap, change, destroy."""

import http.server
import json
import threading

import pytest

import sockets
import tools

PROJECT = "cdk"


@pytest.fixture(scope="module")
def back_end():
    """An HTTP back end that answers with the path it was asked for."""
    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            body = self.path.encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.fixture(scope="module")
def cdk(project, back_end):
    def run(*arguments, **more):
        return project.cdk(*arguments, BACK_END=back_end, **more)

    run.project = project
    return run


@pytest.fixture(scope="module")
def bootstrapped(cdk):
    return cdk("bootstrap", "aws://000000000000/us-east-1")


@pytest.fixture(scope="module")
def app(cdk, bootstrapped):
    return cdk("deploy", "--require-approval", "never", "--outputs-file", "outputs.json")


@pytest.fixture(scope="module")
def outputs(app, project):
    return json.loads((project.folder / "outputs.json").read_text())["Apis"]


def test_bootstrap(bootstrapped, deployed, cdk):
    assert "Environment aws://000000000000/us-east-1 bootstrapped" in bootstrapped
    version = deployed.client("ssm").get_parameter(Name="/cdk-bootstrap/hnb659fds/version")["Parameter"]["Value"]
    assert int(version) >= 6
    assert deployed.stack("CDKToolkit")["StackStatus"] == "CREATE_COMPLETE"


def test_bootstrap_again(bootstrapped, cdk):
    assert "bootstrapped (no changes)" in cdk("bootstrap", "aws://000000000000/us-east-1")


def test_deploy(app, outputs):
    assert "Apis: deploying" in app and "✅  Apis" in app
    assert outputs["HttpApiId"] == "cdk-http"


def said(answer):
    assert answer.status == 200, answer.text
    return answer.json()


def test_every_url(outputs, deployed, server):
    for url in tools.url_forms(server.port, outputs["HttpApiId"], "", "/my/path2"):
        assert said(deployed.call(url, body="{}")) == {"version": "2.0", "said": "first", "stage": "local"}, url
    for url in tools.url_forms(server.port, outputs["HttpApiId"], "", "/proxy/to/there"):
        answer = deployed.call(url, method="GET")
        assert (answer.status, answer.text) == (200, "/to/there"), url
    for url in tools.url_forms(server.port, outputs["RestApiId"], "local", "/my/path1"):
        assert said(deployed.call(url, body="{}")) == {"version": "1.0", "said": "first", "stage": "local"}, url


def test_outputs_work_when_pasted(outputs, deployed, server):
    http_url = outputs["HttpApiUrl"] if "://" in outputs["HttpApiUrl"] else f"http://{outputs['HttpApiUrl']}"
    assert deployed.call(f"{http_url}/my/path2", body="{}").status == 200
    (rest,) = [value for name, value in outputs.items() if name.startswith("RestEndpoint")]
    assert deployed.call(f"{rest}my/path1", body="{}").status == 200
    message = '{"action": "test-action"}'
    with sockets.connect(outputs["WsUrl"].replace("wss://", "ws://"), server.port) as client:
        assert sockets.ask(client, message) == message


def test_unchanged(app, cdk):
    assert "Apis (no changes)" in cdk("deploy", "--require-approval", "never")


def test_hotswap(app, cdk, outputs, deployed, server):
    cdk.project.edit("function/handler.js", "said: 'first'", "said: 'swapped'")
    said_of_it = cdk("deploy", "--require-approval", "never", "--hotswap")
    assert "hotswapped" in said_of_it
    for url in [tools.url_forms(server.port, outputs["HttpApiId"], "", "/my/path2")[0],
                tools.url_forms(server.port, outputs["RestApiId"], "local", "/my/path1")[0]]:
        assert said(deployed.call(url, body="{}"))["said"] == "swapped", url


def test_change(app, cdk, outputs, deployed, server):
    cdk.project.edit("function/handler.js", "said: 'swapped'", "said: 'changed'")
    cdk.project.edit("app.js", "path: '/my/path2'", "path: '/my/path3'")
    cdk("deploy", "--require-approval", "never")
    url = tools.url_forms(server.port, outputs["HttpApiId"], "", "/my/path3")[0]
    assert said(deployed.call(url, body="{}"))["said"] == "changed"
    assert deployed.call(url.replace("path3", "path2"), body="{}").status == 404


def test_diff(app, cdk):
    assert "Number of stacks with differences: 0" in cdk("diff")


def test_custom_resources(outputs, deployed):
    """Those of the CDK itself: how long logs are kept, and a bucket that is emptied before it goes."""
    groups = deployed.client("logs").describe_log_groups()["logGroups"]
    assert {g["logGroupName"]: g.get("retentionInDays") for g in groups}[f"/aws/lambda/{outputs['FunctionName']}"] == 7
    deployed.client("s3").put_object(Bucket=outputs["FilesName"], Key="left", Body=b"x")


def test_destroy(app, cdk, deployed, outputs):
    assert "✅  Apis: destroyed" in cdk("destroy", "--force")
    left = deployed.everything()
    assert left["stacks"] == ["CDKToolkit"]
    assert not {"functions", "apis", "rest apis"} & set(left), left
    assert outputs["FilesName"] not in left["buckets"]
