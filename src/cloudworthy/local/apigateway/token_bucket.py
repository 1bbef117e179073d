"""Token buckets, which keep their level while the limits they serve stay the same."""

from __future__ import annotations

from collections.abc import Hashable

from cloudworthy.local.apigateway.definition import Throttle
from cloudworthy.local.model.clock import Clock


class TokenBucket:
    """``burst`` tokens at most, ``rate_per_s`` new ones a second; starts full."""

    __slots__ = ("_filled_s", "_tokens", "throttle")

    def __init__(self, throttle: Throttle, now_s: float) -> None:
        self.throttle = throttle
        self._tokens = float(throttle.burst)
        self._filled_s = now_s

    def take(self, now_s: float) -> bool:
        """Whether a token was there."""
        gained = (
            (now_s - self._filled_s) * self.throttle.rate_per_s if now_s > self._filled_s else 0
        )
        self._tokens = min(float(self.throttle.burst), self._tokens + gained)
        self._filled_s = now_s
        if self._tokens < 1:
            return False
        self._tokens -= 1
        return True


class TokenBuckets:
    """One bucket for each key; a changed limit starts a new one."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._buckets: dict[Hashable, TokenBucket] = {}

    def take(self, key: Hashable, throttle: Throttle) -> bool:
        """Whether a request may pass under a limit."""
        now_s = self._clock.monotonic_s()
        bucket = self._buckets.get(key)
        if bucket is None or bucket.throttle != throttle:
            bucket = self._buckets[key] = TokenBucket(throttle, now_s)
        return bucket.take(now_s)
