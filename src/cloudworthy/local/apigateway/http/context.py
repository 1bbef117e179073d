"""``$context`` of HTTP APIs: what access logs and identity sources can name.

Source: Amazon API Gateway developer guide, "Customize HTTP API access logs" (documented).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping

from cloudworthy.local.apigateway.context import request_time
from cloudworthy.local.apigateway.http.caller import IamCaller
from cloudworthy.local.apigateway.http.exchange import HttpExchange

Getter = Callable[[HttpExchange], "str | None"]
_AUTHORIZER = "authorizer."


def getter_of(name: str) -> Getter | None:
    """How to get ``$context.<name>``; None when there is no such variable."""
    if name.startswith(_AUTHORIZER) and name not in _GETTERS:
        variable = name.removeprefix(_AUTHORIZER)
        return lambda exchange: exchange.caller.variable(variable) if exchange.caller else None
    return _GETTERS.get(name)


def lookup(exchange: HttpExchange, name: str) -> str | None:
    """The value of ``$context.<name>``; None when there is none for this request."""
    getter = getter_of(name)
    return None if getter is None else getter(exchange)


def _text(value: object) -> str | None:
    return None if value is None or value == "" else str(value)


def _error_message(exchange: HttpExchange) -> str | None:
    return exchange.error.error_type.message if exchange.error else None


def _iam(exchange: HttpExchange) -> IamCaller | None:
    return exchange.caller if isinstance(exchange.caller, IamCaller) else None


def _caller_id(exchange: HttpExchange) -> str | None:
    caller = _iam(exchange)
    return caller.caller_id if caller else None


def _user_arn(exchange: HttpExchange) -> str | None:
    caller = _iam(exchange)
    return caller.user_arn if caller else None


def _caller_account(exchange: HttpExchange) -> str | None:
    caller = _iam(exchange)
    return caller.account if caller else None


def data_processed(exchange: HttpExchange) -> int:
    """Bytes of the bodies of request and answer."""
    return len(exchange.request.body) + len(exchange.known_response.body)


def _reason(exchange: HttpExchange) -> str | None:
    """Why an integration gave no answer."""
    error = exchange.error
    failed = error is not None and error.error_type.name == "INTEGRATION_FAILURE"
    return _text(error.reason) if error is not None and failed else None


_GETTERS: Mapping[str, Getter] = {
    "accountId": lambda x: x.api.definition.account,
    "apiId": lambda x: x.api.definition.api_id,
    "authorizer.error": lambda x: _text(x.authorizer_error),
    "awsEndpointRequestId": lambda x: _text(x.function_request_id),
    "customDomain.basePathMatched": lambda x: _text(x.base_path_matched),
    "dataProcessed": lambda x: str(data_processed(x)) if x.response else None,
    "domainName": lambda x: x.host,
    "domainPrefix": lambda x: x.domain_prefix,
    "error.message": _error_message,
    "error.messageString": lambda x: json.dumps(_error_message(x)) if x.error else None,
    "error.responseType": lambda x: x.error.error_type.name if x.error else None,
    "extendedRequestId": lambda x: x.request_id,
    "httpMethod": lambda x: x.method,
    "identity.accountId": _caller_account,
    "identity.caller": _caller_id,
    "identity.sourceIp": lambda x: x.request.client_ip,
    "identity.user": _caller_id,
    "identity.userAgent": lambda x: x.headers.get("user-agent"),
    "identity.userArn": _user_arn,
    "integration.error": _reason,
    "integration.integrationStatus": lambda x: _text(x.function_status),
    "integration.latency": lambda x: _text(x.integration_latency_ms),
    "integration.requestId": lambda x: _text(x.function_request_id),
    "integration.status": lambda x: _text(x.integration_status),
    "integrationErrorMessage": _reason,
    "integrationLatency": lambda x: _text(x.integration_latency_ms),
    "integrationStatus": lambda x: _text(x.integration_status),
    "path": lambda x: x.raw_path,
    "protocol": lambda _: "HTTP/1.1",
    "requestId": lambda x: x.request_id,
    "requestTime": lambda x: request_time(x.started_at),
    "requestTimeEpoch": lambda x: str(int(x.started_at.timestamp() * 1000)),
    "responseLatency": lambda x: str(x.latency_ms),
    "responseLength": lambda x: str(len(x.response.body)) if x.response else None,
    "routeKey": lambda x: x.route.definition.route_key if x.route else None,
    "stage": lambda x: x.stage.definition.name if x.stage else None,
    "status": lambda x: str(x.response.status) if x.response else None,
}
