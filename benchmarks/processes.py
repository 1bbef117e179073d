"""Child processes: started, waited for, weighed and ended by their ids."""

from __future__ import annotations

import contextlib
import itertools
import os
import socket
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Self, TypeVar

import psutil

from benchmarks.results import ProcessMemory

_LAST_LINES = 15
_RUNTIME_CLIENT = "run_awslambdaric"
_MIB = 1024 * 1024

T = TypeVar("T")


class ChildFailedError(Exception):
    """A child ended, or was not ready in time; the message holds the last it printed."""


class Child:
    """One program and everything it starts, in a session of its own.

    What it prints goes to ``log``. Leaving the ``with`` block ends the whole tree.
    """

    def __init__(
        self,
        command: Sequence[str],
        log: Path,
        *,
        environment: Mapping[str, str] | None = None,
        directory: Path | None = None,
    ) -> None:
        self.log = log
        log.parent.mkdir(parents=True, exist_ok=True)
        with log.open("wb") as output:
            self._process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                env=environment,
                cwd=directory,
                start_new_session=True,
            )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    @property
    def pid(self) -> int:
        return self._process.pid

    def wait_until(self, probe: Callable[[], T | None], what: str, *, timeout_s: float) -> T:
        """What ``probe`` returns once it is not None.

        Raises
        ------
        ChildFailedError
            The child ended first, or ``timeout_s`` passed.
        """
        deadline = time.monotonic() + timeout_s
        while time.monotonic() < deadline:
            found = probe()
            if found is not None:
                return found
            if self._process.poll() is not None:
                raise self._failure(f"ended with {self._process.returncode} before {what}")
            time.sleep(0.002)
        raise self._failure(f"was not {what} after {timeout_s:.0f} s")

    def memory(self) -> tuple[ProcessMemory, ...]:
        return tuple(weight for process in self._tree() if (weight := _weigh(process)))

    def stop(self, *, grace_s: float = 10.0) -> None:
        """Ask the program to end, then kill by its id whatever of its tree is left."""
        tree = self._tree()
        with contextlib.suppress(ProcessLookupError):
            self._process.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(grace_s)
        for process in tree:
            with contextlib.suppress(psutil.NoSuchProcess):
                process.kill()
        self._process.wait()
        psutil.wait_procs(tree, timeout=grace_s)

    def _tree(self) -> list[psutil.Process]:
        try:
            program = psutil.Process(self._process.pid)
            return [program, *program.children(recursive=True)]
        except psutil.NoSuchProcess:
            return []

    def _failure(self, what: str) -> ChildFailedError:
        lines = self.log.read_text(errors="replace").rstrip().splitlines()[-_LAST_LINES:]
        printed = "\n".join(f"    {line}" for line in lines)
        return ChildFailedError(f"{self._process.args!r} {what}. The last it printed:\n{printed}")


def _weigh(process: psutil.Process) -> ProcessMemory | None:
    """Memory of one process; shared pages are divided among their users where known."""
    try:
        used = process.memory_full_info()
        command = process.cmdline()
    except psutil.NoSuchProcess:
        return None
    proportional = getattr(used, "pss", None)
    return ProcessMemory(
        program_of(command),
        used.rss / _MIB,
        None if proportional is None else proportional / _MIB,
    )


def program_of(command: Sequence[str]) -> str:
    """The program and what tells best what it runs: its script or module.

    Of a worker of Lambda that is the function's handler.
    """
    if not command:
        return "(ended)"
    program, arguments = Path(command[0]).name, command[1:]
    if "-m" in arguments[:-1]:
        subject = arguments[arguments.index("-m") + 1]
    elif "-c" in arguments:
        subject = arguments[-1].split()[-1]
    else:
        subject = _script(arguments)
    return f"{program} {Path(subject).name}".strip()


def _script(arguments: Sequence[str]) -> str:
    """The first word that is no option, value of ``-X`` or number."""
    words = [
        word
        for before, word in itertools.pairwise(["", *arguments])
        if before != "-X" and not word.startswith("-") and not word.isdigit()
    ]
    if len(words) > 1 and Path(words[0]).stem == _RUNTIME_CLIENT:
        return words[1]
    return next(iter(words), "")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def free_neighbours(count: int) -> int:
    """The first of some ports in a row that are free.

    They are below the range that the system gives to connections, and begin at another
    place for each process that asks.
    """
    for first in range(20_000 + os.getpid() % 10_000, 32_000, count):
        if all(_is_free(first + offset) for offset in range(count)):
            return first
    raise OSError(f"no {count} ports in a row are free below 32,000")


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) != 0
