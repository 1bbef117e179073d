"""Killed in the middle of a start, of an update, of an end."""

from __future__ import annotations

import random
import subprocess
from contextlib import suppress

import psutil

from durability.app import DEAD, PUBLISHED, QUEUE, RESULTS, UP
from durability.killer import expect_ended
from durability.world import World
from running_system import CLOUDWORTHY, wait_until

_QUEUES = (DEAD, PUBLISHED, QUEUE, RESULTS)
_STEP = 6
"""Queues that each change of the app adds."""


class Interruptions:
    """Starts and ends the stack of a world that does not run, and kills it at random moments."""

    def __init__(self, world: World, dice: random.Random) -> None:
        self._world = world
        self._dice = dice
        self._further = 0
        self.kills = 0

    def grow(self) -> None:
        """Let the app have further queues from the next synth on."""
        self._further += _STEP
        (self._world.app / "more").write_text(str(self._further))

    def kill_update(self) -> None:
        """Change the app under the running system, and kill it while it applies that."""
        before = len(self._world.system.log.read_text())
        self.grow()
        (self._world.app / "app.py").touch()
        wait_until(lambda: "synthesize" in self._world.system.log.read_text()[before:])
        children = self._world.system.children()
        main = psutil.Process(self._world.system.process.pid)
        with suppress(psutil.TimeoutExpired):
            main.wait(timeout=self._dice.uniform(0, 0.5))
        self.kills += 1
        self._world.restart(lambda: expect_ended(children))

    def expect_all(self) -> None:
        """Every queue of the template is there, once."""
        urls = self._world.client("sqs").list_queues()["QueueUrls"]
        found = sorted(url.rpartition("/")[2] for url in urls)
        assert found == sorted([*_QUEUES, *(f"more-{n}" for n in range(self._further))])

    def kill_start(self, longest_s: float) -> None:
        command = ["up", *UP, "--port", "0", "--endpoint-port", "0", "--no-replace"]
        self._run_and_kill(command, longest_s)

    def kill_destroy(self, longest_s: float) -> None:
        self._run_and_kill(["destroy", "--stack", "Small", "--yes"], longest_s)

    def destroy(self) -> None:
        """To the end."""
        command = [str(CLOUDWORTHY), "destroy", "--stack", "Small", "--yes", *self._state]
        subprocess.run(command, cwd=self._world.app, capture_output=True, check=True)

    @property
    def _state(self) -> list[str]:
        return ["--state", str(self._world.directory / "state")]

    def _run_and_kill(self, arguments: list[str], longest_s: float) -> None:
        process = subprocess.Popen(
            [str(CLOUDWORTHY), *arguments, *self._state],
            cwd=self._world.app,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            process.wait(timeout=self._dice.uniform(0, longest_s))
        except subprocess.TimeoutExpired:
            children = psutil.Process(process.pid).children(recursive=True)
            process.kill()
            process.wait()
            expect_ended(children)
            self.kills += 1
