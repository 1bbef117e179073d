"""One execution environment: a process that runs one event at a time."""

from __future__ import annotations

import asyncio
import hashlib
import signal
from dataclasses import dataclass
from functools import partial

from cloudworthy.local.lambda_.invocation import Invocation, Outcome, Status, platform_error
from cloudworthy.local.lambda_.launcher import Launcher, Prepared
from cloudworthy.local.lambda_.memory import SAMPLE_INTERVAL_S, ProcessMemory
from cloudworthy.local.lambda_.output import OutputPipe
from cloudworthy.local.lambda_.platform_log import PlatformLog, platform_log
from cloudworthy.local.lambda_.runtime_api import RESPONSE_TOO_LARGE, RuntimeApi
from cloudworthy.local.lambda_.worker_log import WorkerLog
from cloudworthy.local.model.clock import Clock
from cloudworthy.local.model.functions import Function
from cloudworthy.local.model.http import Connection
from cloudworthy.local.model.records import LogSink
from cloudworthy.local.process.connections import held_by_session
from cloudworthy.local.process.guard import Child

INIT_LIMIT_S = 10.0
"""Lambda then begins it anew, within the timeout of the event that waits for it.

Here the same process goes on: it is as far as it would be after as long a second time. Source:
developer guide, "Init phase" (documented).
"""

_KILLED = "Runtime exited with error: signal: killed"
_SIGNAL_NAMES = {
    signal.SIGABRT: "aborted",
    signal.SIGBUS: "bus error",
    signal.SIGFPE: "floating point exception",
    signal.SIGILL: "illegal instruction",
    signal.SIGKILL: "killed",
    signal.SIGSEGV: "segmentation fault",
    signal.SIGTERM: "terminated",
}


@dataclass(frozen=True, slots=True)
class InitFailure:
    """Why a worker never became ready.

    Either the runtime client's own error is set, or how the process ended.
    """

    error: Outcome | None = None
    exit_status: int = 0
    timed_out: bool = False

    @property
    def crashed(self) -> bool:
        """A signal ended it, or it took too long: Lambda tries again until the timeout.

        Source: recorded on AWS 2025-11-24, segmentation fault during init.
        """
        return self.error is None and self.exit_status < 0

    def retried_s(self, timeout_s: int) -> float:
        """For how long Lambda still tries what crashed."""
        return min(INIT_LIMIT_S, timeout_s) if self.timed_out else timeout_s

    def outcome(self, request_id: str) -> Outcome:
        return self.error or exit_outcome(request_id, self.exit_status)


