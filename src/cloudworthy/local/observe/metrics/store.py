"""Metrics on disk: one row for each metric, unit and minute."""

from __future__ import annotations

import json
import sqlite3
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import NamedTuple

import orjson

from cloudworthy.local.model.records import MetricDatum
from cloudworthy.local.observe.jsonlines import MOST_WAITING, Batch
from cloudworthy.local.observe.metrics.clock import MINUTE_S, MetricClock, minute_of
from cloudworthy.local.observe.metrics.statistics import StatisticSet

_FLUSH_S = 2.0
_RETENTION_S = 3 * 24 * 3600
"""AWS keeps minutes for 15 days; here they would only fill the disk."""

_SCHEMA = """
CREATE TABLE IF NOT EXISTS metric (
    id INTEGER PRIMARY KEY, namespace TEXT NOT NULL, name TEXT NOT NULL,
    dimensions TEXT NOT NULL, unit TEXT NOT NULL, UNIQUE (namespace, name, dimensions, unit)
);
CREATE TABLE IF NOT EXISTS minute (
    metric INTEGER NOT NULL, start_s INTEGER NOT NULL, sample_count REAL NOT NULL,
    total REAL NOT NULL, minimum REAL NOT NULL, maximum REAL NOT NULL, counts BLOB,
    PRIMARY KEY (metric, start_s)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS age ON minute (start_s);
"""


class Metric(NamedTuple):
    """What identifies a metric; ``dimensions`` are sorted by name."""

    namespace: str
    name: str
    dimensions: tuple[tuple[str, str], ...] = ()


class MetricValues(NamedTuple):
    """Values of one minute of a metric."""

    metric: Metric
    values: StatisticSet
    at_s: float
    unit: str = "None"


