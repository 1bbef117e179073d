"""The reachability check: on vpc-api with parts taken away, and on networks written by hand."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from typing import Any

import pytest

from cloudworthy.proof.finding import Finding
from cloudworthy.proof.reachability import unreachable_services
from running_system import ROOT

Template = dict[str, Any]
SNAPSHOT = ROOT / "tests" / "blueprints" / "vpc-api.snapshot.json"

FUNCTION = "AWS::Lambda::Function"
NAT_ROUTE = ("AWS::EC2::Route", "NatGatewayId")


@pytest.fixture
def vpc_api() -> Template:
    """The template of vpc-api, which a test of the blueprints holds to what synth writes."""
    template: Template = json.loads(SNAPSHOT.read_text())
    return template


@pytest.fixture
def secluded(vpc_api: Template) -> Template:
    """vpc-api without its NAT gateways' routes: only the endpoints lead out."""
    for name, resource in list(vpc_api["Resources"].items()):
        if resource["Type"] == NAT_ROUTE[0] and NAT_ROUTE[1] in resource["Properties"]:
            del vpc_api["Resources"][name]
    return vpc_api


def test_every_system_reaches_what_it_is_granted() -> None:
    snapshots = sorted(SNAPSHOT.parent.glob("*.snapshot.json"))
    assert len(snapshots) == 5
    for snapshot in snapshots:
        assert unreachable_services(json.loads(snapshot.read_text())) == [], snapshot.name


def test_the_endpoints_alone_are_enough(secluded: Template) -> None:
    assert unreachable_services(secluded) == []


def test_a_missing_endpoint_is_named(secluded: Template) -> None:
    _remove_endpoint(secluded, ".dynamodb")
    findings = unreachable_services(secluded)
    assert {finding.resource for finding in findings} == {"vpc-api/ApiFunction/Function/Resource"}
    assert len(findings) == 2  # one a subnet
    for finding in findings:
        assert "dynamodb:PutItem" in finding.message
        assert "no gateway endpoint com.amazonaws.REGION.dynamodb" in finding.message
        assert "PrivateSubnet" in finding.message


def test_a_nat_gateway_leads_to_every_service(vpc_api: Template) -> None:
    _remove_endpoint(vpc_api, ".dynamodb")
    assert unreachable_services(vpc_api) == []


def test_an_endpoint_of_another_service_does_not_help(secluded: Template) -> None:
    _remove_endpoint(secluded, ".dynamodb")
    assert any(each for each in _endpoints(secluded))  # that of S3
    assert unreachable_services(secluded)


def test_an_endpoint_that_one_route_table_lacks_is_found(secluded: Template) -> None:
    for endpoint in _endpoints(secluded):
        tables = endpoint["Properties"]["RouteTableIds"]
        tables[:] = [each for each in tables if "PrivateSubnet1" not in each["Ref"]]
    (finding,) = unreachable_services(secluded)
    assert "PrivateSubnet1" in finding.message


def test_a_security_group_that_lets_nothing_out_is_named(vpc_api: Template) -> None:
    _group(vpc_api)["SecurityGroupEgress"] = [
        {"IpProtocol": "icmp", "FromPort": 252, "ToPort": 86, "CidrIp": "255.255.255.255/32"}
    ]
    (finding,) = unreachable_services(vpc_api)
    assert "no rule in its security group that lets HTTPS out to dynamodb" in finding.message
    assert "its prefix list" in finding.message


