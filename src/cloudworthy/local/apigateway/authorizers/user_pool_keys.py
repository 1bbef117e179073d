"""The keys that Cognito user pools sign their tokens with."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Protocol

from cloudworthy.local.apigateway.authorizers.cache import TtlCache
from cloudworthy.local.apigateway.definition import UserPool
from cloudworthy.local.model.backends import Backend, BackendUnavailableError
from cloudworthy.local.model.clock import Clock
from cloudworthy.local.model.http import Request

_KEPT_S = 300.0


class KeySetUnavailableError(Exception):
    """The user pool's keys cannot be had: it does not exist, or does not answer."""


class UserPoolKeys(Protocol):
    async def key_set(self, pool: UserPool) -> Mapping[str, Any]:
        """The pool's JSON Web Key Set.

        Raises
        ------
        KeySetUnavailableError
        """
        ...


class BackendUserPools:
    """Asks an AWS-compatible service for ``/<pool>/.well-known/jwks.json``, now and then."""

    def __init__(self, backend: Backend, clock: Clock) -> None:
        self._backend = backend
        self._kept: TtlCache[Mapping[str, Any]] = TtlCache(clock)

    async def key_set(self, pool: UserPool) -> Mapping[str, Any]:
        found = self._kept.get(pool)
        if found is None:
            found = await self._ask(pool)
            self._kept.put(pool, found, _KEPT_S)
        return found

    async def _ask(self, pool: UserPool) -> Mapping[str, Any]:
        host = f"cognito-idp.{pool.region}.amazonaws.com"
        request = Request("GET", f"/{pool.pool_id}/.well-known/jwks.json", [("Host", host)])
        try:
            response = await self._backend.send(request)
            document = json.loads(response.body)
        except (BackendUnavailableError, ValueError) as error:
            raise KeySetUnavailableError(f"{pool.issuer}: {error}") from error
        if response.status != 200 or not isinstance(document, dict):
            raise KeySetUnavailableError(f"{pool.issuer} answers {response.status}")
        return document
