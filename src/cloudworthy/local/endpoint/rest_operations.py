"""Names of the operations of services whose requests carry no name."""

from __future__ import annotations

from cloudworthy.local.endpoint.authorization.tables import table_of
from cloudworthy.local.model.http import Request


def rest_operation(request: Request, service: str) -> str:
    """The operation's name; method and path when the service knows no such request."""
    table = table_of(service)
    match = table.routes.match(request) if table is not None else None
    return match.operation if match is not None else f"{request.method} {request.path}"
