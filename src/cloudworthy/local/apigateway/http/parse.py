"""The first stage: which stage of the API is called, under which path."""

from __future__ import annotations

from cloudworthy.local.apigateway.host import is_of_domain
from cloudworthy.local.apigateway.http.definition import DEFAULT_STAGE, DomainMapping
from cloudworthy.local.apigateway.http.errors import (
    HEADERS_TOO_LARGE,
    NOT_FOUND,
    TOO_LARGE,
    HttpApiError,
)
from cloudworthy.local.apigateway.http.exchange import HttpExchange
from cloudworthy.local.apigateway.size_limits import (
    MAX_BODY_BYTES,
    MAX_HEADER_BYTES,
    head_bytes,
)


async def parse_request(exchange: HttpExchange) -> None:
    """Find the stage, by the host's mapping or the first part of the path.

    Sources: httpapi-behaviour-008 (documented); quotas of HTTP APIs: a payload of 10 MB,
    10,240 bytes of request line and header values (documented).

    Raises
    ------
    HttpApiError
        NOT_FOUND: there is no such stage; TOO_LARGE, HEADERS_TOO_LARGE.
    """
    if len(exchange.request.body) > MAX_BODY_BYTES:
        raise HttpApiError(TOO_LARGE, f"the body is longer than {MAX_BODY_BYTES} bytes")
    if head_bytes(exchange.request) > MAX_HEADER_BYTES:
        reason = f"request line and header values are longer than {MAX_HEADER_BYTES} bytes"
        raise HttpApiError(HEADERS_TOO_LARGE, reason)
    domains, host = exchange.api.definition.domains, exchange.host
    mappings = [mapping for mapping in domains if is_of_domain(mapping.domain_name, host)]
    if mappings:
        _by_domain(exchange, mappings)
    elif exchange.api.definition.execute_api_endpoint:
        _by_path(exchange)
    else:
        raise HttpApiError(NOT_FOUND, "the API answers under its custom domains only")


def _by_domain(exchange: HttpExchange, mappings: list[DomainMapping]) -> None:
    path = exchange.request.path
    for mapping in mappings:
        prefix = f"/{mapping.key}" if mapping.key else ""
        if path == prefix or path.startswith(f"{prefix}/"):
            exchange.stage = exchange.api.stages.get(mapping.stage)
            exchange.path = path[len(prefix) :] or "/"
            exchange.base_path_matched = mapping.key
            break
    if exchange.stage is None:
        raise HttpApiError(NOT_FOUND, f"no mapping of the domain has the path {path}")


def _by_path(exchange: HttpExchange) -> None:
    """A stage of that name, or else the default stage with the whole path."""
    path, stages = exchange.request.path, exchange.api.stages
    name, slash, rest = path[1:].partition("/")
    if name in stages and name != DEFAULT_STAGE:
        exchange.stage = stages[name]
        exchange.path = f"/{rest}" if slash else "/"
        return
    exchange.stage = stages.get(DEFAULT_STAGE)
    exchange.path = path
    if exchange.stage is None:
        raise HttpApiError(NOT_FOUND, f"no stage is called {name!r}")
