from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cloudworthy.local.apigateway.authorizers.policy import (
    PolicyDecision,
    PolicyError,
    evaluate_policy,
)

ARN = "arn:aws:execute-api:us-east-1:000000000000:abcde12345/prod/GET/items/1"


def statement(effect: str, *resources: str, **changes: Any) -> dict[str, Any]:
    return {
        "Effect": effect,
        "Action": "execute-api:Invoke",
        "Resource": list(resources),
        **changes,
    }


def decide(*statements: Any) -> PolicyDecision:
    return evaluate_policy({"Version": "2012-10-17", "Statement": list(statements)}, ARN)


@pytest.mark.parametrize(
    "resource",
    [
        ARN,
        "*",
        "arn:aws:execute-api:*:*:abcde12345/*/GET/*",
        "arn:aws:execute-api:us-east-1:000000000000:abcde12345/prod/*",
        ARN[:-1] + "?",
    ],
)
def test_a_resource_that_matches_is_allowed(resource: str) -> None:
    assert decide(statement("Allow", "arn:other", resource)) is PolicyDecision.ALLOWED


@pytest.mark.parametrize("resource", [ARN[:-1], ARN + "?", ARN.replace("items", "i.ems"), "arn:*x"])
def test_another_resource_is_not_allowed(resource: str) -> None:
    assert decide(statement("Allow", resource)) is PolicyDecision.NOT_ALLOWED


def test_an_explicit_deny_comes_before_any_allow() -> None:
    allowed, denied = statement("Allow", "*"), statement("Deny", ARN)
    assert decide(allowed, denied) is PolicyDecision.EXPLICITLY_DENIED
    assert decide(denied, allowed) is PolicyDecision.EXPLICITLY_DENIED


@pytest.mark.parametrize(
    ("action", "allowed"),
    [
        ("execute-api:*", True),
        ("EXECUTE-API:invoke", True),
        (["s3:GetObject", "execute-api:Inv*"], True),
        ("*", True),
        ("execute-api:ManageConnections", False),
    ],
)
def test_actions(action: Any, allowed: bool) -> None:  # noqa: FBT001 - a case of the table
    found = decide(statement("Allow", "*", Action=action))
    assert found is (PolicyDecision.ALLOWED if allowed else PolicyDecision.NOT_ALLOWED)


def test_a_single_statement_needs_no_list() -> None:
    document = {"Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}
    assert evaluate_policy(document, ARN) is PolicyDecision.ALLOWED


def test_no_statement_allows_nothing() -> None:
    assert decide() is PolicyDecision.NOT_ALLOWED


@pytest.mark.parametrize(
    "document",
    [
        None,
        "Allow",
        {},
        {"Statement": ["Allow"]},
        {"Statement": [{"Effect": "allow", "Action": "*", "Resource": "*"}]},
        {"Statement": [{"Effect": "Deny", "Action": "*"}]},
        {"Statement": [{"Effect": "Allow", "Resource": "*"}]},
        {"Statement": [statement("Allow", "*", Condition={"Bool": {}})]},
        {"Statement": [statement("Allow", "*"), statement("Deny", "x", NotAction="y")]},
        {"Statement": [statement("Allow", "*", Action=[1])]},
    ],
)
def test_what_cannot_be_evaluated_is_an_error(document: Any) -> None:
    with pytest.raises(PolicyError):
        evaluate_policy(document, ARN)


@given(st.text(alphabet="abc/.+?*[]", max_size=12), st.text(alphabet="abc/.+[]", max_size=12))
def test_a_pattern_without_wildcards_matches_only_itself(pattern: str, arn: str) -> None:
    document = {"Statement": statement("Allow", pattern)}
    if not {"*", "?"} & set(pattern):
        expected = PolicyDecision.ALLOWED if pattern == arn else PolicyDecision.NOT_ALLOWED
        assert evaluate_policy(document, arn) is expected
