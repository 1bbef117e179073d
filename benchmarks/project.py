"""Copies of the project to start and to change, beside the caches and code of the real one."""

from __future__ import annotations

import asyncio
import json
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.dynamodb import REGION
from benchmarks.workspace import Workspace
from cloudworthy.local.synth.app import find_app
from cloudworthy.local.synth.synthesizer import Synthesizer

_COPIED = ("app.py", "cdk.json", "services", "web")
_SHARED = (".venv", "node_modules")
_HIGH_RATE = 100_000


@dataclass(frozen=True, slots=True)
class Project:
    """A directory in which ``cloudworthy up`` finds the app, and no cache of earlier runs."""

    directory: Path

    @classmethod
    def copy(cls, workspace: Workspace, name: str) -> Project:
        """Copy what a stack is made from; what is installed is linked."""
        directory = workspace.fresh(name)
        for part in _COPIED:
            source = workspace.repository / part
            if source.is_dir():
                ignored = shutil.ignore_patterns("__pycache__")
                shutil.copytree(source, directory / part, ignore=ignored)
            else:
                shutil.copy(source, directory)
        for part in _SHARED:
            (directory / part).symlink_to(workspace.repository / part)
        return cls(directory)

    @property
    def services(self) -> Path:
        return self.directory / "services"

    def assembly(self, system: str, *, throttled: bool) -> list[str]:
        """Synthesize; returns what tells ``cloudworthy up`` to run the system from that.

        Unless it may be ``throttled``, the rates of stages and usage plans are raised: they
        would be what is measured.
        """
        cache = self.directory / ".synth"
        app = find_app(self.directory)
        synthesizer = Synthesizer(app, cache, account="000000000000", region=REGION)
        assembly = self.directory / "cdk.out"
        shutil.copytree(asyncio.run(synthesizer.synthesize()).assembly, assembly)
        if not throttled:
            raise_rates(assembly / f"{system}.template.json")
        return ["--assembly", str(assembly), "--stack", system]


def raise_rates(path: Path) -> None:
    """Let no stage and no usage plan of a template throttle."""
    template = json.loads(path.read_text())
    for properties in _properties(template, "AWS::ApiGateway::Stage"):
        for setting in properties["MethodSettings"]:
            setting["ThrottlingRateLimit"] = setting["ThrottlingBurstLimit"] = _HIGH_RATE
    for properties in _properties(template, "AWS::ApiGatewayV2::Stage"):
        rates = {"ThrottlingRateLimit": _HIGH_RATE, "ThrottlingBurstLimit": _HIGH_RATE}
        properties.setdefault("DefaultRouteSettings", {}).update(rates)
    for properties in _properties(template, "AWS::ApiGateway::UsagePlan"):
        properties["Throttle"] = {"RateLimit": _HIGH_RATE, "BurstLimit": _HIGH_RATE}
        properties.pop("Quota", None)
    path.write_text(json.dumps(template, indent=1))


def _properties(template: dict[str, Any], resource_type: str) -> Iterator[dict[str, Any]]:
    for resource in template["Resources"].values():
        if resource["Type"] == resource_type:
            yield resource["Properties"]
