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
    target = _one_resource(resource)
    Validations.of(target).acknowledge(
        *(Acknowledgment(id=rule_id, reason=reason) for rule_id in rule_ids)
    )


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
