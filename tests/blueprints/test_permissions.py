"""What each role may do: these lists are the contract, and a longer one is a failure."""

from __future__ import annotations

import json
from typing import Any

import pytest

from synthesized import Resource, Synthesized

pytestmark = pytest.mark.xdist_group("synth")

# Resources `*` that remain, and why.
EVERYTHING = {
    # X-Ray has no resources to name.
    "ApiFunction/Role": {"xray:PutTelemetryRecords", "xray:PutTraceSegments"},
    "HealthFunction/Role": {"xray:PutTelemetryRecords", "xray:PutTraceSegments"},
}


def test_the_api_may_do_what_its_operations_do(dev: Synthesized) -> None:
    items, keys = dev.at("Items/Table").logical_id, dev.at("Idempotency/Table").logical_id
    assert _dynamodb(dev.at("ApiFunction/Role/DefaultPolicy")) == {
        _arn(items): {
            "dynamodb:DeleteItem",
            "dynamodb:GetItem",
            "dynamodb:PutItem",
            "dynamodb:Scan",
            "dynamodb:UpdateItem",
        },
        _arn(items, "/index/StatusIndex"): {"dynamodb:Query"},
        _arn(keys): {"dynamodb:GetItem", "dynamodb:PutItem"},
    }


def test_health_may_look_and_not_read(dev: Synthesized) -> None:
    policy = dev.at("HealthFunction/Role/DefaultPolicy")
    assert _dynamodb(policy) == {_arn(dev.at("Items/Table").logical_id): {"dynamodb:DescribeTable"}}
    assert _granted(policy, "s3:") == {
        _arn(dev.at("Site/Files/Bucket").logical_id): {"s3:ListBucket"}
    }


def test_the_upload_may_read_its_archive_and_write_its_bucket(dev: Synthesized) -> None:
    policy = dev.at("Site/Upload/Role/DefaultPolicy")
    bucket = dev.at("Site/Files/Bucket").logical_id
    granted = _granted(policy, "s3:")
    (archive,) = granted.keys() - {_arn(bucket), _arn(bucket, "/*")}
    assert granted == {
        archive: {"s3:GetObject"},
        _arn(bucket): {"s3:GetBucketTagging", "s3:ListBucket"},
        _arn(bucket, "/*"): {"s3:AbortMultipartUpload", "s3:DeleteObject", "s3:PutObject"},
    }
    assert ".zip" in archive
    (distribution,) = _granted(policy, "cloudfront:")
    assert dev.at("Site/Distribution").logical_id in distribution


def test_every_function_has_a_role_of_its_own(dev: Synthesized) -> None:
    functions = dev.of_type("AWS::Lambda::Function")
    roles = {json.dumps(function.properties["Role"]) for function in functions}
    assert len(roles) == len(functions)


def test_no_statement_covers_everything_without_a_reason(dev: Synthesized) -> None:
    found = {
        policy.path.removeprefix("web-app/").removesuffix("/DefaultPolicy/Resource"): actions
        for policy in dev.of_type("AWS::IAM::Policy")
        if (actions := _granted(policy, "").get('"*"'))
    }
    assert found == EVERYTHING


def test_no_action_is_a_pattern(dev: Synthesized) -> None:
    for policy in dev.of_type("AWS::IAM::Policy"):
        for actions in _granted(policy, "").values():
            assert not {action for action in actions if "*" in action}, policy.path


def test_logs_go_to_the_own_group_only(dev: Synthesized) -> None:
    for name in ("ApiFunction", "HealthFunction", "Site/Upload"):
        group = dev.at(f"{name}/Logs").logical_id
        assert _granted(dev.at(f"{name}/Role/DefaultPolicy"), "logs:") == {
            _arn(group): {"logs:CreateLogStream", "logs:PutLogEvents"}
        }


def test_only_api_gateway_has_a_managed_policy(dev: Synthesized) -> None:
    managed = [
        role.path
        for role in dev.of_type("AWS::IAM::Role")
        if role.properties.get("ManagedPolicyArns")
    ]
    assert managed == ["web-app/ApiAccount/Role/Resource"]


def test_functions_admit_this_api_only(dev: Synthesized) -> None:
    for permission in dev.of_type("AWS::Lambda::Permission"):
        assert permission.properties["Principal"] == "apigateway.amazonaws.com"
        assert dev.at("Api/Api").logical_id in json.dumps(permission.properties["SourceArn"])


def _dynamodb(policy: Resource) -> dict[str, set[str]]:
    return _granted(policy, "dynamodb:")


def _granted(policy: Resource, prefix: str) -> dict[str, set[str]]:
    """Resource (as JSON) to the actions on it that start with the prefix."""
    granted: dict[str, set[str]] = {}
    for statement in policy.properties["PolicyDocument"]["Statement"]:
        assert statement["Effect"] == "Allow"
        actions = {each for each in _listed(statement["Action"]) if each.startswith(prefix)}
        for resource in _listed(statement["Resource"]):
            if actions:
                granted.setdefault(json.dumps(resource), set()).update(actions)
    return granted


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _arn(logical_id: str, suffix: str = "") -> str:
    arn = {"Fn::GetAtt": [logical_id, "Arn"]}
    return json.dumps({"Fn::Join": ["", [arn, suffix]]} if suffix else arn)
