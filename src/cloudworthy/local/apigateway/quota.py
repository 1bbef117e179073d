"""How many requests a key has made in the period of its usage plan."""

from __future__ import annotations

import sqlite3
import sys
from collections import Counter
from datetime import date, datetime, timedelta
from pathlib import Path


def period_start(moment: datetime, period: str) -> date:
    """The first day of a quota period: the day itself, its Sunday, or the month's first.

    Source: assumed; AWS documents the periods but not the day that a week begins on.
    """
    day = moment.date()
    if period == "WEEK":
        return day - timedelta(days=(day.weekday() + 1) % 7)
    return day.replace(day=1) if period == "MONTH" else day


_TABLE = """
CREATE TABLE IF NOT EXISTS quota (
    plan_id TEXT, key_id TEXT, since TEXT, used INTEGER, PRIMARY KEY (plan_id, key_id)
)
"""
_FIRST_TABLE = """
CREATE TABLE IF NOT EXISTS first_period (plan_id TEXT PRIMARY KEY, since TEXT)
"""
_COUNT = """
INSERT INTO quota VALUES (:plan_id, :key_id, :since, 1)
ON CONFLICT DO UPDATE SET used = CASE since WHEN :since THEN used + 1 ELSE 1 END, since = :since
WHERE since != :since OR used < :limit
"""
_KEEP_FIRST = "INSERT INTO first_period VALUES (?, ?) ON CONFLICT DO NOTHING"
_FIRST = "SELECT since FROM first_period WHERE plan_id = ?"
_USED = "SELECT used FROM quota WHERE plan_id = :plan_id AND key_id = :key_id AND since = :since"


class SqliteQuotaStore:
    """Counts in a file, which survives the end of the process, kill -9 included.

    Writes are left to the operating system (``synchronous = OFF``): a power cut may lose a
    few counts, and a count costs some 10 microseconds. While the disk is full, requests are
    counted in memory, so that what only reads can go on.
    """

    def __init__(self, path: Path) -> None:
        self._unwritten: Counter[tuple[str, str, str]] = Counter()
        self._unwritten_first: dict[str, date] = {}
        self._connection = sqlite3.connect(path, isolation_level=None)
        self._connection.execute("PRAGMA journal_mode = WAL")
        self._connection.execute("PRAGMA synchronous = OFF")
        self._connection.execute(_TABLE)
        self._connection.execute(_FIRST_TABLE)

    def count(self, plan_id: str, key_id: str, since: date, limit: int) -> bool:
        """Count a request, and tell whether it is within the limit.

        A request beyond the limit is not counted. A later ``since`` starts at 0.
        """
        if limit < 1:
            return False
        period = (plan_id, key_id, since.isoformat())
        try:
            if self._unwritten:
                self._catch_up()
            return self._connection.execute(_COUNT, _values(period, limit)).rowcount == 1
        except sqlite3.OperationalError:
            used = self._connection.execute(_USED, _values(period, limit)).fetchone()
            if (used[0] if used else 0) + self._unwritten[period] >= limit:
                return False
            self._unwritten[period] += 1
            return True

    def _catch_up(self) -> None:
        """Write what was counted while the disk was full."""
        for period, count in list(self._unwritten.items()):
            for _ in range(count):
                self._connection.execute(_COUNT, _values(period, sys.maxsize))
                self._unwritten[period] -= 1
            del self._unwritten[period]

    def first_period(self, plan_id: str, since: date) -> date:
        """The period in which the plan was first asked for, which is ``since`` the first time."""
        first = self._unwritten_first.get(plan_id, since)
        try:
            self._connection.execute(_KEEP_FIRST, (plan_id, first.isoformat()))
        except sqlite3.OperationalError:
            self._unwritten_first[plan_id] = first
        else:
            self._unwritten_first.pop(plan_id, None)
        kept = self._connection.execute(_FIRST, (plan_id,)).fetchone()
        return date.fromisoformat(kept[0]) if kept else first

    def close(self) -> None:
        self._connection.close()


def _values(period: tuple[str, str, str], limit: int) -> dict[str, str | int]:
    plan_id, key_id, since = period
    return {"plan_id": plan_id, "key_id": key_id, "since": since, "limit": limit}
