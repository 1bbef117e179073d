"""Where in a VPC a function has its addresses, and what its role needs for that."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from aws_cdk import Stack, Token, aws_ec2, aws_iam

from cloudworthy.constructs.suppressions import accept

_ON_INTERFACES: Final = (
    "ec2:AssignPrivateIpAddresses",
    "ec2:DeleteNetworkInterface",
    "ec2:UnassignPrivateIpAddresses",
)
_ON_EVERYTHING: Final = ("ec2:DescribeNetworkInterfaces", "ec2:DescribeSubnets")
_CREATE: Final = "ec2:CreateNetworkInterface"


@dataclass(frozen=True)
class FunctionNetwork:
    """A VPC, subnets of it and the security group of a function."""

    vpc: aws_ec2.IVpc
    subnets: aws_ec2.SubnetSelection
    security_group: aws_ec2.ISecurityGroup

    def allow_interfaces(self, role: aws_iam.Role) -> None:
        """Let Lambda make the function's network interfaces in its subnets and its group.

        Lambda does that with the function's role; the function's own code is denied it.

        Source: AWS Lambda developer guide, "Giving Lambda functions access to resources in an
        Amazon VPC", execution role permissions (documented); Service Authorization Reference,
        Amazon EC2 (documented).
        """
        stack = Stack.of(role)
        interfaces = stack.format_arn(
            service="ec2", resource="network-interface", resource_name="*"
        )
        role.add_to_policy(_allow([_CREATE], [interfaces, *self._places(stack)]))
        role.add_to_policy(_allow(_ON_INTERFACES, [interfaces]))
        role.add_to_policy(_allow(_ON_EVERYTHING, ["*"]))
        role.add_to_policy(_deny_to_code())
        _accept_findings(role, stack)

    def _places(self, stack: Stack) -> list[str]:
        subnets = self.vpc.select_subnets(subnet_type=self.subnets.subnet_type).subnet_ids
        names = [
            *(("subnet", each) for each in subnets),
            ("security-group", self.security_group.security_group_id),
        ]
        return [
            stack.format_arn(service="ec2", resource=kind, resource_name=name)
            for kind, name in names
        ]


def _allow(actions: Sequence[str], resources: Sequence[str]) -> aws_iam.PolicyStatement:
    return aws_iam.PolicyStatement(actions=list(actions), resources=list(resources))


def _deny_to_code() -> aws_iam.PolicyStatement:
    """Calls that a function's code makes carry the ARN of the function; Lambda's own do not."""
    return aws_iam.PolicyStatement(
        effect=aws_iam.Effect.DENY,
        actions=sorted([_CREATE, *_ON_INTERFACES, *_ON_EVERYTHING]),
        resources=["*"],
        conditions={"Null": {"lambda:SourceFunctionArn": "false"}},
    )


def _accept_findings(role: aws_iam.Role, stack: Stack) -> None:
    accept(
        role.node.find_child("DefaultPolicy"),
        "Lambda gives the function's network interfaces their ids, so they cannot be named "
        "before; the subnets and the security group are. The function's own code is denied all "
        "of it.",
        "AwsSolutions-IAM5[Resource::"
        f"arn:{_known(stack.partition, 'Partition')}:ec2:{_known(stack.region, 'Region')}:"
        f"{_known(stack.account, 'AccountId')}:network-interface/*]",
    )


def _known(value: str, pseudo_parameter: str) -> str:
    """A value as the rule packs write it, who see the template."""
    return f"<AWS::{pseudo_parameter}>" if Token.is_unresolved(value) else value
