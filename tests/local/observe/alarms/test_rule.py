from __future__ import annotations

import pytest

from cloudworthy.local.observe.alarms.definition import State
from cloudworthy.local.observe.alarms.rule import parse_rule
from cloudworthy.local.observe.metrics.expression import ExpressionError

STATES = {"a": State.ALARM, "b": State.OK, "with space": State.ALARM}


@pytest.mark.parametrize(
    ("rule", "holds"),
    [
        ("ALARM(a)", True),
        ('ALARM("a") AND OK("b")', True),
        ("ALARM(a) AND NOT OK(b)", False),
        ("ALARM(b) OR (ALARM(a) AND TRUE)", True),
        ("NOT (ALARM(a) OR ALARM(b))", False),
        ('ALARM("with space")', True),
        ("INSUFFICIENT_DATA(a)", False),
        ("FALSE OR TRUE AND FALSE", False),
        ("ALARM(arn:aws:cloudwatch:us-east-1:000000000000:alarm:a)", True),
    ],
)
def test_rules(rule: str, holds: bool) -> None:  # noqa: FBT001
    assert parse_rule(rule)(lambda name: STATES[name.rpartition(":")[2]]) is holds


@pytest.mark.parametrize("rule", ["", "ALARM", "ALARM(a", "ALARM(a) AND", "a", "ALARM(a) ALARM(b)"])
def test_what_is_no_rule_is_refused(rule: str) -> None:
    with pytest.raises(ExpressionError):
        parse_rule(rule)
