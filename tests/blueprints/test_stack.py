"""What concerns the stack as a whole: outputs, tags, names, teardown, stages."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest
from cfnlint.schema.manager import PROVIDER_SCHEMA_MANAGER  # type: ignore[import-untyped]

from synthesized import Resource, Synthesized, without_hashes

pytestmark = pytest.mark.xdist_group("synth")

SNAPSHOT = Path(__file__).parent / "web-app.snapshot.json"

# Properties with which a template gives a resource a name of its own, by type.
NAMES = {
    "AWS::CloudFront::OriginAccessControl": "OriginAccessControlConfig",
    "AWS::CloudFront::ResponseHeadersPolicy": "ResponseHeadersPolicyConfig",
    "AWS::CloudWatch::Alarm": "AlarmName",
    "AWS::DynamoDB::Table": "TableName",
    "AWS::IAM::Role": "RoleName",
    "AWS::Lambda::Function": "FunctionName",
    "AWS::Lambda::LayerVersion": "LayerName",
    "AWS::Logs::LogGroup": "LogGroupName",
    "AWS::S3::Bucket": "BucketName",
    "AWS::SNS::Topic": "TopicName",
}


def test_outputs_are_the_ones_of_the_system(dev: Synthesized) -> None:
    assert set(dev.template["Outputs"]) == {
        "ApiEndpoint",
        "BucketName",
        "TableName",
        "LambdaFunctionName",
        "LogGroupName",
        "SiteUrl",
    }
    assert not any("Export" in output for output in dev.template["Outputs"].values())


def test_outputs_name_the_right_resources(dev: Synthesized) -> None:
    outputs = {name: output["Value"] for name, output in dev.template["Outputs"].items()}
    assert outputs["BucketName"] == {"Ref": dev.at("Site/Files/Bucket").logical_id}
    assert outputs["TableName"] == {"Ref": dev.at("Items/Table").logical_id}
    assert outputs["LambdaFunctionName"] == {"Ref": dev.at("ApiFunction/Function").logical_id}
    assert outputs["LogGroupName"] == {"Ref": dev.at("ApiFunction/Logs").logical_id}


def test_every_taggable_resource_is_tagged(dev: Synthesized, prod: Synthesized) -> None:
    for stack, stage in ((dev, "dev"), (prod, "prod")):
        wanted = {"project": "cloudworthy", "environment": stage, "system": "web-app"}
        tagged = [each for each in stack if _is_taggable(each.type)]
        assert len(tagged) > 30
        for resource in tagged:
            assert wanted.items() <= _tags(resource).items(), resource.path


def test_a_second_copy_fits_into_the_account(dev: Synthesized) -> None:
    """Names are left to CloudFormation, or hold something that differs from copy to copy."""
    for resource in dev:
        name = resource.properties.get(NAMES.get(resource.type, ""))
        assert name is None or '"Ref"' in json.dumps(name), resource.path
    assert not any("Name" in each.properties for each in dev.of_type("AWS::ApiGateway::ApiKey"))


def test_metrics_of_a_second_copy_are_counted_apart(opened: Synthesized) -> None:
    assert opened.at("Api/Api").properties["Name"] == "second-copy"


def test_dev_leaves_nothing_behind(dev: Synthesized) -> None:
    """But the log role of the account, which is not the stack's to take away."""
    kept = {each.path for each in dev if each.template.get("DeletionPolicy") == "Retain"}
    assert kept == {"web-app/ApiAccount/Account", "web-app/ApiAccount/Role/Resource"}
    emptied = {each.properties["BucketName"]["Ref"] for each in _emptying(dev)}
    assert emptied == {bucket.logical_id for bucket in dev.of_type("AWS::S3::Bucket")}
    for table in dev.of_type("AWS::DynamoDB::Table"):
        assert table.properties["DeletionProtectionEnabled"] is False


def test_prod_keeps_its_data(prod: Synthesized) -> None:
    for resource_type in ("AWS::DynamoDB::Table", "AWS::S3::Bucket", "AWS::Logs::LogGroup"):
        for resource in prod.of_type(resource_type):
            # The upload's log tells of a deployment and of no data.
            if resource.path != "web-app/Site/Upload/Logs/Resource":
                assert resource.template["DeletionPolicy"] == "Retain", resource.path
                assert resource.template["UpdateReplacePolicy"] == "Retain", resource.path
    for table in prod.of_type("AWS::DynamoDB::Table"):
        assert table.properties["DeletionProtectionEnabled"] is True
    assert not _emptying(prod)


def test_prod_is_protected_against_termination(dev: Synthesized, prod: Synthesized) -> None:
    assert _manifest(prod)["properties"]["terminationProtection"] is True
    assert _manifest(dev)["properties"]["terminationProtection"] is False


def test_region_is_a_setting_and_needs_no_account(dev: Synthesized, opened: Synthesized) -> None:
    assert _manifest(dev)["environment"] == "aws://unknown-account/us-east-1"
    assert _manifest(opened)["environment"] == "aws://unknown-account/eu-west-1"
    assert _manifest(opened)["properties"]["stackName"] == "second-copy"


def test_no_secret_in_the_template(dev: Synthesized) -> None:
    for function in dev.of_type("AWS::Lambda::Function"):
        names = function.properties.get("Environment", {}).get("Variables", {})
        assert not [name for name in names if "KEY" in name or "SECRET" in name]


def test_nothing_else_changed(dev: Synthesized) -> None:
    """The whole template, so that a change of it is seen in review.

    ``UPDATE_SNAPSHOTS=1`` writes the file anew.
    """
    now = without_hashes(dev.template)
    if os.environ.get("UPDATE_SNAPSHOTS"):
        SNAPSHOT.write_text(json.dumps(now, indent=1, sort_keys=True) + "\n")
    assert now == json.loads(SNAPSHOT.read_text())


def _manifest(stack: Synthesized) -> dict[str, Any]:
    manifest = json.loads((stack.directory / "manifest.json").read_text())
    return dict(manifest["artifacts"]["web-app"])


def _emptying(stack: Synthesized) -> list[Resource]:
    return stack.of_type("Custom::S3AutoDeleteObjects")


def _tags(resource: Resource) -> dict[str, str]:
    tags = resource.properties.get("Tags", [])
    return {tag["Key"]: tag["Value"] for tag in tags}


def _is_taggable(resource_type: str) -> bool:
    """What CloudFormation's own schema of the type says."""
    if not resource_type.startswith("AWS::"):
        return False
    schema = PROVIDER_SCHEMA_MANAGER.get_resource_schema("us-east-1", resource_type).schema
    return bool(schema.get("tagging", schema).get("taggable", True))
