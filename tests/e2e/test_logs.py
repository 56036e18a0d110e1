"""CloudWatch Logs: groups, streams, events; and what functions print is found there."""

import re
import time

import pytest

import aws
import harness
from aws import refused

PRINTS = """
exports.handler = async (event) => {
  console.log('hello', event.n);
  if (event.fail) throw new Error('no');
  return 'ok';
};
"""


@pytest.fixture(scope="module")
def logs(world):
    return world.client("logs")


@pytest.fixture
def group(logs):
    name = f"/app/{aws.unique('group')}"
    logs.create_log_group(logGroupName=name)
    return name


def messages(logs, **asked):
    pages = logs.get_paginator("filter_log_events").paginate(**asked)
    return [event["message"] for page in pages for event in page["events"]]


def test_groups(logs, group):
    assert refused(logs.create_log_group, logGroupName=group)[1:] == (
        "ResourceAlreadyExistsException", "The specified log group already exists")
    logs.put_retention_policy(logGroupName=group, retentionInDays=14)
    [found] = logs.describe_log_groups(logGroupNamePrefix=group)["logGroups"]
    assert (found["logGroupName"], found["retentionInDays"]) == (group, 14)
    assert found["arn"] == f"arn:aws:logs:us-east-1:000000000000:log-group:{group}:*"
    arn = found["arn"].removesuffix(":*")
    logs.tag_resource(resourceArn=arn, tags={"k": "v"})
    assert logs.list_tags_for_resource(resourceArn=arn)["tags"] == {"k": "v"}
    assert logs.list_tags_log_group(logGroupName=group)["tags"] == {"k": "v"}
    logs.delete_log_group(logGroupName=group)
    with pytest.raises(logs.exceptions.ResourceNotFoundException):
        logs.delete_log_group(logGroupName=group)


def test_events(logs, group):
    logs.create_log_stream(logGroupName=group, logStreamName="s")
    now = int(time.time() * 1000)
    events = [{"timestamp": now + n, "message": f"{'ERROR' if n % 2 else 'fine'} {n}"} for n in range(5)]
    logs.put_log_events(logGroupName=group, logStreamName="s", logEvents=events)
    got = logs.get_log_events(logGroupName=group, logStreamName="s", startFromHead=True)
    assert [event["message"] for event in got["events"]] == [event["message"] for event in events]
    again = logs.get_log_events(logGroupName=group, logStreamName="s", nextToken=got["nextForwardToken"])
    assert again["events"] == [] and again["nextForwardToken"] == got["nextForwardToken"]
    last = logs.get_log_events(logGroupName=group, logStreamName="s", limit=2)
    assert [event["message"] for event in last["events"]] == ["ERROR 3", "fine 4"]
    assert messages(logs, logGroupName=group, filterPattern="ERROR", PaginationConfig={"PageSize": 1}) == [
        "ERROR 1", "ERROR 3"]
    assert messages(logs, logGroupName=group, filterPattern='?"fine 2" ?"ERROR 3"') == ["fine 2", "ERROR 3"]
    assert messages(logs, logGroupName=group, startTime=now + 4) == ["fine 4"]
    assert refused(logs.filter_log_events, logGroupName=group, filterPattern="[a, b]")[1] == (
        "InvalidParameterException")


@pytest.mark.parametrize("runtime", ["nodejs20.x", "python3.12"])
def test_what_functions_print(world, logs, runtime):
    code = PRINTS if runtime.startswith("node") else (
        "def handler(event, context):\n    print('hello', event['n'])\n    return context.log_stream_name\n")
    name = aws.unique("prints")
    world.function(code, runtime, name=name)
    answer, response = world.invoke(name, {"n": 7})
    request_id = response["ResponseMetadata"]["RequestId"]
    group = f"/aws/lambda/{name}"
    [stream] = logs.describe_log_streams(
        logGroupName=group, orderBy="LastEventTime", descending=True, limit=50)["logStreams"]
    assert re.fullmatch(r"\d{4}/\d\d/\d\d/\[\$LATEST\][0-9a-f]{32}", stream["logStreamName"])
    if runtime.startswith("python"):
        assert answer == stream["logStreamName"]
    start, line, end, report = messages(logs, logGroupName=group, logStreamNames=[stream["logStreamName"]])
    assert start == f"START RequestId: {request_id} Version: $LATEST\n"
    assert line.endswith("hello 7\n")
    assert end == f"END RequestId: {request_id}\n"
    assert report.startswith(f"REPORT RequestId: {request_id}\tDuration: ") and "Init Duration: " in report
    assert messages(logs, logGroupName=group, filterPattern="hello") == [line]


def test_errors_and_own_groups(world, logs):
    name = aws.unique("own")
    world.function(PRINTS, name=name, LoggingConfig={"LogGroup": f"/own/{name}"})
    world.invoke(name, {"fail": True})
    found = messages(logs, logGroupName=f"/own/{name}")
    assert any("Invoke Error" in message for message in found)
    assert refused(logs.filter_log_events, logGroupName=f"/aws/lambda/{name}")[1] == "ResourceNotFoundException"


def test_what_is_printed_after_a_deletion_is_there(world, logs):
    name = aws.unique("again")
    world.function(PRINTS, name=name)
    world.invoke(name, {"n": 1})
    logs.delete_log_group(logGroupName=f"/aws/lambda/{name}")
    world.invoke(name, {"n": 2})
    assert any("hello 2" in message for message in messages(logs, logGroupName=f"/aws/lambda/{name}"))


def test_the_cli(world, group):
    world.awscli("logs", "create-log-stream", "--log-group-name", group, "--log-stream-name", "s")
    world.awscli("logs", "put-log-events", "--log-group-name", group, "--log-stream-name", "s",
                 "--log-events", f"timestamp={int(time.time() * 1000)},message=hi")
    out, _, _ = world.awscli("logs", "filter-log-events", "--log-group-name", group)
    assert [event["message"] for event in out["events"]] == ["hi"]
    out, _, _ = world.awscli("logs", "get-log-events", "--log-group-name", group, "--log-stream-name", "s",
                             program="awslocal")
    assert [event["message"] for event in out["events"]] == ["hi"]


def test_a_flood_is_bounded(alone):
    world = aws.World(alone)
    name = aws.unique("flood")
    world.function("exports.handler = async () => { for (let n = 0; n < 300; n++) console.log('x'.repeat(60000)); }",
                   name=name)
    before = alone.resident_bytes()
    for _ in range(3):
        world.invoke(name)
    logs = world.client("logs")
    [group] = logs.describe_log_groups(logGroupNamePrefix="/aws/lambda/")["logGroups"]
    assert group["storedBytes"] <= 16 * 1024 * 1024
    assert alone.resident_bytes() - before < 64 * 1024 * 1024
    metrics = alone.request("GET", "/_gatelet/metrics").text
    assert int(re.search(r"gatelet_log_events_dropped_total (\d+)", metrics)[1]) > 0
    harness.wait_until(lambda: "its oldest events are dropped" in alone.stderr(), "a warning")
