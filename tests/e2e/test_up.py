"""`gatelet up`: a template of a folder, deployed and followed."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest
import websockets.sync.client

import aws
import harness

FUNCTION = "exports.handler = async (event) => ({ statusCode: 200, body: 'first' });\n"
TEMPLATE = """
Resources:
  Hello:
    Type: AWS::Lambda::Function
    Properties:
      Runtime: nodejs20.x
      Handler: index.handler
      Role: arn:aws:iam::000000000000:role/any
      Code: ./code
  Api:
    Type: AWS::ApiGatewayV2::Api
    Properties: {Name: up, ProtocolType: HTTP, Tags: {_custom_id_: up}}
  Integration:
    Type: AWS::ApiGatewayV2::Integration
    Properties:
      {ApiId: !Ref Api, IntegrationType: AWS_PROXY, IntegrationUri: !GetAtt Hello.Arn, PayloadFormatVersion: "2.0"}
  Route:
    Type: AWS::ApiGatewayV2::Route
    Properties: {ApiId: !Ref Api, RouteKey: GET /hello, Target: !Sub "integrations/${Integration}"}
  Stage:
    Type: AWS::ApiGatewayV2::Stage
    Properties: {ApiId: !Ref Api, StageName: $default, AutoDeploy: true}
"""


@pytest.fixture
def folder(tmp_path):
    place = tmp_path / "my app"
    (place / "code").mkdir(parents=True)
    (place / "code/index.js").write_text(FUNCTION)
    (place / "template.yaml").write_text(TEMPLATE)
    return place


def edit(path, before, after):
    text = path.read_text()
    assert before in text
    path.write_text(text.replace(before, after))


def stack_status(server):
    (stack,) = aws.client(server, "cloudformation").describe_stacks(StackName="my-app")["Stacks"]
    return stack["StackStatus"]


def test_deployed_and_followed(folder):
    with harness.Gatelet(["up", str(folder)]) as server:
        url = f"http://localhost:{server.port}/_aws/execute-api/up/hello"
        assert f"HTTP API up (up)\n  GET     {url}\n" in server.stdout() and server.stdout().endswith("\nReady.\n")
        assert server.request("GET", "/_localstack/init/ready").json()["completed"] is True
        call = "/_aws/execute-api/up/hello"
        assert server.request("GET", call).text == "first"
        assert stack_status(server) == "CREATE_COMPLETE"

        edit(folder / "code/index.js", "first", "second")
        assert server.request("GET", call).text == "second", "code is followed without a deployment"

        edit(folder / "template.yaml", "GET /hello", "GET /hi")
        harness.wait_until(lambda: f"GET     {url[:-5]}hi\n" in server.stdout(), "the template is followed")
        assert server.request("GET", "/_aws/execute-api/up/hi").text == "second"
        assert server.request("GET", call).status == 404
        assert stack_status(server) == "UPDATE_COMPLETE"

        edit(folder / "template.yaml", "!GetAtt Hello.Arn", "!GetAtt Hallo.Arn")
        harness.wait_until(lambda: "Unresolved resource dependencies [Hallo]" in server.stderr(), "what is wrong is said")
        assert server.request("GET", "/_aws/execute-api/up/hi").text == "second", "and what is there stays"
        edit(folder / "template.yaml", "!GetAtt Hallo.Arn", "!GetAtt Hello.Arn")
        edit(folder / "template.yaml", "GET /hi", "GET /hey")
        harness.wait_until(lambda: server.request("GET", "/_aws/execute-api/up/hey").status == 200, "it goes on")


def test_a_first_deployment_that_fails_is_mended(folder):
    edit(folder / "template.yaml", "./code", "./nothing")
    child = subprocess.Popen(
        [harness.BINARY, "up", ".", "--listen", f"127.0.0.1:{harness.free_port()}"], cwd=folder, text=True,
        env={"PATH": os.environ["PATH"], "TMPDIR": str(folder.parent)}, stdout=subprocess.PIPE,
        stderr=open(folder.parent / "err", "w"))
    try:
        said = Path(folder.parent / "err")
        harness.wait_until(lambda: "it is deployed again when it changes" in said.read_text(), "it failed")
        assert re.search(r"Hello \(AWS::Lambda::Function\): .*/my app/nothing", said.read_text())
        edit(folder / "template.yaml", "./nothing", "./code")
        lines = []
        while not lines or lines[-1] != "Ready.\n":
            lines.append(child.stdout.readline())
            assert lines[-1], lines
    finally:
        child.terminate()
        assert child.wait(harness.PATIENCE) == 0


def test_once(folder):
    with harness.Gatelet(["up", "--once", str(folder / "template.yaml")]) as server:
        assert server.request("GET", "/_aws/execute-api/up/hello").text == "first"
        edit(folder / "template.yaml", "GET /hello", "GET /hi")
        edit(folder / "code/index.js", "first", "second")
        assert server.request("GET", "/_aws/execute-api/up/hello").text == "second"
    edit(folder / "template.yaml", "./code", "./nothing")
    code, out, err = harness.run(["up", "--once", str(folder), "--listen", "127.0.0.1:0"],
                                 {"TMPDIR": str(folder.parent)})
    assert code == 1 and "Ready." not in out
    assert "gatelet: cannot deploy" in err and "Hello (AWS::Lambda::Function): " in err


@pytest.mark.parametrize("files, said", [
    ([], "there is no template.yaml, template.yml, template.json there"),
    (["serverless.yml"], "for serverless.yml run `gatelet`, and then `serverless deploy --stage local`"),
    (["cdk.json"], "`cdk deploy`"),
])
def test_nothing_to_deploy(tmp_path, files, said):
    for name in files:
        (tmp_path / name).touch()
    code, out, err = harness.run(["up", str(tmp_path), "--listen", "127.0.0.1:0"], {"TMPDIR": str(tmp_path)})
    assert code == 2 and said in err and out == ""


SAM = """
Transform: AWS::Serverless-2016-10-31
Globals: {Function: {Runtime: nodejs20.x, Handler: index.handler}}
Resources:
  Hello:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: code/
      Events:
        Http: {Type: HttpApi, Properties: {Path: /hello, Method: get}}
        Rest: {Type: Api, Properties: {Path: /hello, Method: get}}
