"""Execution logs: what the gateway did with a request, in AWS's lines.

Source: lines captured from AWS in public issues (gateway logs of 2018 to 2022); which of them
come without ``DataTraceEnabled`` is assumed.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Iterator
from functools import cache

from cloudworthy.local.apigateway.event import build_event
from cloudworthy.local.apigateway.exchange import Exchange
from cloudworthy.local.apigateway.query import parse_query

_MAX_VALUE = 1024


def log_group(api_id: str, stage: str) -> str:
    return f"API-Gateway-Execution-Logs_{api_id}/{stage}"


@cache
def log_stream(group: str) -> str:
    """The name of a log group's stream in AWS's form: 32 hexadecimal digits."""
    return uuid.uuid5(uuid.NAMESPACE_URL, group).hex


def lines(exchange: Exchange) -> list[str]:
    """The lines of a finished request; none when the method's logging is off."""
    stage, route = exchange.stage, exchange.route
    if stage is None:
        return []
    level = route.logging_level if route else stage.default_logging_level
    if level == "OFF":
        return []
    wanted = _all(exchange) if level == "INFO" else _errors(exchange)
    return [f"({exchange.request_id}) {line}" for line in wanted]


def _errors(exchange: Exchange) -> Iterator[str]:
    if exchange.error is not None and exchange.error.reason:
        yield exchange.error.reason


def _all(exchange: Exchange) -> Iterator[str]:
    yield f"Extended Request Id: {exchange.extended_request_id}"
    yield from _usage(exchange)
    route = exchange.route
    if route is not None:
        yield f"Starting execution for request: {exchange.request_id}"
        yield f"HTTP Method: {exchange.method}, Resource Path: {exchange.path}"
        if route.data_trace:
            yield from _request_data(exchange)
        yield from _integration(exchange)
    yield from _errors(exchange)
    yield from _outcome(exchange)


def _usage(exchange: Exchange) -> Iterator[str]:
    api_stage = f"{exchange.api.definition.api_id}/{exchange.known_stage.definition.name}"
    key = _masked(exchange.api_key.value) + " " if exchange.api_key else ""
    route = exchange.route
    yield (
        f"Verifying Usage Plan for request: {exchange.request_id}. "
        f"API Key: {key}API Stage: {api_stage}"
    )
    if route is not None and not route.method.api_key_required:
        method = f"{route.method.http_method} {route.resource.path}"
        yield (
            f"API Key authorized because method '{method}' does not require API Key. "
            "Request will not contribute to throttle or quota limits"
        )
    if route is not None and (exchange.api_key or not route.method.api_key_required):
        yield f"Usage Plan check succeeded for API Key {key}and API Stage {api_stage}"


def _masked(value: str) -> str:
    return "*" * (len(value) - 6) + value[-6:]


def _request_data(exchange: Exchange) -> Iterator[str]:
    query = parse_query(exchange.request.query)
    yield f"Method request path: {_map(exchange.path_parameters.items())}"
    yield f"Method request query string: {_map((k, v[-1]) for k, v in query.items())}"
    yield f"Method request headers: {_map(_safe(exchange.request.headers))}"
    yield f"Method request body before transformations: {_cut(exchange.request.body)}"
    if exchange.integration_latency_ms is not None:
        body = exchange.integration_body if exchange.integration_url else build_event(exchange)
        yield f"Endpoint request body after transformations: {_cut(body)}"


def _integration(exchange: Exchange) -> Iterator[str]:
    if exchange.integration_latency_ms is None:
        return
    yield f"Sending request to {_endpoint(exchange)}"
    if exchange.integration_status is not None:
        yield (
            f"Received response. Status: {exchange.integration_status}, "
            f"Integration latency: {exchange.integration_latency_ms} ms"
        )


def _endpoint(exchange: Exchange) -> str:
    route, region = exchange.known_route, exchange.api.definition.region
    service = route.method.integration.service
    if route.function_arn:
        path = f"2015-03-31/functions/{route.function_arn}/invocations"
        return f"https://lambda.{region}.amazonaws.com/{path}"
    if service is not None:
        return f"https://{service.name}.{service.region}.amazonaws.com{exchange.integration_url}"
    return exchange.integration_url


def _outcome(exchange: Exchange) -> Iterator[str]:
    if exchange.error is None:
        if exchange.route is not None and exchange.route.data_trace:
            body = _cut(exchange.known_response.body)
            yield f"Method response body after transformations: {body}"
            yield f"Method response headers: {_map(exchange.known_response.headers)}"
        yield "Successfully completed execution"
    yield f"Method completed with status: {exchange.known_response.status}"
    if exchange.function_request_id:
        yield f"AWS Integration Endpoint RequestId : {exchange.function_request_id}"
    if exchange.sampled:
        yield f"X-ray Tracing ID : {exchange.trace.root}"


def _safe(headers: Iterable[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    """Headers for a log: a key is masked as AWS masks it."""
    for name, value in headers:
        yield name, _masked(value) if name.lower() in ("x-api-key", "authorization") else value


def _map(pairs: Iterable[tuple[str, str]]) -> str:
    return _cut("{" + ", ".join(f"{name}={value}" for name, value in pairs) + "}")


def _cut(value: str | bytes) -> str:
    text = value.decode("utf-8", "replace") if isinstance(value, bytes) else value
    return text if len(text) <= _MAX_VALUE else f"{text[:_MAX_VALUE]} [TRUNCATED]"
