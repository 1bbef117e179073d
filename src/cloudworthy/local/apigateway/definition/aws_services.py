"""AWS services as integrations: ``arn:aws:apigateway:<region>:<service>:action/<Action>``.

Source: Amazon API Gateway developer guide, "Amazon API Gateway integration request API reference"
and "Set up an AWS service integration" (documented).
"""

from __future__ import annotations

import re

from cloudworthy.local.apigateway.definition.invocation_rights import may_assume
from cloudworthy.local.apigateway.definition.properties import Properties
from cloudworthy.local.apigateway.definition.types import AwsService
from cloudworthy.local.apigateway.integrations.aws_protocols import ACTION_SERVICES
from cloudworthy.local.model.resources import Deployment

_URI = re.compile(
    r"arn:[\w-]+:apigateway:(?P<region>[\w-]+):(?P<service>[\w.-]+):(?P<kind>action|path)/(?P<rest>.*)"
)
_ROLE = re.compile(r"arn:[\w-]+:iam::\d{12}:role/.+")


def build_service(properties: Properties, deployment: Deployment) -> tuple[AwsService, str]:
    """The service that an integration calls, and the path of the call.

    Raises
    ------
    UnsupportedError, TemplateError
        A service that is not called by action here, or no role to call it with.
    """
    uri = properties.text("Uri")
    match = _URI.fullmatch(uri)
    if match is None or "." in match["service"]:
        raise properties.unsupported(
            "Uri",
            found=repr(uri),
            supported="arn:aws:apigateway:<region>:<service>:action/<Action> or :path/<path>",
        )
    is_action = match["kind"] == "action"
    if is_action and match["service"] not in ACTION_SERVICES:
        supported = f"an action of {', '.join(sorted(ACTION_SERVICES))}, or a path"
        raise properties.unsupported("Uri", found=repr(uri), supported=supported)
    role_arn = _role_arn(properties)
    service = AwsService(
        name=match["service"],
        region=match["region"],
        role_arn=role_arn,
        action=match["rest"] if is_action else "",
        assumable=may_assume(role_arn, deployment),
    )
    return service, "/" if is_action else f"/{match['rest'].removeprefix('/')}"


def _role_arn(properties: Properties) -> str:
    role_arn = properties.text("Credentials")
    if not role_arn:
        raise properties.invalid(
            "Credentials",
            found="none",
            expected="the ARN of a role that API Gateway assumes",
            action="Give the integration a role with the right to make this call",
        )
    if _ROLE.fullmatch(role_arn) is None:
        raise properties.unsupported(
            "Credentials", found=repr(role_arn), supported="the ARN of a role"
        )
    return role_arn
