"""Carrying a request out so that doing it again has the same outcome."""

from __future__ import annotations

import os
import random
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import time_machine
from moto.moto_api._internal import mock_random

SEED_BYTES = 16


@dataclass(frozen=True, slots=True)
class Circumstances:
    """All that the outcome of a request depends on, apart from the state and the request."""

    time_ms: int
    seed: bytes


class CircumstancesSource:
    """Gives each request a time of its own, so that versions sort in the order they came."""

    def __init__(self) -> None:
        self._last_ms = 0

    def next(self) -> Circumstances:
        self._last_ms = max(time.time_ns() // 1_000_000, self._last_ms + 1)
        return Circumstances(self._last_ms, os.urandom(SEED_BYTES))

    def resume_after(self, time_ms: int) -> None:
        self._last_ms = max(self._last_ms, time_ms)


@contextmanager
def under(circumstances: Circumstances) -> Iterator[None]:
    """Let time stand still and all randomness come from the seed."""
    mock_random.seed(circumstances.seed)
    source = random.Random(circumstances.seed)  # noqa: S311 - repeatability is the point
    destination = circumstances.time_ms / 1000
    system_urandom, os.urandom = os.urandom, source.randbytes
    try:
        with time_machine.travel(destination, tick=False):
            yield
    finally:
        os.urandom = system_urandom
