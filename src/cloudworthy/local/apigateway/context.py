"""``$context``: what access logs and gateway responses can say about a request.

Source: Amazon API Gateway developer guide, "Variables for access logging" and "Variables for
data transformations" (documented).
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from cloudworthy.local.apigateway.authorization_context import (
    GETTERS as AUTHORIZATION_GETTERS,
)
from cloudworthy.local.apigateway.authorization_context import authorizer_value
from cloudworthy.local.apigateway.exchange import Exchange
from cloudworthy.local.apigateway.host import domain_name, domain_prefix

Getter = Callable[[Exchange], "str | None"]

_AUTHORIZER = "authorizer."
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def request_time(moment: datetime) -> str:
    """Common log format, in English whatever the machine's language is."""
    return (
        f"{moment.day:02}/{_MONTHS[moment.month - 1]}/{moment.year}:"
        f"{moment.hour:02}:{moment.minute:02}:{moment.second:02} +0000"
    )


def lookup(exchange: Exchange, name: str) -> str | None:
    """The value of ``$context.<name>``; None when there is none for this request."""
    getter = getter_of(name)
    return None if getter is None else getter(exchange)


def getter_of(name: str) -> Getter | None:
    """How to get ``$context.<name>``; None when there is no such variable.

    ``authorizer.<anything>`` may be a value that an authorizer gives.
    """
    getter = GETTERS.get(name)
    if getter is None and name.startswith(_AUTHORIZER):
        return lambda exchange: authorizer_value(exchange, name.removeprefix(_AUTHORIZER))
    return getter


def _text(value: object) -> str | None:
    return None if value is None or value == "" else str(value)


def _xray_trace_id(exchange: Exchange) -> str | None:
    return exchange.trace.root if exchange.sampled else None


def _response_length(exchange: Exchange) -> str | None:
    return None if exchange.response is None else str(len(exchange.response.body))


GETTERS: dict[str, Getter] = AUTHORIZATION_GETTERS | {
    "accountId": lambda x: x.api.definition.account,
    "apiId": lambda x: x.api.definition.api_id,
    "awsEndpointRequestId": lambda x: _text(x.function_request_id),
    "deploymentId": lambda x: _text(x.stage.definition.deployment_id) if x.stage else None,
    "domainName": domain_name,
    "domainPrefix": domain_prefix,
    "error.message": lambda x: x.error.message if x.error else None,
    "error.messageString": lambda x: x.error.message_string if x.error else None,
    "error.responseType": lambda x: x.error.response_type.name if x.error else None,
    "error.validationErrorString": lambda x: _text(x.error.validation_error) if x.error else None,
    "extendedRequestId": lambda x: x.extended_request_id,
    "httpMethod": lambda x: x.method,
    "identity.apiKey": lambda x: x.api_key.value if x.api_key else None,
    "identity.apiKeyId": lambda x: x.api_key.key_id if x.api_key else None,
    "identity.sourceIp": lambda x: x.request.client_ip,
    "identity.userAgent": lambda x: x.headers.get("user-agent"),
    "integration.error": lambda x: _text(x.error.reason) if x.error else None,
    "integration.integrationStatus": lambda x: _text(x.function_status),
    "integration.latency": lambda x: _text(x.integration_latency_ms),
    "integration.requestId": lambda x: _text(x.function_request_id),
    "integration.status": lambda x: _text(x.integration_status),
    "integrationErrorMessage": lambda x: _text(x.error.reason) if x.error else None,
    "integrationLatency": lambda x: _text(x.integration_latency_ms),
    "integrationStatus": lambda x: _text(x.integration_status),
    "path": lambda x: x.full_path,
    "protocol": lambda _: "HTTP/1.1",
    "requestId": lambda x: x.request_id,
    "requestTime": lambda x: request_time(x.started_at),
    "requestTimeEpoch": lambda x: str(int(x.started_at.timestamp() * 1000)),
    "resourceId": lambda x: x.route.resource.resource_id if x.route else None,
    "resourcePath": lambda x: x.route.resource.path if x.route else None,
    "responseLatency": lambda x: str(x.latency_ms),
    "responseLength": _response_length,
    "stage": lambda x: x.stage.definition.name if x.stage else None,
    "status": lambda x: str(x.response.status) if x.response else None,
    "xrayTraceId": _xray_trace_id,
}
