"""What is special about automation; what it shares with the others is tested with them."""

from __future__ import annotations

import json
from pathlib import Path
from shutil import copytree
from typing import Any

import pytest
from aws_cdk import App

from blueprints.granted import arn, granted
from cloudworthy.blueprints.systems import SYSTEMS
from synthesized import PROJECT, Synthesized

pytestmark = pytest.mark.xdist_group("synth")


def test_the_code_is_deployed_from_the_bucket_of_the_stack(automation: Synthesized) -> None:
    bucket = automation.at("Artifacts/Bucket")
    upload = automation.at("Upload/Deployment/CustomResource")
    function = automation.at("ApiFunction/Function")
    (key,) = upload.properties["SourceObjectKeys"]
    assert upload.properties["DestinationBucketName"] == {"Ref": bucket.logical_id}
    assert function.properties["Code"] == {"S3Bucket": {"Ref": bucket.logical_id}, "S3Key": key}
    assert upload.logical_id in function.depends_on


def test_the_archive_is_uploaded_as_it_is_and_earlier_ones_stay(automation: Synthesized) -> None:
    """So a deployment that is rolled back finds the code it goes back to."""
    upload = automation.at("Upload/Deployment/CustomResource").properties
    assert (upload["Extract"], upload["Prune"]) == (False, False)
    assert "DestinationBucketKeyPrefix" not in upload


def test_another_code_is_another_key(tmp_path: Path) -> None:
    """By which CloudFormation knows that the function has changed."""
    project = tmp_path / "project"
    copytree(PROJECT / "services", project / "services")
    (project / "build").symlink_to(PROJECT / "build")
    before = _code(_synthesize(project, tmp_path / "before"))
    handler = project / "services" / "items" / "handlers" / "automation.py"
    handler.write_text(handler.read_text() + "\n# changed\n")
    assert _code(_synthesize(project, tmp_path / "after"))["S3Key"] != before["S3Key"]


def test_the_deployment_bucket_goes_with_the_stack(automation: Synthesized) -> None:
    bucket = automation.at("Artifacts/Bucket")
    assert bucket.template["DeletionPolicy"] == "Delete"
    assert bucket.properties["VersioningConfiguration"] == {"Status": "Enabled"}
    (rule,) = bucket.properties["BucketEncryption"]["ServerSideEncryptionConfiguration"]
    assert rule["ServerSideEncryptionByDefault"] == {"SSEAlgorithm": "AES256"}
    assert set(bucket.properties["PublicAccessBlockConfiguration"].values()) == {True}


def test_the_role_has_a_name_that_copies_do_not_share(automation: Synthesized) -> None:
    name = automation.at("ApiFunction/Role").properties["RoleName"]
    stack, region = {"Ref": "AWS::StackName"}, {"Ref": "AWS::Region"}
    assert name == {"Fn::Join": ["", [stack, "-", region, "-api"]]}


def test_the_function_may_do_what_its_routes_do(automation: Synthesized) -> None:
    items = arn(automation.at("Items/Table").logical_id)
    keys = arn(automation.at("Idempotency/Table").logical_id)
    assert granted(automation.at("ApiFunction/Role/DefaultPolicy"), "dynamodb:") == {
        items: {"dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:Scan"},
        keys: {"dynamodb:GetItem", "dynamodb:PutItem"},
    }


def test_the_upload_may_read_its_archive_and_write_beside_the_others(
    automation: Synthesized,
) -> None:
    allowed = granted(automation.at("Upload/Role/DefaultPolicy"), "s3:")
    bucket = automation.at("Artifacts/Bucket").logical_id
    (archive,) = allowed.keys() - {arn(bucket), arn(bucket, "/*")}
    assert ".zip" in archive
    assert allowed == {
        archive: {"s3:GetObject"},
        arn(bucket): {"s3:ListBucket"},
        arn(bucket, "/*"): {"s3:AbortMultipartUpload", "s3:PutObject"},
    }


def test_size_and_logs(automation: Synthesized) -> None:
    function = automation.at("ApiFunction/Function").properties
    assert (function["MemorySize"], function["Timeout"]) == (256, 30)
    assert function["TracingConfig"] == {"Mode": "Active"}
    groups = {each.path: each for each in automation.of_type("AWS::Logs::LogGroup")}
    assert groups["automation/ApiFunction/Logs/Resource"].properties["RetentionInDays"] == 14


def test_the_table_is_paid_for_by_request(automation: Synthesized) -> None:
    table = automation.at("Items/Table").properties
    assert table["BillingMode"] == "PAY_PER_REQUEST"
    assert table["KeySchema"] == [{"AttributeName": "id", "KeyType": "HASH"}]


def test_pages_may_get_and_post(automation: Synthesized) -> None:
    preflights = [
        each.properties["Integration"]["IntegrationResponses"][0]["ResponseParameters"]
        for each in automation.of_type("AWS::ApiGateway::Method")
        if each.properties["HttpMethod"] == "OPTIONS"
    ]
    assert preflights
    for headers in preflights:
        allowed = headers["method.response.header.Access-Control-Allow-Methods"]
        assert allowed == "'GET,POST,OPTIONS'"


def test_the_error_rate_is_a_share_of_the_invocations(automation: Synthesized) -> None:
    alarm = automation.at("Alarms/ErrorRate").properties
    metrics = {each["Id"]: each for each in alarm["Metrics"]}
    (rate,) = [each for each in metrics.values() if each.get("ReturnData")]
    assert rate["Expression"] == (
        "IF(FILL(invocations, 0) > 0, 100 * MAX([FILL(failed, 0), FILL(answered, 0)])"
        " / invocations, 0)"
    )
    watched = {
        name: metrics[name]["MetricStat"]["Metric"]["MetricName"]
        for name in ("failed", "answered", "invocations")
    }
    assert watched == {"failed": "Errors", "answered": "5XXError", "invocations": "Invocations"}
    assert {metrics[name]["MetricStat"]["Period"] for name in watched} == {300}
    assert (alarm["Threshold"], alarm["EvaluationPeriods"]) == (5, 2)
    assert alarm["ComparisonOperator"] == "GreaterThanThreshold"


def test_any_throttle_is_told(automation: Synthesized) -> None:
    alarm = automation.at("Alarms/ApiThrottles").properties
    assert (alarm["MetricName"], alarm["Threshold"]) == ("Throttles", 1)
    (topic,) = automation.of_type("AWS::SNS::Topic")
    for each in automation.of_type("AWS::CloudWatch::Alarm"):
        assert each.properties["AlarmActions"] == [{"Ref": topic.logical_id}]
        assert each.properties["OKActions"] == [{"Ref": topic.logical_id}]


def _synthesize(project: Path, directory: Path) -> dict[str, Any]:
    app = App(outdir=str(directory))
    SYSTEMS["automation"](app, project, {})
    app.synth()
    template: dict[str, Any] = json.loads((directory / "automation.template.json").read_text())
    return template


def _code(template: dict[str, Any]) -> dict[str, Any]:
    functions = [
        each["Properties"]
        for each in template["Resources"].values()
        if each["Type"] == "AWS::Lambda::Function"
    ]
    (code,) = [each["Code"] for each in functions if each["Handler"].startswith("items.")]
    return dict(code)
