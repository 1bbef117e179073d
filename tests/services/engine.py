"""The DynamoDB engine as a child process, with the systems' tables, and a counter before it."""

from __future__ import annotations

import socket
import subprocess
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

import boto3

from cloudworthy.local.engines.dynoxide import find_binary
from cloudworthy.local.engines.platforms import default_tools
from services.systems import INDEX, SYSTEMS

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from mypy_boto3_dynamodb import DynamoDBClient

    from services.systems import System


@contextmanager
def running_engine(state: Path) -> Iterator[str]:
    """Run the engine on a file in a directory; gives its endpoint."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    binary = find_binary(default_tools())
    arguments = [str(binary), "serve", "--port", str(port), "--db-path", str(state / "db")]
    with (state / "engine.log").open("wb") as log:
        process = subprocess.Popen(arguments, stdout=log, stderr=log)
    try:
        _wait_for(port, process)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(10)


def _wait_for(port: int, process: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + 10
    while time.monotonic() < until and process.poll() is None:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.01)
    raise RuntimeError("the DynamoDB engine did not start")


def admin_client(endpoint: str) -> DynamoDBClient:
    return boto3.client(
        "dynamodb",
        endpoint_url=endpoint,
        region_name="us-east-1",
        aws_access_key_id="test",
        aws_secret_access_key="test",
    )


def stored_with(endpoint: str, system: System, text: str) -> int:
    """How many stored items have a text in them."""
    pages = admin_client(endpoint).get_paginator("scan").paginate(TableName=system.table)
    return sum(f"'{text}'" in str(item) for page in pages for item in page["Items"])


def create_tables(endpoint: str) -> None:
    client = admin_client(endpoint)
    for system in SYSTEMS:
        if system.has_index:
            _create_indexed(client, system)
        else:
            _create_simple(client, system.table)
        _create_simple(client, system.idempotency)


def _create_simple(client: DynamoDBClient, table_name: str) -> None:
    client.create_table(
        TableName=table_name,
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )


def _create_indexed(client: DynamoDBClient, system: System) -> None:
    client.create_table(
        TableName=system.table,
        KeySchema=[
            {"AttributeName": system.id_name, "KeyType": "HASH"},
            {"AttributeName": "created_at", "KeyType": "RANGE"},
        ],
        AttributeDefinitions=[
            {"AttributeName": name, "AttributeType": "S"}
            for name in (system.id_name, "created_at", "status")
        ],
        BillingMode="PAY_PER_REQUEST",
        GlobalSecondaryIndexes=[
            {
                "IndexName": INDEX,
                "KeySchema": [
                    {"AttributeName": "status", "KeyType": "HASH"},
                    {"AttributeName": "created_at", "KeyType": "RANGE"},
                ],
                "Projection": {"ProjectionType": "ALL"},
            }
        ],
    )
