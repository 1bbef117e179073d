"""The keys that issuers of tokens publish."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Mapping
from typing import Any

from cloudworthy.local.apigateway.authorizers.cache import TtlCache
from cloudworthy.local.apigateway.authorizers.user_pool_keys import (
    KeySetUnavailableError,
    UserPoolKeys,
)
from cloudworthy.local.apigateway.definition import UserPool
from cloudworthy.local.model.clock import Clock
from cloudworthy.local.model.http import Outbound, UnreachableError

KEPT_S = 2 * 3600.0
"""Source: Amazon API Gateway developer guide, "Control access to HTTP APIs with JWT authorizers"
(documented): a key may be kept for two hours."""
ASKED_AGAIN_AFTER_S = 5.0
_TIMEOUT_S = 1.5
_USER_POOL = re.compile(r"https://cognito-idp\.(?P<region>[\w-]+)\.amazonaws\.com/(?P<pool>[\w-]+)")


class IssuerKeys:
    """Finds an issuer's key set by its OpenID configuration, and keeps it.

    A user pool that this machine knows is asked here, before AWS is.

    Source: httpapi-behaviour-018 (documented): both documents within 1500 ms.
    """

    def __init__(self, outbound: Outbound, user_pools: UserPoolKeys, clock: Clock) -> None:
        self._outbound = outbound
        self._user_pools = user_pools
        self._kept: TtlCache[Mapping[str, Any]] = TtlCache(clock)
        self._asked: TtlCache[str] = TtlCache(clock)

    async def key_set(self, issuer: str, key_id: str) -> Mapping[str, Any]:
        """The key set, looked for again when it lacks the key and was not looked for just now.

        Raises
        ------
        KeySetUnavailableError
        """
        found = self._kept.get(issuer)
        if found is not None and (_has(found, key_id) or self._asked.get(issuer)):
            return found
        self._asked.put(issuer, issuer, ASKED_AGAIN_AFTER_S)
        found = await self._ask(issuer)
        self._kept.put(issuer, found, KEPT_S)
        return found

    async def _ask(self, issuer: str) -> Mapping[str, Any]:
        pool = _USER_POOL.fullmatch(issuer)
        if pool is not None:
            try:
                known = UserPool(region=pool["region"], pool_id=pool["pool"])
                return await self._user_pools.key_set(known)
            except KeySetUnavailableError:
                pass  # It is one on AWS, then.
        try:
            async with asyncio.timeout(_TIMEOUT_S):
                url = f"{issuer.rstrip('/')}/.well-known/openid-configuration"
                configuration = await self._document(url)
                return await self._document(str(configuration.get("jwks_uri", "")))
        except TimeoutError as error:
            raise KeySetUnavailableError(f"{issuer}: no answer in {_TIMEOUT_S} s") from error

    async def _document(self, url: str) -> Mapping[str, Any]:
        try:
            response = await self._outbound.send("GET", url, [("Accept", "application/json")])
            document = json.loads(response.body)
        except (UnreachableError, ValueError) as error:
            raise KeySetUnavailableError(f"{url}: {error}") from error
        if response.status != 200 or not isinstance(document, dict):
            raise KeySetUnavailableError(f"{url} answers {response.status}")
        return document


def _has(key_set: Mapping[str, Any], key_id: str) -> bool:
    return any(key.get("kid") == key_id for key in key_set.get("keys", ()))
