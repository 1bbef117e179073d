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
    """One thread for each connection that the other targets are given."""
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


def _run(workspace: Workspace, url: str, operation: str, threads: int, bounds: Bounds) -> Latencies:
    numbers = (threads, bounds.warm_up_s, bounds.measure_s, bounds.most_requests)
    done = subprocess.run(
        [
            str(workspace.handler_python()),
            str(workspace.program("bare_loop.py")),
            operation,
            *map(str, numbers),
        ],
        env={**variables("web-app"), **lambda_variables(url)},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        timeout=60 + bounds.warm_up_s + bounds.measure_s,
        check=True,
    )
    report = json.loads(done.stdout)
    return Latencies(report["each_ms"], report["seconds"])
