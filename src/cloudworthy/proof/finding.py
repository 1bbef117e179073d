"""What a check has to say about a template."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

Template = Mapping[str, Any]
"""A CloudFormation template as JSON gives it."""


class Severity(StrEnum):
    """SARIF's word for how much a finding matters."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True, order=True)
class Finding:
    """One thing that is wrong with one resource.

    Parameters
    ----------
    check
        Who found it: ``cfn-lint``, ``cdk-nag``, ``checkov`` or ``cloudworthy``.
    rule
        The check's own name of the rule.
    resource
        The CDK path of the resource, or its logical id; empty for the template as a whole.
    message
        What was found and what to do.
    """

    check: str
    rule: str
    resource: str
    message: str
    severity: Severity = Severity.ERROR


def resource_name(logical_id: str, resource: Mapping[str, Any]) -> str:
    """How a finding calls a resource: by its CDK path where it has one."""
    return str(resource.get("Metadata", {}).get("aws:cdk:path") or logical_id)


@dataclass(frozen=True, slots=True)
class Synthesized:
    """A stack's name, the file with its template, and the template."""

    name: str
    file: Path
    template: Template
