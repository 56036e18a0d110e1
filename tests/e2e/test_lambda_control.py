"""Lambda's control plane: functions, versions, aliases, permissions, tags, packages; Invoke's own rules."""

import base64
import hashlib
import io
import json
import re
import stat
import struct
import time
import zipfile

import pytest

import aws
import harness
from aws import ROLE, refused, zipped

CODE = {"index.js": "exports.handler = async (event) => event"}
UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


@pytest.fixture(scope="module")
def functions(world):
    return world.functions


@pytest.fixture
def name(world):
    """A function."""
    name = aws.unique("fn")
    world.function(CODE, name=name)
    return name


def arn(name):
    return f"arn:aws:lambda:us-east-1:000000000000:function:{name}"


def plain(response):
    return {key: value for key, value in response.items() if key != "ResponseMetadata"}


def create(functions, **more):
    given = {"FunctionName": aws.unique("fn"), "Runtime": "nodejs20.x", "Role": ROLE, "Handler": "index.handler",
             "Code": {"ZipFile": zipped(CODE)}, **more}
    return functions.create_function(**{key: value for key, value in given.items() if value is not None})


# ---- functions ------------------------------------------------------------------------------------------------


def test_create_function_defaults(functions):
    package = zipped(CODE)
    name = aws.unique("fn")
    made = create(functions, FunctionName=name, Code={"ZipFile": package})
    assert made["ResponseMetadata"]["HTTPStatusCode"] == 201
    assert UUID.fullmatch(made.pop("RevisionId"))
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\+0000", made.pop("LastModified"))
    made.pop("RuntimeVersionConfig", None)
    state = {key: made.pop(key) for key in list(made) if key.startswith(("State", "LastUpdateStatus"))}
    assert state["State"] in ("Pending", "Active")
    assert plain(made) == {
        "Architectures": ["x86_64"],
        "CodeSha256": base64.b64encode(hashlib.sha256(package).digest()).decode(),
        "CodeSize": len(package),
        "Description": "",
        "EphemeralStorage": {"Size": 512},
        "FunctionArn": arn(name),
        "FunctionName": name,
        "Handler": "index.handler",
        "LoggingConfig": {"LogFormat": "Text", "LogGroup": f"/aws/lambda/{name}"},
        "MemorySize": 128,
        "PackageType": "Zip",
        "Role": ROLE,
        "Runtime": "nodejs20.x",
        "SnapStart": {"ApplyOn": "None", "OptimizationStatus": "Off"},
        "Timeout": 3,
        "TracingConfig": {"Mode": "PassThrough"},
        "Version": "$LATEST",
    }
    got = functions.get_function_configuration(FunctionName=name)
    assert (got["State"], got["LastUpdateStatus"]) == ("Active", "Successful")


@pytest.mark.parametrize("waiter", ["function_exists", "function_active", "function_active_v2", "function_updated",
                                    "function_updated_v2"])
def test_waiters_pass_at_once(functions, name, waiter):
    began = time.monotonic()
    functions.get_waiter(waiter).wait(FunctionName=name, WaiterConfig={"Delay": 5, "MaxAttempts": 2})
    assert time.monotonic() - began < 2


def test_create_function_with_everything(functions):
    given = {
        "Description": "d", "Timeout": 900, "MemorySize": 10240, "Environment": {"Variables": {"ONE": "1", "two": ""}},
        "Architectures": ["arm64"], "EphemeralStorage": {"Size": 1024}, "TracingConfig": {"Mode": "Active"},
        "DeadLetterConfig": {"TargetArn": "arn:aws:sqs:us-east-1:000000000000:q"},
        "LoggingConfig": {"LogFormat": "Text", "LogGroup": "/custom"},
    }
    made = create(functions, Tags={"a": "b"}, Publish=True, **given)
    for key, value in given.items():
        assert made[key] == value, key
    assert made["Version"] == "1" and made["FunctionArn"] == arn(made["FunctionName"])
    got = functions.get_function(FunctionName=made["FunctionName"])
    assert got["Tags"] == {"a": "b"}
    assert got["Configuration"]["Version"] == "$LATEST"
    assert got["Code"]["RepositoryType"] == "S3" and got["Code"]["Location"].startswith("http")


