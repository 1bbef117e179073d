"""What the measurements hand to the report."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median


@dataclass(frozen=True, slots=True)
class Latencies:
    """How long each request took, and how long all of them took together."""

    each_ms: Sequence[float]
    seconds: float

    @property
    def p50_ms(self) -> float:
        return median(self.each_ms)

    @property
    def p99_ms(self) -> float:
        """Nearest rank: 99 of 100 requests were at least as fast."""
        ordered = sorted(self.each_ms)
        return ordered[math.ceil(0.99 * len(ordered)) - 1]

    @property
    def per_second(self) -> float:
        return len(self.each_ms) / self.seconds


@dataclass(frozen=True, slots=True)
class RequestRow:
    target: str
    operation: str
    connections: int
    latencies: Latencies


@dataclass(frozen=True, slots=True)
class ProcessMemory:
    name: str
    rss_mib: float
    pss_mib: float | None
    """Proportional set size, where the system tells it."""

    @property
    def own_mib(self) -> float:
        return self.rss_mib if self.pss_mib is None else self.pss_mib


@dataclass(frozen=True, slots=True)
class TargetResult:
    """All that was seen of one target while it ran once."""

    target: str
    start_s: float
    """From the start of its process to its first answer with an item."""
    memory: Sequence[ProcessMemory]
    """After requests over one connection, so with one warm worker."""
    rows: Sequence[RequestRow]


@dataclass(frozen=True, slots=True)
class StartResult:
    first_s: float
    second_s: Sequence[float]
    reload_ms: Sequence[float]


@dataclass(frozen=True, slots=True)
class ColdStart:
    handler: str
    each_ms: Sequence[float]

    @property
    def median_ms(self) -> float:
        return median(self.each_ms)


@dataclass(frozen=True, slots=True)
class PageRow:
    items: int
    page: str
    latencies: Latencies


@dataclass(frozen=True, slots=True)
class EnforcementRow:
    """One operation through a runtime that decides on calls, and through one that does not."""

    operation: str
    connections: int
    enforced: Latencies
    off: Latencies

    @property
    def latency_ratio(self) -> float:
        return self.enforced.p50_ms / self.off.p50_ms

    @property
    def throughput_ratio(self) -> float:
        return self.enforced.per_second / self.off.per_second


@dataclass(frozen=True, slots=True)
class Results:
    targets: Sequence[TargetResult] = ()
    start: StartResult | None = None
    cold_starts: Sequence[ColdStart] = ()
    pages: Sequence[PageRow] = ()
    enforcement: Sequence[EnforcementRow] = ()

    def latencies(self, target: str, operation: str, connections: int) -> Latencies | None:
        for result in self.targets:
            for row in result.rows:
                if (row.target, row.operation, row.connections) == (
                    target,
                    operation,
                    connections,
                ):
                    return row.latencies
        return None
