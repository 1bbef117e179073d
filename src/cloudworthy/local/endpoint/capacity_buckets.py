"""What there is to use up, and how it comes back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from cloudworthy.local.endpoint.capacity_tables import Limited
from cloudworthy.local.model.clock import Clock

_BURST_S: Final = 300


@dataclass(slots=True)
class _Bucket:
    rate_per_s: float
    level: float
    filled_at_s: float

    def fill(self, now_s: float) -> float:
        gained = (now_s - self.filled_at_s) * self.rate_per_s
        self.level = min(self.level + gained, self.rate_per_s * _BURST_S)
        self.filled_at_s = now_s
        return self.level


class Buckets:
    """One for each limit; it keeps what comes in during five minutes, and may be overdrawn."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._buckets: dict[Limited, _Bucket] = {}

    def __bool__(self) -> bool:
        return bool(self._buckets)

    def set_rates(self, rates: Mapping[Limited, float]) -> None:
        """Units a second; a bucket whose rate is the same stays as full, others are full."""
        before, self._buckets = self._buckets, {}
        now_s = self._clock.monotonic_s()
        for limited, rate_per_s in rates.items():
            bucket = before.get(limited)
            if bucket is None or bucket.rate_per_s != rate_per_s:
                bucket = _Bucket(rate_per_s, rate_per_s * _BURST_S, now_s)
            self._buckets[limited] = bucket

    def is_exhausted(self, limited: Limited) -> bool:
        bucket = self._buckets.get(limited)
        return bucket is not None and bucket.fill(self._clock.monotonic_s()) <= 0

    def take(self, limited: Limited, units: float) -> None:
        bucket = self._buckets.get(limited)
        if bucket is not None:
            bucket.fill(self._clock.monotonic_s())
            bucket.level -= units
