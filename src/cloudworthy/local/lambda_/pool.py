"""The worker pool: every function's workers, and what an invocation of one gives."""

from __future__ import annotations

import asyncio
import uuid
from collections import Counter
from collections.abc import Iterable, Mapping

from cloudworthy.local.lambda_.concurrency import (
    ACCOUNT_CONCURRENCY,
    ACCOUNT_LIMIT,
    check_running,
)
from cloudworthy.local.lambda_.execution import Execution
from cloudworthy.local.lambda_.function_pool import FunctionPool, Scaling
from cloudworthy.local.lambda_.launcher import Launcher
from cloudworthy.local.lambda_.metrics import InvocationMetrics
from cloudworthy.local.lambda_.versions import Versions
from cloudworthy.local.model.clock import Clock
from cloudworthy.local.model.faults import Effect, InvocationFaults, NoInvocationFaults, Strike
from cloudworthy.local.model.functions import (
    Function,
    FunctionNotFoundError,
    InvocationRequest,
    InvocationResult,
    InvocationType,
    TooManyRequestsError,
)
from cloudworthy.local.model.records import (
    LogSink,
    MetricSink,
    NoMetrics,
    Sampler,
    TraceSink,
    every_request,
)


class WorkerPool:
    """Runs functions in worker processes: an ``Invoker`` that always waits for the answer.

    Parameters
    ----------
    functions
        By name.
    launcher
        Starts the processes.
    log_sink, trace_sink
        Where log events and Lambda's own segments go.
    metrics
        Where Lambda's own metrics go.
    sampler
        Decides which events are traced, for functions with active tracing.
    scaling
        How many workers a function may have at once. Events beyond that wait.
    faults
        What becomes of each event, before it is counted and while it runs.
    """

    def __init__(
        self,
        functions: Mapping[str, Function],
        launcher: Launcher,
        *,
        log_sink: LogSink,
        trace_sink: TraceSink,
        clock: Clock,
        metrics: MetricSink | None = None,
        sampler: Sampler = every_request,
        scaling: Scaling | None = None,
        account_concurrency: int = ACCOUNT_CONCURRENCY,
        faults: InvocationFaults | None = None,
    ) -> None:
        self._launcher = launcher
        self._metrics = InvocationMetrics(metrics or NoMetrics())
        self._execution = Execution(self._metrics, trace_sink, sampler, clock)
        self._log_sink = log_sink
        self._clock = clock
        self._scaling = scaling or Scaling()
        self._account_concurrency = account_concurrency
        self._faults = faults or NoInvocationFaults()
        self._pools: dict[str, FunctionPool] = {}
        self._aliases: Mapping[str, str] = {}
        self._leaving: dict[FunctionPool, asyncio.Task[None]] = {}
        self._running: set[asyncio.Task[InvocationResult]] = set()
        self._reaper: asyncio.Task[None] | None = None
        for function in functions.values():
            self._pools[function.name] = self._pool(function)

    @property
    def functions(self) -> dict[str, Function]:
        """By name, as they are at ``$LATEST``."""
        latest = {name: pool.function for name, pool in self._pools.items()}
        return {name: it for name, it in latest.items() if it.version == "$LATEST"}

    async def start(self) -> None:
        """Begin to end idle workers; workers are started when they are needed."""
        self._reaper = asyncio.create_task(self._retire_idle())

    async def stop(self) -> None:
        """End every worker and what it runs."""
        if self._reaper is not None:
            self._reaper.cancel()
        pools = [*self._pools.values(), *self._leaving]
        await asyncio.gather(*(pool.stop() for pool in pools))
        tasks = [*self._running, *self._leaving.values()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        # What was cut off has given its workers back in the meantime.
        await asyncio.gather(*(pool.stop() for pool in pools))

    def warm(self, function_names: Iterable[str]) -> None:
        """Start a worker for each function that has none, without waiting for it."""
        for name in function_names:
            self._pools[name].warm()

    def find(self, target: str) -> Function | None:
        """The function that ``name``, ``name:version`` or ``name:alias`` means."""
        pool = self._pool_of(target)
        return None if pool is None else pool.function

    def update(self, functions: Mapping[str, Function], versions: Versions | None = None) -> None:
        """Swap the configuration.

        Changed functions get fresh workers with their next event; events that are running
        end with the configuration they began with.
        """
        versions = versions or Versions()
        self._aliases = versions.aliases
        functions = {**functions, **versions.functions}
        for name in self._pools.keys() - functions.keys():
            self._leave(self._pools.pop(name))
        for name, function in functions.items():
            pool = self._pools.get(name)
            if pool is None:
                self._pools[name] = self._pool(function)
            elif pool.function != function:
                pool.replace(function)

    async def reload(self, function_names: Iterable[str]) -> None:
        """The code of these functions has changed: every event from now on runs the new code.

        A worker with the new code is started at once.
        """
        names = set(function_names)
        pools = [pool for pool in self._pools.values() if pool.function.name in names]
        await asyncio.gather(*(pool.forget_old_code() for pool in pools))
        for pool in pools:
            pool.replace(pool.function)
            pool.warm()

    async def invoke(self, request: InvocationRequest) -> InvocationResult:
        """Run a function; see ``Invoker``.

        Raises
        ------
        FunctionNotFoundError, TooManyRequestsError
        """
        pool = self._pool_of(request.function_name)
        if pool is None:
            raise FunctionNotFoundError(request.function_name)
        request_id = request.request_id or str(uuid.uuid4())
        if request.invocation_type is InvocationType.DRY_RUN:
            return InvocationResult(request_id, b"")
        strike = self._faults.of_invocation(pool.function)
        if strike.effect is Effect.THROTTLE:
            self._metrics.throttled(pool.function)
            raise TooManyRequestsError(ACCOUNT_LIMIT)
        self._admit(pool)
        task = asyncio.create_task(self._run(pool, request, request_id, strike))
        self._running.add(task)
        task.add_done_callback(self._finished)
        return await asyncio.shield(task)

    def _finished(self, task: asyncio.Task[InvocationResult]) -> None:
        """Nobody may be left to hear of an error: its caller may have gone."""
        self._running.discard(task)
        if not task.cancelled():
            task.exception()

    def _pool(self, function: Function) -> FunctionPool:
        return FunctionPool(function, self._launcher, self._log_sink, self._clock, self._scaling)

    def _pool_of(self, target: str) -> FunctionPool | None:
        name = target.removesuffix(":$LATEST")
        return self._pools.get(self._aliases.get(name, name))

    def _admit(self, pool: FunctionPool) -> None:
        """Count the event in, or refuse it."""
        running: Counter[str] = Counter()
        for each in self._pools.values():
            running[each.function.name] += each.in_flight
        functions = [it.function for it in self._pools.values()]
        try:
            check_running(pool.function, running, functions, self._account_concurrency)
        except TooManyRequestsError:
            self._metrics.throttled(pool.function)
            raise
        pool.in_flight += 1
        of_function = running[pool.function.name] + 1
        self._metrics.admitted(pool.function, of_function, running.total() + 1)

    async def _run(
        self, pool: FunctionPool, request: InvocationRequest, request_id: str, strike: Strike
    ) -> InvocationResult:
        try:
            assigned = await pool.acquire()
            try:
                return await self._execution.run(assigned, request, request_id, strike)
            finally:
                pool.release(assigned.worker)
        finally:
            pool.in_flight -= 1

    def _leave(self, pool: FunctionPool) -> None:
        self._leaving[pool] = asyncio.create_task(self._stop_when_done(pool))

    async def _stop_when_done(self, pool: FunctionPool) -> None:
        while pool.in_flight:
            await self._clock.sleep(0.05)
        await pool.stop()
        del self._leaving[pool]
        others = [*self._pools.values(), *self._leaving]
        if all(it.function.logical_id != pool.function.logical_id for it in others):
            self._launcher.forget(pool.function)

    async def _retire_idle(self) -> None:
        while True:
            await self._clock.sleep(self._scaling.idle_s / 4)
            for pool in self._pools.values():
                pool.retire_idle()
