"""A document of an issuer, by HTTPS."""

from __future__ import annotations

import json
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from typing import Any
from urllib.parse import urlsplit

_TIMEOUT_S = 2.0
_LARGEST_BYTES = 256 * 1024
_LOOPBACK = frozenset({"127.0.0.1", "localhost"})


class IssuerUnavailableError(Exception):
    """The issuer does not answer, or not as it should; the message says what is wrong."""


def read_document(url: str, issuer: str) -> dict[str, Any]:
    """Read a JSON object; a redirect is not followed.

    Plain HTTP is for an issuer on this machine, and for no other.

    Raises
    ------
    IssuerUnavailableError
    """
    try:
        status, body = _get(url, issuer)
        document = json.loads(body)
    except (OSError, HTTPException, ValueError) as error:
        raise IssuerUnavailableError(f"no document: {type(error).__name__}") from error
    if status != 200 or not isinstance(document, dict):
        raise IssuerUnavailableError(f"no document: status {status}")
    return document


def _get(url: str, issuer: str) -> tuple[int, bytes]:
    parts = urlsplit(url)
    host = parts.hostname or ""
    connection: HTTPConnection
    if parts.scheme == "https":
        connection = HTTPSConnection(host, parts.port, timeout=_TIMEOUT_S)
    elif parts.scheme == "http" and {host, urlsplit(issuer).hostname} <= _LOOPBACK:
        connection = HTTPConnection(host, parts.port, timeout=_TIMEOUT_S)
    else:
        raise IssuerUnavailableError("its documents are not at an https address")
    try:
        target = f"{parts.path or '/'}?{parts.query}" if parts.query else parts.path or "/"
        connection.request("GET", target, headers={"Accept": "application/json"})
        answer = connection.getresponse()
        return answer.status, answer.read(_LARGEST_BYTES)
    finally:
        connection.close()
