"""Which JSON values DynamoDB can keep without changing them.

Source: Amazon DynamoDB developer guide, "Quotas", on numbers (38 digits, magnitudes from 1E-130
to 9.99E+125), nesting (32 levels) and attribute names (1 byte to 64 KB) (documented).
"""

from __future__ import annotations

from decimal import Decimal

from caller_text import readable
from items.data.numbers import MAX_DIGITS, Json, plain
from items.logic.errors import Problem

MAX_DEPTH = 28
_MAX_NAME_BYTES = 65_535
_SMALLEST = 1e-130
_BEYOND = 1e126


def problems_of(path: str, value: Json, depth: int = 1) -> list[Problem]:
    """What in a value cannot be kept; `path` says where the value is."""
    if isinstance(value, bool) or value is None:
        return []
    if isinstance(value, str):
        return [] if _encodable(value) else [Problem(path, "half a surrogate pair in a string")]
    if isinstance(value, int | Decimal):
        reason = _number_problem(value)
        return [Problem(path, reason)] if reason else []
    if depth > MAX_DEPTH:
        return [Problem(path, f"nested more than {MAX_DEPTH} levels deep")]
    if isinstance(value, list):
        members = [(f"{path}[{index}]", member) for index, member in enumerate(value)]
    else:
        members = [(f"{path}.{readable(name)}", member) for name, member in value.items()]
        bad = [name for name in value if not is_usable_name(name)]
        if bad:
            return [Problem(f"{path}.{readable(name)}", "not a usable name") for name in bad]
    return [each for where, member in members for each in problems_of(where, member, depth + 1)]


def is_usable_name(name: str) -> bool:
    return bool(name) and _encodable(name) and len(name.encode()) <= _MAX_NAME_BYTES


def _number_problem(value: int | Decimal) -> str | None:
    if isinstance(value, int):
        too_long = len(str(abs(value))) > MAX_DIGITS
        return f"integer of more than {MAX_DIGITS} digits" if too_long else None
    if value.is_finite() and value.as_tuple().exponent == 0 and value.adjusted() >= MAX_DIGITS:
        return f"integer of more than {MAX_DIGITS} digits"
    in_range = value.is_finite() and (not value or _SMALLEST <= abs(plain(value)) < _BEYOND)
    return None if in_range else "number out of range"


def _encodable(text: str) -> bool:
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True
