"""vpc-api: its network, its keys, its domain, and what is watched."""

from __future__ import annotations

import json
from ipaddress import IPv4Network

import pytest

from synthesized import Resource, Synthesized

pytestmark = pytest.mark.xdist_group("synth")

# Namespace, metric, threshold, comparison, periods.
WATCHED = {
    "ServerErrors": ("AWS/ApiGateway", "5XXError", 1, "GreaterThanOrEqualToThreshold", 1),
    "ApiErrors": ("AWS/Lambda", "Errors", 1, "GreaterThanOrEqualToThreshold", 2),
    "ApiThrottles": ("AWS/Lambda", "Throttles", 1, "GreaterThanOrEqualToThreshold", 1),
    "ApiDuration": ("AWS/Lambda", "Duration", 25_000, "GreaterThanThreshold", 3),
    "TableReadThrottles": (
        *("AWS/DynamoDB", "ReadThrottleEvents", 1, "GreaterThanOrEqualToThreshold", 1),
    ),
    "TableWriteThrottles": (
        *("AWS/DynamoDB", "WriteThrottleEvents", 1, "GreaterThanOrEqualToThreshold", 1),
    ),
}


def test_the_network_has_public_and_private_subnets_in_two_zones(vpc_api: Synthesized) -> None:
    subnets = vpc_api.of_type("AWS::EC2::Subnet")
    assert [each.path.split("/")[3] for each in subnets] == [
        "PublicSubnet1",
        "PublicSubnet2",
        "PrivateSubnet1",
        "PrivateSubnet2",
    ]
    for number, zone in ((1, 0), (2, 1)):
        in_zone = [each for each in subnets if f"Subnet{number}/" in each.path]
        zones = [each.properties["AvailabilityZone"] for each in in_zone]
        assert zones == [{"Fn::Select": [zone, {"Fn::GetAZs": ""}]}] * 2
    networks = [IPv4Network(each.properties["CidrBlock"]) for each in subnets]
    assert {network.prefixlen for network in networks} == {24}
    assert not any(each.properties["MapPublicIpOnLaunch"] for each in subnets)


def test_egress_decides_about_nat_gateways(
    vpc_api: Synthesized, vpc_api_opened: Synthesized, vpc_api_prod: Synthesized
) -> None:
    gateways = {
        "nat_per_az": len(vpc_api.of_type("AWS::EC2::NatGateway")),
        "nat": len(vpc_api_opened.of_type("AWS::EC2::NatGateway")),
        "endpoints_only": len(vpc_api_prod.of_type("AWS::EC2::NatGateway")),
    }
    assert gateways == {"nat_per_az": 2, "nat": 1, "endpoints_only": 0}
    assert not vpc_api_prod.of_type("AWS::EC2::InternetGateway")


@pytest.mark.parametrize("name", ["vpc_api", "vpc_api_opened", "vpc_api_prod"])
def test_dynamodb_and_s3_never_cross_a_nat_gateway(
    name: str, request: pytest.FixtureRequest
) -> None:
    stack: Synthesized = request.getfixturevalue(name)
    endpoints = stack.of_type("AWS::EC2::VPCEndpoint")
    services = [json.dumps(each.properties["ServiceName"]) for each in endpoints]
    assert [".dynamodb" in services[0], ".s3" in services[1]] == [True, True]
    private = [each for each in stack.of_type("AWS::EC2::RouteTable") if "Private" in each.path]
    assert len(private) == 2
    for endpoint in endpoints:
        assert endpoint.properties["VpcEndpointType"] == "Gateway"
        tables = endpoint.properties["RouteTableIds"]
        assert all({"Ref": table.logical_id} in tables for table in private)


def test_the_function_is_in_the_private_subnets(vpc_api: Synthesized) -> None:
    function = vpc_api.at("ApiFunction/Function").properties
    assert (function["MemorySize"], function["Timeout"]) == (512, 30)
    private = [each for each in vpc_api.of_type("AWS::EC2::Subnet") if "/Private" in each.path]
    assert function["VpcConfig"]["SubnetIds"] == [{"Ref": each.logical_id} for each in private]