class Worker:
    """A process running the runtime client, its log stream and its Runtime API."""

    def __init__(self, function: Function, launcher: Launcher, sink: LogSink, clock: Clock) -> None:
        self.function = function
        self.log = WorkerLog(function, sink, clock)
        self.platform: PlatformLog = platform_log(function)
        self.idle_since_s = 0.0
        self.init_start_s = 0.0
        self.init_ms = 0.0
        self.init_failure: InitFailure | None = None
        self.peak_memory_mib = 0
        """As of the end of the last invocation."""
        self._launcher = launcher
        self._clock = clock
        self._child: Child | None = None
        self._memory: ProcessMemory | None = None
        self._initialized: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._outcome: asyncio.Future[Outcome] | None = None
        self._invocation: Invocation | None = None
        self._end: asyncio.Task[None] | None = None
        self._sampling: asyncio.TimerHandle | None = None
        self._leaving = False
        self._spent_s = 0.0
        """Of the first event's time, by an init that Lambda would have begun anew."""
        self._api = RuntimeApi(
            admits=self._is_own,
            on_ready=self._became_ready,
            on_init_error=self._init_failed,
            on_outcome=self._answered,
        )
        self._output = OutputPipe(self.log.output)

    @property
    def usable(self) -> bool:
        """Whether it can take another event."""
        return (
            self._child is not None
            and self._child.returncode is None
            and self.init_failure is None
            and not self._leaving
            and self._end is not None
            and not self._end.done()
        )

    async def start(self, prepared: Prepared) -> None:
        """Start the process and wait until its init is over, well or badly."""
        port = await self._api.start()
        self.log.platform(
            self.platform.init_start(
                self._clock.now(),
                prepared.runtime_version,
                _runtime_arn(self.function, prepared.python.fingerprint),
            )
        )
        self.init_start_s = self._clock.now().timestamp()
        begun_s = self._clock.monotonic_s()
        self._child = await self._launcher.launch(
            self.function,
            prepared,
            runtime_api=f"127.0.0.1:{port}",
            log_stream=self.log.stream,
            output_fd=self._output.write_end,
        )
        if self._leaving:
            self._child.kill()
        self._output.start()
        self._memory = ProcessMemory(self._child.pid)
        self._end = asyncio.create_task(self._until_end(self._child))
        await self._wait_for_init()
        init_s = self._clock.monotonic_s() - begun_s
        self.init_ms = init_s * 1000
        self._spent_s = init_s if init_s > INIT_LIMIT_S else 0.0
        self._note_failed_init()

    async def invoke(self, invocation: Invocation, *, delay_s: float = 0.0) -> Outcome:
        """Run one event to its end, which is never later than the function's timeout.

        The code gets it after the delay, which is part of that time.
        """
        loop = asyncio.get_running_loop()
        self._invocation = invocation
        self._outcome = loop.create_future()
        left_s = self.function.timeout_s - self._spent_s
        self._spent_s = 0.0
        deadline_ms = int((self._clock.now().timestamp() + left_s) * 1000)
        timeout = loop.call_later(left_s, self._timed_out)
        self._sample_later()
        submit = partial(self._api.submit, invocation, deadline_ms=deadline_ms)
        submitting = loop.call_later(delay_s, submit) if delay_s else None
        if submitting is None:
            submit()
        try:
            return await self._outcome
        finally:
            timeout.cancel()
            if submitting is not None:
                submitting.cancel()
            if self._sampling is not None:
                self._sampling.cancel()
            self._outcome = self._invocation = None
            self._output.flush()

    def kill(self) -> None:
        """End the process, now or as soon as there is one."""
        self._leaving = True
        if self._child is not None:
            self._child.kill()

    async def stop(self) -> None:
        """End the process and release what it held."""
        self.kill()
        if self._end is not None:
            await self._end
        else:
            self._output.close()
        await self._api.stop()

    # what the Runtime API asks and tells

    def _is_own(self, connection: Connection) -> bool:
        return self._child is not None and held_by_session(connection, self._child.pid)

    def _became_ready(self) -> None:
        if not self._initialized.done():
            self._initialized.set_result(None)

    def _init_failed(self, error: Outcome) -> None:
        self.init_failure = InitFailure(error)
        self._became_ready()

    def _answered(self, outcome: Outcome) -> None:
        if outcome.error_type == RESPONSE_TOO_LARGE:
            self._leaving = True  # The runtime client ends when its answer is refused.
        self._note_peak_memory()
        if self.peak_memory_mib > self.function.memory_mib:
            self._out_of_memory()
        else:
            self._settle(outcome)

    # what the process and the clock tell

    async def _wait_for_init(self) -> None:
        limit_s = max(INIT_LIMIT_S, self.function.timeout_s)
        limit = asyncio.ensure_future(self._clock.sleep(limit_s))
        await asyncio.wait((self._initialized, limit), return_when=asyncio.FIRST_COMPLETED)
        limit.cancel()
        if not self._initialized.done():
            self.init_failure = InitFailure(exit_status=-signal.SIGKILL, timed_out=True)
            if self._child is not None:
                self._child.kill()

    def _note_failed_init(self) -> None:
        if self.init_failure is not None and not self._leaving:
            self._output.flush()
            error = self.init_failure.error
            error_type = error.error_type if error is not None else "Runtime.ExitError"
            status = Status.ERROR
            if self.init_failure.timed_out:
                error_type, status = "", Status.TIMEOUT
            self.log.platform(
                self.platform.init_failed(self._clock.now(), error_type, self.init_ms, status)
            )

    async def _until_end(self, child: Child) -> None:
        status = await child.wait()
        self._output.close()
        if not self._initialized.done():
            self.init_failure = InitFailure(exit_status=status)
            self._became_ready()
        if self._invocation is not None:
            self._settle(exit_outcome(self._invocation.request_id, status))
        if self._memory is not None:
            self._memory.close()
        await self._api.stop()

    def _timed_out(self) -> None:
        if self._invocation is None:
            return
        self._note_peak_memory()
        request_id = self._invocation.request_id
        self._settle(timeout_outcome(request_id, self.function.timeout_s))
        self.kill()

    def _sample_memory(self) -> None:
        if self._invocation is None or self._memory is None:
            return
        if self._memory.resident_mib() > self.function.memory_mib:
            self._note_peak_memory()
            self._out_of_memory()
        else:
            self._sample_later()

    def _note_peak_memory(self) -> None:
        if self._memory is not None:
            self.peak_memory_mib = self._memory.peak_mib()

    def _sample_later(self) -> None:
        loop = asyncio.get_running_loop()
        self._sampling = loop.call_later(SAMPLE_INTERVAL_S, self._sample_memory)

    def _out_of_memory(self) -> None:
        if self._invocation is None:
            return
        request_id = self._invocation.request_id
        self._settle(platform_error(request_id, "Runtime.OutOfMemory", _KILLED, Status.FAILURE))
        self.kill()

    def _settle(self, outcome: Outcome) -> None:
        """The first word on how an invocation ended is the one that counts."""
        if self._outcome is not None and not self._outcome.done():
            self._outcome.set_result(outcome)


def timeout_outcome(request_id: str, timeout_s: int) -> Outcome:
    """Source: recorded on AWS 2025-11-25."""
    message = f"Task timed out after {timeout_s:.2f} seconds"
    return platform_error(request_id, "Sandbox.Timedout", message, Status.TIMEOUT)


def exit_outcome(request_id: str, status: int) -> Outcome:
    """The process ended while it had an event.

    Source: recorded on AWS 2025-11-24 (``sys.exit``); the forms with a status and a signal
    are documented in the developer guide's troubleshooting pages.
    """
    return platform_error(request_id, "Runtime.ExitError", exit_reason(status), Status.FAILURE)


def exit_reason(status: int) -> str:
    if status == 0:
        return "Runtime exited without providing a reason"
    if status > 0:
        return f"Runtime exited with error: exit status {status}"
    name = _SIGNAL_NAMES.get(signal.Signals(-status), f"signal {-status}")
    return f"Runtime exited with error: signal: {name}"


def _runtime_arn(function: Function, fingerprint: str) -> str:
    """As AWS writes it, with a hash of our own."""
    place = ":".join(function.arn.split(":")[:4])
    return f"{place}::runtime:{hashlib.sha256(fingerprint.encode()).hexdigest()}"
