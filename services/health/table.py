"""What the health route looks at: the table."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from pydynox.exceptions import (
    AccessDeniedException,
    ConnectionException,
    ProvisionedThroughputExceededException,
    PydynoxException,
)

from aws_api.dynamodb import dynamodb_client
from aws_api.region import region_of
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
        self._table_name = environment["TABLE_NAME"]
        self._tracing = tracing
        self._region = region_of(environment)
        self._client = dynamodb_client(environment, connect_s=_CONNECT_S, read_s=_READ_S)

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
