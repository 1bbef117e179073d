"""Children end with the runtime, whatever ends it."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from select import select

import pytest

from cloudworthy.local.process.guard import ProcessGuard

STUBBORN = """
import signal, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
print("ready", flush=True)
time.sleep(300)
"""
SLEEP = ("/bin/sleep", "300")

# A runtime that starts one child, which starts another, and says their process ids and its
# guardian's, for each guardian it has.
RUNTIME = """
import asyncio, uvloop
from pathlib import Path
from cloudworthy.local.process.guard import ProcessGuard

async def main():
    guard = ProcessGuard()
    child = await guard.spawn(
        ["/bin/sh", "-c", "sleep 300 & echo $$ $!; wait"],
        env={"PATH": "/usr/bin:/bin"}, cwd=Path("/"), stdout=asyncio.subprocess.PIPE,
    )
    pids = (await child.stdout.readline()).decode().strip()
    guardian = None
    while True:
        if guard._guardian.pid != guardian:
            guardian = guard._guardian.pid
            print(pids, guardian, flush=True)
        await asyncio.sleep(0.01)

LOOP.run(main())
"""


def start_runtime(loop: str) -> subprocess.Popen[str]:
    program = RUNTIME.replace("LOOP", loop)
    return subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True)


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    # A killed process stays in the table until its new parent has collected it.
    status = Path(f"/proc/{pid}/stat")
    return not status.exists() or status.read_text().rpartition(")")[2].split()[0] != "Z"


def eventually(condition: Callable[[], bool], *, within_s: float = 5.0) -> bool:
    deadline = time.monotonic() + within_s
    while time.monotonic() < deadline:
        if condition():
            return True
        time.sleep(0.01)
    return condition()


@pytest.fixture
async def guard() -> AsyncIterator[ProcessGuard]:
    guard = ProcessGuard()
    yield guard
    await guard.close()


async def test_the_child_sees_exactly_the_environment_it_was_given(
    guard: ProcessGuard, tmp_path: Path
) -> None:
    child = await guard.spawn(
        [sys.executable, "-c", "import os, sys; print(dict(os.environ), os.getcwd())"],
        env={"ONE": "1"},
        cwd=tmp_path,
        stdout=asyncio.subprocess.PIPE,
    )
    assert child.stdout is not None
    printed = (await child.stdout.read()).decode().strip()
    assert printed in {
        f"{{'ONE': '1'}} {tmp_path}",
        f"{{'ONE': '1', 'LC_CTYPE': 'C.UTF-8'}} {tmp_path}",
    }
    assert await child.wait() == 0


async def test_only_named_descriptors_are_inherited(guard: ProcessGuard, tmp_path: Path) -> None:
    read_end, write_end = os.pipe()
    os.set_inheritable(read_end, True)  # noqa: FBT003 - takes no keyword
    child = await guard.spawn(
        [sys.executable, "-c", "import os; print(sorted(map(int, os.listdir('/dev/fd'))))"],
        env={},
        cwd=tmp_path,
        stdout=asyncio.subprocess.PIPE,
        pass_fds=(write_end,),
    )
    assert child.stdout is not None
    seen = set((await child.stdout.read()).decode().strip("[]\n").split(", "))
    os.close(read_end)
    os.close(write_end)
    listing = seen - {"0", "1", "2", str(write_end)}
    assert str(write_end) in seen
    assert len(listing) == 1, "the descriptor of the listing itself"


async def test_stop_asks_first_and_kills_after_the_grace(
    guard: ProcessGuard, tmp_path: Path
) -> None:
    polite = await guard.spawn(SLEEP, env={}, cwd=tmp_path)
    assert await polite.stop() in {-signal.SIGTERM, 1}
    stubborn = await guard.spawn(
        [
            sys.executable,
            "-c",
            STUBBORN,
        ],
        env={},
        cwd=tmp_path,
        stdout=asyncio.subprocess.PIPE,
    )
    assert stubborn.stdout is not None
    await stubborn.stdout.readline()
    assert await stubborn.stop(grace_s=0.05) == -signal.SIGKILL


async def test_a_program_that_does_not_exist_ends_at_once(
    guard: ProcessGuard, tmp_path: Path
) -> None:
    child = await guard.spawn(["/nowhere/program"], env={}, cwd=tmp_path)
    assert await child.wait() in {126, 127}


async def test_close_leaves_nothing(tmp_path: Path) -> None:
    guard = ProcessGuard()
    child = await guard.spawn(SLEEP, env={}, cwd=tmp_path)
    await guard.close()
    assert not alive(child.pid)


@pytest.mark.parametrize("loop", ["asyncio", "uvloop"])
def test_a_killed_guardian_is_replaced_and_knows_the_children(loop: str) -> None:
    runtime = start_runtime(loop)
    assert runtime.stdout is not None
    child, grandchild, guardian = map(int, runtime.stdout.readline().split())
    os.kill(guardian, signal.SIGKILL)
    assert select([runtime.stdout], [], [], 5.0)[0], "there is another"
    assert int(runtime.stdout.readline().split()[-1]) != guardian
    runtime.kill()
    runtime.wait()
    runtime.stdout.close()
    assert eventually(lambda: not alive(child) and not alive(grandchild))


@pytest.mark.parametrize("loop", ["asyncio", "uvloop"])
def test_kill_9_of_the_runtime_takes_children_and_grandchildren_along(loop: str) -> None:
    runtime = start_runtime(loop)
    assert runtime.stdout is not None
    child, grandchild, guardian = map(int, runtime.stdout.readline().split())
    assert alive(child)
    assert alive(grandchild)
    runtime.kill()
    runtime.wait()
    runtime.stdout.close()
    assert eventually(lambda: not any(map(alive, (child, grandchild, guardian))))
