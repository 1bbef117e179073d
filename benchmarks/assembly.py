"""The cloud assembly of web-app, changed in two ways that measuring needs.

The rates of the stage and of its usage plan are raised: at the 50 requests a second of the
template, the throttle would be measured. And the code of the functions is a copy, so that a
measurement of reload edits no file of the repository.
"""

from __future__ import annotations

import asyncio
import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from benchmarks.dynamodb import REGION
from benchmarks.workspace import Workspace
from cloudworthy.local.synth.app import find_app
from cloudworthy.local.synth.synthesizer import Synthesizer

STACK = "web-app"
_HIGH_RATE = 100_000


class MeasuredAssembly:
    """Made once a run.

    Attributes
    ----------
    directory
        What ``cloudworthy up --assembly`` is given.
    code
        The copy of ``services/`` that its functions run.
    """

    def __init__(self, workspace: Workspace) -> None:
        app = find_app(workspace.repository)
        cache = workspace.scratch / "synth"
        synthesizer = Synthesizer(app, cache, account="000000000000", region=REGION)
        synthesis = asyncio.run(synthesizer.synthesize())
        place = workspace.fresh("assembly")
        self.directory = place / "cdk.out"
        self.code = place / "services"
        shutil.copytree(synthesis.assembly, self.directory)
        shutil.copytree(workspace.services, self.code, ignore=shutil.ignore_patterns("__pycache__"))
        for path in self.directory.glob("*.json"):
            _edit(path, str(workspace.services), str(self.code))


def _edit(path: Path, services: str, copy: str) -> None:
    document = json.loads(_with_code(path.read_text(), services, copy))
    for properties in _properties(document, "AWS::ApiGateway::Stage"):
        for setting in properties.get("MethodSettings", []):
            setting["ThrottlingRateLimit"] = setting["ThrottlingBurstLimit"] = _HIGH_RATE
    for properties in _properties(document, "AWS::ApiGateway::UsagePlan"):
        properties["Throttle"] = {"RateLimit": _HIGH_RATE, "BurstLimit": _HIGH_RATE}
        properties.pop("Quota", None)
    path.write_text(json.dumps(document, indent=1))


def _with_code(text: str, services: str, copy: str) -> str:
    """Name the copy wherever the directory itself is named, not its subdirectories."""
    return text.replace(json.dumps(services), json.dumps(copy))


def _properties(document: dict[str, Any], resource_type: str) -> Iterator[dict[str, Any]]:
    for resource in document.get("Resources", {}).values():
        if resource["Type"] == resource_type:
            yield resource.setdefault("Properties", {})
