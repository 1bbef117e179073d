"""The functions of metric math."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from itertools import accumulate, pairwise

from cloudworthy.local.observe.metrics.expression import ExpressionError
from cloudworthy.local.observe.metrics.series import Series

Value = float | Series | list["float | Series"] | str
"""A scalar, a time series, an array of them, or a word such as ``REPEAT``."""


def number(function: Callable[..., float], *arguments: object) -> float | Series:
    """What a function makes of numbers; without a data point where that is no number.

    There is none for a division by zero, a logarithm of nothing, a root of what is negative, and
    for what is too large.

    Source: CloudWatch user guide, "Metric math syntax and functions", for the division by zero
    (documented); GetMetricData says of the others that data points were dropped "due to
    non-numeric values (NaN, -Infinite, +Infinite)" (quoted in grafana/grafana issue 78608).
    """
    try:
        result = function(*arguments)
    except (ArithmeticError, ValueError):
        return {}
    return {} if isinstance(result, complex) or not math.isfinite(result) else result


def pointwise(function: Callable[..., float], *values: float | Series) -> float | Series:
    """Apply a function at each time at which every series has a data point."""
    several = [it for it in values if isinstance(it, dict)]
    if not several:
        return number(function, *values)
    times = sorted(set.intersection(*(set(it) for it in several)))
    return _series_of(
        (t, number(function, *(it[t] if isinstance(it, dict) else it for it in values)))
        for t in times
    )


def _series_of(points: Iterable[tuple[int, float | Series]]) -> Series:
    """The points that there are."""
    return {time_s: point for time_s, point in points if not isinstance(point, dict)}


def each(function: Callable[[float | Series], float | Series], value: Value) -> Value:
    """Apply a function to a value, or to each element of an array."""
    if isinstance(value, list):
        return [function(it) for it in value]
    return function(_plain(value))


def _plain(value: Value) -> float | Series:
    if isinstance(value, list | str):
        raise ExpressionError(f"expected a number or a time series, found {value!r}")
    return value


def _series(value: Value) -> Series:
    if not isinstance(value, dict):
        raise ExpressionError(f"expected a time series, found {value!r}")
    return value


def _mathematical(function: Callable[[float], float]) -> Callable[[Sequence[Value]], Value]:
    def apply(arguments: Sequence[Value]) -> Value:
        return each(lambda it: pointwise(function, it), arguments[0])

    return apply


def _aggregate(function: Callable[[list[float]], float]) -> Callable[[Sequence[Value]], Value]:
    """Over a series one number; over an array a series of what there is at each time."""

    def apply(arguments: Sequence[Value]) -> Value:
        value = arguments[0]
        if isinstance(value, dict):
            return number(function, list(value.values())) if value else {}
        if not isinstance(value, list):
            return _plain(value)
        scalars = [it for it in value if not isinstance(it, dict)]
        several = [it for it in value if isinstance(it, dict)]
        if not several:
            return number(function, scalars) if scalars else {}
        return _series_of(
            (t, number(function, [*scalars, *(it[t] for it in several if t in it)]))
            for t in sorted(set().union(*several))
        )

    return apply


def _steps(step: Callable[[float, float, int], float]) -> Callable[[Sequence[Value]], Value]:
    """From the difference of neighbouring data points: value before, value, seconds between."""

    def apply(arguments: Sequence[Value]) -> Value:
        def along(value: float | Series) -> Series:
            points = _series(value)
            return _series_of(
                (time_s, number(step, points[before_s], points[time_s], time_s - before_s))
                for before_s, time_s in pairwise(points)
            )

        return each(along, arguments[0])

    return apply


def _running_sum(arguments: Sequence[Value]) -> Value:
    def run(value: float | Series) -> Series:
        points = _series(value)
        sums = accumulate(points.values())
        return {time_s: it for time_s, it in zip(points, sums, strict=True) if math.isfinite(it)}

    return each(run, arguments[0])


def _one(pick: Callable[[Value], float | Series]) -> Callable[[Sequence[Value]], Value]:
    return lambda arguments: pick(arguments[0])


def _element(index: int) -> Callable[[Value], float | Series]:
    def pick(value: Value) -> float | Series:
        if isinstance(value, list):
            return value[index] if value else {}
        points = list(_series(value).values())
        return points[index] if points else {}

    return pick


def _if(arguments: Sequence[Value]) -> Value:
    condition, chosen = _plain(arguments[0]), arguments[1]
    otherwise: Value = arguments[2] if len(arguments) > 2 else {}
    if not isinstance(condition, dict):
        return chosen if condition else otherwise
    result: Series = {}
    for time_s, holds in condition.items():
        branch = _plain(chosen if holds else otherwise)
        point = branch.get(time_s) if isinstance(branch, dict) else branch
        if point is not None:
            result[time_s] = point
    return result


def _mean(values: list[float]) -> float:
    return math.fsum(values) / len(values)


def _standard_deviation(values: list[float]) -> float:
    mean = _mean(values)
    return math.sqrt(_mean([(it - mean) ** 2 for it in values]))


def fill(value: Value, filling: Value, times: Iterable[int]) -> Value:
    """Data points for the periods that have none: a number, ``REPEAT`` or ``LINEAR``."""
    wanted = list(times)

    def complete(it: float | Series) -> Series:
        points = _series(it)
        if isinstance(filling, dict | float | int):
            return {
                t: points.get(t, filling if not isinstance(filling, dict) else filling.get(t, 0.0))
                for t in wanted
            }
        return {t: p for t in wanted if (p := _between(points, t, filling)) is not None}

    return each(complete, value)


def _between(points: Series, time_s: int, filling: Value) -> float | None:
    if time_s in points:
        return points[time_s]
    before = max((t for t in points if t < time_s), default=None)
    after = min((t for t in points if t > time_s), default=None)
    if before is None or (filling == "LINEAR" and after is None):
        return None
    if filling == "REPEAT" or after is None:
        return points[before]
    share = (time_s - before) / (after - before)
    return points[before] + (points[after] - points[before]) * share


FUNCTIONS: dict[str, Callable[[Sequence[Value]], Value]] = {
    "ABS": _mathematical(abs),
    "CEIL": _mathematical(math.ceil),
    "FLOOR": _mathematical(math.floor),
    "LOG": _mathematical(math.log),
    "LOG10": _mathematical(math.log10),
    "AVG": _aggregate(_mean),
    "MAX": _aggregate(max),
    "MIN": _aggregate(min),
    "SUM": _aggregate(math.fsum),
    "STDDEV": _aggregate(_standard_deviation),
    "DIFF": _steps(lambda before, after, _seconds: after - before),
    "DIFF_TIME": _steps(lambda _before, _after, seconds: float(seconds)),
    "RATE": _steps(lambda before, after, seconds: (after - before) / seconds),
    "RUNNING_SUM": _running_sum,
    "FIRST": _one(_element(0)),
    "LAST": _one(_element(-1)),
    "METRIC_COUNT": _one(lambda it: float(len(it)) if isinstance(it, list) else 1.0),
    "DATAPOINT_COUNT": _one(lambda it: float(len(_series(it)))),
    "IF": _if,
}
"""Those that need nothing but their arguments; ``mathematics`` adds the others."""