def test_its_security_group_lets_out_what_it_needs_and_nothing_in(
    vpc_api: Synthesized, vpc_api_opened: Synthesized
) -> None:
    group = _security_group(vpc_api)
    assert "SecurityGroupIngress" not in group.properties
    assert [_without_description(rule) for rule in group.properties["SecurityGroupEgress"]] == [
        {
            "IpProtocol": "tcp",
            "FromPort": 443,
            "ToPort": 443,
            "DestinationPrefixListId": "pl-00a54069",
        }
    ]
    to_dynamodb, elsewhere = _security_group(vpc_api_opened).properties["SecurityGroupEgress"]
    assert to_dynamodb["DestinationPrefixListId"] == "pl-6fa54006"
    assert elsewhere["CidrIp"] == "203.0.113.0/24"


def test_flows_are_logged(vpc_api: Synthesized) -> None:
    (flow_log,) = vpc_api.of_type("AWS::EC2::FlowLog")
    assert flow_log.properties["TrafficType"] == "ALL"
    group = vpc_api.at("Network/FlowLogs")
    assert flow_log.properties["LogGroupName"] == {"Ref": group.logical_id}
    assert group.properties["RetentionInDays"] == 7


def test_a_key_is_asked_for_on_every_route(vpc_api: Synthesized) -> None:
    methods = vpc_api.of_type("AWS::ApiGateway::Method")
    keyed = [each for each in methods if each.properties["HttpMethod"] != "OPTIONS"]
    assert len(keyed) == 4
    assert all(each.properties["ApiKeyRequired"] is True for each in keyed)


def test_the_plan_has_its_own_limits(vpc_api: Synthesized) -> None:
    (plan,) = vpc_api.of_type("AWS::ApiGateway::UsagePlan")
    assert plan.properties["Throttle"] == {"BurstLimit": 200, "RateLimit": 100}
    assert plan.properties["Quota"] == {"Limit": 10_000, "Period": "DAY"}
    (stage,) = vpc_api.of_type("AWS::ApiGateway::Stage")
    (settings,) = stage.properties["MethodSettings"]
    assert settings["ThrottlingRateLimit"] == 50
    assert settings["ThrottlingBurstLimit"] == 100
    assert settings["LoggingLevel"] == "INFO"


def test_the_table_scales_from_5_to_50(vpc_api: Synthesized) -> None:
    table = vpc_api.at("Items/Table").properties
    assert table["KeySchema"] == [{"AttributeName": "id", "KeyType": "HASH"}]
    assert table["ProvisionedThroughput"] == {"ReadCapacityUnits": 5, "WriteCapacityUnits": 5}
    assert table["PointInTimeRecoverySpecification"] == {"PointInTimeRecoveryEnabled": True}
    assert table["StreamSpecification"] == {"StreamViewType": "NEW_AND_OLD_IMAGES"}
    targets = vpc_api.of_type("AWS::ApplicationAutoScaling::ScalableTarget")
    bounds = [(each.properties["MinCapacity"], each.properties["MaxCapacity"]) for each in targets]
    assert bounds == [(5, 50), (5, 50)]
    for policy in vpc_api.of_type("AWS::ApplicationAutoScaling::ScalingPolicy"):
        tracking = policy.properties["TargetTrackingScalingPolicyConfiguration"]
        assert tracking["TargetValue"] == 70


def test_assets_are_private_and_versioned(vpc_api: Synthesized) -> None:
    bucket = vpc_api.at("Assets/Bucket").properties
    assert bucket["VersioningConfiguration"] == {"Status": "Enabled"}
    assert set(bucket["PublicAccessBlockConfiguration"].values()) == {True}
    assert "AES256" in json.dumps(bucket["BucketEncryption"])


def test_there_is_no_domain_until_it_is_named(vpc_api: Synthesized) -> None:
    for kind in ("AWS::ApiGateway::DomainName", "AWS::Route53::RecordSet"):
        assert not vpc_api.of_type(kind)


