"""Access logs of stages, in CloudWatch Logs and in a file, as people read them."""

import json
import re
import time

import pytest
import websockets.sync.client

import aws
import harness
from aws import refused

JSON = ('{"requestId":"$context.requestId","ip":"$context.identity.sourceIp","routeKey":"$context.routeKey",'
        '"status":$context.status,"length":$context.responseLength,"latency":"$context.integration.latency",'
        '"error":"$context.integrationErrorMessage","nothing":"$context.nothing"}')
FAILS = "exports.handler = async (event) => { if (event.rawPath === '/bad') throw new Error('no'); return 'hi'; };"


def arn(group):
    return f"arn:aws:logs:{aws.REGION}:{aws.ACCOUNT}:log-group:{group}"


@pytest.fixture(scope="module")
def logs(world):
    return world.client("logs")


@pytest.fixture(scope="module")
def function(world):
    return world.function(FAILS)


@pytest.fixture
def logged(world, function):
    """An API whose stage logs into the group of the same name."""
    api = world.http_api()
    api.group = f"/access/{api.id}"
    api.route("$default", api.function_integration(function))
    world.apis.update_stage(
        ApiId=api.id, StageName="$default", AccessLogSettings={"DestinationArn": arn(api.group), "Format": JSON})
    return api


def lines(logs, group, **asked):
    pages = logs.get_paginator("filter_log_events").paginate(logGroupName=group, **asked)
    return [event["message"] for page in pages for event in page["events"]]


def test_lines(logs, logged):
    answers = [logged.call(path="/good"), logged.call("POST", "/bad", body="x")]
    good, bad = (json.loads(line) for line in lines(logs, logged.group))
    for line, answer in [(good, answers[0]), (bad, answers[1])]:
        assert line["requestId"] == answer["apigw-requestid"]
        assert (line["ip"], line["routeKey"], line["nothing"]) == ("127.0.0.1", "$default", "-")
        assert (line["status"], line["length"]) == (answer.status, len(answer.body))
        assert re.fullmatch(r"\d+", line["latency"])
    assert (answers[0].status, answers[1].status) == (200, 500)
    assert good["error"] == "-"
    assert bad["error"] == ("The Lambda function returned the following error: no. "
                            "Check your Lambda function code and try again.")


def test_what_is_live(world, logs, logged):
    logged.call()
    world.apis.update_stage(
        ApiId=logged.id, StageName="$default",
        AccessLogSettings={"DestinationArn": arn(logged.group) + ":*", "Format": "$context.requestId λ"})
    answer = logged.call()
    world.apis.delete_access_log_settings(ApiId=logged.id, StageName="$default")
    logged.call()
    first, second = lines(logs, logged.group)
    assert json.loads(first)["status"] == 200
    assert second == f"{answer['apigw-requestid']} λ"


@pytest.mark.parametrize("settings, message", [
    ({"DestinationArn": "x", "Format": "$context.requestId"},
     "Invalid ARN specified in the request. ARNs must start with 'arn:': x"),
    ({"DestinationArn": "arn:aws:firehose:us-east-1:000000000000:deliverystream/x", "Format": "$context.requestId"},
     "Invalid ARN specified in the request. The ARN must be a valid CloudWatch Logs log group or Kinesis Data "
     "Firehose delivery stream ARN."),
    ({"DestinationArn": arn("g"), "Format": "$context.status"},
     "The following errors are found in Access Log Format: Access Log format must include either $context.requestId "
     "or $context.extendedRequestId : '$context.status'"),
    ({"DestinationArn": arn("g"), "Format": "$context.requestId\nx"},
     "The following errors are found in Access Log Format: Access Log format must be single line: "
     "'$context.requestId\nx'"),
    ({"Format": "$context.requestId"}, "Access Log value missing. Expected destinationArn and format."),
])
def test_what_is_refused(world, logged, settings, message):
    said = refused(world.apis.update_stage, ApiId=logged.id, StageName="$default", AccessLogSettings=settings)
    assert said == (400, "BadRequestException", message)
    kept = world.apis.get_stage(ApiId=logged.id, StageName="$default")["AccessLogSettings"]
    assert kept == {"DestinationArn": arn(logged.group), "Format": JSON}


