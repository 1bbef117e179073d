"""app.py: what it refuses after synth."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest
from aws_cdk import Stack, aws_dynamodb, aws_ec2, aws_lambda

from synthesized import PROJECT, cdk_app


@pytest.fixture
def app_file() -> ModuleType:
    spec = importlib.util.spec_from_file_location("app_file", PROJECT / "app.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("has_endpoint", [True, False])
def test_an_unreachable_service_fails_synth(
    app_file: ModuleType, tmp_path: Path, capsys: pytest.CaptureFixture[str], *, has_endpoint: bool
) -> None:
    app = cdk_app(tmp_path)
    _secluded_function(Stack(app, "Secluded"), has_endpoint=has_endpoint)
    code = app_file.refuse_unreachable(app.synth())
    said = capsys.readouterr().err
    assert (code, said == "") == ((0, True) if has_endpoint else (1, False))
    if not has_endpoint:
        assert said.startswith("Secluded/Function/Resource: The function may call dynamodb:GetItem")
        assert "no gateway endpoint com.amazonaws.REGION.dynamodb" in said


def _secluded_function(stack: Stack, *, has_endpoint: bool) -> None:
    isolated = aws_ec2.SubnetType.PRIVATE_ISOLATED
    subnets = aws_ec2.SubnetConfiguration(name="Isolated", subnet_type=isolated)
    vpc = aws_ec2.Vpc(stack, "Vpc", nat_gateways=0, subnet_configuration=[subnets])
    if has_endpoint:
        dynamodb = aws_ec2.GatewayVpcEndpointAwsService.DYNAMODB
        vpc.add_gateway_endpoint("DynamoDb", service=dynamodb)
    key = aws_dynamodb.Attribute(name="id", type=aws_dynamodb.AttributeType.STRING)
    function = aws_lambda.Function(
        stack,
        "Function",
        runtime=aws_lambda.Runtime.PYTHON_3_13,
        handler="index.handler",
        code=aws_lambda.Code.from_inline("def handler(event, context): pass"),
        vpc=vpc,
        vpc_subnets=aws_ec2.SubnetSelection(subnet_type=isolated),
    )
    table = aws_dynamodb.Table(stack, "Table", partition_key=key)
    table.grant(function, "dynamodb:GetItem")
