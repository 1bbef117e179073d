"""The least a handler of ``GET /items/{id}`` can be: one pydynox client, one GetItem."""

from __future__ import annotations

import json
import os
from typing import Any

from pydynox import DynamoDBClient

_DATABASE = DynamoDBClient(endpoint_url=os.environ["AWS_ENDPOINT_URL"])
_TABLE = os.environ["TABLE_NAME"]


def handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    key = {
        "item_id": event["pathParameters"]["id"],
        "created_at": os.environ["CREATED_AT"],
    }
    return {"statusCode": 200, "body": json.dumps(_DATABASE.sync_get_item(_TABLE, key))}
