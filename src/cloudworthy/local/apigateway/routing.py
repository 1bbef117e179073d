"""API Gateway's own way of finding the method for a path.

Sources: rest-routing-001 to -010 (recorded, captured and documented).
"""

from __future__ import annotations

from collections.abc import Iterable

from cloudworthy.local.apigateway.errors import MISSING_AUTHENTICATION_TOKEN, GatewayError
from cloudworthy.local.apigateway.exchange import Exchange, Match, Route
from cloudworthy.local.apigateway.route_tree import RouteTree
from cloudworthy.local.apigateway.signature_errors import not_a_signature


class RouteTable:
    """Finds the route of a path and verb in a stage."""

    def __init__(self, routes: Iterable[Route]) -> None:
        self._tree = RouteTree[Route]()
        for route in routes:
            self._tree.add(route.resource.path, route.method.http_method, route)

    def match(self, path: str, verb: str) -> Match | None:
        """The route and its path parameters, both exactly as they were sent."""
        return self._tree.find(path.rstrip("/").split("/")[1:], verb)


async def route_request(exchange: Exchange) -> None:
    """Find the method for the path.

    Raises
    ------
    GatewayError
        MISSING_AUTHENTICATION_TOKEN: nothing matches, which AWS answers as if a signature
        were missing; INVALID_SIGNATURE when there is an Authorization header then.
    """
    found = exchange.known_stage.match(exchange.path, exchange.method)
    if found is not None:
        exchange.route, exchange.path_parameters = found
        return
    authorization = exchange.headers.get("authorization")
    if authorization:
        raise not_a_signature(authorization)
    raise GatewayError(MISSING_AUTHENTICATION_TOKEN)
