"""A system of this repository, running, with what visitors need to know of it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from benchmarks.dynamodb import aws_client
from benchmarks.endurance.journeys import JOURNEYS, Addresses
from benchmarks.endurance.run import System
from benchmarks.project import Project
from benchmarks.targets.cloudworthy import Cloudworthy
from benchmarks.targets.target import Endpoint
from benchmarks.workspace import Workspace


@contextmanager
def started(workspace: Workspace, name: str, *, throttled: bool) -> Iterator[System]:
    """The system, in a copy of the project and with new state."""
    project = Project.copy(workspace, f"load-{name}")
    target = Cloudworthy(workspace, project, project.assembly(name, throttled=throttled))
    try:
        yield system(name, target.launch(), target.pid)
    finally:
        target.stop()


def system(name: str, ready: Mapping[str, Any], pid: int) -> System:
    """Of the content of a ready file and the id of the main process."""
    return System(name, _addresses(ready), JOURNEYS[name], pid, Path(ready["state"]))


def _addresses(ready: Mapping[str, Any]) -> Addresses:
    urls = {api["type"]: api["url"].rstrip("/") for api in ready["apis"]}
    api = urls.get("REST") or urls["HTTP"]
    site = Endpoint(urls["SITE"]) if "SITE" in urls else None
    return Addresses(Endpoint(api, _credential(ready)), site)


def _credential(ready: Mapping[str, Any]) -> dict[str, str]:
    """What the system's default authorization asks for: a key, or the token of its secret."""
    for key in ready["api_keys"].values():
        return {"x-api-key": key}
    (secret,) = ready["secrets"].values()
    secrets = aws_client("secretsmanager", ready["endpoint"])
    value = json.loads(secrets.get_secret_value(SecretId=secret)["SecretString"])
    return {"authorization": f"Bearer {value['token']}"}
