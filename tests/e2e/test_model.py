"""gatelet against botocore's own model of API Gateway V2: every operation is there, by the model's method and path."""

import json
import re

import botocore.session
import pytest

import aws
import harness


@pytest.fixture(scope="module")
def logged():
    """A gatelet that logs in JSON."""
    with harness.Gatelet(environment={"LOG_FORMAT": "json"}) as process:
        yield process


def operations():
    loader = botocore.session.get_session().get_component("data_loader")
    return loader.load_service_model("apigatewayv2", "service-2")["operations"]


def test_every_operation_of_the_model_is_there(logged):
    wrong, missing = {}, set()
    for name, operation in operations().items():
        path = re.sub(r"\{[^}]+\}", "none", operation["http"]["requestUri"])
        method = operation["http"]["method"]
        seen = len(logged.stderr())
        answer = logged.request(method, path, body=b"{}")
        found = harness.wait_until(lambda: control_line(logged.stderr()[seen:]), f"a line for {name}")
        if answer.status == 501:
            assert f" {name} " in answer.json()["message"], (name, answer.text)
            missing.add(name)
        elif (found["service"], found["operation"]) != ("apigatewayv2", name):
            wrong[name] = (f"{method} {path}", found["service"], found["operation"])
    assert not wrong
    assert missing == set()


def control_line(text):
    for line in text.splitlines():
        try:
            parsed = json.loads(line)
        except ValueError:
            continue
        if "operation" in parsed:
            return parsed
    return None


def test_what_boto3_asks_is_what_the_model_says(world):
    """boto3 itself, with ids that nothing has, is told so: it found the operation."""
    client = world.apis
    for name, shape in operations().items():
        if not name.startswith("Get") or name in {"GetApis", "GetTags", "GetVpcLinks", "GetDomainNames"}:
            continue
        members = client.meta.service_model.operation_model(name).input_shape
        given = {member: "none" for member in members.required_members}
        status, code, _ = aws.refused(getattr(client, botocore.xform_name(name)), **given)
        assert (status, code) in {(404, "NotFoundException"), (400, "BadRequestException")}, name