@pytest.mark.parametrize("spelling", ["{name}", "{arn}", "000000000000:function:{name}", "{arn}:$LATEST", "{name}:$LATEST"])
def test_names_of_a_function(functions, name, spelling):
    got = functions.get_function_configuration(FunctionName=spelling.format(name=name, arn=arn(name)))
    assert got["FunctionName"] == name


def test_a_function_exists_once(functions, name):
    assert refused(create, functions, FunctionName=name) == (
        409, "ResourceConflictException", f"Function already exist: {name}")


def test_missing_functions(functions):
    name = aws.unique("nosuch")
    expected = (404, "ResourceNotFoundException", f"Function not found: {arn(name)}")
    assert refused(functions.invoke, FunctionName=name) == (*expected[:2], expected[2] + ":$LATEST")
    for call in [functions.get_function, functions.get_function_configuration, functions.delete_function]:
        assert refused(call, FunctionName=name) == expected, call
    assert refused(functions.update_function_configuration, FunctionName=name) == expected
    assert refused(functions.update_function_code, FunctionName=name, ZipFile=zipped(CODE)) == expected
    assert refused(functions.get_function, FunctionName=name, Qualifier="7") == (
        404, "ResourceNotFoundException", f"Function not found: {arn(name)}:7")


ROLE_PATTERN = r"arn:(aws[a-zA-Z-]*)?:iam::\d{12}:role/?[a-zA-Z_0-9+=,.@\-_/]+"


@pytest.mark.parametrize("given, code, message", [
    ({"Role": "r1"}, "ValidationException",
     "1 validation error detected: Value 'r1' at 'role' failed to satisfy constraint: Member must satisfy regular "
     f"expression pattern: {ROLE_PATTERN}"),
    ({"Runtime": "nosuch"}, "InvalidParameterValueException",
     re.compile(r"Value nosuch at 'runtime' failed to satisfy constraint: Member must satisfy enum value set: \[.*")),
    ({"Runtime": "PYTHON3.9"}, "InvalidParameterValueException", re.compile("Value PYTHON3.9 at 'runtime' .*")),
    ({"Architectures": ["x86_64", "arm64"]}, "ValidationException",
     "1 validation error detected: Value '[x86_64, arm64]' at 'architectures' failed to satisfy constraint: Member must "
     "have length less than or equal to 1"),
    ({"Architectures": ["X86_64"]}, "ValidationException", re.compile(
        r"1 validation error detected: Value '\[X86_64\]' at 'architectures' failed to satisfy constraint: .*")),
    ({"Timeout": 0}, "ValidationException", re.compile(".*'timeout'.*")),
    ({"Timeout": 901}, "ValidationException", re.compile(".*'timeout'.*")),
    ({"MemorySize": 127}, "ValidationException", re.compile(".*'memorySize'.*")),
    ({"MemorySize": 10241}, "ValidationException", re.compile(".*'memorySize'.*")),
    ({"FunctionName": "a b"}, "ValidationException", re.compile(".*'functionName'.*")),
    ({"FunctionName": "x" * 141}, "ValidationException", re.compile(".*")),
    ({"Handler": None}, "InvalidParameterValueException", re.compile(".*")),
    ({"Runtime": None}, "InvalidParameterValueException", re.compile(".*")),
    ({"Environment": {"Variables": {"1a": "x"}}}, "ValidationException", re.compile(".*")),
    ({"Environment": {"Variables": {"AWS_REGION": "x"}}}, "InvalidParameterValueException", re.compile(".*AWS_REGION.*")),
    ({"Environment": {"Variables": {"LONG": "x" * 5000}}}, "InvalidParameterValueException", re.compile(".*4KB.*")),
    ({"Code": {}}, "InvalidParameterValueException", re.compile(".*")),
    ({"Code": {"ZipFile": b"no zip"}}, "InvalidParameterValueException",
     "Could not unzip uploaded file. Please check your file, then try to upload again."),
    ({"Code": {"S3Bucket": "hot-reload", "S3Key": "relative"}}, "InvalidParameterValueException",
     re.compile(".*absolute path.*")),
])
def test_create_function_refuses(world, given, code, message):
    status, said_code, said = refused(create, world.client("lambda", validate=False), **given)
    assert (status, said_code) == (400, code), said
    assert message.fullmatch(said) if isinstance(message, re.Pattern) else said == message, said


