"""Who is killed, and when: at random, from a seed."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Mapping

import psutil

from durability.world import World

MAIN, DYNOXIDE, MOTO, SNAPSHOT, WORKER, GUARDIAN = (
    "main",
    "dynoxide",
    "moto",
    "snapshot of moto",
    "worker",
    "guardian",
)
_WEIGHTS = {MAIN: 4, DYNOXIDE: 4, MOTO: 4, SNAPSHOT: 3, WORKER: 3, GUARDIAN: 2}


class Killer:
    """Sends SIGKILL to one process, or to two at once."""

    def __init__(self, world: World, dice: random.Random) -> None:
        self._world = world
        self._dice = dice
        self.killed: Counter[str] = Counter()

    def kill_one(self, only: str | None = None) -> None:
        """Kill a process; the system is started again when it was the main one."""
        victim = only or self._dice.choices([*_WEIGHTS], weights=[*_WEIGHTS.values()])[0]
        if victim == MAIN:
            self._kill_main()
            return
        found = [it for it in self._world.system.children() if _IS[victim](it)]
        if found:
            kill(self._dice.choice(found))
            self.killed[victim] += 1

    def _kill_main(self) -> None:
        children = self._world.system.children()
        self.killed[MAIN] += 1
        self._world.restart(lambda: expect_ended(children))


def expect_ended(children: list[psutil.Process]) -> None:
    """Nothing goes on without the main process."""
    _, alive = psutil.wait_procs(children, timeout=5)
    assert alive == [], f"outlived the runtime: {alive}"


def kill(process: psutil.Process) -> None:
    """Unless it has ended already."""
    try:
        process.kill()
    except psutil.NoSuchProcess:
        return


def _command(process: psutil.Process) -> str:
    try:
        return " ".join(process.cmdline())
    except psutil.NoSuchProcess:
        return ""


def _is_snapshot(process: psutil.Process) -> bool:
    """moto's process forks to write its state down."""
    try:
        parent = process.parent()
    except psutil.NoSuchProcess:
        return False
    return parent is not None and "moto_child" in _command(parent)


_IS: Mapping[str, Callable[[psutil.Process], bool]] = {
    DYNOXIDE: lambda it: "dynoxide --port" in _command(it),
    MOTO: lambda it: "moto_child" in _command(it) and not _is_snapshot(it),
    SNAPSHOT: _is_snapshot,
    WORKER: lambda it: "awslambdaric" in _command(it),
    GUARDIAN: lambda it: "guardian.py" in _command(it),
}
