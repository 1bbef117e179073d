"""The CDK's own custom resources that are done natively, and the functions that do them on AWS."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from cloudworthy.local.model.resources import TemplateResource
from cloudworthy.local.provision.bucket_deployment import BucketDeploymentType
from cloudworthy.local.provision.resource_type import Recorded
from cloudworthy.local.template.graph import references

_FUNCTION = "AWS::Lambda::Function"
_LAYER = "AWS::Lambda::LayerVersion"

# Source of the physical ids: aws-cdk-lib, custom-resource-handlers (documented by its code).
TYPES = (
    BucketDeploymentType(),
    # Deleting a bucket empties it here, so there is nothing left for this one to do.
    Recorded(
        "Custom::S3AutoDeleteObjects",
        honoured="BucketName",
        inert="ServiceTimeout ServiceToken",
        replaced_by="BucketName",
        identify=lambda wanted: wanted.name("", longest=128),
    ),
    Recorded(
        "Custom::LogRetention",
        honoured="LogGroupName RetentionInDays",
        inert="LogGroupRegion RemovalPolicy SdkRetry ServiceTimeout ServiceToken",
        replaced_by="LogGroupName",
        identify=lambda wanted: wanted.text("LogGroupName"),
        attributes=lambda wanted, _physical_id: {"LogGroupName": wanted.text("LogGroupName")},
    ),
)
_NATIVE = frozenset(it.name for it in TYPES)


def provider_resources(resources: Mapping[str, TemplateResource]) -> frozenset[str]:
    """Functions that only carry out native custom resources, and the layers only they use."""
    functions = frozenset(
        target
        for resource in resources.values()
        if resource.type in _NATIVE
        for target in references(resource.properties.get("ServiceToken"))
        if target in resources and resources[target].type == _FUNCTION
    )
    layers = set(_layers_of(resources, functions))
    others = {name for name, it in resources.items() if it.type == _FUNCTION} - functions
    return functions | (layers - set(_layers_of(resources, others)))


def _layers_of(
    resources: Mapping[str, TemplateResource], functions: frozenset[str] | set[str]
) -> Iterator[str]:
    for function in functions:
        for target in references(resources[function].properties.get("Layers")):
            if target in resources and resources[target].type == _LAYER:
                yield target
