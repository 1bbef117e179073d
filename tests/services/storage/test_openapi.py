"""The OpenAPI document of the objects API is current, valid, and true."""

from __future__ import annotations

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
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


class _Listener(ThreadingHTTPServer):
    """The handler behind real HTTP, one request at a time as in Lambda."""

    daemon_threads = True

    def __init__(self, api: ObjectsApi) -> None:
        super().__init__(("127.0.0.1", 0), _Request)
        self.api = api
        self.lock = threading.Lock()


class _Request(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Listener

    def _handle(self) -> None:
        answer = self._answer()
        body = answer["body"].encode()
        self.send_response(answer["statusCode"])
        for name, value in answer["headers"].items():
            self.send_header(name, value)
        if answer["statusCode"] not in (204, 304):
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _answer(self) -> dict[str, Any]:
        url = urlsplit(self.path)
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        if url.path != "/api/health" and "authorization" not in self.headers:
            headers = {"Content-Type": "application/json"}
            return {"statusCode": 401, "headers": headers, "body": '{"message":"Unauthorized"}'}
        headers = {name.lower(): value for name, value in self.headers.items()}
        with self.server.lock:
            event = event_of(self.command, unquote(url.path), url.query, headers, body)
            return self.server.api.handler(event, CONTEXT)

    def __getattr__(self, name: str) -> Any:
        """Take every method alike; what it means is the handler's business."""
        if name.startswith("do_"):
            return self._handle
        raise AttributeError(name)

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


@pytest.fixture(scope="module")
def base_url(api: ObjectsApi) -> Iterator[str]:
    listener = _Listener(api)
    thread = threading.Thread(target=listener.serve_forever, args=(0.02,))
    thread.start()
    yield f"http://127.0.0.1:{listener.server_port}"
    listener.shutdown()
    thread.join()
    listener.server_close()


def test_the_file_is_what_the_code_says() -> None:
    """If not: `PYTHONPATH=services python -m objects.openapi > docs/openapi/storage-api.json`."""
    assert json.loads(DOCUMENT.read_text()) == document()


def test_the_document_is_valid() -> None:
    assert list(OpenAPIV31SpecValidator(document()).iter_errors()) == []


@schema.parametrize()
@settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)
def test_whatever_is_sent_the_answer_is_one_that_the_document_has(
    case: schemathesis.Case[Any], base_url: str
) -> None:
    response = case.call(base_url=base_url)
    assert response.status_code < 500
    case.validate_response(response, checks=CHECKS)
