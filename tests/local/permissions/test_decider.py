"""Decisions on calls, by what a deployment declares."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest

from cloudworthy.local.iam.decision import ApiCall, Decision
from cloudworthy.local.model.clock import SystemClock
from cloudworthy.local.model.errors import TemplateError
from cloudworthy.local.model.http import Request
from cloudworthy.local.model.identity import Principal
from cloudworthy.local.model.resources import ProvisionedResource
from cloudworthy.local.permissions.decider import Mode
from cloudworthy.local.permissions.service import Permissions
from cloudworthy.local.permissions.usage import IAM_FILE, read_uses
from local.permissions.deployed import (
    ACCOUNT,
    QUEUE_ARN,
    REGION,
    ROLE_ARN,
    TOPIC_ARN,
    allow,
    deployment,
    document,
    resource,
    role,
)

WORKER = Principal(
    f"arn:aws:sts::{ACCOUNT}:assumed-role/worker/Worker", ACCOUNT, ROLE_ARN, "Worker"
)
PERSON = Principal(f"arn:aws:iam::{ACCOUNT}:root", ACCOUNT)
ALARM = Principal(
    "cloudwatch.amazonaws.com",
    "",
    source_arn=f"arn:aws:cloudwatch:{REGION}:{ACCOUNT}:alarm:errors",
)
QUEUE_URL = f"http://127.0.0.1:4566/{ACCOUNT}/work"
SEND = ("sqs", "SendMessage", {"QueueUrl": QUEUE_URL, "MessageBody": "x"})
TOPIC = resource("AWS::SNS::Topic", "Topic", TOPIC_ARN)


@pytest.fixture
def enforced(tmp_path: Path) -> Iterator[Permissions]:
    permissions = Permissions(Mode.ENFORCE, tmp_path, ACCOUNT, SystemClock())
    yield permissions
    permissions.close()


def json_call(principal: Principal, service: str, operation: str, body: Any) -> ApiCall:
    target = {"sqs": "AmazonSQS", "kms": "TrentService", "dynamodb": "DynamoDB_20120810"}[service]
    headers = [("X-Amz-Target", f"{target}.{operation}")]
    request = Request("POST", "/", headers, json.dumps(body).encode())
    return ApiCall(principal, service, operation, REGION, request, "application/x-amz-json-1.0")


def publish(principal: Principal) -> ApiCall:
    body = urlencode({"Action": "Publish", "TopicArn": TOPIC_ARN, "Message": "x"}).encode()
    return ApiCall(principal, "sns", "Publish", REGION, Request("POST", "/", [], body), "text/xml")


def s3_call(principal: Principal, operation: str, method: str, target: str) -> ApiCall:
    request = Request(method, target, [("Host", "127.0.0.1")])
    return ApiCall(principal, "s3", operation, REGION, request, "application/xml")


async def decide(permissions: Permissions, call: ApiCall) -> Decision:
    return await permissions.decider.decide(call)


async def send(permissions: Permissions, principal: Principal = WORKER) -> bool:
    return (await decide(permissions, json_call(principal, *SEND))).allowed


INLINE = role(
    Policies=[{"PolicyName": "P", "PolicyDocument": document(allow("sqs:Send*", QUEUE_ARN))}]
)
ATTACHED = resource(
    "AWS::IAM::Policy",
    "Policy",
    "policy",
    {
        "PolicyName": "P",
        "Roles": ["worker"],
        "PolicyDocument": document(allow("sqs:SendMessage", QUEUE_ARN)),
    },
)
MANAGED_ARN = f"arn:aws:iam::{ACCOUNT}:policy/own"
MANAGED = resource(
    "AWS::IAM::ManagedPolicy",
    "Managed",
    MANAGED_ARN,
    {"PolicyDocument": document(allow("sqs:SendMessage", "*"))},
)
QUEUE_POLICY = resource(
    "AWS::SQS::QueuePolicy",
    "QueuePolicy",
    "policy",
    {
        "Queues": [QUEUE_URL],
        "PolicyDocument": document(
            allow("sqs:SendMessage", QUEUE_ARN, Principal={"AWS": ROLE_ARN})
        ),
    },
)


@pytest.mark.parametrize(
    "resources",
    [
        (INLINE,),
        (role(), ATTACHED),
        (role(ManagedPolicyArns=[MANAGED_ARN]), MANAGED),
        (role(ManagedPolicyArns=["arn:aws:iam::aws:policy/AdministratorAccess"]),),
        (role(), QUEUE_POLICY),
    ],
    ids=["inline", "policy", "managed", "of AWS", "queue"],
)
async def test_a_role_may_what_a_policy_of_the_stack_allows(
    enforced: Permissions, resources: tuple[ProvisionedResource, ...]
) -> None:
    assert not await send(enforced)
    enforced.replace(deployment(*resources))
    assert await send(enforced)
    enforced.replace(deployment(role()))
    assert not await send(enforced)


async def test_a_boundary_limits_what_policies_allow(enforced: Permissions) -> None:
    limited = role(Policies=INLINE.properties["Policies"], PermissionsBoundary=MANAGED_ARN)
    nothing = {"PolicyDocument": document(allow("s3:GetObject", "*"))}
    boundary = resource("AWS::IAM::ManagedPolicy", "Managed", MANAGED_ARN, nothing)
    enforced.replace(deployment(limited, boundary))
    decision = await decide(enforced, json_call(WORKER, *SEND))
    assert decision.message.endswith(
        "because no permissions boundary allows the sqs:sendmessage action"
    )
    enforced.replace(deployment(limited, MANAGED))
    assert await send(enforced)


def test_a_managed_policy_with_unknown_contents_is_an_error(enforced: Permissions) -> None:
    unknown = deployment(role(ManagedPolicyArns=[f"arn:aws:iam::{ACCOUNT}:policy/elsewhere"]))
    with pytest.raises(TemplateError, match=r"ManagedPolicyArns \(Role\).*elsewhere"):
        enforced.add(unknown)


async def test_roles_of_the_version_before_may_go_on_until_they_are_replaced(
    enforced: Permissions,
) -> None:
    enforced.replace(deployment(INLINE))
    enforced.add(deployment())
    assert await send(enforced)
    enforced.replace(deployment())
    assert not await send(enforced)


async def test_the_person_is_stopped_by_an_explicit_deny_only(enforced: Permissions) -> None:
    bucket_policy = resource(
        "AWS::S3::BucketPolicy",
        "BucketPolicy",
        "files",
        {
            "Bucket": "files",
            "PolicyDocument": document(
                {
                    "Effect": "Deny",
                    "Principal": "*",
                    "Action": "s3:*",
                    "Resource": "arn:aws:s3:::files/*",
                    "Condition": {"Bool": {"aws:SecureTransport": "false"}},
                },
                {
                    "Effect": "Deny",
                    "Principal": "*",
                    "Action": "s3:DeleteObject",
                    "Resource": "arn:aws:s3:::files/kept/*",
                },
            ),
        },
    )
    enforced.replace(deployment(bucket_policy))
    assert (await decide(enforced, s3_call(PERSON, "GetObject", "GET", "/files/a"))).allowed
    kept = await decide(enforced, s3_call(PERSON, "DeleteObject", "DELETE", "/files/kept/a"))
    assert kept.message == (
        f"User: arn:aws:iam::{ACCOUNT}:root is not authorized to perform: s3:DeleteObject on "
        'resource: "arn:aws:s3:::files/kept/a" with an explicit deny in a resource-based policy'
    )
    assert (await decide(enforced, json_call(PERSON, "sqs", "Dance", {}))).allowed


@pytest.mark.parametrize(
    ("source", "allowed"), [(f"arn:aws:cloudwatch:{REGION}:*:alarm:*", True), ("arn:*:x", False)]
)
async def test_an_alarm_publishes_by_the_policy_of_the_topic(
    enforced: Permissions, source: str, *, allowed: bool
) -> None:
    statement = allow(
        "sns:Publish",
        TOPIC_ARN,
        Principal={"Service": "cloudwatch.amazonaws.com"},
        Condition={
            "ArnLike": {"aws:SourceArn": source},
            "StringEquals": {"aws:SourceAccount": ACCOUNT},
        },
    )
    policy = {"Topics": [TOPIC_ARN], "PolicyDocument": document(statement)}
    topic_policy = resource("AWS::SNS::TopicPolicy", "TopicPolicy", "policy", policy)
    enforced.replace(deployment(TOPIC, topic_policy))
    assert (await decide(enforced, publish(ALARM))).allowed is allowed


async def test_a_topic_without_a_policy_takes_what_services_of_its_account_publish(
    enforced: Permissions,
) -> None:
    enforced.replace(deployment(TOPIC, role()))
    assert (await decide(enforced, publish(ALARM))).allowed
    elsewhere = Principal(ALARM.arn, "", source_arn=ALARM.source_arn.replace(ACCOUNT, "2" * 12))
    assert not (await decide(enforced, publish(elsewhere))).allowed
    assert not (await decide(enforced, publish(WORKER))).allowed


async def test_a_service_invokes_a_function_by_its_permission(enforced: Permissions) -> None:
    caller = Principal("lambda.alarms.cloudwatch.amazonaws.com", "", source_arn=ALARM.source_arn)
    request = Request("POST", "/2015-03-31/functions/worker/invocations", [])
    call = ApiCall(caller, "lambda", "Invoke", REGION, request, "application/json")
    assert not (await decide(enforced, call)).allowed
    properties = {
        "Action": "lambda:InvokeFunction",
        "FunctionName": "worker",
        "Principal": caller.arn,
        "SourceArn": ALARM.source_arn,
        "SourceAccount": ACCOUNT,
    }
    permission = resource("AWS::Lambda::Permission", "Permission", "x", properties)
    enforced.replace(deployment(permission))
    assert (await decide(enforced, call)).allowed


async def test_a_key_without_a_policy_leaves_it_to_its_account(enforced: Permissions) -> None:
    key = resource("AWS::KMS::Key", "Key", "k1", Arn=f"arn:aws:kms:{REGION}:{ACCOUNT}:key/k1")
    alias = resource("AWS::KMS::Alias", "Alias", "alias/own", {"TargetKeyId": "k1"})
    granted = document(allow("kms:Decrypt", key.attributes["Arn"]))
    worker = role(Policies=[{"PolicyName": "P", "PolicyDocument": granted}])
    enforced.replace(deployment(key, alias, worker))
    call = json_call(WORKER, "kms", "Decrypt", {"KeyId": "alias/own", "CiphertextBlob": "eA=="})
    assert (await decide(enforced, call)).allowed


async def test_what_cannot_be_told_is_refused_and_says_so(enforced: Permissions) -> None:
    enforced.replace(deployment(INLINE))
    decision = await decide(enforced, json_call(WORKER, "sqs", "Dance", {}))
    assert not decision.allowed
    assert "sqs:Dance. The request is refused because sqs has no operation 'Dance'" in (
        decision.message
    )


async def test_an_audit_lets_through_what_it_counts(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    audited = Permissions(Mode.AUDIT, tmp_path, ACCOUNT, SystemClock())
    audited.replace(deployment(role()))
    with caplog.at_level(logging.WARNING):
        assert await send(audited)
        assert await send(audited)
    audited.close()
    (use,) = read_uses(tmp_path / IAM_FILE, since_start=True)
    assert use == (
        ROLE_ARN,
        "Worker",
        "sqs:SendMessage",
        QUEUE_ARN,
        "would be denied",
        "identity-based policy",
    )
    (said,) = caplog.messages
    assert said.startswith("IAM would refuse a call: User: ")
    assert said.endswith(
        f'{{"Effect":"Allow","Action":"sqs:SendMessage","Resource":"{QUEUE_ARN}"}}'
    )


async def test_without_decisions_nothing_is_read_or_kept(tmp_path: Path) -> None:
    off = Permissions(Mode.OFF, tmp_path, ACCOUNT, SystemClock())
    off.add(deployment(role(ManagedPolicyArns=["arn:aws:iam::aws:policy/Unknown"])))
    assert await send(off)
    off.close()
    assert list(tmp_path.iterdir()) == []