def test_a_domain_comes_with_certificate_and_addresses(vpc_api_prod: Synthesized) -> None:
    (name,) = vpc_api_prod.of_type("AWS::ApiGateway::DomainName")
    (certificate,) = vpc_api_prod.of_type("AWS::CertificateManager::Certificate")
    assert name.properties["DomainName"] == "api.example.org"
    assert name.properties["SecurityPolicy"] == "TLS_1_2"
    assert name.properties["EndpointConfiguration"]["Types"] == ["REGIONAL"]
    assert name.properties["RegionalCertificateArn"] == {"Ref": certificate.logical_id}
    assert certificate.properties["ValidationMethod"] == "DNS"
    assert certificate.properties["DomainValidationOptions"] == [
        {"DomainName": "api.example.org", "HostedZoneId": "Z0123456789ABC"}
    ]
    records = vpc_api_prod.of_type("AWS::Route53::RecordSet")
    assert {each.properties["Type"] for each in records} == {"A", "AAAA"}
    for record in records:
        assert record.properties["Name"] == "api.example.org."
        assert name.logical_id in json.dumps(record.properties["AliasTarget"])


def test_the_domain_leads_to_the_stage(vpc_api_prod: Synthesized) -> None:
    (mapping,) = vpc_api_prod.of_type("AWS::ApiGateway::BasePathMapping")
    (stage,) = vpc_api_prod.of_type("AWS::ApiGateway::Stage")
    assert mapping.properties["Stage"] == {"Ref": stage.logical_id}
    url = vpc_api_prod.template["Outputs"]["APIGatewayURL"]["Value"]
    assert url == "https://api.example.org/"


@pytest.mark.parametrize(("name", "watched"), WATCHED.items())
def test_what_is_watched(
    vpc_api: Synthesized, name: str, watched: tuple[str, str, int, str, int]
) -> None:
    alarm = vpc_api.at(f"Alarms/{name}").properties
    assert watched == (
        alarm["Namespace"],
        alarm["MetricName"],
        alarm["Threshold"],
        alarm["ComparisonOperator"],
        alarm["EvaluationPeriods"],
    )
    assert alarm["Period"] == 300


def test_no_alarm_is_left_out_of_this_list(vpc_api: Synthesized) -> None:
    assert len(vpc_api.of_type("AWS::CloudWatch::Alarm")) == len(WATCHED)


def test_the_dashboard_shows_function_table_and_api(vpc_api: Synthesized) -> None:
    (dashboard,) = vpc_api.of_type("AWS::CloudWatch::Dashboard")
    body = json.dumps(dashboard.properties["DashboardBody"])
    for metric in (
        *("Invocations", "Errors", "Duration"),
        *("ConsumedReadCapacityUnits", "ConsumedWriteCapacityUnits"),
        *("Count", "4XXError", "5XXError", "Latency"),
    ):
        assert f'\\"{metric}\\"' in body, metric


def test_outputs_name_the_right_resources(vpc_api: Synthesized) -> None:
    outputs = {name: output["Value"] for name, output in vpc_api.template["Outputs"].items()}
    assert outputs["DynamoDBTableName"] == {"Ref": vpc_api.at("Items/Table").logical_id}
    assert outputs["S3BucketName"] == {"Ref": vpc_api.at("Assets/Bucket").logical_id}
    assert outputs["APIKeyId"] == {"Ref": vpc_api.of_type("AWS::ApiGateway::ApiKey")[0].logical_id}


def test_without_keys_there_is_no_id_of_one(vpc_api_opened: Synthesized) -> None:
    assert "APIKeyId" not in vpc_api_opened.template["Outputs"]


def _security_group(stack: Synthesized) -> Resource:
    (group,) = stack.of_type("AWS::EC2::SecurityGroup")
    config = stack.at("ApiFunction/Function").properties["VpcConfig"]
    assert config["SecurityGroupIds"] == [{"Fn::GetAtt": [group.logical_id, "GroupId"]}]
    return group


def _without_description(rule: dict[str, object]) -> dict[str, object]:
    return {name: value for name, value in rule.items() if name != "Description"}
