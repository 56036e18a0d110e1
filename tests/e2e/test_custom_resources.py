"""Custom resources of CloudFormation: functions that make, change and delete them, and what stacks do meanwhile."""

import json
import textwrap
import time

import pytest

import aws
import harness

# Remembers what it was asked in a parameter, and does what its properties say.
NODE = """
const response = require('cfn-response');
exports.handler = (event, context) => {
  console.log(JSON.stringify(event));
  const { Do, Id, Say } = event.ResourceProperties;
  if (Do === 'nothing') return context.done();
  if (Do === 'throw' && event.RequestType !== 'Delete') throw new Error('it is broken');
  const fails = Do === 'fail' && event.RequestType !== 'Delete';
  response.send(event, context, fails ? response.FAILED : response.SUCCESS, { Said: Say, Got: event }, Id,
    Do === 'hide');
};
"""

PYTHON = """
import cfnresponse
def handler(event, context):
    cfnresponse.send(event, context, cfnresponse.SUCCESS, {"Said": event["ResourceProperties"]["Say"]}, "p-1")
"""

# As the CDK's functions do it: https, the host, the path, and nothing of a port.
CDK = """
const https = require('https');
const url = require('url');
exports.handler = async (event) => {
  const body = JSON.stringify({ Status: 'SUCCESS', Reason: 'fine', StackId: event.StackId, RequestId: event.RequestId,
    PhysicalResourceId: 'c-1', LogicalResourceId: event.LogicalResourceId, NoEcho: undefined, Data: { Said: 'cdk' } });
  const parsed = url.parse(event.ResponseURL);
  const request = { hostname: parsed.hostname, path: parsed.path, method: 'PUT',
    headers: { 'content-type': '', 'content-length': Buffer.byteLength(body, 'utf8') } };
  await new Promise((resolve, reject) => {
    const sent = https.request(request, (answer) => {
      answer.resume();
      answer.statusCode >= 400 ? reject(new Error(String(answer.statusCode))) : resolve();
    });
    sent.on('error', reject);
    sent.write(body);
    sent.end();
  });
};
"""

# As crhelper does it.
CRHELPER = """
import json
from http.client import HTTPSConnection
from urllib.parse import urlsplit
def handler(event, context):
    body = json.dumps({"Status": "SUCCESS", "PhysicalResourceId": "h-1", "StackId": event["StackId"],
        "RequestId": event["RequestId"], "LogicalResourceId": event["LogicalResourceId"], "Data": {"Said": "helper"}})
    place = urlsplit(event["ResponseURL"])
    connection = HTTPSConnection(place.netloc)
    connection.request("PUT", place.path + "?" + place.query, body, {"content-type": "", "content-length": str(len(body))})
    assert connection.getresponse().status == 200
"""


@pytest.fixture(scope="module")
def stacks(world):
    return world.client("cloudformation")


def template(properties, code=NODE, runtime="nodejs20.x", kind="Custom::Thing", more=None, **outputs):
    function = {"Type": "AWS::Lambda::Function", "Properties": {
        "Runtime": runtime, "Handler": "index.handler", "Role": aws.ROLE, "Code": {"ZipFile": textwrap.dedent(code)}}}
    thing = {"Type": kind, "Properties": {"ServiceToken": {"Fn::GetAtt": ["Function", "Arn"]}, **properties}}
    outputs = outputs or {"Ref": {"Ref": "Thing"}, "Said": {"Fn::GetAtt": ["Thing", "Said"]}}
    return json.dumps({
        "Resources": {"Function": function, "Thing": thing, **(more or {})},
        "Outputs": {name: {"Value": value} for name, value in outputs.items()}})


def ended(stacks, name):
    """The stack, once nothing happens to it any more."""
    def look():
        (stack,) = stacks.describe_stacks(StackName=name)["Stacks"]
        return not stack["StackStatus"].endswith("_IN_PROGRESS") and stack
    return harness.wait_until(look, f"{name} ends")


def made(stacks, name):
    stack = ended(stacks, name)
    assert stack["StackStatus"].endswith("_COMPLETE"), happened(stacks, name)
    return {output["OutputKey"]: output["OutputValue"] for output in stack.get("Outputs", [])}


def happened(stacks, name, logical=None):
    events = stacks.describe_stack_events(StackName=name)["StackEvents"]
    return [(event["ResourceStatus"], event.get("ResourceStatusReason", "")) for event in reversed(events)
            if logical in (None, event["LogicalResourceId"])]


