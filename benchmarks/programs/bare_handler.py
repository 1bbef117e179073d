"""The least a handler of ``GET /items/{id}`` can be: one client of our kind, one GetItem."""

from __future__ import annotations

import json
import os
from typing import Any

from aws.dynamodb import DynamoDb
from observability.tracing import Tracing

_DATABASE = DynamoDb(os.environ, Tracing(os.environ))
_TABLE = os.environ["TABLE_NAME"]


def handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    key = {
        "item_id": {"S": event["pathParameters"]["id"]},
        "created_at": {"S": os.environ["CREATED_AT"]},
    }
    found = _DATABASE.request("GetItem", {"TableName": _TABLE, "Key": key}, _TABLE, repeatable=True)
    return {"statusCode": 200, "body": json.dumps(found["Item"])}