def test_errors_on_the_wire(gatelet):
    answer = gatelet.request("GET", "/2015-03-31/functions/nosuch")
    assert answer.status == 404 and answer["content-type"] == "application/json"
    assert answer["x-amzn-errortype"].split(":")[0] == "ResourceNotFoundException"
    assert answer.json() == {"Type": "User", "Message": f"Function not found: {arn('nosuch')}"}


def test_update_function_configuration(functions, name):
    before = functions.get_function_configuration(FunctionName=name)
    updated = functions.update_function_configuration(
        FunctionName=name, Timeout=10, Description="d", Environment={"Variables": {"WHO": "a"}})
    assert (updated["Timeout"], updated["Description"], updated["Environment"]) == (10, "d", {"Variables": {"WHO": "a"}})
    assert (updated["Handler"], updated["CodeSha256"]) == (before["Handler"], before["CodeSha256"])
    assert updated["RevisionId"] != before["RevisionId"]
    functions.get_waiter("function_updated_v2").wait(FunctionName=name)
    status, code, _ = refused(functions.update_function_configuration, FunctionName=name, Timeout=1,
                              RevisionId=before["RevisionId"])
    assert (status, code) == (412, "PreconditionFailedException")


def test_update_function_code_is_what_runs(world, functions, name):
    assert world.invoke(name, {"a": 1})[0] == {"a": 1}
    package = zipped({"index.js": "exports.handler = async () => 'new'"})
    updated = functions.update_function_code(FunctionName=name, ZipFile=package)
    assert updated["CodeSha256"] == base64.b64encode(hashlib.sha256(package).digest()).decode()
    assert world.invoke(name)[0] == "new"
    other = zipped({"index.js": "exports.handler = async () => 'newer'"})
    dry = functions.update_function_code(FunctionName=name, ZipFile=other, DryRun=True)
    assert dry["CodeSha256"] != updated["CodeSha256"]
    assert world.invoke(name)[0] == "new"


def test_configuration_is_what_runs(world, functions):
    name = aws.unique("fn")
    world.function("exports.handler = async () => process.env.WHO", name=name, Environment={"Variables": {"WHO": "one"}})
    assert world.invoke(name)[0] == "one"
    functions.update_function_configuration(FunctionName=name, Environment={"Variables": {"WHO": "two"}})
    assert world.invoke(name)[0] == "two"


def test_delete_function(world, functions, name):
    assert functions.delete_function(FunctionName=name)["ResponseMetadata"]["HTTPStatusCode"] in (200, 204)
    assert refused(functions.get_function, FunctionName=name)[0] == 404
    # The name is free again, and versions start anew.
    world.function(CODE, name=name)
    assert functions.publish_version(FunctionName=name)["Version"] == "1"


def test_list_functions_pages(gatelet):
    functions = aws.client(gatelet, "lambda", region="ap-southeast-2")
    made = sorted(create(functions)["FunctionName"] for _ in range(7))
    page = functions.list_functions(MaxItems=3)
    assert len(page["Functions"]) == 3 and page["NextMarker"]
    seen = [item["FunctionName"] for page in functions.get_paginator("list_functions").paginate(PaginationConfig={"PageSize": 2})
            for item in page["Functions"]]
    assert sorted(seen) == made
    functions.publish_version(FunctionName=made[0])
    listed = functions.list_functions(FunctionVersion="ALL")["Functions"]
    assert sorted(item["Version"] for item in listed if item["FunctionName"] == made[0]) == ["$LATEST", "1"]


