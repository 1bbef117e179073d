"""Operations of a document as methods.

Source: Amazon API Gateway developer guide, "OpenAPI extensions for API Gateway" (documented).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from cloudworthy.local.apigateway.definition.openapi.document import (
    EXTENSION,
    Document,
    capitalized,
)

_VERBS = ("get", "put", "post", "delete", "options", "head", "patch")
_ANY = f"{EXTENSION}any-method"
_INTEGRATION = f"{EXTENSION}integration"
_KNOWN = "auth integration request-validator"
_PLACES = {"header": "header", "path": "path", "query": "querystring"}

ModelName = Callable[[Any], str]
"""Gives a schema's name as a model."""


def operations_of(document: Document, path: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """The verbs of a path with their operations."""
    item = document.resolved(document.content["paths"][path])
    document.refuse_unknown(f".paths.{path}", item, "any-method")
    for key, operation in item.items():
        if key in _VERBS or key == _ANY:
            document.refuse_unknown(f".paths.{path}.{key}", operation, _KNOWN)
            shared = item.get("parameters") or []
            parameters = [*shared, *(operation.get("parameters") or [])]
            verb = "ANY" if key == _ANY else key.upper()
            yield verb, {**operation, "parameters": [document.resolved(p) for p in parameters]}


def integration_of(document: Document, operation: Mapping[str, Any], place: str) -> dict[str, Any]:
    """``Integration`` of the method.

    Raises
    ------
    TemplateError
        The operation has none, which API Gateway does not deploy.
    """
    found = document.resolved(operation.get(_INTEGRATION))
    if not found:
        raise document.at(place, operation).invalid(
            _INTEGRATION,
            found="none",
            expected="the integration of the operation",
            action="Say what the operation calls",
        )
    properties = capitalized(found, httpMethod="IntegrationHttpMethod")
    responses = properties.pop("Responses", None) or {}
    for name in ("Type", "PassthroughBehavior", "ContentHandling"):
        if name in properties:
            properties[name] = str(properties[name]).upper()
    properties["IntegrationResponses"] = [
        _response(pattern, response) for pattern, response in responses.items()
    ]
    return properties


def _response(pattern: str, response: Mapping[str, Any]) -> dict[str, Any]:
    properties = capitalized(response)
    if "ContentHandling" in properties:
        properties["ContentHandling"] = str(properties["ContentHandling"]).upper()
    return properties | ({} if pattern == "default" else {"SelectionPattern": pattern})


def request_of(
    document: Document, operation: Mapping[str, Any], model_name: ModelName
) -> dict[str, Any]:
    """``RequestParameters`` and ``RequestModels`` of the method."""
    parameters = {
        f"method.request.{_PLACES[parameter['in']]}.{parameter['name']}": bool(
            parameter.get("required")
        )
        for parameter in operation["parameters"]
        if parameter.get("in") in _PLACES
    }
    models = {media_type: model_name(schema) for media_type, schema in _bodies(document, operation)}
    return {"RequestParameters": parameters, "RequestModels": models}


def _bodies(document: Document, operation: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """The schemas of the body by media type, in the way of either version."""
    consumes = operation.get("consumes") or document.content.get("consumes")
    for parameter in operation["parameters"]:
        if parameter.get("in") == "body" and "schema" in parameter:
            for media_type in consumes or ["application/json"]:
                yield media_type, parameter["schema"]
    body = document.resolved(operation.get("requestBody")) or {}
    for media_type, content in (body.get("content") or {}).items():
        if "schema" in content:
            yield media_type, content["schema"]
