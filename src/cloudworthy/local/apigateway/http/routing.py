"""Which route a request takes.

Sources: httpapi-behaviour-005 to -007 (documented); that ``/items/`` is not ``/items`` and that
``{proxy+}`` needs a part of the path are assumed from reports of users.
"""

from __future__ import annotations

from urllib.parse import unquote

from cloudworthy.local.apigateway.http.errors import NOT_FOUND, HttpApiError
from cloudworthy.local.apigateway.http.exchange import HttpExchange


async def route_request(exchange: HttpExchange) -> None:
    """Find the route: the most specific one of path and method, then ``$default``.

    Raises
    ------
    HttpApiError
        NOT_FOUND, also when only other methods have the path.
    """
    stage = exchange.known_stage
    segments = [] if exchange.path == "/" else exchange.path.split("/")[1:]
    found = stage.routes.find([unquote(segment) for segment in segments], exchange.method)
    if found is not None:
        exchange.route, exchange.path_parameters = found
    elif stage.default_route is not None:
        exchange.route = stage.default_route
    else:
        raise HttpApiError(NOT_FOUND, f"no route for {exchange.method} {exchange.path}")
