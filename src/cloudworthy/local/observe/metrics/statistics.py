"""What CloudWatch can tell about the values of a period."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from itertools import accumulate

_EXACT_VALUES = 100
"""A minute with more different values keeps further ones to three digits, half a per cent."""

_PERCENT = r"(?:[0-9]{1,2}(?:\.[0-9]{0,10})?|100)"
_QUANTILE = re.compile(rf"(?P<kind>p|tm|tc|ts|wm)(?P<percent>{_PERCENT})")
_RANGE = re.compile(
    rf"(?P<kind>TM|TC|TS|WM)\((?!:\))(?:(?P<low>{_PERCENT})%)?:(?:(?P<high>{_PERCENT})%)?\)"
)


@dataclass(slots=True)
class StatisticSet:
    """Count, sum, least and greatest of some values, and the values with how often each came.

    ``counts`` is None when only a summary was put: there are no percentiles then.
    """

    sample_count: float = 0.0
    total: float = 0.0
    minimum: float = math.inf
    maximum: float = -math.inf
    counts: dict[float, float] | None = field(default_factory=dict)

    def add(self, value: float, count: float = 1.0) -> None:
        self.sample_count += count
        self.total += value * count
        self.minimum = min(self.minimum, value)
        self.maximum = max(self.maximum, value)
        if self.counts is not None:
            _count(self.counts, value, count)

    def merge(self, other: StatisticSet) -> None:
        self.sample_count += other.sample_count
        self.total += other.total
        self.minimum = min(self.minimum, other.minimum)
        self.maximum = max(self.maximum, other.maximum)
        if self.counts is None or other.counts is None:
            self.counts = None
            return
        for value, count in other.counts.items():
            _count(self.counts, value, count)

    def statistic(self, name: str) -> float | None:
        """One statistic by CloudWatch's name; None when the values do not tell it."""
        if self.sample_count == 0:
            return None
        simple = _SIMPLE.get(name)
        if simple is not None:
            return simple(self)
        bounds = _bounds(name)
        if bounds is None:
            raise ValueError(f"{name} is no statistic")
        kind, low, high = bounds
        if self.counts is None:
            # Source: user guide, "Percentiles": a summary of one value, or of equal ones, has
            # percentiles too (documented).
            return self.minimum if self.minimum == self.maximum else None
        values = sorted(self.counts.items())
        return quantile(values, high) if kind == "p" else _trimmed(kind, values, low, high)


def _count(counts: dict[float, float], value: float, count: float) -> None:
    if len(counts) >= _EXACT_VALUES and value not in counts:
        value = float(f"{value:.3g}")
    counts[value] = counts.get(value, 0.0) + count


_SIMPLE: dict[str, Callable[[StatisticSet], float]] = {
    "SampleCount": lambda it: it.sample_count,
    "Sum": lambda it: it.total,
    "Average": lambda it: it.total / it.sample_count,
    "Minimum": lambda it: it.minimum,
    "Maximum": lambda it: it.maximum,
}


def is_statistic(name: str) -> bool:
    """Whether a period can be asked for it."""
    return name in _SIMPLE or _bounds(name) is not None


def _bounds(name: str) -> tuple[str, float, float] | None:
    """Kind and percentages of ``p99``, ``tm95``, ``TM(10%:90%)`` or ``IQM``.

    Source: user guide, "CloudWatch statistics definitions" (documented).
    """
    if name == "IQM":
        return "tm", 25.0, 75.0
    if match := _QUANTILE.fullmatch(name):
        return match["kind"], 0.0, float(match["percent"])
    if match := _RANGE.fullmatch(name):
        low, high = float(match["low"] or 0), float(match["high"] or 100)
        return (match["kind"].lower(), low, high) if low <= high else None
    return None


def quantile(values: list[tuple[float, float]], percent: float) -> float:
    """The least value that so many per cent of the values do not exceed.

    Source: assumed; CloudWatch's own method is not documented.
    """
    wanted = sum(count for _, count in values) * percent / 100
    for (value, _), reached in zip(values, accumulate(c for _, c in values), strict=True):
        if reached >= wanted - 1e-9:
            return value
    return values[-1][0]


def _trimmed(kind: str, values: list[tuple[float, float]], low: float, high: float) -> float | None:
    least, greatest = quantile(values, low), quantile(values, high)
    if kind == "wm":
        return _mean((min(max(value, least), greatest), count) for value, count in values)
    within = [(value, count) for value, count in values if least <= value <= greatest]
    if kind == "tc":
        return sum(count for _, count in within)
    if kind == "ts":
        return sum(value * count for value, count in within)
    return _mean(within)


def _mean(values: Iterable[tuple[float, float]]) -> float:
    pairs = list(values)
    return sum(value * count for value, count in pairs) / sum(count for _, count in pairs)
