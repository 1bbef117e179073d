"""Wildcards and variables in texts and ARNs."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cloudworthy.local.iam.pattern import arn_pattern, text_pattern
from cloudworthy.local.iam.request import Context

CONTEXT = Context({"aws:username": "an*n", "aws:PrincipalTag/team": "blue", "aws:TagKeys": ("a",)})
PLAIN = st.text(alphabet="abc.-/:+(", max_size=12)


def like(text: str, value: str, *, variables: bool = True) -> bool | None:
    return text_pattern(text, variables=variables, wildcards=True).matches(value, CONTEXT)


def arn(text: str, value: str, *, pad: bool = False) -> bool | None:
    pattern = arn_pattern(text, variables=True, pad=pad)
    return pattern.matches(value, CONTEXT) if pattern else None


@pytest.mark.parametrize(
    ("text", "value", "expected"),
    [
        ("a*c", "abbc", True),
        ("a?c", "ac", False),
        ("a.b", "aXb", False),
        ("*", "line\nbreak", True),
        ("${aws:username}/*", "an*n/file", True),
        ("${aws:username}/*", "anXn/file", False),
        ("${AWS:UserName}", "an*n", True),
        ("${*}${?}${$}", "*?$", True),
        ("${*}", "x", False),
        ("${aws:PrincipalTag/team, 'red'}", "blue", True),
        ("${aws:PrincipalTag/none, 'red'}", "red", True),
        ("${aws:missing}", "", None),
        ("${aws:TagKeys}", "a", None),
        ("${unfinished", "${unfinished", True),
    ],
)
def test_texts(text: str, value: str, *, expected: bool | None) -> None:
    assert like(text, value) is expected


def test_the_first_version_takes_variables_literally() -> None:
    assert like("${aws:username}", "${aws:username}", variables=False)
    assert like("${*}", "${anything}", variables=False)


@pytest.mark.parametrize(
    ("text", "value", "expected"),
    [
        ("arn:aws:sqs:*:*:orders", "arn:aws:sqs:eu-west-1:111122223333:orders", True),
        ("arn:aws:sqs:*:orders", "arn:aws:sqs:eu-west-1:111122223333:orders", None),
        ("arn:aws:lambda:*:*:live", "arn:aws:lambda:eu-west-1:111122223333:fn:live", False),
        ("arn:aws:s*:::bucket", "arn:aws:s3:::bucket", True),
        ("arn:aws:s3:::bucket/*", "arn:aws:s3:::bucket/a/b:c", True),
        ("arn:aws:*:bucket:x:y:z", "arn:aws:s3:a:bucket:x:y:z", False),
        ("arn:aws:ec2:*:*:*/*", "arn:aws:ec2:eu-west-1:111122223333:instance/i-1", True),
        ("arn:aws:sns:*:*:${aws:PrincipalTag/team}", "arn:aws:sns:r:1:blue", True),
        ("arn:aws:s3:::b/${*}", "arn:aws:s3:::b/x", False),
        ("arn:aws:s3:::b/x*y", "arn:aws:s3:::b/x*y", True),
    ],
)
def test_arns(text: str, value: str, *, expected: bool | None) -> None:
    assert arn(text, value) is expected


def test_a_short_arn_is_completed_where_it_is_padded() -> None:
    assert arn("arn:aws:s3*", "arn:aws:s3:::b/k", pad=True)
    assert arn("arn:aws:s3:::", "arn:aws:s3:::", pad=True)
    assert not arn("arn:aws:s3", "arn:aws:sqs:r:1:q", pad=True)


@given(text=PLAIN, value=PLAIN)
def test_a_text_without_wildcards_matches_itself_only(text: str, value: str) -> None:
    assert like(text, value) is (text == value)


@given(head=PLAIN, tail=PLAIN, value=PLAIN)
def test_an_asterisk_stands_for_any_text(head: str, tail: str, value: str) -> None:
    assert like(f"{head}*{tail}", head + value + tail)
    expected = (
        value.startswith(head) and value.endswith(tail) and len(value) >= len(head) + len(tail)
    )
    assert like(f"{head}*{tail}", value) is expected
