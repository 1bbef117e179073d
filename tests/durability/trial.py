"""One trial: a mixed load, kills at random, and the check of all that was acknowledged."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from durability.items import ApiItems, Items, Transactions
from durability.killer import Killer
from durability.ledger import Writer
from durability.messages import Events, Messages, Publications
from durability.objects import Objects
from durability.settings import Secrets, Settings
from durability.world import World
from running_system import wait_until

KINDS = (Items, Transactions, ApiItems, Objects, Messages, Publications, Events, Secrets, Settings)
_BETWEEN_KILLS = (1, 300)
"""How many writes are acknowledged from one kill to the next."""


@dataclass
class Report:
    """What a trial did."""

    seed: int
    acknowledged: dict[str, int] = field(default_factory=dict)
    unanswered: int = 0
    checked: dict[str, int] = field(default_factory=dict)
    kills: dict[str, int] = field(default_factory=dict)

    def __str__(self) -> str:
        writes, checked = sum(self.acknowledged.values()), sum(self.checked.values())
        total = (
            f"seed {self.seed}: {writes} writes acknowledged, {self.unanswered} not answered, "
            f"{sum(self.kills.values())} kills, {checked} states checked, lost: 0"
        )
        kinds = [
            f"  {name:14}{n:8} acknowledged {self.checked.get(name, 0):8} checked"
            for name, n in self.acknowledged.items()
        ]
        killed = ", ".join(f"{name} {n}" for name, n in sorted(self.kills.items()))
        return "\n".join([total, *kinds, f"  killed: {killed}"])


class Trial:
    """Writers at work on one world."""

    def __init__(self, directory: Path, seed: int) -> None:
        self.seed = seed
        self.world = World(directory)
        self._dice = random.Random(seed)  # noqa: S311 - to be repeated
        self.killer = Killer(self.world, self._dice)
        self.writers = [
            Writer(kind(self.world), self.world, f"{seed} {kind.__name__}") for kind in KINDS
        ]

    def run(self, go_on: Callable[[Killer], bool]) -> Report:
        """Write and kill as long as it says so, end the load and check.

        Raises
        ------
        LostError
        """
        self.start()
        try:
            while go_on(self.killer):
                self.wait_for_writes(self._dice.randint(*_BETWEEN_KILLS))
                self.killer.kill_one()
            self._wait_for_each_kind()
        finally:
            self.end()
        return self.check()

    def start(self) -> None:
        for writer in self.writers:
            writer.start()

    def wait_for_writes(self, count: int) -> None:
        """Until so many more are acknowledged."""
        enough = self.acknowledged + count
        wait_until(lambda: self.acknowledged >= enough or self._faults() != [], timeout_s=60)
        assert self._faults() == []

    def _wait_for_each_kind(self) -> None:
        """Until something of everything is written: a kill may always have come before."""
        wait_until(
            lambda: all(it.acknowledged > 2 for it in self.writers) or self._faults() != [],
            timeout_s=60,
        )

    @property
    def acknowledged(self) -> int:
        return sum(it.acknowledged for it in self.writers)

    def _faults(self) -> list[tuple[str, Exception]]:
        return [(it.name, it.fault) for it in self.writers if it.fault is not None]

    def end(self) -> None:
        """Let the writers finish what they are at."""
        for writer in self.writers:
            writer.end()
        for writer in self.writers:
            writer.join(timeout=60)

    def check(self) -> Report:
        """With the state as it is after a last kill and start."""
        self.killer.kill_one("main")
        assert self._faults() == []
        report = Report(self.seed)
        for writer in self.writers:
            report.acknowledged[writer.name] = writer.acknowledged
            report.unanswered += writer.failed
            report.checked[writer.name] = writer.work.check()
        report.kills = dict(self.killer.killed)
        return report


def for_minutes(minutes: float) -> Callable[[Killer], bool]:
    """Go on for so long."""
    ends_s = time.monotonic() + 60 * minutes
    return lambda _: time.monotonic() < ends_s


def until_killed(count: int) -> Callable[[Killer], bool]:
    """Go on until so many processes have been killed."""
    return lambda killer: killer.killed.total() < count
