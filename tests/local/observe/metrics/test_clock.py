from __future__ import annotations

from datetime import timedelta

from cloudworthy.local.observe.metrics.clock import MetricClock
from local.observe.manual_clock import START, ManualClock


def test_time_passes_as_fast_as_it_is_told_to() -> None:
    machine = ManualClock()
    clock = MetricClock(machine, speed=60)
    machine.advance(10)
    assert clock.now() == START + timedelta(minutes=10)
    assert clock.monotonic_s() == 600


def test_a_callers_time_is_told_in_the_time_of_the_clock() -> None:
    machine = ManualClock()
    clock = MetricClock(machine, speed=60)
    machine.advance(10)
    assert clock.at(machine.now().timestamp()) == clock.now_s()
    before = (START - timedelta(hours=1)).timestamp()
    assert clock.at(before) == before


async def test_the_next_minute_comes_sooner_on_a_fast_clock() -> None:
    machine = ManualClock()
    clock = MetricClock(machine, speed=60)
    machine.advance(0.25)
    await clock.next_minute()
    assert machine.now() == START + timedelta(seconds=1)
