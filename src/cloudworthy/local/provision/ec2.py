"""Networks: a function on this machine is in none, so all of it is declared only."""

from __future__ import annotations

from collections.abc import Callable

from cloudworthy.local.model.resources import TemplateValue
from cloudworthy.local.provision.names import HEXADECIMAL
from cloudworthy.local.provision.resource_type import Recorded, Wanted

_Attributes = Callable[[Wanted, str], dict[str, TemplateValue]]


def _declared(
    name: str,
    prefix: str,
    *,
    inert: str,
    id_attribute: str,
    replaced_by: str = "",
    more: _Attributes = lambda _wanted, _physical_id: {},
) -> Recorded:
    """A type whose ids are a prefix and 17 digits, as EC2's are."""
    return Recorded(
        f"AWS::EC2::{name}",
        inert=inert,
        replaced_by=replaced_by,
        declared_only=True,
        identify=lambda wanted: f"{prefix}-{_digits(wanted)}",
        attributes=lambda wanted, physical_id: {
            id_attribute: physical_id,
            **more(wanted, physical_id),
        },
    )


def _digits(wanted: Wanted, purpose: str = "") -> str:
    return wanted.token(17, HEXADECIMAL, purpose=purpose)


def _vpc_attributes(wanted: Wanted, _vpc_id: str) -> dict[str, TemplateValue]:
    return {
        "CidrBlock": wanted.text("CidrBlock"),
        "CidrBlockAssociations": [f"vpc-cidr-assoc-{_digits(wanted, 'cidr')}"],
        "DefaultNetworkAcl": f"acl-{_digits(wanted, 'acl')}",
        "DefaultSecurityGroup": f"sg-{_digits(wanted, 'sg')}",
        "Ipv6CidrBlocks": [],
    }


def _subnet_attributes(wanted: Wanted, _subnet_id: str) -> dict[str, TemplateValue]:
    return {
        "AvailabilityZone": wanted.text("AvailabilityZone", f"{wanted.site.region}a"),
        "CidrBlock": wanted.text("CidrBlock"),
        "Ipv6CidrBlocks": [],
        "NetworkAclAssociationId": f"aclassoc-{_digits(wanted, 'acl')}",
        "VpcId": wanted.text("VpcId"),
    }


def _security_group_attributes(wanted: Wanted, group_id: str) -> dict[str, TemplateValue]:
    return {"Id": group_id, "VpcId": wanted.text("VpcId")}


def _endpoint_attributes(_wanted: Wanted, _endpoint_id: str) -> dict[str, TemplateValue]:
    """An interface endpoint's own addresses: there are none here."""
    return {
        "CreationTimestamp": "1970-01-01T00:00:00Z",
        "DnsEntries": [],
        "NetworkInterfaceIds": [],
    }


def _route_id(wanted: Wanted) -> str:
    return f"{wanted.text('RouteTableId')}|{_route_destination(wanted)}"


def _route_destination(wanted: Wanted) -> str:
    names = ("DestinationCidrBlock", "DestinationIpv6CidrBlock", "DestinationPrefixListId")
    return next((wanted.text(name) for name in names if wanted.text(name)), "")


def _public_ip(wanted: Wanted) -> str:
    """An address of the block that is kept for documentation (RFC 5737): it leads nowhere."""
    return f"192.0.2.{int(wanted.token(2, HEXADECIMAL), 16)}"


def _attachment_id(wanted: Wanted) -> str:
    kind = "VGW" if wanted.text("VpnGatewayId") else "IGW"
    return f"{kind}|{wanted.text('VpcId')}"


_RULE = "CidrIp CidrIpv6 FromPort GroupId IpProtocol ToPort"
_SOURCE = "SourcePrefixListId SourceSecurityGroupId SourceSecurityGroupName "
_INGRESS = f"{_RULE} {_SOURCE}SourceSecurityGroupOwnerId GroupName"
_EGRESS = f"{_RULE} DestinationPrefixListId DestinationSecurityGroupId"
_FLOW_LOG = (
    "DeliverCrossAccountRole DeliverLogsPermissionArn DestinationOptions LogDestination "
    "LogDestinationType LogFormat LogGroupName MaxAggregationInterval ResourceId ResourceType "
    "TagFieldSpecifications TrafficType"
)

