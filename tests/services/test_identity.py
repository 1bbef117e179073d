from __future__ import annotations

import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st

from items.logic.errors import InvalidInputError
from items.logic.identity import created_at, is_item_id, iso_time, new_item_id
from items.logic.page_tokens import after_token, page_token

END_OF_9999_MS = 253_402_300_799_999
TIMES = st.integers(0, END_OF_9999_MS)


@given(now_ms=TIMES, chance=st.binary(min_size=10, max_size=10))
def test_an_id_is_a_uuid_of_version_7_with_its_time(now_ms: int, chance: bytes) -> None:
    item_id = new_item_id(now_ms, chance)
    parsed = uuid.UUID(item_id)
    assert str(parsed) == item_id
    assert parsed.version == 7
    assert parsed.variant == uuid.RFC_4122
    assert parsed.int >> 80 == now_ms
    assert is_item_id(item_id)
    assert created_at(item_id) == iso_time(now_ms)


@given(times=st.tuples(TIMES, TIMES))
def test_ids_and_times_sort_as_they_were_made(times: tuple[int, int]) -> None:
    first, second = sorted(times)
    assert iso_time(first) <= iso_time(second)
    if first < second:
        assert new_item_id(first) < new_item_id(second)


def test_ids_of_one_millisecond_differ() -> None:
    assert len({new_item_id(1) for _ in range(10_000)}) == 10_000


def test_the_time_is_written_as_promised() -> None:
    assert iso_time(1_767_323_045_678) == "2026-01-02T03:04:05.678Z"
    assert iso_time(0) == "1970-01-01T00:00:00.000Z"


@given(text=st.text(max_size=40) | st.uuids(version=4).map(str))
def test_anything_else_is_no_id(text: str) -> None:
    assert not is_item_id(text)


def test_an_id_after_the_year_9999_is_no_id() -> None:
    assert not is_item_id(new_item_id(END_OF_9999_MS + 1))


@given(now_ms=TIMES, status=st.none() | st.text(max_size=64))
def test_a_token_leads_back_to_its_id(now_ms: int, status: str | None) -> None:
    item_id = new_item_id(now_ms)
    assert after_token(page_token(item_id, status), status) == item_id


@given(status=st.none() | st.text(max_size=8), other=st.none() | st.text(max_size=8))
def test_a_token_of_another_list_is_refused(status: str | None, other: str | None) -> None:
    token = page_token(new_item_id(1), status)
    if other != status:
        with pytest.raises(InvalidInputError, match="another status"):
            after_token(token, other)


@given(data=st.data())
def test_a_token_that_was_changed_is_refused_or_names_another_id(data: st.DataObject) -> None:
    """The position is not secret; what matters is that no key can be made up with it."""
    token = page_token(new_item_id(1_700_000_000_000, b"0123456789"), None)
    at = data.draw(st.integers(0, len(token) - 1))
    character = data.draw(st.sampled_from("ABCxyz012-_=+/ é"))
    changed = token[:at] + character + token[at + 1 :]
    try:
        position = after_token(changed, None)
    except InvalidInputError:
        return
    assert is_item_id(position)


@given(token=st.text() | st.binary().map(lambda data: data.hex()))
def test_what_is_no_token_is_refused(token: str) -> None:
    with pytest.raises(InvalidInputError):
        after_token(token, None)


@pytest.mark.parametrize("added", ["=", "A", "\n", " "])
def test_a_longer_token_is_refused(added: str) -> None:
    with pytest.raises(InvalidInputError):
        after_token(page_token(new_item_id(1), None) + added, None)
