"""The seam at which a method's authorizer decides, before API keys are looked at.

Source of the order: rest-authorizers-019 (documented).
"""

from __future__ import annotations

from typing import Protocol

from cloudworthy.local.apigateway.exchange import Exchange


class Authorizer(Protocol):
    async def authorize(self, exchange: Exchange) -> None:
        """Let the request pass.

        Raises
        ------
        GatewayError
            UNAUTHORIZED, ACCESS_DENIED or an error of the authorizer itself.
        """
        ...
