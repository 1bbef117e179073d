"""A server that does nothing: what the load generator and HTTP itself cost."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from benchmarks.client import answers
from benchmarks.processes import Child, free_port
from benchmarks.results import ProcessMemory
from benchmarks.targets.target import Endpoint
from benchmarks.workspace import Workspace


class NullServer:
    name = "null server"

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._child: Child | None = None

    def start(self) -> Endpoint:
        port = free_port()
        endpoint = Endpoint(f"http://127.0.0.1:{port}")
        program = self._workspace.program("null_server.py")
        self._child = Child(
            [sys.executable, str(program), str(port)], self._workspace.log("null-server")
        )
        self._child.wait_until(lambda: answers(endpoint), "answering", timeout_s=20)
        return endpoint

    def stop(self) -> None:
        if self._child is not None:
            self._child.stop()

    def memory(self) -> Sequence[ProcessMemory]:
        return self._child.memory() if self._child is not None else ()