@pytest.mark.parametrize(
    ("rule", "reached"),
    [
        ({"IpProtocol": "-1", "CidrIp": "0.0.0.0/0"}, True),
        ({"IpProtocol": "tcp", "FromPort": 0, "ToPort": 65535, "CidrIp": "0.0.0.0/0"}, True),
        ({"IpProtocol": "tcp", "FromPort": 80, "ToPort": 80, "CidrIp": "0.0.0.0/0"}, False),
        ({"IpProtocol": "udp", "FromPort": 443, "ToPort": 443, "CidrIp": "0.0.0.0/0"}, False),
        ({"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443, "CidrIp": "10.0.0.0/16"}, False),
    ],
)
def test_which_rules_let_out(vpc_api: Template, rule: dict[str, Any], *, reached: bool) -> None:
    _group(vpc_api)["SecurityGroupEgress"] = [rule]
    assert (unreachable_services(vpc_api) == []) is reached


def test_a_group_without_rules_lets_everything_out(vpc_api: Template) -> None:
    del _group(vpc_api)["SecurityGroupEgress"]
    assert unreachable_services(vpc_api) == []


def test_a_rule_may_be_a_resource_of_its_own(vpc_api: Template) -> None:
    group = _group(vpc_api)
    (rule,) = group.pop("SecurityGroupEgress")
    name = next(n for n, r in vpc_api["Resources"].items() if r.get("Properties") is group)
    vpc_api["Resources"]["Out"] = {
        "Type": "AWS::EC2::SecurityGroupEgress",
        "Properties": {**rule, "GroupId": {"Fn::GetAtt": [name, "GroupId"]}},
    }
    assert unreachable_services(vpc_api) == []
    vpc_api["Resources"]["Out"]["Properties"]["ToPort"] = 442
    vpc_api["Resources"]["Out"]["Properties"]["FromPort"] = 442
    assert len(unreachable_services(vpc_api)) == 1


def test_another_service_needs_a_way_of_its_own(secluded: Template) -> None:
    _grant(secluded, "secretsmanager:GetSecretValue")
    findings = unreachable_services(secluded)
    assert len(findings) == 2
    assert "no interface endpoint com.amazonaws.REGION.secretsmanager" in findings[0].message


def test_an_interface_endpoint_is_a_way(secluded: Template) -> None:
    _grant(secluded, "secretsmanager:GetSecretValue")
    _add_interface_endpoint(secluded)
    assert unreachable_services(secluded) == []


def test_an_interface_endpoint_needs_rules_on_both_sides(secluded: Template) -> None:
    _grant(secluded, "secretsmanager:GetSecretValue")
    _add_interface_endpoint(secluded)
    closed = copy.deepcopy(secluded)
    closed["Resources"]["EndpointGroup"]["Properties"]["SecurityGroupIngress"] = []
    for template in (closed, _without_egress_to_endpoint(secluded)):
        findings = {finding.message for finding in unreachable_services(template)}
        assert len(findings) == 1
        assert "security group and that of the interface endpoint Secrets" in findings.pop()


def test_an_interface_endpoint_without_private_names_is_no_way(secluded: Template) -> None:
    _grant(secluded, "secretsmanager:GetSecretValue")
    _add_interface_endpoint(secluded)
    del secluded["Resources"]["Secrets"]["Properties"]["PrivateDnsEnabled"]
    assert len(unreachable_services(secluded)) == 2


def test_what_lambda_calls_itself_needs_no_route(secluded: Template) -> None:
    """Logs, traces and network interfaces are in the role already; so may a queue be."""
    queue = {"Fn::GetAtt": ["Failed", "Arn"]}
    _grant(secluded, "sqs:SendMessage", queue)
    assert len(unreachable_services(secluded)) == 2
    _function(secluded)["DeadLetterConfig"] = {"TargetArn": queue}
    assert unreachable_services(secluded) == []


def test_a_network_that_is_not_in_the_template_is_not_judged(secluded: Template) -> None:
    _remove_endpoint(secluded, ".dynamodb")
    _function(secluded)["VpcConfig"]["SubnetIds"] = ["subnet-0123456789abcdef0"]
    assert unreachable_services(secluded) == []


def test_a_function_outside_of_a_network_reaches_everything(secluded: Template) -> None:
    _remove_endpoint(secluded, ".dynamodb")
    del _function(secluded)["VpcConfig"]
    assert unreachable_services(secluded) == []


def test_findings_are_of_one_rule(secluded: Template) -> None:
    _remove_endpoint(secluded, ".dynamodb")
    finding: Finding = unreachable_services(secluded)[0]
    assert (finding.check, finding.rule) == ("cloudworthy", "vpc-reachability")


def _endpoints(template: Template) -> Iterator[dict[str, Any]]:
    for resource in template["Resources"].values():
        if resource["Type"] == "AWS::EC2::VPCEndpoint":
            yield resource


def _remove_endpoint(template: Template, service: str) -> None:
    resources = template["Resources"]
    (name,) = [
        name
        for name, resource in resources.items()
        if resource["Type"] == "AWS::EC2::VPCEndpoint"
        and service in json.dumps(resource["Properties"]["ServiceName"])
    ]
    del resources[name]


def _function(template: Template) -> dict[str, Any]:
    (found,) = [
        resource["Properties"]
        for resource in template["Resources"].values()
        if resource["Type"] == FUNCTION and "VpcConfig" in resource["Properties"]
    ]
    assert isinstance(found, dict)
    return found


def _group(template: Template) -> dict[str, Any]:
    (reference,) = _function(template)["VpcConfig"]["SecurityGroupIds"]
    group = template["Resources"][reference["Fn::GetAtt"][0]]["Properties"]
    assert isinstance(group, dict)
    return group


def _grant(template: Template, action: str, resource: Any = "*") -> None:
    role = _function(template)["Role"]["Fn::GetAtt"][0]
    statement = {"Effect": "Allow", "Action": action, "Resource": resource}
    template["Resources"]["More"] = {
        "Type": "AWS::IAM::Policy",
        "Properties": {"Roles": [{"Ref": role}], "PolicyDocument": {"Statement": statement}},
    }


def _add_interface_endpoint(template: Template) -> None:
    (reference,) = _function(template)["VpcConfig"]["SecurityGroupIds"]
    https = {"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443}
    own = {"Fn::GetAtt": ["EndpointGroup", "GroupId"]}
    group = _group(template)
    template["Resources"]["EndpointGroup"] = {
        "Type": "AWS::EC2::SecurityGroup",
        "Properties": {
            "VpcId": group["VpcId"],
            "SecurityGroupIngress": [{**https, "SourceSecurityGroupId": reference}],
        },
    }
    template["Resources"]["Secrets"] = {
        "Type": "AWS::EC2::VPCEndpoint",
        "Properties": {
            "VpcEndpointType": "Interface",
            "PrivateDnsEnabled": True,
            "ServiceName": "com.amazonaws.us-west-2.secretsmanager",
            "VpcId": group["VpcId"],
            "SecurityGroupIds": [own],
        },
    }
    group["SecurityGroupEgress"].append({**https, "DestinationSecurityGroupId": own})


def _without_egress_to_endpoint(template: Template) -> Template:
    without = copy.deepcopy(template)
    _group(without)["SecurityGroupEgress"].pop()
    return without
