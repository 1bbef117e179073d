"""Distributions: recorded here, served by the CloudFront data plane, which checks the values."""

from __future__ import annotations

from cloudworthy.local.model.resources import TemplateValue
from cloudworthy.local.provision.names import HEXADECIMAL, UPPERCASE, uuid_text
from cloudworthy.local.provision.resource_type import Recorded, Wanted


def _distribution_attributes(wanted: Wanted, distribution_id: str) -> dict[str, TemplateValue]:
    host = "d" + wanted.token(13, purpose="DomainName")
    return {"Id": distribution_id, "DomainName": f"{host}.cloudfront.net"}


def _id_attribute(_wanted: Wanted, physical_id: str) -> dict[str, TemplateValue]:
    return {"Id": physical_id}


def _function_arn(wanted: Wanted) -> str:
    return wanted.site.arn("cloudfront", f"function/{wanted.text('Name')}", region="")


def _function_attributes(_wanted: Wanted, arn: str) -> dict[str, TemplateValue]:
    return {"FunctionARN": arn, "FunctionMetadata.FunctionARN": arn, "Stage": "LIVE"}


def _policy(name: str, configuration: str) -> Recorded:
    """The policies of CloudFront: one property, and a UUID for an id."""
    return Recorded(
        name,
        honoured=configuration,
        identify=lambda wanted: uuid_text(wanted.token(32, HEXADECIMAL)),
        attributes=_id_attribute,
    )


# Source of Ref, GetAtt and replacement: CloudFormation template reference, CloudFront
# (documented).
TYPES = (
    Recorded(
        "AWS::CloudFront::Distribution",
        honoured="DistributionConfig",
        inert="Tags",
        identify=lambda wanted: "E" + wanted.token(13, UPPERCASE),
        attributes=_distribution_attributes,
    ),
    Recorded(
        "AWS::CloudFront::OriginAccessControl",
        honoured="OriginAccessControlConfig",
        identify=lambda wanted: "E" + wanted.token(13, UPPERCASE),
        attributes=_id_attribute,
    ),
    _policy("AWS::CloudFront::ResponseHeadersPolicy", "ResponseHeadersPolicyConfig"),
    _policy("AWS::CloudFront::CachePolicy", "CachePolicyConfig"),
    _policy("AWS::CloudFront::OriginRequestPolicy", "OriginRequestPolicyConfig"),
    Recorded(
        "AWS::CloudFront::Function",
        honoured="AutoPublish FunctionCode FunctionConfig Name",
        inert="FunctionMetadata Tags",
        replaced_by="Name",
        identify=_function_arn,
        attributes=_function_attributes,
    ),
)
