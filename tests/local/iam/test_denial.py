"""The words of a refusal, and the statement that would prevent it."""

from __future__ import annotations

from typing import Any

import pytest

from cloudworthy.local.iam.compiled import PolicyKind
from cloudworthy.local.iam.denial import denial_message, smallest_statement
from cloudworthy.local.iam.evaluation import ApplicablePolicies, Evaluation, Outcome, evaluate
from cloudworthy.local.iam.request import ANONYMOUS, AuthorizationRequest
from cloudworthy.local.model.identity import Principal
from local.iam.cases import compiled
from local.iam.vocabulary import OWN, ROLE, SESSION

CALLER = Principal(SESSION, OWN, ROLE)
TABLE = f"arn:aws:dynamodb:eu-west-1:{OWN}:table/Orders"
QUEUE = f"arn:aws:sqs:eu-west-1:{OWN}:orders"
TOPIC = f"arn:aws:sns:eu-west-1:{OWN}:orders"
FUNCTION = f"arn:aws:lambda:eu-west-1:{OWN}:function:orders"


def request(action: str, *resources: str, principal: Principal = CALLER) -> AuthorizationRequest:
    return AuthorizationRequest(principal, action, resources, {})


def told(outcome: Outcome, kind: PolicyKind) -> str:
    return denial_message(request("dynamodb:GetItem", TABLE), Evaluation(outcome, TABLE, kind))


@pytest.mark.parametrize(
    ("outcome", "kind", "reason"),
    [
        (
            Outcome.IMPLICIT_DENY,
            PolicyKind.IDENTITY,
            "because no identity-based policy allows the dynamodb:GetItem action",
        ),
        (
            Outcome.IMPLICIT_DENY,
            PolicyKind.RESOURCE,
            "because no resource-based policy allows the dynamodb:GetItem action",
        ),
        (
            Outcome.IMPLICIT_DENY,
            PolicyKind.BOUNDARY,
            "because no permissions boundary allows the dynamodb:GetItem action",
        ),
        (
            Outcome.IMPLICIT_DENY,
            PolicyKind.SESSION,
            "because no session policy allows the dynamodb:GetItem action",
        ),
        (
            Outcome.EXPLICIT_DENY,
            PolicyKind.IDENTITY,
            "with an explicit deny in an identity-based policy",
        ),
        (
            Outcome.EXPLICIT_DENY,
            PolicyKind.RESOURCE,
            "with an explicit deny in a resource-based policy",
        ),
        (
            Outcome.EXPLICIT_DENY,
            PolicyKind.BOUNDARY,
            "with an explicit deny in a permissions boundary",
        ),
        (Outcome.EXPLICIT_DENY, PolicyKind.SESSION, "with an explicit deny in a session policy"),
    ],
)
def test_the_reason_is_in_aws_words(outcome: Outcome, kind: PolicyKind, reason: str) -> None:
    assert told(outcome, kind) == (
        f"User: {SESSION} is not authorized to perform: dynamodb:GetItem "
        f"on resource: {TABLE} {reason}"
    )


@pytest.mark.parametrize(
    ("action", "resource", "written_action", "written_resource"),
    [
        ("sqs:SendMessage", QUEUE, "sqs:sendmessage", f" on resource: {QUEUE}"),
        ("sns:Publish", TOPIC, "SNS:Publish", f" on resource: {TOPIC}"),
        ("s3:GetObject", "arn:aws:s3:::b/k", "s3:GetObject", ' on resource: "arn:aws:s3:::b/k"'),
        ("s3:ListAllMyBuckets", "*", "s3:ListAllMyBuckets", ""),
    ],
)
def test_services_write_actions_and_resources_each_in_their_way(
    action: str, resource: str, written_action: str, written_resource: str
) -> None:
    asked = request(action, resource)
    assert denial_message(asked, evaluate(asked, ApplicablePolicies())) == (
        f"User: {SESSION} is not authorized to perform: {written_action}{written_resource} "
        f"because no identity-based policy allows the {written_action} action"
    )


def test_no_reason_is_given_for_a_role_that_may_not_be_assumed() -> None:
    asked = request("sts:AssumeRole", ROLE)
    assert denial_message(asked, evaluate(asked, ApplicablePolicies())) == (
        f"User: {SESSION} is not authorized to perform: sts:AssumeRole on resource: {ROLE}"
    )


@pytest.mark.parametrize(
    ("principal", "user"),
    [(Principal("sns.amazonaws.com", ""), "sns.amazonaws.com"), (ANONYMOUS, "anonymous")],
)
def test_services_and_strangers_are_users_too(principal: Principal, user: str) -> None:
    asked = request("lambda:InvokeFunction", FUNCTION, principal=principal)
    message = denial_message(asked, evaluate(asked, ApplicablePolicies()))
    assert message.startswith(f"User: {user} is not authorized to perform: lambda:InvokeFunction")
    assert message.endswith("no resource-based policy allows the lambda:InvokeFunction action")


def policies(statement: Any, kind: PolicyKind, *resources: str) -> ApplicablePolicies:
    policy = compiled({"Version": "2012-10-17", "Statement": statement}, kind)
    if kind is PolicyKind.RESOURCE:
        return ApplicablePolicies(resource_policies=dict.fromkeys(resources, policy))
    return ApplicablePolicies(identity=(policy,))


@pytest.mark.parametrize(
    ("principal", "resources"),
    [
        (CALLER, (TABLE,)),
        (CALLER, (TABLE, f"{TABLE}2")),
        (Principal("sns.amazonaws.com", ""), (TABLE,)),
        (ANONYMOUS, (TABLE,)),
    ],
)
def test_the_smallest_statement_makes_the_request_allowed(
    principal: Principal, resources: tuple[str, ...]
) -> None:
    asked = request("dynamodb:GetItem", *resources, principal=principal)
    denied = evaluate(asked, ApplicablePolicies())
    assert denied.kind
    statement = smallest_statement(asked, denied)
    assert evaluate(asked, policies(statement, denied.kind, *resources)).allowed


def test_the_smallest_statement_for_a_role() -> None:
    asked = request("dynamodb:GetItem", TABLE)
    assert smallest_statement(asked, evaluate(asked, ApplicablePolicies())) == {
        "Effect": "Allow",
        "Action": "dynamodb:GetItem",
        "Resource": TABLE,
    }


def test_no_statement_helps_against_an_explicit_deny() -> None:
    asked = request("dynamodb:GetItem", TABLE)
    deny = {"Effect": "Deny", "Action": "*", "Resource": "*"}
    denied = evaluate(asked, policies(deny, PolicyKind.IDENTITY))
    assert denied.outcome is Outcome.EXPLICIT_DENY
    assert smallest_statement(asked, denied) is None
