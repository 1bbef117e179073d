"""``cloudworthy check`` as a person runs it."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from running_system import CLOUDWORTHY, ROOT

_POLICY = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}],
}
CARELESS: dict[str, Any] = {
    "Role": {
        "Type": "AWS::IAM::Role",
        "Properties": {
            "AssumeRolePolicyDocument": {
                "Version": "2012-10-17",
                "Statement": [
                    {
                        "Effect": "Allow",
                        "Action": "sts:AssumeRole",
                        "Principal": {"Service": "lambda.amazonaws.com"},
                    }
                ],
            },
            "Policies": [{"PolicyName": "All", "PolicyDocument": _POLICY}],
        },
    },
    "Function": {
        "Type": "AWS::Lambda::Function",
        "Properties": {
            "Code": {"ZipFile": "pass"},
            "Handler": "index.handler",
            "Runtime": "python3.13",
            "Role": {"Fn::GetAtt": ["Role", "Arn"]},
            "NoSuchProperty": 1,
        },
    },
    "Alarm": {
        "Type": "AWS::CloudWatch::Alarm",
        "Properties": {
            "ComparisonOperator": "GreaterThanThreshold",
            "EvaluationPeriods": 1,
            "MetricName": "Orders",
            "Namespace": "Shop",
            "Period": 60,
            "Statistic": "Sum",
            "Threshold": 1,
        },
    },
}
OURS = {
    "wildcard-action": "Role",
    "wildcard-resource": "Role",
    "log-retention": "Function",
    "function-alarm": "Function",
    "alarm-action": "Alarm",
    "alarm-missing-data": "Alarm",
}


def check(*arguments: str, cwd: Path = ROOT) -> subprocess.CompletedProcess[str]:
    command = [str(CLOUDWORTHY), "check", *arguments]
    return subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False)


def assembly(directory: Path, resources: dict[str, Any]) -> Path:
    (directory / "Shop.template.json").write_text(json.dumps({"Resources": resources}))
    artifact = {
        "type": "aws:cloudformation:stack",
        "environment": "aws://unknown-account/unknown-region",
        "properties": {"templateFile": "Shop.template.json"},
    }
    manifest = {"version": "55.0.0", "artifacts": {"Shop": artifact}}
    (directory / "manifest.json").write_text(json.dumps(manifest))
    return directory


@pytest.mark.timeout(400)
def test_the_five_systems_have_no_finding() -> None:
    done = check()
    assert done.returncode == 0, done.stdout + done.stderr
    for system in ("web-app", "vpc-api", "crud-api", "automation", "storage-api"):
        assert system in done.stdout


@pytest.mark.timeout(400)
def test_every_check_finds_what_is_careless(tmp_path: Path) -> None:
    sarif = tmp_path / "found.sarif"
    directory = assembly(tmp_path, CARELESS)
    done = check("--assembly", str(directory), "--json", "--sarif", str(sarif))
    assert done.returncode == 1, done.stderr
    findings = json.loads(done.stdout)["stacks"]["Shop"]
    assert {each["check"] for each in findings} == {"cfn-lint", "cdk-nag", "checkov", "cloudworthy"}
    assert all(each["message"] and each["rule"] for each in findings)
    ours = {each["rule"]: each["resource"] for each in findings if each["check"] == "cloudworthy"}
    assert ours == OURS
    places = {each["resource"] for each in findings if each["check"] != "cloudworthy"}
    assert {"Role", "Function"} <= places
    runs = json.loads(sarif.read_text())["runs"]
    assert sum(len(run["results"]) for run in runs) == len(findings)


def test_what_a_resource_accepts_with_a_reason_is_no_finding(tmp_path: Path) -> None:
    resources = json.loads(json.dumps(CARELESS))
    accepted = [{"id": rule, "reason": "Looked at."} for rule in OURS]
    for resource in resources.values():
        resource["Metadata"] = {
            "cloudworthy": {"accept": accepted},
            "cdk_nag": {
                "rules_to_suppress": [
                    {"id": "AwsSolutions-IAM5[Action::s3:*]", "reason": "Looked at."},
                    {"id": "AwsSolutions-IAM5[Resource::*]", "reason": "Looked at."},
                ]
            },
        }
    others = [f"--skip={check}" for check in ("cfn-lint", "cdk-nag", "checkov")]
    done = check("--assembly", str(assembly(tmp_path, resources)), *others)
    assert (done.returncode, done.stdout) == (0, "Shop: no findings.\n")


def test_a_function_of_a_custom_resource_needs_no_alarm(tmp_path: Path) -> None:
    resources = {
        "Function": {**CARELESS["Function"]},
        "Custom": {
            "Type": "Custom::Thing",
            "Properties": {"ServiceToken": {"Fn::GetAtt": ["Function", "Arn"]}},
        },
    }
    others = [f"--skip={check}" for check in ("cfn-lint", "cdk-nag", "checkov")]
    done = check("--assembly", str(assembly(tmp_path, resources)), *others, "--json")
    findings = json.loads(done.stdout)["stacks"]["Shop"]
    assert [each["rule"] for each in findings] == ["log-retention"]


def test_a_template_that_no_check_can_read_is_an_error_and_not_clean(tmp_path: Path) -> None:
    resources = {"Bucket": {"Type": "AWS::S3::Bucket", "Properties": {"BucketName": {"Ref": "X"}}}}
    directory = assembly(tmp_path, resources)
    others = [f"--skip={check}" for check in ("cfn-lint", "checkov")]
    done = check("--assembly", str(directory), *others)
    assert done.returncode == 1
    assert "cdk-nag could not read the templates" in done.stderr
    assert "--skip cdk-nag" in done.stderr


def test_a_stack_that_is_not_there_is_named(tmp_path: Path) -> None:
    done = check("Stop", "--assembly", str(assembly(tmp_path, CARELESS)))
    assert done.returncode == 1
    assert "found no stack Stop, expected one of: Shop" in done.stderr
