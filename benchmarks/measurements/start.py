"""How soon the runtime answers: first start, later starts, a change of code."""

from __future__ import annotations

import time
from pathlib import Path

from benchmarks.client import Client
from benchmarks.project import Project
from benchmarks.results import StartResult
from benchmarks.targets.cloudworthy import Cloudworthy
from benchmarks.targets.target import Endpoint, running
from benchmarks.workspace import Workspace

_LONGEST_RELOAD_S = 10.0
_ASKED_EVERY_S = 0.01
# The template's throttle lets 50 requests a second through and 100 at once: asking for the
# change must begin with all of the latter.
_THROTTLE_REFILL_S = 2.0
_HANDLER_FILE = Path("items/handlers/api.py")
# Appended to the handler's file: it answers as before, but for the body.
_CHANGE = """

def _marked(answer_as_before):
    def handler(event, context):
        return {{**answer_as_before(event, context), "body": "{marker}"}}
    return handler


handler = _marked(handler)
"""


def measure(workspace: Workspace, rounds: int) -> StartResult:
    """The stack is web-app by its name, as a user gives it, in a project without caches."""
    project = Project.copy(workspace, "start")
    target = Cloudworthy(workspace, project, ["web-app"])
    first_s = _start(target)
    second_s = [_start(target) for _ in range(rounds)]
    return StartResult(first_s, second_s, _reloads(target, project.services, rounds))


def _start(target: Cloudworthy) -> float:
    started = time.perf_counter()
    with running(target):
        return time.perf_counter() - started


def _reloads(target: Cloudworthy, services: Path, rounds: int) -> list[float]:
    file = services / _HANDLER_FILE
    with running(target) as endpoint:
        return [_reload(endpoint, file, f"change {number}") for number in range(rounds)]


def _reload(endpoint: Endpoint, file: Path, marker: str) -> float:
    """Milliseconds from the change on disk to the first answer of the changed code."""
    changed = file.read_text() + _CHANGE.format(marker=marker)
    time.sleep(_THROTTLE_REFILL_S)
    with Client(endpoint) as client:
        client.send("GET", "/items?limit=1")
        file.write_text(changed)
        started = time.perf_counter()
        while time.perf_counter() - started < _LONGEST_RELOAD_S:
            _, body = client.send("GET", "/items?limit=1")
            if body.decode() == marker:
                return (time.perf_counter() - started) * 1000
            time.sleep(_ASKED_EVERY_S)
    raise TimeoutError(f"{file.name} was changed, but its old code still answers")
