"""What the figures were measured on: facts that change them, and nothing that names a person."""

from __future__ import annotations

import json
import os
import platform
import subprocess
from pathlib import Path

import psutil

from benchmarks.workspace import Workspace


def facts(workspace: Workspace) -> list[tuple[str, str]]:
    memory_gib = psutil.virtual_memory().total / 1024**3
    return [
        ("machine", f"{_cores()} cores ({platform.machine()}), {memory_gib:.0f} GiB memory"),
        ("system", platform.system()),
        ("load average before the run", f"{os.getloadavg()[0]:.2f}"),
        ("runtime and load generator", f"Python {platform.python_version()}"),
        ("handlers", _printed(workspace.handler_python(), "--version")),
        ("Node", _printed(workspace.node, "--version")),
        ("dynoxide", _printed(workspace.dynoxide, "--version").rpartition(" ")[2]),
        *_peers(workspace),
    ]


def _cores() -> int:
    """The ones this process may use, where the system tells."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _peers(workspace: Workspace) -> list[tuple[str, str]]:
    node = json.loads((workspace.own / "package.json").read_text())["dependencies"]
    pins = (workspace.own / "requirements.txt").read_text().splitlines()
    python = dict(line.split(" ")[0].split("==") for line in pins if "==" in line)
    versions = {**node, **{name: python[name] for name in ("ministack", "boto3")}}
    return list(versions.items())


def _printed(program: Path, argument: str) -> str:
    done = subprocess.run([str(program), argument], capture_output=True, text=True, check=True)
    return done.stdout.strip()
