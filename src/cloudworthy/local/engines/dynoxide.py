"""DynamoDB and DynamoDB Streams, carried out by dynoxide on a SQLite file."""

from __future__ import annotations

import asyncio
import logging
import sqlite3
from contextlib import closing
from pathlib import Path

from cloudworthy.local.engines.platforms import binary_name, platform_key
from cloudworthy.local.engines.supervised import SupervisedEngine, minimal_environment
from cloudworthy.local.engines.table_arns import (
    names_tables,
    region_of,
    with_arns_of,
    with_dynoxide_arns,
)
from cloudworthy.local.model.backends import Backend
from cloudworthy.local.model.clock import Clock
from cloudworthy.local.model.errors import CloudworthyError
from cloudworthy.local.model.http import Request, Response
from cloudworthy.local.process.guard import ProcessGuard

_log = logging.getLogger(__name__)

_SEQUENCE_INDEX = """
CREATE INDEX IF NOT EXISTS cloudworthy_sequence
ON _stream_records (table_name, CAST(sequence_number AS INTEGER))
"""
"""With each write to a table with a stream dynoxide asks for the stream's highest number, and reads
all records of a day for it: 3 ms a write after 11,000 of them, 0.01 ms with this index.
"""


class DynoxideMissingError(CloudworthyError):
    """The binary is not installed."""


def find_binary(tools: Path) -> Path:
    """Where the dynoxide binary is below a directory that holds ``node_modules``.

    Raises
    ------
    DynoxideMissingError, UnsupportedPlatformError
    """
    key = platform_key()
    binary = tools / "node_modules" / "@dynoxide" / key / binary_name(key)
    if not binary.is_file():
        raise DynoxideMissingError(
            f"dynoxide: found nothing at {binary}, expected the DynamoDB engine. Run make setup."
        )
    return binary


class Dynoxide(SupervisedEngine):
    """The DynamoDB engine as a child process; what it acknowledged survives any kill.

    Parameters
    ----------
    tools
        The directory whose ``node_modules`` holds the binary.
    state
        The directory for the database file and the engine's output.
    account, region
        What ARNs of tables say; a request that is signed for a region gets that one.
    """

    def __init__(
        self,
        tools: Path,
        state: Path,
        *,
        guard: ProcessGuard,
        account: str,
        region: str,
        clock: Clock | None = None,
    ) -> None:
        self._account = account
        self._region = region
        binary = find_binary(tools)
        database = self._database = state / "dynamodb.sqlite"
        super().__init__(
            "dynoxide",
            lambda port: [str(binary), "--port", str(port), "--db-path", str(database)],
            guard=guard,
            output=state / "dynoxide.log",
            environment=minimal_environment(),
            clock=clock,
        )

    async def start(self) -> Backend:
        """Start the engine; see ``SupervisedEngine``."""
        await super().start()
        await asyncio.to_thread(self._index_streams)
        return self

    def _index_streams(self) -> None:
        """The file stays as it is where this cannot be: only the speed of writes depends on it."""
        try:
            with closing(sqlite3.connect(self._database, timeout=1)) as database:
                database.execute(_SEQUENCE_INDEX)
                database.commit()
        except sqlite3.Error as error:
            _log.info("Writes to streams stay slow: %s", error)

    async def send(self, request: Request) -> Response:
        if not names_tables(request):
            return await super().send(request)
        response = await super().send(with_dynoxide_arns(request))
        return with_arns_of(response, region_of(request, self._region), self._account)
