"""What deploys ask besides: parameters, repositories, keys, rules."""

import json

import pytest

import aws
from aws import refused


@pytest.fixture(scope="module")
def ssm(world):
    return world.client("ssm")


def test_parameters(ssm):
    name = f"/{aws.unique('app')}"
    with pytest.raises(ssm.exceptions.ParameterNotFound):
        ssm.get_parameter(Name=name)
    assert ssm.put_parameter(Name=f"{name}/a", Value="1", Type="String")["Version"] == 1
    assert refused(ssm.put_parameter, Name=f"{name}/a", Value="2", Type="String")[1] == "ParameterAlreadyExists"
    assert ssm.put_parameter(Name=f"{name}/a", Value="2", Type="String", Overwrite=True)["Version"] == 2
    ssm.put_parameter(Name=f"{name}/b/c", Value="x,y", Type="StringList", Tags=[{"Key": "k", "Value": "v"}])
    got = ssm.get_parameter(Name=f"{name}/a")["Parameter"]
    assert (got["Value"], got["Version"], got["Type"]) == ("2", 2, "String")
    assert got["ARN"] == f"arn:aws:ssm:us-east-1:000000000000:parameter{name}/a"
    assert ssm.get_parameter(Name=f"{name}/a:1")["Parameter"]["Value"] == "1"
    many = ssm.get_parameters(Names=[f"{name}/a", "none"])
    assert ([one["Value"] for one in many["Parameters"]], many["InvalidParameters"]) == (["2"], ["none"])
    by_path = ssm.get_paginator("get_parameters_by_path")
    pages = by_path.paginate(Path=name, Recursive=True, PaginationConfig={"PageSize": 1})
    assert [one["Name"] for page in pages for one in page["Parameters"]] == [f"{name}/a", f"{name}/b/c"]
    described = ssm.describe_parameters(
        ParameterFilters=[{"Key": "Path", "Option": "Recursive", "Values": [name]}])["Parameters"]
    assert [one["Type"] for one in described] == ["String", "StringList"]
    assert [one["Value"] for one in ssm.get_parameter_history(Name=f"{name}/a")["Parameters"]] == ["1", "2"]
    tags = ssm.list_tags_for_resource(ResourceType="Parameter", ResourceId=f"{name}/b/c")["TagList"]
    assert tags == [{"Key": "k", "Value": "v"}]
    gone = ssm.delete_parameters(Names=[f"{name}/a", f"{name}/b/c", "none"])
    assert len(gone["DeletedParameters"]) == 2 and gone["InvalidParameters"] == ["none"]


def test_secure_strings(ssm):
    name = aws.unique("secret")
    ssm.put_parameter(Name=name, Value="s3cret", Type="SecureString")
    assert ssm.get_parameter(Name=name)["Parameter"]["Value"] == "kms:alias/aws/ssm:s3cret"
    assert ssm.get_parameter(Name=name, WithDecryption=True)["Parameter"]["Value"] == "s3cret"


def test_parameters_by_the_cli(world):
    name = aws.unique("cli")
    world.awscli("ssm", "put-parameter", "--name", name, "--value", "v", "--type", "String")
    out, _, _ = world.awscli("ssm", "get-parameter", "--name", name)
    assert out["Parameter"]["Value"] == "v"


def test_repositories(world):
    ecr = world.client("ecr")
    name = aws.unique("repo")
    with pytest.raises(ecr.exceptions.RepositoryNotFoundException):
        ecr.describe_repositories(repositoryNames=[name])
    made = ecr.create_repository(repositoryName=name)["repository"]
    assert made["repositoryArn"] == f"arn:aws:ecr:us-east-1:000000000000:repository/{name}"
    assert ecr.describe_repositories(repositoryNames=[name])["repositories"] == [made]
    ecr.delete_repository(repositoryName=name, force=True)
    assert refused(ecr.describe_images, repositoryName=name)[0] == 501


def test_keys(world):
    kms = world.client("kms")
    alias = f"alias/{aws.unique('key')}"
    made = kms.create_key(Description="d")["KeyMetadata"]
    kms.create_alias(AliasName=alias, TargetKeyId=made["KeyId"])
    assert kms.describe_key(KeyId=alias)["KeyMetadata"] == made
    assert [one["AliasName"] for one in kms.list_aliases(KeyId=made["Arn"])["Aliases"]] == [alias]
    assert made["KeyId"] in [one["KeyId"] for one in kms.list_keys()["Keys"]]
    kms.schedule_key_deletion(KeyId=made["KeyId"], PendingWindowInDays=7)
    assert kms.describe_key(KeyId=made["KeyId"])["KeyMetadata"]["KeyState"] == "PendingDeletion"
    kms.delete_alias(AliasName=alias)
    assert refused(kms.describe_key, KeyId=alias)[1] == "NotFoundException"
    status, _, message = refused(kms.encrypt, KeyId=made["KeyId"], Plaintext=b"x")
    assert status == 501 and "Encrypt" in message


def test_rules_are_kept(world):
    events = world.client("events")
    name = aws.unique("rule")
    pattern = json.dumps({"source": ["my.app"]})
    arn = events.put_rule(Name=name, EventPattern=pattern)["RuleArn"]
    assert arn == f"arn:aws:events:us-east-1:000000000000:rule/{name}"
    target = {"Id": "1", "Arn": "arn:aws:lambda:us-east-1:000000000000:function:f", "Input": "{}"}
    assert events.put_targets(Rule=name, Targets=[target])["FailedEntryCount"] == 0
    assert events.list_targets_by_rule(Rule=name)["Targets"] == [target]
    assert events.describe_rule(Name=name)["EventPattern"] == pattern
    assert name in [one["Name"] for one in events.list_rules(NamePrefix=name)["Rules"]]
    assert refused(events.delete_rule, Name=name)[2] == "Rule can't be deleted since it has targets."
    events.remove_targets(Rule=name, Ids=["1"])
    events.delete_rule(Name=name)
    assert refused(events.put_events, Entries=[{"Source": "s", "DetailType": "d", "Detail": "{}"}])[0] == 501


def test_health_tells_of_them(gatelet):
    services = gatelet.request("GET", "/_localstack/health").json()["services"]
    assert {services[name] for name in ("ecr", "events", "iam", "kms", "ssm", "sts")} == {"available"}
