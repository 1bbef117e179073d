from __future__ import annotations

from typing import Any

import pytest

from local.provision.engine_children import Bench, actions, table

KEYS = {
    "AttributeDefinitions": [
        {"AttributeName": "id", "AttributeType": "S"},
        {"AttributeName": "status", "AttributeType": "S"},
    ]
}
INDEX = {
    "IndexName": "StatusIndex",
    "KeySchema": [{"AttributeName": "status", "KeyType": "HASH"}],
    "Projection": {"ProjectionType": "ALL"},
}
CAPACITY = {"ReadCapacityUnits": "5", "WriteCapacityUnits": 5}


async def described(bench: Bench, **properties: Any) -> dict[str, Any]:
    """Deploy a table with these properties and look at it."""
    deployment = await bench.apply({"Table": table(**properties)})
    name = deployment.resources["Table"].physical_id
    answer: dict[str, Any] = bench.client("dynamodb").describe_table(TableName=name)["Table"]
    return answer


async def test_ref_and_attributes(bench: Bench) -> None:
    stream = {"StreamViewType": "NEW_AND_OLD_IMAGES"}
    deployment = await bench.apply({"Table": table(StreamSpecification=stream)})
    made = deployment.resources["Table"]
    arn = f"arn:aws:dynamodb:us-east-1:000000000000:table/{made.physical_id}"
    assert made.attributes["Arn"] == arn
    assert made.attributes["StreamArn"].startswith(f"{arn}/stream/")


async def test_everything_of_web_apps_table(bench: Bench) -> None:
    it = await described(
        bench,
        **KEYS,
        BillingMode=None,
        ProvisionedThroughput=CAPACITY,
        GlobalSecondaryIndexes=[{**INDEX, "ProvisionedThroughput": CAPACITY}],
        StreamSpecification={"StreamViewType": "NEW_AND_OLD_IMAGES"},
        SSESpecification={"SSEEnabled": True},
        PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": True},
        TimeToLiveSpecification={"AttributeName": "expires_at", "Enabled": True},
        DeletionProtectionEnabled=True,
        Tags=[{"Key": "project", "Value": "cloudworthy"}],
    )
    client, name = bench.client("dynamodb"), it["TableName"]
    assert it["ProvisionedThroughput"]["ReadCapacityUnits"] == 5
    assert [index["IndexName"] for index in it["GlobalSecondaryIndexes"]] == ["StatusIndex"]
    assert it["StreamSpecification"]["StreamViewType"] == "NEW_AND_OLD_IMAGES"
    assert it["DeletionProtectionEnabled"] is True
    ttl = client.describe_time_to_live(TableName=name)["TimeToLiveDescription"]
    assert ttl == {"TimeToLiveStatus": "ENABLED", "AttributeName": "expires_at"}
    tags = client.list_tags_of_resource(ResourceArn=it["TableArn"])["Tags"]
    assert tags == [{"Key": "project", "Value": "cloudworthy"}]
    await bench.deployer().destroy()
    assert name not in client.list_tables()["TableNames"]


async def test_each_property_can_be_added_changed_and_taken_away(bench: Bench) -> None:
    first = await described(bench)
    rich = await described(
        bench,
        **KEYS,
        BillingMode="PROVISIONED",
        ProvisionedThroughput=CAPACITY,
        GlobalSecondaryIndexes=[{**INDEX, "ProvisionedThroughput": CAPACITY}],
        StreamSpecification={"StreamViewType": "KEYS_ONLY"},
        TimeToLiveSpecification={"AttributeName": "expires_at", "Enabled": True},
        DeletionProtectionEnabled=True,
        TableClass="STANDARD_INFREQUENT_ACCESS",
        Tags=[{"Key": "a", "Value": "1"}, {"Key": "b", "Value": "1"}],
    )
    assert rich["TableId"] == first["TableId"]
    assert rich["GlobalSecondaryIndexes"][0]["IndexStatus"] == "ACTIVE"
    changed = await described(
        bench,
        **KEYS,
        BillingMode="PROVISIONED",
        ProvisionedThroughput={"ReadCapacityUnits": 7, "WriteCapacityUnits": 7},
        GlobalSecondaryIndexes=[
            {
                **INDEX,
                "Projection": {"ProjectionType": "KEYS_ONLY"},
                "ProvisionedThroughput": CAPACITY,
            }
        ],
        StreamSpecification={"StreamViewType": "NEW_IMAGE"},
        TimeToLiveSpecification={"AttributeName": "gone_at", "Enabled": True},
        Tags=[{"Key": "b", "Value": "2"}],
    )
    name = changed["TableName"]
    client = bench.client("dynamodb")
    assert changed["ProvisionedThroughput"]["ReadCapacityUnits"] == 7
    assert changed["GlobalSecondaryIndexes"][0]["Projection"]["ProjectionType"] == "KEYS_ONLY"
    assert changed["StreamSpecification"]["StreamViewType"] == "NEW_IMAGE"
    ttl = client.describe_time_to_live(TableName=name)["TimeToLiveDescription"]
    assert ttl["AttributeName"] == "gone_at"
    tags = client.list_tags_of_resource(ResourceArn=changed["TableArn"])["Tags"]
    assert tags == [{"Key": "b", "Value": "2"}]
    plain = await described(bench)
    assert plain["TableId"] == first["TableId"]
    assert not plain.get("GlobalSecondaryIndexes")
    assert plain["BillingModeSummary"]["BillingMode"] == "PAY_PER_REQUEST"
    assert "StreamSpecification" not in plain


async def test_an_index_is_filled_from_the_items_that_are_there(bench: Bench) -> None:
    name = (await described(bench))["TableName"]
    client = bench.client("dynamodb")
    client.put_item(TableName=name, Item={"id": {"S": "1"}, "status": {"S": "open"}})
    await described(bench, **KEYS, GlobalSecondaryIndexes=[INDEX])
    found = client.query(
        TableName=name,
        IndexName="StatusIndex",
        KeyConditionExpression="#s = :s",
        ExpressionAttributeNames={"#s": "status"},
        ExpressionAttributeValues={":s": {"S": "open"}},
    )
    assert found["Count"] == 1


@pytest.mark.parametrize(
    "properties",
    [
        {"TableName": "another-name"},
        {"AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "N"}]},
        {
            "AttributeDefinitions": [{"AttributeName": "pk", "AttributeType": "S"}],
            "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}],
        },
    ],
)
async def test_what_replaces_a_table(bench: Bench, properties: dict[str, Any]) -> None:
    await bench.apply({"Table": table()})
    assert actions(bench.plan({"Table": table(**properties)})) == {"Table": "replace"}
