"""The ports people open: one for each API and site of a stack."""

from __future__ import annotations

from collections.abc import Iterable

from cloudworthy.local.model.http import Handler, Request, Response
from cloudworthy.local.wire.server import HttpServer


class Listeners:
    """Listens for every API and site on consecutive ports, which stay the same in updates.

    Parameters
    ----------
    first_port
        The port of the first; 0 lets the system choose each.
    """

    def __init__(self, first_port: int) -> None:
        self._first_port = first_port
        self._handlers: dict[str, Handler] = {}
        self._servers: dict[str, HttpServer] = {}
        self.ports: dict[str, int] = {}
        """By logical id."""

    async def open(self, handlers: dict[str, Handler]) -> None:
        """Listen for these as well, by logical id; those known already go on as they are.

        Raises
        ------
        PortTakenError
            None of them was opened.
        """
        added = [logical_id for logical_id in handlers if logical_id not in self._servers]
        try:
            for logical_id in added:
                self._handlers[logical_id] = handlers[logical_id]
                server = HttpServer(self._handler_of(logical_id))
                self.ports[logical_id] = await server.start(self._next_port())
                self._servers[logical_id] = server
        except BaseException:
            await self._close(added)
            raise

    async def serve(self, handlers: dict[str, Handler]) -> None:
        """Serve these, which are open, and no others."""
        self._handlers = handlers
        await self._close([known for known in self._servers if known not in handlers])

    async def _close(self, logical_ids: Iterable[str]) -> None:
        for logical_id in logical_ids:
            self.ports.pop(logical_id, None)
            server = self._servers.pop(logical_id, None)
            if server is not None:
                await server.stop()

    async def stop(self) -> None:
        for server in self._servers.values():
            await server.stop()

    def _handler_of(self, logical_id: str) -> Handler:
        async def handle(request: Request) -> Response:
            return await self._handlers[logical_id](request)

        return handle

    def _next_port(self) -> int:
        if self._first_port == 0:
            return 0
        taken = set(self.ports.values())
        port = self._first_port
        while port in taken:
            port += 1
        return port
