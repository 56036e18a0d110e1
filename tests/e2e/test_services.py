"""Integrations of HTTP APIs with services of AWS, against a real server of them: moto, which the test starts."""

import base64
import json
import subprocess
import sys
import threading
import urllib.parse
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from xml.etree import ElementTree

import botocore.auth
import botocore.awsrequest
import botocore.credentials
import pytest

import aws
import harness

ROLE = f"arn:aws:iam::{aws.ACCOUNT}:role/gateway"
SQS = "{http://queue.amazonaws.com/doc/2012-11-05/}"


class Moto:
    """A moto server, and clients of it."""

    def __init__(self):
        self.port = harness.free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.process = subprocess.Popen(
            [sys.executable, "-m", "moto.server", "-p", str(self.port)],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        harness.wait_until(self.answers, "moto listens")

    def answers(self):
        assert self.process.poll() is None, "moto is gone"
        try:
            with urllib.request.urlopen(f"{self.url}/moto-api/", timeout=harness.PATIENCE) as answer:
                return answer.status == 200
        except OSError:
            return False

    def client(self, service):
        return aws.client(self, service)

    def close(self):
        self.process.terminate()
        self.process.wait(harness.PATIENCE)


@pytest.fixture(scope="module")
def moto():
    server = Moto()
    yield server
    server.close()


@pytest.fixture(scope="module")
def near(moto):
    """A gatelet that finds all services at moto, by the SDKs' variable."""
    with harness.Gatelet(environment={"AWS_ENDPOINT_URL": moto.url}) as process:
        yield aws.World(process)


class Calls(aws.HttpApi):
    """An api whose routes call services."""

    def service(self, key, subtype, parameters, **more):
        integration = self.world.apis.create_integration(
            ApiId=self.id, IntegrationType="AWS_PROXY", IntegrationSubtype=subtype, CredentialsArn=ROLE,
            PayloadFormatVersion="1.0", RequestParameters=parameters, **more)
        assert integration["IntegrationSubtype"] == subtype and "IntegrationUri" not in integration
        self.route(key, integration["IntegrationId"])

    def ask(self, method, path, body=None, headers=()):
        body = body if isinstance(body, (bytes, type(None))) else json.dumps(body).encode()
        return self.call(method, path, dict(headers), body)


@pytest.fixture
def calls(near):
    return Calls(near)


def test_messages_are_sent_received_deleted_and_purged(calls, moto):
    sqs = moto.client("sqs")
    queue = sqs.create_queue(QueueName=aws.unique("queue"))["QueueUrl"]
    calls.service("POST /messages", "SQS-SendMessage", {
        "QueueUrl": queue, "MessageBody": "$request.body", "MessageAttributes": "$request.header.x-attributes"})
    calls.service("GET /messages", "SQS-ReceiveMessage", {
        "QueueUrl": queue, "MaxNumberOfMessages": "1", "MessageAttributeNames": '["All"]', "AttributeNames": "All"})
    calls.service("DELETE /messages/{handle}", "SQS-DeleteMessage", {
        "QueueUrl": queue, "ReceiptHandle": "$request.path.handle"})
    calls.service("DELETE /messages", "SQS-PurgeQueue", {"QueueUrl": queue})

    body = '{"text": "a&b=c ü", "n": 1}'
    attributes = {"kind": {"DataType": "String", "StringValue": "greeting & more"}}
    sent = calls.ask("POST", "/messages", body.encode(), {"X-Attributes": json.dumps(attributes)})
    assert sent.status == 200, sent.text
    assert sent["content-type"].startswith("text/xml") or "xml" in sent["content-type"]
    message_id = ElementTree.fromstring(sent.text).find(f"{SQS}SendMessageResult/{SQS}MessageId").text

    # boto3, against moto itself, reads what arrived; then it goes back.
    [message] = sqs.receive_message(QueueUrl=queue, MessageAttributeNames=["All"], VisibilityTimeout=0)["Messages"]
    assert (message["MessageId"], message["Body"]) == (message_id, body)
    assert message["MessageAttributes"] == attributes

    got = calls.ask("GET", "/messages")
    assert got.status == 200, got.text
    found = ElementTree.fromstring(got.text).find(f"{SQS}ReceiveMessageResult/{SQS}Message")
    assert found.find(f"{SQS}Body").text == body
    assert found.find(f"{SQS}MessageAttribute/{SQS}Name").text == "kind"
    handle = urllib.parse.quote(found.find(f"{SQS}ReceiptHandle").text, safe="")
    deleted = calls.ask("DELETE", f"/messages/{handle}")
    assert deleted.status == 200 and "DeleteMessageResponse" in deleted.text
    assert depth(sqs, queue) == (0, 0)

    for text in ("one", "two"):
        assert calls.ask("POST", "/messages", text.encode(), {"X-Attributes": "{}"}).status == 200
    assert depth(sqs, queue) == (2, 0)
    assert calls.ask("DELETE", "/messages").status == 200
    assert depth(sqs, queue) == (0, 0)


def depth(sqs, queue):
    """How many messages wait, and how many are with somebody."""
    names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
    found = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=names)["Attributes"]
    return tuple(int(found[name]) for name in names)


