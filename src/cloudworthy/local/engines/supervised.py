"""A child process that answers HTTP on a loopback port and is started again when it dies."""

from __future__ import annotations

import asyncio
import logging
import os
import socket
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from cloudworthy.local.model.backends import Backend, BackendUnavailableError
from cloudworthy.local.model.clock import Clock, SystemClock
from cloudworthy.local.model.errors import CloudworthyError
from cloudworthy.local.model.http import Request, Response
from cloudworthy.local.process.guard import Child, ProcessGuard
from cloudworthy.local.wire.client import HttpClient, PeerRefusedError, PeerUnavailableError

_log = logging.getLogger(__name__)

_POLL_S = 0.005
_LONGEST_PAUSE_S = 2.0
_STABLE_AFTER_S = 5.0
_OUTPUT_LIMIT_BYTES = 1_000_000


class EngineStartError(CloudworthyError):
    """An engine ended, or stayed silent, instead of answering for the first time."""


class SupervisedEngine:
    """Keeps one engine process running and hands requests on to it.

    A request that comes while the engine is down waits for it, up to ``patience_s``. A
    request that was under way when the engine died fails, because only the caller knows
    whether it may be sent twice.

    Parameters
    ----------
    name
        What messages call the engine.
    command
        Gives the command line for a port.
    output
        The file that takes the engine's own output.
    start_timeout_s
        How long the engine may take until it accepts connections.
    stop_timeout_s
        How long it may take to end after SIGTERM.
    """

    def __init__(
        self,
        name: str,
        command: Callable[[int], Sequence[str]],
        *,
        guard: ProcessGuard,
        output: Path,
        environment: Mapping[str, str],
        start_timeout_s: float = 10.0,
        stop_timeout_s: float = 5.0,
        patience_s: float = 15.0,
        clock: Clock | None = None,
    ) -> None:
        self.name = name
        self._command = command
        self._guard = guard
        self._output = output
        self._environment = environment
        self._start_timeout_s = start_timeout_s
        self._stop_timeout_s = stop_timeout_s
        self._patience_s = patience_s
        self._clock = clock or SystemClock()
        self._process: Child | None = None
        self._client: HttpClient | None = None
        self._ready = asyncio.Event()
        self._supervisor: asyncio.Task[None] | None = None
        self.restarts = 0
        """How often the process died and was started again."""

    @property
    def pid(self) -> int | None:
        """The running process, or None while there is none."""
        return self._process.pid if self._process is not None else None

    async def start(self) -> Backend:
        """Start the engine and return it when it accepts connections.

        Raises
        ------
        EngineStartError
            It ended or did not answer in time; the message carries its last words.
        """
        self._output.parent.mkdir(parents=True, exist_ok=True)
        self._trim_output()
        if not await self._launch():
            await self._end_process()
            raise EngineStartError(
                f"{self.name}: found no answer from the process, expected it to listen. "
                f"Its output is in {self._output}: {self._last_words()}"
            )
        self._supervisor = asyncio.create_task(self._supervise(), name=f"supervise {self.name}")
        return self

    async def stop(self) -> None:
        """End the process: SIGTERM first, SIGKILL when it takes too long."""
        if self._supervisor is not None:
            self._supervisor.cancel()
            with suppress(asyncio.CancelledError):
                await self._supervisor
            self._supervisor = None
        self._ready.clear()
        if self._client is not None:
            self._client.close()
        await self._end_process()

    async def send(self, request: Request) -> Response:
        """Hand a request on; see ``Backend.send``."""
        deadline_s = self._clock.monotonic_s() + self._patience_s
        while True:
            client = await self._wait_until_ready(deadline_s)
            try:
                return await client.request(
                    request.method, request.target, request.headers, request.body
                )
            except PeerRefusedError:
                # Nothing was sent: the engine died a moment ago and will be back.
                await self._clock.sleep(_POLL_S)
            except PeerUnavailableError as error:
                raise BackendUnavailableError(f"{self.name}: {error}") from error

    async def _wait_until_ready(self, deadline_s: float) -> HttpClient:
        if not self._ready.is_set():
            remaining_s = deadline_s - self._clock.monotonic_s()
            try:
                await asyncio.wait_for(self._ready.wait(), max(remaining_s, 0))
            except TimeoutError as error:
                raise BackendUnavailableError(f"{self.name} is not running") from error
        elif self._clock.monotonic_s() > deadline_s:
            raise BackendUnavailableError(f"{self.name} refuses connections")
        assert self._client is not None  # noqa: S101 - set before the event
        return self._client

    # keeping it alive

    async def _supervise(self) -> None:
        pause_s = 0.0
        while True:
            started_s = self._clock.monotonic_s()
            await self._wait_for_end()
            self._ready.clear()
            if self._process is not None:
                # What it started itself must not go on beside its successor.
                self._process.kill()
            if self._clock.monotonic_s() - started_s > _STABLE_AFTER_S:
                pause_s = 0.0
            _log.warning("%s ended and is started again", self.name)
            await self._clock.sleep(pause_s)
            pause_s = min(pause_s * 2 or 0.05, _LONGEST_PAUSE_S)
            self.restarts += 1
            if not await self._launch():
                _log.error("%s does not come up again: %s", self.name, self._last_words())
                await self._end_process()

    async def _launch(self) -> bool:
        """Start a process; True when it accepts connections."""
        try:
            return await self._launch_on(_free_port())
        except OSError as error:
            _log.error("%s cannot be started: %s", self.name, error)
            return False

    async def _launch_on(self, port: int) -> bool:
        with self._output.open("ab") as output:
            self._process = await self._guard.spawn(
                self._command(port),
                env=self._environment,
                cwd=self._output.parent,
                stdout=output,
                stderr=output,
            )
        if not await self._answers(port):
            return False
        if self._client is not None:
            self._client.close()
        self._client = HttpClient("127.0.0.1", port)
        self._ready.set()
        return True

    async def _answers(self, port: int) -> bool:
        deadline_s = self._clock.monotonic_s() + self._start_timeout_s
        while self._clock.monotonic_s() < deadline_s:
            if self._process is None or self._process.returncode is not None:
                return False
            try:
                _, writer = await asyncio.open_connection("127.0.0.1", port)
            except OSError:
                await self._clock.sleep(_POLL_S)
            else:
                writer.close()
                return True
        return False

    async def _wait_for_end(self) -> None:
        if self._process is not None:
            await self._process.wait()

    async def _end_process(self) -> None:
        process, self._process = self._process, None
        if process is not None:
            await process.stop(grace_s=self._stop_timeout_s)

    def _trim_output(self) -> None:
        if self._output.exists() and self._output.stat().st_size > _OUTPUT_LIMIT_BYTES:
            self._output.write_bytes(b"")

    def _last_words(self) -> str:
        lines = self._output.read_text(errors="replace").strip().splitlines()
        return " | ".join(lines[-3:]) or "(no output)"


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def minimal_environment(**values: str) -> dict[str, str]:
    """An environment without anything of the shell but what processes need to run at all."""
    kept = ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "TMP", "TEMP", "SYSTEMROOT")
    return {name: os.environ[name] for name in kept if name in os.environ} | values
