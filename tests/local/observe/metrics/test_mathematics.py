from __future__ import annotations

import math
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cloudworthy.local.observe.metrics.clock import MetricClock
from cloudworthy.local.observe.metrics.expression import ExpressionError
from cloudworthy.local.observe.metrics.mathematics import Evaluation, Query, parse_expression
from cloudworthy.local.observe.metrics.series import MetricStat, Window
from cloudworthy.local.observe.metrics.statistics import StatisticSet
from cloudworthy.local.observe.metrics.store import Metric, MetricStore, MetricValues
from local.observe.manual_clock import START, ManualClock

START_S = int(START.timestamp())
WINDOW = Window(START_S, START_S + 300)
DATA: dict[str, list[float | None]] = {
    "errors": [1, 0, None, 4, None],
    "invocations": [10, 0, None, 8, None],
    "steps": [1, 3, 6, None, 15],
    "none": [None] * 5,
    "losses": [-1, 4, None, 0, None],
}


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MetricStore]:
    store = MetricStore(tmp_path_factory.mktemp("m") / "m.sqlite", MetricClock(ManualClock()))
    for name, values in DATA.items():
        for minute, value in enumerate(values):
            if value is not None:
                added = StatisticSet()
                added.add(value)
                store.add([MetricValues(Metric("N", name), added, START_S + 60 * minute)])
    yield store
    store.close()


def answer(store: MetricStore, expression: str) -> list[list[float | None]]:
    queries = [Query(it, stat=MetricStat(Metric("N", it), "Sum", 60)) for it in DATA]
    queries.append(Query("half", expression=parse_expression("errors / 2")))
    queries.append(Query("e", expression=parse_expression(expression)))
    several = Evaluation(store, queries, WINDOW).result("e")
    return [[it.get(START_S + 60 * minute) for minute in range(5)] for it in several]


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("100 * errors / invocations", [10, None, None, 50, None]),
        ("100*(errors/MAX([errors, invocations]))", [10, None, None, 50, None]),
        ("IF(invocations > 0, errors / invocations, 0)", [0.1, 0, None, 0.5, None]),
        ("IF(invocations > 9 AND errors == 1, 1)", [1, None, None, None, None]),
        ("invocations > 9 || errors >= 4", [1, 0, None, 1, None]),
        ("FILL(errors, 0)", [1, 0, 0, 4, 0]),
        ("FILL(none, 7)", [7, 7, 7, 7, 7]),
        ("FILL(steps, REPEAT)", [1, 3, 6, 6, 15]),
        ("FILL(steps, LINEAR)", [1, 3, 6, 10.5, 15]),
        ("RATE(steps)", [None, 2 / 60, 3 / 60, None, 9 / 120]),
        ("DIFF(steps)", [None, 2, 3, None, 9]),
        ("RUNNING_SUM(steps)", [1, 4, 10, None, 25]),
        ("SUM(errors)", [5, 5, 5, 5, 5]),
        ("SUM([errors, steps])", [2, 3, 6, 4, 15]),
        ("AVG([errors, invocations])", [5.5, 0, None, 6, None]),
        ("STDDEV([errors, invocations])", [4.5, 0, None, 2, None]),
        ("MIN([errors, 2])", [1, 0, None, 2, None]),
        ('SUM(METRICS("invo"))', [10, 0, None, 8, None]),
        ("half * 2", [1, 0, None, 4, None]),
        ("-errors + 1", [0, 1, None, -3, None]),
        ("2 ^ 3 ^ 1 - 1", [7, 7, 7, 7, 7]),
        ("PERIOD(errors)", [60, 60, 60, 60, 60]),
        ("ABS(0 - errors)", [1, 0, None, 4, None]),
        ("LAST(steps)", [15, 15, 15, 15, 15]),
        ("METRIC_COUNT([errors, steps])", [2, 2, 2, 2, 2]),
        ("1 / 0", [None] * 5),
        ("steps + LOG10(SUM(none))", [None] * 5),
        ("steps + LOG10(0 - SUM(steps))", [None] * 5),
        ("steps + LOG(0)", [None] * 5),
        ("LOG10(errors)", [0, None, None, math.log10(4), None]),
        ("losses ^ 0.5", [None, 2, None, 0, None]),
        ("losses ^ -1", [-1, 0.25, None, None, None]),
        ("steps * (0 - 2) ^ 0.5", [None] * 5),
        ("10 ^ 400 * steps", [None] * 5),
        ("10 ^ 308 * errors", [1e308, 0, None, None, None]),
        ("SUM([10 ^ 308 * losses, 10 ^ 308 * losses])", [None, None, None, 0, None]),
        ("STDDEV([10 ^ 200 * errors, losses])", [None, 2, None, None, None]),
        ("DIFF(1.5e308 * IF(steps > 1, 1, -1))", [None, None, 0, None, 0]),
        ("RUNNING_SUM(1.5e308 * IF(steps > 0, 1))", [1.5e308, None, None, None, None]),
        ("IF(LOG(0), 1, 2)", [None] * 5),
        ("1.5e1", [15] * 5),
    ],
)  # fmt: skip
def test_expressions(store: MetricStore, expression: str, expected: list[float | None]) -> None:
    assert answer(store, expression) == [pytest.approx(expected)]


def test_an_array_answers_several_series(store: MetricStore) -> None:
    assert answer(store, "[errors, steps] * 2") == [
        [2, 0, None, 8, None],
        [2, 6, 12, None, 30],
    ]
    assert len(answer(store, "METRICS()")) == len(DATA)


@pytest.mark.parametrize(
    "expression",
    ["", "1 +", "(1", "errors errors", "ANOMALY_DETECTION_BAND(errors)", "1 ; 2", "[1, 2", "e",
     "unknown", "SUM()", "FILL(errors)", "'text'", "1e999", "TIME_SERIES([errors, steps])"],
)  # fmt: skip
def test_what_cannot_be_answered_is_said(store: MetricStore, expression: str) -> None:
    with pytest.raises(ExpressionError):
        answer(store, expression)


NUMBERS = st.integers(min_value=1, max_value=50).map(str)
SUMS = st.recursive(
    NUMBERS,
    lambda inner: st.builds(
        lambda left, sign, right: f"({left} {sign} {right})", inner, st.sampled_from("+-*"), inner
    ),
    max_leaves=20,
)


@given(SUMS)
def test_arithmetic_is_that_of_everybody(store: MetricStore, expression: str) -> None:
    expected = float(eval(expression))  # noqa: S307 - made of digits and signs above
    assert answer(store, expression)[0][0] == pytest.approx(expected)


@given(st.text(max_size=30))
def test_any_text_is_read_or_refused(text: str) -> None:
    answer: object
    try:
        answer = parse_expression(text)
    except ExpressionError as error:
        answer = str(error)
    assert answer