"""


def test_a_sam_template(folder):
    (folder / "template.yaml").write_text(SAM)
    with harness.Gatelet(["up", str(folder)]) as server:
        urls = re.findall(r"GET +http://localhost:\d+(/\S+)", server.stdout())
        assert len(urls) >= 2 and any("/Prod/hello" in url for url in urls), server.stdout()
        assert {server.request("GET", url).text for url in urls} == {"first"}
        edit(folder / "code/index.js", "first", "second")
        assert server.request("GET", urls[0]).text == "second"


def test_what_of_sam_is_refused(folder):
    (folder / "template.yaml").write_text(SAM.replace("Type: Api", "Type: SQS"))
    code, _, err = harness.run(["up", "--once", str(folder), "--listen", "127.0.0.1:0"], {"TMPDIR": str(folder.parent)})
    assert code == 1 and "gatelet does not support events of the type SQS (event Rest)" in err


def test_the_quickstart(tmp_path):
    """The example of the README, with an API of each kind."""
    shutil.copytree(harness.ROOT / "examples/quickstart", tmp_path / "quickstart")
    with harness.Gatelet(["up", str(tmp_path / "quickstart")]) as server:
        for url in ["/_aws/execute-api/http/hello/you", "/_aws/execute-api/rest/dev/hello/you"]:
            assert f"{server.port}{url[:-4]}/{{name}}\n" in server.stdout()
            assert server.request("GET", url).text == "Hello, you!\n", url
        endpoint = re.search(r"connect (ws://localhost:\d+)\n", server.stdout())[1]
        with websockets.sync.client.connect(endpoint) as client:
            for message, answer in [("hi", "hi"), ('{"action":"say"}', 'you said: {"action":"say"}')]:
                client.send(message)
                assert client.recv(timeout=30) == answer