def test_what_sqs_refuses_is_passed_on_and_mapped(calls):
    calls.service("POST /lost", "SQS-SendMessage", {
        "QueueUrl": "http://127.0.0.1/123456789012/no-such-queue", "MessageBody": "x"},
        ResponseParameters={"400": {"overwrite:statuscode": "404", "append:header.x-why": "$response.header.server"}})
    lost = calls.ask("POST", "/lost")
    assert lost.status == 404 and "NonExistentQueue" in lost.text
    assert "Werkzeug" in lost["x-why"]


def test_json_of_sqs_by_flag(moto):
    with harness.Gatelet(["--service-endpoint", f"sqs={moto.url}/", "--sqs-protocol", "json"]) as process:
        calls = Calls(aws.World(process))
        queue = moto.client("sqs").create_queue(QueueName=aws.unique("queue"))["QueueUrl"]
        calls.service("POST /", "SQS-SendMessage", {
            "QueueUrl": queue, "MessageBody": "$request.body.text", "DelaySeconds": "0"})
        sent = calls.ask("POST", "/", {"text": "hello"})
        assert sent.status == 200, sent.text
        [message] = moto.client("sqs").receive_message(QueueUrl=queue)["Messages"]
        assert (message["MessageId"], message["Body"]) == (sent.json()["MessageId"], "hello")

        # Nothing was said of the others.
        calls.service("POST /records", "Kinesis-PutRecord", {"StreamName": "s", "Data": "d", "PartitionKey": "p"})
        missing = calls.ask("POST", "/records")
        assert missing.status == 501
        assert "Kinesis-PutRecord" in missing.json()["message"]
        assert "AWS_ENDPOINT_URL_KINESIS" in missing.json()["message"]


def test_gatelets_own_address_is_no_service():
    port = harness.free_port()
    url = f"http://localhost.localstack.cloud:{port}"
    with harness.Gatelet(environment={"AWS_ENDPOINT_URL": url}, port=port) as process:
        calls = Calls(aws.World(process))
        calls.service("POST /", "SQS-PurgeQueue", {"QueueUrl": "q"})
        assert calls.ask("POST", "/").status == 501


def test_records_are_put(calls, moto):
    kinesis = moto.client("kinesis")
    stream = aws.unique("stream")
    kinesis.create_stream(StreamName=stream, ShardCount=1)
    calls.service("POST /records/{key}", "Kinesis-PutRecord", {
        "StreamName": stream, "Data": "$request.body", "PartitionKey": "$request.path.key"})
    texts = ['{"a": [1, "ü"]}', base64.b64encode(b"'Hello, World!'\n").decode()]
    numbers = []
    for text in texts:
        put = calls.ask("POST", "/records/k1", text.encode())
        assert put.status == 200, put.text
        numbers.append(put.json()["SequenceNumber"])
    [shard] = kinesis.list_shards(StreamName=stream)["Shards"]
    start = kinesis.get_shard_iterator(
        StreamName=stream, ShardId=shard["ShardId"], ShardIteratorType="TRIM_HORIZON")["ShardIterator"]
    records = kinesis.get_records(ShardIterator=start)["Records"]
    assert [record["SequenceNumber"] for record in records] == numbers
    assert [record["Data"] for record in records] == [texts[0].encode(), b"'Hello, World!'\n"]
    assert {record["PartitionKey"] for record in records} == {"k1"}


