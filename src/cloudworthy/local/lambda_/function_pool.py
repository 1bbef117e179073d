"""The workers of one function: who runs the next event, and when there are more or fewer."""

from __future__ import annotations

import asyncio
import logging
import os
from collections import deque
from collections.abc import Coroutine
from contextlib import suppress
from dataclasses import dataclass

from cloudworthy.local.lambda_.bytecode import drop_stale
from cloudworthy.local.lambda_.concurrency import MAX_WORKERS
from cloudworthy.local.lambda_.launcher import Launcher
from cloudworthy.local.lambda_.worker import Worker
from cloudworthy.local.model.clock import Clock
from cloudworthy.local.model.errors import CloudworthyError
from cloudworthy.local.model.functions import Function
from cloudworthy.local.model.records import LogSink

_log = logging.getLogger(__name__)

_PATIENCE_S = 0.01
"""How long an event waits for a busy worker before another worker is started for it.

Lambda starts one at once. On one machine a worker that is free again in a millisecond is
faster than a new process, which would also take the CPU from it.
"""

_LONG_PATIENCE_S = 0.2
"""The same once there are enough workers for all processors.

More of them help only where they sleep or wait, and each start takes the CPU from those that
compute: 8 callers at once on 2 processors got 270 answers a second while 10 workers were
started on short patience, and get 510 and more from 4.
"""


@dataclass(frozen=True, slots=True)
class Scaling:
    """How many workers a function may have, and for how long an idle one is kept."""

    max_workers: int = MAX_WORKERS
    idle_s: float = 60.0
    computing_workers: int = 2 * (os.cpu_count() or 1)
    """Up to here a worker is started after a short wait, beyond only after a long one."""


@dataclass(frozen=True, slots=True)
class Assigned:
    """A worker that is this event's alone; ``cold`` when the event waited for its start."""

    worker: Worker
    cold: bool


