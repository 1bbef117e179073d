from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from cloudworthy.local.apigateway.quota import SqliteQuotaStore, period_start
from local.full_disk import full_disk

DAY = date(2026, 1, 2)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqliteQuotaStore]:
    kept = SqliteQuotaStore(tmp_path / "quota.db")
    yield kept
    kept.close()


def test_requests_up_to_the_limit(store: SqliteQuotaStore) -> None:
    assert [store.count("plan", "key", DAY, 2) for _ in range(4)] == [True, True, False, False]


def test_a_refused_request_is_not_counted(store: SqliteQuotaStore) -> None:
    for _ in range(3):
        store.count("plan", "key", DAY, 1)
    assert store.count("plan", "key", DAY, 2)


def test_a_new_period_begins_at_nothing(store: SqliteQuotaStore) -> None:
    store.count("plan", "key", DAY, 1)
    assert store.count("plan", "key", date(2026, 1, 3), 1)


def test_keys_and_plans_are_counted_apart(store: SqliteQuotaStore) -> None:
    pairs = [("plan", "a"), ("plan", "b"), ("other", "a"), ("plan", "a")]
    assert [store.count(*pair, DAY, 1) for pair in pairs] == [True, True, True, False]


def test_a_limit_of_none(store: SqliteQuotaStore) -> None:
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


def test_the_first_period_of_a_plan_is_remembered(store: SqliteQuotaStore) -> None:
    later = date(2026, 1, 9)
    assert store.first_period("plan", DAY) == DAY
    assert store.first_period("plan", later) == DAY
    assert store.first_period("other", later) == later


def test_a_full_disk_refuses_nobody(tmp_path: Path) -> None:
    later = date(2026, 1, 9)
    store = SqliteQuotaStore(tmp_path / "quota.db")
    store.first_period("before", DAY)
    with full_disk():
        assert [store.first_period(plan, DAY) for plan in ("before", "plan")] == [DAY, DAY]
        assert [store.count("plan", "key", DAY, 2) for _ in range(3)] == [True, True, False]
        assert store.first_period("plan", later) == DAY
    assert store.first_period("plan", later) == DAY
    assert not store.count("plan", "key", DAY, 2)
    store.close()
    again = SqliteQuotaStore(tmp_path / "quota.db")
    assert again.first_period("plan", later) == DAY
    assert not again.count("plan", "key", DAY, 2)
    again.close()
