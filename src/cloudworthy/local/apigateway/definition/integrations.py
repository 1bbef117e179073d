"""``AWS::ApiGateway::Method.Integration`` and what a function's permissions let in."""

from __future__ import annotations

import re

from cloudworthy.local.apigateway.definition.properties import Properties
from cloudworthy.local.apigateway.definition.types import (
    Integration,
    IntegrationResponse,
    IntegrationType,
)
from cloudworthy.local.model.resources import Deployment

_KNOWN = (
    "Type Uri IntegrationHttpMethod TimeoutInMillis PassthroughBehavior RequestTemplates "
    "RequestParameters IntegrationResponses ContentHandling CacheKeyParameters CacheNamespace "
    "ConnectionType ConnectionId Credentials ResponseTransferMode"
)
_RESPONSE_KNOWN = "ContentHandling ResponseParameters ResponseTemplates SelectionPattern StatusCode"
_LAMBDA_URI = re.compile(
    r"arn:[\w-]+:apigateway:[\w-]+:lambda:path/2015-03-31/functions/(?P<arn>.+)/invocations"
)
_HEADER = "method.response.header."
_GATEWAY = "apigateway.amazonaws.com"
_INVOKE = frozenset({"lambda:InvokeFunction", "lambda:*", "*"})


def build_integration(method: Properties, deployment: Deployment) -> Integration:
    """Read one integration.

    Raises
    ------
    UnsupportedError
        A type other than AWS_PROXY to a function and MOCK, or an option with an effect
        that the local runtime does not have.
    """
    properties = method.child("Integration")
    properties.allow_only(_KNOWN)
    kind = properties.text("Type")
    if kind == IntegrationType.AWS_PROXY:
        return _lambda_proxy(properties, deployment)
    if kind == IntegrationType.MOCK:
        return _mock(properties)
    raise properties.unsupported(
        "Type", found=kind or "none", supported="AWS_PROXY to a Lambda function, or MOCK"
    )


def _lambda_proxy(properties: Properties, deployment: Deployment) -> Integration:
    uri = properties.text("Uri")
    match = _LAMBDA_URI.fullmatch(uri)
    if match is None:
        raise properties.unsupported(
            "Uri", found=repr(uri), supported="the invocation URI of a Lambda function"
        )
    if match["arn"].count(":") > 6:
        raise properties.unsupported(
            "Uri", found=repr(match["arn"]), supported="a function without version or alias"
        )
    properties.refuse("Credentials", supported="AWS::Lambda::Permission instead of a role")
    properties.refuse("ResponseTransferMode", unless=("BUFFERED",), supported="BUFFERED")
    timeout_ms = properties.number("TimeoutInMillis")
    return Integration(
        type=IntegrationType.AWS_PROXY,
        function_arn=match["arn"],
        http_method=properties.text("IntegrationHttpMethod", "POST"),
        timeout_s=29.0 if timeout_ms is None else timeout_ms / 1000,
        permitted_sources=_permitted_sources(match["arn"], deployment),
    )


def _permitted_sources(function_arn: str, deployment: Deployment) -> tuple[str, ...]:
    """The ``SourceArn`` patterns under which API Gateway may invoke the function.

    Source: AWS Lambda developer guide, "Resource-based policies" (documented).
    """
    sources = []
    for resource in deployment.of_type("AWS::Lambda::Permission"):
        permission = Properties.of(resource)
        named = permission.text("FunctionName")
        same = named == function_arn or named == function_arn.rpartition(":")[2]
        invokes = permission.text("Action") in _INVOKE
        if same and invokes and permission.text("Principal") in (_GATEWAY, "*"):
            sources.append(permission.text("SourceArn", "*"))
    return tuple(sources)


def _mock(properties: Properties) -> Integration:
    properties.refuse("ContentHandling", supported="no content handling")
    properties.refuse("RequestParameters", supported="no request parameter mapping")
    return Integration(
        type=IntegrationType.MOCK,
        passthrough=properties.text("PassthroughBehavior", "WHEN_NO_MATCH"),
        request_templates=properties.texts("RequestTemplates"),
        responses=tuple(
            _integration_response(child) for child in properties.children("IntegrationResponses")
        ),
    )


def _integration_response(properties: Properties) -> IntegrationResponse:
    properties.allow_only(_RESPONSE_KNOWN)
    properties.refuse("ContentHandling", supported="no content handling")
    parameters = properties.texts("ResponseParameters")
    return IntegrationResponse(
        status=int(properties.text("StatusCode", "200")),
        selection_pattern=properties.text("SelectionPattern"),
        header_values={
            name.removeprefix(_HEADER): value
            for name, value in parameters.items()
            if name.startswith(_HEADER)
        },
        templates=properties.texts("ResponseTemplates"),
    )