def asked(world, function):
    """The events that a function of NODE's was sent, in order."""
    events = world.client("logs").filter_log_events(logGroupName=f"/aws/lambda/{function}")["events"]
    found = [event["message"] for event in events if '"RequestType"' in event["message"]]
    return [json.loads(message[message.index("{"):]) for message in found]


def test_made_changed_replaced_and_deleted(world, stacks):
    name = aws.unique("custom")
    outputs = {"Ref": {"Ref": "Thing"}, "Said": {"Fn::GetAtt": ["Thing", "Said"]}, "Function": {"Ref": "Function"}}
    first = {"Id": "one", "Say": "hello", "Number": 1, "Yes": True, "Deep": {"List": [1, False]}}
    answer = stacks.create_stack(StackName=name, TemplateBody=template(first, **outputs))
    said = made(stacks, name)
    assert (said["Ref"], said["Said"]) == ("one", "hello")
    (event,) = asked(world, said["Function"])
    assert event.pop("ResponseURL").startswith("http://127.0.0.1:") and event.pop("RequestId")
    token = event["ServiceToken"]
    assert event == {
        "RequestType": "Create", "ServiceToken": token, "StackId": answer["StackId"], "LogicalResourceId": "Thing",
        "ResourceType": "Custom::Thing", "ResourceProperties": {
            "ServiceToken": token, "Id": "one", "Say": "hello", "Number": "1", "Yes": "true",
            "Deep": {"List": ["1", "false"]}}}

    second = {"Id": "one", "Say": "again"}
    stacks.update_stack(StackName=name, TemplateBody=template(second, **outputs))
    assert made(stacks, name)["Said"] == "again"
    event = asked(world, said["Function"])[-1]
    assert (event["RequestType"], event["PhysicalResourceId"]) == ("Update", "one")
    assert event["OldResourceProperties"]["Say"] == "hello" and event["ResourceProperties"]["Say"] == "again"

    third = {"Id": "two", "Say": "again"}
    stacks.update_stack(StackName=name, TemplateBody=template(third, **outputs))
    assert made(stacks, name)["Ref"] == "two"
    events = asked(world, said["Function"])[2:]
    assert [(event["RequestType"], event["PhysicalResourceId"]) for event in events] == [
        ("Update", "one"), ("Delete", "one")]

    stacks.delete_stack(StackName=name)
    stacks.get_waiter("stack_delete_complete").wait(StackName=name, WaiterConfig={"Delay": 1})
    event = asked(world, said["Function"])[-1]
    assert (event["RequestType"], event["PhysicalResourceId"]) == ("Delete", "two")


@pytest.mark.parametrize("code, runtime, kind, expected", [
    (PYTHON, "python3.12", "AWS::CloudFormation::CustomResource", {"Ref": "p-1", "Said": "hi"}),
    (CDK, "nodejs20.x", "Custom::Cdk", {"Ref": "c-1", "Said": "cdk"}),
    (CRHELPER, "python3.12", "Custom::Helper", {"Ref": "h-1", "Said": "helper"}),
], ids=["cfnresponse", "cdk", "crhelper"])
def test_ways_to_answer(stacks, code, runtime, kind, expected):
    name = aws.unique("ways")
    stacks.create_stack(StackName=name, TemplateBody=template({"Say": "hi"}, code, runtime, kind))
    assert made(stacks, name) == expected


def test_what_others_make_of_it(world, stacks):
    """Its data are others' properties; what it hides no event shows."""
    name = aws.unique("uses")
    parameter = {"Type": "AWS::SSM::Parameter", "Properties": {
        "Type": "String", "Value": {"Fn::Sub": "${Thing}: ${Thing.Said}"}}}
    body = template({"Do": "hide", "Id": "x", "Say": "s3cr\"t"}, more={"Parameter": parameter},
                    Value={"Fn::GetAtt": ["Parameter", "Value"]})
    stacks.create_stack(StackName=name, TemplateBody=body)
    assert made(stacks, name) == {"Value": "x: s3cr\"t"}
    events = stacks.describe_stack_events(StackName=name)["StackEvents"]
    shown = [json.loads(event["ResourceProperties"])["Value"] for event in events
             if event["LogicalResourceId"] == "Parameter"]
    assert shown and set(shown) == {"x: *****"}
    missing = template({"Id": "x", "Say": "y"}, Value={"Fn::GetAtt": ["Thing", "Nothing"]})
    name = aws.unique("lacks")
    stacks.create_stack(StackName=name, TemplateBody=missing)
    assert ended(stacks, name)["StackStatus"] == "ROLLBACK_COMPLETE"
    assert "Vendor response doesn't contain Nothing" in str(happened(stacks, name, name))


