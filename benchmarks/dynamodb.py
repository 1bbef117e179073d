"""A DynamoDB of the benchmarks' own: dynoxide with the tables of web-app."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol, cast

import botocore.session

from benchmarks.client import Client
from benchmarks.processes import Child, free_port
from benchmarks.results import ProcessMemory
from benchmarks.targets.target import Endpoint

REGION = "us-east-1"
ITEMS = "bench-items"
IDEMPOTENCY = "bench-idempotency"
STATUS_INDEX = "StatusIndex"

ITEMS_SCHEMA: Mapping[str, Any] = {
    "TableName": ITEMS,
    "AttributeDefinitions": [
        {"AttributeName": name, "AttributeType": "S"}
        for name in ("item_id", "created_at", "status")
    ],
    "KeySchema": [
        {"AttributeName": "item_id", "KeyType": "HASH"},
        {"AttributeName": "created_at", "KeyType": "RANGE"},
    ],
    "GlobalSecondaryIndexes": [
        {
            "IndexName": STATUS_INDEX,
            "KeySchema": [
                {"AttributeName": "status", "KeyType": "HASH"},
                {"AttributeName": "created_at", "KeyType": "RANGE"},
            ],
            "Projection": {"ProjectionType": "ALL"},
        }
    ],
}
_IDEMPOTENCY_SCHEMA: Mapping[str, Any] = {
    "TableName": IDEMPOTENCY,
    "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}],
    "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
}


class AwsClient(Protocol):
    """A botocore client: it makes its operations from the service's model at run time."""

    def __getattr__(self, operation: str) -> Callable[..., Any]: ...


def create_tables(endpoint_url: str) -> None:
    """The tables of web-app, with their index and stream, on demand."""
    tables = aws_client("dynamodb", endpoint_url)
    stream = {"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"}
    tables.create_table(**ITEMS_SCHEMA, BillingMode="PAY_PER_REQUEST", StreamSpecification=stream)
    tables.create_table(**_IDEMPOTENCY_SCHEMA, BillingMode="PAY_PER_REQUEST")
    for schema in (ITEMS_SCHEMA, _IDEMPOTENCY_SCHEMA):
        tables.get_waiter("table_exists").wait(
            TableName=schema["TableName"], WaiterConfig={"Delay": 1}
        )


def aws_client(service: str, endpoint_url: str) -> AwsClient:
    session = botocore.session.get_session()
    session.set_credentials(*CREDENTIALS)
    client = session.create_client(service, region_name=REGION, endpoint_url=endpoint_url)
    return cast("AwsClient", client)


CREDENTIALS = ("000000000000", "local-only")


class LocalDynamoDb:
    """dynoxide on a file, for the targets that bring no database."""

    def __init__(self, binary: Path, directory: Path, log: Path) -> None:
        port = free_port()
        self.endpoint_url = f"http://127.0.0.1:{port}"
        database = directory / "dynamodb.sqlite"
        command = [str(binary), "--port", str(port), "--db-path", str(database)]
        self._child = Child(command, log)
        try:
            self._child.wait_until(self._answers, "answering", timeout_s=20)
            create_tables(self.endpoint_url)
        except BaseException:
            self._child.stop()
            raise

    def _answers(self) -> bool | None:
        try:
            with Client(Endpoint(self.endpoint_url)) as client:
                client.send("GET", "/")
        except OSError:
            return None
        return True

    def memory(self) -> Sequence[ProcessMemory]:
        return self._child.memory()

    def stop(self) -> None:
        self._child.stop()
