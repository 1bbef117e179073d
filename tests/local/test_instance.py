"""Who has a stack, told by its lock alone."""

from __future__ import annotations

import asyncio
import fcntl
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest

from cloudworthy.local.instance import AlreadyRunningError, Instance
from cloudworthy.local.teardown import stop_running


@pytest.fixture
def instance(tmp_path: Path) -> Instance:
    return Instance(tmp_path / "Small")


@contextmanager
def locked(instance: Instance, content: str) -> Iterator[None]:
    """Somebody has the stack, whose lock file says this."""
    instance.directory.mkdir()
    with (instance.directory / "lock").open("w") as lock:
        lock.write(content)
        lock.flush()
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


@pytest.fixture
def bystander() -> Iterator[subprocess.Popen[bytes]]:
    """A process that has nothing to do with any stack."""
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as process:
        yield process


def test_the_holder_is_the_process_that_has_the_lock(instance: Instance) -> None:
    with instance:
        assert (instance.running, instance.holder()) == (True, os.getpid())
    assert (instance.running, instance.holder()) == (False, None)


@pytest.mark.parametrize("content", ["", "\n", "0\n", "no number", "4194305\n"])
def test_what_names_no_process_is_no_holder(instance: Instance, content: str) -> None:
    with locked(instance, content):
        assert instance.running
        assert instance.holder() is None
        with (
            pytest.raises(AlreadyRunningError, match="process unknown"),
            Instance(instance.directory),
        ):
            pass


def test_a_shorter_number_is_written_over_a_longer_one(instance: Instance) -> None:
    instance.directory.mkdir()
    (instance.directory / "lock").write_text("9" * 20 + "\n")
    with instance:
        assert instance.holder() == os.getpid()


async def test_no_process_is_ended_for_having_the_number_of_one_that_was_killed(
    instance: Instance, bystander: subprocess.Popen[bytes]
) -> None:
    with locked(instance, f"{bystander.pid}\n"):
        ending = asyncio.create_task(stop_running(instance))
        await asyncio.sleep(0)  # It has looked once, and waits.
    await ending
    bystander.communicate(b"\n")
    assert bystander.returncode == 0


def test_who_looks_whether_it_runs_is_not_in_the_way_of_who_starts_it(instance: Instance) -> None:
    with instance:
        pass
    over, seen = threading.Event(), threading.Event()

    def look() -> None:
        while not over.is_set():
            if Instance(instance.directory).running:
                seen.set()

    with ThreadPoolExecutor(2) as executor:
        looking = [executor.submit(look) for _ in range(2)]
        try:
            starts = 0
            while starts < 200 or not seen.is_set():
                with instance:
                    starts += 1
        finally:
            over.set()
        for it in looking:
            it.result()


def test_a_lookers_lock_is_not_taken_for_a_running_stack(instance: Instance) -> None:
    with instance:
        pass
    with (instance.directory / "lock").open() as looker:
        fcntl.flock(looker, fcntl.LOCK_SH)
        assert not instance.running
