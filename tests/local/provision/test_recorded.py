"""Types without an engine: what Ref and GetAtt answer, and how they are numbered."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from cloudworthy.local.model.errors import CloudworthyError
from local.provision.engine_children import Bench, actions, resource

ACCOUNT = "000000000000"
CODE = {"S3Bucket": "assets", "S3Key": "code.zip"}

# Type, properties, pattern of Ref, patterns of attributes; {name} is the stack's name.
FORMS: list[tuple[str, dict[str, Any], str, dict[str, str]]] = [
    ("AWS::IAM::Role", {}, r"{name}-It-\w{12}",
     {"Arn": r"arn:aws:iam::0{12}:role/{name}-It-\w{12}", "RoleId": r"AROA[A-Z0-9]{17}"}),
    ("AWS::IAM::Role", {"RoleName": "mine", "Path": "/team/"}, "mine",
     {"Arn": r"arn:aws:iam::0{12}:role/team/mine"}),
    ("AWS::IAM::ManagedPolicy", {}, r"arn:aws:iam::0{12}:policy/{name}-It-\w{12}", {}),
    ("AWS::Logs::LogGroup", {"LogGroupName": "/a/b"}, "/a/b",
     {"Arn": r"arn:aws:logs:us-east-1:0{12}:log-group:/a/b:\*"}),
    ("AWS::ApiGateway::RestApi", {"Name": "x"}, r"[a-z0-9]{10}",
     {"RootResourceId": r"[a-z0-9]{10}"}),
    ("AWS::ApiGateway::Resource", {"PathPart": "x"}, r"[a-z0-9]{6}",
     {"ResourceId": r"[a-z0-9]{6}"}),
    ("AWS::ApiGateway::Deployment", {}, r"[a-z0-9]{6}", {"DeploymentId": r"[a-z0-9]{6}"}),
    ("AWS::ApiGateway::Stage", {"StageName": "prod"}, "prod", {}),
    ("AWS::ApiGateway::ApiKey", {}, r"[a-z0-9]{10}", {"APIKeyId": r"[a-z0-9]{10}"}),
    ("AWS::ApiGateway::UsagePlanKey", {"KeyId": "k", "UsagePlanId": "p"}, "k:p", {"Id": "k:p"}),
    ("AWS::ApiGateway::Model", {"Name": "Item"}, "Item", {}),
    ("AWS::CloudFront::Distribution", {"DistributionConfig": {}}, r"E[A-Z0-9]{13}",
     {"DomainName": r"d[a-z0-9]{13}\.cloudfront\.net"}),
    ("AWS::CloudFront::CachePolicy", {"CachePolicyConfig": {}},
     r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}",
     {"Id": r"[0-9a-f-]{36}"}),
    ("AWS::CloudFront::Function", {"Name": "f"}, r"arn:aws:cloudfront::0{12}:function/f",
     {"FunctionARN": r"arn:aws:cloudfront::0{12}:function/f"}),
    ("AWS::CloudWatch::Alarm", {}, r"{name}-It-\w{12}",
     {"Arn": r"arn:aws:cloudwatch:us-east-1:0{12}:alarm:{name}-It-\w{12}"}),
    ("AWS::EC2::VPC", {"CidrBlock": "10.0.0.0/16"}, r"vpc-[0-9a-f]{17}",
     {"VpcId": r"vpc-[0-9a-f]{17}", "CidrBlock": r"10\.0\.0\.0/16",
      "DefaultSecurityGroup": r"sg-[0-9a-f]{17}"}),
    ("AWS::EC2::Subnet", {"VpcId": "vpc-1", "AvailabilityZone": "us-east-1b"},
     r"subnet-[0-9a-f]{17}", {"AvailabilityZone": "us-east-1b", "VpcId": "vpc-1"}),
    ("AWS::EC2::Route", {"RouteTableId": "rtb-1", "DestinationCidrBlock": "0.0.0.0/0"},
     r"rtb-1\|0\.0\.0\.0/0", {"CidrBlock": r"0\.0\.0\.0/0"}),
    ("AWS::EC2::EIP", {"Domain": "vpc"}, r"192\.0\.2\.\d+",
     {"AllocationId": r"eipalloc-[0-9a-f]{17}", "PublicIp": r"192\.0\.2\.\d+"}),
    ("AWS::EC2::VPCGatewayAttachment", {"VpcId": "vpc-1", "InternetGatewayId": "igw-1"},
     r"IGW\|vpc-1", {"AttachmentType": "IGW"}),
    ("AWS::EC2::SecurityGroup", {"VpcId": "vpc-1"}, r"sg-[0-9a-f]{17}",
     {"GroupId": r"sg-[0-9a-f]{17}", "VpcId": "vpc-1"}),
    ("AWS::EC2::VPCEndpoint", {"VpcId": "vpc-1"}, r"vpce-[0-9a-f]{17}",
     {"Id": r"vpce-[0-9a-f]{17}"}),
    ("AWS::CertificateManager::Certificate", {"DomainName": "a.example"},
     r"arn:aws:acm:us-east-1:0{12}:certificate/[0-9a-f-]{36}", {}),
    ("AWS::Route53::RecordSet", {"Name": "a.example."}, r"a\.example\.", {}),
    ("AWS::Lambda::Function", {"Code": CODE}, r"{name}-It-\w{12}",
     {"Arn": r"arn:aws:lambda:us-east-1:0{12}:function:{name}-It-\w{12}"}),
    ("AWS::Lambda::LayerVersion", {"Content": CODE},
     r"arn:aws:lambda:us-east-1:0{12}:layer:It:1", {}),
    ("AWS::Lambda::EventInvokeConfig", {"FunctionName": "f", "Qualifier": "$LATEST"},
     r"f\|\$LATEST", {}),
]  # fmt: skip


@pytest.mark.parametrize(("resource_type", "properties", "ref", "attributes"), FORMS)
async def test_ref_and_attributes_have_the_form_that_aws_gives_them(
    bench: Bench,
    tmp_path: Path,
    resource_type: str,
    properties: dict[str, Any],
    ref: str,
    attributes: dict[str, str],
) -> None:
    bench.add_asset("code.zip", tmp_path)
    made = (await bench.apply({"It": resource(resource_type, **properties)})).resources["It"]
    assert re.fullmatch(ref.replace("{name}", bench.stack_name), made.physical_id)
    for name, form in attributes.items():
        pattern = form.replace("{name}", bench.stack_name)
        assert re.fullmatch(pattern, made.attributes[name]), name


async def test_ids_are_the_same_in_another_state_directory(bench: Bench, tmp_path: Path) -> None:
    api = {"Api": resource("AWS::ApiGateway::RestApi", Name="x")}
    first = await bench.apply(api)
    elsewhere = Bench(bench.urls, tmp_path / "elsewhere", bench.stack_name)
    assert (await elsewhere.apply(api)).resources == first.resources


def version(function: str) -> dict[str, Any]:
    return resource("AWS::Lambda::Version", FunctionName={"Ref": function})


async def test_versions_are_counted_on_while_there_are_any(bench: Bench, tmp_path: Path) -> None:
    bench.add_asset("code.zip", tmp_path)
    functions = {"F": resource("AWS::Lambda::Function", Code=CODE)}
    made = (await bench.apply({**functions, "V1": version("F")})).resources
    assert made["V1"].attributes["Version"] == "1"
    assert made["V1"].physical_id == f"{made['F'].attributes['Arn']}:1"
    retained = {**version("F"), "DeletionPolicy": "Retain"}
    await bench.apply({**functions, "V1": retained})
    made = (await bench.apply({**functions, "V2": version("F")})).resources
    assert made["V2"].attributes["Version"] == "2"


async def test_a_changed_layer_is_a_new_version(bench: Bench, tmp_path: Path) -> None:
    bench.add_asset("code.zip", tmp_path)
    bench.add_asset("new.zip", tmp_path)
    layer = resource("AWS::Lambda::LayerVersion", Content=CODE)
    function = resource("AWS::Lambda::Function", Code=CODE, Layers=[{"Ref": "L"}])
    await bench.apply({"L": layer, "F": function})
    layer = resource("AWS::Lambda::LayerVersion", Content={**CODE, "S3Key": "new.zip"})
    plan = bench.plan({"L": layer, "F": function})
    assert actions(plan) == {"L": "replace", "F": "update"}
    made = (await bench.deployer().apply(plan)).resources
    assert made["L"].physical_id.endswith(":layer:L:2")
    assert made["F"].properties["Layers"] == [made["L"].physical_id]


async def test_layers_of_one_name_are_its_versions(bench: Bench, tmp_path: Path) -> None:
    bench.add_asset("code.zip", tmp_path)
    layer = resource("AWS::Lambda::LayerVersion", Content=CODE, LayerName="shared")
    made = (await bench.apply({"One": layer, "Two": layer})).resources
    arns = [made[it].physical_id.rpartition(":layer:")[2] for it in ("One", "Two")]
    assert sorted(arns) == ["shared:1", "shared:2"]


def test_code_that_is_not_there_is_named(bench: Bench, tmp_path: Path) -> None:
    function = {"F": resource("AWS::Lambda::Function", Code=CODE)}
    with pytest.raises(CloudworthyError, match=r"Function.Code \(F\): found the object code.zip"):
        bench.plan(function)
    bench.add_asset("code.zip", tmp_path / "gone")
    with pytest.raises(CloudworthyError, match=r"\(F\): found no file at .*Run cdk synth again"):
        bench.plan(function)


async def test_functions_of_the_cdks_own_custom_resources_are_declared_only(bench: Bench) -> None:
    """Their code is not even needed: without staging, the CDK removes it after the synth."""
    gone = {"S3Bucket": "assets", "S3Key": "removed.zip"}
    template = {
        "Bucket": resource("AWS::S3::Bucket"),
        "Layer": resource("AWS::Lambda::LayerVersion", Content=gone),
        "Provider": resource("AWS::Lambda::Function", Code=gone, Layers=[{"Ref": "Layer"}]),
        "Empty": resource(
            "Custom::S3AutoDeleteObjects",
            ServiceToken={"Fn::GetAtt": ["Provider", "Arn"]},
            BucketName={"Ref": "Bucket"},
        ),
        "Retention": resource(
            "Custom::LogRetention",
            ServiceToken={"Fn::GetAtt": ["Provider", "Arn"]},
            LogGroupName="/aws/lambda/f",
            RetentionInDays=7,
        ),
    }
    deployment = await bench.apply(template)
    assert set(deployment.declared_only) == {"Provider", "Layer"}
    assert deployment.resources["Retention"].physical_id == "/aws/lambda/f"


async def test_what_has_no_local_effect_is_listed(bench: Bench) -> None:
    template = {
        "Role": resource("AWS::IAM::Role"),
        "Alarm": resource("AWS::CloudWatch::Alarm", MetricName="Errors"),
        "Board": resource("AWS::CloudWatch::Dashboard", DashboardBody="{}"),
        "Meta": resource("AWS::CDK::Metadata", Analytics="x"),
    }
    deployment = await bench.apply(template)
    assert set(deployment.declared_only) == {"Board", "Meta"}
