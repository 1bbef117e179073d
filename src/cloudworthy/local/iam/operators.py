"""The condition operators of IAM: their names, and which test each makes of its values.

Source: IAM user guide, "IAM JSON policy elements: Condition operators" (documented).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import Enum

from cloudworthy.local.iam import comparisons
from cloudworthy.local.iam.comparisons import Comparison, PolicyText

_NAME = re.compile(r"(?:(ForAllValues|ForAnyValue):)?(\w+?)(IfExists)?", re.IGNORECASE)


class Quantifier(Enum):
    """How a key with several values is looked at."""

    ONE = ""
    ALL = "ForAllValues"
    ANY = "ForAnyValue"


@dataclass(frozen=True, slots=True)
class Family:
    """Operators that compare alike; a negative one holds when no value compares equal."""

    compile: Callable[[PolicyText], Comparison]
    negative: bool = False


@dataclass(frozen=True, slots=True)
class Operator:
    """An operator as a policy names it."""

    name: str
    family: Family | None
    """None for ``Null``, which looks at the presence of a key only."""
    quantifier: Quantifier = Quantifier.ONE
    if_exists: bool = False

    def compile(self, values: Sequence[str], *, variables: bool) -> list[Comparison]:
        """Comparisons with each value of a condition, any of which has to hold."""
        if self.family is None:
            return []
        return [self.family.compile(PolicyText(value, variables)) for value in values]


def parse_operator(name: str) -> Operator | None:
    """Read an operator with its prefix and suffix; None if there is none of that name."""
    found = _NAME.fullmatch(name)
    if found is None:
        return None
    prefix, base, suffix = found.groups()
    if base.lower() == "null":
        return Operator(name, None) if not prefix and not suffix else None
    family = _FAMILIES.get(base.lower())
    quantifiers = {quantifier.value.lower(): quantifier for quantifier in Quantifier}
    quantifier = quantifiers[(prefix or "").lower()]
    return Operator(name, family, quantifier, if_exists=bool(suffix)) if family else None


_EQUAL = Family(comparisons.text_equals)
_EQUAL_IGNORING_CASE = Family(comparisons.text_equals_ignoring_case)
_LIKE = Family(comparisons.text_like)
_ARN = Family(comparisons.arn_like)
_ADDRESS = Family(comparisons.address_within)


def _not(family: Family) -> Family:
    return Family(family.compile, negative=True)


def _ordered(
    compile_with: Callable[[comparisons.Ordering], Callable[[PolicyText], Comparison]],
) -> dict[str, Family]:
    return {
        "Equals": Family(compile_with(comparisons.equal)),
        "NotEquals": _not(Family(compile_with(comparisons.equal))),
        "LessThan": Family(compile_with(comparisons.less)),
        "LessThanEquals": Family(compile_with(comparisons.less_or_equal)),
        "GreaterThan": Family(compile_with(comparisons.greater)),
        "GreaterThanEquals": Family(compile_with(comparisons.greater_or_equal)),
    }


_BY_NAME = {
    "StringEquals": _EQUAL,
    "StringNotEquals": _not(_EQUAL),
    "StringEqualsIgnoreCase": _EQUAL_IGNORING_CASE,
    "StringNotEqualsIgnoreCase": _not(_EQUAL_IGNORING_CASE),
    "StringLike": _LIKE,
    "StringNotLike": _not(_LIKE),
    **{f"Numeric{name}": family for name, family in _ordered(comparisons.number).items()},
    **{f"Date{name}": family for name, family in _ordered(comparisons.date).items()},
    "Bool": Family(comparisons.boolean),
    "BinaryEquals": Family(comparisons.binary),
    "IpAddress": _ADDRESS,
    "NotIpAddress": _not(_ADDRESS),
    "ArnEquals": _ARN,
    "ArnLike": _ARN,
    "ArnNotEquals": _not(_ARN),
    "ArnNotLike": _not(_ARN),
}
_FAMILIES = {name.lower(): family for name, family in _BY_NAME.items()}
