"""From the provisioned resources of a stack to its REST APIs."""

from __future__ import annotations

import re

from cloudworthy.local.apigateway.definition.domains import build_base_path_mappings
from cloudworthy.local.apigateway.definition.methods import build_resources
from cloudworthy.local.apigateway.definition.openapi import with_openapi
from cloudworthy.local.apigateway.definition.plans import build_usage_plans
from cloudworthy.local.apigateway.definition.properties import Properties
from cloudworthy.local.apigateway.definition.resource_policy import build_resource_policy
from cloudworthy.local.apigateway.definition.stages import build_stages
from cloudworthy.local.apigateway.definition.types import GatewayResponse, RestApi
from cloudworthy.local.model.arns import arn_of
from cloudworthy.local.model.resources import Deployment, ProvisionedResource

_KNOWN = (
    "ApiKeySourceType BinaryMediaTypes Body BodyS3Location CloneFrom Description "
    "DisableExecuteApiEndpoint EndpointAccessMode EndpointConfiguration FailOnWarnings "
    "MinimumCompressionSize Mode Name Parameters Policy SecurityPolicy Tags"
)
_HEADER = "gatewayresponse.header."
_HEADER_VALUE = re.compile(
    r"'.*'|(method\.request\.(header|path|querystring)"
    r"|context|stageVariables)\..+"
)
"""Source: Amazon API Gateway developer guide, "Gateway responses" (documented)."""


def build_rest_apis(deployment: Deployment) -> list[RestApi]:
    """Every REST API of a stack, checked and ready to be served.

    Raises
    ------
    UnsupportedError
        Something in the template would change behaviour and is not served locally:
        an unknown kind of integration or authorizer and so on. An API is never
        served more openly than the template says.
    TemplateError
        The template contradicts itself.
    """
    deployment = with_openapi(deployment)
    return [
        _rest_api(resource, deployment)
        for resource in deployment.of_type("AWS::ApiGateway::RestApi")
    ]


def _rest_api(resource: ProvisionedResource, deployment: Deployment) -> RestApi:
    properties = Properties.of(resource)
    _check(properties)
    api_id = resource.physical_id
    root_resource_id = str(resource.attributes.get("RootResourceId", ""))
    endpoint_types = properties.child("EndpointConfiguration").values("Types")
    account, region = deployment.stack.account, deployment.stack.region
    return RestApi(
        logical_id=resource.logical_id,
        api_id=api_id,
        name=properties.text("Name", resource.logical_id),
        account=account,
        region=region,
        resources=build_resources(resource, root_resource_id, deployment),
        stages=build_stages(api_id, deployment),
        usage_plans=build_usage_plans(api_id, deployment),
        gateway_responses=_gateway_responses(api_id, deployment),
        binary_media_types=tuple(str(value) for value in properties.values("BinaryMediaTypes")),
        policy=build_resource_policy(properties, arn_of("execute-api", region, account, api_id)),
        base_path_mappings=build_base_path_mappings(api_id, deployment),
        execute_api_endpoint=not properties.flag("DisableExecuteApiEndpoint"),
        api_key_source=properties.text("ApiKeySourceType", "HEADER"),
        endpoint_type=str(endpoint_types[0]) if endpoint_types else "EDGE",
    )


def _check(properties: Properties) -> None:
    properties.allow_only(_KNOWN)
    properties.refuse("CloneFrom", supported="resources and methods in the template")
    sources = ("HEADER", "AUTHORIZER")
    properties.refuse("ApiKeySourceType", unless=sources, supported=" or ".join(sources))
    properties.refuse("MinimumCompressionSize", supported="no compression")
    endpoint = properties.child("EndpointConfiguration")
    if "PRIVATE" in endpoint.values("Types"):
        raise endpoint.unsupported("Types", found="PRIVATE", supported="EDGE or REGIONAL")


def _gateway_responses(api_id: str, deployment: Deployment) -> dict[str, GatewayResponse]:
    found = {}
    for resource in deployment.of_type("AWS::ApiGateway::GatewayResponse"):
        properties = Properties.of(resource)
        if properties.text("RestApiId") == api_id:
            response = _gateway_response(properties)
            found[response.response_type] = response
    return found


def _gateway_response(properties: Properties) -> GatewayResponse:
    status = properties.number("StatusCode")
    headers = {}
    for name, value in properties.texts("ResponseParameters").items():
        if not name.startswith(_HEADER):
            raise properties.unsupported(
                "ResponseParameters", found=name, supported=f"{_HEADER}<name>"
            )
        if not _HEADER_VALUE.fullmatch(value):
            raise properties.invalid(
                "ResponseParameters",
                found=repr(value),
                expected="'text', method.request.<place>.<name>, context.<name> or "
                "stageVariables.<name>",
                action="Say where the value of the header comes from",
            )
        headers[name.removeprefix(_HEADER)] = value
    return GatewayResponse(
        response_type=properties.text("ResponseType"),
        status=None if status is None else int(status),
        header_values=headers,
        templates=properties.texts("ResponseTemplates"),
    )
