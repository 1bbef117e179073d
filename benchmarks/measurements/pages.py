"""What a page costs, at the beginning and in the middle, as the table grows."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from urllib.parse import quote

from benchmarks import dataset
from benchmarks.client import Client
from benchmarks.load import Bounds, Operation, run
from benchmarks.results import PageRow
from benchmarks.targets.cloudworthy import Cloudworthy
from benchmarks.targets.target import Endpoint, running
from benchmarks.workspace import Workspace

PAGES = ("first", "middle", "first of a status", "middle of a status")
_DATABASE = "dynamodb.sqlite"
_STATUS = dataset.STATUSES[0]


def measure(
    workspace: Workspace,
    target: Cloudworthy,
    sizes: Sequence[int],
    bounds: Bounds,
    report: Callable[[str], None],
) -> list[PageRow]:
    """Let the runtime make the table, then fill it further and further between its runs."""
    with running(target):
        (database,) = target.state.rglob(_DATABASE)
    rows: list[PageRow] = []
    filled = 0
    for size in sizes:
        report(f"pages: filling the table to {size:,} items")
        dataset.add(workspace, database, range(filled, size))
        filled = size
        rows += _measure_size(target, size, bounds, report)
    return rows


def _measure_size(
    target: Cloudworthy, size: int, bounds: Bounds, report: Callable[[str], None]
) -> list[PageRow]:
    with running(target) as endpoint:
        report(f"pages: walking to the middle of {size:,} items")
        first, of_status = "/items?limit=20", f"/items?limit=20&status={_STATUS}"
        middle = first + _token_at(endpoint, "", size // 2)
        of_status_items = size // len(dataset.STATUSES)
        middle_of_status = of_status + _token_at(
            endpoint, f"&status={_STATUS}", of_status_items // 2
        )
        report(f"pages: measuring at {size:,} items")
        paths = (first, middle, of_status, middle_of_status)
        return [
            PageRow(size, page, run(endpoint, Operation(page, "GET", [path]), 1, bounds))
            for page, path in zip(PAGES, paths, strict=True)
        ]


def _token_at(endpoint: Endpoint, query: str, items: int) -> str:
    """Go from page to page, as a client would, until ``items`` have passed."""
    token, passed = "", 0
    with Client(endpoint) as client:
        while passed < items:
            page = client.json("GET", f"/items?limit=100{query}{token}")
            passed += page["count"]
            token = f"&lastKey={quote(page['lastKey'])}"
    return token
