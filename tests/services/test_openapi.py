"""The OpenAPI document is current, valid, and true."""

from __future__ import annotations

import contextlib
import io
import json
import os
import subprocess
import sys
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
from items.openapi.descriptions import DESCRIPTIONS
from items.openapi.document import document
from services.api import Api
from services.listener import listening
from services.systems import SYSTEMS, WEB
from services.test_health import Bucket

if TYPE_CHECKING:
    from collections.abc import Iterator

DIRECTORY = Path(__file__).resolve().parents[2] / "docs" / "openapi"
DOCUMENTS = {name: document(about) for name, about in DESCRIPTIONS.items()}
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    negative_data_rejection,
    unsupported_method,
]

SCHEMAS = {name: schemathesis.openapi.from_dict(each) for name, each in DOCUMENTS.items()}
thorough = settings(
    max_examples=20,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)
each_document = pytest.mark.parametrize("name", DOCUMENTS)


@pytest.fixture(scope="session")
def base_urls(dynamodb: str) -> Iterator[dict[str, str]]:
    """Each system behind HTTP, with the health route of web-app."""
    with Bucket() as bucket, contextlib.ExitStack() as listeners:
        variables = WEB.environment(
            dynamodb,
            BUCKET_NAME="site",
            AWS_ENDPOINT_URL_S3=f"http://127.0.0.1:{bucket.server_port}",
        )
        health = health_application(variables, io.StringIO())
        yield {
            system.name: listeners.enter_context(
                listening(Api(system.handler(dynamodb), system), health)
            )
            for system in SYSTEMS
        }


@each_document
def test_the_file_is_what_the_code_says(name: str) -> None:
    """If not: `PYTHONPATH=services python -m items.openapi docs/openapi`."""
    assert json.loads((DIRECTORY / f"{name}.json").read_text()) == DOCUMENTS[name]


def test_the_command_writes_the_files(tmp_path: Path) -> None:
    services = DIRECTORY.parents[1] / "services"
    command = [sys.executable, "-m", "items.openapi", str(tmp_path)]
    subprocess.run(command, check=True, env={**os.environ, "PYTHONPATH": str(services)})
    assert {path.name: path.read_text() for path in tmp_path.iterdir()} == {
        f"{name}.json": (DIRECTORY / f"{name}.json").read_text() for name in DOCUMENTS
    }


@each_document
def test_the_document_is_valid(name: str) -> None:
    assert list(OpenAPIV31SpecValidator(DOCUMENTS[name]).iter_errors()) == []


@each_document
def test_the_examples_fit_their_schemas(name: str) -> None:
    found = list(examples(DOCUMENTS[name]))
    assert len(found) > 10
    for where, example in found:
        components = {"components": DOCUMENTS[name]["components"]}
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


def check(case: schemathesis.Case[Any], base_url: str) -> None:
    """Whatever is sent, the answer is one that the document has."""
    response = case.call(base_url=base_url)
    assert response.status_code < 500
    case.validate_response(response, checks=CHECKS)


@SCHEMAS["web-app"].parametrize()
@thorough
def test_web_app(case: schemathesis.Case[Any], base_urls: dict[str, str]) -> None:
    check(case, base_urls["web-app"])


@SCHEMAS["vpc-api"].parametrize()
@thorough
def test_vpc_api(case: schemathesis.Case[Any], base_urls: dict[str, str]) -> None:
    check(case, base_urls["vpc-api"])


@SCHEMAS["crud-api"].parametrize()
@thorough
def test_crud_api(case: schemathesis.Case[Any], base_urls: dict[str, str]) -> None:
    check(case, base_urls["crud-api"])


@SCHEMAS["automation"].parametrize()
@thorough
def test_automation(case: schemathesis.Case[Any], base_urls: dict[str, str]) -> None:
    check(case, base_urls["automation"])
