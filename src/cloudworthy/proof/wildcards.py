"""Policies that grant more than can be named."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from cloudworthy.proof.acceptance import accepts_wildcard
from cloudworthy.proof.finding import Finding, Template, resource_name
from cloudworthy.proof.identity_policies import statements

_ADVICE = "Name what is needed, or accept AwsSolutions-IAM5 on this resource with the reason."


def wildcards(template: Template) -> Iterator[Finding]:
    """Statements of identity policies that allow ``*`` of actions or on every resource."""
    for logical_id, resource in template.get("Resources", {}).items():
        for statement in statements(resource):
            for kind, value in _wildcards(statement):
                if not accepts_wildcard(resource, kind, value):
                    yield Finding(
                        check="cloudworthy",
                        rule=f"wildcard-{kind.lower()}",
                        resource=resource_name(logical_id, resource),
                        message=f"found {kind} {value!r} in a statement that allows. {_ADVICE}",
                    )


def _wildcards(statement: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    if statement.get("Effect") != "Allow":
        return
    for action in _texts(statement.get("Action")):
        if "*" in action:
            yield "Action", action
    if "NotAction" in statement:
        yield "Action", "everything but some"
    if "*" in _texts(statement.get("Resource")):
        yield "Resource", "*"
    if "NotResource" in statement:
        yield "Resource", "everything but some"


def _texts(value: object) -> list[str]:
    values = value if isinstance(value, list) else [value]
    return [each for each in values if isinstance(each, str)]
