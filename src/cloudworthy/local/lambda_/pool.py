"""The worker pool: every function's workers, and what an invocation of one gives."""

from __future__ import annotations

import asyncio
import math
import uuid
from collections.abc import Iterable, Mapping

from cloudworthy.local.lambda_.function_pool import Assigned, FunctionPool, Scaling
from cloudworthy.local.lambda_.invocation import Invocation, Outcome, Status
from cloudworthy.local.lambda_.launcher import Launcher
from cloudworthy.local.lambda_.platform_log import Report
from cloudworthy.local.lambda_.trace import (
    InvocationTimes,
    InvocationTrace,
    join_trace,
    lambda_segments,
)
from cloudworthy.local.lambda_.worker import timeout_outcome
from cloudworthy.local.model.clock import Clock
from cloudworthy.local.model.errors import CloudworthyError
from cloudworthy.local.model.functions import (
    Function,
    FunctionNotFoundError,
    InvocationRequest,
    InvocationResult,
    InvocationType,
    TooManyRequestsError,
)
from cloudworthy.local.model.records import LogSink, Sampler, TraceSink, every_request

ACCOUNT_CONCURRENCY = 1000
"""Source: developer guide, "Lambda quotas" (documented)."""


class AsynchronousInvocationError(CloudworthyError):
    """An event would have to be kept and retried, which the pool does not do."""

    def __init__(self, function: Function) -> None:
        super().__init__(
            f"AWS::Lambda::Function ({function.logical_id}): found an invocation of type Event, "
            f"expected RequestResponse or DryRun. Asynchronous invocation is not available on "
            f"this machine; invoke the function synchronously, or run this stack on AWS."
        )


