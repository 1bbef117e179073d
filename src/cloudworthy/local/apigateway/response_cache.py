"""The cache of a stage: answers of integrations, given again for a while.

Source: Amazon API Gateway developer guide, "Cache settings for REST APIs" (documented). That
errors of a function are cached as well is known from public questions.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Hashable

from cloudworthy.local.apigateway.authorizers.cache import TtlCache
from cloudworthy.local.apigateway.authorizers.iam import NotPermittedError, Signatures
from cloudworthy.local.apigateway.authorizers.policy import (
    INVALIDATE_CACHE,
    PolicyDecision,
    evaluate_policy,
)
from cloudworthy.local.apigateway.caller import Signer
from cloudworthy.local.apigateway.exchange import Exchange
from cloudworthy.local.apigateway.mapping_expressions import request_values
from cloudworthy.local.apigateway.resource_policy import decide
from cloudworthy.local.model.clock import Clock
from cloudworthy.local.model.http import Response

MAX_RESPONSE_BYTES = 1_048_576
_MOST_ANSWERS = 512
"""As many of the largest answers as fit into API Gateway's smallest cache, of 0.5 GB."""
_WARNING = (
    "Warning",
    "199 Cache-control headers were ignored because the caller was unauthorized.",
)
_ALLOWED = PolicyDecision.ALLOWED


class ResponseCache:
    """Answers from memory where the method's settings say so, and from the integration else.

    Parameters
    ----------
    integrate
        Fills in the answer of the integration.
    signatures
        Knows who of those that sign may ask for a fresh answer.
    """

    def __init__(
        self,
        integrate: Callable[[Exchange], Awaitable[None]],
        clock: Clock,
        signatures: Signatures,
    ) -> None:
        self._integrate = integrate
        self._signatures = signatures
        self._answers: TtlCache[Response] = TtlCache(clock, max_entries=_MOST_ANSWERS)

    async def answer(self, exchange: Exchange) -> None:
        """Fill in the response.

        Raises
        ------
        GatewayError
            As the integration; its failures are not kept.
        """
        caching = exchange.known_route.caching
        if caching is None or (caching.only_get and exchange.method != "GET"):
            await self._integrate(exchange)
            return
        key = _key(exchange)
        wants_fresh = _wants_fresh(exchange)
        may_refresh = wants_fresh and await self._may_invalidate(exchange)
        found = None if may_refresh else self._answers.get(key)
        exchange.cache_hit = found is not None
        if found is None:
            await self._integrate(exchange)
            self._keep(key, exchange.known_response, caching.ttl_s)
        else:
            exchange.response = _copy(found)
        if wants_fresh and not may_refresh:
            exchange.known_response.headers.append(_WARNING)

    async def _may_invalidate(self, exchange: Exchange) -> bool:
        """Whether some policy lets the caller ask for a fresh answer.

        CloudFormation has no setting for it, so that API Gateway's default holds: authorization
        is required, and without it the header is ignored and the answer says so.
        """
        policy, caller = exchange.api.definition.policy, exchange.caller
        of_resource = decide(policy, exchange, INVALIDATE_CACHE) if policy is not None else None
        if of_resource is PolicyDecision.EXPLICITLY_DENIED:
            return False
        granted = of_resource is _ALLOWED
        if caller is not None and caller.signer is not None:
            return await self._is_permitted(caller.signer, exchange, granted=granted)
        of_caller = None
        if caller is not None and caller.policy is not None:
            of_caller = evaluate_policy(caller.policy, exchange.method_arn, action=INVALIDATE_CACHE)
        return of_caller is _ALLOWED or (
            granted and of_caller is not PolicyDecision.EXPLICITLY_DENIED
        )

    async def _is_permitted(self, signer: Signer, exchange: Exchange, *, granted: bool) -> bool:
        try:
            await self._signatures.permit(
                signer,
                exchange.method_arn,
                exchange.request,
                granted=granted,
                action=INVALIDATE_CACHE,
            )
        except NotPermittedError:
            return False
        return True

    def _keep(self, key: Hashable, response: Response, ttl_s: int) -> None:
        if len(response.body) <= MAX_RESPONSE_BYTES:
            self._answers.put(key, _copy(response), ttl_s)


def _copy(response: Response) -> Response:
    """Headers are added to an answer on its way out, so that no two may share them."""
    return Response(response.status, list(response.headers), response.body)


def _key(exchange: Exchange) -> Hashable:
    route, stage = exchange.known_route, exchange.known_stage.definition
    cache_key = route.method.cache_key
    return (
        exchange.api.definition.api_id,
        stage.name,
        stage.deployment_id,
        cache_key.namespace or route.resource.resource_id,
        exchange.method,
        tuple((it, *request_values(it, exchange)) for it in cache_key.parameters),
    )


def _wants_fresh(exchange: Exchange) -> bool:
    directives = (exchange.headers.get("cache-control") or "").lower().split(",")
    return any(directive.strip() == "max-age=0" for directive in directives)
