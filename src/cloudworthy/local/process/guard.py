"""Starting children that die with the runtime, even when it is killed with -9."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO

_GUARDIAN = Path(__file__).with_name("guardian.py")

# The child waits for one line before it becomes the program: by then the guardian knows it.
# When the runtime dies first, the line never comes and the child ends. A shell sets
# variables of its own, which the program must not see.
_WAIT_THEN_EXEC = 'read -r go && unset go PWD OLDPWD SHLVL _ && exec "$@" </dev/null'

StreamTarget = int | IO[bytes] | None
"""What ``subprocess`` takes: a file, a descriptor, ``PIPE``, ``DEVNULL``; None inherits."""


class Child:
    """A running program, leader of its own session and process group.

    ``stdout`` and ``stderr`` are stream readers where ``PIPE`` was asked for.
    """

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process
        self.pid = process.pid
        self.stdout = process.stdout
        self.stderr = process.stderr

    @property
    def returncode(self) -> int | None:
        """The exit status, minus the signal's number when one ended it, None while it runs."""
        return self._process.returncode

    async def wait(self) -> int:
        return await self._process.wait()

    def kill(self) -> None:
        """End it and everything it started, at once."""
        self._signal(signal.SIGKILL)

    async def stop(self, *, grace_s: float = 3.0) -> int:
        """Ask it to end, kill it after ``grace_s``, and return the exit status."""
        if self.returncode is None:
            self._signal(signal.SIGTERM)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._process.wait(), grace_s)
        self.kill()
        return await self._process.wait()

    def _signal(self, number: signal.Signals) -> None:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.pid, number)


class ProcessGuard:
    """Owns the runtime's child processes.

    ``PR_SET_PDEATHSIG`` would need code between fork and exec, is Linux only, and does not
    reach what a child starts itself; a guardian process that kills whole process groups does
    all of it, for one small process in total. It is started with the first child and started
    anew should it be killed.
    """

    def __init__(self) -> None:
        self._children: dict[int, asyncio.Task[None]] = {}
        self._guardian: asyncio.subprocess.Process | None = None
        self._orders = -1
        self._starting = asyncio.Lock()
        self._watch: asyncio.Task[None] | None = None

    async def spawn(
        self,
        argv: Sequence[str],
        *,
        env: Mapping[str, str],
        cwd: Path,
        stdout: StreamTarget = asyncio.subprocess.DEVNULL,
        stderr: StreamTarget = asyncio.subprocess.DEVNULL,
        pass_fds: Sequence[int] = (),
    ) -> Child:
        """Start a program with exactly ``env``, no input, and no descriptor but those named.

        Raises
        ------
        OSError
            ``cwd`` does not exist. A program that cannot be run ends with status 126 or 127.
        """
        await self._ensure_guardian()
        ready, go = os.pipe()
        try:
            process = await asyncio.create_subprocess_exec(
                *("/bin/sh", "-c", _WAIT_THEN_EXEC, "sh", *argv),
                env=dict(env),
                cwd=cwd,
                stdin=ready,
                stdout=stdout,
                stderr=stderr,
                pass_fds=pass_fds,
                start_new_session=True,
            )
            self._children[process.pid] = asyncio.create_task(self._forget_when_ended(process))
            await self._tell_guardian(f"+{process.pid}\n")
            with contextlib.suppress(BrokenPipeError):
                os.write(go, b"\n")
        finally:
            os.close(ready)
            os.close(go)
        return Child(process)

    async def close(self) -> None:
        """Kill whatever is left, and the guardian."""
        for pid in self._children:
            _kill_group(pid)
        await asyncio.gather(*self._children.values())
        if self._watch is not None:
            self._watch.cancel()
        if self._guardian is not None:
            os.close(self._orders)
            await self._guardian.wait()
            self._guardian = None

    async def _forget_when_ended(self, process: asyncio.subprocess.Process) -> None:
        await process.wait()
        _kill_group(process.pid)
        del self._children[process.pid]
        await self._tell_guardian(f"-{process.pid}\n")

    async def _ensure_guardian(self) -> None:
        async with self._starting:
            if self._guardian is None or self._guardian.returncode is not None:
                await self._start_guardian()

    async def _start_guardian(self) -> None:
        if self._guardian is not None:
            os.close(self._orders)
        read_end, self._orders = os.pipe()
        try:
            self._guardian = await asyncio.create_subprocess_exec(
                *(sys.executable, "-I", "-S", str(_GUARDIAN)),
                stdin=read_end,
                stdout=asyncio.subprocess.DEVNULL,
                stderr=asyncio.subprocess.DEVNULL,
                env={},
                start_new_session=True,
            )
        finally:
            os.close(read_end)
        os.write(self._orders, "".join(f"+{pid}\n" for pid in self._children).encode())
        self._watch = asyncio.create_task(self._restart_guardian(self._guardian))

    async def _restart_guardian(self, guardian: asyncio.subprocess.Process) -> None:
        await guardian.wait()
        await self._ensure_guardian()

    async def _tell_guardian(self, order: str) -> None:
        try:
            os.write(self._orders, order.encode())
        except BrokenPipeError:
            if self._guardian is not None:
                await self._guardian.wait()
            await self._ensure_guardian()


def _kill_group(pgid: int) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(pgid, signal.SIGKILL)
