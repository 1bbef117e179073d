"""What the report says of a role, by its policies and the calls that were seen."""

from __future__ import annotations

from typing import Any

import pytest

from cloudworthy.local.model.resources import ProvisionedResource
from cloudworthy.local.permissions.report import FunctionPermissions, Permission, report
from cloudworthy.local.permissions.usage import ALLOWED, DENIED, WOULD_BE_DENIED, Use
from local.permissions.deployed import (
    ACCOUNT,
    QUEUE_ARN,
    REGION,
    ROLE_ARN,
    allow,
    deployment,
    document,
    resource,
    role,
)

FILES = "arn:aws:s3:::files"
TENANT = "${aws:PrincipalTag/tenant}"
TABLE = f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/T"
FUNCTION = resource("AWS::Lambda::Function", "Worker", "Small-Worker", {"Role": ROLE_ARN})
OWN_TENANT = {"ForAllValues:StringEquals": {"dynamodb:leadingkeys": [TENANT]}}


def use(action: str, target: str, outcome: str = ALLOWED, missing_in: str = "") -> Use:
    return Use(ROLE_ARN, "Worker", action, target, outcome, missing_in)


def reported(
    statements: list[dict[str, Any]], *uses: Use, more: tuple[ProvisionedResource, ...] = ()
) -> FunctionPermissions:
    policy = {"PolicyName": "P", "PolicyDocument": document(*statements)}
    (found,) = report(deployment(role(Policies=[policy]), FUNCTION, *more), uses)
    return found


def texts(permissions: tuple[Permission, ...]) -> list[str]:
    return [f"{it.action} on {it.resource}" for it in permissions]


@pytest.mark.parametrize(
    ("granted", "seen", "is_used"),
    [
        (f"{FILES}/*", f"{FILES}/in/*", True),
        (f"{FILES}/in/a", f"{FILES}/in/*", True),
        (f"{FILES}/*/private", f"{FILES}/in/*", True),
        (f"{FILES}/in/*", f"{FILES}/*", False),
        (f"{FILES}/in/*", f"{FILES}/out/*", False),
        (f"{FILES}/{TENANT}/*", f"{FILES}/in/*", True),
        (f"{TABLE}*", f"{TABLE}2", True),
        (TABLE, f"{TABLE}2", False),
        ("*", QUEUE_ARN, True),
    ],
)
def test_a_grant_is_used_by_calls_on_what_it_may_be_about(
    granted: str, seen: str, *, is_used: bool
) -> None:
    found = reported([allow("s3:Get*", granted)], use("s3:GetObject", seen))
    assert texts(found.used if is_used else found.unused) == [f"s3:Get* on {granted}"]
    assert texts(found.unused if is_used else found.used) == []


@pytest.mark.parametrize(
    ("call", "is_used"),
    [
        (use("s3:GetObject", f"{FILES}/*"), True),
        (use("iam:GetRole", "arn:aws:iam::1:role/r"), False),
        (use("sqs:SendMessage", QUEUE_ARN), False),
    ],
)
def test_what_is_not_named_is_granted(call: Use, *, is_used: bool) -> None:
    found = reported([{"Effect": "Allow", "NotAction": "iam:*", "NotResource": QUEUE_ARN}], call)
    shown = [f"NotAction iam:* on NotResource {QUEUE_ARN}"]
    assert texts(found.used) == (shown if is_used else [])
    assert texts(found.wildcards) == shown


def test_what_lambda_does_counts_as_needed_unless_a_call_uses_it() -> None:
    grant = allow("logs:PutLogEvents", "*")
    (by_lambda,) = reported([grant]).used_by_lambda
    assert by_lambda.reason == "Lambda writes the function's log with it"
    found = reported([grant], use("logs:PutLogEvents", "arn:aws:logs:r:a:log-group:g"))
    assert texts(found.used) == ["logs:PutLogEvents on *"]
    assert found.used_by_lambda == ()


def test_the_smallest_policy_keeps_conditions_and_what_is_denied() -> None:
    condition = {"Condition": OWN_TENANT}
    deny = {"Effect": "Deny", "Action": ["dynamodb:Scan"], "Resource": ["*"]}
    statements = [allow("dynamodb:*", f"{TABLE}*", **condition), deny]
    found = reported(
        statements, use("dynamodb:GetItem", TABLE), use("dynamodb:PutItem", TABLE, DENIED)
    )
    assert found.smallest_policy == document(
        {"Effect": "Allow", "Action": ["dynamodb:GetItem"], "Resource": [TABLE], **condition}, deny
    )
    assert not found.is_smallest