# ---- versions and aliases -------------------------------------------------------------------------------------


def test_versions(world, functions, name):
    first = functions.publish_version(FunctionName=name, Description="first")
    assert first["ResponseMetadata"]["HTTPStatusCode"] == 201
    assert (first["Version"], first["FunctionArn"], first["Description"]) == ("1", arn(name) + ":1", "first")
    # Nothing changed, no new version.
    assert functions.publish_version(FunctionName=name)["Version"] == "1"
    functions.update_function_code(FunctionName=name, ZipFile=zipped({"index.js": "exports.handler = async () => 2"}))
    assert functions.publish_version(FunctionName=name)["Version"] == "2"
    listed = functions.list_versions_by_function(FunctionName=name)["Versions"]
    assert [item["Version"] for item in listed] == ["$LATEST", "1", "2"]
    assert [item["FunctionArn"] for item in listed] == [f"{arn(name)}:{v}" for v in ["$LATEST", "1", "2"]]
    assert world.invoke(f"{name}:1", {"a": 1})[0] == {"a": 1}
    assert world.invoke(name, Qualifier="2")[0] == 2
    _, response = world.invoke(name, Qualifier="1")
    assert response["ExecutedVersion"] == "1"
    functions.delete_function(FunctionName=name, Qualifier="1")
    assert refused(functions.get_function, FunctionName=name, Qualifier="1")[0] == 404
    # Numbers are never used again.
    functions.update_function_configuration(FunctionName=name, Description="changed")
    assert functions.publish_version(FunctionName=name)["Version"] == "3"
    assert refused(functions.publish_version, FunctionName=name, CodeSha256="nosuch")[:2] == (
        400, "InvalidParameterValueException")
    assert refused(functions.publish_version, FunctionName=name, RevisionId="nosuch")[:2] == (
        412, "PreconditionFailedException")


def test_aliases(world, functions, name):
    functions.publish_version(FunctionName=name)
    functions.update_function_code(FunctionName=name, ZipFile=zipped({"index.js": "exports.handler = async () => 2"}))
    functions.publish_version(FunctionName=name)
    made = functions.create_alias(FunctionName=name, Name="live", FunctionVersion="1", Description="d")
    assert made["ResponseMetadata"]["HTTPStatusCode"] == 201
    assert UUID.fullmatch(made.pop("RevisionId"))
    assert plain(made) == {"AliasArn": arn(name) + ":live", "Name": "live", "FunctionVersion": "1", "Description": "d"}
    payload, response = world.invoke(f"{arn(name)}:live", {"a": 1})
    assert payload == {"a": 1} and response["ExecutedVersion"] == "1"
    assert functions.update_alias(FunctionName=name, Name="live", FunctionVersion="2")["FunctionVersion"] == "2"
    assert world.invoke(name, Qualifier="live")[0] == 2
    assert functions.get_alias(FunctionName=name, Name="live")["Description"] == "d"
    assert [item["Name"] for item in functions.list_aliases(FunctionName=name)["Aliases"]] == ["live"]
    assert functions.list_aliases(FunctionName=name, FunctionVersion="1")["Aliases"] == []
    assert refused(functions.create_alias, FunctionName=name, Name="live", FunctionVersion="1") == (
        409, "ResourceConflictException", f"Alias already exists: {arn(name)}:live")
    assert refused(functions.create_alias, FunctionName=name, Name="other", FunctionVersion="10") == (
        404, "ResourceNotFoundException", f"Function not found: {arn(name)}:10")
    assert refused(functions.get_alias, FunctionName=name, Name="nosuch") == (
        404, "ResourceNotFoundException", f"Cannot find alias arn: {arn(name)}:nosuch")
    assert functions.delete_alias(FunctionName=name, Name="live")["ResponseMetadata"]["HTTPStatusCode"] == 204
    assert refused(functions.invoke, FunctionName=name, Qualifier="live")[0] == 404


