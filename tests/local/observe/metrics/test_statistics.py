from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cloudworthy.local.observe.metrics.statistics import StatisticSet, is_statistic

VALUES = st.lists(
    st.floats(min_value=-1e6, max_value=1e6).map(lambda it: round(it, 3)), min_size=1, max_size=90
)


def of(*values: float) -> StatisticSet:
    result = StatisticSet()
    for value in values:
        result.add(value)
    return result


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("SampleCount", 10),
        ("Sum", 55),
        ("Average", 5.5),
        ("Minimum", 1),
        ("Maximum", 10),
        ("p50", 5),
        ("p90", 9),
        ("p99", 10),
        ("p99.9", 10),
        ("p0", 1),
        ("p100", 10),
        ("tm90", 5),
        ("tc90", 9),
        ("ts90", 45),
        ("wm90", 5.4),
        ("TM(10%:90%)", 5),
        ("TC(:50%)", 5),
        ("TM(90%:)", 9.5),
        ("TS(12.5%:100%)", 54),
        ("IQM", 5.5),
    ],
)
def test_each_statistic_of_one_to_ten(name: str, expected: float) -> None:
    assert is_statistic(name)
    assert of(*range(1, 11)).statistic(name) == pytest.approx(expected)


@pytest.mark.parametrize(
    "name",
    ["", "Median", "p101", "p", "px", "sum", "p\u0663", "TM(10%:90%)x", "TM(:)", "TM(%:90%)",
     "TM(1.2.3%:90%)", "TM(90%:10%)", "TM(5%:500%)", "TM(.%:90%)", "TM(10%:90%)\n"],
)  # fmt: skip
def test_other_names_are_no_statistics(name: str) -> None:
    assert not is_statistic(name)


def test_a_summary_of_different_values_has_no_percentiles() -> None:
    assert StatisticSet(2, 5, 1, 4, None).statistic("p50") is None
    assert StatisticSet(2, 5, 1, 4, None).statistic("Average") == 2.5
    assert StatisticSet(3, 6, 2, 2, None).statistic("p90") == 2


def test_of_no_values_there_is_no_statistic() -> None:
    assert StatisticSet().statistic("Sum") is None


@given(VALUES, VALUES)
def test_merging_is_adding_one_after_the_other(first: list[float], second: list[float]) -> None:
    merged = of(*first)
    merged.merge(of(*second))
    together = of(*first, *second)
    for name in ("SampleCount", "Minimum", "Maximum"):
        assert merged.statistic(name) == together.statistic(name)
    assert merged.total == pytest.approx(together.total, abs=1e-6)


@given(st.integers(min_value=1, max_value=99))
def test_percentiles_of_many_values_are_right_to_three_digits(percent: int) -> None:
    values = [math.exp(index / 500) for index in range(3000)]
    exact = values[math.ceil(len(values) * percent / 100) - 1]
    assert of(*values).statistic(f"p{percent}") == pytest.approx(exact, rel=0.01)
