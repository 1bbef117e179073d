"""The OpenAPI document of a REST API: version 2 (Swagger) or 3."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from cloudworthy.local.apigateway.definition.properties import Properties
from cloudworthy.local.model.resources import Deployment, ProvisionedResource

EXTENSION = "x-amazon-apigateway-"
_MODELS = "https://apigateway.amazonaws.com/restapis/openapi/models/"


class Document:
    """A document with the resource it belongs to."""

    def __init__(self, api: ProvisionedResource, content: Mapping[str, Any]) -> None:
        self.api = api
        self.content = content
        self.where = self.at("", content)
        components = content.get("components") or {}
        self.schemas: Mapping[str, Any] = content.get("definitions") or components.get(
            "schemas", {}
        )
        self.security_schemes: Mapping[str, Any] = content.get(
            "securityDefinitions"
        ) or components.get("securitySchemes", {})

    def at(self, place: str, values: Mapping[str, Any]) -> Properties:
        """An object of the document, for errors that name its place."""
        return Properties(self.api, values, f"{self.api.type}.Body{place}")

    def extension(self, name: str) -> Any:  # noqa: ANN401 - any JSON value
        """The value of ``x-amazon-apigateway-<name>`` of the whole document."""
        return self.content.get(f"{EXTENSION}{name}")

    def resolved(self, value: Any) -> Any:  # noqa: ANN401 - any JSON value
        """The value, or what it refers to in the same document.

        Raises
        ------
        TemplateError
            The reference leads nowhere.
        """
        while isinstance(value, Mapping) and "$ref" in value:
            value = self._target(str(value["$ref"]))
        return value

    def _target(self, reference: str) -> Any:  # noqa: ANN401 - any JSON value
        found: Any = self.content if reference.startswith("#/") else None
        for part in reference.removeprefix("#/").split("/"):
            key = part.replace("~1", "/").replace("~0", "~")
            found = found.get(key) if isinstance(found, Mapping) else None
        if found is None:
            raise self.where.invalid(
                "$ref",
                found=repr(reference),
                expected="a reference to a part of the same document",
                action="Correct the reference",
            )
        return found

    def refuse_unknown(self, place: str, values: Mapping[str, Any], known: str) -> None:
        """Refuse extensions of API Gateway but the known ones, so that none is dropped silently.

        Raises
        ------
        UnsupportedError
        """
        accepted = {f"{EXTENSION}{name}" for name in known.split()}
        for name in values:
            if name.startswith(EXTENSION) and name not in accepted:
                raise self.at(place, values).unsupported(
                    name, found="it", supported="an extension that the local API Gateway serves"
                )


def read_document(api: ProvisionedResource, deployment: Deployment) -> Document | None:
    """The document of an API; None when the template has its resources and methods.

    Raises
    ------
    UnsupportedError, TemplateError
        It is somewhere else than in the template or among the assets of the stack, or is no
        OpenAPI document in JSON.
    """
    properties = Properties.of(api)
    if properties.document("Body") is None:
        content = _of_asset(properties, deployment)
    else:
        body = properties.value("Body")
        content = json.loads(body) if isinstance(body, str) else body
    if content is None:
        return None
    if str(content.get("swagger")) != "2.0" and not str(content.get("openapi")).startswith("3.0"):
        raise properties.invalid(
            "Body",
            found=repr(content.get("openapi") or content.get("swagger")),
            expected="a document of OpenAPI 2.0 or 3.0",
            action="Give the version in swagger or openapi",
        )
    return Document(api, content)


def _of_asset(properties: Properties, deployment: Deployment) -> Mapping[str, Any] | None:
    location = properties.child("BodyS3Location")
    key = location.text("Key")
    if not key:
        return None
    asset = deployment.stack.assets.get(key)
    if asset is None:
        raise properties.unsupported(
            "BodyS3Location", found=repr(key), supported="an asset of the stack, or Body"
        )
    try:
        content = json.loads(asset.path.read_text("utf-8"))
    except ValueError as error:
        raise properties.unsupported(
            "BodyS3Location", found=f"{asset.path.name}, which is no JSON", supported="JSON"
        ) from error
    return content if isinstance(content, Mapping) else {}


def with_model_references(schema: Any) -> Any:  # noqa: ANN401 - a JSON schema
    """The schema with references to schemas of the document made references to models."""
    if isinstance(schema, list):
        return [with_model_references(part) for part in schema]
    if not isinstance(schema, Mapping):
        return schema
    reference = schema.get("$ref")
    if isinstance(reference, str):
        return {"$ref": _MODELS + reference.rpartition("/")[2]}
    return {key: with_model_references(value) for key, value in schema.items()}


def capitalized(values: Mapping[str, Any], **names: str) -> dict[str, Any]:
    """Keys as CloudFormation writes them: ``names``, or with a capital letter."""
    return dict(_capitalized(values, names))


def _capitalized(values: Mapping[str, Any], names: Mapping[str, str]) -> Iterator[tuple[str, Any]]:
    for key, value in values.items():
        yield names.get(key, f"{key[:1].upper()}{key[1:]}"), value