def test_weighted_aliases(world, functions, name):
    functions.publish_version(FunctionName=name)
    functions.update_function_code(FunctionName=name, ZipFile=zipped({"index.js": "exports.handler = async () => 2"}))
    functions.publish_version(FunctionName=name)
    functions.create_alias(FunctionName=name, Name="split", FunctionVersion="1",
                           RoutingConfig={"AdditionalVersionWeights": {"2": 0.5}})
    seen = {world.invoke(name, {}, Qualifier="split")[1]["ExecutedVersion"] for _ in range(60)}
    assert seen == {"1", "2"}
    assert refused(functions.update_alias, FunctionName=name, Name="split",
                   RoutingConfig={"AdditionalVersionWeights": {"1": 0.5}})[:2] == (400, "InvalidParameterValueException")


# ---- permissions, tags, concurrency ---------------------------------------------------------------------------


def test_permissions(functions, name):
    assert refused(functions.get_policy, FunctionName=name) == (
        404, "ResourceNotFoundException", "The resource you requested does not exist.")
    made = functions.add_permission(
        FunctionName=name, StatementId="gateway", Action="lambda:InvokeFunction", Principal="apigateway.amazonaws.com",
        SourceArn="arn:aws:execute-api:us-east-1:000000000000:x/*/*", SourceAccount="000000000000")
    statement = json.loads(made["Statement"])
    assert statement == {
        "Sid": "gateway", "Effect": "Allow", "Principal": {"Service": "apigateway.amazonaws.com"},
        "Action": "lambda:InvokeFunction", "Resource": arn(name),
        "Condition": {"StringEquals": {"AWS:SourceAccount": "000000000000"},
                      "ArnLike": {"AWS:SourceArn": "arn:aws:execute-api:us-east-1:000000000000:x/*/*"}},
    }
    policy = functions.get_policy(FunctionName=name)
    assert json.loads(policy["Policy"]) == {"Version": "2012-10-17", "Id": "default", "Statement": [statement]}
    assert UUID.fullmatch(policy["RevisionId"])
    assert refused(functions.add_permission, FunctionName=name, StatementId="gateway", Action="lambda:InvokeFunction",
                   Principal="s3.amazonaws.com") == (
        409, "ResourceConflictException", "The statement id (gateway) provided already exists. Please provide a new "
                                          "statement id, or remove the existing statement.")
    assert refused(functions.add_permission, FunctionName=name, StatementId="a.b", Action="lambda:InvokeFunction",
                   Principal="s3.amazonaws.com")[:2] == (400, "ValidationException")
    functions.remove_permission(FunctionName=name, StatementId="gateway")
    assert refused(functions.get_policy, FunctionName=name)[0] == 404
    assert refused(functions.remove_permission, FunctionName=name, StatementId="gateway")[:2] == (
        404, "ResourceNotFoundException")


def test_permissions_of_a_qualifier(functions, name):
    functions.publish_version(FunctionName=name)
    functions.add_permission(FunctionName=name, StatementId="x", Action="lambda:InvokeFunction", Qualifier="1",
                             Principal="apigateway.amazonaws.com")
    [statement] = json.loads(functions.get_policy(FunctionName=name, Qualifier="1")["Policy"])["Statement"]
    assert statement["Resource"] == arn(name) + ":1"
    assert refused(functions.get_policy, FunctionName=name)[0] == 404


def test_tags(functions, name):
    functions.tag_resource(Resource=arn(name), Tags={"A": "1", "b": "2"})
    functions.tag_resource(Resource=arn(name), Tags={"A": "3"})
    assert functions.list_tags(Resource=arn(name))["Tags"] == {"A": "3", "b": "2"}
    assert functions.untag_resource(Resource=arn(name), TagKeys=["b", "nosuch"])["ResponseMetadata"]["HTTPStatusCode"] == 204
    assert functions.get_function(FunctionName=name)["Tags"] == {"A": "3"}
    missing = arn("nosuch")
    assert refused(functions.list_tags, Resource=missing) == (
        404, "ResourceNotFoundException", f"Function not found: {missing}")


