"""From data points to the state of an alarm."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum

from cloudworthy.local.observe.alarms.definition import MissingData, State

_EXTRA_PERIODS = 2


class Point(StrEnum):
    """A period's data point against the threshold."""

    BREACHING = "X"
    WITHIN = "0"
    MISSING = "-"


def evaluation_range(evaluation_periods: int) -> int:
    """How many periods are looked at, so that late and rare data points count.

    Source: assumed. AWS documents that there are more than the evaluation periods, and 5 for 3
    in its example.
    """
    return evaluation_periods + _EXTRA_PERIODS


def decide(
    points: Sequence[Point],
    *,
    evaluation_periods: int,
    datapoints_to_alarm: int,
    missing_data: MissingData,
    current: State,
) -> State:
    """The state that data points call for.

    ``points`` are those of the evaluation range, oldest first; ``current`` is the state before.

    Source: CloudWatch user guide, "How alarm state is evaluated when data is missing"
    (documented, with the tables that the tests hold).
    """
    present = [it for it in points if it is not Point.MISSING]
    considered = present[-evaluation_periods:]
    breaching = considered.count(Point.BREACHING)
    filled = evaluation_periods - len(considered)
    if missing_data is MissingData.BREACHING:
        breaching += filled
    if breaching >= datapoints_to_alarm:
        return State.ALARM
    if not filled or Point.WITHIN in present:
        return State.OK
    if missing_data is MissingData.MISSING:
        return _of_breaching_points_only(points, datapoints_to_alarm)
    return current if missing_data is MissingData.IGNORE else State.OK


def _of_breaching_points_only(points: Sequence[Point], datapoints_to_alarm: int) -> State:
    """Few points, none of them within: an alarm once the oldest is old enough.

    Source: same place, "Avoiding premature transitions to alarm state" (documented).
    """
    if Point.BREACHING not in points:
        return State.INSUFFICIENT_DATA
    age = len(points) - list(points).index(Point.BREACHING)
    return State.ALARM if age >= datapoints_to_alarm else State.INSUFFICIENT_DATA
