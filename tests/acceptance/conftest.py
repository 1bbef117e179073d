"""The stack under test: deployed where ``CLOUDWORTHY_TARGET`` is ``aws``, otherwise local.

Against AWS, ``CLOUDWORTHY_STACK`` names a stack that has another name than its system, and
credentials and region are those of the environment. A local one is held to its permissions: once
all tests of a system have run, no call was refused, and every permission was used or is one of
``cloudworthy.blueprints.unused_permissions``.
"""

from __future__ import annotations

import json
import os
import subprocess
import time
from collections.abc import Iterator
from typing import Any

import boto3
import pytest

from acceptance.target import Target
from cloudworthy.blueprints.unused_permissions import UNUSED
from cloudworthy.local.permissions.report import read_report
from running_system import CLOUDWORTHY, RunningSystem, start_system

EVENT_CLOCK = ("--clock-speed", "300")
"""Three tries of an asynchronous event take three minutes on AWS."""
_SETTLES_S = 10


@pytest.fixture(scope="module")
def target(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Target]:
    system: str = request.module.SYSTEM
    where = os.environ.get("CLOUDWORTHY_TARGET", "local")
    if where == "aws":
        session = boto3.session.Session()
        yield Target(os.environ.get("CLOUDWORTHY_STACK", system), session.client)  # type: ignore[arg-type]
    elif where == "local":
        directory = tmp_path_factory.mktemp(system)
        with start_system(directory, system, "--iam", "enforce", *EVENT_CLOCK) as running:
            yield Target(system, running.client)
            left = {
                f"{system}/{name}/Function": set(reasons)
                for name, reasons in UNUSED[system].items()
            }
            if is_whole_file(request):
                wait_for_lambda(running, left)
        found = permissions(running)
        assert {name: it["denied"] for name, it in found.items() if it["denied"]} == {}
        assert not is_whole_file(request) or unused(found) == left
    else:
        pytest.fail(f"CLOUDWORTHY_TARGET: found {where!r}, expected local or aws.")


def permissions(system: RunningSystem) -> dict[str, Any]:
    """What ``cloudworthy iam`` says of each function."""
    command = [str(CLOUDWORTHY), "iam", "--json", "--state", str(system.state.parent)]
    return {it["function"]: it for it in json.loads(subprocess.check_output(command))}


def wait_for_lambda(system: RunningSystem, left: dict[str, set[str]]) -> None:
    """What Lambda does with an event that has failed may be later than the tests."""
    deadline = time.monotonic() + _SETTLES_S
    while time.monotonic() < deadline:
        found = read_report(system.state, since_start=False)
        if unused({it.function: it.as_json() for it in found}) == left:
            return
        time.sleep(0.02)


def unused(found: dict[str, Any]) -> dict[str, set[str]]:
    """What no call of each function has used, Lambda's own part included."""
    return {
        name: {f"{it['action']} on {it['name']}" for it in (*of["unused"], *of["used_by_lambda"])}
        for name, of in found.items()
    }


def is_whole_file(request: pytest.FixtureRequest) -> bool:
    """Whether no test of the module was left out, as with ``-k``."""
    module = request.node
    chosen = [it for it in request.session.items if it.path == module.path]
    return len(chosen) == len(list(module.collect()))
