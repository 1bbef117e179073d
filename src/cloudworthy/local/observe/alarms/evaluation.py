"""One evaluation of one alarm: its data points, its state and the reason for it."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from cloudworthy.local.observe.alarms.decision import Point, decide, evaluation_range
from cloudworthy.local.observe.alarms.definition import (
    Comparison,
    CompositeAlarm,
    MetricAlarm,
    MissingData,
    State,
)
from cloudworthy.local.observe.alarms.rule import StateOf, parse_rule
from cloudworthy.local.observe.metrics.clock import minute_of
from cloudworthy.local.observe.metrics.mathematics import Evaluation
from cloudworthy.local.observe.metrics.series import Series, Window, statistic_sets
from cloudworthy.local.observe.metrics.store import MetricStore

_WORDS = {
    Comparison.GREATER_OR_EQUAL: "greater than or equal to",
    Comparison.GREATER: "greater than",
    Comparison.LESS: "less than",
    Comparison.LESS_OR_EQUAL: "less than or equal to",
}
_PERCENTILE = re.compile(r"p(\d+(?:\.\d+)?)")


@dataclass(frozen=True, slots=True)
class Verdict:
    """What an evaluation came to; ``data`` is CloudWatch's ``StateReasonData``."""

    state: State
    reason: str
    data: str = ""


def evaluate_metric_alarm(
    alarm: MetricAlarm, store: MetricStore, current: State, now_s: float
) -> Verdict:
    """Look at the periods that end with the last whole minute.

    Raises
    ------
    ExpressionError
        The alarm's expression asks for what there is not.
    """
    count = evaluation_range(alarm.evaluation_periods)
    end_s = minute_of(now_s)
    window = Window(end_s - count * alarm.period_s, end_s)
    found = Evaluation(store, alarm.queries, window).result(alarm.query_id)
    series = found[0] if found else {}
    times = range(window.start_s, window.end_s, alarm.period_s)
    points = [_point(alarm, series.get(time_s)) for time_s in times]
    if alarm.ignores_low_samples and _has_few_samples(alarm, store, window):
        return Verdict(current, "Insufficient samples: the percentile was not evaluated")
    state = decide(
        points,
        evaluation_periods=alarm.evaluation_periods,
        datapoints_to_alarm=alarm.datapoints_to_alarm,
        missing_data=alarm.missing_data,
        current=current,
    )
    return Verdict(
        state, _reason(alarm, series, current, state), _reason_data(alarm, series, end_s, now_s)
    )


def evaluate_composite_alarm(alarm: CompositeAlarm, state_of: StateOf) -> Verdict:
    """An alarm whose rule holds is in ALARM, any other in OK."""
    state = State.ALARM if parse_rule(alarm.rule)(state_of) else State.OK
    return Verdict(state, f"{alarm.arn} evaluated its rule to {state}: {alarm.rule}")


def _point(alarm: MetricAlarm, value: float | None) -> Point:
    if value is None:
        return Point.MISSING
    breaches = alarm.comparison.breaches(value, alarm.threshold)
    return Point.BREACHING if breaches else Point.WITHIN


def _has_few_samples(alarm: MetricAlarm, store: MetricStore, window: Window) -> bool:
    """Source: CloudWatch user guide, "Percentile-based alarms and low data samples"."""
    stat = alarm.watched.stat
    match = _PERCENTILE.fullmatch(stat.statistic) if stat else None
    if stat is None or match is None:
        return False
    share = float(match[1]) / 100
    tail = 1 - share if share >= 0.5 else share
    start_s = window.end_s - alarm.evaluation_periods * alarm.period_s
    recent = Window(start_s, window.end_s)
    sets = statistic_sets(store, stat.metric, stat.period_s, recent, stat.unit)
    return tail > 0 and sum(it.sample_count for it in sets.values()) < 10 / tail


def _evaluated(alarm: MetricAlarm, series: Series) -> list[tuple[int, float]]:
    """The data points that counted, newest first."""
    return sorted(series.items(), reverse=True)[: alarm.evaluation_periods]


def _reason(alarm: MetricAlarm, series: Series, current: State, state: State) -> str:
    """CloudWatch's sentence.

    Source: messages of AWS as its user guide quotes them (documented in part).
    """
    points = _evaluated(alarm, series)
    missing = alarm.evaluation_periods - len(points)
    if state is State.INSUFFICIENT_DATA:
        were = "datapoint was" if missing == 1 else "datapoints were"
        return f"Insufficient Data: {missing} {were} unknown."
    if not points:
        return _without_points(alarm, missing)
    breaching = [it for it in points if alarm.comparison.breaches(it[1], alarm.threshold)]
    shown = breaching if state is State.ALARM and breaching else points
    listed = ", ".join(f"{value} ({_day_time(time_s)})" for time_s, value in shown)
    verb = "was" if len(shown) == 1 else "were"
    negation = "" if shown is breaching else "not "
    needed = alarm.datapoints_to_alarm
    if state is State.OK:
        needed = alarm.evaluation_periods - needed + 1
    noun = "datapoint" if needed == 1 else "datapoints"
    return (
        f"Threshold Crossed: {len(shown)} out of the last {alarm.evaluation_periods} datapoints "
        f"[{listed}] {verb} {negation}{_WORDS[alarm.comparison]} the threshold "
        f"({alarm.threshold}) (minimum {needed} {noun} for {current} -> {state} transition)."
    )


def _without_points(alarm: MetricAlarm, missing: int) -> str:
    periods = "period" if missing == 1 else "periods"
    were = "datapoint was" if missing == 1 else "datapoints were"
    treated = {MissingData.BREACHING: "Breaching", MissingData.NOT_BREACHING: "NonBreaching"}
    word = treated.get(alarm.missing_data, "Ignored")
    return (
        f"Threshold Crossed: no datapoints were received for {missing} {periods} and {missing} "
        f"missing {were} treated as [{word}]."
    )


def _day_time(time_s: float) -> str:
    return f"{datetime.fromtimestamp(time_s, UTC):%d/%m/%y %H:%M:%S}"


def _reason_data(alarm: MetricAlarm, series: Series, end_s: int, now_s: float) -> str:
    points = _evaluated(alarm, series)
    data: dict[str, Any] = {
        "version": "1.0",
        "queryDate": timestamp(now_s),
        "startDate": timestamp(points[-1][0] if points else end_s - alarm.period_s),
        "period": alarm.period_s,
        "recentDatapoints": [value for _, value in reversed(points)],
        "threshold": alarm.threshold,
        "evaluatedDatapoints": [{"timestamp": timestamp(t), "value": v} for t, v in points],
    }
    if alarm.watched.stat is not None:
        data["statistic"] = alarm.watched.stat.statistic
    return json.dumps(data, separators=(",", ":"))


def timestamp(time_s: float) -> str:
    """``2026-01-02T03:04:05.678+0000``, as CloudWatch writes it in its messages."""
    moment = datetime.fromtimestamp(time_s, UTC)
    return f"{moment.isoformat('T', 'milliseconds')[:23]}+0000"
