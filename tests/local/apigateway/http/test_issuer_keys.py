from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from cloudworthy.local.apigateway.authorizers.user_pool_keys import KeySetUnavailableError
from cloudworthy.local.apigateway.definition import UserPool
from cloudworthy.local.apigateway.http.authorizers.issuer_keys import (
    ASKED_AGAIN_AFTER_S,
    KEPT_S,
    IssuerKeys,
)
from cloudworthy.local.wire.outbound import OutboundHttp
from local.apigateway.http.issuer import issuing
from local.apigateway.serving import ManualClock


class Pools:
    """One user pool of this machine."""

    async def key_set(self, pool: UserPool) -> Mapping[str, Any]:
        if pool.pool_id != "us-east-1_Here":
            raise KeySetUnavailableError(pool.pool_id)
        return {"keys": [{"kid": "of-the-pool"}]}


def key_ids(key_set: Mapping[str, Any]) -> list[str]:
    return [key["kid"] for key in key_set["keys"]]


async def test_a_key_set_is_kept_for_two_hours() -> None:
    clock = ManualClock()
    async with issuing() as issuer:
        keys = IssuerKeys(OutboundHttp(), Pools(), clock)
        for passed_s in (0, KEPT_S - 1, 1):
            clock.seconds += passed_s
            assert key_ids(await keys.key_set(issuer.url, "k1")) == ["k1"]
        documents = issuer.targets
    assert documents == ["/.well-known/openid-configuration", "/keys"] * 2


async def test_a_new_key_is_looked_for_but_not_all_the_time() -> None:
    clock = ManualClock()
    async with issuing() as issuer:
        keys = IssuerKeys(OutboundHttp(), Pools(), clock)
        await keys.key_set(issuer.url, "k1")
        issuer.key_ids = ["k2"]
        assert key_ids(await keys.key_set(issuer.url, "k2")) == ["k1"]
        clock.seconds += ASKED_AGAIN_AFTER_S
        assert key_ids(await keys.key_set(issuer.url, "k2")) == ["k2"]
        assert len(issuer.targets) == 4


async def test_a_user_pool_of_this_machine_is_asked_here() -> None:
    keys = IssuerKeys(OutboundHttp(), Pools(), ManualClock())
    issuer = "https://cognito-idp.us-east-1.amazonaws.com/us-east-1_Here"
    assert key_ids(await keys.key_set(issuer, "of-the-pool")) == ["of-the-pool"]


@pytest.mark.parametrize("issuer", ["http://127.0.0.1:1", "nonsense", "{url}/elsewhere"])
async def test_issuers_that_cannot_be_asked(issuer: str) -> None:
    async with issuing() as served:
        keys = IssuerKeys(OutboundHttp(), Pools(), ManualClock())
        with pytest.raises(KeySetUnavailableError):
            await keys.key_set(issuer.format(url=served.url), "k1")
