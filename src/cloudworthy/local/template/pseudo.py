"""Pseudo parameters: what ``Ref: AWS::...`` answers."""

from __future__ import annotations

import hashlib
import uuid
from typing import Final

from cloudworthy.local.model.arns import partition_of, url_suffix_of
from cloudworthy.local.model.resources import Stack, TemplateValue


class _NoValue:
    """``AWS::NoValue``: the property it stands in is left out."""

    def __repr__(self) -> str:
        return "AWS::NoValue"


NO_VALUE: Final = _NoValue()


def stack_arn(stack: Stack) -> str:
    """The stack's id; its UUID follows from the name, so that it stays the same."""
    digest = hashlib.sha256(f"{stack.account}/{stack.region}/{stack.name}".encode()).digest()
    partition = partition_of(stack.region)
    return (
        f"arn:{partition}:cloudformation:{stack.region}:{stack.account}:"
        f"stack/{stack.name}/{uuid.UUID(bytes=digest[:16], version=4)}"
    )


def pseudo_parameters(stack: Stack) -> dict[str, TemplateValue]:
    """Source: CloudFormation user guide, "Pseudo parameters reference" (documented)."""
    return {
        "AWS::AccountId": stack.account,
        "AWS::NoValue": NO_VALUE,
        "AWS::NotificationARNs": [],
        "AWS::Partition": partition_of(stack.region),
        "AWS::Region": stack.region,
        "AWS::StackId": stack_arn(stack),
        "AWS::StackName": stack.name,
        "AWS::URLSuffix": url_suffix_of(stack.region),
    }
