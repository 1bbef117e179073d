"""The segment that a stage with tracing sends to X-Ray."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from cloudworthy.local.apigateway.exchange import Exchange
from cloudworthy.local.model.arns import arn_of


def segment(exchange: Exchange) -> dict[str, Any]:
    """The segment document of a finished request.

    Source: AWS X-Ray developer guide, "Segment documents" (documented).
    """
    api, stage, trace = exchange.api.definition, exchange.known_stage.definition, exchange.trace
    status = exchange.known_response.status
    start_s = exchange.started_at.timestamp()
    document: dict[str, Any] = {
        "trace_id": trace.root,
        "id": trace.segment_id,
        "name": f"{api.name}/{stage.name}",
        "start_time": start_s,
        "end_time": start_s + exchange.latency_ms / 1000,
        "origin": "AWS::ApiGateway::Stage",
        "resource_arn": arn_of(
            "apigateway", api.region, "", f"/restapis/{api.api_id}/stages/{stage.name}"
        ),
        "http": _http(exchange, status),
        "aws": {
            "api_gateway": {
                "account_id": api.account,
                "rest_api_id": api.api_id,
                "stage": stage.name,
                "request_id": exchange.request_id,
            }
        },
        "annotations": {"aws:api_id": api.api_id, "aws:api_stage": stage.name},
    } | _outcome(status)
    if trace.parent_id:
        document["parent_id"] = trace.parent_id
    if exchange.integration_latency_ms is not None:
        document["subsegments"] = [_call(exchange, start_s)]
    return document


def _http(exchange: Exchange, status: int) -> dict[str, Any]:
    host = exchange.headers.get("host") or ""
    return {
        "request": {
            "method": exchange.method,
            "url": f"http://{host}{exchange.full_path}",
            "client_ip": exchange.request.client_ip,
            "user_agent": exchange.headers.get("user-agent") or "",
        },
        "response": {"status": status},
    }


def _outcome(status: int) -> dict[str, bool]:
    if status == 429:
        return {"error": True, "throttle": True}
    if status >= 500:
        return {"fault": True}
    return {"error": True} if status >= 400 else {}


def _call(exchange: Exchange, start_s: float) -> dict[str, Any]:
    """The subsegment of the call; a function sees its id as the parent."""
    began_s = start_s + exchange.integration_started_s - exchange.started_s
    return {
        "id": exchange.trace.call_id,
        **_called(exchange),
        "start_time": began_s,
        "end_time": began_s + (exchange.integration_latency_ms or 0) / 1000,
        "http": {"response": {"status": exchange.integration_status or 200}},
    }


def _called(exchange: Exchange) -> dict[str, Any]:
    """Who was called: a function, an AWS service or a web server."""
    route = exchange.known_route
    service = route.method.integration.service
    if service is None and not route.function_arn:
        return {"name": urlsplit(exchange.integration_url).netloc, "namespace": "remote"}
    operation = "Invoke" if service is None else service.action
    aws = {"operation": operation, "request_id": exchange.function_request_id}
    return {"name": "Lambda" if service is None else service.name, "namespace": "aws", "aws": aws}
