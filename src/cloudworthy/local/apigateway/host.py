"""The host a request names, as API Gateway shows it to functions and logs."""

from __future__ import annotations

from cloudworthy.local.apigateway.exchange import Exchange


def domain_name(exchange: Exchange) -> str:
    """The Host header as it was sent, so that links made from it work.

    Source: rest-proxy-event-007 (recorded 2024-08-02).
    """
    return exchange.headers.get("host", "")


def domain_prefix(exchange: Exchange) -> str:
    """The host's first label, which is the API's id on AWS; and so it is on a bare address."""
    label, dot, rest = domain_name(exchange).partition(".")
    is_name = dot and not rest.replace(".", "").partition(":")[0].isdigit()
    return label if is_name else exchange.api.definition.api_id


def port(exchange: Exchange) -> str:
    """The port that the client addressed."""
    _, colon, number = domain_name(exchange).rpartition(":")
    return number if colon else "80"