def test_the_smallest_policy_does_without_a_condition_where_the_role_has_none() -> None:
    statements = [allow("dynamodb:GetItem", TABLE, Condition=OWN_TENANT), allow("dynamodb:*", "*")]
    found = reported(statements, use("dynamodb:GetItem", TABLE))
    assert found.smallest_policy == document(
        {"Effect": "Allow", "Action": ["dynamodb:GetItem"], "Resource": [TABLE]}
    )


def test_texts_of_the_version_of_2008_mean_the_same_in_the_smallest_policy() -> None:
    target = f"{FILES}/${{aws:username}}"
    old = {
        "Version": "2008-10-17",
        "Statement": [
            allow("s3:GetObject", target, Condition={"StringLike": {"aws:userid": "${a}*"}})
        ],
    }
    policies = [{"PolicyName": "P", "PolicyDocument": old}]
    seen = use("s3:GetObject", f"{FILES}/*")
    (found,) = report(deployment(role(Policies=policies), FUNCTION), [seen])
    assert found.smallest_policy == document(
        {
            "Effect": "Allow",
            "Action": ["s3:GetObject"],
            "Resource": [f"{FILES}/${{$}}{{aws:username}}"],
            "Condition": {"StringLike": {"aws:userid": ["${$}{a}*"]}},
        }
    )


def test_a_role_that_uses_all_it_has_has_the_smallest_policy() -> None:
    grants = [allow("s3:GetObject", f"{FILES}/*"), allow("logs:PutLogEvents", "*")]
    seen = [use("s3:GetObject", f"{FILES}/in/*"), use("s3:GetObject", f"{FILES}/*")]
    assert reported(grants, *seen).is_smallest
    assert not reported(grants, *seen[:1]).is_smallest
    assert not reported([*grants, allow("s3:PutObject", f"{FILES}/*")], *seen).is_smallest


def test_nothing_needed_is_no_policy() -> None:
    found = reported([allow("s3:GetObject", "*")], use("s3:PutObject", FILES, DENIED))
    assert found.smallest_policy is None


def test_a_refused_call_is_told_with_what_would_allow_it() -> None:
    identity, resource_based = "identity-based policy", "resource-based policy"
    found = reported(
        [allow("s3:GetObject", "*")],
        use("sqs:SendMessage", QUEUE_ARN, DENIED, identity),
        use("s3:PutObject", f"{FILES}/a*b/*", WOULD_BE_DENIED, identity),
        use("kms:Decrypt", "arn:aws:kms:r:a:key/k", DENIED, resource_based),
    )
    assert {(it.action, it.reason) for it in found.denied} == {
        ("sqs:SendMessage", identity),
        ("s3:PutObject", identity),
        ("kms:Decrypt", resource_based),
    }
    send = {"Effect": "Allow", "Action": ["sqs:SendMessage"], "Resource": [QUEUE_ARN]}
    put = {"Effect": "Allow", "Action": ["s3:PutObject"], "Resource": [f"{FILES}/a${{*}}b/*"]}
    assert found.missing == [put, send]
    assert found.smallest_policy == document(put)


def test_resources_go_by_the_names_of_their_constructs() -> None:
    arn = f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/Small-Items-1"
    log = f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:Small-Log-1:*"
    items = ProvisionedResource(
        "Items1", "AWS::DynamoDB::Table", "Small-Items-1", {}, {"Arn": arn}, "Small/Items/Resource"
    )
    more = (
        items,
        resource("AWS::Logs::LogGroup", "Log", "Small-Log-1", Arn=log),
        resource("AWS::EC2::Subnet", "Subnet", "subnet-1"),
    )
    wanted = {
        f"{arn}/index/I": "Items/index/I",
        arn: "Items",
        f"{arn}2": "table/Small-Items-12",
        log: "Log:*",
        f"arn:aws:ec2:{REGION}:{ACCOUNT}:subnet/subnet-1": "Subnet",
        f"arn:aws:ec2:{REGION}:{ACCOUNT}:network-interface/*": "network-interface/*",
        f"arn:aws:sqs:eu-west-1:{ACCOUNT}:work": f"arn:aws:sqs:eu-west-1:{ACCOUNT}:work",
        "*": "*",
    }
    found = reported([allow("x:Y", target) for target in wanted], more=more)
    assert {it.resource: it.name for it in found.unused} == wanted
