from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from cloudworthy.local.provision.names import physical_name, token, uuid_text

NAMES = st.from_regex(r"[A-Za-z][A-Za-z0-9]{0,250}", fullmatch=True)


@given(NAMES, NAMES, st.integers(40, 255))
def test_a_name_is_never_too_long_and_keeps_its_suffix(
    stack: str, logical_id: str, longest: int
) -> None:
    name = physical_name(stack, logical_id, "abcdefghijkl", longest=longest)
    assert len(name) <= longest
    assert name.endswith("-abcdefghijkl")
    assert name.count("-") == 2


def test_a_short_name_is_whole() -> None:
    assert physical_name("web-app", "Table1A", "suffix", longest=63) == "web-app-Table1A-suffix"
    assert physical_name("Web", "Bucket", "x", longest=63, lower=True) == "web-bucket-x"


def test_tokens_follow_from_their_parts() -> None:
    assert token("a", "b", length=12) == token("a", "b", length=12)
    assert token("a", "b", length=12) != token("ab", "", length=12)
    assert uuid_text(token("a", length=32, alphabet="0123456789abcdef")).count("-") == 4
