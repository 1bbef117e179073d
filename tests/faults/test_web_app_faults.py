"""web-app when its table, its bucket or its functions are not well."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

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

    def test_who_asks_too_often_is_told_when_to_try_again(
        self, api: ItemsApi, faults: Faults
    ) -> None:
        # Without its functions the gateway answers far faster than the stage allows.
        with faults.on("lambda", "throttle"), ThreadPoolExecutor(4) as callers:
            answers = list(callers.map(lambda _: api("GET", "/items"), range(400)))
        refused = [answer for answer in answers if answer.status == 429]
        assert refused
        for answer in refused:
            assert answer.headers["retry-after"] == "1"
            assert answer.json()["error"]["code"] == "too_many_requests"
        wait_until(lambda: api("GET", "/items").status == 200)
