"""``AWS::ApiGateway::Method``, ``RequestValidator`` and ``Model``."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from cloudworthy.local.apigateway.definition.authorization import MethodAuthorization
from cloudworthy.local.apigateway.definition.authorizers import (
    build_authorizers,
    method_authorization,
)
from cloudworthy.local.apigateway.definition.integrations import build_integration
from cloudworthy.local.apigateway.definition.paths import build_paths
from cloudworthy.local.apigateway.definition.properties import Properties
from cloudworthy.local.apigateway.definition.types import (
    CacheKey,
    Integration,
    Method,
    RequestValidation,
    Resource,
)
from cloudworthy.local.model.resources import Deployment, ProvisionedResource, TemplateValue

_METHOD_KNOWN = (
    "ApiKeyRequired AuthorizationScopes AuthorizationType AuthorizerId HttpMethod Integration "
    "MethodResponses OperationName RequestModels RequestParameters RequestValidatorId "
    "ResourceId RestApiId"
)
_MODELS_PREFIX = "https://apigateway.amazonaws.com/restapis/"


def build_resources(
    api: ProvisionedResource, root_resource_id: str, deployment: Deployment
) -> tuple[Resource, ...]:
    """The path tree of an API with the methods of each node.

    Raises
    ------
    UnsupportedError
        An authorizer or an integration that is not served here.
    TemplateError
        What API Gateway would not accept either.
    """
    paths = build_paths(api.physical_id, root_resource_id, deployment)
    methods: dict[str, list[Method]] = {resource_id: [] for resource_id in paths}
    models = _models(api.physical_id, deployment)
    validators = _validators(api.physical_id, deployment)
    authorizers = build_authorizers(api.physical_id, deployment)
    for resource in _of_api("AWS::ApiGateway::Method", api.physical_id, deployment):
        properties = Properties.of(resource)
        resource_id = properties.text("ResourceId")
        if resource_id not in methods:
            raise properties.invalid(
                "ResourceId",
                found=repr(resource_id),
                expected="a resource of the same API",
                action="Refer to an AWS::ApiGateway::Resource of this API",
            )
        authorization = method_authorization(properties, authorizers)
        method = _method(properties, authorization, models, validators, deployment)
        methods[resource_id].append(method)
    return tuple(
        Resource(resource_id, path, tuple(methods[resource_id]))
        for resource_id, path in paths.items()
    )


def _of_api(kind: str, api_id: str, deployment: Deployment) -> list[ProvisionedResource]:
    return [r for r in deployment.of_type(kind) if r.properties.get("RestApiId") == api_id]


def _method(
    properties: Properties,
    authorization: MethodAuthorization,
    models: Mapping[str, Mapping[str, Any]],
    validators: Mapping[str, ProvisionedResource],
    deployment: Deployment,
) -> Method:
    properties.allow_only(_METHOD_KNOWN)
    integration = build_integration(properties, deployment)
    return Method(
        logical_id=properties.logical_id,
        http_method=properties.text("HttpMethod"),
        integration=integration,
        authorization=authorization,
        api_key_required=properties.flag("ApiKeyRequired"),
        validation=_validation(properties, models, validators),
        cache_key=_cache_key(properties, integration),
    )


def _cache_key(method: Properties, integration: Integration) -> CacheKey:
    """A parameter of the integration request stands for what is mapped to it.

    Source: Amazon API Gateway API reference, ``Integration.cacheKeyParameters`` (documented):
    parameters have to be declared.
    """
    properties = method.child("Integration")
    known = {name: name for name in method.texts("RequestParameters")}
    for name, expression in integration.request_parameters.items():
        known[f"integration.request.{name}"] = expression
    names = [str(name) for name in properties.values("CacheKeyParameters")]
    for name in names:
        if name not in known:
            raise properties.invalid(
                "CacheKeyParameters",
                found=repr(name),
                expected="a parameter of the method's or the integration's RequestParameters",
                action="Declare the parameter",
            )
    namespace = properties.text("CacheNamespace")
    return CacheKey(namespace, tuple(known[name] for name in names))


def _validation(
    method: Properties,
    models: Mapping[str, Mapping[str, Any]],
    validators: Mapping[str, ProvisionedResource],
) -> RequestValidation:
    validator_id = method.text("RequestValidatorId")
    if not validator_id:
        return RequestValidation()
    if validator_id not in validators:
        raise method.invalid(
            "RequestValidatorId",
            found=repr(validator_id),
            expected="a request validator of the same API",
            action="Refer to an AWS::ApiGateway::RequestValidator of this API",
        )
    validator = Properties.of(validators[validator_id])
    names = method.texts("RequestModels")
    validates_body = validator.flag("ValidateRequestBody")
    return RequestValidation(
        required=_required(method) if validator.flag("ValidateRequestParameters") else (),
        validates_body=validates_body,
        body_models=_named(method, names, models) if validates_body else {},
    )


def _required(method: Properties) -> tuple[tuple[str, str], ...]:
    """``method.request.querystring.limit: true`` as ``("querystring", "limit")``."""
    required = []
    for name, value in sorted(method.texts("RequestParameters").items()):
        _, _, place_and_name = name.partition("method.request.")
        place, _, parameter = place_and_name.partition(".")
        if value.lower() == "true":
            required.append((place, parameter))
    return tuple(required)


def _named(
    method: Properties, names: Mapping[str, str], models: Mapping[str, Mapping[str, Any]]
) -> dict[str, Mapping[str, Any]]:
    found = {}
    for content_type, name in names.items():
        if name not in models:
            raise method.invalid(
                "RequestModels",
                found=repr(name),
                expected=f"one of {', '.join(sorted(models))}",
                action="Refer to an AWS::ApiGateway::Model of this API",
            )
        found[content_type] = models[name]
    return found


def _validators(api_id: str, deployment: Deployment) -> dict[str, ProvisionedResource]:
    found = {}
    for resource in _of_api("AWS::ApiGateway::RequestValidator", api_id, deployment):
        found[str(resource.attributes.get("RequestValidatorId", resource.physical_id))] = resource
    return found


def _models(api_id: str, deployment: Deployment) -> dict[str, Mapping[str, Any]]:
    """The JSON schemas of an API by model name, references to other models included.

    Source: Amazon API Gateway developer guide, "Data models" (documented).
    """
    schemas: dict[str, Any] = {"Empty": {}, "Error": {"type": "object"}}
    for resource in _of_api("AWS::ApiGateway::Model", api_id, deployment):
        schema = resource.properties.get("Schema") or {}
        name = str(resource.properties.get("Name") or resource.physical_id)
        schemas[name] = json.loads(schema) if isinstance(schema, str) else dict(schema)
    definitions = {name: _local_references(schema) for name, schema in schemas.items()}
    return {name: {"$ref": f"#/models/{name}", "models": definitions} for name in definitions}


def _local_references(schema: TemplateValue) -> TemplateValue:
    """The schema with ``https://apigateway…/models/Name`` references made ``#/models/Name``."""
    if isinstance(schema, list):
        return [_local_references(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    reference = schema.get("$ref")
    if isinstance(reference, str) and reference.startswith(_MODELS_PREFIX):
        return {"$ref": f"#/models/{reference.rpartition('/')[2]}"}
    return {key: _local_references(value) for key, value in schema.items()}
