"""Comparisons of one value of a request with one value of a condition, by kind of value.

A comparison answers None when the two cannot be compared: a number with a text, or a variable
without a value. Then neither an operator nor its negative holds.

Source: IAM user guide, "IAM JSON policy elements: Condition operators" (documented), which also
says with which of them policy variables work.
"""

from __future__ import annotations

import base64
import binascii
import ipaddress
import operator
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from cloudworthy.local.iam.pattern import arn_pattern, text_pattern
from cloudworthy.local.iam.request import Context

Comparison = Callable[[str, Context], bool | None]
Ordering = Callable[[float, float], bool]
Network = ipaddress.IPv4Network | ipaddress.IPv6Network


@dataclass(frozen=True, slots=True)
class PolicyText:
    """A value of a condition, and whether ``${...}`` in it is a variable."""

    value: str
    has_variables: bool


equal: Ordering = operator.eq
less: Ordering = operator.lt
less_or_equal: Ordering = operator.le
greater: Ordering = operator.gt
greater_or_equal: Ordering = operator.ge

_NUMBER = re.compile(r"[+-]?\d+(\.\d+)?")
_EPOCH = re.compile(r"\d+")
_DATE = re.compile(r"\d{4}(-\d\d(-\d\d(T\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d))?)?)?")


def text_equals(text: PolicyText) -> Comparison:
    return text_pattern(text.value, variables=text.has_variables, wildcards=False).matches


def text_equals_ignoring_case(text: PolicyText) -> Comparison:
    return text_pattern(
        text.value, variables=text.has_variables, wildcards=False, ignore_case=True
    ).matches


def text_like(text: PolicyText) -> Comparison:
    return text_pattern(text.value, variables=text.has_variables, wildcards=True).matches


def arn_like(text: PolicyText) -> Comparison:
    """Segment by segment, with wildcards: ``ArnEquals`` and ``ArnLike`` behave alike."""
    pattern = arn_pattern(text.value, variables=text.has_variables)

    def compare(value: str, context: Context) -> bool | None:
        if pattern is None or value.count(":") < 5:
            return None
        return pattern.matches(value, context)

    return compare


def number(holds: Ordering) -> Callable[[PolicyText], Comparison]:
    return _ordered(_number, holds)


def date(holds: Ordering) -> Callable[[PolicyText], Comparison]:
    """Dates in the W3C's notation or as seconds since 1970."""
    return _ordered(_seconds, holds)


def boolean(text: PolicyText) -> Comparison:
    pattern = text_pattern(
        text.value, variables=text.has_variables, wildcards=False, ignore_case=True
    )

    def compare(value: str, context: Context) -> bool | None:
        return pattern.matches(value, context) if value.lower() in ("true", "false") else None

    return compare


def binary(text: PolicyText) -> Comparison:
    """Base64 on both sides, compared by what it stands for."""
    wanted = _bytes(text.value)

    def compare(value: str, _context: Context) -> bool | None:
        found = _bytes(value)
        return None if wanted is None or found is None else found == wanted

    return compare


def address_within(text: PolicyText) -> Comparison:
    """An address in a range, or the same one; one of the other family is outside."""
    network = _network(text.value)

    def compare(value: str, _context: Context) -> bool | None:
        try:
            address = ipaddress.ip_address(value)
        except ValueError:
            return None
        return None if network is None else address in network

    return compare


def _ordered(
    read: Callable[[str], float | None], holds: Ordering
) -> Callable[[PolicyText], Comparison]:
    def compile_value(text: PolicyText) -> Comparison:
        wanted = read(text.value)

        def compare(value: str, _context: Context) -> bool | None:
            found = read(value)
            return None if wanted is None or found is None else holds(found, wanted)

        return compare

    return compile_value


def _number(text: str) -> float | None:
    return float(text) if _NUMBER.fullmatch(text) else None


def _seconds(text: str) -> float | None:
    if _EPOCH.fullmatch(text) and len(text) != 4:
        return float(text)
    if not _DATE.fullmatch(text):
        return None
    complete = text if len(text) > 7 else f"{text}-01-01"[:10]
    try:
        parsed = datetime.fromisoformat(complete)
    except ValueError:
        return None
    return (parsed if parsed.tzinfo else parsed.replace(tzinfo=UTC)).timestamp()


def _bytes(text: str) -> bytes | None:
    try:
        return base64.b64decode(text, validate=True)
    except binascii.Error:
        return None


def _network(text: str) -> Network | None:
    try:
        return ipaddress.ip_network(text, strict=False)
    except ValueError:
        return None
