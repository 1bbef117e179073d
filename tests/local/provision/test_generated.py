from __future__ import annotations

import string
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cloudworthy.local.provision.generated import random_password, random_text


@given(st.integers(4, 100))
def test_a_password_has_every_kind_of_character(length: int) -> None:
    password = random_password({"PasswordLength": length})
    assert len(password) == length
    for kind in (string.ascii_lowercase, string.ascii_uppercase, string.digits, string.punctuation):
        assert set(password) & set(kind)


@pytest.mark.parametrize(
    ("settings", "allowed"),
    [
        ({"ExcludePunctuation": True}, string.ascii_letters + string.digits),
        ({"ExcludeLowercase": "true", "ExcludeUppercase": True, "ExcludePunctuation": True},
         string.digits),
        ({"ExcludeCharacters": string.ascii_letters + string.punctuation, "IncludeSpace": True},
         string.digits + " "),
    ],
)  # fmt: skip
def test_what_is_excluded_does_not_occur(settings: Any, allowed: str) -> None:
    password = random_password({**settings, "PasswordLength": 200})
    assert set(password) <= set(allowed)


def test_two_values_differ() -> None:
    assert random_text(40) != random_text(40)
    assert random_password({}) != random_password({})
