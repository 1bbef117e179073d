"""The stage's own limit for a method, for all callers together."""

from __future__ import annotations

from cloudworthy.local.apigateway.errors import THROTTLED, GatewayError
from cloudworthy.local.apigateway.exchange import Exchange
from cloudworthy.local.apigateway.token_bucket import TokenBuckets


class StageThrottling:
    """Each method has a bucket of its own, also under the stage's default settings.

    Source: Amazon API Gateway developer guide, "Throttle requests to your REST APIs"
    (documented).
    """

    def __init__(self, buckets: TokenBuckets) -> None:
        self._buckets = buckets

    async def throttle(self, exchange: Exchange) -> None:
        """Count the request.

        Raises
        ------
        GatewayError
            THROTTLED.
        """
        stage, route = exchange.known_stage, exchange.known_route
        if route.throttle is None:
            return
        api_id = exchange.api.definition.api_id
        key = (api_id, stage.definition.name, route.resource.path, route.method.http_method)
        if not self._buckets.take(key, route.throttle):
            raise GatewayError(THROTTLED, reason="Rate exceeded for the method's stage settings")
