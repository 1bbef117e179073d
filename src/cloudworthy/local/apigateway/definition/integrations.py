"""``AWS::ApiGateway::Method.Integration``."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from urllib.parse import urlsplit

from cloudworthy.local.apigateway.definition.aws_services import build_service
from cloudworthy.local.apigateway.definition.integration_timeout import timeout_s
from cloudworthy.local.apigateway.definition.invocation_rights import (
    may_invoke_by_role,
    permitted_sources,
)
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
_REQUEST = "integration.request."
_REQUEST_PLACES = ("header.", "path.", "querystring.")
MOST_MS = 29_000
"""How long an integration may take, and does where nothing is said.

Source: rest-aws-http-integrations-014 (recorded); quotas of REST APIs (documented).
"""
_CONTENT_HANDLING = ("CONVERT_TO_BINARY", "CONVERT_TO_TEXT")
_PASSTHROUGH = ("WHEN_NO_MATCH", "WHEN_NO_TEMPLATES", "NEVER")


def build_integration(method: Properties, deployment: Deployment) -> Integration:
    """Read one integration.

    Raises
    ------
    UnsupportedError
        An option with an effect that the local runtime does not have.
    TemplateError
        What API Gateway would not accept either.
    """
    properties = method.child("Integration")
    properties.allow_only(_KNOWN)
    properties.refuse("ConnectionType", unless=("INTERNET",), supported="INTERNET")
    properties.refuse("ResponseTransferMode", unless=("BUFFERED",), supported="BUFFERED")
    kind = properties.text("Type")
    uri = properties.text("Uri")
    if kind == IntegrationType.AWS_PROXY:
        return _lambda(properties, IntegrationType.AWS_PROXY, deployment)
    if kind == IntegrationType.AWS and _LAMBDA_URI.fullmatch(uri):
        return _lambda(properties, IntegrationType.AWS, deployment)
    if kind == IntegrationType.AWS:
        service, address = build_service(properties, deployment)
        integration = _common(properties, IntegrationType.AWS)
        return replace(integration, service=service, address=address)
    if kind in (IntegrationType.HTTP, IntegrationType.HTTP_PROXY):
        return _http(properties, IntegrationType(kind))
    if kind == IntegrationType.MOCK:
        return _mock(properties)
    supported = " or ".join(IntegrationType)
    raise properties.unsupported("Type", found=kind or "none", supported=supported)


def _lambda(properties: Properties, kind: IntegrationType, deployment: Deployment) -> Integration:
    uri = properties.text("Uri")
    match = _LAMBDA_URI.fullmatch(uri)
    if match is None:
        raise properties.unsupported(
            "Uri", found=repr(uri), supported="the invocation URI of a Lambda function"
        )
    function_arn, role_arn = match["arn"], properties.text("Credentials")
    return replace(
        _common(properties, kind),
        function_arn=function_arn,
        address=uri,
        permitted_sources=() if role_arn else permitted_sources(function_arn, deployment),
        invocable_by_role=bool(role_arn) and may_invoke_by_role(role_arn, function_arn, deployment),
    )


def _http(properties: Properties, kind: IntegrationType) -> Integration:
    url = properties.text("Uri")
    if urlsplit(url).scheme not in ("http", "https"):
        raise properties.invalid(
            "Uri",
            found=repr(url),
            expected="a URL that begins with http:// or https://",
            action="Give the URL of the web server",
        )
    properties.refuse("Credentials", supported="no role")
    return replace(_common(properties, kind), address=url)


def _mock(properties: Properties) -> Integration:
    properties.refuse("ContentHandling", supported="no content handling")
    properties.refuse("RequestParameters", supported="no request parameter mapping")
    return _common(properties, IntegrationType.MOCK)


def _common(properties: Properties, kind: IntegrationType) -> Integration:
    """What integrations of all kinds have.

    Source of the defaults: rest-aws-http-integrations-014 (recorded).
    """
    passthrough = properties.text("PassthroughBehavior", "WHEN_NO_MATCH").upper()
    if passthrough not in _PASSTHROUGH:
        raise properties.unsupported(
            "PassthroughBehavior", found=repr(passthrough), supported=" or ".join(_PASSTHROUGH)
        )
    responses = properties.children("IntegrationResponses")
    return Integration(
        type=kind,
        http_method=properties.text("IntegrationHttpMethod", "POST"),
        timeout_s=timeout_s(properties, most_ms=MOST_MS),
        passthrough=passthrough,
        request_templates=properties.texts("RequestTemplates"),
        request_parameters=_request_parameters(properties),
        content_handling=_content_handling(properties),
        responses=tuple(_integration_response(each) for each in responses),
    )


def _request_parameters(properties: Properties) -> Mapping[str, str]:
    found = {}
    for target, expression in properties.texts("RequestParameters").items():
        place = target.removeprefix(_REQUEST)
        if not target.startswith(_REQUEST) or not place.startswith(_REQUEST_PLACES):
            raise properties.invalid(
                "RequestParameters",
                found=repr(target),
                expected="integration.request.header, .path or .querystring with a name",
                action="Name a parameter of the integration request",
            )
        found[place] = expression
    return found


def _content_handling(properties: Properties) -> str:
    properties.refuse(
        "ContentHandling", unless=_CONTENT_HANDLING, supported=" or ".join(_CONTENT_HANDLING)
    )
    return properties.text("ContentHandling")


def _integration_response(properties: Properties) -> IntegrationResponse:
    properties.allow_only(_RESPONSE_KNOWN)
    parameters = properties.texts("ResponseParameters")
    return IntegrationResponse(
        status=int(properties.text("StatusCode", "200")),
        selection_pattern=_pattern(properties),
        header_values={
            name.removeprefix(_HEADER): value
            for name, value in parameters.items()
            if name.startswith(_HEADER)
        },
        templates=properties.texts("ResponseTemplates"),
        content_handling=_content_handling(properties),
    )


def _pattern(properties: Properties) -> str:
    pattern = properties.text("SelectionPattern")
    try:
        re.compile(pattern)
    except re.error as error:
        raise properties.invalid(
            "SelectionPattern",
            found=repr(pattern),
            expected="a regular expression",
            action="Correct the expression",
        ) from error
    return pattern
