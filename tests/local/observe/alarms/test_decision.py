"""AWS's own tables of missing data, and a plain reference for everything else."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cloudworthy.local.observe.alarms.decision import Point, decide
from cloudworthy.local.observe.alarms.definition import MissingData, State

OK, ALARM, UNKNOWN = State.OK, State.ALARM, State.INSUFFICIENT_DATA
KEPT = None
"""The state before is kept."""
TREATMENTS = (
    MissingData.MISSING,
    MissingData.IGNORE,
    MissingData.BREACHING,
    MissingData.NOT_BREACHING,
)


def check(points: str, n: int, m: int, treatment: MissingData, expected: State | None) -> None:
    for current in State:
        state = decide(
            [Point(it) for it in points.split()],
            evaluation_periods=n,
            datapoints_to_alarm=m,
            missing_data=treatment,
            current=current,
        )
        assert state is (current if expected is KEPT else expected), (points, treatment, current)


# Source: CloudWatch user guide, "How alarm state is evaluated when data is missing".
@pytest.mark.parametrize(
    ("points", "expected"),
    [
        ("0 - X - X", (OK, OK, OK, OK)),
        ("0 - - - -", (OK, OK, OK, OK)),
        ("- - - - -", (UNKNOWN, KEPT, ALARM, OK)),
        ("0 X X - X", (ALARM, ALARM, ALARM, ALARM)),
        ("- - X - -", (ALARM, KEPT, ALARM, OK)),
        ("- - - - X", (UNKNOWN, KEPT, ALARM, OK)),
        ("X - - - -", (ALARM, KEPT, ALARM, OK)),
    ],
)
def test_three_of_three(points: str, expected: tuple[State | None, ...]) -> None:
    for treatment, state in zip(TREATMENTS, expected, strict=True):
        check(points, 3, 3, treatment, state)


@pytest.mark.parametrize(
    ("points", "expected"),
    [
        ("0 - X - X", (ALARM, ALARM, ALARM, ALARM)),
        ("0 0 X 0 X", (ALARM, ALARM, ALARM, ALARM)),
        ("0 - X - -", (OK, OK, ALARM, OK)),
        ("- - - - 0", (OK, OK, ALARM, OK)),
        ("- - - X -", (ALARM, KEPT, ALARM, OK)),
        ("- - - - X", (UNKNOWN, KEPT, ALARM, OK)),
    ],
)
def test_two_of_three(points: str, expected: tuple[State | None, ...]) -> None:
    for treatment, state in zip(TREATMENTS, expected, strict=True):
        check(points, 3, 2, treatment, state)


@given(
    st.lists(st.sampled_from([Point.WITHIN, Point.BREACHING]), min_size=3, max_size=12),
    st.integers(1, 3),
    st.integers(1, 3),
    st.sampled_from(TREATMENTS),
)
def test_without_gaps_the_newest_points_are_counted(
    points: list[Point], n: int, m: int, treatment: MissingData
) -> None:
    breaching = sum(it is Point.BREACHING for it in points[-n:])
    check(" ".join(points), n, m, treatment, ALARM if breaching >= m else OK)


@given(st.lists(st.sampled_from(list(Point)), min_size=3, max_size=8), st.integers(1, 3))
def test_within_is_never_worse_than_breaching(points: list[Point], m: int) -> None:
    """Missing data that counts as fine gives an alarm only where the data itself does."""

    def state(treatment: MissingData) -> State:
        return decide(
            points,
            evaluation_periods=3,
            datapoints_to_alarm=m,
            missing_data=treatment,
            current=State.OK,
        )

    if state(MissingData.NOT_BREACHING) is ALARM:
        assert {state(it) for it in TREATMENTS} == {ALARM}
    if state(MissingData.BREACHING) is OK:
        assert state(MissingData.NOT_BREACHING) is OK
