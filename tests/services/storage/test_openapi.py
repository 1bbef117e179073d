"""The OpenAPI document of the objects API is current, valid, and true."""

from __future__ import annotations

import json
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

import pytest
import schemathesis
from hypothesis import HealthCheck, settings
from openapi_spec_validator import OpenAPIV31SpecValidator
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
    unsupported_method,
)

from local_server import AnyRequest, LocalServer
from objects.openapi import document
from services.api import CONTEXT
from services.storage.http_api import ObjectsApi, event_of

if TYPE_CHECKING:
    from collections.abc import Iterator

DOCUMENT = Path(__file__).resolve().parents[3] / "docs" / "openapi" / "storage-api.json"
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    negative_data_rejection,
    unsupported_method,
]

schema = schemathesis.openapi.from_dict(document())


class _Listener(LocalServer):
    """The handler behind real HTTP, one request at a time as in Lambda."""

    def __init__(self, api: ObjectsApi) -> None:
        super().__init__(_Request)
        self.api = api
        self.lock = threading.Lock()


class _Request(AnyRequest):
    server: _Listener

    def handle_any(self) -> None:
        answer = self._answer()
        self.answer(answer["statusCode"], answer["headers"].items(), answer["body"].encode())

    def _answer(self) -> dict[str, Any]:
        url = urlsplit(self.path)
        body = self.body()
        if url.path != "/api/health" and "authorization" not in self.headers:
            headers = {"Content-Type": "application/json"}
            return {"statusCode": 401, "headers": headers, "body": '{"message":"Unauthorized"}'}
        headers = {name.lower(): value for name, value in self.headers.items()}
        with self.server.lock:
            event = event_of(self.command, unquote(url.path), url.query, headers, body)
            return self.server.api.handler(event, CONTEXT)


@pytest.fixture(scope="module")
def base_url(api: ObjectsApi) -> Iterator[str]:
    with _Listener(api) as listener:
        yield listener.url


def test_the_file_is_what_the_code_says() -> None:
    """If not: `PYTHONPATH=services python -m objects.openapi > docs/openapi/storage-api.json`."""
    assert json.loads(DOCUMENT.read_text()) == document()


def test_the_document_is_valid() -> None:
    assert list(OpenAPIV31SpecValidator(document()).iter_errors()) == []


@schema.parametrize()
@settings(
    max_examples=20,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)
def test_whatever_is_sent_the_answer_is_one_that_the_document_has(
    case: schemathesis.Case[Any], base_url: str
) -> None:
    response = case.call(base_url=base_url)
    assert response.status_code < 500
    case.validate_response(response, checks=CHECKS)
