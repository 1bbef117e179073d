"""The ports people open: one for each API and site of a stack."""

from __future__ import annotations

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

    async def serve(self, handlers: dict[str, Handler]) -> None:
        """Listen for these and for no others, by logical id.

        Raises
        ------
        PortTakenError
            What was served before goes on.
        """
        for logical_id, handler in handlers.items():
            if logical_id not in self._servers:
                self._handlers[logical_id] = handler
                server = HttpServer(self._handler_of(logical_id))
                self.ports[logical_id] = await server.start(self._next_port())
                self._servers[logical_id] = server
        self._handlers = handlers
        for logical_id in [known for known in self._servers if known not in handlers]:
            await self._servers.pop(logical_id).stop()
            del self.ports[logical_id]

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
