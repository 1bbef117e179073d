"""How soon the runtime answers: first start, later starts, a change of code."""

from __future__ import annotations

import time
from pathlib import Path

from benchmarks.assembly import MeasuredAssembly
from benchmarks.client import Client
from benchmarks.results import StartResult
from benchmarks.targets.cloudworthy import Cloudworthy
from benchmarks.targets.target import Endpoint, running
from benchmarks.workspace import Workspace

_LONGEST_RELOAD_S = 10.0
_HANDLER_FILE = Path("items/handlers/api.py")
# Appended to the handler's file: it answers as before, but for the body.
_CHANGE = """

def _marked(answer_as_before):
    def handler(event, context):
        return {{**answer_as_before(event, context), "body": "{marker}"}}
    return handler


handler = _marked(handler)
"""


def measure(workspace: Workspace, assembly: MeasuredAssembly, rounds: int) -> StartResult:
    """The stack is web-app by its name for starts, as a user gives it."""
    state = workspace.fresh("start") / "state"
    target = Cloudworthy(workspace, ["web-app"], state)
    first_s = _start(target)
    second_s = [_start(target) for _ in range(rounds)]
    return StartResult(first_s, second_s, _reloads(workspace, assembly, rounds))


def _start(target: Cloudworthy) -> float:
    started = time.perf_counter()
    with running(target):
        return time.perf_counter() - started


def _reloads(workspace: Workspace, assembly: MeasuredAssembly, rounds: int) -> list[float]:
    state = workspace.fresh("reload") / "state"
    target = Cloudworthy(workspace, ["--assembly", str(assembly.directory)], state)
    file = assembly.code / _HANDLER_FILE
    original = file.read_text()
    try:
        with running(target) as endpoint:
            return [_reload(endpoint, file, f"change {number}") for number in range(rounds)]
    finally:
        file.write_text(original)


def _reload(endpoint: Endpoint, file: Path, marker: str) -> float:
    """Milliseconds from the change on disk to the first answer of the changed code."""
    changed = file.read_text() + _CHANGE.format(marker=marker)
    with Client(endpoint) as client:
        client.send("GET", "/items?limit=1")
        file.write_text(changed)
        started = time.perf_counter()
        while time.perf_counter() - started < _LONGEST_RELOAD_S:
            _, body = client.send("GET", "/items?limit=1")
            if body.decode() == marker:
                return (time.perf_counter() - started) * 1000
            time.sleep(0.005)
    raise TimeoutError(f"{file.name} was changed, but its old code still answers")
