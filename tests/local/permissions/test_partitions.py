"""Stacks in regions of other partitions: their ARNs begin as AWS writes them there."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from cloudworthy.local.iam.credentials import CredentialStore
from cloudworthy.local.iam.decision import ApiCall
from cloudworthy.local.model.clock import SystemClock
from cloudworthy.local.model.resources import Deployment, Stack
from cloudworthy.local.permissions.decider import Mode
from cloudworthy.local.permissions.service import Permissions
from local.endpoint.authorization.wire import classified, written
from local.permissions.deployed import ACCOUNT, allow, document, resource

Call = tuple[str, str, dict[str, Any]]
PARTITIONS = {"us-gov-west-1": "aws-us-gov", "cn-north-1": "aws-cn"}
KEY = "12345678-1234-1234-1234-123456789012"
CALLS: list[tuple[Call, str]] = [
    (
        ("dynamodb", "GetItem", {"TableName": "items", "Key": {"pk": {"S": "a"}}}),
        "dynamodb:{region}:{account}:table/items",
    ),
    (("s3", "GetObject", {"Bucket": "files", "Key": "a"}), "s3:::files/a"),
    (
        ("sqs", "SendMessage", {"QueueUrl": f"http://x/{ACCOUNT}/work", "MessageBody": "m"}),
        "sqs:{region}:{account}:work",
    ),
    (("lambda", "Invoke", {"FunctionName": "api"}), "lambda:{region}:{account}:function:api"),
    (("ssm", "GetParameter", {"Name": "/app"}), "ssm:{region}:{account}:parameter/app"),
    (("kms", "Encrypt", {"KeyId": KEY, "Plaintext": b"x"}), "kms:{region}:{account}:key/" + KEY),
    (("iam", "GetRole", {"RoleName": "worker"}), "iam::{account}:role/worker"),
]


class InRegion:
    """What the role ``worker`` of a stack may do, in one region."""

    def __init__(self, region: str, directory: Path) -> None:
        self.region = region
        self.role_arn = self.arn("iam::{account}:role/worker")
        store = CredentialStore(ACCOUNT, partition=PARTITIONS[region])
        key = store.issue(self.role_arn, session_name="worker").access_key_id
        issued = store.find(key)
        assert issued is not None
        self.principal = issued.principal
        self.permissions = Permissions(Mode.ENFORCE, directory, ACCOUNT, SystemClock())

    def arn(self, text: str) -> str:
        placed = text.format(region=self.region, account=ACCOUNT)
        return f"arn:{PARTITIONS[self.region]}:{placed}"

    def deploy(self, *statements: Any, bucket_policy: Any = None) -> None:
        policy = {"PolicyName": "P", "PolicyDocument": document(*statements)}
        found = [
            resource("AWS::IAM::Role", "Role", "worker", {"Policies": [policy]}, Arn=self.role_arn)
        ]
        if bucket_policy:
            properties = {"Bucket": "files", "PolicyDocument": document(bucket_policy)}
            found.append(resource("AWS::S3::BucketPolicy", "Policy", "files", properties))
        stack = Stack("Small", ACCOUNT, self.region, {}, {})
        self.permissions.replace(Deployment(stack, {it.logical_id: it for it in found}, {}))

    async def may(self, service: str, operation: str, parameters: dict[str, Any]) -> bool:
        request = written(service, operation, parameters)
        found = classified(service, request)
        asked = ApiCall(
            self.principal, found.service, found.name, self.region, request, found.protocol.value
        )
        return (await self.permissions.decider.decide(asked)).allowed


@pytest.fixture(params=PARTITIONS)
def there(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[InRegion]:
    found = InRegion(request.param, tmp_path)
    yield found
    found.permissions.close()


async def test_a_role_may_what_its_policy_names_by_the_arn_of_the_partition(
    there: InRegion,
) -> None:
    for call, arn in CALLS:
        there.deploy(allow("*", there.arn(arn)))
        assert await there.may(*call), arn
        there.deploy(allow("*", f"arn:aws:{arn}".format(region=there.region, account=ACCOUNT)))
        assert not await there.may(*call), arn


async def test_the_policy_of_a_bucket_is_asked(there: InRegion) -> None:
    objects = there.arn("s3:::files/*")
    who = {"Principal": {"AWS": there.role_arn}}
    there.deploy(allow("sqs:*", "*"), bucket_policy={**allow("s3:GetObject", objects), **who})
    assert await there.may("s3", "GetObject", {"Bucket": "files", "Key": "a"})
    denying = {**allow("s3:*", objects), **who, "Effect": "Deny"}
    there.deploy(allow("*", "*"), bucket_policy=denying)
    assert not await there.may("s3", "GetObject", {"Bucket": "files", "Key": "a"})
