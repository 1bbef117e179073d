"""Calls that the runtime itself makes, in the place of a service of AWS."""

from __future__ import annotations

import json
from collections.abc import Mapping
from urllib.parse import urlencode

from cloudworthy.local.model.http import Request
from cloudworthy.local.model.identity import OWN_ACCESS_KEY


def signed_for(service: str, region: str) -> list[tuple[str, str]]:
    """Headers that say which service a call is for; whoever comes without a role is trusted."""
    scope = f"{OWN_ACCESS_KEY}/19700101/{region}/{service}/aws4_request"
    value = f"AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host, Signature=none"
    return [("Host", "127.0.0.1"), ("Authorization", value)]


def query_call(
    service: str, region: str, action: str, parameters: Mapping[str, str] | None = None
) -> Request:
    """A call in the query protocol."""
    body = urlencode({"Action": action, **(parameters or {})}).encode()
    headers = [
        *signed_for(service, region),
        ("Content-Type", "application/x-www-form-urlencoded; charset=utf-8"),
        ("Content-Length", str(len(body))),
    ]
    return Request("POST", "/", headers, body)


def json_call(service: str, region: str, target: str, body: Mapping[str, object]) -> Request:
    """A call in the JSON protocol; ``target`` is as in ``X-Amz-Target``."""
    headers = [
        *signed_for(service, region),
        ("X-Amz-Target", target),
        ("Content-Type", "application/x-amz-json-1.0"),
    ]
    return Request("POST", "/", headers, json.dumps(body).encode())
