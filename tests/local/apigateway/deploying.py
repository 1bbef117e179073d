"""Deployments with a REST API, as provisioning leaves them: resolved properties and ids."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import PurePosixPath
from typing import Any

from cloudworthy.local.model.resources import Deployment, ProvisionedResource, Stack
from local.apigateway.serving import ACCOUNT, FUNCTION_ARN, REGION

API_ID = "abcde12345"
ROOT_ID = "root000001"
INVOKE_URI = (
    f"arn:aws:apigateway:{REGION}:lambda:path/2015-03-31/functions/{FUNCTION_ARN}/invocations"
)
PROXY_INTEGRATION = {"Type": "AWS_PROXY", "IntegrationHttpMethod": "POST", "Uri": INVOKE_URI}

Methods = Mapping[str, Mapping[str, Mapping[str, Any]]]
"""Properties by path and verb."""


def resource(kind: str, logical_id: str, **properties: Any) -> ProvisionedResource:
    return ProvisionedResource(logical_id, f"AWS::ApiGateway::{kind}", logical_id, properties)


def model(name: str, schema: Mapping[str, Any]) -> ProvisionedResource:
    return resource("Model", name, RestApiId=API_ID, Name=name, Schema=schema)


def validator(logical_id: str, *, body: bool) -> ProvisionedResource:
    return resource("RequestValidator", logical_id, RestApiId=API_ID, ValidateRequestBody=body)


def stage(name: str = "stage", **properties: Any) -> ProvisionedResource:
    return resource("Stage", f"{name}Stage", RestApiId=API_ID, StageName=name, **properties)


def permission(source_arn: str = "*", function: str = FUNCTION_ARN) -> ProvisionedResource:
    properties = {
        "Action": "lambda:InvokeFunction",
        "FunctionName": function,
        "Principal": "apigateway.amazonaws.com",
        "SourceArn": source_arn,
    }
    return ProvisionedResource("Permission", "AWS::Lambda::Permission", "permission", properties)


def deployment(methods: Methods, *others: ProvisionedResource, **api_properties: Any) -> Deployment:
    """An API with one method for each path and verb, a stage ``stage`` and other resources."""
    api = ProvisionedResource(
        "Api",
        "AWS::ApiGateway::RestApi",
        API_ID,
        {"Name": "api", **api_properties},
        {"RootResourceId": ROOT_ID},
    )
    found = [api, *others]
    if not any(other.type == "AWS::ApiGateway::Stage" for other in others):
        found.append(stage())
    if not any(other.type == "AWS::Lambda::Permission" for other in others):
        found.append(permission())
    for path, verbs in methods.items():
        found += _path(path)
        found += [_method(path, verb, properties) for verb, properties in verbs.items()]
    stack = Stack("probe", ACCOUNT, REGION, {}, {})
    return Deployment(stack, {entry.logical_id: entry for entry in found}, {})


def _resource_id(path: str) -> str:
    return ROOT_ID if path == "/" else f"id{path}"


def _path(path: str) -> list[ProvisionedResource]:
    """The resource of a path and all its ancestors."""
    if path == "/":
        return []
    parent, part = str(PurePosixPath(path).parent), path.rpartition("/")[2]
    properties = {"RestApiId": API_ID, "ParentId": _resource_id(parent), "PathPart": part}
    own_id = _resource_id(path)
    own = ProvisionedResource(
        own_id, "AWS::ApiGateway::Resource", own_id, properties, {"ResourceId": own_id}
    )
    return [*_path(parent), own]


def _method(path: str, verb: str, properties: Mapping[str, Any]) -> ProvisionedResource:
    values = {
        "RestApiId": API_ID,
        "ResourceId": _resource_id(path),
        "HttpMethod": verb,
        "AuthorizationType": "NONE",
        "Integration": PROXY_INTEGRATION,
        **properties,
    }
    return resource("Method", f"{verb}{path}", **values)