def test_concurrency(functions, name):
    assert "ReservedConcurrentExecutions" not in functions.get_function_concurrency(FunctionName=name)
    assert functions.put_function_concurrency(FunctionName=name, ReservedConcurrentExecutions=0)[
        "ReservedConcurrentExecutions"] == 0
    assert refused(functions.invoke, FunctionName=name) == (429, "TooManyRequestsException", "Rate Exceeded.")
    with pytest.raises(functions.exceptions.TooManyRequestsException) as caught:
        functions.invoke(FunctionName=name)
    assert caught.value.response["Reason"] == "ReservedFunctionConcurrentInvocationLimitExceeded"
    assert functions.get_function(FunctionName=name)["Concurrency"] == {"ReservedConcurrentExecutions": 0}
    functions.delete_function_concurrency(FunctionName=name)
    assert functions.invoke(FunctionName=name)["StatusCode"] == 200


def test_reserved_concurrency_is_a_limit(world):
    name = aws.unique("fn")
    world.function("exports.handler = async () => { await new Promise(r => setTimeout(r, 500)); return process.pid }", name=name)
    world.functions.put_function_concurrency(FunctionName=name, ReservedConcurrentExecutions=2)

    def invoke(_):
        try:
            return world.invoke(name)[0]
        except world.functions.exceptions.TooManyRequestsException:
            return "throttled"

    seen = harness.together(invoke, range(6))
    assert seen.count("throttled") == 4 and len(set(seen)) == 3


# ---- packages -------------------------------------------------------------------------------------------------


def raw_zip(name, content=b"x", mode=0o100644, create_system=3):
    """A zip of one entry whose name and mode `zipfile` would clean up on reading, but writes as told."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        info = zipfile.ZipInfo("placeholder", (2026, 1, 1, 0, 0, 0))
        info.filename = name
        info.create_system = create_system
        info.external_attr = mode << 16
        archive.writestr(info, content)
    return out.getvalue()


def bomb():
    """5 MB that unpack to 5 GB, or say so."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        piece = b"\0" * (64 << 20)
        for n in range(5):
            archive.writestr(f"{n}", piece)
    return out.getvalue()


def many_files():
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for n in range(110_000):
            archive.writestr(f"d{n % 100}/{n}", b"")
    return out.getvalue()


def lying_size():
    """Its directory says that an entry is small; it is not."""
    package = bytearray(zipped({"index.js": b"\0" * (300 << 20)}))
    central = package.rindex(b"PK\x01\x02")
    struct.pack_into("<I", package, central + 24, 10)
    struct.pack_into("<I", package, 22, 10)
    return bytes(package)


EVIL = {
    "up and out": lambda: raw_zip("../evil.txt"),
    "deep up and out": lambda: raw_zip("a/../../evil.txt"),
    "absolute": lambda: raw_zip("/tmp/evil.txt"),
    "backslashes": lambda: raw_zip("..\\..\\evil.txt"),
    "drive": lambda: raw_zip("C:\\evil.txt"),
    "link to the root": lambda: raw_zip("link", b"/etc", stat.S_IFLNK | 0o777),
    "link up and out": lambda: raw_zip("a/link", b"../../..", stat.S_IFLNK | 0o777),
    "device": lambda: raw_zip("null", b"", stat.S_IFCHR | 0o666),
    "pipe": lambda: raw_zip("pipe", b"", stat.S_IFIFO | 0o666),
    "NUL in a name": lambda: raw_zip("a\0b"),
    "empty": lambda: b"",
    "cut short": lambda: zipped(CODE)[:-30],
    "garbage": lambda: b"PK\x03\x04" + b"\xff" * 500,
    "bomb": bomb,
    "many files": many_files,
    "lying size": lying_size,
    "file and folder of one name": lambda: zipped({"a": "x", "a/b": "y"}),
}


