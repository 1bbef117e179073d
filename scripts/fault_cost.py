"""What each call pays for the possibility of faults: ``python -m scripts.fault_cost``."""

from __future__ import annotations

import asyncio
import os
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from cloudworthy.local.faults.active import StackFaults
from cloudworthy.local.iam.decision import ApiCall
from cloudworthy.local.model.clock import SystemClock
from cloudworthy.local.model.faults import UNHARMED
from cloudworthy.local.model.functions import Function
from cloudworthy.local.model.http import Request
from cloudworthy.local.model.identity import Principal
from cloudworthy.local.model.resources import Deployment, Stack

_ROUNDS = 7
_CALLS = 20_000


class _Silent:
    """A ``Progress`` that nobody reads."""

    @contextmanager
    def step(self, what: str) -> Iterator[None]:  # noqa: ARG002 - the Protocol's
        yield

    def say(self, text: str) -> None:
        """Forget it."""

    def warn(self, text: str) -> None:
        """Forget it."""


async def main(calls: int) -> None:
    """Print microseconds, the best of some rounds: what else the machine does only adds to them."""
    with tempfile.TemporaryDirectory() as name:
        faults = StackFaults(
            Path(name), clock=SystemClock(), random=lambda: 0.0, progress=_Silent()
        )
        faults.use(Deployment(Stack("Stack", "000000000000", "us-east-1", {}, {}), {}, {}))
        call = ApiCall(
            Principal("", ""), "dynamodb", "GetItem", "us-east-1", Request("POST", "/", [])
        )
        function = Function("F", "", "f", "", "", "python3.13", "a.b", Path(name))
        await faults.of_call(call)
        print(f"stat of a file          {_stat_us(f'{name}/faults.json', calls):.1f} µs")
        print(f"call without faults     {await _call_us(faults, call, calls):.1f} µs")
        print(f"event without faults    {_event_us(faults, function, calls):.1f} µs")


def _stat_us(path: str, calls: int) -> float:
    best = float("inf")
    for _ in range(_ROUNDS):
        begun = time.perf_counter()
        for _ in range(calls):
            os.path.exists(path)  # noqa: PTH110 - what is measured
        best = min(best, time.perf_counter() - begun)
    return best / calls * 1e6


async def _call_us(faults: StackFaults, call: ApiCall, calls: int) -> float:
    best = float("inf")
    for _ in range(_ROUNDS):
        begun = time.perf_counter()
        for _ in range(calls):
            if await faults.of_call(call) is not UNHARMED:
                raise SystemExit("A call was hit, and there are no faults.")
        best = min(best, time.perf_counter() - begun)
    return best / calls * 1e6


def _event_us(faults: StackFaults, function: Function, calls: int) -> float:
    best = float("inf")
    for _ in range(_ROUNDS):
        begun = time.perf_counter()
        for _ in range(calls):
            faults.of_invocation(function)
        best = min(best, time.perf_counter() - begun)
    return best / calls * 1e6


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]) if len(sys.argv) > 1 else _CALLS))
