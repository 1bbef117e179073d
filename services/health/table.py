"""What the health route looks at: the table."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING

from pydynox import DynamoDBClient
from pydynox.exceptions import (
    AccessDeniedException,
    ConnectionException,
    ProvisionedThroughputExceededException,
    PydynoxException,
)

from health.checks import BUSY, FAILING, MISSING, REFUSED, UNREACHABLE, CheckFailedError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from observability.tracing import Tracing

_CONNECT_S = 0.6
_READ_S = 1.2
_REASONS: dict[type[Exception], str] = {
    AccessDeniedException: REFUSED,
    ConnectionException: UNREACHABLE,
    ProvisionedThroughputExceededException: BUSY,
}


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
                raise CheckFailedError(_REASONS.get(type(error), FAILING)) from error
            span.answered(200 if exists else 400)
        if not exists:
            raise CheckFailedError(MISSING)

    async def _exists(self) -> bool:
        """Not the synchronous twin, which keeps the interpreter's lock while it waits."""
        return await self._client.table_exists(self._table_name)
