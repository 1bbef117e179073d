"""The events of payload format 1.0, for functions and for authorizers of HTTP APIs.

Sources: httpapi-event-022 (recorded 2025-04-14), -025 (documented); Amazon API Gateway
developer guide, "Create AWS Lambda proxy integrations for HTTP APIs" (documented).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from urllib.parse import unquote

import orjson

from cloudworthy.local.apigateway.context import request_time
from cloudworthy.local.apigateway.http.caller import IamCaller
from cloudworthy.local.apigateway.http.event import body_of, headers_of
from cloudworthy.local.apigateway.http.exchange import HttpExchange
from cloudworthy.local.apigateway.query import parse_query


def build_event_v1(exchange: HttpExchange) -> bytes:
    """The JSON document that a function gets."""
    body, is_base64_encoded = body_of(exchange)
    caller = exchange.caller
    authorizer = {"claims": None, "scopes": None} if caller is None else caller.v1()
    event = {
        "version": "1.0",
        **_request(exchange),
        "requestContext": {**_request_context(exchange), "authorizer": authorizer},
        "body": body,
        "isBase64Encoded": is_base64_encoded,
    }
    return orjson.dumps(event)


def authorizer_event_v1(exchange: HttpExchange, identity_source: Sequence[str]) -> bytes:
    """The JSON document that an authorizer's function gets."""
    identity = ",".join(identity_source)
    event = {
        "version": "1.0",
        "type": "REQUEST",
        "methodArn": exchange.method_arn,
        "identitySource": identity,
        "authorizationToken": identity,
        **_request(exchange),
        "requestContext": _request_context(exchange),
    }
    return orjson.dumps(event)


def _request(exchange: HttpExchange) -> dict[str, Any]:
    query = parse_query(exchange.request.query)
    headers = {_train_case(name): value for name, value in headers_of(exchange).items()}
    return {
        "resource": _resource(exchange),
        "path": unquote(exchange.path),
        "httpMethod": exchange.method,
        "headers": headers,
        "multiValueHeaders": _multi_value_headers(exchange, headers),
        "queryStringParameters": {name: values[-1] for name, values in query.items()} or None,
        "multiValueQueryStringParameters": query or None,
        "pathParameters": exchange.path_parameters or None,
        "stageVariables": dict(exchange.known_stage.definition.variables) or None,
    }


def _multi_value_headers(exchange: HttpExchange, headers: dict[str, str]) -> dict[str, list[str]]:
    """Each value of its own where a header was sent more than once."""
    sent: dict[str, list[str]] = {}
    for name, value in exchange.request.headers:
        sent.setdefault(_train_case(name), []).append(value)
    return {
        name: sent[name] if len(sent.get(name, ())) > 1 else [value]
        for name, value in headers.items()
    }


def _train_case(name: str) -> str:
    return "-".join(part.capitalize() for part in name.split("-"))


def _resource(exchange: HttpExchange) -> str:
    route = exchange.known_route.definition
    return route.route_key if route.is_default else route.path


def _request_context(exchange: HttpExchange) -> dict[str, Any]:
    api = exchange.api.definition
    return {
        "accountId": api.account,
        "apiId": api.api_id,
        "domainName": exchange.host,
        "domainPrefix": exchange.domain_prefix,
        "extendedRequestId": exchange.request_id,
        "httpMethod": exchange.method,
        "identity": _identity(exchange),
        "path": exchange.raw_path,
        "protocol": "HTTP/1.1",
        "requestId": exchange.request_id,
        "requestTime": request_time(exchange.started_at),
        "requestTimeEpoch": int(exchange.started_at.timestamp() * 1000),
        "resourceId": exchange.route_key,
        "resourcePath": _resource(exchange),
        "stage": exchange.stage_name,
    }


def _identity(exchange: HttpExchange) -> dict[str, str | None]:
    iam = exchange.caller if isinstance(exchange.caller, IamCaller) else None
    return {
        "accessKey": iam.access_key if iam else None,
        "accountId": iam.account if iam else None,
        "caller": iam.caller_id if iam else None,
        "cognitoAuthenticationProvider": None,
        "cognitoAuthenticationType": None,
        "cognitoIdentityId": None,
        "cognitoIdentityPoolId": None,
        "principalOrgId": None,
        "sourceIp": exchange.request.client_ip,
        "user": iam.caller_id if iam else None,
        "userAgent": exchange.headers.get("user-agent", ""),
        "userArn": iam.user_arn if iam else None,
    }
