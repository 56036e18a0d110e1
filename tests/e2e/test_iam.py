"""IAM and STS: roles, their policies, managed policies; credentials of roles."""

import datetime
import json

import pytest

import aws
from aws import refused

TRUST = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole",
                                                 "Principal": {"Service": "lambda.amazonaws.com"}}]}
POLICY = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "logs:*", "Resource": "*"}]}
BASIC = "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole"


@pytest.fixture(scope="module")
def iam(world):
    return world.client("iam")


@pytest.fixture
def role(iam):
    name = aws.unique("role")
    iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(TRUST), Path="/app/",
                    Tags=[{"Key": "stage", "Value": "dev"}])
    return name


def test_the_life_of_a_role(iam, role):
    got = iam.get_role(RoleName=role)["Role"]
    assert got["Arn"] == f"arn:aws:iam::000000000000:role/app/{role}"
    assert got["RoleId"].startswith("AROA") and len(got["RoleId"]) == 21
    assert got["AssumeRolePolicyDocument"] == TRUST
    assert got["MaxSessionDuration"] == 3600
    assert got["Tags"] == [{"Key": "stage", "Value": "dev"}]
    assert isinstance(got["CreateDate"], datetime.datetime)
    assert role in [one["RoleName"] for one in iam.list_roles(PathPrefix="/app/")["Roles"]]
    iam.update_role(RoleName=role, Description="d", MaxSessionDuration=7200)
    iam.update_assume_role_policy(RoleName=role, PolicyDocument=json.dumps(POLICY))
    got = iam.get_role(RoleName=role)["Role"]
    assert (got["Description"], got["MaxSessionDuration"]) == ("d", 7200)
    assert got["AssumeRolePolicyDocument"] == POLICY
    assert iam.list_instance_profiles_for_role(RoleName=role)["InstanceProfiles"] == []
    iam.delete_role(RoleName=role)
    with pytest.raises(iam.exceptions.NoSuchEntityException):
        iam.get_role(RoleName=role)


def test_policies_of_a_role(iam, role):
    iam.put_role_policy(RoleName=role, PolicyName="own", PolicyDocument=json.dumps(POLICY))
    iam.attach_role_policy(RoleName=role, PolicyArn=BASIC)
    assert iam.list_role_policies(RoleName=role)["PolicyNames"] == ["own"]
    assert iam.get_role_policy(RoleName=role, PolicyName="own")["PolicyDocument"] == POLICY
    assert iam.list_attached_role_policies(RoleName=role)["AttachedPolicies"] == [
        {"PolicyName": "AWSLambdaBasicExecutionRole", "PolicyArn": BASIC}]
    assert refused(iam.delete_role, RoleName=role) == (
        409, "DeleteConflict", "Cannot delete entity, must detach all policies first.")
    iam.detach_role_policy(RoleName=role, PolicyArn=BASIC)
    assert refused(iam.delete_role, RoleName=role) == (
        409, "DeleteConflict", "Cannot delete entity, must delete policies first.")
    iam.delete_role_policy(RoleName=role, PolicyName="own")
    iam.delete_role(RoleName=role)


def test_managed_policies(iam, role):
    name = aws.unique("policy")
    made = iam.create_policy(PolicyName=name, PolicyDocument=json.dumps(POLICY), Description="d")["Policy"]
    arn = made["Arn"]
    assert refused(iam.create_policy, PolicyName=name, PolicyDocument="{}")[:2] == (409, "EntityAlreadyExists")
    iam.attach_role_policy(RoleName=role, PolicyArn=arn)
    assert iam.get_policy(PolicyArn=arn)["Policy"]["AttachmentCount"] == 1
    version = iam.create_policy_version(PolicyArn=arn, PolicyDocument=json.dumps(TRUST), SetAsDefault=True)
    assert version["PolicyVersion"]["VersionId"] == "v2"
    versions = iam.list_policy_versions(PolicyArn=arn)["Versions"]
    assert [(one["VersionId"], one["IsDefaultVersion"]) for one in versions] == [("v2", True), ("v1", False)]
    assert iam.get_policy_version(PolicyArn=arn, VersionId="v1")["PolicyVersion"]["Document"] == POLICY
    iam.detach_role_policy(RoleName=role, PolicyArn=arn)
    iam.delete_policy_version(PolicyArn=arn, VersionId="v1")
    iam.delete_policy(PolicyArn=arn)
    assert refused(iam.get_policy, PolicyArn=arn) == (404, "NoSuchEntity", f"Policy {arn} was not found.")


def test_what_is_refused(iam, role):
    assert refused(iam.create_role, RoleName=role, AssumeRolePolicyDocument=json.dumps(TRUST)) == (
        409, "EntityAlreadyExists", f"Role with name {role} already exists.")
    assert refused(iam.put_role_policy, RoleName=role, PolicyName="p", PolicyDocument="no json")[:2] == (
        400, "MalformedPolicyDocument")
    assert refused(iam.get_user, UserName="nobody") == (
        404, "NoSuchEntity", "The user with name nobody cannot be found.")
    status, code, message = refused(iam.create_user, UserName="u")
    assert status == 501 and "CreateUser" in message


def test_the_cli_and_paginators(world, iam, role):
    out, _, _ = world.awscli("iam", "get-role", "--role-name", role)
    assert out["Role"]["AssumeRolePolicyDocument"] == TRUST
    pages = iam.get_paginator("list_roles").paginate(PaginationConfig={"PageSize": 1})
    assert role in [one["RoleName"] for page in pages for one in page["Roles"]]


def test_assumed_roles_lead_to_their_account(world, gatelet):
    for account in ("000000000000", "222222222222"):
        got = world.sts.assume_role(RoleArn=f"arn:aws:iam::{account}:role/cdk-deploy", RoleSessionName="s1")
        assert got["AssumedRoleUser"]["Arn"] == f"arn:aws:sts::{account}:assumed-role/cdk-deploy/s1"
        assert got["Credentials"]["Expiration"] > datetime.datetime.now(datetime.UTC)
        sts = aws.client(gatelet, "sts", key=got["Credentials"]["AccessKeyId"])
        assert sts.get_caller_identity()["Account"] == account
