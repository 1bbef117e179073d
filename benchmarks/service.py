"""What our handlers need around them, wherever they run."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from benchmarks.dynamodb import CREDENTIALS, IDEMPOTENCY, ITEMS, REGION, STATUS_INDEX

HANDLER = "items.handlers.api.handler"


def variables(system: str) -> dict[str, str]:
    """The variables that the template gives to the function ``api``."""
    return {
        "TABLE_NAME": ITEMS,
        "STATUS_INDEX_NAME": STATUS_INDEX,
        "IDEMPOTENCY_TABLE_NAME": IDEMPOTENCY,
        "CORS_ORIGINS": "*",
        "SYSTEM": system,
        "ENVIRONMENT": "dev",
        "POWERTOOLS_SERVICE_NAME": "items",
        "POWERTOOLS_METRICS_NAMESPACE": "Cloudworthy",
        "LOG_LEVEL": "INFO",
    }


def lambda_variables(endpoint_url: str) -> dict[str, str]:
    """The variables that Lambda itself sets, with the SDK's way to the local database."""
    return {
        "AWS_ACCESS_KEY_ID": CREDENTIALS[0],
        "AWS_SECRET_ACCESS_KEY": CREDENTIALS[1],
        "AWS_REGION": REGION,
        "AWS_DEFAULT_REGION": REGION,
        "AWS_LAMBDA_FUNCTION_NAME": "api",
        "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "256",
        "AWS_ENDPOINT_URL": endpoint_url,
    }


def new_item() -> dict[str, Any]:
    """The body of a create."""
    return {
        "name": "Benchmark item",
        "description": "Forty characters of text, more or less.",
        "status": "pending",
        "metadata": {"colour": "blue", "size": 3, "weight": 1.5},
    }


def get_item_event(item_id: str) -> dict[str, Any]:
    """What a REST API sends to the function for ``GET /items/{id}``."""
    headers = {"Accept": "application/json", "Host": "127.0.0.1"}
    return {
        "resource": "/items/{id}",
        "path": f"/items/{item_id}",
        "httpMethod": "GET",
        "headers": headers,
        "multiValueHeaders": {name: [value] for name, value in headers.items()},
        "queryStringParameters": None,
        "multiValueQueryStringParameters": None,
        "pathParameters": {"id": item_id},
        "stageVariables": None,
        "requestContext": _request_context(f"/prod/items/{item_id}"),
        "body": None,
        "isBase64Encoded": False,
    }


def _request_context(path: str) -> Mapping[str, Any]:
    return {
        "accountId": "000000000000",
        "apiId": "bench",
        "stage": "prod",
        "protocol": "HTTP/1.1",
        "httpMethod": "GET",
        "resourcePath": "/items/{id}",
        "path": path,
        "requestId": "7a0fbd7c-5b0f-4c8e-9b1b-0a5c2f3d4e5f",
        "requestTimeEpoch": 1767225600000,
        "identity": {"sourceIp": "127.0.0.1", "userAgent": "benchmarks"},
    }


def body_of(document: Mapping[str, Any]) -> bytes:
    return json.dumps(document, separators=(",", ":")).encode()
