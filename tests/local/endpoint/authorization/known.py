"""The resources that the tests name."""

from __future__ import annotations

from typing import Any

from local.endpoint.authorization.wire import ACCOUNT, REGION

IN = f"{REGION}:{ACCOUNT}"
TABLE = f"arn:aws:dynamodb:{IN}:table/items"
FOREIGN = "arn:aws:dynamodb:eu-west-1:111111111111:table/theirs"
SECRET = f"arn:aws:secretsmanager:{IN}:secret:app/db-AbCdEf"
KEY = f"arn:aws:kms:{IN}:key/12345678-1234-1234-1234-123456789012"
QUEUE_URL = f"http://127.0.0.1:4566/{ACCOUNT}/jobs"
QUEUE = f"arn:aws:sqs:{IN}:jobs"
TOPIC = f"arn:aws:sns:{IN}:news"
MACHINE = f"arn:aws:states:{IN}:stateMachine:flow"
ITEM = {"pk": {"S": "a"}}
BUCKET = "arn:aws:s3:::files"
OBJECT = f"{BUCKET}/a b/c"
IN_FILES = {"Bucket": "files", "Key": "a b/c"}

Case = tuple[str, str, dict[str, Any], dict[str, tuple[str, ...]]]


class Known:
    """One secret and one key."""

    async def secret_arn(self, secret_id: str) -> str | None:
        return SECRET if secret_id in {"app/db", SECRET, SECRET[:-7]} else None

    async def key_arn(self, key_id: str) -> str | None:
        return KEY if key_id in {"alias/app", KEY, KEY.rpartition("/")[2]} else None

    async def partition_key(self, table_arn: str, index_name: str | None) -> str | None:
        return {(TABLE, None): "pk", (TABLE, "by-owner"): "owner"}.get((table_arn, index_name))
