"""A number comes back as it was sent."""

from __future__ import annotations

import json
import math
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from items.data.numbers import plain
from services.systems import every_system

if TYPE_CHECKING:
    from services.api import Api

LARGEST = 10**38 - 1


def body_with(api: Api, text: str) -> str:
    """A body with a value as it is spelt."""
    return json.dumps(api.system.holding({"n": "VALUE"})).replace('"VALUE"', text)


def sent_and_read(api: Api, text: str) -> tuple[str, Any]:
    """The text of a number as it is read later, and the number."""
    reply = api("POST", api.system.collection, body_with(api, "[" + text + "]"))
    assert reply.status == 201, reply.body
    read = api("GET", api.system.path(reply.json)).body
    assert json.loads(read) == reply.json
    text = read.partition('"n":[')[2].partition("]")[0]
    return text, json.loads(text)


@every_system
@given(number=st.integers(-LARGEST, LARGEST))
def test_integers_of_up_to_38_digits_are_exact(api: Api, number: int) -> None:
    assert sent_and_read(api, str(number)) == (str(number), number)


@every_system
@given(
    number=st.floats(allow_nan=False, allow_infinity=False).filter(
        lambda x: x == 0 or 1e-130 <= abs(x) < 1e126
    )
)
def test_fractions_are_exact_to_double_precision(api: Api, number: float) -> None:
    _, read = sent_and_read(api, json.dumps(number))
    assert float(read) == number


@every_system
@pytest.mark.parametrize(
    ("sent", "read"),
    [
        ("3", "3"),
        ("3.0", "3"),
        ("-0", "0"),
        ("-0.0", "0"),
        ("0e5", "0"),
        ("1e2", "100"),
        ("0.1", "0.1"),
        ("1e-7", "1e-07"),
        ("1E+37", "1" + "0" * 37),
        ("1e38", "1e+38"),
        ("9.9e125", "9.9e+125"),
        ("1e-130", "1e-130"),
        ("12345678901234567890123456789012345678.0", "12345678901234567890123456789012345678"),
        ("0.1234567890123456789012345678901234567890", "0.12345678901234568"),
    ],
)
def test_spellings(api: Api, sent: str, read: str) -> None:
    assert sent_and_read(api, sent)[0] == read
    assert sent_and_read(api, read)[0] == read


@every_system
@pytest.mark.parametrize(
    "text", [str(10**38), str(-(10**38)), "1" * 39, "1" * 100, "1e126", "1e-131"]
)
def test_what_dynamodb_cannot_keep_is_refused(api: Api, text: str) -> None:
    reply = api("POST", api.system.collection, body_with(api, text))
    assert reply.fields == {f"{api.system.holder}.n"}


@given(number=st.decimals(allow_nan=False, allow_infinity=False, places=6))
def test_plain_numbers_are_whole_or_not(number: Decimal) -> None:
    value = plain(number)
    whole = number == number.to_integral_value() and abs(number) < 10**38
    assert isinstance(value, int if whole else float)
    assert math.isclose(value, number, rel_tol=1e-15)
