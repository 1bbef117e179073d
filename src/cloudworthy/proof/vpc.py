"""What a template says about a network: routes, endpoints and security groups."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from ipaddress import IPv4Network
from typing import Any

from cloudworthy.local.model.resources import TemplateValue
from cloudworthy.proof.values import as_text, listed, target, targets

_HTTPS = 443
_EVERYWHERE = IPv4Network("0.0.0.0/0")
# A gateway to the internet is none of them: a function has no public address there.
_WAYS_OUT = ("NatGatewayId", "TransitGatewayId", "NetworkInterfaceId", "VpcEndpointId")


@dataclass(frozen=True, slots=True)
class Endpoint:
    """An endpoint of a service in a VPC."""

    logical_id: str
    properties: Mapping[str, Any]

    @property
    def is_gateway(self) -> bool:
        return str(self.properties.get("VpcEndpointType", "Gateway")) == "Gateway"

    @property
    def service(self) -> str:
        """The service's name after the region: ``dynamodb``."""
        name = as_text(self.properties.get("ServiceName"))
        return name.partition("amazonaws.")[2].partition(".")[2]


@dataclass(frozen=True, slots=True)
class Network:
    """The networks of a template."""

    resources: Mapping[str, Any]

    def knows(self, subnets: set[str], groups: set[str]) -> bool:
        """Whether the template holds these subnets and groups; others cannot be judged."""
        kinds = {self.resources.get(name, {}).get("Type") for name in subnets}
        return kinds == {"AWS::EC2::Subnet"} and all(group in self.resources for group in groups)

    def endpoints(self, service: str) -> Iterator[Endpoint]:
        """The endpoints of a service."""
        for logical_id, properties in self._of_type("AWS::EC2::VPCEndpoint"):
            endpoint = Endpoint(logical_id, properties)
            if endpoint.service == service:
                yield endpoint

    def vpc_of(self, subnet: str) -> str | None:
        return target(self._properties(subnet).get("VpcId"))

    def route_table(self, subnet: str) -> str | None:
        """The route table that a subnet is associated with."""
        for _, properties in self._of_type("AWS::EC2::SubnetRouteTableAssociation"):
            if target(properties.get("SubnetId")) == subnet:
                return target(properties.get("RouteTableId"))
        return None

    def has_way_out(self, route_table: str | None) -> bool:
        """Whether a route table leads everything else to a NAT gateway or the like."""
        return any(
            target(route.get("RouteTableId")) == route_table
            and route.get("DestinationCidrBlock") == str(_EVERYWHERE)
            and any(route.get(way) for way in _WAYS_OUT)
            for _, route in self._of_type("AWS::EC2::Route")
        )

    def lets_out(self, groups: set[str], *, to_prefix_lists: bool) -> bool:
        """Whether security groups let HTTPS out to addresses of AWS.

        Which service a prefix list belongs to is not in a template; where `to_prefix_lists`
        says that the service has one, any is taken for it.
        """
        return any(
            _is_https(rule)
            and (
                rule.get("CidrIp") == str(_EVERYWHERE)
                or (to_prefix_lists and "DestinationPrefixListId" in rule)
            )
            for group in groups
            for rule in self._egress(group)
        )

    def lets_through(self, groups: set[str], endpoint: Endpoint) -> bool:
        """Whether security groups let HTTPS out to an endpoint's, and that lets it in."""
        others = targets(endpoint.properties.get("SecurityGroupIds"))
        vpc = target(endpoint.properties.get("VpcId"))
        out = (rule for group in groups for rule in self._egress(group))
        into = (rule for group in others for rule in self._ingress(group))
        return any(
            self._admits(rule, "DestinationSecurityGroupId", others, vpc) for rule in out
        ) and any(self._admits(rule, "SourceSecurityGroupId", groups, vpc) for rule in into)

    def _admits(
        self, rule: Mapping[str, Any], peer: str, groups: set[str], vpc: str | None
    ) -> bool:
        if not _is_https(rule):
            return False
        return target(rule.get(peer)) in groups or self._is_of_vpc(rule.get("CidrIp"), vpc)

    def _is_of_vpc(self, cidr: TemplateValue, vpc: str | None) -> bool:
        """Whether addresses of a rule are those of the VPC, at least in part."""
        if cidr is None or vpc is None:
            return False
        block = self._properties(vpc).get("CidrBlock")
        if isinstance(cidr, str) and isinstance(block, str):
            return IPv4Network(cidr, strict=False).overlaps(IPv4Network(block, strict=False))
        return target(cidr) == vpc

    def _egress(self, group: str) -> Iterator[Mapping[str, Any]]:
        """Rules of a group; without any, EC2 lets everything out.

        Source: CloudFormation template reference, AWS::EC2::SecurityGroup (documented).
        """
        rules = list(self._rules(group, "Egress"))
        return iter(rules or [{"IpProtocol": "-1", "CidrIp": str(_EVERYWHERE)}])

    def _ingress(self, group: str) -> Iterator[Mapping[str, Any]]:
        return self._rules(group, "Ingress")

    def _rules(self, group: str, direction: str) -> Iterator[Mapping[str, Any]]:
        yield from listed(self._properties(group).get(f"SecurityGroup{direction}"))
        for _, rule in self._of_type(f"AWS::EC2::SecurityGroup{direction}"):
            if target(rule.get("GroupId")) == group:
                yield rule

    def _of_type(self, resource_type: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
        for logical_id, resource in self.resources.items():
            if resource["Type"] == resource_type:
                yield logical_id, resource.get("Properties", {})

    def _properties(self, logical_id: str) -> Mapping[str, Any]:
        return dict(self.resources.get(logical_id, {}).get("Properties", {}))


def _is_https(rule: Mapping[str, Any]) -> bool:
    protocol = str(rule.get("IpProtocol"))
    if protocol == "-1":
        return True
    ports = (rule.get("FromPort", -1), rule.get("ToPort", -1))
    return protocol in ("tcp", "6") and int(ports[0]) <= _HTTPS <= int(ports[1])