@pytest.mark.parametrize("program", ["aws", "awslocal"])
def test_the_cli_shows_them(world, logged, program):
    answer = logged.call()

    def found(pattern):
        out, _, _ = world.awscli("logs", "filter-log-events", "--log-group-name", logged.group, "--filter-pattern",
                                 pattern, program=program)
        return out["events"]

    assert found("{ $.status = 500 }") == []
    [event] = found('{ $.status = 200 && $.routeKey = "$default" }')
    assert event["logStreamName"] == f"{logged.id}/$default"
    assert json.loads(event["message"])["requestId"] == answer["apigw-requestid"]


@pytest.mark.parametrize("named", ["logGroupName", "logGroupIdentifier"])
def test_as_the_cli_of_version_2_follows_them(logs, logged, named):
    """`aws logs tail --follow --since 10m`: https://github.com/aws/aws-cli/blob/v2/awscli/customizations/logs/tail.py"""
    asked = {named: logged.group if named == "logGroupName" else arn(logged.group), "interleaved": True,
             "startTime": int(time.time() * 1000) - 600_000}
    seen, shown, sent = {}, [], [logged.call()["apigw-requestid"]]
    for _ in range(5):
        answer = logs.filter_log_events(**asked)
        for event in answer["events"]:
            if event["eventId"] not in seen:
                seen[event["eventId"]] = event["timestamp"]
                shown.append(json.loads(event["message"])["requestId"])
        if "nextToken" in answer:
            asked["nextToken"] = answer["nextToken"]
            continue
        asked.pop("nextToken", None)
        # From the newest one on: what has its time may still come.
        asked["startTime"] = max(seen.values())
        assert shown == sent
        sent.append(logged.call()["apigw-requestid"])


def test_as_serverless_logs_reads_them(logs, logged):
    """https://github.com/serverless/serverless: lib/plugins/aws/logs.js"""
    answer = logged.call()
    streams = logs.describe_log_streams(
        logGroupName=logged.group, descending=True, limit=50, orderBy="LastEventTime")["logStreams"]
    found = logs.filter_log_events(
        logGroupName=logged.group, interleaved=True, logStreamNames=[stream["logStreamName"] for stream in streams],
        startTime=int(time.time() * 1000) - 10 * 60 * 1000)
    assert [json.loads(event["message"])["requestId"] for event in found["events"]] == [answer["apigw-requestid"]]


def test_a_rest_api(world, logs, function):
    api = world.rest_api()
    api.function("GET /a", function)
    api.deploy("dev")
    group = f"/access/{api.id}"
    world.rest.update_stage(restApiId=api.id, stageName="dev", patchOperations=[
        {"op": "add", "path": "/accessLogSettings/destinationArn", "value": arn(group)},
        {"op": "add", "path": "/accessLogSettings/format",
         "value": "$context.requestId $context.resourcePath $context.status $context.integrationStatus\n"}])
    answers = [api.call(path="/dev/a"), api.call(path="/dev/b")]
    assert lines(logs, group) == [
        f"{answers[0]['x-amzn-requestid']} /a {answers[0].status} 200", f"{answers[1]['x-amzn-requestid']} - 403 -"]
    said = refused(world.rest.update_stage, restApiId=api.id, stageName="dev", patchOperations=[
        {"op": "replace", "path": "/accessLogSettings/format", "value": "$context.status"}])
    assert said[2] == ("Access Log format must include either $context.requestId or $context.extendedRequestId : "
                       "'$context.status'")


