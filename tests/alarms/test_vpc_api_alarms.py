"""Each alarm of vpc-api goes off by a real fault, tells it, and recovers."""

from __future__ import annotations

from concurrent.futures import Future

import pytest

from alarms.faults import (
    ENOUGH,
    BusyTable,
    FaultyFunction,
    free_one_by_one,
    in_background,
    standing_still,
)
from alarms.listener import AlarmListener
from running_system import RunningSystem, wait_until

SYSTEM = "vpc-api"
CONCURRENCY = ENOUGH + 1
pytestmark = [pytest.mark.xdist_group("alarms"), pytest.mark.timeout(300)]


def api_of(system: RunningSystem) -> FaultyFunction:
    return FaultyFunction(system, "ApiFunction", lambda: get_items(system))


def get_items(system: RunningSystem) -> int:
    return system.request("GET", "/api/items").status


def use_up_capacity(system: RunningSystem, alarms: AlarmListener) -> None:
    table = BusyTable(system, "Items", ("id",))
    with alarms.expecting("TableWriteThrottles", "TableReadThrottles"):
        table.exhaust_writes()
        table.exhaust_reads()


def stand_still(system: RunningSystem, alarms: AlarmListener) -> None:
    api = api_of(system)
    with alarms.expecting("ApiDuration"):
        stuck = [api.get_stuck() for _ in range(ENOUGH)]
        with alarms.expecting("ServerErrors"), standing_still(system.child("dynoxide")):
            waiting = in_background(lambda: get_items(system))
            with alarms.expecting("ApiThrottles"):
                wait_until(api.is_refused)
            assert waiting.result() == 503
        use_up_capacity(system, alarms)  # There is time for it meanwhile.
        free_one_by_one(stuck, 24.5)


def test_a_function_and_a_table_that_stand_still(scene: Future[None]) -> None:
    scene.result()


def test_a_function_that_dies_again_and_again(system: RunningSystem, alarms: AlarmListener) -> None:
    api = api_of(system)
    with alarms.expecting("ApiErrors") as have_tripped:
        wait_until(lambda: api.get_stuck().crash() == 502 and have_tripped())


def test_no_alarm_was_left_out(alarms: AlarmListener) -> None:
    assert alarms.seen_to_trip == alarms.names
