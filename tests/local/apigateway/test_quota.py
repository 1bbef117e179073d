from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from cloudworthy.local.apigateway.quota import (
    MemoryQuotaStore,
    QuotaStore,
    SqliteQuotaStore,
    period_start,
)

DAY = date(2026, 1, 2)


@pytest.fixture(params=["memory", "file"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[QuotaStore]:
    if request.param == "memory":
        yield MemoryQuotaStore()
    else:
        kept = SqliteQuotaStore(tmp_path / "quota.db")
        yield kept
        kept.close()


def test_requests_up_to_the_limit(store: QuotaStore) -> None:
    assert [store.count("plan", "key", DAY, 2) for _ in range(4)] == [True, True, False, False]


def test_a_refused_request_is_not_counted(store: QuotaStore) -> None:
    for _ in range(3):
        store.count("plan", "key", DAY, 1)
    assert store.count("plan", "key", DAY, 2)


def test_a_new_period_begins_at_nothing(store: QuotaStore) -> None:
    store.count("plan", "key", DAY, 1)
    assert store.count("plan", "key", date(2026, 1, 3), 1)


def test_keys_and_plans_are_counted_apart(store: QuotaStore) -> None:
    pairs = [("plan", "a"), ("plan", "b"), ("other", "a"), ("plan", "a")]
    assert [store.count(*pair, DAY, 1) for pair in pairs] == [True, True, True, False]


def test_a_limit_of_none(store: QuotaStore) -> None:
    assert not store.count("plan", "key", DAY, 0)


def test_a_file_keeps_its_counts(tmp_path: Path) -> None:
    first = SqliteQuotaStore(tmp_path / "quota.db")
    first.count("plan", "key", DAY, 2)
    # Not closed: as after kill -9, another process opens the file.
    second = SqliteQuotaStore(tmp_path / "quota.db")
    assert [second.count("plan", "key", DAY, 2) for _ in range(2)] == [True, False]
    first.close()
    second.close()


@pytest.mark.parametrize(
    ("day", "period", "expected"),
    [
        (4, "WEEK", date(2026, 1, 4)),
        (10, "WEEK", date(2026, 1, 4)),
        (31, "MONTH", date(2026, 1, 1)),
        (31, "DAY", date(2026, 1, 31)),
    ],
)
def test_period_start(day: int, period: str, expected: date) -> None:
    assert period_start(datetime(2026, 1, day, 23, 59, tzinfo=UTC), period) == expected


def test_the_first_period_of_a_plan_is_remembered(store: QuotaStore) -> None:
    later = date(2026, 1, 9)
    assert store.first_period("plan", DAY) == DAY
    assert store.first_period("plan", later) == DAY
    assert store.first_period("other", later) == later
