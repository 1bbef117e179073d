"""What deciding on every call costs: two runtimes that differ in ``--iam`` alone, taking turns."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from benchmarks.load import Bounds, Operation, run
from benchmarks.measurements.requests import CONNECTIONS, operations
from benchmarks.results import EnforcementRow, Latencies
from benchmarks.targets.target import Endpoint, Target, running

_TURNS = 10
"""Many short ones: a slow moment of the machine falls on both."""


def measure(
    enforced: Target, off: Target, bounds: Bounds, report: Callable[[str], None]
) -> list[EnforcementRow]:
    """Every operation over every number of connections."""
    turn = Bounds(bounds.warm_up_s / 8, bounds.measure_s / 5)
    with running(enforced) as one, running(off) as other:
        both = (one, other)
        pairs = list(zip(*(operations(endpoint) for endpoint in both), strict=True))
        rows = []
        for connections in CONNECTIONS:
            for pair in pairs:
                report(f"enforce and off: {pair[0].name}, {connections} connections")
                for operation, endpoint in zip(pair, both, strict=True):
                    run(endpoint, operation, connections, replace(turn, measure_s=bounds.warm_up_s))
                rows.append(_row(pair, both, connections, turn))
        return rows


def _row(
    pair: Sequence[Operation], both: Sequence[Endpoint], connections: int, turn: Bounds
) -> EnforcementRow:
    taken: tuple[list[Latencies], list[Latencies]] = ([], [])
    for number in range(_TURNS):
        # Who is first in one turn is second in the next.
        for which in (0, 1) if number % 2 else (1, 0):
            taken[which].append(run(both[which], pair[which], connections, turn))
    return EnforcementRow(pair[0].name, connections, *(_together(each) for each in taken))


def _together(turns: Sequence[Latencies]) -> Latencies:
    each_ms = [ms for turn in turns for ms in turn.each_ms]
    return Latencies(each_ms, sum(turn.seconds for turn in turns))
