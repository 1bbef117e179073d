"""What the health route looks at: the table and the bucket."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, cast

from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from botocore.session import get_session
from pydynox import DynamoDBClient
from pydynox.exceptions import AccessDeniedException, PydynoxException

from health.checks import CheckFailedError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mypy_boto3_s3 import S3Client

    from observability.tracing import Tracing

_CONNECT_S = 0.6
_READ_S = 1.2
_UNREACHABLE = "no answer in time"
_REFUSED = "refused"


class TableCheck:
    """Asks whether the table is there.

    That is DescribeTable, which reads no item and uses none of the table's capacity: a role that
    may do no more cannot leak data, and nobody can exhaust the table through the open route.
    """

    def __init__(self, environment: Mapping[str, str], tracing: Tracing) -> None:
        logging.getLogger("pydynox").setLevel(logging.ERROR)
        self._table_name = environment["TABLE_NAME"]
        self._tracing = tracing
        self._region = environment.get("AWS_REGION") or environment["AWS_DEFAULT_REGION"]
        endpoint = environment.get("AWS_ENDPOINT_URL_DYNAMODB") or environment.get(
            "AWS_ENDPOINT_URL"
        )
        self._client = DynamoDBClient(
            region=self._region,
            endpoint_url=endpoint,
            access_key=environment.get("AWS_ACCESS_KEY_ID"),
            secret_key=environment.get("AWS_SECRET_ACCESS_KEY"),
            session_token=environment.get("AWS_SESSION_TOKEN"),
            connect_timeout=_CONNECT_S,
            read_timeout=_READ_S,
            max_retries=1,
        )

    def __call__(self) -> None:
        resource = {"region": self._region, "table_name": self._table_name}
        with self._tracing.call("DynamoDB", "DescribeTable", resource) as span:
            try:
                exists = asyncio.run(self._exists())
            except PydynoxException as error:
                span.failed(error)
                denied = isinstance(error, AccessDeniedException)
                raise CheckFailedError(_REFUSED if denied else _UNREACHABLE) from error
            span.answered(200 if exists else 400)
        if not exists:
            raise CheckFailedError("missing")

    async def _exists(self) -> bool:
        """Not the synchronous twin, which keeps the interpreter's lock while it waits."""
        return await self._client.table_exists(self._table_name)


class BucketCheck:
    """Asks whether the bucket is there: HeadBucket, which needs `s3:ListBucket`."""

    def __init__(self, environment: Mapping[str, str], tracing: Tracing) -> None:
        self._bucket_name = environment["BUCKET_NAME"]
        self._tracing = tracing
        self._region = environment.get("AWS_REGION") or environment["AWS_DEFAULT_REGION"]
        config = Config(
            connect_timeout=_CONNECT_S, read_timeout=_READ_S, retries={"total_max_attempts": 1}
        )
        client = get_session().create_client(
            "s3",
            region_name=self._region,
            endpoint_url=environment.get("AWS_ENDPOINT_URL_S3")
            or environment.get("AWS_ENDPOINT_URL"),
            aws_access_key_id=environment.get("AWS_ACCESS_KEY_ID"),
            aws_secret_access_key=environment.get("AWS_SECRET_ACCESS_KEY"),
            aws_session_token=environment.get("AWS_SESSION_TOKEN"),
            config=config,
        )
        self._client = cast("S3Client", client)

    def __call__(self) -> None:
        resource = {"region": self._region, "bucket_name": self._bucket_name}
        with self._tracing.call("S3", "HeadBucket", resource) as span:
            try:
                self._client.head_bucket(Bucket=self._bucket_name)
            except ClientError as error:
                status = int(error.response["ResponseMetadata"]["HTTPStatusCode"])
                span.answered(status, throttled=status == 503)
                raise CheckFailedError("missing" if status == 404 else _REFUSED) from error
            except BotoCoreError as error:
                span.failed(error)
                raise CheckFailedError(_UNREACHABLE) from error
            span.answered(200)
