"""Functions from resolved templates."""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import Any

import pytest

from cloudworthy.local.lambda_.definition import build_functions
from cloudworthy.local.model.errors import TemplateError, UnsupportedError
from cloudworthy.local.model.resources import Asset, Deployment, ProvisionedResource, Stack

FUNCTION = "AWS::Lambda::Function"
LAYER = "AWS::Lambda::LayerVersion"
LAYER_ARN = "arn:aws:lambda:us-east-1:000000000000:layer:dependencies:1"


def resource(
    logical_id: str,
    resource_type: str,
    physical_id: str,
    properties: dict[str, Any],
    path: str = "Stack/Function/Resource",
) -> ProvisionedResource:
    return ProvisionedResource(
        logical_id, resource_type, physical_id, properties, construct_path=path
    )


def deployment(assets: dict[str, Path], *resources: ProvisionedResource) -> Deployment:
    stack = Stack(
        name="stack",
        account="000000000000",
        region="eu-west-1",
        template={},
        assets={key: Asset(key, path, "zip") for key, path in assets.items()},
    )
    return Deployment(stack, {r.logical_id: r for r in resources}, {})


def properties(**more: Any) -> dict[str, Any]:
    return {
        "Runtime": "python3.13",
        "Handler": "app.handler",
        "Role": "arn:aws:iam::000000000000:role/role",
        "Code": {"S3Bucket": "assets", "S3Key": "code.zip"},
        **more,
    }


@pytest.fixture
def code(tmp_path: Path) -> Path:
    directory = tmp_path / "code"
    directory.mkdir()
    (directory / "app.py").write_text("def handler(event, context): return event")
    return directory


def build(code: Path, **more: Any) -> Any:
    plan = deployment(
        {"code.zip": code}, resource("Function", FUNCTION, "the-function", properties(**more))
    )
    return build_functions(plan, code_cache=code.parent / "cache")["the-function"]


def test_what_a_template_leaves_out_has_lambdas_defaults(code: Path) -> None:
    function = build(code)
    assert function.arn == "arn:aws:lambda:eu-west-1:000000000000:function:the-function"
    assert function.code == code
    assert (function.memory_mib, function.timeout_s) == (128, 3)
    assert function.log_group == "/aws/lambda/the-function"
    assert (function.log_format, function.architecture) == ("Text", "x86_64")
    assert function.reserved_concurrency is None
    assert function.tracing_active is False


def test_every_setting_that_is_honoured(code: Path) -> None:
    function = build(
        code,
        MemorySize="256",
        Timeout=30,
        ReservedConcurrentExecutions=5,
        Architectures=["arm64"],
        TracingConfig={"Mode": "Active"},
        LoggingConfig={
            "LogGroup": "own-group",
            "LogFormat": "JSON",
            "ApplicationLogLevel": "WARN",
            "SystemLogLevel": "DEBUG",
        },
        Environment={"Variables": {"NAME": "value", "NUMBER": 3, "FLAG": True}},
        VpcConfig={"SubnetIds": []},
    )
    assert (function.memory_mib, function.timeout_s, function.reserved_concurrency) == (256, 30, 5)
    assert (function.log_group, function.log_format) == ("own-group", "JSON")
    assert (function.application_log_level, function.system_log_level) == ("WARN", "DEBUG")
    assert function.environment == {"NAME": "value", "NUMBER": "3", "FLAG": "true"}
    assert function.tracing_active
    assert function.architecture == "arm64"


def test_a_layer_of_the_stack_is_its_directory(code: Path, tmp_path: Path) -> None:
    layer = tmp_path / "layer"
    layer.mkdir()
    plan = deployment(
        {"code.zip": code, "layer.zip": layer},
        resource("Layer", LAYER, LAYER_ARN, {"Content": {"S3Key": "layer.zip"}}),
        resource("Function", FUNCTION, "f", properties(Layers=[LAYER_ARN])),
    )
    assert build_functions(plan, code_cache=tmp_path / "cache")["f"].layers == (layer,)


def test_an_archive_is_unpacked_once_with_its_programs_executable(tmp_path: Path) -> None:
    archive = tmp_path / "code.zip"
    with zipfile.ZipFile(archive, "w") as content:
        content.writestr("app.py", "x = 1")
        program = zipfile.ZipInfo("bin/tool")
        program.external_attr = 0o755 << 16
        content.writestr(program, "#!/bin/sh\n")
    first, second = build(archive).code, build(archive).code
    assert first == second
    assert (first / "app.py").read_text() == "x = 1"
    assert (first / "bin" / "tool").stat().st_mode & 0o111
    assert [entry.name for entry in (tmp_path / "cache").iterdir()] == [first.name]


