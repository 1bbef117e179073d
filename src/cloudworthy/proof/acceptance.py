"""What a template's own metadata says is accepted."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_WILDCARDS = "AwsSolutions-IAM5"


def is_accepted(resource: Mapping[str, Any], rule: str) -> bool:
    """Whether a rule of ours is accepted on a resource.

    It is when ``Metadata.cloudworthy.accept`` of that one resource lists it with a reason:
    ``[{"id": "log-retention", "reason": "..."}]``.
    """
    listed = resource.get("Metadata", {}).get("cloudworthy", {}).get("accept", ())
    return any(each.get("id") == rule and each.get("reason") for each in listed)


def accepts_wildcard(resource: Mapping[str, Any], kind: str, value: str) -> bool:
    """Whether cdk-nag's rule on wildcards is accepted on a resource.

    ``kind`` is ``Action`` or ``Resource``, ``value`` what a policy says there.
    """
    listed = resource.get("Metadata", {}).get("cdk_nag", {}).get("rules_to_suppress", ())
    known = {_WILDCARDS, f"{_WILDCARDS}[{kind}::{value}]"}
    return any(each.get("id") in known and each.get("reason") for each in listed)
