"""The resources of a stack that faults can name, and every name each of them has."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from cloudworthy.local.faults.targets import LAMBDA
from cloudworthy.local.model.errors import CloudworthyError
from cloudworthy.local.model.resources import ProvisionedResource

_TARGETS = {
    "AWS::DynamoDB::Table": "dynamodb",
    "AWS::DynamoDB::GlobalTable": "dynamodb",
    "AWS::KMS::Key": "kms",
    "AWS::Lambda::Function": LAMBDA,
    "AWS::S3::Bucket": "s3",
    "AWS::SNS::Topic": "sns",
    "AWS::SQS::Queue": "sqs",
    "AWS::SecretsManager::Secret": "secretsmanager",
}
_NAMES = ("QueueName", "TopicName")
_CDK_HASH = re.compile(r"[0-9A-F]{8}")


class UnknownResourceError(CloudworthyError):
    """A fault names a resource or a function that the stack has not."""


@dataclass(frozen=True, slots=True)
class FaultResource:
    """Something that a fault can be narrowed to."""

    logical_id: str
    target: str
    physical_name: str
    arn: str
    names: frozenset[str]

    @property
    def short_id(self) -> str:
        """The logical id without the hash that the CDK puts behind it."""
        if _CDK_HASH.fullmatch(self.logical_id[-8:]) and len(self.logical_id) > 8:
            return self.logical_id[:-8]
        return self.logical_id

    def is_in(self, arns: Iterable[str]) -> bool:
        """Whether one of them is its own, or that of an index, an object or a stream of it."""
        return any(arn == self.arn or arn.startswith(f"{self.arn}/") for arn in arns)


class FaultResources:
    """The resources of one stack as faults name them.

    A name is a logical id, with or without the hash that the CDK puts behind it, a physical
    name, an ARN or a construct path.
    """

    def __init__(self, resources: Iterable[ProvisionedResource] = ()) -> None:
        self._resources = [_described(it) for it in resources if it.type in _TARGETS]

    def find(self, target: str, wanted: str) -> FaultResource:
        """The resource of a service that is meant.

        Raises
        ------
        UnknownResourceError
            There is none, or several are meant; the message lists what there is.
        """
        of_target = [it for it in self._resources if it.target == target]
        found = [it for it in of_target if wanted in it.names]
        found = found or [it for it in of_target if wanted == it.short_id]
        if len(found) == 1:
            return found[0]
        problem = f"{wanted!r} is ambiguous" if found else f"there is no {wanted!r}"
        known = ", ".join(f"{it.short_id} ({it.physical_name})" for it in found or of_target)
        raise UnknownResourceError(
            f"Of {target}, {problem} in this stack. "
            + (f"Give one of: {known}." if known else "It has no such resource that can be named.")
        )


def _described(resource: ProvisionedResource) -> FaultResource:
    arn = str(resource.attributes.get("Arn") or resource.attributes.get("TopicArn") or "")
    arn = arn or resource.physical_id
    names = {resource.logical_id, resource.physical_id, resource.construct_path, arn}
    names.update(str(resource.attributes[it]) for it in _NAMES if it in resource.attributes)
    target = _TARGETS[resource.type]
    physical_name = arn.rpartition(":")[2].removeprefix("table/").removeprefix("key/")
    return FaultResource(
        resource.logical_id, target, physical_name, arn, frozenset({*names, physical_name} - {""})
    )
