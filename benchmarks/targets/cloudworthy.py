"""The local runtime, started as a user starts it."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from benchmarks.client import answers
from benchmarks.processes import Child, free_neighbours, free_port
from benchmarks.project import Project
from benchmarks.results import ProcessMemory
from benchmarks.targets.target import Endpoint
from benchmarks.workspace import Workspace

_API_AND_SITE = 2


class Cloudworthy:
    """``cloudworthy up``.

    Parameters
    ----------
    project
        Where it is started.
    stack
        What to run, as arguments: a system's name, or ``--assembly DIR``.
    """

    name = "cloudworthy"

    def __init__(self, workspace: Workspace, project: Project, stack: Sequence[str]) -> None:
        self._workspace = workspace
        self._project = project
        self._stack = stack
        self.state = project.directory / ".cloudworthy"
        self._child: Child | None = None

    def launch(self) -> dict[str, Any]:
        """Start it; returns the content of its ready file."""
        ready_file = self.state.with_name(".ready.json")
        ready_file.unlink(missing_ok=True)
        self._child = Child(
            self._command(ready_file),
            self._workspace.log("cloudworthy"),
            environment=_environment(),
            directory=self._project.directory,
        )
        return self._child.wait_until(lambda: _read(ready_file), "ready", timeout_s=300)

    def start(self) -> Endpoint:
        endpoint = rest_api(self.launch())
        if self._child is not None:
            self._child.wait_until(lambda: answers(endpoint), "answering", timeout_s=30)
        return endpoint

    @property
    def pid(self) -> int:
        """Of the main process.

        Raises
        ------
        RuntimeError
            It has not been started.
        """
        if self._child is None:
            raise RuntimeError(f"{self.name} has not been started")
        return self._child.pid

    def _command(self, ready_file: Path) -> list[str]:
        return [
            str(Path(sys.executable).with_name("cloudworthy")),
            "up",
            *self._stack,
            *("--port", str(free_neighbours(_API_AND_SITE))),
            *("--endpoint-port", str(free_port())),
            *("--state", str(self.state)),
            *("--ready-file", str(ready_file)),
        ]

    def memory(self) -> Sequence[ProcessMemory]:
        return self._child.memory() if self._child is not None else ()

    def stop(self) -> None:
        if self._child is not None:
            self._child.stop()


def _environment() -> dict[str, str]:
    """The shell's, less what would make the runtime choose another interpreter or account."""
    return {
        name: value
        for name, value in os.environ.items()
        if not name.startswith("AWS_") and name != "VIRTUAL_ENV"
    }


def _read(ready_file: Path) -> dict[str, Any] | None:
    """What it says, once it is there and complete."""
    try:
        ready: dict[str, Any] = json.loads(ready_file.read_text())
    except (OSError, ValueError):
        return None
    return ready


def rest_api(ready: Mapping[str, Any]) -> Endpoint:
    """Where the REST API is, with its key."""
    (api,) = (api for api in ready["apis"] if api["type"] == "REST")
    (key,) = ready["api_keys"].values()
    return Endpoint(api["url"].rstrip("/"), {"x-api-key": key})
