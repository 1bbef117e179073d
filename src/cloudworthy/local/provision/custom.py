"""Custom resources: the CDK's own are done natively, others call their function."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping

from cloudworthy.local.model.errors import UnsupportedError
from cloudworthy.local.model.resources import TemplateResource
from cloudworthy.local.provision.bucket_deployment import BucketDeploymentType
from cloudworthy.local.provision.custom_resource import (
    CUSTOM_RESOURCE,
    IS_COMPLETE,
    ON_EVENT,
    InvokedType,
)
from cloudworthy.local.provision.resource_type import Recorded, ResourceType
from cloudworthy.local.provision.sdk_call import SdkCallType
from cloudworthy.local.template.graph import references

_FUNCTION = "AWS::Lambda::Function"
_LAYER = "AWS::Lambda::LayerVersion"

# Source of the physical ids: aws-cdk-lib, custom-resource-handlers (documented by its code).
NATIVE_TYPES = (
    BucketDeploymentType(),
    SdkCallType(),
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
        honoured="LogGroupName",
        inert="LogGroupRegion RemovalPolicy RetentionInDays SdkRetry ServiceTimeout ServiceToken",
        replaced_by="LogGroupName",
        identify=lambda wanted: wanted.text("LogGroupName"),
        attributes=lambda wanted, _physical_id: {"LogGroupName": wanted.text("LogGroupName")},
    ),
)
_NATIVE = frozenset(it.name for it in NATIVE_TYPES)
TYPES = (*NATIVE_TYPES, InvokedType(CUSTOM_RESOURCE))

# Its function is Python, but what it sets would have no effect here.
_REFUSED = frozenset({"Custom::S3BucketNotifications"})


def custom_type(name: str) -> ResourceType | None:
    """The type of ``Custom::X`` for an X of one's own."""
    if name in _REFUSED or not name.startswith("Custom::"):
        return None
    return InvokedType(name)


def provider_resources(resources: Mapping[str, TemplateResource]) -> frozenset[str]:
    """Functions whose work the runtime does itself, and the layers only they use."""
    functions = frozenset(
        target
        for resource in resources.values()
        for target in _providers(resource, resources)
        if resource.type in _NATIVE or _is_framework(resources[target])
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


def refuse_unsupported_providers(resources: Mapping[str, TemplateResource]) -> None:
    """Refuse custom resources that no Python function of the stack carries out.

    Raises
    ------
    UnsupportedError
        Names the resource, and the function that cannot run here.
    """
    for resource in resources.values():
        is_custom = resource.type.startswith("Custom::") or resource.type == CUSTOM_RESOURCE
        if is_custom and resource.type not in _NATIVE:
            _check_provider(resource, resources)


def _check_provider(resource: TemplateResource, resources: Mapping[str, TemplateResource]) -> None:
    providers = list(_providers(resource, resources))
    if len(providers) != 1:
        raise _unsupported(
            resource,
            json.dumps(resource.properties.get("ServiceToken")),
            "the ARN of a function of this stack",
        )
    provider = resources[providers[0]]
    if _is_framework(provider):
        variables = _variables(provider)
        if IS_COMPLETE in variables:
            raise _unsupported(
                resource, f"{provider.logical_id} with an isComplete handler", "onEvent alone"
            )
        handlers = [it for it in references(variables[ON_EVENT]) if it in resources]
        if not handlers:
            raise _unsupported(
                resource, f"{provider.logical_id} with a handler elsewhere", "one of this stack"
            )
        provider = resources[handlers[0]]
    runtime = provider.properties.get("Runtime")
    if not (isinstance(runtime, str) and runtime.startswith("python")):
        raise _unsupported(
            resource,
            f"the function {provider.logical_id} with the runtime {json.dumps(runtime)}",
            "a Python function",
        )


def _unsupported(resource: TemplateResource, found: str, supported: str) -> UnsupportedError:
    return UnsupportedError(
        f"{resource.type}.ServiceToken", resource.logical_id, found=found, supported=supported
    )


def _providers(
    resource: TemplateResource, resources: Mapping[str, TemplateResource]
) -> Iterator[str]:
    for target in references(resource.properties.get("ServiceToken")):
        if target in resources and resources[target].type == _FUNCTION:
            yield target


def _is_framework(function: TemplateResource) -> bool:
    """Whether a function is the CDK's, which calls a handler of the person's."""
    return ON_EVENT in _variables(function)


def _variables(function: TemplateResource) -> Mapping[str, object]:
    environment = function.properties.get("Environment") or {}
    variables = environment.get("Variables") if isinstance(environment, Mapping) else None
    return variables if isinstance(variables, Mapping) else {}
