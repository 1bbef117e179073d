"""web-app when its table, its bucket or its functions are not well."""

from __future__ import annotations

import pytest

from faults.answers import Answer, healthy, unhealthy
from faults.control import Faults
from faults.items_api import ChangingItemsUnderFaults, ItemsApi
from running_system import wait_until

SYSTEM = "web-app"
pytestmark = pytest.mark.xdist_group("web-app-faults")


class TestWebApp(ChangingItemsUnderFaults):
    def test_the_health_route_tells_the_truth(self, api: ItemsApi, faults: Faults) -> None:
        def ask() -> Answer:
            return api("GET", "/health")

        assert healthy(ask)()
        with faults.on("dynamodb", "throttle"), faults.on("s3", "fail"):
            wait_until(unhealthy(ask, dynamodb="busy", s3="failing"))
        late = "no answer in time"
        with faults.on("dynamodb", "lose-answer"), faults.on("s3", "slow", delay_ms=2_000):
            wait_until(unhealthy(ask, dynamodb=late, s3=late))
        wait_until(healthy(ask))
