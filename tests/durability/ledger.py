"""What a writer knows of what it wrote: what must be so, and what may be one of two."""

from __future__ import annotations

import random
import threading
from collections.abc import Hashable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Protocol

from botocore.exceptions import ClientError

from durability.world import UNCERTAIN, World

ABSENT = None
"""The state of what does not exist."""


class LostError(AssertionError):
    """Something acknowledged is not as it was acknowledged."""


class Ledger:
    """The state of each key. A key whose last change was not acknowledged is left alone."""

    def __init__(self) -> None:
        self.certain: dict[str, Hashable] = {}
        self.possible: dict[str, tuple[Hashable, Hashable]] = {}

    @contextmanager
    def change(self, key: str, new: Hashable) -> Iterator[None]:
        """A change under way: acknowledged if the block ends without an error."""
        self.possible[key] = (self.certain.pop(key, ABSENT), new)
        yield
        self.certain[key] = self.possible.pop(key)[1]

    def check(self, what: str, found: Mapping[str, Hashable]) -> int:
        """Compare with what is there; returns how many keys were certain."""
        wrong = [
            f"{key}: acknowledged {state!r}, found {found.get(key)!r}"
            for key, state in self.certain.items()
            if found.get(key) != state
        ]
        wrong += [
            f"{key}: expected one of {states!r}, found {found.get(key)!r}"
            for key, states in self.possible.items()
            if found.get(key) not in states
        ]
        expect_none(what, wrong)
        return len(self.certain)


def expect_none(what: str, wrong: list[str]) -> None:
    """Raises LostError with the first few."""
    if wrong:
        raise LostError(f"{what}: {len(wrong)} lost or wrong:\n  " + "\n  ".join(wrong[:10]))


class Work(Protocol):
    """One kind of writes."""

    def step(self, dice: random.Random) -> None:
        """Do one write; raises what the client raises."""
        ...

    def check(self) -> int:
        """Compare all that was acknowledged with what is there; returns how much that was.

        Raises
        ------
        LostError
        """
        ...


class Writer(threading.Thread):
    """Does one kind of work until told to stop, whatever is killed meanwhile."""

    def __init__(self, work: Work, world: World, seed: str) -> None:
        super().__init__(name=type(work).__name__, daemon=True)
        self._world = world
        self.work = work
        self._dice = random.Random(seed)  # noqa: S311 - to be repeated
        self._ended = threading.Event()
        self.acknowledged = 0
        self.failed = 0
        self.fault: Exception | None = None
        """A refusal that cannot be: the system does not know what it acknowledged."""

    def run(self) -> None:
        while not self._ended.is_set():
            try:
                self.work.step(self._dice)
            except UNCERTAIN as error:
                if is_refusal(error):
                    self.fault = error
                    return
                self.failed += 1
                self._world.is_up.wait()
            except Exception as error:  # noqa: BLE001 - shown by the trial
                self.fault = error
                return
            else:
                self.acknowledged += 1

    def end(self) -> None:
        self._ended.set()
        self._world.is_up.set()


def is_refusal(error: Exception) -> bool:
    """Whether the service said that the caller is wrong."""
    if not isinstance(error, ClientError):
        return False
    return bool(error.response["ResponseMetadata"]["HTTPStatusCode"] < 500)


def pages(
    world: World, service: str, operation: str, member: str, **arguments: str
) -> list[dict[str, Any]]:
    """One member of all pages of an answer."""
    found = world.client(service).get_paginator(operation).paginate(**arguments)
    return [each for page in found for each in page.get(member, [])]
