"""Security schemes of a document: API keys, signatures and authorizers.

Source: Amazon API Gateway developer guide, "OpenAPI extensions for API Gateway" (documented).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cloudworthy.local.apigateway.definition.openapi.document import (
    EXTENSION,
    Document,
    capitalized,
)

_AUTHORIZER = f"{EXTENSION}authorizer"
_TYPES = {
    "TOKEN": "CUSTOM",
    "REQUEST": "CUSTOM",
    "COGNITO_USER_POOLS": "COGNITO_USER_POOLS",
}


def authorizers_of(document: Document) -> dict[str, dict[str, Any]]:
    """Properties of the authorizers, by the names of their schemes."""
    return {
        name: _authorizer(scheme)
        for name, scheme in document.security_schemes.items()
        if _AUTHORIZER in scheme
    }


def _authorizer(scheme: Mapping[str, Any]) -> dict[str, Any]:
    properties = capitalized(scheme[_AUTHORIZER])
    properties["Type"] = str(properties.get("Type", "")).upper()
    if properties["Type"] != "REQUEST":
        header = scheme.get("name") or "Authorization"
        properties.setdefault("IdentitySource", f"method.request.header.{header}")
    return properties


def method_security(
    document: Document, operation: Mapping[str, Any], place: str, ids: Mapping[str, str]
) -> dict[str, Any]:
    """Properties of a method that say who may call it.

    Requirements that a document offers as alternatives are all asked for, as by API Gateway.

    Raises
    ------
    UnsupportedError
        A scheme that API Gateway does not check: the method is never served openly.
    """
    found: dict[str, Any] = {"AuthorizationType": _own_type(operation)}
    requirements = operation.get("security", document.content.get("security")) or []
    for name, scopes in ((n, s) for requirement in requirements for n, s in requirement.items()):
        needed = _needed(document, place, name, list(scopes or []), ids)
        other = needed.get("AuthorizationType")
        if other and found["AuthorizationType"] != "NONE":
            raise document.at(place, operation).unsupported(
                "security", found="several authorizers", supported="one authorizer"
            )
        found |= needed
    return found


def _own_type(operation: Mapping[str, Any]) -> str:
    auth = operation.get(f"{EXTENSION}auth") or {}
    return str(auth.get("type", "NONE")).upper()


def _needed(
    document: Document, place: str, name: str, scopes: list[str], ids: Mapping[str, str]
) -> dict[str, Any]:
    scheme = document.security_schemes.get(name) or {}
    if _AUTHORIZER in scheme:
        kind = str(scheme[_AUTHORIZER].get("type", "")).upper()
        needed = {"AuthorizationType": _TYPES.get(kind, kind), "AuthorizerId": ids[name]}
        return needed | ({"AuthorizationScopes": scopes} if scopes else {})
    if str(scheme.get(f"{EXTENSION}authtype", "")).lower() == "awssigv4":
        return {"AuthorizationType": "AWS_IAM"}
    header = scheme.get("in") == "header" and str(scheme.get("name", "")).lower()
    if scheme.get("type") == "apiKey" and header == "x-api-key":
        return {"ApiKeyRequired": True}
    raise document.at(place, {}).unsupported(
        "security",
        found=f"the scheme {name!r}",
        supported="an API key in x-api-key, awsSigv4, or a scheme with an authorizer",
    )
