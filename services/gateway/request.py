from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeGuard
from urllib.parse import parse_qs

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
        The route that the gateway matched, such as `/items/{id}`; empty when there is none, and
        for an HTTP API, whose routes are wider than ours.
    headers
        Names in lower case.
    caller
        Who called, as far as the gateway knows: what the authorizer says, the principal that
        signed, the id of the API key, or an empty string.
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


def is_request(event: object) -> TypeGuard[Event]:
    """Whether an event is one of an API: `requestContext` is in the records of Lambda as well."""
    return isinstance(event, dict) and ("httpMethod" in event or "rawPath" in event)


def request_of(event: Event, request_id: str) -> Request:
    """Read a proxy event, any part of which may be absent or null.

    Source: facts rest-proxy-event-001 to 029 for payload version 1.0, httpapi-event-001 to 021
    for 2.0 (recorded).
    """
    is_http_api = event.get("version") == "2.0"
    return _of_http_api(event, request_id) if is_http_api else _of_rest_api(event, request_id)


def _of_rest_api(event: Event, request_id: str) -> Request:
    context = event.get("requestContext") or {}
    identity = context.get("identity") or {}
    return Request(
        method=str(event.get("httpMethod") or "GET").upper(),
        resource=str(event.get("resource") or ""),
        path=str(event.get("path") or "/"),
        path_parameters=event.get("pathParameters") or {},
        query=_query(event),
        headers=_headers(event),
        body=_body(event),
        request_id=str(context.get("requestId") or request_id),
        caller=_identified(context.get("authorizer") or {}, identity),
    )


def _identified(authorizer: Mapping[str, Any], identity: Mapping[str, Any]) -> str:
    """Who the caller of a REST API is; a key that was sent along besides says nothing."""
    names = (authorizer.get("principalId"), identity.get("userArn"), identity.get("apiKeyId"))
    return str(next(filter(None, names), ""))


def _of_http_api(event: Event, request_id: str) -> Request:
    context = event.get("requestContext") or {}
    cookies = event.get("cookies")
    return Request(
        method=str((context.get("http") or {}).get("method") or "GET").upper(),
        resource="",
        path=_below_stage(str(event.get("rawPath") or "/"), str(context.get("stage") or "")),
        path_parameters=event.get("pathParameters") or {},
        query=_raw_query(str(event.get("rawQueryString") or "")),
        headers={**_headers(event), **({"cookie": "; ".join(cookies)} if cookies else {})},
        body=_body(event),
        request_id=str(context.get("requestId") or request_id),
        caller=_authorized(context.get("authorizer") or {}),
    )


def _below_stage(path: str, stage: str) -> str:
    """The path without the stage, which stands before it if it has a name."""
    if stage in ("", "$default") or not f"{path}/".startswith(f"/{stage}/"):
        return path
    return path.removeprefix(f"/{stage}") or "/"


def _authorized(authorizer: Mapping[str, Any]) -> str:
    """Who an authorizer of an HTTP API found the caller to be."""
    by_token = (authorizer.get("jwt") or {}).get("claims") or {}
    by_role = authorizer.get("iam") or {}
    by_function = authorizer.get("lambda") or {}
    names = (by_token.get("sub"), by_role.get("userArn"), by_function.get("principalId"))
    return str(next(filter(None, names), ""))


def _headers(event: Event) -> dict[str, str]:
    return {str(k).lower(): str(v) for k, v in (event.get("headers") or {}).items()}


def _raw_query(text: str) -> dict[str, list[str]]:
    """The query as it was sent: in the parsed one a comma may be the gateway's or the caller's."""
    try:
        return parse_qs(text, keep_blank_values=True, errors="strict")
    except UnicodeDecodeError as error:
        raise BadRequestError.of("query", "not UTF-8") from error


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
