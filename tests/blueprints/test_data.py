"""The table, its index and the table of idempotency keys."""

from __future__ import annotations

import pytest

from synthesized import Synthesized

pytestmark = pytest.mark.xdist_group("synth")

SCALED = [
    ("dynamodb:table:ReadCapacityUnits", "table"),
    ("dynamodb:table:WriteCapacityUnits", "table"),
    ("dynamodb:index:ReadCapacityUnits", "index"),
    ("dynamodb:index:WriteCapacityUnits", "index"),
]


def test_items_have_the_keys_and_the_index_of_the_system(dev: Synthesized) -> None:
    table = dev.at("Items/Table").properties
    assert table["KeySchema"] == [
        {"AttributeName": "item_id", "KeyType": "HASH"},
        {"AttributeName": "created_at", "KeyType": "RANGE"},
    ]
    assert {each["AttributeType"] for each in table["AttributeDefinitions"]} == {"S"}
    (index,) = table["GlobalSecondaryIndexes"]
    assert index["IndexName"] == "StatusIndex"
    assert [key["AttributeName"] for key in index["KeySchema"]] == ["status", "created_at"]
    assert index["Projection"] == {"ProjectionType": "ALL"}


def test_items_are_provisioned_recoverable_encrypted_and_streamed(dev: Synthesized) -> None:
    table = dev.at("Items/Table").properties
    five = {"ReadCapacityUnits": 5, "WriteCapacityUnits": 5}
    assert table["ProvisionedThroughput"] == five
    assert table["GlobalSecondaryIndexes"][0]["ProvisionedThroughput"] == five
    assert table["PointInTimeRecoverySpecification"] == {"PointInTimeRecoveryEnabled": True}
    assert table["SSESpecification"] == {"SSEEnabled": True}
    assert table["StreamSpecification"] == {"StreamViewType": "NEW_AND_OLD_IMAGES"}


@pytest.mark.parametrize(("dimension", "kind"), SCALED)
def test_table_and_index_scale(dev: Synthesized, dimension: str, kind: str) -> None:
    (target,) = [
        each
        for each in dev.of_type("AWS::ApplicationAutoScaling::ScalableTarget")
        if each.properties["ScalableDimension"] == dimension
    ]
    assert (target.properties["MinCapacity"], target.properties["MaxCapacity"]) == (5, 100)
    assert ("/index/StatusIndex" in str(target.properties["ResourceId"])) == (kind == "index")
    (policy,) = [
        each
        for each in dev.of_type("AWS::ApplicationAutoScaling::ScalingPolicy")
        if each.properties["ScalingTargetId"] == {"Ref": target.logical_id}
    ]
    tracking = policy.properties["TargetTrackingScalingPolicyConfiguration"]
    assert tracking["TargetValue"] == 70


def test_idempotency_keys_expire_and_are_billed_by_request(dev: Synthesized) -> None:
    table = dev.at("Idempotency/Table").properties
    assert table["KeySchema"] == [{"AttributeName": "id", "KeyType": "HASH"}]
    assert table["BillingMode"] == "PAY_PER_REQUEST"
    assert table["TimeToLiveSpecification"] == {"AttributeName": "expires_at", "Enabled": True}


def test_capacity_follows_the_settings(prod: Synthesized) -> None:
    targets = prod.of_type("AWS::ApplicationAutoScaling::ScalableTarget")
    assert {target.properties["MaxCapacity"] for target in targets} == {200}
