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
    return prefix_of(domain_name(exchange), exchange.api.definition.api_id)


def port(exchange: Exchange) -> str:
    """The port that the client addressed."""
    return port_of(domain_name(exchange))


def prefix_of(host: str, api_id: str) -> str:
    label, dot, rest = host.partition(".")
    is_name = dot and not rest.replace(".", "").partition(":")[0].isdigit()
    return label if is_name else api_id


def is_of_domain(domain_name: str, host: str) -> bool:
    """Whether a custom domain, ``*.`` at its beginning perhaps, has this host."""
    name = host.partition(":")[0].lower()
    if domain_name.startswith("*."):
        label, _, rest = name.partition(".")
        return bool(label) and rest == domain_name[2:]
    return domain_name == name


def port_of(host: str) -> str:
    _, colon, number = host.rpartition(":")
    return number if colon else "80"
