"""AWS managed policies that CDK apps use, by their contents; read when first asked for."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import cast

from cloudworthy.local.iam.policy import Policy, parse_policy
from cloudworthy.local.model.errors import UnsupportedError

_FACTS = "managed_policies.json"
_PREFIX = "arn:aws:iam::aws:policy/"


def is_managed_by_aws(arn: str) -> bool:
    """Whether an ARN is that of a policy of AWS, in any partition."""
    return _in_standard_partition(arn).startswith(_PREFIX)


def managed_policy(arn: str, *, where: str, logical_id: str = "") -> Policy:
    """The contents of an AWS managed policy.

    Parameters
    ----------
    arn
        With the policy's path, e.g.
        ``arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole``.
    where
        What names the policy, e.g. ``AWS::IAM::Role.ManagedPolicyArns``, for an error.
    logical_id
        The resource that names it.

    Raises
    ------
    UnsupportedError
        The policy is none of those whose contents are known.
    """
    standard = _in_standard_partition(arn)
    document = _documents().get(standard)
    if document is None:
        raise UnsupportedError(
            where,
            logical_id,
            found=f"the managed policy {arn}, whose contents are not known",
            supported=f"one of {len(_documents())} AWS managed policies or a policy of the stack",
        )
    return parse_policy(document, name=standard.rpartition("/")[2], logical_id=logical_id)


@cache
def _documents() -> Mapping[str, object]:
    text = files(__package__).joinpath(_FACTS).read_text(encoding="utf-8")
    return cast("Mapping[str, object]", json.loads(text)["policies"])


def _in_standard_partition(arn: str) -> str:
    partition, _, rest = arn.removeprefix("arn:").partition(":")
    return f"arn:aws:{rest}" if partition.startswith("aws") else arn
