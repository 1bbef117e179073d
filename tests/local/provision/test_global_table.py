from __future__ import annotations

from typing import Any

import pytest

from cloudworthy.local.model.errors import UnsupportedError
from local.provision.engine_children import Bench, resource, table


def global_table(**properties: Any) -> dict[str, Any]:
    settings = {**table()["Properties"], "Replicas": [{"Region": "us-east-1"}], **properties}
    return resource("AWS::DynamoDB::GlobalTable", **settings)


async def test_one_replica_is_a_table(bench: Bench) -> None:
    replica = {"Region": "us-east-1", "Tags": [{"Key": "team", "Value": "a"}]}
    stream = {"StreamViewType": "NEW_IMAGE"}
    made = await bench.apply(
        {"Table": global_table(Replicas=[replica], StreamSpecification=stream)},
        Outputs={"Stream": {"Value": {"Fn::GetAtt": ["Table", "StreamArn"]}}},
    )
    it = made.resources["Table"]
    dynamodb = bench.client("dynamodb")
    described = dynamodb.describe_table(TableName=it.physical_id)["Table"]
    assert described["StreamSpecification"]["StreamViewType"] == "NEW_IMAGE"
    arn = f"arn:aws:dynamodb:us-east-1:000000000000:table/{it.physical_id}"
    assert it.attributes["Arn"] == arn
    assert made.outputs["Stream"].startswith(f"{arn}/stream/")
    await bench.apply({"Table": global_table()})
    described = dynamodb.describe_table(TableName=it.physical_id)["Table"]
    assert not described.get("StreamSpecification", {}).get("StreamEnabled")


@pytest.mark.parametrize(
    ("properties", "text"),
    [
        ({"Replicas": [{"Region": "us-east-1"}, {"Region": "eu-west-1"}]}, "one, in us-east-1"),
        ({"BillingMode": "PROVISIONED"}, "found provisioned capacity"),
    ],
)
def test_what_one_machine_does_not_have_is_refused(
    bench: Bench, properties: dict[str, Any], text: str
) -> None:
    with pytest.raises(UnsupportedError, match=text):
        bench.plan({"Table": global_table(**properties)})
