"""kill -9 and full disks: what was acknowledged is there afterwards, and nothing else runs."""

from __future__ import annotations

import os
import random
import re
import subprocess
import sys
import time
from pathlib import Path

import pytest

from durability.app import TABLE, UP
from durability.full_disk import can_mount
from durability.interruptions import Interruptions
from durability.trial import KINDS
from durability.world import World
from running_system import ROOT, launch_system

pytestmark = [pytest.mark.xdist_group("durability"), pytest.mark.timeout(300)]

_KILLS = 6
_TIMEOUT_S = 280
_FULL_DISKS = {
    "a file system that turns read-only later": [],
    "a limit on the size of files and nothing read-only": ["--limit"],
}
FULL_DISK = list(_FULL_DISKS)[0 if can_mount() else 1]
"""What this machine lets a test try; the name of the test says it."""


@pytest.fixture
def seed() -> int:
    """Another one each time; pytest shows it with a failure."""
    seed = time.time_ns() % 1_000_000
    sys.stdout.write(f"seed {seed}\n")
    return seed


def test_kills_at_random_under_a_mixed_load(tmp_path: Path) -> None:
    report = run_module(tmp_path, "durability", "--kills", str(_KILLS))
    checked = re.findall(r"^  \w+ .* (\d+) checked$", report, re.MULTILINE)
    assert len(checked) == len(KINDS)
    assert all(int(count) > 0 for count in checked)


def test_a_start_an_update_and_an_end_that_are_killed(tmp_path: Path, seed: int) -> None:
    world = World(tmp_path)
    interruptions = Interruptions(world, random.Random(seed))  # noqa: S311 - to be repeated
    key = {"pk": {"S": "kept"}}
    world.client("dynamodb").put_item(TableName=TABLE, Item=key)
    with pytest.raises(AssertionError, match=r"Small is running already \(process \d+\)"):
        launch_system(tmp_path, *UP, cwd=world.app)
    interruptions.kill_update()
    interruptions.expect_all()
    world.system.stop()
    interruptions.grow()
    for _ in range(3):
        interruptions.kill_start(longest_s=1.5)
    world.restart()
    interruptions.expect_all()
    assert world.client("dynamodb").get_item(TableName=TABLE, Key=key)["Item"] == key
    state = world.system.state
    world.system.stop()
    interruptions.kill_destroy(longest_s=1.0)
    if state.exists():
        interruptions.destroy()
    assert not state.exists()


@pytest.mark.parametrize("tried", [FULL_DISK])
def test_a_disk_that_fills_up(tmp_path: Path, tried: str) -> None:
    run_module(tmp_path, "durability.full_disk", *_FULL_DISKS[tried])


def run_module(directory: Path, module: str, *arguments: str) -> str:
    """What a command of docs/reliability.md says in the end."""
    path = os.pathsep.join(filter(None, sys.path))
    done = subprocess.run(
        [sys.executable, "-m", module, *arguments],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": path, "TMPDIR": str(directory)},
        capture_output=True,
        text=True,
        timeout=_TIMEOUT_S,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "lost: 0" in done.stdout
    return done.stdout