class WorkerPool:
    """Runs functions in worker processes; the runtime's ``Invoker``.

    Parameters
    ----------
    functions
        By name.
    launcher
        Starts the processes.
    log_sink, trace_sink
        Where log events and Lambda's own segments go.
    sampler
        Decides which events are traced, for functions with active tracing.
    scaling
        How many workers a function may have at once. Events beyond that wait.
    """

    def __init__(
        self,
        functions: Mapping[str, Function],
        launcher: Launcher,
        *,
        log_sink: LogSink,
        trace_sink: TraceSink,
        clock: Clock,
        sampler: Sampler = every_request,
        scaling: Scaling | None = None,
    ) -> None:
        self._launcher = launcher
        self._log_sink = log_sink
        self._trace_sink = trace_sink
        self._clock = clock
        self._sampler = sampler
        self._scaling = scaling or Scaling()
        self._pools: dict[str, FunctionPool] = {}
        self._leaving: dict[asyncio.Task[None], FunctionPool] = {}
        self._running: set[asyncio.Task[InvocationResult]] = set()
        self._reaper: asyncio.Task[None] | None = None
        for function in functions.values():
            self._pools[function.name] = self._pool(function)

    @property
    def functions(self) -> dict[str, Function]:
        return {name: pool.function for name, pool in self._pools.items()}

    async def start(self) -> None:
        """Begin to end idle workers; workers are started when they are needed."""
        self._reaper = asyncio.create_task(self._retire_idle())

    async def stop(self) -> None:
        """End every worker and what it runs."""
        if self._reaper is not None:
            self._reaper.cancel()
        pools = [*self._pools.values(), *self._leaving.values()]
        await asyncio.gather(*(pool.stop() for pool in pools))
        for task in (*self._running, *self._leaving):
            task.cancel()
        await asyncio.gather(*self._running, *self._leaving, return_exceptions=True)
        # What was cut off has given its workers back in the meantime.
        await asyncio.gather(*(pool.stop() for pool in pools))

    def warm(self, function_names: Iterable[str]) -> None:
        """Start a worker for each function that has none, without waiting for it."""
        for name in function_names:
            self._pools[name].warm()

    def update(self, functions: Mapping[str, Function]) -> None:
        """Swap the configuration.

        Changed functions get fresh workers with their next event; events that are running
        end with the configuration they began with.
        """
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
        pools = [self._pools[name] for name in function_names if name in self._pools]
        await asyncio.gather(*(pool.forget_old_code() for pool in pools))
        for pool in pools:
            pool.replace(pool.function)
            pool.warm()

    async def invoke(self, request: InvocationRequest) -> InvocationResult:
        """Run a function; see ``Invoker``.

        Raises
        ------
        FunctionNotFoundError, TooManyRequestsError
        AsynchronousInvocationError
            The invocation type is ``Event``.
        """
        pool = self._pools.get(request.function_name)
        if pool is None:
            raise FunctionNotFoundError(request.function_name)
        request_id = request.request_id or str(uuid.uuid4())
        if request.invocation_type is InvocationType.DRY_RUN:
            return InvocationResult(request_id, b"")
        if request.invocation_type is InvocationType.EVENT:
            raise AsynchronousInvocationError(pool.function)
        self._admit(pool)
        task = asyncio.create_task(self._run(pool, request, request_id))
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

    def _admit(self, pool: FunctionPool) -> None:
        """Count the event in, or refuse it."""
        reserved = pool.function.reserved_concurrency
        if reserved is not None and pool.in_flight >= reserved:
            raise TooManyRequestsError("ReservedFunctionConcurrentInvocationLimitExceeded")
        if sum(p.in_flight for p in self._pools.values()) >= ACCOUNT_CONCURRENCY:
            raise TooManyRequestsError("ConcurrentInvocationLimitExceeded")
        pool.in_flight += 1

    async def _run(
        self, pool: FunctionPool, request: InvocationRequest, request_id: str
    ) -> InvocationResult:
        try:
            assigned = await pool.acquire()
            try:
                return await self._run_on(assigned, request, request_id)
            finally:
                pool.release(assigned.worker)
        finally:
            pool.in_flight -= 1

    async def _run_on(
        self, assigned: Assigned, request: InvocationRequest, request_id: str
    ) -> InvocationResult:
        worker = assigned.worker
        function = worker.function
        now = self._clock.now()
        trace = join_trace(
            request.trace_header,
            active=function.tracing_active,
            now_s=now.timestamp(),
            sampler=self._sampler,
        )
        invocation = Invocation(request_id, request.payload, trace.header, request.client_context)
        worker.log.begin(request_id)
        worker.log.platform(worker.platform.start(now, request_id))
        begun_s = self._clock.monotonic_s()
        outcome = await self._outcome(assigned, invocation)
        duration_ms = (self._clock.monotonic_s() - begun_s) * 1000
        report = self._report(assigned, invocation, outcome, duration_ms, trace)
        self._log_end(assigned, report, outcome)
        self._trace(assigned, trace, report, now.timestamp())
        return InvocationResult(
            request_id=request_id,
            payload=outcome.payload,
            function_error="Unhandled" if outcome.failed else None,
            log_tail=worker.log.end(),
            duration_ms=duration_ms,
            billed_ms=report.billed_ms,
            init_ms=report.init_ms,
            max_memory_mib=report.max_memory_mib,
        )

    async def _outcome(self, assigned: Assigned, invocation: Invocation) -> Outcome:
        failure = assigned.worker.init_failure
        if failure is None:
            return await assigned.worker.invoke(invocation)
        if failure.crashed:
            timeout_s = assigned.worker.function.timeout_s
            await self._clock.sleep(timeout_s)
            return timeout_outcome(invocation.request_id, timeout_s)
        return failure.outcome(invocation.request_id)

    def _report(
        self,
        assigned: Assigned,
        invocation: Invocation,
        outcome: Outcome,
        duration_ms: float,
        trace: InvocationTrace,
    ) -> Report:
        """Since August 2025 the init is billed with the invocation that waited for it.

        Source: AWS announcement, "AWS Lambda standardizes billing for INIT Phase".
        """
        worker = assigned.worker
        init_ms = worker.init_ms if assigned.cold else None
        return Report(
            request_id=invocation.request_id,
            duration_ms=duration_ms,
            billed_ms=math.ceil(duration_ms + (init_ms or 0.0)),
            memory_mib=worker.function.memory_mib,
            max_memory_mib=worker.peak_memory_mib,
            init_ms=init_ms,
            status=outcome.status,
            error_type=outcome.error_type,
            trace_id=trace.root,
            segment_id=trace.function_segment_id,
            produced_bytes=len(outcome.payload),
        )

    def _log_end(self, assigned: Assigned, report: Report, outcome: Outcome) -> None:
        worker, now = assigned.worker, self._clock.now()
        if outcome.status is Status.TIMEOUT:
            timeout_s = worker.function.timeout_s
            worker.log.platform(worker.platform.timed_out(now, report.request_id, timeout_s))
        elif outcome.status is Status.FAILURE:
            worker.log.platform(
                worker.platform.exited(report.request_id, outcome.reason, outcome.error_type)
            )
        worker.log.platform(worker.platform.done(now, report))

    def _trace(
        self, assigned: Assigned, trace: InvocationTrace, report: Report, start_s: float
    ) -> None:
        worker = assigned.worker
        init_start_s = worker.init_start_s if assigned.cold else None
        times = InvocationTimes(
            start_s=start_s,
            end_s=start_s + report.duration_ms / 1000,
            init_start_s=init_start_s,
            init_end_s=None if init_start_s is None else init_start_s + worker.init_ms / 1000,
        )
        for segment in lambda_segments(
            trace, worker.function, report.request_id, times, report.status
        ):
            self._trace_sink.put(segment)

    def _leave(self, pool: FunctionPool) -> None:
        task = asyncio.create_task(self._stop_when_done(pool))
        self._leaving[task] = pool
        task.add_done_callback(self._leaving.pop)

    async def _stop_when_done(self, pool: FunctionPool) -> None:
        while pool.in_flight:
            await self._clock.sleep(0.05)
        await pool.stop()

    async def _retire_idle(self) -> None:
        while True:
            await self._clock.sleep(self._scaling.idle_s / 4)
            for pool in self._pools.values():
                pool.retire_idle()
