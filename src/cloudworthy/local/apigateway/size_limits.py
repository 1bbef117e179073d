"""How long requests to an API may be, whichever kind of API it is."""

from __future__ import annotations

from cloudworthy.local.model.http import Request

MAX_BODY_BYTES = 10 * 1024 * 1024
MAX_HEADER_BYTES = 10_240


def head_bytes(request: Request) -> int:
    """The length that counts: of the request line, and of the values of all headers.

    Source: quotas of HTTP APIs and of REST APIs, "Total combined size of request line and
    header values" (documented).
    """
    values = sum(len(value) for _, value in request.headers)
    return len(request.method) + len(request.target) + len("  HTTP/1.1") + values
