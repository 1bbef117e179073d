"""Condition operators, keys with several values and keys that are missing."""

from __future__ import annotations

from typing import Any

import pytest

from cloudworthy.local.iam.conditions import compile_condition
from cloudworthy.local.iam.policy import parse_policy
from cloudworthy.local.iam.request import Context, ContextValue

BUCKET = "arn:aws:s3:::bucket"


def met(operator: str, wanted: Any, found: ContextValue | None) -> bool:
    """Whether a condition on one key is met."""
    condition = {operator: {"Test:Key": wanted}}
    statement = {"Effect": "Allow", "Action": "*", "Resource": "*", "Condition": condition}
    policy = parse_policy({"Version": "2012-10-17", "Statement": statement}, name="P")
    context: dict[str, ContextValue] = {"aws:username": "ann"}
    if found is not None:
        context["test:kEY"] = found
    test = compile_condition(policy.statements[0].conditions[0], variables=True)
    return test(Context(context))


@pytest.mark.parametrize(
    ("operator", "wanted", "found", "expected"),
    [
        ("StringEquals", ["a", "b"], "b", True),
        ("StringEquals", "a*", "ab", False),
        ("StringEquals", "${aws:username}", "ann", True),
        ("StringEquals", "${*}", "*", True),
        ("StringNotEquals", ["a", "b"], "b", False),
        ("StringNotEquals", ["a", "b"], "c", True),
        ("stringequals", "a", "a", True),
        ("StringEqualsIgnoreCase", "Ab", "aB", True),
        ("StringNotEqualsIgnoreCase", "Ab", "aB", False),
        ("StringLike", "a?c*", "abcd", True),
        ("StringNotLike", ["x*", "a*"], "abcd", False),
        ("NumericEquals", "10", "10.0", True),
        ("NumericNotEquals", "10", "11", True),
        ("NumericNotEquals", "10", "ten", False),
        ("NumericLessThan", "10", "9", True),
        ("NumericLessThanEquals", "10", "10", True),
        ("NumericGreaterThan", "10", "9", False),
        ("NumericGreaterThanEquals", 10, "10", True),
        ("DateEquals", "2026-01-01T00:00:00Z", "2026-01-01T01:00:00+01:00", True),
        ("DateEquals", "2026", "2026-01-01T00:00:00Z", True),
        ("DateEquals", "1767225600", "2026-01-01T00:00:00Z", True),
        ("DateNotEquals", "2026-01-01", "2026-01-02", True),
        ("DateLessThan", "2026-01-01T00:00:00.5Z", "2026-01-01T00:00:00.25Z", True),
        ("DateLessThanEquals", "2026-01", "2026-01-01", True),
        ("DateGreaterThan", "2026-01-01", "not a date", False),
        ("DateGreaterThanEquals", "2026-02-31", "2026-02-28", False),
        ("Bool", "true", "TRUE", True),
        ("Bool", True, "true", True),
        ("Bool", "false", "maybe", False),
        ("BinaryEquals", "QmluYXJ5", "QmluYXJ5", True),
        ("BinaryEquals", "QmluYXJ5", "not base64!", False),
        ("IpAddress", "10.0.0.0/8", "10.9.8.7", True),
        ("IpAddress", "0.0.0.0/0", "203.0.113.7", True),
        ("IpAddress", "10.0.0.1", "10.0.0.1", True),
        ("IpAddress", "2001:db8::/32", "2001:0db8:0::1", True),
        ("IpAddress", "2001:db8::1", "2001:db8:0:0::1", True),
        ("IpAddress", "10.0.0.0/8", "2001:db8::1", False),
        ("NotIpAddress", "10.0.0.0/8", "2001:db8::1", True),
        ("NotIpAddress", ["10.0.0.0/8", "192.0.2.1"], "192.0.2.1", False),
        ("NotIpAddress", "192.0.2.1", "2001:db8::1", True),
        ("NotIpAddress", "10.0.0.0/8", "no address", False),
        ("ArnEquals", "arn:aws:s3:::b*", BUCKET, True),
        ("ArnLike", "arn:aws:s3:*:*:bucket", BUCKET, True),
        ("ArnLike", "arn:aws:s3*", BUCKET, False),
        ("ArnNotEquals", "arn:aws:s3:::other", BUCKET, True),
        ("ArnNotLike", "arn:aws:s3:::b*", BUCKET, False),
        ("ArnNotLike", "arn:aws:s3:::b*", "no arn", False),
        ("Null", "true", None, True),
        ("Null", "true", "x", False),
        ("Null", False, "x", True),
    ],
)
def test_operators(operator: str, wanted: Any, found: str | None, *, expected: bool) -> None:
    assert met(operator, wanted, found) is expected


@pytest.mark.parametrize(
    ("operator", "expected"),
    [
        ("StringEquals", False),
        ("StringNotEquals", True),
        ("StringEqualsIfExists", True),
        ("Bool", False),
        ("BoolIfExists", True),
        ("NotIpAddress", True),
        ("ArnNotLike", True),
        ("NumericLessThan", False),
        ("ForAllValues:StringEquals", True),
        ("ForAnyValue:StringEquals", False),
        ("ForAnyValue:StringNotEquals", False),
        ("ForAnyValue:StringEqualsIfExists", True),
    ],
)
def test_a_missing_key(operator: str, *, expected: bool) -> None:
    assert met(operator, "true", None) is expected


@pytest.mark.parametrize(
    ("operator", "found", "expected"),
    [
        ("ForAllValues:StringEquals", ("a", "b"), True),
        ("ForAllValues:StringEquals", ("a", "x"), False),
        ("ForAllValues:StringEquals", (), True),
        ("ForAllValues:StringNotEquals", ("x", "a"), False),
        ("ForAnyValue:StringEquals", ("x", "a"), True),
        ("ForAnyValue:StringEquals", "a", True),
        ("ForAnyValue:StringEquals", (), False),
        ("ForAnyValue:StringNotEquals", ("a", "x"), True),
        ("ForAnyValue:StringNotEquals", ("a", "b"), False),
        ("StringEquals", ("a",), False),
        ("Null", ("a",), False),
    ],
)
def test_a_key_with_several_values(operator: str, found: ContextValue, *, expected: bool) -> None:
    wanted = "true" if operator == "Null" else ["a", "b"]
    assert met(operator, wanted, found) is expected


def test_a_variable_without_a_value_equals_nothing_and_differs_from_nothing() -> None:
    assert not met("StringEquals", "${aws:missing}", "x")
    assert not met("StringNotEquals", "${aws:missing}", "x")
