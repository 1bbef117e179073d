"""Findings of cfn-lint, run as the command that people know."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping, Sequence
from typing import Any

from cloudworthy.local.model.errors import CloudworthyError
from cloudworthy.proof.finding import Finding, Severity, Synthesized, resource_name

_TIMEOUT_S = 300
_PROGRAM = "from cfnlint.runner import main; main()"


def cfn_lint(stacks: Sequence[Synthesized]) -> list[list[Finding]]:
    """What cfn-lint says of each template.

    Raises
    ------
    CloudworthyError
        It could not be run.
    """
    done = subprocess.run(
        [sys.executable, "-c", _PROGRAM, "--format", "json", *(str(s.file) for s in stacks)],
        capture_output=True,
        text=True,
        check=False,
        timeout=_TIMEOUT_S,
    )
    try:
        matches = json.loads(done.stdout or "[]")
    except ValueError:
        matches = None
    if matches is None or (done.returncode != 0 and not matches):
        said = "\n".join(done.stderr.strip().splitlines()[-4:])
        raise CloudworthyError(f"cfn-lint could not read the templates:\n{said}")
    return [
        [_finding(stack, match) for match in matches if match["Filename"] == str(stack.file)]
        for stack in stacks
    ]


def _finding(stack: Synthesized, match: Mapping[str, Any]) -> Finding:
    return Finding(
        check="cfn-lint",
        rule=match["Rule"]["Id"],
        resource=_resource(stack, match["Location"].get("Path") or []),
        message=match["Message"],
        severity=Severity.ERROR if match["Level"] == "Error" else Severity.WARNING,
    )


def _resource(stack: Synthesized, path: list[object]) -> str:
    if len(path) < 2 or path[0] != "Resources":
        return ""
    logical_id = str(path[1])
    return resource_name(logical_id, stack.template["Resources"].get(logical_id, {}))
