"""The types of resources that the runtime knows."""

from __future__ import annotations

from cloudworthy.local.model.errors import UnsupportedError
from cloudworthy.local.model.resources import TemplateResource
from cloudworthy.local.provision import (
    apigateway,
    apigatewayv2,
    cloudfront,
    cloudwatch,
    cognito,
    custom,
    declared,
    domains,
    dynamodb,
    ec2,
    global_table,
    iam,
    kms,
    lambda_,
    logs,
    s3,
    secretsmanager,
    sns,
    sqs,
    ssm,
)
from cloudworthy.local.provision.resource_type import ResourceType

_SERVICES = (
    apigateway,
    apigatewayv2,
    cloudfront,
    cloudwatch,
    cognito,
    custom,
    declared,
    domains,
    dynamodb,
    ec2,
    global_table,
    iam,
    kms,
    lambda_,
    logs,
    s3,
    secretsmanager,
    sns,
    sqs,
    ssm,
)

RESOURCE_TYPES: dict[str, ResourceType] = {
    it.name: it for service in _SERVICES for it in service.TYPES
}


def type_named(name: str) -> ResourceType | None:
    """A type by its name; custom resources may have any."""
    return RESOURCE_TYPES.get(name) or custom.custom_type(name)


def resource_type(resource: TemplateResource) -> ResourceType:
    """The type of a resource.

    Raises
    ------
    UnsupportedError
        The runtime does not know it.
    """
    known = type_named(resource.type)
    if known is None:
        raise UnsupportedError(
            resource.type,
            resource.logical_id,
            found="a resource of this type",
            supported="a type that docs/resources.md lists",
        )
    return known
