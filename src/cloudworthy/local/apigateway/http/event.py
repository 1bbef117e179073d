"""The events of payload format 2.0, for functions and for authorizers.

Sources: httpapi-event-001 to -021 (recorded, captured and documented), httpapi-behaviour-022
(documented).
"""

from __future__ import annotations

import base64
from collections.abc import Sequence
from typing import Any

import orjson

from cloudworthy.local.apigateway.context import request_time
from cloudworthy.local.apigateway.http.exchange import HttpExchange
from cloudworthy.local.apigateway.query import parse_query

_OF_ONE_HOP = frozenset(
    {"connection", "expect", "keep-alive", "te", "trailer", "transfer-encoding", "upgrade"}
)
_TEXTS = frozenset({"application/json", "application/xml", "application/javascript"})


def build_event(exchange: HttpExchange) -> bytes:
    """The JSON document that a function gets."""
    body, is_base64_encoded = body_of(exchange)
    event = {"version": "2.0", "routeKey": exchange.route_key, **_request(exchange)}
    event["requestContext"] = _request_context(exchange)
    if exchange.caller is not None:
        event["requestContext"]["authorizer"] = exchange.caller.v2()
    if body is not None:
        event["body"] = body
    return orjson.dumps(event | {"isBase64Encoded": is_base64_encoded})


def authorizer_event(exchange: HttpExchange, identity_source: Sequence[str]) -> bytes:
    """The JSON document that an authorizer's function gets."""
    event = {
        "version": "2.0",
        "type": "REQUEST",
        "routeArn": exchange.method_arn,
        "identitySource": list(identity_source) or None,
        "routeKey": exchange.route_key,
        **_request(exchange),
        "requestContext": _request_context(exchange),
    }
    return orjson.dumps(event)


def _request(exchange: HttpExchange) -> dict[str, Any]:
    """The request; what is empty is left out, beside the query string's text."""
    headers = headers_of(exchange)
    cookies = [cookie.strip() for cookie in headers.pop("cookie", "").split(";")]
    query = parse_query(exchange.request.query)
    parts: dict[str, Any] = {
        "cookies": [cookie for cookie in cookies if cookie],
        "headers": headers,
        "queryStringParameters": {name: ",".join(values) for name, values in query.items()},
        "pathParameters": exchange.path_parameters,
        "stageVariables": dict(exchange.known_stage.definition.variables),
    }
    present = {name: value for name, value in parts.items() if value}
    return {
        "rawPath": exchange.raw_path,
        "rawQueryString": exchange.request.query,
        **present,
    }


def headers_of(exchange: HttpExchange) -> dict[str, str]:
    """The headers by name in lower case, and those that the front door sets.

    Sources: httpapi-event-005 (documented), -017 (recorded 2025-04-14).
    """
    headers = {k: v for k, v in exchange.headers.items() if k not in _OF_ONE_HOP}
    forwarded = headers.get("x-forwarded-for")
    client_ip = exchange.request.client_ip
    headers["content-length"] = str(len(exchange.request.body))
    headers["x-amzn-trace-id"] = exchange.trace.event_header
    headers["x-forwarded-for"] = f"{forwarded}, {client_ip}" if forwarded else client_ip
    headers["x-forwarded-port"] = exchange.port
    headers["x-forwarded-proto"] = "http"
    return headers


def body_of(exchange: HttpExchange) -> tuple[str | None, bool]:
    """The body, and whether it is base64: everything is but the types that are text.

    Sources: httpapi-event-010, -011 (captured): a form is none of these types.
    """
    body = exchange.request.body
    if not body:
        return None, False
    content_type = exchange.headers.get("content-type", "").partition(";")[0].strip().lower()
    if content_type.startswith("text/") or content_type in _TEXTS:
        return body.decode("utf-8", "replace"), False
    return base64.b64encode(body).decode("ascii"), True


def _request_context(exchange: HttpExchange) -> dict[str, Any]:
    api = exchange.api.definition
    return {
        "accountId": api.account,
        "apiId": api.api_id,
        "domainName": exchange.host,
        "domainPrefix": exchange.domain_prefix,
        "http": {
            "method": exchange.method,
            "path": exchange.raw_path,
            "protocol": "HTTP/1.1",
            "sourceIp": exchange.request.client_ip,
            "userAgent": exchange.headers.get("user-agent", ""),
        },
        "requestId": exchange.request_id,
        "routeKey": exchange.route_key,
        "stage": exchange.stage_name,
        "time": request_time(exchange.started_at),
        "timeEpoch": int(exchange.started_at.timestamp() * 1000),
    }
