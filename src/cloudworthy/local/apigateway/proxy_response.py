"""What a Lambda proxy integration may answer, and how it becomes an HTTP response.

Sources: rest-proxy-response-002 to -042 (recorded in most part).
"""

from __future__ import annotations

import base64
import binascii
import json
from typing import Any

import orjson

from cloudworthy.local.apigateway.errors import (
    API_CONFIGURATION_ERROR,
    DEFAULT_5XX,
    GatewayError,
)
from cloudworthy.local.model.http import Response

_KEYS = frozenset({"statusCode", "headers", "multiValueHeaders", "body", "isBase64Encoded"})
_MALFORMED = "Execution failed due to configuration error: Malformed Lambda proxy response"


def parse_proxy_response(payload: bytes, *, accepts_binary: bool) -> Response:
    """Turn the function's answer into a response.

    Parameters
    ----------
    payload
        The JSON document that the function returned.
    accepts_binary
        Whether the client's Accept header names a binary media type of the API: only then
        is a base64 body decoded.

    Raises
    ------
    GatewayError
        502 for a malformed answer, 500 for a body that is not base64 though it says so.
    """
    answer = _answer(payload)
    headers = _merged_headers(answer)
    if not any(name.lower() == "content-type" for name, _ in headers):
        headers.append(("Content-Type", "application/json"))
    body = (_scalar(answer.get("body")) or "").encode("utf-8", "replace")
    if accepts_binary and _scalar(answer.get("isBase64Encoded")) == "true":
        body = _decoded(body)
    return Response(_status(answer), headers, body)


def _malformed() -> GatewayError:
    return GatewayError(DEFAULT_5XX, status=502, reason=_MALFORMED)


def _answer(payload: bytes) -> dict[str, Any]:
    try:
        answer = _parsed(payload)
    except ValueError as error:
        raise _malformed() from error
    if not isinstance(answer, dict) or not answer.keys() <= _KEYS:
        raise _malformed()
    return answer


def _parsed(payload: bytes) -> object:
    """The document; half of a surrogate pair, as cutting a text leaves it, is let through."""
    try:
        return orjson.loads(payload)
    except orjson.JSONDecodeError:
        return json.loads(payload, parse_constant=_refuse_constant)


def _refuse_constant(name: str) -> float:
    raise ValueError(f"{name} is not JSON")


def _status(answer: dict[str, Any]) -> int:
    if "statusCode" not in answer:
        return 200
    text = _scalar(answer["statusCode"]) or ""
    if not text.isascii() or not text.isdigit() or not 200 <= int(text) <= 599:
        raise _malformed()
    return int(text)


def _scalar(value: object) -> str | None:
    """A JSON scalar as text: API Gateway takes ``true`` for ``"true"`` and 5 for ``"5"``."""
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return json.dumps(value)
    raise _malformed()


def _map(value: object) -> dict[str, Any]:
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise _malformed()
    return value


def _merged_headers(answer: dict[str, Any]) -> list[tuple[str, str]]:
    """``multiValueHeaders`` first, then what ``headers`` adds to the same name."""
    single, multiple = _map(answer.get("headers")), _map(answer.get("multiValueHeaders"))
    merged: dict[str, tuple[str, list[str]]] = {}
    for name, values in multiple.items():
        if not isinstance(values, list):
            raise _malformed()
        texts = [text for value in values if (text := _scalar(value)) is not None]
        merged.setdefault(name.lower(), (name, []))[1].extend(texts)
    for name, value in single.items():
        text = _scalar(value)
        _, values = merged.setdefault(name.lower(), (name, []))
        if text is not None and text not in values:
            values.append(text)
    return [(name, value) for name, values in merged.values() for value in values]


def _decoded(body: bytes) -> bytes:
    try:
        return base64.b64decode(body, validate=True)
    except binascii.Error as error:
        reason = "Execution failed due to configuration error: Unable to base64 decode the body."
        raise GatewayError(API_CONFIGURATION_ERROR, reason=reason) from error
