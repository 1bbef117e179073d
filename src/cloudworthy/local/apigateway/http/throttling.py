"""The limit of a route in a stage, for all callers together."""

from __future__ import annotations

from cloudworthy.local.apigateway.http.errors import THROTTLED, HttpApiError
from cloudworthy.local.apigateway.http.exchange import HttpExchange
from cloudworthy.local.apigateway.token_bucket import TokenBuckets


class RouteThrottling:
    """Each route has a bucket of its own, also under the stage's default settings.

    Source: Amazon API Gateway developer guide, "Throttle requests to your HTTP APIs"
    (documented); that routes share no bucket under default settings is assumed, as it is so
    for REST APIs.
    """

    def __init__(self, buckets: TokenBuckets) -> None:
        self._buckets = buckets

    async def throttle(self, exchange: HttpExchange) -> None:
        """Count the request.

        Raises
        ------
        HttpApiError
            THROTTLED.
        """
        throttle = exchange.known_route.throttle
        if throttle is None:
            return
        key = (exchange.api.definition.api_id, exchange.stage_name, exchange.route_key)
        if not self._buckets.take(key, throttle):
            raise HttpApiError(THROTTLED, f"Rate exceeded for the route {exchange.route_key}")
