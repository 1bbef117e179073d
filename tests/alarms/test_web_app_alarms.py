"""Each alarm of web-app goes off by a real fault, tells it, and recovers."""

from __future__ import annotations

from concurrent.futures import Future

import pytest

from alarms.faults import ENOUGH, BusyTable, FaultyFunction, free_one_by_one, standing_still
from alarms.listener import AlarmListener
from running_system import RunningSystem

SYSTEM = "web-app"
CONCURRENCY = ENOUGH + 1
pytestmark = [pytest.mark.xdist_group("alarms"), pytest.mark.timeout(300)]


def api_of(system: RunningSystem) -> FaultyFunction:
    return FaultyFunction(system, "ApiFunction", lambda: get(system, "/items"))


def health_of(system: RunningSystem) -> FaultyFunction:
    return FaultyFunction(system, "HealthFunction", lambda: get(system, "/health"))


def get(system: RunningSystem, path: str) -> int:
    return system.request("GET", path).status


def use_up_capacity(system: RunningSystem, alarms: AlarmListener) -> None:
    table = BusyTable(system, "Items", ("item_id", "created_at"))
    with alarms.expecting("TableWriteThrottles", "TableReadThrottles"):
        table.exhaust_writes()
        table.exhaust_reads()
    with alarms.expecting("IndexWriteThrottles", "IndexReadThrottles"):
        table.exhaust_index_writes("status")
        table.exhaust_reads(IndexName="StatusIndex")


def stand_still(system: RunningSystem, alarms: AlarmListener) -> None:
    api, health = api_of(system), health_of(system)
    with alarms.expecting("ApiDuration", "Latency", "HealthDuration"):
        stuck = [api.get_stuck() for _ in range(ENOUGH)]
        slow_health = health.get_stuck()
        with alarms.expecting("ApiThrottles", "HealthThrottles"):
            assert api.is_refused()
            assert health.is_refused()
        slow_health.free_after(4.2)
        use_up_capacity(system, alarms)  # There is time for it meanwhile.
        free_one_by_one(stuck, 24.5)


def test_functions_that_stand_still(scene: Future[None]) -> None:
    scene.result()


def test_functions_that_die(system: RunningSystem, alarms: AlarmListener) -> None:
    with alarms.expecting("ApiErrors", "HealthErrors"):
        assert api_of(system).get_stuck().crash() == 502
        assert health_of(system).get_stuck().crash() == 502


def test_a_service_that_answers_its_errors(system: RunningSystem, alarms: AlarmListener) -> None:
    with alarms.expecting("ServerErrors"), standing_still(system.child("dynoxide")):
        assert get(system, "/health") == 503


def test_no_alarm_was_left_out(alarms: AlarmListener) -> None:
    assert alarms.seen_to_trip == alarms.names
