"""What a role's policy allows, in a form that can be compared."""

from __future__ import annotations

import json
from typing import Any

from synthesized import Resource


def granted(policy: Resource, prefix: str) -> dict[str, set[str]]:
    """Resource (as JSON) to the actions on it that start with the prefix."""
    allowed: dict[str, set[str]] = {}
    for statement in policy.properties["PolicyDocument"]["Statement"]:
        if statement["Effect"] == "Deny":
            continue
        actions = {each for each in _listed(statement["Action"]) if each.startswith(prefix)}
        for resource in _listed(statement["Resource"]):
            if actions:
                allowed.setdefault(json.dumps(resource), set()).update(actions)
    return allowed


def arn(logical_id: str, suffix: str = "") -> str:
    """The ARN of a resource of the stack, as it stands in a policy."""
    own = {"Fn::GetAtt": [logical_id, "Arn"]}
    return json.dumps({"Fn::Join": ["", [own, suffix]]} if suffix else own)


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]
