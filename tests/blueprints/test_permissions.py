"""What each role may do: these lists are the contract, and a longer one is a failure."""

from __future__ import annotations

import json

import pytest

from blueprints.granted import arn, granted
from cloudworthy.blueprints.function_permissions import FunctionPermissions, function_permissions
from cloudworthy.blueprints.unused_permissions import UNUSED
from synthesized import Resource, Synthesized

pytestmark = pytest.mark.xdist_group("synth")

# Actions that may be allowed on `*`, and why.
NO_NARROWER_FORM = {
    # X-Ray has no resources to name.
    "xray:PutTelemetryRecords",
    "xray:PutTraceSegments",
    # EC2 lists what there is, or nothing.
    "ec2:DescribeNetworkInterfaces",
    "ec2:DescribeSubnets",
}


CRUD = {
    "Create": "dynamodb:PutItem",
    "Get": "dynamodb:GetItem",
    "Update": "dynamodb:UpdateItem",
    "Delete": "dynamodb:DeleteItem",
    "List": "dynamodb:Scan",
}


def test_the_api_may_do_what_its_operations_do(dev: Synthesized) -> None:
    items, keys = dev.at("Items/Table").logical_id, dev.at("Idempotency/Table").logical_id
    assert _dynamodb(dev.at("ApiFunction/Role/DefaultPolicy")) == {
        arn(items): {
            "dynamodb:DeleteItem",
            "dynamodb:GetItem",
            "dynamodb:PutItem",
            "dynamodb:Scan",
            "dynamodb:UpdateItem",
        },
        arn(items, "/index/StatusIndex"): {"dynamodb:Query"},
        arn(keys): {"dynamodb:GetItem", "dynamodb:PutItem"},
    }


def test_health_may_look_and_not_read(dev: Synthesized) -> None:
    policy = dev.at("HealthFunction/Role/DefaultPolicy")
    assert _dynamodb(policy) == {arn(dev.at("Items/Table").logical_id): {"dynamodb:DescribeTable"}}
    assert granted(policy, "s3:") == {
        arn(dev.at("Site/Files/Bucket").logical_id): {"s3:ListBucket"}
    }


def test_the_api_in_the_vpc_may_do_what_its_operations_do(vpc_api: Synthesized) -> None:
    items, keys = vpc_api.at("Items/Table").logical_id, vpc_api.at("Idempotency/Table").logical_id
    assert _dynamodb(vpc_api.at("ApiFunction/Role/DefaultPolicy")) == {
        arn(items): {
            "dynamodb:DeleteItem",
            "dynamodb:GetItem",
            "dynamodb:PutItem",
            "dynamodb:Scan",
            "dynamodb:UpdateItem",
        },
        arn(keys): {"dynamodb:GetItem", "dynamodb:PutItem"},
    }


def test_interfaces_are_made_in_the_subnets_of_the_function_only(vpc_api: Synthesized) -> None:
    policy = vpc_api.at("ApiFunction/Role/DefaultPolicy")
    function = vpc_api.at("ApiFunction/Function").properties
    allowed = granted(policy, "ec2:")
    places = {
        where for where, actions in allowed.items() if "ec2:CreateNetworkInterface" in actions
    }
    named = [*function["VpcConfig"]["SubnetIds"], *function["VpcConfig"]["SecurityGroupIds"]]
    assert len(places) == len(named) + 1
    for name in named:
        assert any(json.dumps(name) in place for place in places)
    (interfaces,) = [place for place in places if "network-interface/*" in place]
    assert allowed[interfaces] >= {"ec2:DeleteNetworkInterface"}


def test_the_code_in_the_vpc_may_not_touch_the_network(vpc_api: Synthesized) -> None:
    policy = vpc_api.at("ApiFunction/Role/DefaultPolicy")
    statements = policy.properties["PolicyDocument"]["Statement"]
    (denied,) = [each for each in statements if each["Effect"] == "Deny"]
    allowed = set().union(*granted(policy, "ec2:").values())
    assert set(denied["Action"]) == allowed
    assert denied["Condition"] == {"Null": {"lambda:SourceFunctionArn": "false"}}


