"""Findings as SARIF 2.1.0, which code hosts show beside the code.

Source: OASIS, "Static Analysis Results Interchange Format (SARIF) Version 2.1.0" (standard).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from cloudworthy.proof.finding import Finding

_SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/os/schemas/sarif-schema-2.1.0.json"


def as_sarif(found: Mapping[str, Sequence[Finding]], files: Mapping[str, str]) -> dict[str, Any]:
    """One run for each tool that found something, or one of ours when nothing was found.

    Parameters
    ----------
    found
        Findings by the stack's name.
    files
        The file with a stack's template, by the stack's name.
    """
    tools = sorted({each.check for findings in found.values() for each in findings})
    return {
        "$schema": _SCHEMA,
        "version": "2.1.0",
        "runs": [_run(tool, found, files) for tool in tools or ["cloudworthy"]],
    }


def _run(
    tool: str, found: Mapping[str, Sequence[Finding]], files: Mapping[str, str]
) -> dict[str, Any]:
    results = [
        _result(finding, files[stack])
        for stack, findings in found.items()
        for finding in findings
        if finding.check == tool
    ]
    rules = sorted({result["ruleId"] for result in results})
    driver = {"name": tool, "rules": [{"id": rule} for rule in rules]}
    return {"tool": {"driver": driver}, "results": results}


def _result(finding: Finding, file: str) -> dict[str, Any]:
    location: dict[str, Any] = {"physicalLocation": {"artifactLocation": {"uri": file}}}
    if finding.resource:
        location["logicalLocations"] = [
            {"fullyQualifiedName": finding.resource, "kind": "resource"}
        ]
    return {
        "ruleId": finding.rule,
        "level": finding.severity.value,
        "message": {"text": finding.message},
        "locations": [location],
    }
