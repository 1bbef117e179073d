"""What a template asks for, and what the runtime made of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

TemplateValue = Any
"""A value of a template: JSON. CloudFormation's own types are too open for a narrower one."""


@dataclass(frozen=True, slots=True)
class TemplateResource:
    """One entry of a template's ``Resources``, intrinsics still in place."""

    logical_id: str
    type: str
    properties: Mapping[str, TemplateValue]
    depends_on: tuple[str, ...] = ()
    condition: str | None = None
    deletion_policy: str = "Delete"
    update_replace_policy: str = "Delete"
    metadata: Mapping[str, TemplateValue] = field(default_factory=dict)

    @property
    def construct_path(self) -> str:
        """The CDK path, ``Stack/Api/Function/Resource``; empty outside of CDK templates."""
        return str(self.metadata.get("aws:cdk:path", ""))


@dataclass(frozen=True, slots=True)
class Asset:
    """A file or directory the template refers to by bucket and object key."""

    object_key: str
    path: Path
    packaging: str
    """``zip`` for a directory that is uploaded as an archive, ``file`` for a single file."""


@dataclass(frozen=True, slots=True)
class Stack:
    """One synthesized stack: its template, where it belongs, and its assets."""

    name: str
    account: str
    region: str
    template: Mapping[str, TemplateValue]
    assets: Mapping[str, Asset]
    """By object key, e.g. ``<hash>.zip``."""
    parameters: Mapping[str, str] = field(default_factory=dict)
    """Values given for the template's parameters."""


@dataclass(frozen=True, slots=True)
class ProvisionedResource:
    """A resource that exists, with everything resolved.

    ``attributes`` is what ``Fn::GetAtt`` answers; ``physical_id`` what ``Ref`` answers.
    """

    logical_id: str
    type: str
    physical_id: str
    properties: Mapping[str, TemplateValue]
    attributes: Mapping[str, TemplateValue] = field(default_factory=dict)
    construct_path: str = ""
    data: Mapping[str, TemplateValue] = field(default_factory=dict)
    """What the provisioner must remember though neither Ref nor GetAtt shows it."""


@dataclass(frozen=True, slots=True)
class Deployment:
    """A stack as it stands: what the data planes are built from.

    ``declared_only`` lists the logical ids of resources that exist in name alone, because
    they have no effect on one machine (network, scaling, alarms' dashboards ...).
    """

    stack: Stack
    resources: Mapping[str, ProvisionedResource]
    outputs: Mapping[str, str]
    declared_only: tuple[str, ...] = ()

    def of_type(self, resource_type: str) -> list[ProvisionedResource]:
        return [r for r in self.resources.values() if r.type == resource_type]

    def by_physical_id(self, resource_type: str, physical_id: str) -> ProvisionedResource | None:
        for resource in self.of_type(resource_type):
            if resource.physical_id == physical_id:
                return resource
        return None
