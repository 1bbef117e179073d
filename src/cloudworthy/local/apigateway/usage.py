"""API keys and the usage plans that let them in.

Sources: rest-errors-001 to -007 (recorded, captured and documented).
"""

from __future__ import annotations

from cloudworthy.local.apigateway.definition import ApiKey, Quota, Throttle, UsagePlan
from cloudworthy.local.apigateway.errors import (
    INVALID_API_KEY,
    QUOTA_EXCEEDED,
    THROTTLED,
    GatewayError,
)
from cloudworthy.local.apigateway.exchange import Exchange
from cloudworthy.local.apigateway.quota import SqliteQuotaStore, period_start
from cloudworthy.local.apigateway.token_bucket import TokenBuckets


class UsagePlans:
    """Checks the key of a request, its plan's rate and its quota, in this order."""

    def __init__(self, buckets: TokenBuckets, quotas: SqliteQuotaStore) -> None:
        self._buckets = buckets
        self._quotas = quotas

    async def check(self, exchange: Exchange) -> None:
        """Let a request pass that needs no key, or whose key's plan has room.

        Raises
        ------
        GatewayError
            INVALID_API_KEY, THROTTLED or QUOTA_EXCEEDED.
        """
        if not exchange.known_route.method.api_key_required:
            return
        plan, key = _plan_and_key(exchange)
        exchange.api_key = key
        self._throttle(plan, key, exchange)
        if plan.quota is not None:
            self._count(plan, plan.quota, key, exchange)

    def _count(self, plan: UsagePlan, quota: Quota, key: ApiKey, exchange: Exchange) -> None:
        """Source: AWS CLI reference, ``QuotaSettings.offset``: subtracted in the first period."""
        since = period_start(exchange.started_at, quota.period)
        is_first = quota.offset and self._quotas.first_period(plan.plan_id, since) == since
        limit = quota.limit - quota.offset if is_first else quota.limit
        if not self._quotas.count(plan.plan_id, key.key_id, since, limit):
            raise GatewayError(QUOTA_EXCEEDED, reason=f"Limit exceeded for {plan.plan_id}")

    def _throttle(self, plan: UsagePlan, key: ApiKey, exchange: Exchange) -> None:
        """The plan's limit for the key, or its limit for this method."""
        resource, verb = exchange.known_route.resource.path, exchange.known_route.method.http_method
        stage = plan.stages[exchange.known_stage.definition.name]
        for_method = stage.method_throttles.get(f"{resource}/{verb}")
        throttle: Throttle | None = for_method or plan.throttle
        scope = f"{stage.stage}{resource}/{verb}" if for_method else ""
        bucket = (plan.plan_id, key.key_id, scope)
        if throttle is not None and not self._buckets.take(bucket, throttle):
            raise GatewayError(THROTTLED, reason=f"Rate exceeded for {plan.plan_id}")


def _plan_and_key(exchange: Exchange) -> tuple[UsagePlan, ApiKey]:
    value = _key_value(exchange)
    stage = exchange.known_stage.definition.name
    for plan in exchange.api.definition.usage_plans:
        key = plan.keys.get(value) if value else None
        if key is not None and key.enabled and stage in plan.stages:
            return plan, key
    raise GatewayError(
        INVALID_API_KEY, reason=f"API Key not authorized for stage {stage}: no usage plan has it"
    )


def _key_value(exchange: Exchange) -> str | None:
    """The key a request comes with, or the one that its Lambda authorizer gives it.

    Source: rest-authorizers-015 (documented).
    """
    if exchange.api.definition.api_key_source == "AUTHORIZER":
        return exchange.caller.usage_identifier_key if exchange.caller else None
    return exchange.headers.get("x-api-key")
