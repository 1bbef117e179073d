"""From an OpenAPI document to the resources that a template would have in its place."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from cloudworthy.local.apigateway.definition.openapi.document import (
    EXTENSION,
    Document,
    capitalized,
    read_document,
    with_model_references,
)
from cloudworthy.local.apigateway.definition.openapi.operations import (
    integration_of,
    operations_of,
    request_of,
)
from cloudworthy.local.apigateway.definition.openapi.security import (
    authorizers_of,
    method_security,
)
from cloudworthy.local.apigateway.definition.properties import Properties
from cloudworthy.local.model.resources import Deployment, ProvisionedResource

_KNOWN = (
    "api-key-source binary-media-types documentation endpoint-configuration gateway-responses "
    "importexport-version integrations minimum-compression-size policy request-validator "
    "request-validators"
)
_SOURCES = frozenset({"Body", "BodyS3Location", "Parameters"})
_VALIDATOR = f"{EXTENSION}request-validator"


def with_openapi(deployment: Deployment) -> Deployment:
    """The deployment, with resources and methods in the place of OpenAPI documents.

    Raises
    ------
    UnsupportedError, TemplateError
        A document says what the local API Gateway cannot do, or contradicts itself.
    """
    resources = dict(deployment.resources)
    for api in deployment.of_type("AWS::ApiGateway::RestApi"):
        document = read_document(api, deployment)
        if document is not None:
            resources |= _Expansion(document).expand()
    return replace(deployment, resources=resources)


class _Expansion:
    """The resources of one document."""

    def __init__(self, document: Document) -> None:
        self._document = document
        self._api = document.api
        self._made: dict[str, ProvisionedResource] = {}

    def expand(self) -> dict[str, ProvisionedResource]:
        """All of them by logical id, the API itself included."""
        document = self._document
        document.refuse_unknown("", document.content, _KNOWN)
        self._made[self._api.logical_id] = replace(self._api, properties=_api(document))
        for name, schema in document.schemas.items():
            self._add("Model", name, Name=name, Schema=with_model_references(schema))
        for name, validator in (document.extension("request-validators") or {}).items():
            self._add("RequestValidator", name, **capitalized(validator))
        for kind, response in (document.extension("gateway-responses") or {}).items():
            self._add("GatewayResponse", kind, ResponseType=kind, **capitalized(response))
        authorizers = {
            name: self._add("Authorizer", name, **properties)
            for name, properties in authorizers_of(document).items()
        }
        for path in document.content.get("paths") or {}:
            if path.startswith("/"):
                self._add_path(path, authorizers)
        return self._made

    def _add(self, kind: str, name: str, **properties: Any) -> str:  # noqa: ANN401 - JSON values
        """Make a resource; returns its physical id."""
        physical_id = self._physical_id(kind, name)
        logical_id = f"{self._api.logical_id} {name}"
        self._made[f"{kind} {logical_id}"] = ProvisionedResource(
            logical_id,
            f"AWS::ApiGateway::{kind}",
            physical_id,
            {"RestApiId": self._api.physical_id, **properties},
        )
        return physical_id

    def _physical_id(self, kind: str, name: str) -> str:
        """The same one whenever the document is read."""
        text = f"{self._api.physical_id} {kind} {name}"
        return hashlib.sha256(text.encode()).hexdigest()[:10]

    def _add_path(self, path: str, authorizers: Mapping[str, str]) -> None:
        resource_id = self._resource(path.rstrip("/"))
        for verb, operation in operations_of(self._document, path):
            place = f".paths.{path}.{verb.lower()}"
            validator = operation.get(_VALIDATOR) or self._document.extension("request-validator")
            named = self._physical_id("RequestValidator", validator) if validator else ""
            self._add(
                "Method",
                f"{verb} {path}",
                ResourceId=resource_id,
                HttpMethod=verb,
                RequestValidatorId=named,
                Integration=integration_of(self._document, operation, place),
                **request_of(self._document, operation, self._model_name),
                **method_security(self._document, operation, place, authorizers),
            )

    def _resource(self, path: str) -> str:
        """The id of the resource at a path; made with its ancestors when it is new."""
        if not path:
            return str(self._api.attributes.get("RootResourceId", ""))
        parent, _, part = path.rpartition("/")
        return self._add("Resource", path, ParentId=self._resource(parent), PathPart=part)

    def _model_name(self, schema: Any) -> str:  # noqa: ANN401 - a JSON schema
        reference = schema.get("$ref") if isinstance(schema, Mapping) else None
        if isinstance(reference, str):
            return reference.rpartition("/")[2]
        name = f"Inline{len(self._made)}"
        self._add("Model", name, Name=name, Schema=with_model_references(schema))
        return name


def _api(document: Document) -> dict[str, Any]:
    """Properties of the API: those of the template before those of the document."""
    given = Properties.of(document.api)
    own = {
        name: value
        for name, value in document.api.properties.items()
        if name not in _SOURCES and value is not None
    }
    return {
        "Name": (document.content.get("info") or {}).get("title"),
        "ApiKeySourceType": document.extension("api-key-source"),
        "BinaryMediaTypes": document.extension("binary-media-types"),
        "MinimumCompressionSize": document.extension("minimum-compression-size"),
        "Policy": document.extension("policy"),
        **_endpoint(document),
        **_imported(given.child("Parameters")),
        **own,
    }


def _endpoint(document: Document) -> dict[str, Any]:
    configuration = document.extension("endpoint-configuration") or {}
    place = document.at(f".{EXTENSION}endpoint-configuration", configuration)
    place.allow_only("disableExecuteApiEndpoint")
    return {"DisableExecuteApiEndpoint": place.flag("disableExecuteApiEndpoint")}


def _imported(parameters: Properties) -> dict[str, Any]:
    """``Parameters`` of the import."""
    parameters.allow_only("basepath endpointConfigurationTypes")
    parameters.refuse("basepath", unless=("ignore",), supported="ignore")
    types = parameters.text("endpointConfigurationTypes")
    return {"EndpointConfiguration": {"Types": types.split(",")}} if types else {}
