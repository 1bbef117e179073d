"""Findings of the rule packs that are accepted, each on one resource with its reason."""

from enum import StrEnum

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


def accept(resource: IConstruct, reason: str, *rule_ids: str) -> None:
    """Accept findings on the one CloudFormation resource behind a construct.

    Raises
    ------
    ValueError
        The construct is not one resource: an acceptance must never cover a subtree.
    """
    target = resource if isinstance(resource, CfnResource) else resource.node.default_child
    if not isinstance(target, CfnResource):
        raise ValueError(  # noqa: TRY004 - the type is right, the construct is not
            f"{resource.node.path}: found no single resource, expected one. "
            "Name the resource whose finding is accepted."
        )
    Validations.of(target).acknowledge(
        *(Acknowledgment(id=rule_id, reason=reason) for rule_id in rule_ids)
    )


def in_packs(rule: str, *packs: Pack) -> tuple[str, ...]:
    """The ids one rule has in several packs (the three compliance packs when none is named)."""
    return tuple(f"{pack.value}-{rule}" for pack in packs or COMPLIANCE)
