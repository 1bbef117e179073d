"""Findings of cdk-nag's rule packs, which run over the templates in a process of their own.

They need the CDK. Run over the template, and not inside the app, they look the same way at
apps of other people, and see resources that the CDK adds behind its constructs.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from cloudworthy.local.model.errors import CloudworthyError
from cloudworthy.proof.finding import Finding, Severity, Synthesized, resource_name

_PROGRAM = "cloudworthy.blueprints.check_template"
_REPORT = "validation-report.json"
_TIMEOUT_S = 300


def rule_packs(stacks: Sequence[Synthesized]) -> list[list[Finding]]:
    """The findings of each stack that its own metadata does not accept.

    Raises
    ------
    CloudworthyError
        The CDK could not read a template.
    """
    with tempfile.TemporaryDirectory(prefix="cloudworthy-") as scratch:
        files = [str(stack.file.absolute()) for stack in stacks]
        done = subprocess.run(
            [sys.executable, "-m", _PROGRAM, scratch, *files],
            capture_output=True,
            text=True,
            check=False,
            timeout=_TIMEOUT_S,
        )
        report = Path(scratch) / _REPORT
        if done.returncode != 0 or not report.is_file():
            said = "\n".join(done.stderr.strip().splitlines()[-4:])
            raise CloudworthyError(
                f"cdk-nag could not read the templates:\n{said}\n"
                "  Leave it out with --skip cdk-nag."
            )
        found = list(_violations(json.loads(report.read_text())))
    return [
        [_finding(stack, logical_id, violation) for at, logical_id, violation in found if at == n]
        for n, stack in enumerate(stacks)
    ]


def _violations(report: Mapping[str, Any]) -> Iterator[tuple[int, str, Mapping[str, Any]]]:
    """The number of the template, the logical id and the violation."""
    for plugin in report["pluginReports"]:
        for violation in plugin["violations"]:
            for place in violation["violatingConstructs"]:
                template, _, logical_id = place["constructPath"].split("/", 2)
                yield int(template.removeprefix("Template")), logical_id, violation


def _finding(stack: Synthesized, logical_id: str, violation: Mapping[str, Any]) -> Finding:
    return Finding(
        check="cdk-nag",
        rule=violation["ruleName"],
        resource=resource_name(logical_id, stack.template["Resources"].get(logical_id, {})),
        message=violation["description"],
        severity=Severity.WARNING if violation["severity"] == "warning" else Severity.ERROR,
    )
