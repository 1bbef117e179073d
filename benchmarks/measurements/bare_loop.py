"""The same DynamoDB calls without anything around them."""

from __future__ import annotations

import json
import subprocess
import time

from benchmarks.dynamodb import LocalDynamoDb
from benchmarks.load import Bounds
from benchmarks.measurements.requests import CONNECTIONS, OPERATIONS
from benchmarks.results import Latencies, RequestRow, TargetResult
from benchmarks.service import lambda_variables, variables
from benchmarks.workspace import Workspace

NAME = "bare DynamoDB loop"


def measure(workspace: Workspace, bounds: Bounds) -> TargetResult:
    """One process a connection, as a worker pool has one a concurrent request."""
    started = time.perf_counter()
    directory = workspace.fresh("bare-loop")
    database = LocalDynamoDb(workspace.dynoxide, directory, workspace.log("bare-loop-dynoxide"))
    start_s = time.perf_counter() - started
    try:
        rows = [
            RequestRow(
                NAME,
                operation,
                connections,
                _run(workspace, database.endpoint_url, operation, connections, bounds),
            )
            for connections in CONNECTIONS
            for operation in OPERATIONS
        ]
        return TargetResult(NAME, start_s, database.memory(), rows)
    finally:
        database.stop()


def _run(
    workspace: Workspace, url: str, operation: str, processes: int, bounds: Bounds
) -> Latencies:
    numbers = (bounds.warm_up_s, bounds.measure_s, bounds.most_requests)
    arguments = [operation, *map(str, numbers)]
    python, program = workspace.handler_python(), workspace.program("bare_loop.py")
    environment = {
        **variables("web-app"),
        **lambda_variables(url),
    }
    loops = [
        subprocess.Popen(
            [str(python), str(program), *arguments],
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        for _ in range(processes)
    ]
    try:
        return _together(loops)
    finally:
        for loop in loops:
            loop.kill()
            loop.wait()


def _together(loops: list[subprocess.Popen[str]]) -> Latencies:
    for loop in loops:
        assert loop.stdout is not None
        loop.stdout.readline()
    for loop in loops:
        assert loop.stdin is not None
        loop.stdin.write("go\n")
        loop.stdin.flush()
    reports = [json.loads(loop.communicate()[0]) for loop in loops]
    return Latencies(
        [latency for report in reports for latency in report["each_ms"]],
        max(report["seconds"] for report in reports),
    )
