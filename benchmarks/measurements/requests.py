"""Latency and throughput of the API's operations, one target after the other."""

from __future__ import annotations

import time
from collections.abc import Callable

from benchmarks.client import Client
from benchmarks.load import Bounds, Operation, run
from benchmarks.results import RequestRow, TargetResult
from benchmarks.service import body_of, new_item
from benchmarks.targets.target import Endpoint, Target, running

CONNECTIONS = (1, 8)
OPERATIONS = ("GET item", "list 20", "POST item")
_SEEDED_ITEMS = 100


def measure(target: Target, bounds: Bounds, report: Callable[[str], None]) -> TargetResult:
    """Start a target, send every operation over every number of connections, and end it.

    Creates come last at each number of connections, so that each target reads from a table
    of nearly the same size.
    """
    started = time.perf_counter()
    with running(target) as endpoint:
        start_s = time.perf_counter() - started
        found = operations(endpoint)
        one, *more = CONNECTIONS
        rows = [_row(target, endpoint, operation, one, bounds, report) for operation in found]
        memory = tuple(target.memory())
        rows += [
            _row(target, endpoint, operation, connections, bounds, report)
            for connections in more
            for operation in found
        ]
    return TargetResult(target.name, start_s, memory, rows)


def _row(
    target: Target,
    endpoint: Endpoint,
    operation: Operation,
    connections: int,
    bounds: Bounds,
    report: Callable[[str], None],
) -> RequestRow:
    report(f"{target.name}: {operation.name}, {connections} connections")
    latencies = run(endpoint, operation, connections, bounds)
    return RequestRow(target.name, operation.name, connections, latencies)


def operations(endpoint: Endpoint) -> list[Operation]:
    """What is measured, with items made for it."""
    with Client(endpoint) as client:
        created = [
            client.json("POST", "/items", new_item(), status=201) for _ in range(_SEEDED_ITEMS)
        ]
    get, listing, post = OPERATIONS
    return [
        Operation(get, "GET", [f"/items/{item['item_id']}" for item in created]),
        Operation(listing, "GET", ["/items?limit=20"]),
        Operation(post, "POST", ["/items"], body_of(new_item()), status=201),
    ]