@pytest.mark.parametrize("properties, why", [
    ({"Do": "fail"}, "Received response status [FAILED] from custom resource. Message returned: See the details in"),
    ({"Do": "throw"}, "failed before it answered at ResponseURL: Error: it is broken"),
    ({"Do": "nothing", "ServiceTimeout": 1}, "did not receive a response from your Custom Resource within 1 s"),
    ({"ServiceTimeout": 3601}, "ServiceTimeout must be a number of seconds from 1 to 3600, not 3601"),
    ({"ServiceToken": "arn:aws:sns:us-east-1:000000000000:t"}, "names no function of Lambda"),
    ({"ServiceToken": "arn:aws:lambda:us-east-1:000000000000:function:none"}, "Function not found"),
], ids=["fails", "throws", "is mute", "timeout", "topic", "no function"])
def test_what_cannot_be_made(stacks, properties, why):
    name = aws.unique("fails")
    stacks.create_stack(StackName=name, TemplateBody=template(properties, Ref={"Ref": "Thing"}))
    stack = ended(stacks, name)
    assert stack["StackStatus"] == "ROLLBACK_COMPLETE"
    (failure,) = [reason for status, reason in happened(stacks, name, "Thing") if status == "CREATE_FAILED"]
    assert why in failure
    stacks.delete_stack(StackName=name)


def test_an_update_that_fails_goes_back(world, stacks):
    name = aws.unique("back")
    outputs = {"Ref": {"Ref": "Thing"}, "Function": {"Ref": "Function"}}
    stacks.create_stack(StackName=name, TemplateBody=template({"Id": "one"}, **outputs))
    before = made(stacks, name)
    broken = {"Broken": {"Type": "AWS::SSM::Parameter", "DependsOn": "Thing",
                         "Properties": {"Type": "Nonsense", "Value": "x"}}}
    stacks.update_stack(StackName=name, TemplateBody=template({"Id": "two"}, more=broken, **outputs))
    assert ended(stacks, name)["StackStatus"] == "UPDATE_ROLLBACK_COMPLETE"
    events = asked(world, before["Function"])[1:]
    assert [(event["RequestType"], event["PhysicalResourceId"], event["ResourceProperties"]["Id"])
            for event in events] == [("Update", "one", "two"), ("Update", "two", "one"), ("Delete", "two", "two")]
    assert stacks.describe_stack_resource(StackName=name, LogicalResourceId="Thing")[
        "StackResourceDetail"]["PhysicalResourceId"] == "one"


def test_nobody_else_waits(world, stacks):
    """While many stacks wait, others are made, and the calls that asked for it are answered."""
    names = [aws.unique("waits") for _ in range(8)]
    body = template({"Do": "nothing", "ServiceTimeout": 5}, Ref={"Ref": "Thing"})
    began = time.monotonic()
    for name in names:
        stacks.create_stack(StackName=name, TemplateBody=body)
    harness.wait_until(
        lambda: all(("CREATE_IN_PROGRESS", "") in happened(stacks, name, "Thing") for name in names), "all wait")
    other = aws.unique("other")
    quick = {"Resources": {"P": {"Type": "AWS::SSM::Parameter", "Properties": {"Type": "String", "Value": "v"}}}}
    stacks.create_stack(StackName=other, TemplateBody=json.dumps(quick))
    (stack,) = stacks.describe_stacks(StackName=other)["Stacks"]
    assert stack["StackStatus"] == "CREATE_COMPLETE"
    waiting = [stacks.describe_stacks(StackName=name)["Stacks"][0]["StackStatus"] for name in names]
    assert "CREATE_IN_PROGRESS" in waiting, (waiting, time.monotonic() - began)
    _, _, why = aws.refused(stacks.update_stack, StackName=names[-1], TemplateBody=body)
    assert "CREATE_IN_PROGRESS" in why
    for name in names:
        assert ended(stacks, name)["StackStatus"] == "ROLLBACK_COMPLETE"


def test_who_calls_back_unasked(gatelet):
    answer = gatelet.request("PUT", "/_gatelet/custom-resources/none", {"Content-Type": ""}, b"{}")
    assert answer.status == 403 and "Nobody waits" in answer.text
