"""A metric by period and statistic."""

from __future__ import annotations

from dataclasses import dataclass

from cloudworthy.local.observe.metrics.statistics import StatisticSet
from cloudworthy.local.observe.metrics.store import Metric, MetricStore

Series = dict[int, float]
"""Data points by the second their period begins with, oldest first."""


@dataclass(frozen=True, slots=True)
class MetricStat:
    """One statistic of a metric over periods."""

    metric: Metric
    statistic: str
    period_s: int
    unit: str | None = None
    """The unit whose values count; None is for all of them."""


@dataclass(frozen=True, slots=True)
class Window:
    """A time with periods from its start on; ``start_s`` is the beginning of a minute.

    Periods need not begin at a multiple of their length: an alarm with a period of five
    minutes looks each minute at the five minutes that have just ended.
    """

    start_s: int
    end_s: int


def statistic_sets(
    store: MetricStore, metric: Metric, period_s: int, window: Window, unit: str | None
) -> dict[int, StatisticSet]:
    """What is known of each period in which there were values."""
    periods: dict[int, StatisticSet] = {}
    for minute_s, values in store.read(metric, window.start_s, window.end_s, unit):
        start_s = minute_s - (minute_s - window.start_s) % period_s
        periods.setdefault(start_s, StatisticSet()).merge(values)
    return periods


def series(store: MetricStore, stat: MetricStat, window: Window) -> Series:
    """The data points of a window; a period without values has none."""
    found = statistic_sets(store, stat.metric, stat.period_s, window, stat.unit)
    points = {start_s: it.statistic(stat.statistic) for start_s, it in found.items()}
    return {start_s: value for start_s, value in points.items() if value is not None}