@pytest.mark.parametrize("kind", EVIL)
def test_evil_packages(world, gatelet, kind):
    package = EVIL[kind]()
    began = time.monotonic()
    status, code, _ = refused(create, world.client("lambda", validate=False), Code={"ZipFile": package})
    assert (status, code) == (400, "InvalidParameterValueException")
    assert time.monotonic() - began < 5
    assert gatelet.request("GET", "/_localstack/health").status == 200


def test_links_within_the_package_are_fine(world):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("real.js", "exports.handler = async () => 'linked'")
        info = zipfile.ZipInfo("index.js")
        info.create_system = 3
        info.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(info, "real.js")
    name = create(world.functions, Code={"ZipFile": out.getvalue()})["FunctionName"]
    assert world.invoke(name)[0] == "linked"


def test_folders_modes_and_odd_names(world):
    name = aws.unique("fn")
    world.function({
        "index.js": "const fs = require('fs');"
                    "exports.handler = async () => ['run.sh', 'lib/däta.txt', 'plain'].map(n => (fs.statSync(n).mode & 0o777).toString(8))",
        "run.sh": "#!/bin/sh\n", "lib/däta.txt": "x", "plain": "y",
    }, name=name, modes={"run.sh": 0o100755})
    run, data, _ = world.invoke(name)[0]
    assert int(run, 8) & 0o100 and not int(data, 8) & 0o111


def test_a_windows_zip_has_no_modes(world):
    package = raw_zip("bootstrap", aws.SPEAKER.encode(), mode=0, create_system=0)
    name = create(world.functions, Runtime="provided.al2023", Code={"ZipFile": package})["FunctionName"]
    payload, response = world.invoke(name, {"headers": aws.raw_header({"ran": True})})
    assert payload == {"ran": True} and "FunctionError" not in response


def test_large_packages(world):
    import os

    package = zipped({**CODE, "blob": os.urandom(20 << 20)})
    made = create(world.functions, Code={"ZipFile": package})
    assert made["CodeSize"] == len(package)
    assert world.invoke(made["FunctionName"], [1])[0] == [1]


# ---- Invoke ---------------------------------------------------------------------------------------------------


def test_request_response(functions, name):
    response = functions.invoke(FunctionName=name, Payload=b'{"a":1}')
    assert (response["StatusCode"], response["ExecutedVersion"]) == (200, "$LATEST")
    assert "FunctionError" not in response and "LogResult" not in response
    assert response["Payload"].read() == b'{"a":1}'
    headers = response["ResponseMetadata"]["HTTPHeaders"]
    assert UUID.fullmatch(headers["x-amzn-requestid"])
    assert headers["content-type"] == "application/json"


def test_no_payload_is_an_empty_object(functions, name):
    assert functions.invoke(FunctionName=name)["Payload"].read() in (b"{}",)


def test_dry_run(functions, name):
    response = functions.invoke(FunctionName=name, InvocationType="DryRun", Payload=b"{}")
    assert response["StatusCode"] == 204 and response["Payload"].read() == b""


def test_event(world, functions, tmp_path):
    name = aws.unique("fn")
    target = tmp_path / "seen"
    world.function("exports.handler = async (event) => { await new Promise(r => setTimeout(r, 300));"
                   "require('fs').appendFileSync(event.target, event.what) }", name=name)
    began = time.monotonic()
    response = functions.invoke(FunctionName=name, InvocationType="Event",
                                Payload=json.dumps({"target": str(target), "what": "x"}))
    assert response["StatusCode"] == 202 and response["Payload"].read() == b""
    assert time.monotonic() - began < 0.25
    harness.wait_until(lambda: target.exists() and target.read_text() == "x", "the event is handled")


@pytest.mark.parametrize("payload", [b"{", b"nonsense", b"\x99\xeb", b'{"a":1} x'])
def test_payloads_that_are_no_json(functions, name, payload):
    status, code, said = refused(functions.invoke, FunctionName=name, Payload=payload)
    assert (status, code) == (400, "InvalidRequestContentException")
    assert said.startswith("Could not parse request body into json")


