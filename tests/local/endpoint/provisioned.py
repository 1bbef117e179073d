"""Tables whose capacity the endpoint enforces."""

from __future__ import annotations

from typing import Any

from botocore.config import Config

from cloudworthy.local.model.resources import Deployment, ProvisionedResource, Stack
from local.endpoint.served import REGION, Served

ONCE = Config(retries={"total_max_attempts": 1})
INDEX = "by_kind"
ARN = f"arn:aws:dynamodb:{REGION}:000000000000:table"
STACK = Stack("tables", "000000000000", REGION, {}, {})


def make_table(aws: Served, dynamodb: Any, name: str, *, units: int | None = 1) -> str:
    """A table with an index and these units a second of everything; None: billed by request."""
    throughput = {"ReadCapacityUnits": units, "WriteCapacityUnits": units}
    provisioned = {"ProvisionedThroughput": throughput} if units else {}
    index = {
        "IndexName": INDEX,
        "KeySchema": [{"AttributeName": "kind", "KeyType": "HASH"}],
        "Projection": {"ProjectionType": "ALL"},
        **provisioned,
    }
    properties = {
        "TableName": name,
        "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
        "AttributeDefinitions": [
            {"AttributeName": key, "AttributeType": "S"} for key in ("id", "kind")
        ],
        "GlobalSecondaryIndexes": [index],
        "BillingMode": "PROVISIONED" if units else "PAY_PER_REQUEST",
        **provisioned,
    }
    dynamodb.create_table(**properties)
    enforce(aws, {name: properties})
    return name


def enforce(aws: Served, tables: dict[str, dict[str, Any]]) -> None:
    """Enforce the capacity of these tables, by name with their properties, and of no others."""
    resources = {
        name: ProvisionedResource(
            name, "AWS::DynamoDB::Table", name, properties, {"Arn": f"{ARN}/{name}"}
        )
        for name, properties in tables.items()
    }

    async def update() -> None:
        aws.capacity.update(Deployment(STACK, resources, {}))

    aws.run(update())
