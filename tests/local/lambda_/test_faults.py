"""What a fault does to an event: its answer, what the code gets of it, logs and metrics."""

from __future__ import annotations

import asyncio
import os
import signal
from collections import deque

import pytest

from cloudworthy.local.model.faults import UNHARMED, Effect, Strike
from cloudworthy.local.model.functions import Function, TooManyRequestsError
from local.lambda_.running import Running, running
from local.lambda_.test_metrics import Kept

SOURCE = """
    import os, pathlib
    runs = 0
    record = pathlib.Path(__file__).parent.parent / "runs.txt"

    def handler(event, context):
        global runs
        runs += 1
        with record.open("a") as file:
            file.write("ran\\n")
        return {"pid": os.getpid(), "runs": runs, "left_ms": context.get_remaining_time_in_millis()}
"""


class Planned:
    """Strikes in the order in which events come."""

    def __init__(self) -> None:
        self.strikes: deque[Strike] = deque()
        self.asked = asyncio.Event()

    def of_invocation(self, function: Function) -> Strike:
        assert function.logical_id == "Function"
        self.asked.set()
        return self.strikes.popleft() if self.strikes else UNHARMED


def runs(served: Running) -> int:
    record = served.code.parent / "runs.txt"
    return len(record.read_text().splitlines()) if record.exists() else 0


async def test_throttled_failed_and_lost_events() -> None:
    planned, kept = Planned(), Kept()
    async with running(SOURCE, faults=planned, metrics=kept) as served:
        planned.strikes.append(Strike(effect=Effect.THROTTLE))
        with pytest.raises(TooManyRequestsError, match="ConcurrentInvocationLimitExceeded"):
            await served.invoke()
        assert kept.taken() == {
            ("Throttles", "function"): 1,
            ("Throttles", "function", "function"): 1,
            ("Throttles",): 1,
        }
        assert served.logs.messages == []

        first = await served.answer()
        assert kept.taken()["Errors", "function"] == 0
        planned.strikes.append(Strike(effect=Effect.FAIL))
        failed = await served.error()
        assert failed["errorType"] == "Runtime.ExitError"
        assert failed["errorMessage"].endswith("Error: Runtime exited with error: exit status 1")
        assert runs(served) == 1
        counted = kept.taken()
        assert (counted["Invocations", "function"], counted["Errors", "function"]) == (1, 1)
        assert any(
            "Status: error\tError Type: Runtime.ExitError" in it for it in served.logs.messages
        )

        planned.strikes.append(Strike(effect=Effect.LOSE_ANSWER))
        lost = await served.error()
        assert lost["errorType"] == "Runtime.ExitError"
        assert runs(served) == 2
        assert kept.taken()["Errors", "function"] == 1
        after = await served.answer()
        assert (first["runs"], after["runs"]) == (1, 1)
        assert after["pid"] != first["pid"]


async def test_a_wait_is_the_functions_own_time() -> None:
    planned, kept = Planned(), Kept()
    async with running(SOURCE, faults=planned, metrics=kept, timeout_s=2) as served:
        pid = (await served.answer())["pid"]
        kept.taken()
        planned.strikes.append(Strike(delay_s=0.6))
        late = await served.answer()
        assert late["pid"] == pid
        assert late["left_ms"] <= 1400
        assert kept.taken()["Duration", "function"] >= 600

        planned.strikes.append(Strike(delay_s=2.5))
        timed_out = await served.error()
        assert timed_out["errorType"] == "Sandbox.Timedout"
        assert runs(served) == 2
        assert kept.taken()["Errors", "function"] == 1


async def test_a_worker_that_ends_while_its_event_waits() -> None:
    planned = Planned()
    async with running(SOURCE, faults=planned) as served:
        pid = (await served.answer())["pid"]
        planned.strikes.append(Strike(delay_s=15))
        planned.asked.clear()
        waiting = asyncio.create_task(served.error())
        await planned.asked.wait()
        os.kill(pid, signal.SIGKILL)
        assert (await waiting)["errorMessage"].endswith("signal: killed")
        assert runs(served) == 1
