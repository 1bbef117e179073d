"""Condition keys in the statements of a role, for requests as botocore writes them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from cloudworthy.local.iam.decision import ApiCall
from cloudworthy.local.model.clock import SystemClock
from cloudworthy.local.permissions.decider import Mode
from cloudworthy.local.permissions.service import Permissions
from local.endpoint.authorization.wire import classified, written
from local.permissions.deployed import ACCOUNT, REGION, ROLE_ARN, deployment, document, resource
from local.permissions.test_decider import WORKER

TABLE = resource(
    "AWS::DynamoDB::Table",
    "Table",
    "items",
    {"KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}]},
)
TAGS = [{"Key": "team", "Value": "red"}]
GET = ("dynamodb", "GetItem", {"TableName": "items", "Key": {"pk": {"S": "ann"}}})
GET_OF_BOB = ("dynamodb", "GetItem", {"TableName": "items", "Key": {"pk": {"S": "bob"}}})
GET_NAME = (*GET[:2], {**GET[2], "ProjectionExpression": "pk, secret"})
LIST = ("s3", "ListObjectsV2", {"Bucket": "files", "Prefix": "in/"})
LIST_ALL = ("s3", "ListObjectsV2", {"Bucket": "files"})
PUT = ("s3", "PutObject", {"Bucket": "files", "Key": "a", "ServerSideEncryption": "aws:kms"})
PUT_PLAIN = ("s3", "PutObject", {"Bucket": "files", "Key": "a"})
READ = ("secretsmanager", "GetSecretValue", {"SecretId": "db", "VersionStage": "AWSCURRENT"})
READ_NEW = (*READ[:2], {**READ[2], "VersionStage": "AWSPENDING"})
DECRYPT = ("kms", "Decrypt", {"KeyId": "k", "CiphertextBlob": b"x"})
Call = tuple[str, str, dict[str, Any]]


@pytest.fixture
def permissions(tmp_path: Path) -> Iterator[Permissions]:
    found = Permissions(Mode.ENFORCE, tmp_path, ACCOUNT, SystemClock())
    yield found
    found.close()


def grant(permissions: Permissions, **statement: Any) -> None:
    """Give the role one statement that allows everything in these circumstances."""
    allowing = {"Effect": "Allow", "Action": "*", "Resource": "*", **statement}
    policy = {"PolicyName": "P", "PolicyDocument": document(allowing)}
    properties = {"Policies": [policy], "Tags": TAGS}
    role = resource("AWS::IAM::Role", "Role", "worker", properties, Arn=ROLE_ARN)
    permissions.replace(deployment(role, TABLE))


async def may(permissions: Permissions, call: Call, region: str = REGION) -> bool:
    service, operation, parameters = call
    request = written(service, operation, parameters)
    found = classified(service, request)
    protocol = found.protocol.value
    asked = ApiCall(WORKER, found.service, found.name, region, request, protocol)
    return (await permissions.decider.decide(asked)).allowed


@pytest.mark.parametrize(
    ("condition", "met", "unmet"),
    [
        ({"ForAllValues:StringEquals": {"dynamodb:LeadingKeys": "ann"}}, GET, GET_OF_BOB),
        ({"ForAllValues:StringEquals": {"dynamodb:Attributes": ["pk"]}}, GET, GET_NAME),
        ({"StringLike": {"s3:prefix": "in/*"}}, LIST, LIST_ALL),
        ({"StringEquals": {"s3:x-amz-server-side-encryption": "aws:kms"}}, PUT, PUT_PLAIN),
        ({"StringEquals": {"secretsmanager:VersionStage": "AWSCURRENT"}}, READ, READ_NEW),
        ({"Bool": {"aws:SecureTransport": "true"}}, GET, None),
        ({"Bool": {"aws:SecureTransport": "false"}}, None, GET),
        ({"ArnEquals": {"aws:PrincipalArn": ROLE_ARN}}, GET, None),
        ({"ArnEquals": {"aws:PrincipalArn": f"{ROLE_ARN}2"}}, None, GET),
        ({"StringEquals": {"aws:PrincipalTag/team": "red"}}, GET, None),
        ({"StringEquals": {"aws:PrincipalTag/Team": "blue"}}, None, GET),
        # No service calls a key for a caller here; a call of the caller's own has no such key.
        ({"StringEquals": {"kms:ViaService": "s3.eu-central-1.amazonaws.com"}}, None, DECRYPT),
        ({"StringEquals": {"aws:ResourceAccount": ACCOUNT}}, GET, None),
        ({"Null": {"aws:SourceArn": "true", "aws:SourceAccount": "true"}}, GET, None),
    ],
)
async def test_a_condition(
    permissions: Permissions, condition: Mapping[str, Any], met: Call | None, unmet: Call | None
) -> None:
    grant(permissions, Condition=condition)
    assert met is None or await may(permissions, met)
    assert unmet is None or not await may(permissions, unmet)


async def test_the_region_is_the_one_that_a_request_is_signed_for(
    permissions: Permissions,
) -> None:
    grant(permissions, Condition={"StringEquals": {"aws:RequestedRegion": REGION}})
    assert await may(permissions, GET)
    assert not await may(permissions, GET, "us-east-1")


async def test_a_tag_of_the_role_is_a_variable(permissions: Permissions) -> None:
    grant(permissions, Resource="arn:aws:s3:::${aws:PrincipalTag/team}/*")
    assert await may(permissions, ("s3", "PutObject", {"Bucket": "red", "Key": "a"}))
    assert not await may(permissions, ("s3", "PutObject", {"Bucket": "blue", "Key": "a"}))
