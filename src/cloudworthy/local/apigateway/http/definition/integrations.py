"""``AWS::ApiGatewayV2::Integration``."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from cloudworthy.local.apigateway.definition.integration_timeout import timeout_s
from cloudworthy.local.apigateway.definition.invocation_rights import (
    may_invoke_by_role,
    permitted_sources,
)
from cloudworthy.local.apigateway.definition.properties import Properties
from cloudworthy.local.apigateway.http.definition.types import (
    HttpIntegration,
    Integration,
    LambdaIntegration,
    PayloadFormat,
)
from cloudworthy.local.model.resources import Deployment

_KNOWN = (
    "ApiId ConnectionId ConnectionType ContentHandlingStrategy CredentialsArn Description "
    "IntegrationMethod IntegrationSubtype IntegrationType IntegrationUri PassthroughBehavior "
    "PayloadFormatVersion RequestParameters RequestTemplates ResponseParameters "
    "TemplateSelectionExpression TimeoutInMillis TlsConfig"
)
MOST_MS = 30_000
"""Source: quotas of HTTP APIs, "Maximum integration timeout" (documented)."""
_LAMBDA_URI = re.compile(
    r"(?:arn:[\w-]+:apigateway:[\w-]+:lambda:path/2015-03-31/functions/)?"
    r"(?P<arn>arn:[\w-]+:lambda:[\w-]+:\d*:function:[\w:$-]+)(?:/invocations)?"
)


def build_integrations(api_id: str, deployment: Deployment) -> dict[str, Integration]:
    """The integrations of an API by their ids.

    Raises
    ------
    UnsupportedError
        An AWS service, a VPC link, parameter mapping: whatever would answer differently.
    """
    return {
        resource.physical_id: _integration(Properties.of(resource), deployment)
        for resource in deployment.of_type("AWS::ApiGatewayV2::Integration")
        if resource.properties.get("ApiId") == api_id
    }


def _integration(properties: Properties, deployment: Deployment) -> Integration:
    properties.allow_only(_KNOWN)
    properties.refuse("IntegrationSubtype", supported="a Lambda function or an HTTP endpoint")
    properties.refuse("ConnectionType", unless=("INTERNET",), supported="INTERNET")
    for name in ("RequestParameters", "ResponseParameters"):
        properties.refuse(name, supported="no parameter mapping")
    for name in ("RequestTemplates", "TlsConfig"):
        properties.refuse(name, supported="nothing of this kind")
    kind = properties.text("IntegrationType")
    if kind == "AWS_PROXY":
        return _lambda(properties, deployment)
    if kind == "HTTP_PROXY":
        return _http(properties)
    raise properties.unsupported(
        "IntegrationType", found=kind or "none", supported="AWS_PROXY to a function, or HTTP_PROXY"
    )


def function_arn_of(properties: Properties, name: str) -> str:
    """The function that a URI names.

    Raises
    ------
    UnsupportedError
        It is no function.
    """
    uri = properties.text(name)
    match = _LAMBDA_URI.fullmatch(uri)
    if match is None:
        raise properties.unsupported(
            name, found=repr(uri), supported="the invocation URI of a Lambda function"
        )
    return match["arn"]


def payload_format(properties: Properties, name: str) -> PayloadFormat:
    """The payload format, which a function needs.

    Source: httpapi-event-012 (documented).
    """
    found = properties.text(name)
    if found not in list(PayloadFormat):
        raise properties.invalid(
            name, found=repr(found), expected="1.0 or 2.0", action="Give the payload format"
        )
    return PayloadFormat(found)


def _lambda(properties: Properties, deployment: Deployment) -> LambdaIntegration:
    function_arn = function_arn_of(properties, "IntegrationUri")
    role_arn = properties.text("CredentialsArn")
    return LambdaIntegration(
        function_arn=function_arn,
        payload_format=payload_format(properties, "PayloadFormatVersion"),
        timeout_s=timeout_s(properties, most_ms=MOST_MS),
        permitted_sources=() if role_arn else permitted_sources(function_arn, deployment),
        invocable_by_role=bool(role_arn) and may_invoke_by_role(role_arn, function_arn, deployment),
    )


def _http(properties: Properties) -> HttpIntegration:
    url = properties.text("IntegrationUri")
    if urlsplit(url).scheme not in ("http", "https"):
        raise properties.unsupported("IntegrationUri", found=repr(url), supported="an HTTP URL")
    properties.refuse("PayloadFormatVersion", unless=("1.0",), supported="1.0")
    properties.refuse("CredentialsArn", supported="no role")
    method = properties.text("IntegrationMethod", "ANY")
    return HttpIntegration(url, method, timeout_s(properties, most_ms=MOST_MS))
