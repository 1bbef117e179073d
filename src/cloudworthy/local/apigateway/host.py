"""The host a request names, as API Gateway shows it to functions and logs."""

from __future__ import annotations

from cloudworthy.local.model.http import Request


def domain_name(request: Request) -> str:
    """The Host header as it was sent, so that links made from it work.

    Source: rest-proxy-event-007 (recorded 2024-08-02).
    """
    return request.header("host") or ""


def domain_prefix(request: Request, api_id: str) -> str:
    """The host's first label, which is the API's id on AWS; and so it is on a bare address."""
    label, dot, rest = domain_name(request).partition(".")
    return label if dot and not rest.replace(".", "").partition(":")[0].isdigit() else api_id


def port(request: Request) -> str:
    """The port that the client addressed."""
    return domain_name(request).rpartition(":")[2] if ":" in domain_name(request) else "80"