def test_events_are_put_and_reach_a_rules_target(calls, moto):
    events, sqs = moto.client("events"), moto.client("sqs")
    bus = aws.unique("bus")
    events.create_event_bus(Name=bus)
    queue = sqs.create_queue(QueueName=aws.unique("queue"))["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    events.put_rule(Name="all", EventBusName=bus, EventPattern=json.dumps({"source": ["shop"]}))
    events.put_targets(Rule="all", EventBusName=bus, Targets=[{"Id": "q", "Arn": arn}])
    calls.service("POST /events", "EventBridge-PutEvents", {
        "Detail": "$request.body.detail", "DetailType": "$request.body.type", "Source": "shop", "EventBusName": bus,
        "Resources": "$request.body.about", "Time": "2026-11-24T13:00:00Z"})
    put = calls.ask("POST", "/events", {"detail": {"order": 7}, "type": "Placed", "about": ["a", "b"]})
    assert put.status == 200, put.text
    assert put.json()["FailedEntryCount"] == 0
    [message] = sqs.receive_message(QueueUrl=queue)["Messages"]
    event = json.loads(message["Body"])
    assert (event["id"], event["detail-type"]) == (put.json()["Entries"][0]["EventId"], "Placed")
    assert (event["detail"], event["resources"]) == ({"order": 7}, ["a", "b"])
    assert event["time"].startswith("2026-11-24T13:00:00")


def test_executions_start_and_stop(calls, moto):
    states = moto.client("stepfunctions")
    definition = json.dumps({"StartAt": "P", "States": {"P": {"Type": "Pass", "End": True}}})
    machine = states.create_state_machine(
        name=aws.unique("machine"), definition=definition,
        roleArn="arn:aws:iam::123456789012:role/any")["stateMachineArn"]
    calls.service("POST /executions/{name}", "StepFunctions-StartExecution", {
        "StateMachineArn": machine, "Name": "$request.path.name", "Input": "$request.body"})
    calls.service("DELETE /executions", "StepFunctions-StopExecution", {
        "ExecutionArn": "$request.querystring.arn", "Error": "stopped", "Cause": "by hand"})
    started = calls.ask("POST", "/executions/first", {"n": 1})
    assert started.status == 200, started.text
    arn = started.json()["executionArn"]
    execution = states.describe_execution(executionArn=arn)
    assert (execution["name"], json.loads(execution["input"])) == ("first", {"n": 1})
    stopped = calls.ask("DELETE", "/executions?arn=" + urllib.parse.quote(arn))
    assert stopped.status == 200, stopped.text
    assert "stopDate" in stopped.json()
    assert states.describe_execution(executionArn=arn)["status"] == "ABORTED"
    # Another of the same name, with another input, is the service's to refuse.
    again = calls.ask("POST", "/executions/first", {"n": 2})
    assert again.status == 400 and "ExecutionAlreadyExists" in again.text


class Recorder:
    """Answers all requests alike, and keeps them: for what moto does not have."""

    def __init__(self):
        recorder = self
        self.requests = []

        class Handler(BaseHTTPRequestHandler):
            def answer(self):
                body = self.rfile.read(int(self.headers.get("content-length", 0)))
                recorder.requests.append((self.command, self.path, dict(self.headers), body))
                self.send_response(200)
                self.send_header("Configuration-Version", "3")
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", "13")
                self.end_headers()
                self.wfile.write(b'{"flag":true}')

            do_GET = do_POST = answer

            def log_message(self, *_):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.port = self.server.server_address[1]
        self.url = f"http://127.0.0.1:{self.port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()


def test_configurations_and_synchronous_executions_signed_as_botocore_signs():
    recorder = Recorder()
    with harness.Gatelet(environment={"AWS_ENDPOINT_URL_APPCONFIG": recorder.url, "AWS_ENDPOINT_URL_SFN": recorder.url}) as process:
        calls = Calls(aws.World(process))
        calls.service("GET /configuration/{name}", "AppConfig-GetConfiguration", {
            "Application": "my app", "Environment": "prod", "Configuration": "$request.path.name",
            "ClientId": "$context.apiId", "ClientConfigurationVersion": "2", "Region": "eu-west-1"})
        calls.service("POST /run", "StepFunctions-StartSyncExecution", {
            "StateMachineArn": "arn:aws:states:us-east-1:1:express:m", "Input": "$request.body"})
        got = calls.ask("GET", "/configuration/a%2Fb")
        assert (got.status, got.text, got["configuration-version"]) == (200, '{"flag":true}', "3")
        assert calls.ask("POST", "/run", b"{}").status == 200

    configuration, run = recorder.requests
    assert configuration[:2] == (
        "GET", f"/applications/my%20app/environments/prod/configurations/a%2Fb?client_id={calls.id}"
               "&client_configuration_version=2")
    assert run[:2] == ("POST", "/") and run[2]["x-amz-target"] == "AWSStepFunctions.StartSyncExecution"
    assert json.loads(run[3]) == {"stateMachineArn": "arn:aws:states:us-east-1:1:express:m", "input": "{}"}
    signed_as(recorder, configuration, "appconfig", "eu-west-1")
    signed_as(recorder, run, "states", "us-east-1")
    recorder.server.shutdown()


def signed_as(recorder, request, service, region):
    """botocore, given the same request at the same time, signs it the same way."""
    method, path, headers, body = request
    names = headers["authorization"].split("SignedHeaders=")[1].split(",")[0].split(";")
    given = {name: headers[name] for name in names}
    asked = botocore.awsrequest.AWSRequest(method, recorder.url + path, headers=given, data=body)
    asked.context["timestamp"] = headers["x-amz-date"]
    signer = botocore.auth.SigV4Auth(botocore.credentials.Credentials("test", "test"), service, region)
    canonical = signer.canonical_request(asked)
    signature = signer.signature(signer.string_to_sign(asked, canonical), asked)
    assert headers["authorization"].endswith("Signature=" + signature)


def test_what_the_cli_is_told_of_mistakes(near):
    api = near.apis.create_api(Name=aws.unique("services"), ProtocolType="HTTP")["ApiId"]
    create = lambda **members: aws.refused(
        near.apis.create_integration, ApiId=api, IntegrationType="AWS_PROXY", **members)
    status, code, message = create(IntegrationSubtype="SQS-SendMessage", CredentialsArn=ROLE)
    assert (status, code) == (400, "BadRequestException") and "[QueueUrl, MessageBody]" in message
    status, _, message = create(
        IntegrationSubtype="SQS-PurgeQueue", RequestParameters={"QueueUrl": "q"})
    assert status == 400 and "credentialsArn" in message
