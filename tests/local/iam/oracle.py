"""Decisions of ``@cloud-copilot/iam-simulate``, by one Node process for many requests."""

from __future__ import annotations

import json
import subprocess
import tempfile
from collections.abc import Iterable
from pathlib import Path

from cloudworthy.local.engines.platforms import default_tools
from cloudworthy.node import node_binary
from local.iam.cases import Case

SCRIPT = Path(__file__).resolve().parents[2] / "iam" / "oracle.mjs"


def modules() -> Path:
    """Where ``make setup-dev`` has installed the oracle."""
    installed = default_tools() / "iam-oracle" / "node_modules"
    assert installed.is_dir(), f"found nothing at {installed}. Run make setup-dev."
    return installed


def decisions(cases: Iterable[Case]) -> list[str]:
    """What the oracle decides: Allowed, ExplicitlyDenied or ImplicitlyDenied."""
    with tempfile.TemporaryFile("w+", encoding="utf-8") as asked:
        for case in cases:
            asked.write(json.dumps(case.for_oracle()) + "\n")
        asked.seek(0)
        command = [str(node_binary()), str(SCRIPT), str(modules())]
        done = subprocess.run(command, stdin=asked, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.split()
