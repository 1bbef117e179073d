"""The systems, synthesized: what the tests of constructs and blueprints look at."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cloudworthy.node import jsii_environment

os.environ.update(jsii_environment())  # importing aws_cdk starts Node

from aws_cdk import App

from cloudworthy.blueprints.rule_packs import check_with_rule_packs
from cloudworthy.blueprints.systems import SYSTEMS as _SYSTEMS
from cloudworthy.blueprints.systems import add_systems

PROJECT = Path(__file__).parents[1]
SYSTEMS = tuple(_SYSTEMS)

# What the CDK CLI adds to the context of cdk.json.
_CLI_CONTEXT = {"aws:cdk:enable-path-metadata": True, "aws:cdk:enable-asset-metadata": True}


@dataclass(frozen=True)
class Resource:
    """One resource of a template."""

    logical_id: str
    template: Mapping[str, Any]

    @property
    def type(self) -> str:
        return str(self.template["Type"])

    @property
    def properties(self) -> dict[str, Any]:
        return dict(self.template.get("Properties", {}))

    @property
    def path(self) -> str:
        return str(self.template["Metadata"]["aws:cdk:path"])

    @property
    def depends_on(self) -> list[str]:
        return list(self.template.get("DependsOn", []))


@dataclass(frozen=True)
class Synthesized:
    """One synthesized stack."""

    system: str
    directory: Path
    template: Mapping[str, Any]

    @property
    def template_file(self) -> Path:
        return self.directory / f"{self.system}.template.json"

    @property
    def artifact(self) -> Mapping[str, Any]:
        """What the assembly's manifest says about the stack."""
        manifest = json.loads((self.directory / "manifest.json").read_text())
        return dict(manifest["artifacts"][self.system])

    def __iter__(self) -> Iterator[Resource]:
        for logical_id, resource in self.template["Resources"].items():
            yield Resource(logical_id, resource)

    def of_type(self, resource_type: str) -> list[Resource]:
        return [resource for resource in self if resource.type == resource_type]

    def at(self, path: str) -> Resource:
        """The resource of a construct, by its path below the stack."""
        found = [each for each in self if each.path.startswith(f"{self.system}/{path}/")]
        found = [each for each in found if each.path.count("/") == path.count("/") + 2] or found
        assert len(found) == 1, [each.path for each in found]
        return found[0]


def cdk_app(directory: Path, **settings: object) -> App:
    """An app with the context that the CDK CLI gives it, written into a directory."""
    cdk_json = json.loads((PROJECT / "cdk.json").read_text())
    context = {**cdk_json["context"], **_CLI_CONTEXT, **settings}
    return App(outdir=str(directory), context=context)


def synthesize(directory: Path, **settings: object) -> dict[str, Synthesized]:
    """Synthesize the app as the CDK CLI does, with the rule packs: the stacks by system."""
    app = cdk_app(directory, **settings)
    add_systems(app, PROJECT)
    check_with_rule_packs(app)
    app.synth()
    return {system: _read(system, directory) for system in SYSTEMS}


def synthesize_only(directory: Path, *systems: str, **settings: object) -> Path:
    """Synthesize some of the systems, without the rule packs: an assembly to run."""
    app = cdk_app(directory, **settings)
    for system in systems:
        _SYSTEMS[system](app, PROJECT, app.node.get_all_context())
    app.synth()
    return directory


def _read(system: str, directory: Path) -> Synthesized:
    template = json.loads((directory / f"{system}.template.json").read_text())
    return Synthesized(system, directory, template)


def without_hashes(template: Mapping[str, Any]) -> dict[str, Any]:
    """A template in which names of assets and of the deployment do not change with content."""
    text = json.dumps(template, indent=1, sort_keys=True)
    text = re.sub(r"asset\.[0-9a-f]{64}(\.zip)?", "asset.HASH", text)
    text = re.sub(r"[0-9a-f]{64}\.zip", "HASH.zip", text)
    text = re.sub(r"(ApiDeployment[0-9A-F]{8})[0-9a-f]{32}", r"\1HASH", text)
    normal = json.loads(text)
    assert isinstance(normal, dict)
    for resource in normal["Resources"].values():
        resource.get("Metadata", {}).pop("aws:asset:path", None)
    return normal