def test_a_websocket_api(world, logs):
    name = aws.unique("chat")
    chat = world.apis.create_api(
        Name=name, ProtocolType="WEBSOCKET", RouteSelectionExpression="$request.body.action")
    group = f"/access/{chat['ApiId']}"
    echo = world.function("exports.handler = async (event) => ({ statusCode: 200, body: 'hi' });")
    integration = world.apis.create_integration(
        ApiId=chat["ApiId"], IntegrationType="AWS_PROXY", IntegrationUri=aws.invocations(echo))["IntegrationId"]
    route = world.apis.create_route(
        ApiId=chat["ApiId"], RouteKey="say", Target=f"integrations/{integration}",
        RouteResponseSelectionExpression="$default")
    world.apis.create_route_response(
        ApiId=chat["ApiId"], RouteId=route["RouteId"], RouteResponseKey="$default")
    world.apis.create_stage(ApiId=chat["ApiId"], StageName="dev", AutoDeploy=True, AccessLogSettings={
        "DestinationArn": arn(group), "Format":
        "$context.eventType $context.routeKey $context.status $context.connectionId $context.requestId"})
    url = f"ws://127.0.0.1:{world.gatelet.port}/_aws/execute-api/{chat['ApiId']}/dev"
    with websockets.sync.client.connect(url) as client:
        client.send('{"action":"say"}')
        assert client.recv(timeout=harness.PATIENCE) == "hi"
        client.send('{"action":"nothing"}')
        connection = json.loads(client.recv(timeout=harness.PATIENCE))["connectionId"]

    def logged():
        found = [line.rsplit(" ", 1)[0] for line in lines(logs, group)]
        return found if len(found) == 4 else None

    assert harness.wait_until(logged, "the end is logged") == [
        f"CONNECT - 200 {connection}", f"MESSAGE say 200 {connection}", f"MESSAGE - 403 {connection}",
        f"DISCONNECT - 200 {connection}"]


def test_a_file(tmp_path):
    path = tmp_path / "access.log"
    path.write_text("kept\n")
    with harness.Gatelet(["--access-log", str(path)]) as gatelet:
        world = aws.World(gatelet)
        api = world.http_api()
        api.route("GET /a", api.function_integration(world.function(FAILS)))
        world.apis.update_stage(ApiId=api.id, StageName="$default", AccessLogSettings={
            "DestinationArn": arn("g"), "Format": "$context.requestId $context.status $context.identity.userAgent"})
        one = api.call(path="/a", headers={"User-Agent": "a\tb"})["apigw-requestid"]
        two = api.call(path="/b")["apigw-requestid"]
        expected = ["kept", f"{one} 200 a\tb", f"{two} 404 -"]
        harness.wait_until(lambda: path.read_text().splitlines() == expected, "the lines are written")
        assert lines(world.client("logs"), "g") == expected[1:]


def test_stderr():
    with harness.Gatelet(environment={"GATELET_ACCESS_LOG": "-", "LS_LOG": "off"}) as gatelet:
        world = aws.World(gatelet)
        api = world.http_api()
        world.apis.update_stage(ApiId=api.id, StageName="$default", AccessLogSettings={
            "DestinationArn": arn("g"), "Format": "$context.requestId $context.status"})
        expected = f"{api.call()['apigw-requestid']} 404\n"
        harness.wait_until(lambda: gatelet.stderr() == expected, "the line is written")


def test_a_file_that_cannot_be_written(tmp_path):
    code, _, said = harness.run(["--listen", "127.0.0.1:0", "--access-log", str(tmp_path / "no" / "a.log")])
    assert code != 0 and "cannot write there" in said


def test_as_aws():
    with harness.Gatelet(["--parity", "aws"]) as gatelet:
        world = aws.World(gatelet)
        api, logs = world.http_api(), world.client("logs")
        settings = {"DestinationArn": arn("g"), "Format": "$context.requestId"}
        asked = {"ApiId": api.id, "StageName": "$default"}
        assert refused(world.apis.update_stage, **asked, AccessLogSettings=settings) == (
            404, "NotFoundException", "Cannot enable logging. LogDestination: g does not exist")
        said = refused(world.apis.update_stage, **asked, AccessLogSettings={
            **settings, "Format": "$context.requestId $context.connectionId"})
        assert said[2] == "The following context variables are not supported: [$context.connectionId]"
        logs.create_log_group(logGroupName="g")
        world.apis.update_stage(**asked, AccessLogSettings=settings)
        assert lines(logs, "g") == []
        answer = api.call()
        assert lines(logs, "g") == [answer["apigw-requestid"]]
        logs.delete_log_group(logGroupName="g")
        api.call()
        assert refused(logs.filter_log_events, logGroupName="g")[1] == "ResourceNotFoundException"
