"""Sends visitors for a time, and looks at the processes before, meanwhile and after."""

from __future__ import annotations

import asyncio
import hashlib
import time
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path

import psutil
import uvloop

from benchmarks.endurance import census
from benchmarks.endurance.census import Census
from benchmarks.endurance.journeys import Addresses, Journey
from benchmarks.endurance.record import Record
from benchmarks.endurance.visitor import UnexpectedError, Visitor

_AFTER_AN_ERROR_S = 0.1
_LOOKS = 120
_EVERY_S = 0.25
_QUIET_S = 10.0
_WORK = bytes(8 * 1024 * 1024)
_IDLE_WORKERS_S = 75.0
"""A worker that was idle for a minute is ended within the next quarter of a minute."""


@dataclass(frozen=True, slots=True)
class System:
    """A running system: what it is asked, and what is watched of it."""

    name: str
    addresses: Addresses
    journey: Journey
    pid: int
    state: Path

    @property
    def ports(self) -> Collection[int]:
        origins = (self.addresses.api, self.addresses.site)
        return {origin.port for origin in origins if origin is not None}


@dataclass(frozen=True, slots=True)
class Traffic:
    """How much, and for how long."""

    connections: int
    seconds: float
    warm_up_s: float = 10.0
    throttled: bool = False
    """Whether the template's own throttles hold, so that 429 is no error."""
    settle_s: float = 100.0
    """How long to wait at the end for workers that nobody needs any more to be gone."""

    @property
    def outlasts_idle_workers(self) -> bool:
        return self.settle_s > _IDLE_WORKERS_S


@dataclass(frozen=True, slots=True)
class Look:
    at_s: float
    """Since the measurement began."""
    answers: int
    census: Census
    pace_ms: float = 1.0
    """What a fixed piece of work took: how much of itself the machine gave just then."""


@dataclass(frozen=True, slots=True)
class Endurance:
    """What came of it."""

    system: str
    traffic: Traffic
    record: Record
    before: Census
    """After one journey, so with one worker of each function."""
    looks: Sequence[Look]
    after: Census
    """When all was over and had settled."""
    state_before: dict[str, float]
    state_after: dict[str, float]


def run(system: System, traffic: Traffic) -> Endurance:
    """Warm up, measure, and let it settle."""
    return uvloop.run(_run(system, traffic))


async def _run(system: System, traffic: Traffic) -> Endurance:
    observer = _Observer(system)
    warm_up = Record(throttles_expected=traffic.throttled)
    # One journey wakes every function, and leaves one worker of each.
    await _visits(system, 1, 0.001, warm_up)
    before = await observer.settled()
    await _visits(system, traffic.connections, traffic.warm_up_s, warm_up)
    state_before = census.state_mib(system.state)
    record = warm_up.continued()
    watching = asyncio.create_task(observer.watch(record, traffic.seconds / _LOOKS))
    try:
        await _visits(system, traffic.connections, traffic.seconds, record)
    finally:
        watching.cancel()
    after = await observer.settled(before.processes, traffic.settle_s)
    state_after = census.state_mib(system.state)
    return Endurance(
        system.name, traffic, record, before, observer.looks, after, state_before, state_after
    )


async def _visits(system: System, connections: int, seconds: float, record: Record) -> None:
    until_s = time.perf_counter() + seconds
    async with asyncio.TaskGroup() as group:
        for _ in range(connections):
            group.create_task(_visit(system, Visitor(record), until_s))


async def _visit(system: System, visitor: Visitor, until_s: float) -> None:
    """One journey after the other; the one that runs at the end is completed."""
    with visitor:
        while time.perf_counter() < until_s:
            try:
                await system.journey(visitor, system.addresses)
            except UnexpectedError:
                await asyncio.sleep(_AFTER_AN_ERROR_S)


class _Observer:
    def __init__(self, system: System) -> None:
        self.looks: list[Look] = []
        self._main = psutil.Process(system.pid)
        self._ports = system.ports

    def census(self) -> Census:
        return census.take(self._main, self._ports)

    async def watch(self, record: Record, every_s: float) -> None:
        begun_s = time.perf_counter()
        while True:
            await asyncio.sleep(every_s)
            found = await asyncio.to_thread(self.census)
            at_s = time.perf_counter() - begun_s
            self.looks.append(
                Look(at_s, len(record.at_s), found, await asyncio.to_thread(_pace_ms))
            )

    async def settled(self, processes: int = 0, settle_s: float = 0) -> Census:
        """Once no client is connected, nothing is being opened, and processes are so few again.

        ``settle_s`` is how long to wait for the latter.
        """
        before, found = None, self.census()
        now_s = time.perf_counter()
        quiet_until_s, processes_until_s = now_s + _QUIET_S, now_s + settle_s
        while (
            (found.clients or found.counts != before) and time.perf_counter() < quiet_until_s
        ) or (found.processes > processes and time.perf_counter() < processes_until_s):
            await asyncio.sleep(_EVERY_S)
            before, found = found.counts, self.census()
        return found


def _pace_ms() -> float:
    """Hashing lets go of Python's lock, so that visitors go on meanwhile."""
    begun_s = time.perf_counter()
    hashlib.sha256(_WORK).digest()
    return (time.perf_counter() - begun_s) * 1000
