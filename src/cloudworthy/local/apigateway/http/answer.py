"""What a function may answer, and how it becomes an HTTP response.

Sources: httpapi-behaviour-001 to -003, -035 (documented), -027, -029 (recorded 2025-04-14).
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Iterator
from typing import Any

import orjson

from cloudworthy.local.apigateway.http.definition import PayloadFormat
from cloudworthy.local.apigateway.http.errors import INTEGRATION_FAILURE, HttpApiError
from cloudworthy.local.apigateway.http.text import as_text
from cloudworthy.local.model.http import Response

_TEXT = ("Content-Type", "text/plain; charset=utf-8")
_JSON = ("Content-Type", "application/json")
# Set by the connection itself, whatever a function says.
_DROPPED = frozenset({"connection", "content-length", "date", "keep-alive", "transfer-encoding"})


def parse_answer(payload: bytes, payload_format: PayloadFormat) -> Response:
    """Turn the JSON document that the function returned into a response.

    Format 2.0 makes a response of anything: without ``statusCode`` it is the body. Format 1.0
    wants an object with a ``statusCode``.

    Raises
    ------
    HttpApiError
        The answer is malformed, which is 500.
    """
    answer = _parsed(payload)
    if isinstance(answer, dict) and "statusCode" in answer:
        return _response(answer, payload_format)
    if payload_format is PayloadFormat.V1:
        raise _malformed("it has no statusCode")
    return Response(200, [_JSON], as_text(answer).encode("utf-8", "replace"))


def _malformed(what: str) -> HttpApiError:
    return HttpApiError(INTEGRATION_FAILURE, f"The response of the function is malformed: {what}")


def _parsed(payload: bytes) -> object:
    """The document; half of a surrogate pair, as cutting a text leaves it, is let through."""
    try:
        return orjson.loads(payload)
    except orjson.JSONDecodeError:
        try:
            return json.loads(payload)
        except ValueError as error:
            raise _malformed("it is not JSON") from error


def _response(answer: dict[str, Any], payload_format: PayloadFormat) -> Response:
    headers = list(_headers(answer, payload_format))
    if not any(name.lower() == "content-type" for name, _ in headers):
        headers.append(_TEXT)
    if payload_format is PayloadFormat.V2:
        headers += [("set-cookie", _scalar(cookie)) for cookie in _list(answer.get("cookies"))]
    body = _scalar(answer.get("body")).encode("utf-8", "replace")
    if _scalar(answer.get("isBase64Encoded")) == "true":
        body = _decoded(body)
    return Response(_status(answer["statusCode"]), headers, body)


def _status(value: object) -> int:
    text = _scalar(value)
    if not text.isascii() or not text.isdigit() or not 200 <= int(text) <= 599:
        raise _malformed(f"statusCode is {text!r}")
    return int(text)


def _scalar(value: object) -> str:
    """A JSON scalar as text; null is the empty one."""
    if value is None:
        return ""
    if isinstance(value, list | dict):
        raise _malformed("an object or a list stands where a text is expected")
    return as_text(value)


def _headers(answer: dict[str, Any], payload_format: PayloadFormat) -> Iterator[tuple[str, str]]:
    """The headers; format 1.0 has ``multiValueHeaders`` beside the single ones."""
    multiple = _map(answer.get("multiValueHeaders")) if payload_format is PayloadFormat.V1 else {}
    found = {
        name.lower(): (name, [_scalar(value) for value in _list(values)])
        for name, values in multiple.items()
    }
    for name, value in _map(answer.get("headers")).items():
        _, values = found.setdefault(name.lower(), (name, []))
        if (text := _scalar(value)) not in values:
            values.append(text)
    for lowered, (name, values) in found.items():
        if lowered not in _DROPPED:
            yield from ((name, value) for value in values)


def _map(value: object) -> dict[str, Any]:
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise _malformed("headers are not an object")
    return value


def _list(value: object) -> list[Any]:
    if value is None:
        return []
    if not isinstance(value, list):
        raise _malformed("values are not in a list")
    return value


def _decoded(body: bytes) -> bytes:
    try:
        return base64.b64decode(body, validate=True)
    except binascii.Error as error:
        raise _malformed("the body is not base64 though it says so") from error
