"""The event of a Lambda proxy integration, payload format 1.0.

Sources: rest-proxy-event-001 to -029 and rest-aws-http-integrations-001 (recorded).
"""

from __future__ import annotations

import base64
from typing import Any

import orjson

from cloudworthy.local.apigateway.caller import authorizer_context
from cloudworthy.local.apigateway.context import request_time
from cloudworthy.local.apigateway.exchange import Exchange
from cloudworthy.local.apigateway.host import domain_name, domain_prefix, port
from cloudworthy.local.apigateway.query import parse_query
from cloudworthy.local.apigateway.trace import HEADER as TRACE_HEADER

_DROPPED = frozenset(
    {
        "connection",
        "content-length",
        "content-md5",
        "expect",
        "max-forwards",
        "proxy-authenticate",
        "server",
        "te",
        "transfer-encoding",
        "trailer",
        "upgrade",
        "www-authenticate",
    }
)
_REPLACED = frozenset(
    {"x-forwarded-for", "x-forwarded-port", "x-forwarded-proto", "x-amzn-trace-id"}
)


def build_event(exchange: Exchange) -> bytes:
    """The JSON document that the function gets."""
    body, is_base64_encoded = _body(exchange)
    event = _request(exchange) | {
        "requestContext": _request_context(exchange),
        "body": body,
        "isBase64Encoded": is_base64_encoded,
    }
    return orjson.dumps(event)


def authorizer_event(exchange: Exchange) -> bytes:
    """The JSON document that a REQUEST authorizer gets: no body, and maps where others have null.

    Sources: rest-authorizers-002 (documented); the empty maps are captured in public issues.
    """
    request = _request(exchange)
    event = {"type": "REQUEST", "methodArn": exchange.method_arn}
    event |= {name: {} if value is None else value for name, value in request.items()}
    return orjson.dumps(event | {"requestContext": _request_context(exchange)})


def _request(exchange: Exchange) -> dict[str, Any]:
    headers = _headers(exchange)
    query = parse_query(exchange.request.query)
    return {
        "resource": exchange.known_route.resource.path,
        "path": f"{exchange.base_path}{exchange.path}",
        "httpMethod": exchange.method,
        "headers": {name: values[-1] for name, values in headers.items()},
        "multiValueHeaders": headers,
        "queryStringParameters": {name: values[-1] for name, values in query.items()} or None,
        "multiValueQueryStringParameters": query or None,
        "pathParameters": exchange.path_parameters or None,
        "stageVariables": exchange.known_stage.definition.variables or None,
    }


def _headers(exchange: Exchange) -> dict[str, list[str]]:
    """The caller's headers by name, and those that the front door sets."""
    request = exchange.request
    headers: dict[str, list[str]] = {}
    forwarded = ""
    for name, value in request.headers:
        lowered = name.lower()
        if lowered == "x-forwarded-for":
            forwarded = f"{forwarded}{value}, "
        elif lowered not in _DROPPED and lowered not in _REPLACED:
            headers.setdefault(name, []).append(value)
    headers[TRACE_HEADER] = [exchange.trace.event_header]
    headers["X-Forwarded-For"] = [forwarded + request.client_ip]
    headers["X-Forwarded-Port"] = [port(exchange)]
    headers["X-Forwarded-Proto"] = ["http"]
    return headers


def _body(exchange: Exchange) -> tuple[str | None, bool]:
    body = exchange.request.body
    if not body:
        return None, False
    if exchange.api.binary.matches(exchange.headers.get("content-type")):
        return base64.b64encode(body).decode("ascii"), True
    return body.decode("utf-8", "replace"), False


def _request_context(exchange: Exchange) -> dict[str, Any]:
    api, stage = exchange.api.definition, exchange.known_stage.definition
    resource = exchange.known_route.resource
    context = {
        "resourceId": resource.resource_id,
        "resourcePath": resource.path,
        "httpMethod": exchange.method,
        "extendedRequestId": exchange.extended_request_id,
        "requestTime": request_time(exchange.started_at),
        "path": exchange.full_path,
        "accountId": api.account,
        "protocol": "HTTP/1.1",
        "stage": stage.name,
        "domainPrefix": domain_prefix(exchange),
        "requestTimeEpoch": int(exchange.started_at.timestamp() * 1000),
        "requestId": exchange.request_id,
        "identity": _identity(exchange),
        "domainName": domain_name(exchange),
        "deploymentId": stage.deployment_id,
        "apiId": api.api_id,
    }
    if exchange.caller is not None:
        authorizer = authorizer_context(exchange.caller, exchange.authorizer_call)
        context |= {} if authorizer is None else {"authorizer": authorizer}
    return context


def _identity(exchange: Exchange) -> dict[str, str | None]:
    identity: dict[str, str | None] = {
        "cognitoIdentityPoolId": None,
        "accountId": None,
        "cognitoIdentityId": None,
        "caller": None,
        "sourceIp": exchange.request.client_ip,
        "principalOrgId": None,
        "accessKey": None,
        "cognitoAuthenticationType": None,
        "cognitoAuthenticationProvider": None,
        "userArn": None,
        "userAgent": exchange.headers.get("user-agent"),
        "user": None,
    }
    if exchange.caller is not None and exchange.caller.signer is not None:
        identity |= exchange.caller.signer.identity
    if exchange.api_key is not None:
        identity["apiKey"] = exchange.api_key.value
        identity["apiKeyId"] = exchange.api_key.key_id
    return identity