# Source of Ref, GetAtt and replacement: CloudFormation template reference, Amazon EC2
# (documented).
TYPES = (
    _declared(
        "VPC",
        "vpc",
        inert="CidrBlock EnableDnsHostnames EnableDnsSupport InstanceTenancy Ipv4IpamPoolId "
        "Ipv4NetmaskLength Tags",
        replaced_by="CidrBlock Ipv4IpamPoolId Ipv4NetmaskLength",
        id_attribute="VpcId",
        more=_vpc_attributes,
    ),
    _declared(
        "Subnet",
        "subnet",
        inert="AssignIpv6AddressOnCreation AvailabilityZone AvailabilityZoneId CidrBlock "
        "EnableDns64 Ipv4IpamPoolId Ipv4NetmaskLength Ipv6CidrBlock Ipv6IpamPoolId Ipv6Native "
        "Ipv6NetmaskLength MapPublicIpOnLaunch OutpostArn PrivateDnsNameOptionsOnLaunch Tags VpcId",
        replaced_by="AvailabilityZone AvailabilityZoneId CidrBlock Ipv4IpamPoolId "
        "Ipv4NetmaskLength Ipv6IpamPoolId Ipv6Native Ipv6NetmaskLength OutpostArn VpcId",
        id_attribute="SubnetId",
        more=_subnet_attributes,
    ),
    _declared(
        "RouteTable",
        "rtb",
        inert="Tags VpcId",
        replaced_by="VpcId",
        id_attribute="RouteTableId",
    ),
    _declared(
        "SubnetRouteTableAssociation",
        "rtbassoc",
        inert="RouteTableId SubnetId",
        replaced_by="RouteTableId SubnetId",
        id_attribute="Id",
    ),
    Recorded(
        "AWS::EC2::Route",
        inert="CarrierGatewayId CoreNetworkArn DestinationCidrBlock DestinationIpv6CidrBlock "
        "DestinationPrefixListId EgressOnlyInternetGatewayId GatewayId InstanceId LocalGatewayId "
        "NatGatewayId NetworkInterfaceId RouteTableId TransitGatewayId VpcEndpointId "
        "VpcPeeringConnectionId",
        replaced_by="DestinationCidrBlock DestinationIpv6CidrBlock DestinationPrefixListId "
        "RouteTableId",
        declared_only=True,
        identify=_route_id,
        attributes=lambda wanted, _route: {"CidrBlock": _route_destination(wanted)},
    ),
    Recorded(
        "AWS::EC2::EIP",
        inert="Address Domain InstanceId IpamPoolId NetworkBorderGroup PublicIpv4Pool Tags "
        "TransferAddress",
        replaced_by="Address IpamPoolId NetworkBorderGroup TransferAddress",
        declared_only=True,
        identify=_public_ip,
        attributes=lambda wanted, address: {
            "AllocationId": f"eipalloc-{_digits(wanted)}",
            "PublicIp": address,
        },
    ),
    _declared(
        "NatGateway",
        "nat",
        inert="AllocationId AvailabilityMode AvailabilityZoneAddresses ConnectivityType "
        "MaxDrainDurationSeconds PrivateIpAddress SecondaryAllocationIds "
        "SecondaryPrivateIpAddressCount SecondaryPrivateIpAddresses SubnetId Tags VpcId",
        replaced_by="AllocationId AvailabilityMode ConnectivityType PrivateIpAddress SubnetId "
        "VpcId",
        id_attribute="NatGatewayId",
        more=lambda wanted, _gateway: {"EniId": f"eni-{_digits(wanted, 'eni')}"},
    ),
    _declared("InternetGateway", "igw", inert="Tags", id_attribute="InternetGatewayId"),
    Recorded(
        "AWS::EC2::VPCGatewayAttachment",
        inert="InternetGatewayId VpcId VpnGatewayId",
        replaced_by="VpcId",
        declared_only=True,
        identify=_attachment_id,
        attributes=lambda _wanted, physical_id: {"AttachmentType": physical_id.partition("|")[0]},
    ),
    _declared(
        "SecurityGroup",
        "sg",
        inert="GroupDescription GroupName SecurityGroupEgress SecurityGroupIngress Tags VpcId",
        replaced_by="GroupDescription GroupName VpcId",
        id_attribute="GroupId",
        more=_security_group_attributes,
    ),
    _declared(
        "SecurityGroupIngress",
        "sgr",
        inert=f"{_INGRESS} Description",
        replaced_by=_INGRESS,
        id_attribute="Id",
    ),
    _declared(
        "SecurityGroupEgress",
        "sgr",
        inert=f"{_EGRESS} Description",
        replaced_by=_EGRESS,
        id_attribute="Id",
    ),
    _declared(
        "VPCEndpoint",
        "vpce",
        inert="DnsOptions IpAddressType PolicyDocument PrivateDnsEnabled RouteTableIds "
        "SecurityGroupIds ServiceName ServiceRegion SubnetIds Tags VpcEndpointType VpcId",
        replaced_by="ServiceName ServiceRegion VpcEndpointType VpcId",
        id_attribute="Id",
        more=_endpoint_attributes,
    ),
    _declared(
        "FlowLog",
        "fl",
        inert=f"{_FLOW_LOG} Tags",
        replaced_by=_FLOW_LOG,
        id_attribute="Id",
    ),
)
