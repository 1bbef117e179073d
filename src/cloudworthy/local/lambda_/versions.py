"""Published versions and aliases of functions."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from cloudworthy.local.model.errors import TemplateError, UnsupportedError
from cloudworthy.local.model.functions import Function
from cloudworthy.local.model.resources import Deployment, ProvisionedResource

_VERSION = "AWS::Lambda::Version"
_ALIAS = "AWS::Lambda::Alias"


@dataclass(frozen=True, slots=True)
class Versions:
    """What a function can be invoked as, beside ``$LATEST``.

    On this machine a version runs the code that the function has now: what is edited is
    what runs. Its workers are its own, as on AWS.
    """

    functions: Mapping[str, Function] = field(default_factory=dict)
    """By ``name:version``."""
    aliases: Mapping[str, str] = field(default_factory=dict)
    """``name:alias`` to what the alias points at: ``name`` or ``name:version``."""

    def with_functions(self, change: Callable[[Function], Function]) -> Versions:
        """The same versions, each changed in the same way."""
        return replace(self, functions={key: change(it) for key, it in self.functions.items()})


def build_versions(deployment: Deployment, functions: Mapping[str, Function]) -> Versions:
    """The versions and aliases of these functions.

    Raises
    ------
    TemplateError
        An alias points at a version that does not exist.
    UnsupportedError
        An alias divides its events between two versions.
    """
    versions = {}
    for resource in deployment.of_type(_VERSION):
        name, version = resource.physical_id.split(":")[-2:]
        if name in functions:
            versions[f"{name}:{version}"] = replace(functions[name], version=version)
    aliases = dict(
        _alias(resource, versions)
        for resource in deployment.of_type(_ALIAS)
        if resource.physical_id.split(":")[-2] in functions
    )
    return Versions(versions, aliases)


def _alias(resource: ProvisionedResource, versions: Mapping[str, Function]) -> tuple[str, str]:
    _refuse_weights(resource)
    name, alias = resource.physical_id.split(":")[-2:]
    version = str(resource.properties.get("FunctionVersion", ""))
    target = name if version == "$LATEST" else f"{name}:{version}"
    if target != name and target not in versions:
        raise TemplateError(
            f"{_ALIAS}.FunctionVersion",
            resource.logical_id,
            found=version or "nothing",
            expected=f"$LATEST or a version of {name} in this stack",
            action="Point the alias at an AWS::Lambda::Version of the template",
        )
    return f"{name}:{alias}", target


def _refuse_weights(resource: ProvisionedResource) -> None:
    routing = resource.properties.get("RoutingConfig") or {}
    if routing.get("AdditionalVersionWeights"):
        raise UnsupportedError(
            f"{_ALIAS}.RoutingConfig",
            resource.logical_id,
            found="weights of other versions",
            supported="an alias of one version (here all versions run the same code)",
        )
