from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from gateway.errors import BadRequestError

if TYPE_CHECKING:
    from collections.abc import Mapping

Event = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Request:
    """One request as the handlers see it.

    Attributes
    ----------
    resource
        The route that the gateway matched, such as `/items/{id}`; empty when there is none.
    headers
        Names in lower case.
    caller
        Who called, as far as the gateway knows: the id of the API key, or an empty string.
    """

    method: str
    resource: str
    path: str
    path_parameters: Mapping[str, str]
    query: Mapping[str, list[str]]
    headers: Mapping[str, str]
    body: bytes
    request_id: str
    caller: str

    def query_value(self, name: str) -> str | None:
        """The value of a query parameter, None when it is absent.

        Raises
        ------
        BadRequestError
            It was sent more than once.
        """
        values = self.query.get(name) or []
        if len(values) > 1:
            raise BadRequestError.of(name, "sent more than once")
        return values[0] if values else None


def request_of(event: Event, request_id: str) -> Request:
    """Read a proxy event of payload version 1.0, any part of which may be absent or null.

    Source: facts rest-proxy-event-001 to 029 (recorded).
    """
    context = event.get("requestContext") or {}
    identity = context.get("identity") or {}
    return Request(
        method=str(event.get("httpMethod") or "GET").upper(),
        resource=str(event.get("resource") or ""),
        path=str(event.get("path") or "/"),
        path_parameters=event.get("pathParameters") or {},
        query=_query(event),
        headers={str(k).lower(): str(v) for k, v in (event.get("headers") or {}).items()},
        body=_body(event),
        request_id=str(context.get("requestId") or request_id),
        caller=str(identity.get("apiKeyId") or ""),
    )


def _query(event: Event) -> dict[str, list[str]]:
    several = event.get("multiValueQueryStringParameters")
    if several:
        return {name: [str(value) for value in values] for name, values in several.items()}
    return {k: [str(v)] for k, v in (event.get("queryStringParameters") or {}).items()}


def _body(event: Event) -> bytes:
    text = event.get("body") or ""
    if not event.get("isBase64Encoded"):
        return str(text).encode("utf-8", "surrogatepass")
    try:
        return base64.b64decode(text, validate=True)
    except binascii.Error as error:
        raise BadRequestError.of("body", "not base64") from error
