"""Each alarm of crud-api goes off by a real fault, tells it, and recovers."""

from __future__ import annotations

from concurrent.futures import Future
from functools import partial

import pytest

from alarms.faults import BusyTable, FaultyFunction, in_background, standing_still
from alarms.listener import AlarmListener
from running_system import RunningSystem, wait_until

SYSTEM = "crud-api"
REQUESTS = {
    "Create": ("POST", "/items"),
    "Get": ("GET", "/items/unknown"),
    "Update": ("PUT", "/items/unknown"),
    "Delete": ("DELETE", "/items/unknown"),
    "List": ("GET", "/items"),
}
CONCURRENCY = len(REQUESTS) + 1
pytestmark = [pytest.mark.xdist_group("alarms"), pytest.mark.timeout(300)]


def functions_of(system: RunningSystem) -> dict[str, FaultyFunction]:
    return {
        name: FaultyFunction(system, f"{name}Function", partial(ask, system, name))
        for name in REQUESTS
    }


def ask(system: RunningSystem, name: str) -> int:
    method, path = REQUESTS[name]
    body = {"name": "any"} if method in {"POST", "PUT"} else None
    return system.request(method, path, body).status


def use_up_capacity(system: RunningSystem, alarms: AlarmListener) -> None:
    table = BusyTable(system, "Items", ("id",))
    with alarms.expecting("TableWriteThrottles", "TableReadThrottles"):
        table.exhaust_writes()
        table.exhaust_reads()


def stand_still(system: RunningSystem, alarms: AlarmListener) -> None:
    functions = functions_of(system)
    with alarms.expecting(*(f"{name}Duration" for name in functions)):
        stuck = [function.get_stuck() for function in functions.values()]
        with alarms.expecting("ServerErrors"), standing_still(system.child("dynoxide")):
            waiting = in_background(lambda: ask(system, "List"))
            with alarms.expecting(*(f"{name}Throttles" for name in functions)):
                wait_until(functions["List"].is_refused)
                assert all(function.is_refused() for function in functions.values())
            assert waiting.result() == 503
        use_up_capacity(system, alarms)  # There is time for it meanwhile.
        for request in stuck:
            request.free_after(24.5)


def test_functions_and_a_table_that_stand_still(scene: Future[None]) -> None:
    scene.result()


def test_functions_that_die(system: RunningSystem, alarms: AlarmListener) -> None:
    functions = functions_of(system).values()
    with alarms.expecting(*(f"{name}Errors" for name in REQUESTS)):
        assert {function.get_stuck().crash() for function in functions} == {502}


def test_no_alarm_was_left_out(alarms: AlarmListener) -> None:
    assert alarms.seen_to_trip == alarms.names
