"""``HTTP_PROXY``: the request goes on to a web server.

Sources: httpapi-behaviour-025 (documented): ``Forwarded`` in the place of ``X-Forwarded-*``;
Amazon API Gateway developer guide, "Create HTTP proxy integrations" (documented).
"""

from __future__ import annotations

import re
from urllib.parse import quote

from cloudworthy.local.apigateway.http.definition import HttpIntegration
from cloudworthy.local.apigateway.http.exchange import HttpExchange
from cloudworthy.local.apigateway.trace import HEADER as TRACE_HEADER
from cloudworthy.local.model.http import Outbound, Response

_REPLACED = frozenset({"content-length", "forwarded", "host", "x-amzn-trace-id"})
_VARIABLE = re.compile(r"\{([^{}+]+)\+?\}")


async def forward(
    integration: HttpIntegration, exchange: HttpExchange, outbound: Outbound
) -> Response:
    """Send the request on and give back the answer.

    Raises
    ------
    UnreachableError
        The server did not answer.
    """
    method = exchange.method if integration.method == "ANY" else integration.method
    headers = [
        (name, value)
        for name, value in exchange.request.headers
        if name.lower() not in _REPLACED and not name.lower().startswith("x-forwarded-")
    ]
    headers.append(("Forwarded", _forwarded(exchange)))
    headers.append((TRACE_HEADER, exchange.trace.event_header))
    url = _url(integration, exchange)
    return await outbound.send(method, url, headers, exchange.request.body)


def _url(integration: HttpIntegration, exchange: HttpExchange) -> str:
    """The integration's URL with the route's variables and the caller's query string."""
    parameters = exchange.path_parameters
    url = _VARIABLE.sub(lambda v: quote(parameters.get(v[1], ""), safe="/"), integration.url)
    query = exchange.request.query
    return f"{url}{'&' if '?' in url else '?'}{query}" if query else url


def _forwarded(exchange: HttpExchange) -> str:
    """The hop to here, after those that the request has behind it."""
    own = f"for={exchange.request.client_ip};host={exchange.host};proto=http"
    before = exchange.headers.get("forwarded")
    return f"{before}, {own}" if before else own