class FunctionPool:
    """Hands out workers, last used first, and starts and ends them.

    A worker belongs to the function as it was when it was started: after ``replace`` the
    old ones finish what they have and end.
    """

    def __init__(
        self,
        function: Function,
        launcher: Launcher,
        sink: LogSink,
        clock: Clock,
        scaling: Scaling,
    ) -> None:
        self.function = function
        self.in_flight = 0
        self._launcher = launcher
        self._sink = sink
        self._clock = clock
        self._scaling = scaling
        self._idle: list[Worker] = []
        self._current: set[Worker] = set()
        self._starting: set[Worker] = set()
        self._waiting: deque[tuple[float, asyncio.Future[Assigned]]] = deque()
        self._scale_up: asyncio.TimerHandle | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    async def acquire(self) -> Assigned:
        """A worker for one event, started if need be.

        Its init may have failed, which is then this event's answer.

        Raises
        ------
        CloudworthyError
            No worker can be started on this machine.
        """
        while self._idle:
            worker = self._idle.pop()
            if worker.usable:
                return Assigned(worker, cold=False)
            self._discard(worker)
        waiter: asyncio.Future[Assigned] = asyncio.get_running_loop().create_future()
        self._waiting.append((self._clock.monotonic_s(), waiter))
        self._start_where_needed()
        return await waiter

    def release(self, worker: Worker) -> None:
        """The event is over; the worker takes the next one, waits, or ends."""
        if worker not in self._current or not worker.usable:
            self._discard(worker)
            self._start_where_needed()
            return
        if not self._hand_over(Assigned(worker, cold=False)):
            worker.idle_since_s = self._clock.monotonic_s()
            self._idle.append(worker)

    def replace(self, function: Function) -> None:
        """Use another configuration from the next event on, or the same one with new code."""
        self.function = function
        idle, self._idle = self._idle, []
        self._current.clear()
        self._abandon_starting()
        for worker in idle:
            self._discard(worker)
        self._start_where_needed()

    def warm(self) -> None:
        """Have a worker ready, or about to be."""
        if not self._current:
            self._start_worker()

    def retire_idle(self) -> None:
        """End workers nobody has needed for a while, except for the last one."""
        limit_s = self._clock.monotonic_s() - self._scaling.idle_s
        while len(self._current) > 1 and self._idle and self._idle[0].idle_since_s <= limit_s:
            self._discard(self._idle.pop(0))

    async def forget_old_code(self) -> None:
        """Make sure that the next worker compiles what has changed."""
        with suppress(CloudworthyError):
            prepared = await self._launcher.prepare(self.function)
            await asyncio.to_thread(drop_stale, prepared.python.bytecode, self.function.code)

    async def stop(self) -> None:
        """End every worker; waiting events are given up."""
        for _, waiter in self._waiting:
            waiter.cancel()
        self._waiting.clear()
        if self._scale_up is not None:
            self._scale_up.cancel()
        self._current -= self._starting
        self._abandon_starting()
        for worker in list(self._current):
            self._discard(worker)
        while self._tasks:
            await asyncio.gather(*self._tasks)

    # growing

    def _start_where_needed(self) -> None:
        """Start workers for events that have waited long enough."""
        if self._scale_up is not None:
            self._scale_up.cancel()
            self._scale_up = None
        waiting = len(self._waiting) - len(self._starting)
        room = self._scaling.max_workers - len(self._current)
        if waiting <= 0 or room <= 0:
            return
        if not self._current:
            self._start_worker()
        self._grow_later()

    def _grow_later(self) -> None:
        loop = asyncio.get_running_loop()
        self._scale_up = loop.call_later(self._patience_s, self._grow)

    @property
    def _patience_s(self) -> float:
        enough = len(self._current) >= self._scaling.computing_workers
        return _LONG_PATIENCE_S if enough else _PATIENCE_S

    def _grow(self) -> None:
        self._scale_up = None
        limit_s = self._clock.monotonic_s() - self._patience_s
        impatient = sum(1 for since_s, _ in self._waiting if since_s <= limit_s)
        room = self._scaling.max_workers - len(self._current)
        computing = self._scaling.computing_workers - len(self._current)
        most = min(room, computing) if computing > 0 else room
        for _ in range(min(impatient - len(self._starting), most)):
            self._start_worker()
        if len(self._waiting) > len(self._starting) and room > 0:
            self._grow_later()

    def _start_worker(self) -> None:
        worker = Worker(self.function, self._launcher, self._sink, self._clock)
        self._current.add(worker)
        self._starting.add(worker)
        self._in_background(self._started(worker))

    async def _started(self, worker: Worker) -> None:
        failure: Exception | None = None
        try:
            prepared = await self._launcher.prepare(worker.function)
            await worker.start(prepared)
        except (CloudworthyError, OSError) as error:
            failure = error
        finally:
            self._starting.discard(worker)
        if worker not in self._current:
            self._discard(worker)
            self._start_where_needed()
        elif failure is not None:
            self._discard(worker)
            self._do_without(failure)
        elif not self._hand_over(Assigned(worker, cold=True)):
            if worker.usable:
                self.release(worker)
            else:
                self._discard(worker)

    def _do_without(self, error: Exception) -> None:
        """No more workers can be started: where there is none, the events that wait fail."""
        _log.error("%s", error)
        if self._current:
            return
        waiting, self._waiting = self._waiting, deque()
        for _, waiter in waiting:
            if not waiter.done():
                waiter.set_exception(error)

    def _hand_over(self, assigned: Assigned) -> bool:
        while self._waiting:
            _, waiter = self._waiting.popleft()
            if not waiter.done():
                waiter.set_result(assigned)
                return True
        return False

    # shrinking

    def _abandon_starting(self) -> None:
        """End workers that are being started; their starts return early and clean up."""
        for worker in self._starting:
            worker.kill()
        self._starting.clear()

    def _discard(self, worker: Worker) -> None:
        self._current.discard(worker)
        self._in_background(worker.stop())

    def _in_background(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
