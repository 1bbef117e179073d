"""automation when its table or its function is not well."""

from __future__ import annotations

import pytest

from faults.answers import assert_unavailable
from faults.control import Faults
from faults.items_api import LONGER_THAN_A_CALL_MS, ItemsApi, ItemsUnderFaults, fresh

SYSTEM = "automation"
pytestmark = pytest.mark.xdist_group("automation-faults")


class TestAutomation(ItemsUnderFaults):
    def test_an_id_that_a_lost_answer_has_taken_is_taken(
        self, api: ItemsApi, faults: Faults
    ) -> None:
        """The id is the caller's choice: nobody can tell whose item is there."""
        text = fresh("chosen")
        with faults.on("dynamodb", "lose-answer") as hits:
            assert_unavailable(api.create(text, id="chosen-1"))
        assert hits() == 1
        assert api.create(text, id="chosen-1").status == 409
        assert api.stored_with(text) == 1

    def test_a_table_that_is_slower_than_anybody_waits_is_503(
        self, api: ItemsApi, faults: Faults
    ) -> None:
        text = fresh("slow")
        with faults.on("dynamodb", "slow", delay_ms=LONGER_THAN_A_CALL_MS):
            assert_unavailable(api.create(text, id="chosen-2"))
        assert api.stored_with(text) in (0, 1)