def test_inline_code_is_the_module_index(code: Path) -> None:
    function = build(code, Code={"ZipFile": "def handler(e, c): pass"}, Handler="index.handler")
    assert (function.code / "index.py").read_text() == "def handler(e, c): pass"


def test_functions_of_cdks_own_custom_resources_are_left_out(code: Path, tmp_path: Path) -> None:
    node = properties(Runtime="nodejs22.x")
    paths = [
        "web-app/Custom::S3AutoDeleteObjectsCustomResourceProvider/Handler",
        "web-app/Custom::CDKBucketDeployment8693BB64968944B69AAFB0CC9EB8756C/Resource",
        "web-app/LogRetentionaae0aa3c5b4d4f87b02d85b201efdd8a/Resource",
        "web-app/AWS679f53fac002430cb0da5b7982bd2287/Resource",
    ]
    providers = [
        resource(f"Provider{number}", FUNCTION, f"provider-{number}", node, path)
        for number, path in enumerate(paths)
    ]
    assert build_functions(deployment({"code.zip": code}, *providers), code_cache=tmp_path) == {}


def test_a_dead_letter_queue(code: Path) -> None:
    queue = "arn:aws:sqs:eu-west-1:000000000000:queue"
    assert build(code, DeadLetterConfig={"TargetArn": queue}).dead_letter_arn == queue
    assert build(code).dead_letter_arn == ""


@pytest.mark.parametrize(
    ("changes", "where", "found"),
    [
        ({"Runtime": "nodejs22.x"}, "AWS::Lambda::Function.Runtime", "'nodejs22.x'"),
        ({"Runtime": "python3.9"}, "AWS::Lambda::Function.Runtime", "'python3.9'"),
        ({"PackageType": "Image"}, "AWS::Lambda::Function.PackageType", "'Image'"),
        ({"ImageConfig": {"Command": []}}, "AWS::Lambda::Function.ImageConfig", "Command"),
        ({"FileSystemConfigs": [1]}, "AWS::Lambda::Function.FileSystemConfigs", "[1]"),
        ({"Code": {"ImageUri": "x"}}, "AWS::Lambda::Function.Code.ImageUri", "container"),
        ({"Code": {"S3Key": "other"}}, "AWS::Lambda::Function.Code.S3Key", "'other'"),
        ({"Layers": [LAYER_ARN]}, "AWS::Lambda::Function.Layers", LAYER_ARN),
    ],
)
def test_what_would_behave_differently_is_an_error(
    code: Path, changes: dict[str, Any], where: str, found: str
) -> None:
    with pytest.raises(UnsupportedError) as raised:
        build(code, **changes)
    assert str(raised.value).startswith(f"{where} (Function): found ")
    assert found in str(raised.value)


@pytest.mark.parametrize(
    ("changes", "found"),
    [
        ({"MemorySize": 64}, "64, expected 128 to 10240"),
        ({"Timeout": 901}, "901, expected 1 to 900"),
        ({"Timeout": "soon"}, "soon, expected 1 to 900"),
        ({"Handler": ""}, "nothing, expected module.function"),
        ({"Layers": ["arn"] * 6}, "6 layers, expected at most 5"),
        ({"Environment": {"Variables": {"AWS_REGION": "x"}}}, "AWS_REGION, expected names"),
        (
            {"DeadLetterConfig": {"TargetArn": "arn:aws:s3:::bucket"}},
            "'arn:aws:s3:::bucket', expected the ARN",
        ),
        ({"Environment": {"Variables": {"BIG": "x" * 4096}}}, "4106 bytes, expected at most 4096"),
    ],
)
def test_what_aws_refuses_is_an_error(code: Path, changes: dict[str, Any], found: str) -> None:
    with pytest.raises(TemplateError) as raised:
        build(code, **changes)
    assert f"(Function): found {found}" in str(raised.value)


def test_an_asset_that_is_no_code_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "code.txt").write_text("not an archive")
    with pytest.raises(TemplateError, match="a directory or a zip archive"):
        build(tmp_path / "code.txt")
