"""From results to the document."""

from datetime import date
from pathlib import Path

import pytest
from benchmarks.promises import verdicts
from benchmarks.results import (
    ColdStart,
    EnforcementRow,
    Latencies,
    PageRow,
    ProcessMemory,
    RequestRow,
    Results,
    StartResult,
    TargetResult,
)
from benchmarks.tables import tables

from benchmarks import report


def _target(name: str, latency_ms: float) -> TargetResult:
    latencies = Latencies([latency_ms] * 100, seconds=latency_ms / 10)
    rows = [RequestRow(name, "GET item", connections, latencies) for connections in (1, 8)]
    return TargetResult(name, 1.0, [ProcessMemory("python", 100, 90)], rows)


_RESULTS = Results(
    targets=[_target("cloudworthy", 1), _target("serverless-offline", 3), _target("MiniStack", 12)],
    start=StartResult(9.0, [1.2, 1.4, 1.3], [350, 420, 310]),
    cold_starts=[ColdStart("our api handler", [140]), ColdStart("bare handler, pydynox", [100])],
    pages=[
        PageRow(size, "first", Latencies([size / 1_000_000 + 2], 1)) for size in (1_000, 1_000_000)
    ],
    enforcement=[
        EnforcementRow("GET item", 1, Latencies([1.09] * 10, 11), Latencies([1.0] * 10, 10)),
        EnforcementRow("GET item", 8, Latencies([1.2] * 10, 15), Latencies([1.0] * 10, 10)),
    ],
)


def test_each_promise_says_whether_it_is_met() -> None:
    met = {verdict.promise: verdict.met for verdict in verdicts(_RESULTS)}
    assert met == {
        "Second start to the first answer": True,
        "Changed code answers": False,
        "GET item beside serverless-offline, 1 connection: median latency": True,
        "GET item beside serverless-offline, 1 connection: throughput": True,
        "GET item beside serverless-offline, 8 connections: median latency": True,
        "GET item beside serverless-offline, 8 connections: throughput": True,
        "GET item beside MiniStack, 1 connection: median latency": False,
        "GET item beside MiniStack, 1 connection: throughput": False,
        "GET item beside MiniStack, 8 connections: median latency": False,
        "GET item beside MiniStack, 8 connections: throughput": False,
        "Memory of all processes with one warm worker": True,
        "Cold start of the api handler beside the bare handler": True,
        "Page (first) at 1,000,000 items beside 1,000": True,
        "GET item, 1 connection: --iam enforce beside off, median latency": True,
        "GET item, 1 connection: --iam enforce beside off, throughput": True,
        "GET item, 8 connections: --iam enforce beside off, median latency": False,
        "GET item, 8 connections: --iam enforce beside off, throughput": False,
    }


def test_only_what_was_measured_is_reported() -> None:
    assert tables(Results()) == []
    assert [table.title for table in tables(Results(start=_RESULTS.start))] == [
        "Promises",
        "cloudworthy: starts and reload",
    ]


def test_the_generated_part_of_the_document_is_replaced(tmp_path: Path) -> None:
    document = tmp_path / "benchmarks.md"
    place = report.BENCHMARKS
    document.write_text(f"# Title\n\n{place.begin}\nfigures of before\n{place.end}\n\nProse.\n")
    day, facts = date(2026, 1, 2), [("machine", "2 cores")]
    for _ in range(2):
        report.write(document, place, report.generated(tables(_RESULTS), facts, day, "make bench"))
    text = document.read_text()
    assert text.startswith(
        f"# Title\n\n{report.BENCHMARKS.begin}\n\nMeasured on 2026-01-02 with `make bench`."
    )
    assert "| GET item | 8 | MiniStack | 12.00 | 12.00 | 83 | 12.00 |" in text
    assert "| GET item | 8 | 1.20 | 1.00 | 1.20 | 1 | 1 | 0.67 |" in text
    assert "FALLS SHORT" in text
    assert "figures of before" not in text
    assert text.endswith(f"{report.BENCHMARKS.end}\n\nProse.\n")


def test_a_document_without_the_place_is_refused(tmp_path: Path) -> None:
    document = tmp_path / "benchmarks.md"
    document.write_text("# Title\n")
    with pytest.raises(ValueError, match=r"benchmarks\.md: expected the lines"):
        report.write(document, report.BENCHMARKS, "text")
