"""Runs under load as tables."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from statistics import linear_regression

from benchmarks.endurance.run import Endurance
from benchmarks.endurance.verdicts import describe, rss_mib, verdicts
from benchmarks.tables import Table, promises

_KIB_PER_MIB = 1024


def tables(runs: Sequence[Endurance]) -> list[Table]:
    """A table of verdicts, then the figures behind them."""
    return [
        promises([verdict for found in runs for verdict in verdicts(found)]),
        _traffic(runs),
        _latencies(runs),
        _memory(runs),
        _state(runs),
    ]


def _traffic(runs: Sequence[Endurance]) -> Table:
    rows = [
        (
            describe(found),
            f"{found.traffic.seconds / 60:.1f}",
            f"{len(found.record.at_s):,}",
            f"{found.record.per_second:,.0f}",
            f"{found.record.errors}",
            f"{found.record.throttled:,}",
        )
        for found in runs
    ]
    columns = ("system", "minutes", "answers", "a second", "errors", "of them 429")
    return Table("Traffic", columns, rows)


def _latencies(runs: Sequence[Endurance]) -> Table:
    rows = []
    for found in runs:
        fifths = [found.record.fifth(number) for number in range(5)]
        for percent in (50, 99):
            figures = [f"{fifth.percentile_ms(percent):.2f}" for fifth in fifths]
            rows.append((describe(found), f"p{percent}", *figures))
    columns = ("system", "ms", "first fifth", "second", "third", "fourth", "last")
    return Table("Latency from the beginning to the end", columns, rows, text_columns=2)


def _memory(runs: Sequence[Endurance]) -> Table:
    rows = [
        (
            describe(found),
            program,
            str(found.looks[-1].census.by_program[program].processes),
            f"{rss_mib(found.looks, program, 1):.1f}",
            f"{rss_mib(found.looks, program, 4):.1f}",
            f"{growth_kib(found, program):+.1f}",
        )
        for found in runs
        for program in found.before.by_program
        if program in found.looks[-1].census.by_program
    ]
    columns = (
        "system",
        "program",
        "processes",
        "MiB of the largest, second fifth",
        "last fifth",
        "KiB in 1,000 answers",
    )
    return Table("Memory (RSS)", columns, rows, text_columns=2)


def growth_kib(found: Endurance, program: str) -> float:
    """By how much the largest process grew in a thousand answers after the first fifth.

    By least squares.
    """
    points = [
        (look.answers, look.census.by_program[program].largest_mib)
        for look in found.looks[len(found.looks) // 5 :]
        if program in look.census.by_program
    ]
    if len({answers for answers, _ in points}) < 2:
        return 0.0
    answers, mib = zip(*points, strict=True)
    return linear_regression(answers, mib).slope * _KIB_PER_MIB * 1000


def _state(runs: Sequence[Endurance]) -> Table:
    columns = ("system", "in the state directory", "MiB before", "MiB after")
    rows = [row for found in runs for row in _state_rows(found)]
    return Table("State on disk, where it grew", columns, rows, text_columns=2)


def _state_rows(found: Endurance) -> Iterator[tuple[str, ...]]:
    for name, after in sorted(found.state_after.items()):
        before = found.state_before.get(name, 0.0)
        if after - before >= 0.1:
            yield describe(found), f"`{name}`", f"{before:.1f}", f"{after:.1f}"
