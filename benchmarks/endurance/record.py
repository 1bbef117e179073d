"""What visitors saw: every answer, with when it came and how long it took."""

from __future__ import annotations

import math
from array import array
from collections import Counter
from dataclasses import dataclass, field

_MOST_ERRORS = 20
THROTTLED = 429


@dataclass
class Record:
    """All answers of one run.

    Answers that were throttled are counted apart, and are no error where the API is expected
    to throttle.
    """

    throttles_expected: bool = False
    at_s: array[float] = field(default_factory=lambda: array("d"))
    each_ms: array[float] = field(default_factory=lambda: array("f"))
    operations: Counter[str] = field(default_factory=Counter)
    statuses: Counter[int] = field(default_factory=Counter)
    throttled: int = 0
    errors: int = 0
    first_errors: list[str] = field(default_factory=list)
    """The first of them, for the person who reads the report."""

    def answered(self, operation: str, at_s: float, took_ms: float, status: int) -> None:
        self.at_s.append(at_s)
        self.each_ms.append(took_ms)
        self.operations[operation] += 1
        self.statuses[status] += 1

    def failed(self, what: str) -> None:
        self.errors += 1
        if len(self.first_errors) < _MOST_ERRORS:
            self.first_errors.append(what)

    def continued(self) -> Record:
        """A new one that has the errors of this one: what went wrong in a warm-up counts."""
        return Record(
            self.throttles_expected, errors=self.errors, first_errors=list(self.first_errors)
        )

    def fifth(self, number: int) -> Fifth:
        """The answers of one fifth of the time, the first being number 0."""
        if not self.at_s:
            return Fifth([])
        begun_s, length_s = self.at_s[0], (self.at_s[-1] - self.at_s[0]) / 5
        from_s, to_s = begun_s + number * length_s, begun_s + (number + 1) * length_s
        pairs = zip(self.at_s, self.each_ms, strict=True)
        return Fifth(sorted(ms for at_s, ms in pairs if from_s <= at_s <= to_s))

    @property
    def per_second(self) -> float:
        if len(self.at_s) < 2:
            return 0.0
        return len(self.at_s) / (self.at_s[-1] - self.at_s[0])


@dataclass(frozen=True, slots=True)
class Fifth:
    """Latencies of a fifth of a run, in order."""

    ordered_ms: list[float]

    def percentile_ms(self, percent: float) -> float:
        """Nearest rank; 0 where nothing was answered."""
        if not self.ordered_ms:
            return 0.0
        return self.ordered_ms[max(0, math.ceil(percent / 100 * len(self.ordered_ms)) - 1)]