class MetricStore:
    """CloudWatch's metrics; the ``MetricSink`` of the data planes.

    ``put`` only keeps the value; rows are written in batches, so the minute that runs may
    lose its last two seconds to a ``kill -9``. What is later than the clock at the start was
    written by a clock that ran faster, and is dropped.
    """

    def __init__(self, path: Path, clock: MetricClock) -> None:
        self._clock = clock
        path.parent.mkdir(parents=True, exist_ok=True)
        self._db = sqlite3.connect(path)
        self._db.execute("PRAGMA journal_mode=WAL")
        self._db.execute("PRAGMA synchronous=NORMAL")
        self._db.executescript(_SCHEMA)
        with self._db:
            self._db.execute("DELETE FROM minute WHERE start_s > ?", (minute_of(clock.now_s()),))
        self._waiting: defaultdict[int, list[MetricDatum]] = defaultdict(list)
        self._batch = Batch(_FLUSH_S, "metrics")
        self._ids: dict[tuple[Metric, str], int] = {}
        self._open: dict[tuple[int, int], StatisticSet] = {}
        self._pruned_s = 0.0
        self._begin_minute()

    # writing

    def put(self, datum: MetricDatum) -> None:
        """Keep one value under the current minute."""
        if self._clock.monotonic_s() >= self._minute_ends_s:
            self._begin_minute()
        self._current.append(datum)
        self._batch.schedule(self.flush)

    def put_at(self, datum: MetricDatum, at_s: float) -> None:
        """Keep one value under the minute of a time of the metric clock."""
        self._waiting[minute_of(at_s)].append(datum)
        self._batch.schedule(self.flush)

    def add(self, added: Iterable[MetricValues]) -> None:
        """Keep several values; they are on disk when this returns, and none where it raises."""
        self.flush()
        with self._transaction():
            for metric, values, at_s, unit in added:
                self._merge(metric, unit, minute_of(at_s), values)

    def flush(self) -> None:
        """Write what is waiting."""
        try:
            with self._transaction():
                for minute_s, data in self._waiting.items():
                    for (metric, unit), values in _gathered(data).items():
                        self._merge(metric, unit, minute_s, values)
        except sqlite3.Error:
            self._give_up_oldest()
            raise
        self._waiting = defaultdict(list)
        self._begin_minute()
        self._forget()

    def close(self) -> None:
        self._batch.cancel()
        self._batch.write_now(self.flush)
        self._db.close()

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        """All is written or nothing: then what is remembered of the file may not be in it."""
        try:
            with self._db:
                yield
        except BaseException:
            self._ids.clear()
            self._open.clear()
            raise

    def _give_up_oldest(self) -> None:
        """Minutes that wait for room on the disk must not fill the memory.

        They go as a whole, because part of a minute would be a wrong sum.
        """
        while sum(map(len, self._waiting.values())) > MOST_WAITING and len(self._waiting) > 1:
            del self._waiting[min(self._waiting)]

    def _begin_minute(self) -> None:
        """Remember the minute, because asking for the time costs more than keeping a value."""
        now_s = self._clock.now_s()
        minute_s = minute_of(now_s)
        self._current = self._waiting[minute_s]
        self._minute_ends_s = self._clock.monotonic_s() + minute_s + MINUTE_S - now_s

    def _merge(self, metric: Metric, unit: str, minute_s: int, values: StatisticSet) -> None:
        key = (self._id(metric, unit), minute_s)
        merged = self._open.get(key)
        if merged is None:
            rows = dict(self._rows([key[0]], minute_s, minute_s + 1))
            merged = self._open[key] = rows.get(minute_s) or StatisticSet()
        merged.merge(values)
        counts = None if merged.counts is None else orjson.dumps(list(merged.counts.items()))
        self._db.execute(
            "INSERT OR REPLACE INTO minute VALUES (?, ?, ?, ?, ?, ?, ?)",
            (*key, merged.sample_count, merged.total, merged.minimum, merged.maximum, counts),
        )

    def _id(self, metric: Metric, unit: str) -> int:
        known = self._ids.get((metric, unit))
        if known is None:
            row = (metric.namespace, metric.name, json.dumps(metric.dimensions), unit)
            (known,) = self._db.execute(
                "INSERT INTO metric (namespace, name, dimensions, unit) VALUES (?, ?, ?, ?) "
                "ON CONFLICT DO UPDATE SET unit = excluded.unit RETURNING id",
                row,
            ).fetchone()
            self._ids[metric, unit] = known
        return int(known)

    def _forget(self) -> None:
        """Let go of minutes that are over, and each hour of those that are too old."""
        now_s = self._clock.now_s()
        if now_s - self._pruned_s < MINUTE_S:
            return
        recent_s = minute_of(now_s) - MINUTE_S
        self._open = {key: it for key, it in self._open.items() if key[1] >= recent_s}
        if now_s - self._pruned_s >= 60 * MINUTE_S:
            with self._db:
                self._db.execute("DELETE FROM minute WHERE start_s < ?", (now_s - _RETENTION_S,))
            self._pruned_s = now_s

    # reading

    def read(
        self, metric: Metric, start_s: float, end_s: float, unit: str | None = None
    ) -> Iterator[tuple[int, StatisticSet]]:
        """The minutes that begin from ``start_s`` up to before ``end_s``, oldest first.

        A minute comes once for each unit, or for the one that is asked for.
        """
        self._batch.write_now(self.flush)
        ids = [it for it, its_unit in self._find(metric) if unit in (None, its_unit)]
        return self._rows(ids, start_s, end_s)

    def metrics(self) -> list[Metric]:
        """Every metric that was ever put."""
        self._batch.write_now(self.flush)
        rows = self._db.execute(
            "SELECT namespace, name, dimensions FROM metric GROUP BY 1, 2, 3 ORDER BY min(id)"
        )
        return [
            Metric(namespace, name, tuple((n, v) for n, v in json.loads(dimensions)))
            for namespace, name, dimensions in rows
        ]

    def units(self, metric: Metric) -> list[str]:
        """The units that were put; ``None`` is CloudWatch's word for no unit."""
        self._batch.write_now(self.flush)
        return [unit for _, unit in self._find(metric)]

    def _find(self, metric: Metric) -> list[tuple[int, str]]:
        return self._db.execute(
            "SELECT id, unit FROM metric WHERE namespace = ? AND name = ? AND dimensions = ? "
            "ORDER BY id",
            (metric.namespace, metric.name, json.dumps(metric.dimensions)),
        ).fetchall()

    def _rows(
        self, ids: Sequence[int], start_s: float, end_s: float
    ) -> Iterator[tuple[int, StatisticSet]]:
        query = (
            "SELECT start_s, sample_count, total, minimum, maximum, counts FROM minute "  # noqa: S608
            f"WHERE metric IN ({', '.join('?' * len(ids))}) AND start_s >= ? AND start_s < ? "
            "ORDER BY start_s"
        )
        with closing(self._db.execute(query, (*ids, start_s, end_s))) as rows:
            for minute_s, sample_count, total, minimum, maximum, counts in rows.fetchall():
                values = None if counts is None else dict(orjson.loads(counts))
                yield minute_s, StatisticSet(sample_count, total, minimum, maximum, values)


def _gathered(data: list[MetricDatum]) -> dict[tuple[Metric, str], StatisticSet]:
    """Values by metric and unit.

    Most data are the same few objects again and again, such as an error count of 0: counting
    those costs a tenth of adding each of them.
    """
    times = Counter(map(id, data))
    gathered: dict[tuple[Metric, str], StatisticSet] = {}
    for datum in {id(it): it for it in data}.values():
        key = (Metric(datum.namespace, datum.name, datum.dimensions), datum.unit)
        known = gathered.get(key)
        if known is None:
            known = gathered[key] = StatisticSet()
        known.add(datum.value, times[id(datum)])
    return gathered
