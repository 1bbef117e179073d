"""The accepted findings of a synthesized template."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import groupby
from typing import Any

_INTRODUCTION = """\
## Accepted findings

Every system passes cdk-nag's AwsSolutions, Serverless, NIST 800-53 R5, HIPAA and PCI DSS
packs: `cdk synth` fails on a finding. `cloudworthy check` runs them again over the template
itself, with cfn-lint, checkov (its rules begin with `CKV_`) and checks of our own. These findings
are accepted, each on the one resource named and for the reason given; the same text stands in
the resource's metadata in the template.

Where a role may act on `*` or on a pattern, that is a finding of rule `IAM5` below.

cfn-lint is told on single resources to leave out W3005, a dependency that the CDK states twice:
by reference, and by `DependsOn`.
"""


@dataclass(frozen=True, order=True)
class AcceptedFinding:
    """One rule that one resource does not meet, and why that is right."""

    reason: str
    path: str
    rule_id: str


def accepted_findings(template: Mapping[str, Any]) -> list[AcceptedFinding]:
    """Read what a template's metadata accepts of the rule packs and of checkov."""
    found = []
    for resource in template["Resources"].values():
        metadata = resource.get("Metadata", {})
        accepted = [
            (rule["id"], rule["reason"])
            for rule in metadata.get("cdk_nag", {}).get("rules_to_suppress", ())
        ]
        accepted += [
            (check["id"], check["comment"]) for check in metadata.get("checkov", {}).get("skip", ())
        ]
        found += [
            AcceptedFinding(reason, metadata["aws:cdk:path"], rule_id)
            for rule_id, reason in accepted
        ]
    return sorted(set(found))


def as_section(templates: Iterable[Mapping[str, Any]]) -> str:
    """All findings of some templates, those with the same reason together."""
    findings = sorted({finding for each in templates for finding in accepted_findings(each)})
    sections = [_INTRODUCTION]
    for reason, same in groupby(findings, key=lambda finding: finding.reason):
        rows = list(same)
        rules = ", ".join(f"`{rule}`" for rule in sorted({row.rule_id for row in rows}))
        paths = "\n".join(f"- `{path}`" for path in sorted({row.path for row in rows}))
        sections.append(f"**{reason}**\n\n{rules}\n\n{paths}\n")
    return "\n".join(sections)
