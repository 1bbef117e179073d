"""Conditions of a statement, ready to be tested against the keys of a request.

Source: IAM user guide, "IAM JSON policy elements: Condition operators" and "Set operators for
multivalued context keys" (documented).
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from cloudworthy.local.iam.comparisons import Comparison
from cloudworthy.local.iam.operators import Operator, Quantifier
from cloudworthy.local.iam.policy import Condition
from cloudworthy.local.iam.request import Context, ContextValue

ConditionTest = Callable[[Context], bool]


def compile_condition(condition: Condition, *, variables: bool) -> ConditionTest:
    """A test that says whether a request meets the condition."""
    if condition.operator.family is None:
        return partial(_is_null, condition.key, frozenset(v.lower() for v in condition.values))
    holds = _Holds(
        condition.operator.compile(condition.values, variables=variables),
        negative=condition.operator.family.negative,
    )
    return partial(_meets, condition.key, condition.operator, holds)


class _Holds:
    """Whether one value of a request stands to the values of a condition as it should."""

    __slots__ = ("_comparisons", "_negative")

    def __init__(self, comparisons: list[Comparison], *, negative: bool) -> None:
        self._comparisons = comparisons
        self._negative = negative

    def __call__(self, value: str, context: Context) -> bool:
        if self._negative:
            return all(compare(value, context) is False for compare in self._comparisons)
        return any(compare(value, context) for compare in self._comparisons)


def _is_null(key: str, wanted: frozenset[str], context: Context) -> bool:
    return ("true" if context.get(key) is None else "false") in wanted


def _meets(key: str, operator: Operator, holds: _Holds, context: Context) -> bool:
    value = context.get(key)
    if value is None:
        return _is_met_without_key(operator)
    if operator.quantifier is Quantifier.ONE:
        return isinstance(value, str) and holds(value, context)
    results = (holds(one, context) for one in _all_of(value))
    return all(results) if operator.quantifier is Quantifier.ALL else any(results)


def _is_met_without_key(operator: Operator) -> bool:
    if operator.if_exists or operator.quantifier is Quantifier.ALL:
        return True
    negative = operator.family is not None and operator.family.negative
    return negative and operator.quantifier is Quantifier.ONE


def _all_of(value: ContextValue) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else value
