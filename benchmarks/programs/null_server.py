"""Answers every request on a port with one fixed item: ``null_server.py PORT``."""

from __future__ import annotations

import asyncio
import sys
from typing import cast

import httptools
import uvloop

_BODY = b'{"item_id":"019b76da-a800-7fcd-a084-95d565ef66e7","name":"Item","status":"pending"}'
_HEAD = b"HTTP/1.1 %d OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n"
_OK = _HEAD % (200, len(_BODY)) + _BODY
_CREATED = _HEAD % (201, len(_BODY)) + _BODY


class NullProtocol(asyncio.Protocol):
    def __init__(self) -> None:
        self._parser = httptools.HttpRequestParser(self)
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        self._parser.feed_data(data)

    def on_message_complete(self) -> None:
        if self._transport is not None:
            post = self._parser.get_method() == b"POST"
            self._transport.write(_CREATED if post else _OK)


async def _serve(port: int) -> None:
    server = await asyncio.get_running_loop().create_server(NullProtocol, "127.0.0.1", port)
    await server.serve_forever()


if __name__ == "__main__":
    uvloop.run(_serve(int(sys.argv[1])))
