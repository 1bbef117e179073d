"""What concerns the stack as a whole: outputs, tags, names, teardown, stages."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from cfnlint.schema.manager import PROVIDER_SCHEMA_MANAGER  # type: ignore[import-untyped]

from cloudworthy.constructs.settings import SettingError
from synthesized import Resource, Synthesized, synthesize, without_hashes

pytestmark = pytest.mark.xdist_group("synth")

SNAPSHOTS = Path(__file__).parent

OUTPUTS = {
    "web-app": {
        "ApiEndpoint",
        "BucketName",
        "TableName",
        "LambdaFunctionName",
        "LogGroupName",
        "SiteUrl",
    },
    "vpc-api": {"APIGatewayURL", "DynamoDBTableName", "S3BucketName", "APIKeyId"},
    "automation": {"ApiEndpoint", "TableName", "FunctionName"},
    "storage-api": {
        "ApiEndpoint",
        "BucketName",
        "SecretArn",
        "LambdaFunctionName",
        "SNSTopicArn",
    },
    "crud-api": {
        "ApiEndpoint",
        "TableName",
        "CreateFunctionName",
        "GetFunctionName",
        "UpdateFunctionName",
        "DeleteFunctionName",
        "ListFunctionName",
    },
}

# The log role of the account is not the stack's to take away.
OUTLIVES_DEV = {"ApiAccount/Account", "ApiAccount/Role/Resource"}

# What tells of a deployment, or can be made again, and holds no data.
NOT_KEPT_IN_PROD = {
    "Artifacts/Bucket/Resource",
    "AutoDeleteLogs/Resource",
    "Site/Upload/Logs/Resource",
    "Upload/Logs/Resource",
}

TAGS = {"automation": {"project": "serverless-automation", "environment": "production"}}

# Properties with which a template gives a resource a name of its own, by type.
NAMES = {
    "AWS::CloudFront::OriginAccessControl": "OriginAccessControlConfig",
    "AWS::CloudFront::ResponseHeadersPolicy": "ResponseHeadersPolicyConfig",
    "AWS::CloudWatch::Alarm": "AlarmName",
    "AWS::CloudWatch::Dashboard": "DashboardName",
    "AWS::DynamoDB::Table": "TableName",
    "AWS::EC2::SecurityGroup": "GroupName",
    "AWS::IAM::Role": "RoleName",
    "AWS::Lambda::Function": "FunctionName",
    "AWS::Lambda::LayerVersion": "LayerName",
    "AWS::Logs::LogGroup": "LogGroupName",
    "AWS::S3::Bucket": "BucketName",
    "AWS::SecretsManager::Secret": "Name",
    "AWS::SQS::Queue": "QueueName",
    "AWS::SNS::Topic": "TopicName",
}


def test_outputs_are_the_ones_of_the_system(each_dev: Synthesized) -> None:
    outputs = each_dev.template["Outputs"]
    assert set(outputs) == OUTPUTS[each_dev.system]
    assert not any("Export" in output for output in outputs.values())


def test_outputs_name_the_right_resources(dev: Synthesized) -> None:
    outputs = {name: output["Value"] for name, output in dev.template["Outputs"].items()}
    assert outputs["BucketName"] == {"Ref": dev.at("Site/Files/Bucket").logical_id}
    assert outputs["TableName"] == {"Ref": dev.at("Items/Table").logical_id}
    assert outputs["LambdaFunctionName"] == {"Ref": dev.at("ApiFunction/Function").logical_id}
    assert outputs["LogGroupName"] == {"Ref": dev.at("ApiFunction/Logs").logical_id}


@pytest.mark.parametrize("stage", ["dev", "prod"])
def test_every_taggable_resource_is_tagged(stage: str, request: pytest.FixtureRequest) -> None:
    for system, stack in request.getfixturevalue(f"{stage}_systems").items():
        wanted = TAGS.get(system, {"project": "cloudworthy", "environment": stage})
        tagged = [each for each in stack if _is_taggable(each.type)]
        assert len(tagged) > 10
        for resource in tagged:
            tags = _tags(resource)
            assert tags.items() >= {**wanted, "system": system}.items(), resource.path


def test_a_second_copy_fits_into_the_account(each_dev: Synthesized) -> None:
    """Names are left to CloudFormation, or hold something that differs from copy to copy."""
    for resource in each_dev:
        name = resource.properties.get(NAMES.get(resource.type, ""))
        assert name is None or '"Ref"' in json.dumps(name), resource.path
    keys = each_dev.of_type("AWS::ApiGateway::ApiKey")
    assert not any("Name" in key.properties for key in keys)


def test_metrics_of_a_second_copy_are_counted_apart(each_opened: Synthesized) -> None:
    for api in each_opened.of_type("AWS::ApiGateway::RestApi"):
        assert api.properties["Name"] == f"second-{each_opened.system}"


def test_two_systems_cannot_have_the_same_name(tmp_path: Path) -> None:
    with pytest.raises(SettingError, match=r"setting stack_name .*another name than that of"):
        synthesize(tmp_path, stack_name="one-for-all", region="eu-west-1")


def test_dev_leaves_nothing_behind(each_dev: Synthesized) -> None:
    retained = [each for each in each_dev if each.template.get("DeletionPolicy") == "Retain"]
    assert {_below_the_stack(each) for each in retained} <= OUTLIVES_DEV
    emptied = {each.properties["BucketName"]["Ref"] for each in _emptying(each_dev)}
    assert emptied == {bucket.logical_id for bucket in each_dev.of_type("AWS::S3::Bucket")}
    for table in each_dev.of_type("AWS::DynamoDB::Table"):
        assert table.properties["DeletionProtectionEnabled"] is False


def test_prod_keeps_its_data(each_prod: Synthesized) -> None:
    for resource_type in ("AWS::DynamoDB::Table", "AWS::S3::Bucket", "AWS::Logs::LogGroup"):
        for resource in each_prod.of_type(resource_type):
            if _below_the_stack(resource) not in NOT_KEPT_IN_PROD:
                assert resource.template["DeletionPolicy"] == "Retain", resource.path
                assert resource.template["UpdateReplacePolicy"] == "Retain", resource.path
    for table in each_prod.of_type("AWS::DynamoDB::Table"):
        assert table.properties["DeletionProtectionEnabled"] is True
    emptied = {_below_the_stack(each) for each in _emptying(each_prod)}
    assert emptied <= {"Artifacts/Bucket/AutoDeleteObjectsCustomResource/Default"}


def test_dev_may_be_terminated(each_dev: Synthesized) -> None:
    assert each_dev.artifact["properties"]["terminationProtection"] is False


def test_prod_is_protected_against_termination(each_prod: Synthesized) -> None:
    assert each_prod.artifact["properties"]["terminationProtection"] is True


def test_each_system_has_its_region_and_needs_no_account(each_dev: Synthesized) -> None:
    region = {"vpc-api": "us-west-2"}.get(each_dev.system, "us-east-1")
    assert each_dev.artifact["environment"] == f"aws://unknown-account/{region}"


def test_region_account_and_name_are_settings(
    each_opened: Synthesized, vpc_api_prod: Synthesized
) -> None:
    assert each_opened.artifact["environment"] == "aws://unknown-account/eu-west-1"
    assert each_opened.artifact["properties"]["stackName"] == f"second-{each_opened.system}"
    assert vpc_api_prod.artifact["environment"] == "aws://111122223333/us-west-2"


def test_nothing_is_looked_up(each_dev: Synthesized, vpc_api_prod: Synthesized) -> None:
    """With an account set, too: a look-up at synth would leave its question here."""
    for stack in (each_dev, vpc_api_prod):
        manifest = json.loads((stack.directory / "manifest.json").read_text())
        assert "missing" not in manifest


def test_no_secret_in_the_template(each_dev: Synthesized) -> None:
    for function in each_dev.of_type("AWS::Lambda::Function"):
        names = function.properties.get("Environment", {}).get("Variables", {})
        secrets = {name for name in names if "KEY" in name or "SECRET" in name}
        assert secrets <= {"SECRET_ARN"}  # where it is, not what it is


def test_nothing_else_changed(each_dev: Synthesized) -> None:
    """The whole template, so that a change of it is seen in review.

    ``UPDATE_SNAPSHOTS=1`` writes the file anew.
    """
    snapshot = SNAPSHOTS / f"{each_dev.system}.snapshot.json"
    now = without_hashes(each_dev.template)
    if os.environ.get("UPDATE_SNAPSHOTS"):
        snapshot.write_text(json.dumps(now, indent=1, sort_keys=True) + "\n")
    assert now == json.loads(snapshot.read_text())


def _below_the_stack(resource: Resource) -> str:
    return resource.path.partition("/")[2]


def _emptying(stack: Synthesized) -> list[Resource]:
    return stack.of_type("Custom::S3AutoDeleteObjects")


def _tags(resource: Resource) -> dict[str, str]:
    tags = resource.properties.get("Tags", [])
    if isinstance(tags, dict):  # as the types of HTTP APIs have them
        return tags
    return {tag["Key"]: tag["Value"] for tag in tags}


def _is_taggable(resource_type: str) -> bool:
    """What CloudFormation's own schema of the type says."""
    if not resource_type.startswith("AWS::"):
        return False
    schema = PROVIDER_SCHEMA_MANAGER.get_resource_schema("us-east-1", resource_type).schema
    return bool(schema.get("tagging", schema).get("taggable", True))
