"""serverless-offline 13 on serverless 3, with our handler and a dynoxide of its own."""

from __future__ import annotations

import os
import shutil
from collections.abc import Sequence

from benchmarks.client import answers
from benchmarks.dynamodb import LocalDynamoDb
from benchmarks.processes import Child, free_port
from benchmarks.results import ProcessMemory
from benchmarks.service import lambda_variables, variables
from benchmarks.targets.target import Endpoint
from benchmarks.workspace import Workspace

_API_KEY = "benchmark-key-of-serverless-offline"


class ServerlessOffline:
    """One Node process; it starts ``python3`` per concurrent request, and keeps it.

    No account, no login and no network are needed: serverless 3 asks for neither, and its
    telemetry and notifications are switched off.
    """

    name = "serverless-offline"

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._database: LocalDynamoDb | None = None
        self._child: Child | None = None

    def start(self) -> Endpoint:
        workspace = self._workspace
        directory = workspace.fresh("serverless-offline")
        modules = workspace.peer_modules()
        shutil.copy(workspace.own / "serverless.yml", directory)
        (directory / "node_modules").symlink_to(modules)
        self._database = LocalDynamoDb(
            workspace.dynoxide, directory, workspace.log("serverless-offline-dynoxide")
        )
        ports = {"BENCH_HTTP_PORT": str(free_port()), "BENCH_LAMBDA_PORT": str(free_port())}
        command = [str(workspace.node), str(modules / "serverless/bin/serverless.js"), "offline"]
        self._child = Child(
            command,
            workspace.log("serverless-offline"),
            environment={**self._environment(self._database.endpoint_url), **ports},
            directory=directory,
        )
        url = f"http://127.0.0.1:{ports['BENCH_HTTP_PORT']}/prod"
        endpoint = Endpoint(url, {"x-api-key": _API_KEY})
        self._child.wait_until(lambda: answers(endpoint), "answering", timeout_s=60)
        return endpoint

    def _environment(self, database_url: str) -> dict[str, str]:
        programs = (self._workspace.handler_python().parent, self._workspace.node.parent)
        return {
            **variables("web-app"),
            **lambda_variables(database_url),
            # It runs the first `python3` it finds.
            "PATH": os.pathsep.join([*map(str, programs), os.environ["PATH"]]),
            "HOME": str(self._workspace.scratch / "home"),
            "PYTHONPATH": str(self._workspace.services),
            "BENCH_API_KEY": _API_KEY,
            "SLS_TELEMETRY_DISABLED": "1",
            "SLS_NOTIFICATIONS_MODE": "off",
            "SLS_DEPRECATION_DISABLE": "*",
            "CI": "1",
        }

    def memory(self) -> Sequence[ProcessMemory]:
        return [
            *(self._child.memory() if self._child else ()),
            *(self._database.memory() if self._database else ()),
        ]

    def stop(self) -> None:
        if self._child is not None:
            self._child.stop()
        if self._database is not None:
            self._database.stop()
