"""crud-api when its table, or one of its functions, is not well."""

from __future__ import annotations

import pytest

from faults.control import Faults
from faults.items_api import ChangingItemsUnderFaults, ItemsApi, fresh
from running_system import RunningSystem

SYSTEM = "crud-api"
pytestmark = pytest.mark.xdist_group("crud-api-faults")


class TestCrudApi(ChangingItemsUnderFaults):
    def test_one_function_that_dies_takes_no_other_with_it(
        self, api: ItemsApi, faults: Faults, running: RunningSystem
    ) -> None:
        item = api.created(fresh("alone"))
        function = running.address["outputs"]["GetFunctionName"]
        with faults.on("lambda", "fail", resource=function):
            assert api("GET", api.path(item)).status == 502
            assert api("GET", "/items").status == 200
            assert api("PUT", api.path(item), {"name": "other"}).status == 200
        assert api("GET", api.path(item)).json()["name"] == "other"
