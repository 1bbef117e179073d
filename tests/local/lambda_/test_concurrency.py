"""Reserved and unreserved concurrency, decided without running anything."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cloudworthy.local.lambda_.concurrency import (
    ACCOUNT_LIMIT,
    RESERVED_LIMIT,
    UnreservedConcurrencyError,
    check_reserved,
    check_running,
)
from cloudworthy.local.model.functions import Function, TooManyRequestsError
from local.lambda_.running import function

AT_LEAST = "below its minimum value of \\[{}\\]"


def named(name: str, reserved: int | None) -> Function:
    return function(Path("code"), name, reserved_concurrency=reserved)


@pytest.mark.parametrize(
    ("reserved", "account", "least"),
    [
        ([900], 1000, None),
        ([901], 1000, 100),
        ([450, 451], 1000, 100),
        ([None, 0], 1000, None),
        ([0], 10, None),
        ([1], 10, 10),
        ([], 10, None),
    ],
)
def test_a_hundred_have_to_stay_unreserved(
    reserved: list[int | None], account: int, least: int | None
) -> None:
    functions = [named(f"f{number}", it) for number, it in enumerate(reserved)]
    if least is None:
        check_reserved(functions, account)
        return
    with pytest.raises(UnreservedConcurrencyError, match=AT_LEAST.format(least)):
        check_reserved(functions, account)


_FUNCTIONS = st.dictionaries(
    st.sampled_from("abcd"), st.none() | st.integers(0, 3), min_size=1
).map(lambda reserved: [named(name, it) for name, it in reserved.items()])


@given(functions=_FUNCTIONS, events=st.lists(st.sampled_from("abcd"), max_size=30))
def test_no_more_run_than_may_and_a_reservation_is_always_there(
    functions: list[Function], events: list[str]
) -> None:
    account, running = 12, Counter[str]()
    by_name = {it.name: it for it in functions}
    reserved = {it.name: it.reserved_concurrency or 0 for it in functions}
    shared = account - sum(reserved.values())
    for name in (it for it in events if it in by_name):
        function = by_name[name]
        unreserved = sum(
            number for it, number in running.items() if by_name[it].reserved_concurrency is None
        )
        has_own = function.reserved_concurrency is not None
        room = reserved[name] - running[name] if has_own else shared - unreserved
        if room > 0:
            check_running(function, running, functions, account)
            running[name] += 1
            continue
        with pytest.raises(TooManyRequestsError) as refused:
            check_running(function, running, functions, account)
        assert refused.value.reason == (RESERVED_LIMIT if has_own else ACCOUNT_LIMIT)
    assert running.total() <= account
