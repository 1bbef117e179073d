"""``GET /items/{id}`` as most handlers are written: a boto3 resource, one get_item."""

from __future__ import annotations

import json
import os
from typing import Any

import boto3

_TABLE = boto3.resource("dynamodb").Table(os.environ["TABLE_NAME"])


def handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    key = {"item_id": event["pathParameters"]["id"], "created_at": os.environ["CREATED_AT"]}
    item = _TABLE.get_item(Key=key)["Item"]
    return {"statusCode": 200, "body": json.dumps(item, default=str)}
