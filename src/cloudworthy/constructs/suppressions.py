"""Findings of the static checks that are accepted, each on one resource with its reason."""

from enum import StrEnum
from typing import Final

from aws_cdk import Acknowledgment, CfnResource, Validations
from constructs import IConstruct


class Pack(StrEnum):
    """Prefix of a rule pack's ids."""

    AWS_SOLUTIONS = "AwsSolutions"
    HIPAA = "HIPAA.Security"
    NIST = "NIST.800.53.R5"
    PCI = "PCI.DSS.321"
    SERVERLESS = "Serverless"


COMPLIANCE = (Pack.HIPAA, Pack.NIST, Pack.PCI)

_CHECKOV: Final = "CKV_"
_IN_CHECKOV: Final = {
    "APIG4": "CKV_AWS_59",
    "APIGWCacheEnabledAndEncrypted": "CKV_AWS_120",
    "CFR2": "CKV_AWS_68",
    "CFR4": "CKV_AWS_174",
    "CloudWatchLogGroupEncrypted": "CKV_AWS_158",
    "LambdaConcurrency": "CKV_AWS_115",
    "LambdaDLQ": "CKV_AWS_116",
    "LambdaInsideVPC": "CKV_AWS_117",
    "S1": "CKV_AWS_18",
    "S3BucketLoggingEnabled": "CKV_AWS_18",
    "SNSEncryptedKMS": "CKV_AWS_26",
    "SecretsManagerUsingKMSKey": "CKV_AWS_149",
}
"""checkov's id of the very finding that a rule of the packs is about."""


def accept(resource: IConstruct, reason: str, *rule_ids: str) -> None:
    """Accept findings on the one CloudFormation resource behind a construct.

    What is accepted from a rule pack is accepted from checkov, too, where it has the same
    rule. checkov's own ids begin with ``CKV_``.

    Raises
    ------
    ValueError
        The construct is not one resource: an acceptance must never cover a subtree.
    """
    target = _one_resource(resource)
    of_packs = [rule_id for rule_id in rule_ids if not rule_id.startswith(_CHECKOV)]
    if of_packs:
        Validations.of(target).acknowledge(
            *(Acknowledgment(id=rule_id, reason=reason) for rule_id in of_packs)
        )
    of_checkov = {_IN_CHECKOV.get(rule_id.rpartition("-")[2], rule_id) for rule_id in rule_ids}
    for check_id in sorted(each for each in of_checkov if each.startswith(_CHECKOV)):
        _skip_in_checkov(target, check_id, reason)


def _skip_in_checkov(resource: CfnResource, check_id: str, reason: str) -> None:
    """Source: checkov documentation, "Suppressing and skipping policies" (documented)."""
    skipped = (resource.get_metadata("checkov") or {"skip": []})["skip"]
    if check_id not in [each["id"] for each in skipped]:
        entry = {"id": check_id, "comment": reason}
        resource.add_metadata("checkov", {"skip": [*skipped, entry]})


def in_packs(rule: str, *packs: Pack) -> tuple[str, ...]:
    """The ids one rule has in several packs (the three compliance packs when none is named)."""
    return tuple(f"{pack.value}-{rule}" for pack in packs or COMPLIANCE)


def tolerate_redundant_depends_on(resource: IConstruct) -> None:
    """Keep cfn-lint quiet about a dependency the CDK states twice.

    A function depends on its role by reference, and by ``DependsOn`` on the role and its
    policy. Only the second is needed for the policy, and the CDK writes both.
    """
    _one_resource(resource).add_metadata("cfn-lint", {"config": {"ignore_checks": ["W3005"]}})


def _one_resource(resource: IConstruct) -> CfnResource:
    target = resource if isinstance(resource, CfnResource) else resource.node.default_child
    if isinstance(target, CfnResource):
        return target
    raise ValueError(
        f"{resource.node.path}: found no single resource, expected one. "
        "Name the resource whose finding is accepted."
    )
