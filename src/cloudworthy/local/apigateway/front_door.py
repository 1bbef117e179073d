"""What stands before REST APIs and refuses requests that no API gets to see."""

from __future__ import annotations

from cloudworthy.local.apigateway.size_limits import (
    MAX_BODY_BYTES,
    MAX_HEADER_BYTES,
    head_bytes,
)
from cloudworthy.local.model.http import Request, Response

MAX_URL_BYTES = {"EDGE": 8_192, "REGIONAL": 10_240}


def refusal(request: Request, endpoint_type: str) -> Response | None:
    """The answer to a request that is too long; None to any other.

    A body counts as it arrives, with or without a ``Content-Length``.

    Sources: rest-errors-019 (captured), rest-errors-021 for the limits (documented). The text
    about headers is one that users report; its status and the whole answer to long URLs are
    assumed.
    """
    if len(request.body) > MAX_BODY_BYTES:
        return _refused(413, f"HTTP content length exceeded {MAX_BODY_BYTES} bytes.")
    if len(request.target) > MAX_URL_BYTES.get(endpoint_type, 10_240):
        return _refused(414, "Request-URI Too Long")
    if head_bytes(request) > MAX_HEADER_BYTES:
        return _refused(431, f"HTTP header is larger than {MAX_HEADER_BYTES} bytes.")
    return None


def _refused(status: int, text: str) -> Response:
    return Response(status, [("Content-Type", "text; charset=utf-8")], text.encode())