@pytest.mark.parametrize(("name", "action"), CRUD.items())
def test_each_operation_may_do_its_one_request(
    crud_api: Synthesized, name: str, action: str
) -> None:
    items = arn(crud_api.at("Items/Table").logical_id)
    keys = arn(crud_api.at("Idempotency/Table").logical_id)
    remembered = {keys: {"dynamodb:GetItem", "dynamodb:PutItem"}} if name == "Create" else {}
    policy = crud_api.at(f"{name}Function/Role/DefaultPolicy")
    assert _dynamodb(policy) == {items: {action}, **remembered}


def test_the_upload_may_read_its_archive_and_write_its_bucket(dev: Synthesized) -> None:
    policy = dev.at("Site/Upload/Role/DefaultPolicy")
    bucket = dev.at("Site/Files/Bucket").logical_id
    allowed = granted(policy, "s3:")
    (archive,) = allowed.keys() - {arn(bucket), arn(bucket, "/*")}
    assert allowed == {
        archive: {"s3:GetObject"},
        arn(bucket): {"s3:GetBucketTagging", "s3:ListBucket"},
        arn(bucket, "/*"): {"s3:AbortMultipartUpload", "s3:DeleteObject", "s3:PutObject"},
    }
    assert ".zip" in archive
    (distribution,) = granted(policy, "cloudfront:")
    assert dev.at("Site/Distribution").logical_id in distribution


def test_every_function_has_a_role_of_its_own(each_dev: Synthesized) -> None:
    functions = each_dev.of_type("AWS::Lambda::Function")
    roles = {json.dumps(function.properties["Role"]) for function in functions}
    assert len(roles) == len(functions)


def test_no_statement_covers_everything_without_a_reason(each_dev: Synthesized) -> None:
    for policy in each_dev.of_type("AWS::IAM::Policy"):
        assert granted(policy, "").get('"*"', set()) <= NO_NARROWER_FORM, policy.path


def test_no_action_is_a_pattern(each_dev: Synthesized) -> None:
    for policy in each_dev.of_type("AWS::IAM::Policy"):
        for actions in granted(policy, "").values():
            assert not {action for action in actions if "*" in action}, policy.path


def test_logs_go_to_the_own_group_only(each_dev: Synthesized) -> None:
    functions = [
        each.path.removeprefix(f"{each_dev.system}/").removesuffix("/Function/Resource")
        for each in each_dev.of_type("AWS::Lambda::Function")
        if each.path.endswith("Function/Function/Resource")
    ]
    assert functions
    for name in functions:
        group = each_dev.at(f"{name}/Logs").logical_id
        assert granted(each_dev.at(f"{name}/Role/DefaultPolicy"), "logs:") == {
            arn(group): {"logs:CreateLogStream", "logs:PutLogEvents"}
        }


def test_the_upload_logs_to_its_own_group_only(dev: Synthesized) -> None:
    group = dev.at("Site/Upload/Logs").logical_id
    assert granted(dev.at("Site/Upload/Role/DefaultPolicy"), "logs:") == {
        arn(group): {"logs:CreateLogStream", "logs:PutLogEvents"}
    }


def test_only_api_gateway_has_a_managed_policy(each_dev: Synthesized) -> None:
    managed = {
        role.path
        for role in each_dev.of_type("AWS::IAM::Role")
        if role.properties.get("ManagedPolicyArns")
    }
    assert managed <= {f"{each_dev.system}/ApiAccount/Role/Resource"}


def test_functions_admit_this_api_only(dev: Synthesized) -> None:
    for permission in dev.of_type("AWS::Lambda::Permission"):
        assert permission.properties["Principal"] == "apigateway.amazonaws.com"
        assert dev.at("Api/Api").logical_id in json.dumps(permission.properties["SourceArn"])


def test_permissions_are_counted_for_every_function_but_the_cdks(dev: Synthesized) -> None:
    assert function_permissions(dev.template) == [
        FunctionPermissions("web-app/ApiFunction", statements=5, permissions=12, unused=4),
        FunctionPermissions("web-app/HealthFunction", statements=4, permissions=6, unused=4),
    ]


def test_what_is_said_to_be_unused_has_a_reason_and_is_granted(each_dev: Synthesized) -> None:
    for place, reasons in UNUSED[each_dev.system].items():
        allowed = granted(each_dev.at(f"{place}/Role/DefaultPolicy"), "")
        actions = {action for each in allowed.values() for action in each}
        for permission, reason in reasons.items():
            assert permission.partition(" on ")[0] in actions
            assert len(reason.split()) >= 6, permission


def _dynamodb(policy: Resource) -> dict[str, set[str]]:
    return granted(policy, "dynamodb:")
