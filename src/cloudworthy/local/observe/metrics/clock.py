"""The clock of metrics and alarms, which may run faster than the machine's."""

from __future__ import annotations

from datetime import UTC, datetime

from cloudworthy.local.model.clock import Clock

MINUTE_S = 60


class MetricClock:
    """A clock that starts with another one and then runs ``speed`` times as fast.

    The store stamps with it and alarms are evaluated by it, so that with a speed of 60 what
    takes an hour on AWS is seen in a minute.
    """

    def __init__(self, clock: Clock, speed: float = 1) -> None:
        self._clock = clock
        self._speed = speed
        self._start_s = clock.now().timestamp()
        self._start_monotonic_s = clock.monotonic_s()

    def now_s(self) -> float:
        """Seconds since 1970."""
        return self.at(self._clock.now().timestamp())

    def now(self) -> datetime:
        return datetime.fromtimestamp(self.now_s(), UTC)

    def monotonic_s(self) -> float:
        return (self._clock.monotonic_s() - self._start_monotonic_s) * self._speed

    def at(self, moment_s: float) -> float:
        """The time here that belongs to a time of the machine, as a caller's timestamp is."""
        passed_s = moment_s - self._start_s
        return moment_s if passed_s <= 0 else moment_s + passed_s * (self._speed - 1)

    async def sleep(self, seconds: float) -> None:
        await self._clock.sleep(seconds / self._speed)

    async def next_minute(self) -> None:
        """Wait until a new minute has begun."""
        began_s = minute_of(self.now_s())
        while minute_of(self.now_s()) == began_s:
            await self.sleep(began_s + MINUTE_S - self.now_s())


def minute_of(moment_s: float) -> int:
    """The second that a moment's minute begins with."""
    return int(moment_s // MINUTE_S) * MINUTE_S
