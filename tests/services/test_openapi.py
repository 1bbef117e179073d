"""The OpenAPI document is current, valid, and true."""

from __future__ import annotations

import io
import json
import uuid
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import schemathesis
from hypothesis import HealthCheck, settings
from jsonschema import Draft202012Validator
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

from health.wiring import application as health_application
from items.openapi import document
from services.api import Api, environment
from services.listener import listening
from services.test_health import Bucket

if TYPE_CHECKING:
    from collections.abc import Iterator

DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "openapi" / "items.json"
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


@pytest.fixture(scope="session")
def base_url(dynamodb: str, api: Api) -> Iterator[str]:
    with Bucket() as bucket:
        variables = environment(
            dynamodb,
            BUCKET_NAME="site",
            AWS_ENDPOINT_URL_S3=f"http://127.0.0.1:{bucket.server_port}",
            POWERTOOLS_SERVICE_NAME=str(uuid.uuid4()),
        )
        health = health_application(variables, io.StringIO())
        with listening(api.handler, health) as url:
            yield url


def test_the_file_is_what_the_code_says() -> None:
    """If not: `PYTHONPATH=services python -m items.openapi > docs/openapi/items.json`."""
    assert json.loads(DOCUMENT.read_text()) == document()


def test_the_document_is_valid() -> None:
    assert list(OpenAPIV31SpecValidator(document()).iter_errors()) == []


def test_the_examples_fit_their_schemas() -> None:
    found = list(examples(document()))
    assert len(found) > 10
    for where, example in found:
        components = {"components": document()["components"]}
        errors = list(Draft202012Validator({**where, **components}).iter_errors(example))
        assert errors == []


def examples(node: Any) -> Iterator[tuple[dict[str, Any], Any]]:
    """Each example in the document with the schema that it stands for."""
    if isinstance(node, dict):
        if "example" in node:
            yield node.get("schema", node), node["example"]
        for member in node.values():
            yield from examples(member)
    elif isinstance(node, list):
        for member in node:
            yield from examples(member)


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
