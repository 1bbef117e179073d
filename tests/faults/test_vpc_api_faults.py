"""vpc-api when its table or its function is not well."""

from __future__ import annotations

import pytest

from faults.items_api import ChangingItemsUnderFaults

SYSTEM = "vpc-api"
pytestmark = pytest.mark.xdist_group("vpc-api-faults")


class TestVpcApi(ChangingItemsUnderFaults):
    pass
