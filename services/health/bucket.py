"""What the health route looks at: the bucket."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from botocore.exceptions import BotoCoreError, ClientError

from health.checks import BUSY, FAILING, MISSING, REFUSED, UNREACHABLE, CheckFailedError

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

    from aws_api.session import AwsSession
    from observability.tracing import Tracing

_CONNECT_S = 0.6
_READ_S = 1.2


class BucketCheck:
    """Asks whether the bucket is there: HeadBucket, which needs `s3:ListBucket`."""

    def __init__(self, session: AwsSession, bucket_name: str, tracing: Tracing) -> None:
        self._bucket_name = bucket_name
        self._tracing = tracing
        self._region = session.region
        client = session.client("s3", connect_s=_CONNECT_S, read_s=_READ_S)
        self._client = cast("S3Client", client)

    def __call__(self) -> None:
        resource = {"region": self._region, "bucket_name": self._bucket_name}
        with self._tracing.call("S3", "HeadBucket", resource) as span:
            try:
                self._client.head_bucket(Bucket=self._bucket_name)
            except ClientError as error:
                status = int(error.response["ResponseMetadata"]["HTTPStatusCode"])
                span.answered(status, throttled=status == 503)
                raise CheckFailedError(_reason(status)) from error
            except BotoCoreError as error:
                span.failed(error)
                raise CheckFailedError(UNREACHABLE) from error
            span.answered(200)


def _reason(status: int) -> str:
    """What a status says: HeadBucket has no body that would say more."""
    known = {404: MISSING, 429: BUSY, 503: BUSY}
    return known.get(status, FAILING if status >= 500 else REFUSED)
