"""Results as tables, for the terminal and for the document alike."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

import rich.table

from benchmarks.measurements.cold_start import BARE
from benchmarks.promises import Verdict, verdicts
from benchmarks.results import (
    ColdStart,
    EnforcementRow,
    PageRow,
    RequestRow,
    Results,
    StartResult,
    TargetResult,
)
from benchmarks.targets.cloudworthy import Cloudworthy


@dataclass(frozen=True, slots=True)
class Table:
    """The first column is text, the others are figures unless ``text_columns`` says more."""

    title: str
    columns: Sequence[str]
    rows: Sequence[Sequence[str]]
    text_columns: int = 1

    def to_rich(self) -> rich.table.Table:
        table = rich.table.Table(title=self.title, title_justify="left")
        for number, column in enumerate(self.columns):
            table.add_column(column, justify="left" if number < self.text_columns else "right")
        for row in self.rows:
            table.add_row(*row)
        return table

    def to_markdown(self) -> str:
        rule = [
            "---" if number < self.text_columns else "---:" for number in range(len(self.columns))
        ]
        lines = [f"| {' | '.join(cells)} |" for cells in (self.columns, rule, *self.rows)]
        return f"### {self.title}\n\n" + "\n".join(lines) + "\n"


def tables(results: Results) -> list[Table]:
    """A table for everything that was measured, the promises first."""
    made = []
    if found := verdicts(results):
        made.append(promises(found))
    if results.targets:
        made += [_requests(results), _target_starts(results.targets), _memory(results.targets)]
    if results.start is not None:
        made.append(_start(results.start))
    if results.cold_starts:
        made.append(_cold_starts(results.cold_starts))
    if results.pages:
        made.append(_pages(results.pages))
    if results.enforcement:
        made.append(_enforcement(results.enforcement))
    return made


def promises(found: Sequence[Verdict]) -> Table:
    """What was promised, and whether it is met."""
    rows = [
        (verdict.promise, verdict.wanted, verdict.measured, "met" if verdict.met else "FALLS SHORT")
        for verdict in found
    ]
    return Table("Promises", ("promise", "wanted", "measured", ""), rows, text_columns=4)


def _requests(results: Results) -> Table:
    rows = [row for result in results.targets for row in result.rows]
    order = list(dict.fromkeys((row.operation, row.connections) for row in rows))
    rows.sort(key=lambda row: order.index((row.operation, row.connections)))
    columns = ("operation", "connections", "through", "p50 ms", "p99 ms", "requests/s", "p50 ratio")
    cells = [_request_cells(row, results) for row in rows]
    return Table("Requests", columns, cells, text_columns=3)


def _request_cells(row: RequestRow, results: Results) -> Sequence[str]:
    ours = results.latencies(Cloudworthy.name, row.operation, row.connections)
    ratio = "" if ours is None else f"{row.latencies.p50_ms / ours.p50_ms:.2f}"
    return (
        row.operation,
        str(row.connections),
        row.target,
        f"{row.latencies.p50_ms:.2f}",
        f"{row.latencies.p99_ms:.2f}",
        f"{row.latencies.per_second:,.0f}",
        ratio,
    )


def _target_starts(targets: Sequence[TargetResult]) -> Table:
    rows = [(result.target, f"{result.start_s:.2f}") for result in targets]
    return Table("Start to the first answer, without any state", ("through", "s"), rows)


def _memory(targets: Sequence[TargetResult]) -> Table:
    rows: list[tuple[str, str, str, str]] = []
    for result in targets:
        proportional = [process.pss_mib for process in result.memory]
        known = [pss for pss in proportional if pss is not None]
        total = f"{sum(known):.1f}" if len(known) == len(proportional) else "unknown"
        rows.append((result.target, "all", total, f"{sum(p.rss_mib for p in result.memory):.1f}"))
        rows += [
            (
                "",
                process.name,
                "unknown" if process.pss_mib is None else f"{process.pss_mib:.1f}",
                f"{process.rss_mib:.1f}",
            )
            for process in result.memory
        ]
    columns = ("through", "process", "PSS MiB", "RSS MiB")
    return Table("Memory with one warm worker", columns, rows, text_columns=2)


def _start(start: StartResult) -> Table:
    def line(what: str, unit: str, figures: Sequence[float], digits: int) -> Sequence[str]:
        best, middle, worst = min(figures), median(figures), max(figures)
        return (
            f"{what} ({unit})",
            *(f"{figure:.{digits}f}" for figure in (best, middle, worst)),
            str(len(figures)),
        )

    rows = [
        line("first start to first answer", "s", [start.first_s], 2),
        line("second start to first answer", "s", start.second_s, 2),
        line("changed code to first changed answer", "ms", start.reload_ms, 0),
    ]
    return Table("cloudworthy: starts and reload", ("", "best", "median", "worst", "runs"), rows)


def _cold_starts(cold_starts: Sequence[ColdStart]) -> Table:
    (bare,) = (found.median_ms for found in cold_starts if found.handler == BARE)
    rows = [
        (
            found.handler,
            f"{min(found.each_ms):.1f}",
            f"{found.median_ms:.1f}",
            f"{max(found.each_ms):.1f}",
            f"{found.median_ms / bare:.2f}",
        )
        for found in cold_starts
    ]
    columns = ("handler", "best ms", "median ms", "worst ms", "median ratio to bare")
    return Table("Handler cold start: import to first answer", columns, rows)


def _pages(pages: Sequence[PageRow]) -> Table:
    smallest = min(row.items for row in pages)
    small = {row.page: row.latencies.p50_ms for row in pages if row.items == smallest}
    order = list(small)
    rows = [
        (
            row.page,
            f"{row.items:,}",
            f"{row.latencies.p50_ms:.2f}",
            f"{row.latencies.p99_ms:.2f}",
            f"{row.latencies.p50_ms / small[row.page]:.2f}",
        )
        for row in sorted(pages, key=lambda row: (order.index(row.page), row.items))
    ]
    columns = ("page of 20", "items in the table", "p50 ms", "p99 ms", f"ratio to {smallest:,}")
    return Table("Pages as the table grows, through cloudworthy", columns, rows)


def _enforcement(found: Sequence[EnforcementRow]) -> Table:
    rows = [
        (
            row.operation,
            str(row.connections),
            f"{row.enforced.p50_ms:.2f}",
            f"{row.off.p50_ms:.2f}",
            f"{row.latency_ratio:.2f}",
            f"{row.enforced.per_second:,.0f}",
            f"{row.off.per_second:,.0f}",
            f"{row.throughput_ratio:.2f}",
        )
        for row in found
    ]
    columns = (
        "operation",
        "connections",
        "enforce p50 ms",
        "off p50 ms",
        "ratio",
        "enforce requests/s",
        "off requests/s",
        "ratio",
    )
    return Table("Permissions decided, beside not decided", columns, rows)