@pytest.mark.parametrize("payload", [b"[1,2]", b'"text"', b"42", b"null", b' {"a": 1} ', '"é"'.encode()])
def test_payloads_that_are_json(functions, name, payload):
    assert json.loads(functions.invoke(FunctionName=name, Payload=payload)["Payload"].read()) == json.loads(payload)


def test_payload_limits(functions, name):
    large = b'"' + b"x" * (6 * 1024 * 1024 - 2) + b'"'
    assert len(functions.invoke(FunctionName=name, Payload=large)["Payload"].read()) == len(large)
    status, code, _ = refused(functions.invoke, FunctionName=name, Payload=large + b" " * 100)
    assert (status, code) == (413, "RequestEntityTooLargeException") or (status, code) == (413, "RequestTooLargeException")
    # Asynchronously it is 1 MB.
    status, code, _ = refused(functions.invoke, FunctionName=name, InvocationType="Event",
                              Payload=b'"' + b"x" * (1024 * 1024) + b'"')
    assert status == 413


def test_client_context(world, functions):
    name = aws.unique("fn")
    world.function("exports.handler = async (_, context) => context.clientContext", name=name)
    context = base64.b64encode(json.dumps({"custom": {"a": "b"}}).encode()).decode()
    payload = json.loads(functions.invoke(FunctionName=name, ClientContext=context)["Payload"].read())
    assert payload["custom"] == {"a": "b"}


def test_unknown_invocation_types(world, name):
    call = world.client("lambda", validate=False).invoke
    assert refused(call, FunctionName=name, InvocationType="Telepathy")[0] == 400


def test_awslocal(world, tmp_path):
    name = aws.unique("local")
    world.function(CODE, name=name)
    said, _, _ = world.awscli("lambda", "invoke", "--function-name", name, str(tmp_path / "out"), program="awslocal")
    assert said == {"StatusCode": 200, "ExecutedVersion": "$LATEST"} and (tmp_path / "out").read_text() == "{}"


def test_the_cli(world, tmp_path):
    name = aws.unique("cli")
    package = tmp_path / "package.zip"
    package.write_bytes(zipped(CODE))

    def run(*arguments):
        return world.awscli("lambda", *arguments)[0]

    made = run("create-function", "--function-name", name, "--runtime", "nodejs20.x", "--handler", "index.handler",
               "--role", ROLE, "--zip-file", f"fileb://{package}", "--tags", "a=b")
    assert made["FunctionArn"] == arn(name)
    run("wait", "function-active-v2", "--function-name", name)
    out = tmp_path / "out"
    said = run("invoke", "--function-name", name, "--payload", '{"a": 1}', "--log-type", "Tail", str(out))
    assert said["StatusCode"] == 200 and json.loads(out.read_text()) == {"a": 1}
    assert "START RequestId" in base64.b64decode(said["LogResult"]).decode()
    assert run("update-function-configuration", "--function-name", name, "--timeout", "9")["Timeout"] == 9
    run("update-function-code", "--function-name", name, "--zip-file", f"fileb://{package}")
    assert run("publish-version", "--function-name", name)["Version"] == "1"
    run("create-alias", "--function-name", name, "--name", "live", "--function-version", "1")
    run("add-permission", "--function-name", name, "--statement-id", "s", "--action", "lambda:InvokeFunction",
        "--principal", "apigateway.amazonaws.com")
    assert "apigateway" in run("get-policy", "--function-name", name)["Policy"]
    assert run("list-tags", "--resource", arn(name)) == {"Tags": {"a": "b"}}
    assert name in [item["FunctionName"] for item in run("list-functions")["Functions"]]
    run("delete-function", "--function-name", name)
    _, code, err = world.awscli("lambda", "get-function", "--function-name", name, check=False)
    assert code != 0 and "ResourceNotFoundException" in err
