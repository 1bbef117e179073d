"""How long an integration takes, and how long it may."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from cloudworthy.local.apigateway.errors import INTEGRATION_TIMEOUT, GatewayError
from cloudworthy.local.apigateway.exchange import Exchange
from cloudworthy.local.model.clock import Clock


@asynccontextmanager
async def within_time(exchange: Exchange, clock: Clock) -> AsyncIterator[None]:
    """Measure a call, and end it when the integration's time is up.

    Raises
    ------
    GatewayError
        INTEGRATION_TIMEOUT, which is 504.
    """
    exchange.integration_started_s = clock.monotonic_s()
    try:
        async with asyncio.timeout(exchange.known_route.method.integration.timeout_s):
            yield
    except TimeoutError as error:
        reason = "Execution failed due to a timeout error"
        raise GatewayError(INTEGRATION_TIMEOUT, reason=reason) from error
    finally:
        elapsed_s = clock.monotonic_s() - exchange.integration_started_s
        exchange.integration_latency_ms = round(elapsed_s * 1000)
