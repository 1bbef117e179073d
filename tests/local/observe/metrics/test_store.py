from __future__ import annotations

import sqlite3
from datetime import timedelta
from pathlib import Path

import pytest

from cloudworthy.local.model.records import MetricDatum
from cloudworthy.local.observe.metrics.clock import MetricClock
from cloudworthy.local.observe.metrics.series import MetricStat, Window, series
from cloudworthy.local.observe.metrics.statistics import StatisticSet
from cloudworthy.local.observe.metrics.store import Metric, MetricStore, MetricValues
from local.full_disk import full_disk
from local.observe.manual_clock import START, ManualClock

START_S = int(START.timestamp())
ORDERS = Metric("Shop", "Orders", (("service", "a"),))


def put(store: MetricStore, *values: float) -> None:
    for value in values:
        store.put(MetricDatum(*ORDERS, value, "Count"))


def points(store: MetricStore, statistic: str, period_s: int = 60) -> dict[int, float]:
    """By seconds since the start, over ten minutes."""
    found = series(store, MetricStat(ORDERS, statistic, period_s), Window(START_S, START_S + 600))
    return {time_s - START_S: value for time_s, value in found.items()}


def test_values_are_kept_by_the_minute(tmp_path: Path) -> None:
    machine = ManualClock()
    store = MetricStore(tmp_path / "m.sqlite", MetricClock(machine))
    put(store, 1, 2)
    machine.advance(59.9)
    put(store, 6)
    machine.advance(0.1)
    put(store, 10)
    assert points(store, "Sum") == {0: 9, 60: 10}
    assert points(store, "Average", 120) == {0: 4.75}
    assert store.units(ORDERS) == ["Count"]
    assert store.metrics() == [ORDERS]
    store.close()


def test_units_are_kept_apart(tmp_path: Path) -> None:
    store = MetricStore(tmp_path / "m.sqlite", MetricClock(ManualClock()))
    put(store, 1, 2)
    store.put(MetricDatum(*ORDERS, 500, "Percent"))
    assert store.units(ORDERS) == ["Count", "Percent"]
    assert store.metrics() == [ORDERS]
    window = Window(START_S, START_S + 60)
    sums = [
        series(store, MetricStat(ORDERS, "Sum", 60, unit), window).get(START_S)
        for unit in (None, "Count", "Percent", "Bytes")
    ]
    assert sums == [503, 3, 500, None]
    store.close()


def test_a_minute_goes_on_after_a_restart(tmp_path: Path) -> None:
    machine = ManualClock()
    for values in ((1.0, 5.0), (3.0,)):
        store = MetricStore(tmp_path / "m.sqlite", MetricClock(machine))
        put(store, *values)
        store.close()
    store = MetricStore(tmp_path / "m.sqlite", MetricClock(machine))
    assert [points(store, it)[0] for it in ("SampleCount", "Maximum", "p50")] == [3, 5, 3]
    store.close()


def test_what_a_faster_clock_wrote_into_the_future_is_dropped(tmp_path: Path) -> None:
    machine = ManualClock()
    fast = MetricStore(tmp_path / "m.sqlite", MetricClock(machine, speed=60))
    put(fast, 1)
    machine.advance(5)
    put(fast, 2)
    fast.close()
    store = MetricStore(tmp_path / "m.sqlite", MetricClock(machine))
    assert points(store, "Sum") == {0: 1}
    store.close()


def test_old_minutes_go(tmp_path: Path) -> None:
    machine = ManualClock()
    store = MetricStore(tmp_path / "m.sqlite", MetricClock(machine))
    put(store, 1)
    store.flush()
    machine.advance(timedelta(days=4).total_seconds())
    put(store, 2)
    assert points(store, "Sum") == {}
    store.close()


def test_a_summary_joins_the_values_of_its_minute(tmp_path: Path) -> None:
    clock = MetricClock(ManualClock())
    store = MetricStore(tmp_path / "m.sqlite", clock)
    put(store, 1)
    store.add([MetricValues(ORDERS, StatisticSet(2, 10, 4, 6, None), clock.now_s())])
    assert points(store, "Sum") == {0: 11}
    assert points(store, "p90") == {}
    store.close()


def test_values_that_found_no_room_are_nowhere(tmp_path: Path) -> None:
    clock = MetricClock(ManualClock())
    store = MetricStore(tmp_path / "m.sqlite", clock)
    errors = Metric("Shop", "Errors")

    def values(metric: Metric, value: float) -> MetricValues:
        return MetricValues(metric, StatisticSet(1, value, value, value), clock.now_s())

    for _ in range(2):
        with full_disk(), pytest.raises(sqlite3.OperationalError):
            store.add([values(ORDERS, 1)])
    assert store.metrics() == []
    store.add([values(errors, 5)])
    store.add([values(ORDERS, 1)])
    assert points(store, "Sum") == {0: 1}
    ((_, kept),) = store.read(errors, START_S, START_S + 60)
    assert (kept.sample_count, kept.total) == (1, 5)
    store.close()


def test_nobody_knows_a_metric_that_was_never_put(tmp_path: Path) -> None:
    store = MetricStore(tmp_path / "m.sqlite", MetricClock(ManualClock()))
    assert points(store, "Sum") == {}
    assert store.units(ORDERS) == []
    store.close()
