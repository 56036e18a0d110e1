"""Every command of LocalStack's page on API Gateway, by awslocal, with what the page shows of its output.

Its Serverless projects are in `deploy/`, its commands for WebSocket APIs in `test_websocket.py`.
"""

import json
import re
import subprocess

import pytest
import websockets.sync.client

import aws
import harness

HANDLER = """
'use strict'

const apiHandler = (payload, context, callback) => {
    callback(null, {
        statusCode: 200,
        body: JSON.stringify({
            message: 'Hello from Lambda'
        }),
    });
}

module.exports = {
    apiHandler,
}
"""
FUNCTION = "arn:aws:lambda:us-east-1:000000000000:function:apigw-lambda"


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    """A shell in which `awslocal` and `curl` find a gatelet of its own, at whatever port."""
    with harness.Gatelet() as gatelet:
        folder = tmp_path_factory.mktemp("page")
        bin_folder = aws.os.path.dirname(aws.os.sys.executable)

        def run(command):
            done = subprocess.run(
                ["bash", "-c", command.replace("4566", str(gatelet.port))], cwd=folder, capture_output=True, text=True,
                timeout=60, env={"PATH": f"{bin_folder}:{aws.os.environ['PATH']}", "HOME": gatelet.folder.name,
                                 "AWS_ENDPOINT_URL": gatelet.url, "AWS_PAGER": ""})
            assert done.returncode == 0, f"{command}\n{done.stdout}{done.stderr}"
            return json.loads(done.stdout) if done.stdout.strip() else None

        run.port, run.folder = gatelet.port, folder
        yield run


def shows(said, shown):
    """What was said has all that the page shows; values that differ each time are patterns."""
    for name, value in shown.items():
        if isinstance(value, re.Pattern):
            assert value.fullmatch(str(said[name])), f"{name}: {said[name]}"
        elif isinstance(value, dict):
            shows(said[name], value)
        else:
            assert said[name] == value, f"{name}: {said[name]}"


ID = re.compile("[a-z0-9]{10}")
RESOURCE_ID = re.compile("[a-z0-9]{6,10}")


def test_getting_started(page):
    (page.folder / "lambda.js").write_text(HANDLER)
    page("python3 -m zipfile -c function.zip lambda.js")
    made = page("awslocal lambda create-function --function-name apigw-lambda --runtime nodejs16.x "
                "--handler lambda.apiHandler --memory-size 128 --zip-file fileb://function.zip "
                "--role arn:aws:iam::111111111111:role/apigw")
    assert made["FunctionArn"] == FUNCTION

    api = page("awslocal apigateway create-rest-api --name 'API Gateway Lambda integration'")
    shows(api, {"id": ID, "name": "API Gateway Lambda integration", "apiKeySource": "HEADER",
                # The page's CLI is version 2, which writes dates out.
                "createdDate": re.compile(r"\d{10}"),
                "endpointConfiguration": {"types": ["EDGE"]}, "disableExecuteApiEndpoint": False})

    resources = page(f"awslocal apigateway get-resources --rest-api-id {api['id']}")
    (root,) = resources["items"]
    shows(root, {"id": RESOURCE_ID, "path": "/"})

    resource = page(f"awslocal apigateway create-resource --rest-api-id {api['id']} --parent-id {root['id']} "
                    "--path-part '{somethingId}'")
    shows(resource, {"id": RESOURCE_ID, "parentId": root["id"], "pathPart": "{somethingId}", "path": "/{somethingId}"})

    of_resource = f"--rest-api-id {api['id']} --resource-id {resource['id']} --http-method GET"
    method = page(f"awslocal apigateway put-method {of_resource} "
                  "--request-parameters method.request.path.somethingId=true --authorization-type NONE")
    assert method == {"httpMethod": "GET", "authorizationType": "NONE", "apiKeyRequired": False,
                      "requestParameters": {"method.request.path.somethingId": True}}

    uri = f"arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/{FUNCTION}/invocations"
    integration = page(f"awslocal apigateway put-integration {of_resource} --type AWS_PROXY "
                       f"--integration-http-method POST --uri {uri} --passthrough-behavior WHEN_NO_MATCH")
    shows(integration, {"type": "AWS_PROXY", "httpMethod": "POST", "uri": uri, "passthroughBehavior": "WHEN_NO_MATCH"})

    deployment = page(f"awslocal apigateway create-deployment --rest-api-id {api['id']} --stage-name test")
    shows(deployment, {"id": RESOURCE_ID})
    said = page(f"curl -sf -X GET http://localhost:4566/restapis/{api['id']}/test/_user_request_/test")
    assert said == {"message": "Hello from Lambda"}
    # The other form, whose name curl looks up by itself.
    said = page(f"curl -sf http://{api['id']}.execute-api.localhost:4566/test/test")
    assert said == {"message": "Hello from Lambda"}


def test_custom_ids(page):
    api = page("""awslocal apigateway create-rest-api --name my-api --tags '{"_custom_id_":"myid123"}'""")
    assert (api["id"], api["tags"]) == ("myid123", {"_custom_id_": "myid123"})
    api = page('awslocal apigatewayv2 create-api --name=my-api --protocol-type=HTTP --tags="_custom_id_=my-api"')
    shows(api, {"ApiEndpoint": f"my-api.execute-api.localhost.localstack.cloud:{page.port}", "ApiId": "my-api",
                "Name": "my-api", "ProtocolType": "HTTP", "Tags": {"_custom_id_": "my-api"}})


def test_get_apis(page):
    made = page("awslocal apigatewayv2 create-api --name sockets --protocol-type WEBSOCKET "
                "--route-selection-expression '$request.body.action'")
    apis = {item["ApiId"]: item for item in page("awslocal apigatewayv2 get-apis")["Items"]}
    shows(apis[made["ApiId"]], {"ApiEndpoint": re.compile(r"ws://localhost:45[1-5]\d"), "ApiId": re.compile("[a-z0-9]+")})
    page(f"awslocal apigatewayv2 delete-api --api-id {made['ApiId']}")
