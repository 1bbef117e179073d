"""The targets of the project, each held against what was measured."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from statistics import median

from benchmarks.measurements.cold_start import BARE, OURS
from benchmarks.measurements.requests import CONNECTIONS, OPERATIONS
from benchmarks.results import Latencies, Results
from benchmarks.targets.cloudworthy import Cloudworthy
from benchmarks.targets.ministack import MiniStack
from benchmarks.targets.serverless_offline import ServerlessOffline

_MB_PER_MIB = 1.048576
_GET = OPERATIONS[0]


@dataclass(frozen=True, slots=True)
class Verdict:
    """One promise."""

    promise: str
    wanted: str
    measured: str
    met: bool


def verdicts(results: Results) -> list[Verdict]:
    """Every promise whose measurements were taken."""
    return [
        *_start(results),
        *_beside(results, ServerlessOffline.name, 2.0),
        *_beside(results, MiniStack.name, 30.0),
        *_memory(results),
        *_cold_start(results),
        *_pages(results),
        *_enforcement(results),
    ]


def _start(results: Results) -> Iterator[Verdict]:
    if results.start is None:
        return
    second_s = median(results.start.second_s)
    reload_ms = median(results.start.reload_ms)
    yield Verdict(
        "Second start to the first answer", "under 1.5 s", f"{second_s:.2f} s", second_s < 1.5
    )
    yield Verdict("Changed code answers", "within 300 ms", f"{reload_ms:.0f} ms", reload_ms <= 300)


def _beside(results: Results, peer: str, times: float) -> Iterator[Verdict]:
    for connections in CONNECTIONS:
        ours = results.latencies(Cloudworthy.name, _GET, connections)
        theirs = results.latencies(peer, _GET, connections)
        if ours is None or theirs is None:
            continue
        what = f"{_GET} beside {peer}, {connections} connection{'s'[: connections > 1]}"
        yield from _comparison(what, ours, theirs, times)


def _comparison(what: str, ours: Latencies, theirs: Latencies, times: float) -> Iterator[Verdict]:
    faster = theirs.p50_ms / ours.p50_ms
    more = ours.per_second / theirs.per_second
    yield Verdict(
        f"{what}: median latency",
        f"at most 1/{times:.0f}",
        f"1/{faster:.1f} ({ours.p50_ms:.2f} ms against {theirs.p50_ms:.2f} ms)",
        faster >= times,
    )
    yield Verdict(
        f"{what}: throughput",
        f"at least {times:.0f} times",
        f"{more:.1f} times ({ours.per_second:,.0f}/s against {theirs.per_second:,.0f}/s)",
        more >= times,
    )


def _memory(results: Results) -> Iterator[Verdict]:
    for result in results.targets:
        if result.target == Cloudworthy.name:
            used_mb = sum(process.own_mib for process in result.memory) * _MB_PER_MIB
            yield Verdict(
                "Memory of all processes with one warm worker",
                "under 300 MB",
                f"{used_mb:.0f} MB",
                used_mb < 300,
            )


def _cold_start(results: Results) -> Iterator[Verdict]:
    by_name = {cold_start.handler: cold_start for cold_start in results.cold_starts}
    if OURS in by_name and BARE in by_name:
        times = by_name[OURS].median_ms / by_name[BARE].median_ms
        yield Verdict(
            "Cold start of the api handler beside the bare handler",
            "at most 1.5 times",
            f"{times:.2f} times",
            times <= 1.5,
        )


def _pages(results: Results) -> Iterator[Verdict]:
    """The promise is the same cost; half as much again is allowed for a bigger file's caches."""
    sizes = [row.items for row in results.pages]
    if not sizes or min(sizes) == max(sizes):
        return
    small = {row.page: row.latencies.p50_ms for row in results.pages if row.items == min(sizes)}
    for row in results.pages:
        if row.items == max(sizes):
            times = row.latencies.p50_ms / small[row.page]
            yield Verdict(
                f"Page ({row.page}) at {max(sizes):,} items beside {min(sizes):,}",
                "at most 1.5 times",
                f"{times:.2f} times",
                times <= 1.5,
            )


def _enforcement(results: Results) -> Iterator[Verdict]:
    for row in results.enforcement:
        what = f"{row.operation}, {row.connections} connection{'s'[: row.connections > 1]}"
        yield Verdict(
            f"{what}: --iam enforce beside off, median latency",
            "at most 1.10 times",
            f"{row.latency_ratio:.2f} times",
            row.latency_ratio <= 1.1,
        )
        yield Verdict(
            f"{what}: --iam enforce beside off, throughput",
            "at least 0.90 times",
            f"{row.throughput_ratio:.2f} times",
            row.throughput_ratio >= 0.9,
        )
