"""What an HTTP API itself answers when a request ends early."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import NamedTuple

from cloudworthy.local.model.http import Response


class ErrorType(NamedTuple):
    """One of the answers of the gateway; ``name`` is ``$context.error.responseType``."""

    name: str
    status: int
    message: str


# Sources: httpapi-behaviour-004, -005, -016, -019, -024, -035 (documented); 413 and 503 are
# assumed from reports of users, 431 in the same form.
FORBIDDEN = ErrorType("ACCESS_DENIED", 403, "Forbidden")
HEADERS_TOO_LARGE = ErrorType("REQUEST_TOO_LARGE", 431, "Request Header Fields Too Large")
INTERNAL = ErrorType("INTERNAL_SERVER_ERROR", 500, "Internal Server Error")
INTEGRATION_FAILURE = ErrorType("INTEGRATION_FAILURE", 500, "Internal Server Error")
NOT_FOUND = ErrorType("NOT_FOUND", 404, "Not Found")
THROTTLED = ErrorType("THROTTLED", 429, "Too Many Requests")
TOO_LARGE = ErrorType("REQUEST_TOO_LARGE", 413, "Request Entity Too Large")
UNAUTHORIZED = ErrorType("UNAUTHORIZED", 401, "Unauthorized")
UNAVAILABLE = ErrorType("INTEGRATION_FAILURE", 503, "Service Unavailable")


class HttpApiError(Exception):
    """A request ends with an answer of the gateway itself.

    Parameters
    ----------
    error_type
        Which answer it is.
    reason
        What the logs say about it; the caller does not see it.
    headers
        Headers of this answer alone, ``www-authenticate`` for example.
    """

    def __init__(
        self, error_type: ErrorType, reason: str = "", *, headers: Sequence[tuple[str, str]] = ()
    ) -> None:
        super().__init__(reason or error_type.message)
        self.error_type = error_type
        self.reason = reason
        self.headers = tuple(headers)

    def response(self) -> Response:
        """What the caller gets.

        Source: httpapi-behaviour-005 (documented): 23 bytes for a route that does not exist.
        """
        body = json.dumps({"message": self.error_type.message}, separators=(",", ":"))
        headers = [("Content-Type", "application/json"), *self.headers]
        return Response(self.error_type.status, headers, body.encode())
