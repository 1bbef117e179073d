"""A network of a system: private subnets, their way out, and the endpoints that need none."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from aws_cdk import CfnResource, RemovalPolicy, aws_ec2, aws_iam, aws_logs
from aws_cdk.aws_ec2 import SubnetType
from constructs import Construct

from cloudworthy.constructs.function_network import FunctionNetwork
from cloudworthy.constructs.log_group import log_group
from cloudworthy.constructs.service_function import accept_inline_policy
from cloudworthy.constructs.suppressions import accept, in_packs

_ZONES: Final = 2
_SUBNET_MASK: Final = 24
_HTTPS_PORT: Final = 443


class Egress(StrEnum):
    """How the private subnets reach what is not in the network."""

    NAT_PER_AZ = "nat_per_az"
    NAT = "nat"
    ENDPOINTS_ONLY = "endpoints_only"

    @property
    def nat_gateways(self) -> int:
        return {Egress.NAT_PER_AZ: _ZONES, Egress.NAT: 1, Egress.ENDPOINTS_ONLY: 0}[self]


@dataclass(frozen=True)
class NetworkProps:
    """What differs between one network and another."""

    cidr: str
    egress: Egress
    log_retention: aws_logs.RetentionDays
    removal_policy: RemovalPolicy


class Network(Construct):
    """A VPC over two availability zones, with gateway endpoints for DynamoDB and S3.

    What goes through a gateway endpoint costs nothing and never crosses a NAT gateway.
    """

    def __init__(self, scope: Construct, construct_id: str, props: NetworkProps) -> None:
        super().__init__(scope, construct_id)
        self._private: Final = _private_subnets(props.egress)
        self.vpc: Final = aws_ec2.Vpc(
            self,
            "Vpc",
            ip_addresses=aws_ec2.IpAddresses.cidr(props.cidr),
            max_azs=_ZONES,
            nat_gateways=props.egress.nat_gateways,
            subnet_configuration=_subnets(props.egress),
            gateway_endpoints={
                "DynamoDb": _endpoint(aws_ec2.GatewayVpcEndpointAwsService.DYNAMODB),
                "S3": _endpoint(aws_ec2.GatewayVpcEndpointAwsService.S3),
            },
            # Closing it takes a custom resource with a function that nothing else needs.
            restrict_default_security_group=False,
        )
        self.flow_logs: Final = self._log_flows(props)
        _accept_findings(self.vpc)

    def for_function(
        self, construct_id: str, *, prefix_lists: Sequence[str], https_cidrs: Sequence[str]
    ) -> FunctionNetwork:
        """A place for one function, with a security group that lets out what is named here.

        The prefix lists are those of services behind a gateway endpoint, by id; the CIDRs are
        other addresses that the function calls over HTTPS.
        """
        group = aws_ec2.CfnSecurityGroup(
            self,
            construct_id,
            vpc_id=self.vpc.vpc_id,
            group_description="Lets its function call what it is granted, and lets nothing in",
            # Any rule written here takes the place of EC2's own, which lets out everything.
            security_group_egress=[
                *(_https(destination_prefix_list_id=each) for each in prefix_lists),
                *(_https(cidr_ip=each) for each in https_cidrs),
            ],
        )
        imported = aws_ec2.SecurityGroup.from_security_group_id(
            self, f"{construct_id}Reference", group.attr_group_id, mutable=False
        )
        return FunctionNetwork(self.vpc, self._private, imported)

    def _log_flows(self, props: NetworkProps) -> aws_logs.LogGroup:
        logs = log_group(
            self, "FlowLogs", retention=props.log_retention, removal_policy=props.removal_policy
        )
        role = aws_iam.Role(
            self,
            "FlowLogRole",
            assumed_by=aws_iam.ServicePrincipal("vpc-flow-logs.amazonaws.com"),
        )
        logs.grant(role, "logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents")
        flow_log = aws_ec2.CfnFlowLog(
            self,
            "FlowLog",
            resource_id=self.vpc.vpc_id,
            resource_type="VPC",
            traffic_type="ALL",
            log_destination_type="cloud-watch-logs",
            log_group_name=logs.log_group_name,
            deliver_logs_permission_arn=role.role_arn,
        )
        flow_log.node.add_dependency(role.node.find_child("DefaultPolicy"))
        accept_inline_policy(role)
        return logs


def _https(
    *, cidr_ip: str | None = None, destination_prefix_list_id: str | None = None
) -> aws_ec2.CfnSecurityGroup.EgressProperty:
    return aws_ec2.CfnSecurityGroup.EgressProperty(
        ip_protocol="tcp",
        from_port=_HTTPS_PORT,
        to_port=_HTTPS_PORT,
        cidr_ip=cidr_ip,
        destination_prefix_list_id=destination_prefix_list_id,
        description="What the function calls",
    )


def _private_subnets(egress: Egress) -> aws_ec2.SubnetSelection:
    return aws_ec2.SubnetSelection(subnet_type=_private_type(egress))


def _private_type(egress: Egress) -> SubnetType:
    if egress is Egress.ENDPOINTS_ONLY:
        return SubnetType.PRIVATE_ISOLATED
    return SubnetType.PRIVATE_WITH_EGRESS


def _subnets(egress: Egress) -> list[aws_ec2.SubnetConfiguration]:
    """Public ones hold NAT gateways; without these nothing would be in them."""
    private = aws_ec2.SubnetConfiguration(
        name="Private", subnet_type=_private_type(egress), cidr_mask=_SUBNET_MASK
    )
    if egress is Egress.ENDPOINTS_ONLY:
        return [private]
    public = aws_ec2.SubnetConfiguration(
        name="Public",
        subnet_type=SubnetType.PUBLIC,
        cidr_mask=_SUBNET_MASK,
        map_public_ip_on_launch=False,
    )
    return [public, private]


def _endpoint(service: aws_ec2.GatewayVpcEndpointAwsService) -> aws_ec2.GatewayVpcEndpointOptions:
    return aws_ec2.GatewayVpcEndpointOptions(service=service)


def _accept_findings(vpc: aws_ec2.Vpc) -> None:
    accept(
        vpc,
        "Nothing is put into the default security group: the function has one of its own, which "
        "lets nothing in. CloudFormation cannot close the default one without a custom resource.",
        *in_packs("VPCDefaultSecurityGroupClosed"),
    )
    for subnet in vpc.public_subnets:
        accept(
            _default_route(subnet),
            "The subnet holds a NAT gateway and nothing else, and gives no public address to "
            "what is started in it.",
            *in_packs("VPCNoUnrestrictedRouteToIGW"),
        )


def _default_route(subnet: aws_ec2.ISubnet) -> CfnResource:
    route = subnet.node.find_child("DefaultRoute")
    if not isinstance(route, CfnResource):
        raise TypeError(f"{route.node.path}: found no CloudFormation resource")
    return route
