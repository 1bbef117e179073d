"""Numbers between JSON and DynamoDB.

DynamoDB keeps 38 decimal digits. pydynox passes integers of any length on as they are and
reads fractions as the nearest double, so that a fraction becomes that double before it is
written: what is answered at once is then what is read ever after.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any, TypeAlias

Json: TypeAlias = Any
"""What `json.loads` returns, and `Decimal` where it is told so."""

MAX_DIGITS = 38
_TOO_LONG: int = 10**MAX_DIGITS


def plain(value: Json) -> Json:
    """A JSON value with `int` for whole numbers (`3`, never `3.0`) and `float` for the rest.

    A whole number of more than 38 digits, which DynamoDB spells out (`1e40`), is a `float`, so
    that a client may send back what it was given.
    """
    if isinstance(value, dict):
        return {name: plain(member) for name, member in value.items()}
    if isinstance(value, list):
        return [plain(member) for member in value]
    if isinstance(value, Decimal):
        whole = value.adjusted() < MAX_DIGITS and value == value.to_integral_value()
        return int(value) if whole else float(value)
    if isinstance(value, int) and abs(value) >= _TOO_LONG:
        return float(value)
    return value
