"""One event on one worker: run, logged, traced and measured."""

from __future__ import annotations

import math
import signal

from cloudworthy.local.lambda_.function_pool import Assigned
from cloudworthy.local.lambda_.invocation import Invocation, Outcome, Status
from cloudworthy.local.lambda_.metrics import InvocationMetrics
from cloudworthy.local.lambda_.platform_log import Report
from cloudworthy.local.lambda_.trace import (
    InvocationTimes,
    InvocationTrace,
    join_trace,
    lambda_segments,
)
from cloudworthy.local.lambda_.worker import Worker, exit_outcome, timeout_outcome
from cloudworthy.local.model.clock import Clock
from cloudworthy.local.model.faults import UNHARMED, Effect, Strike
from cloudworthy.local.model.functions import Function, InvocationRequest, InvocationResult
from cloudworthy.local.model.records import Sampler, TraceSink


class Execution:
    """Runs an event on the worker that was assigned to it, and tells everyone who asks."""

    def __init__(
        self,
        metrics: InvocationMetrics,
        trace_sink: TraceSink,
        sampler: Sampler,
        clock: Clock,
    ) -> None:
        self._metrics = metrics
        self._trace_sink = trace_sink
        self._sampler = sampler
        self._clock = clock

    async def run(
        self,
        assigned: Assigned,
        request: InvocationRequest,
        request_id: str,
        strike: Strike = UNHARMED,
    ) -> InvocationResult:
        """Run the event to its end, with what a fault does to it."""
        worker = assigned.worker
        function = worker.function
        now = self._clock.now()
        trace = join_trace(
            request.trace_header,
            active=function.tracing_active,
            now_s=now.timestamp(),
            sampler=self._sampler,
        )
        invocation = Invocation(
            request_id,
            request.payload,
            trace.header,
            _invoked_arn(function, request),
            request.client_context,
        )
        worker.log.begin(request_id)
        worker.log.platform(worker.platform.start(now, request_id))
        begun_s = self._clock.monotonic_s()
        outcome = await self._outcome(assigned, invocation, strike)
        duration_ms = (self._clock.monotonic_s() - begun_s) * 1000
        self._metrics.ended(function, duration_ms, failed=outcome.failed)
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
            executed_version=function.version,
            trace_header=trace.header,
        )

    async def _outcome(self, assigned: Assigned, invocation: Invocation, strike: Strike) -> Outcome:
        failure = assigned.worker.init_failure
        if failure is None:
            return await self._struck(assigned.worker, invocation, strike)
        if failure.crashed:
            timeout_s = assigned.worker.function.timeout_s
            await self._clock.sleep(failure.retried_s(timeout_s))
            return timeout_outcome(invocation.request_id, timeout_s)
        return failure.outcome(invocation.request_id)

    async def _struck(self, worker: Worker, invocation: Invocation, strike: Strike) -> Outcome:
        """How it ends, whatever a fault does to it.

        A process that ends before it has answered takes with it all that it remembered, so it
        is really ended where the code has run.
        """
        if strike.effect is Effect.FAIL:
            await self._clock.sleep(min(strike.delay_s, worker.function.timeout_s))
            return exit_outcome(invocation.request_id, 1)
        outcome = await worker.invoke(invocation, delay_s=strike.delay_s)
        if strike.effect is not Effect.LOSE_ANSWER or outcome.status is Status.TIMEOUT:
            return outcome
        worker.kill()
        return exit_outcome(invocation.request_id, -signal.SIGKILL)

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


def _invoked_arn(function: Function, request: InvocationRequest) -> str:
    """With the qualifier that the caller named, if any (lambda-runtime-006)."""
    _, _, qualifier = request.function_name.partition(":")
    return f"{function.arn}:{qualifier}" if qualifier else function.arn
