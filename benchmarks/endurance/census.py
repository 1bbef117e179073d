"""The processes of a running system, counted and weighed, and the files of its state."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import psutil

from benchmarks.processes import program_of

_MIB = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Weight:
    """All processes that run the same program, together."""

    processes: int
    rss_mib: float
    fds: int
    threads: int
    largest_mib: float
    """Of them: one that has just been started weighs less, and says nothing of the others."""


@dataclass(frozen=True, slots=True)
class Census:
    """One look at a process and all its children."""

    by_program: Mapping[str, Weight]
    main: Weight
    main_sockets: int
    clients: int
    """How many of the main process's sockets belong to clients of the ports asked about."""
    zombies: int

    @property
    def main_files(self) -> int:
        """What the main process has open and is no socket: pipes to children, files."""
        return self.main.fds - self.main_sockets

    @property
    def counts(self) -> tuple[int, int]:
        """Of processes, and of what the main process has open: still when nothing starts."""
        return self.processes, self.main.fds

    @property
    def processes(self) -> int:
        return sum(weight.processes for weight in self.by_program.values())

    @property
    def fds(self) -> int:
        return sum(weight.fds for weight in self.by_program.values())

    @property
    def threads(self) -> int:
        return sum(weight.threads for weight in self.by_program.values())

    @property
    def rss_mib(self) -> float:
        return sum(weight.rss_mib for weight in self.by_program.values())


def take(main: psutil.Process, ports: Collection[int]) -> Census:
    """Look at a system's main process and all it has started; ``ports`` are those it serves."""
    processes = [main, *main.children(recursive=True)]
    weights = [found for process in processes if (found := _weigh(process)) is not None]
    alive = [(program, weight) for program, weight in weights if weight is not None]
    by_program: dict[str, Weight] = {}
    for program, weight in alive:
        by_program[program] = _sum(by_program.get(program), weight)
    sockets = main.net_connections("all")
    return Census(
        by_program,
        alive[0][1],
        len(sockets),
        clients=sum(
            1
            for socket in sockets
            if socket.status != psutil.CONN_LISTEN and _port(socket.laddr) in ports
        ),
        zombies=len(weights) - len(alive),
    )


def _port(address: Sequence[object]) -> object:
    """Of a socket's own address, which is empty, or a path, where it has no port."""
    return address[1] if len(address) == 2 else None


def _weigh(process: psutil.Process) -> tuple[str, Weight | None] | None:
    """None for one that has just ended; without a weight for one that nobody has waited for."""
    try:
        if process.status() == psutil.STATUS_ZOMBIE:
            return "", None
        with process.oneshot():
            rss_mib = process.memory_info().rss / _MIB
            weight = Weight(1, rss_mib, process.num_fds(), process.num_threads(), rss_mib)
        return program_of(process.cmdline()), weight
    except psutil.NoSuchProcess:
        return None


def _sum(one: Weight | None, other: Weight) -> Weight:
    if one is None:
        return other
    return Weight(
        one.processes + other.processes,
        one.rss_mib + other.rss_mib,
        one.fds + other.fds,
        one.threads + other.threads,
        max(one.largest_mib, other.largest_mib),
    )


def state_mib(state: Path) -> dict[str, float]:
    """What a state directory holds, by the name of what is directly in it.

    The journal of a database counts with the database.
    """
    sizes: dict[str, float] = {}
    for file in _files(state):
        name = file.relative_to(state).parts[0].removesuffix("-wal").removesuffix("-shm")
        try:
            sizes[name] = sizes.get(name, 0.0) + file.stat().st_size / _MIB
        except FileNotFoundError:
            continue
    return sizes


def _files(directory: Path) -> Iterable[Path]:
    return (path for path in directory.rglob("*") if path.is_file())
