"""Cross-origin requests, answered from the API's own configuration.

Sources: httpapi-behaviour-010 to -015 (documented). A preflight whose route exists takes that
route, its authorizer included; reported for ``ANY`` as well as documented for ``$default``.
"""

from __future__ import annotations

from collections.abc import Iterator

from cloudworthy.local.apigateway.http.definition import Cors
from cloudworthy.local.apigateway.http.exchange import HttpExchange
from cloudworthy.local.model.http import Response

_PREFIX = "access-control-"


def preflight_answer(exchange: HttpExchange) -> Response | None:
    """The answer to a preflight that no route takes; None for every other request."""
    asks = exchange.method == "OPTIONS" and "access-control-request-method" in exchange.headers
    if exchange.cors is None or not asks or "origin" not in exchange.headers:
        return None
    return Response(204)


def add_cors_headers(exchange: HttpExchange, response: Response) -> None:
    """Put the configured headers in the place of those that an integration returned."""
    cors = exchange.cors
    if cors is None:
        return
    response.headers = [
        (name, value) for name, value in response.headers if not name.lower().startswith(_PREFIX)
    ]
    origin = exchange.headers.get("origin")
    if origin is None:
        return
    allowed = _allowed_origin(cors, origin)
    if allowed is None:
        return
    response.headers.append((f"{_PREFIX}allow-origin", allowed))
    response.headers += _of_every_answer(cors)
    if exchange.method == "OPTIONS":
        response.headers += _of_a_preflight(cors)


def _allowed_origin(cors: Cors, origin: str) -> str | None:
    """``*`` when every origin is allowed, the origin itself when it is, else None.

    ``https://*`` stands for every origin of that scheme.
    """
    if "*" in cors.allow_origins:
        return "*"
    lowered = origin.lower()
    schemes = (pattern[:-1] for pattern in cors.allow_origins if pattern.endswith("://*"))
    named = any(lowered == pattern.lower() for pattern in cors.allow_origins)
    return origin if named or any(lowered.startswith(scheme) for scheme in schemes) else None


def _of_every_answer(cors: Cors) -> Iterator[tuple[str, str]]:
    if cors.allow_credentials:
        yield f"{_PREFIX}allow-credentials", "true"
    if cors.expose_headers:
        yield f"{_PREFIX}expose-headers", ",".join(cors.expose_headers)


def _of_a_preflight(cors: Cors) -> Iterator[tuple[str, str]]:
    if cors.allow_methods:
        yield f"{_PREFIX}allow-methods", ",".join(cors.allow_methods)
    if cors.allow_headers:
        yield f"{_PREFIX}allow-headers", ",".join(cors.allow_headers)
    if cors.max_age_s is not None:
        yield f"{_PREFIX}max-age", str(cors.max_age_s)
