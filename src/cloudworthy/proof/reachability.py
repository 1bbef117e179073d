"""Can every function in a VPC reach each service that its role is granted?

A call that has no route does not fail: it hangs until the function times out, and only when it
runs in AWS. The template says beforehand whether there is one.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from cloudworthy.proof.finding import Finding, Template, resource_name
from cloudworthy.proof.grants import granted_services
from cloudworthy.proof.values import targets
from cloudworthy.proof.vpc import Endpoint, Network

RULE = "vpc-reachability"
_WITH_GATEWAY = frozenset({"dynamodb", "s3"})
# IAM's name of a service to the name its endpoint has, where the two differ.
# Source: AWS PrivateLink guide, "AWS services that integrate with AWS PrivateLink" (documented).
_ENDPOINT_NAMES: Mapping[str, str] = {
    "cloudwatch": "monitoring",
    "firehose": "kinesis-firehose",
    "kinesis": "kinesis-streams",
    "ses": "email",
}


def unreachable_services(template: Template) -> list[Finding]:
    """One finding for each function in a VPC and granted service without a route to it.

    A function whose subnets or security groups are not in the template is not judged, nor are
    network ACLs and policies of endpoints.
    """
    network = Network(template["Resources"])
    return sorted(
        finding
        for logical_id, resource in template["Resources"].items()
        if resource["Type"] == "AWS::Lambda::Function"
        for finding in _of_function(template, network, logical_id, resource)
    )


def _of_function(
    template: Template, network: Network, function_id: str, function: Mapping[str, Any]
) -> Iterator[Finding]:
    config = function.get("Properties", {}).get("VpcConfig") or {}
    subnets, groups = targets(config.get("SubnetIds")), targets(config.get("SecurityGroupIds"))
    if not network.knows(subnets, groups):
        return
    name = resource_name(function_id, function)
    for service, actions in granted_services(template, function_id).items():
        for missing in sorted({_missing(network, subnet, groups, service) for subnet in subnets}):
            if missing:
                yield Finding(
                    check="cloudworthy",
                    rule=RULE,
                    resource=name,
                    message=f"The function may call {', '.join(actions)}, but {missing}",
                )


def _missing(network: Network, subnet: str, groups: set[str], service: str) -> str:
    """What is missing on the way from a subnet to a service; empty when nothing is."""
    endpoint_name = _ENDPOINT_NAMES.get(service, service)
    inner = _interface_endpoint(network, subnet, endpoint_name)
    if inner is not None:
        if network.lets_through(groups, inner):
            return ""
        return (
            f"found no rule for HTTPS between its security group and that of the interface "
            f"endpoint {inner.logical_id}. Let port 443 out of the one and into the other."
        )
    if not _has_route(network, subnet, endpoint_name):
        return _no_route(subnet, service, endpoint_name)
    if network.lets_out(groups, to_prefix_lists=service in _WITH_GATEWAY):
        return ""
    return (
        f"found no rule in its security group that lets HTTPS out to {service}. Let port 443 "
        f"out to {_destination(service)}."
    )


def _has_route(network: Network, subnet: str, endpoint_name: str) -> bool:
    table = network.route_table(subnet)
    return network.has_way_out(table) or any(
        endpoint.is_gateway and table in targets(endpoint.properties.get("RouteTableIds"))
        for endpoint in network.endpoints(endpoint_name)
    )


def _interface_endpoint(network: Network, subnet: str, endpoint_name: str) -> Endpoint | None:
    """The endpoint that the service's usual name leads to from within the VPC."""
    for endpoint in network.endpoints(endpoint_name):
        properties = endpoint.properties
        if (
            not endpoint.is_gateway
            and properties.get("PrivateDnsEnabled") is True
            and network.vpc_of(subnet) in targets(properties.get("VpcId"))
        ):
            return endpoint
    return None


def _no_route(subnet: str, service: str, endpoint_name: str) -> str:
    kind = "gateway" if service in _WITH_GATEWAY else "interface"
    return (
        f"found no route from subnet {subnet} to {service}: no {kind} endpoint "
        f"com.amazonaws.REGION.{endpoint_name} and no route for 0.0.0.0/0 to a NAT gateway. "
        f"Add the endpoint or a NAT gateway."
    )


def _destination(service: str) -> str:
    return "its prefix list" if service in _WITH_GATEWAY else "0.0.0.0/0"
