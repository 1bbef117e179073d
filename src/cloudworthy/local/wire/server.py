"""An HTTP/1.1 server for asyncio on the httptools parser."""

from __future__ import annotations

import asyncio
import logging
import time
from collections import deque
from collections.abc import Callable
from email.utils import formatdate
from functools import lru_cache
from http import HTTPStatus
from typing import cast

import httptools

from cloudworthy.local.model.errors import CloudworthyError
from cloudworthy.local.model.http import Connection, Handler, Request, Response
from cloudworthy.local.wire.head import encoded_head

_log = logging.getLogger(__name__)

_REASONS = {status.value: status.phrase for status in HTTPStatus}
_BODILESS = frozenset({204, 304})
_CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"
_MOST_WAITING = 64
"""Pipelined requests beyond this many stay in the socket until some are answered."""
_BACKLOG = 1024
_LINGER_S = 1.0
_LONGEST_LINGER_S = 30.0


class PortTakenError(CloudworthyError):
    """Another program listens on the port that was asked for."""

    def __init__(self, port: int, option: str) -> None:
        super().__init__(
            f"Port {port} on 127.0.0.1 is taken by another program. "
            f"Stop that program or choose another port with {option}."
        )
        self.port = port


class HttpServer:
    """Listens on one loopback address and hands each request to one handler.

    Parameters
    ----------
    handler
        Called once a request is complete. An exception it lets through is logged and
        answered with 500.
    max_body_bytes
        A longer body is answered with 413 and the connection is closed.
    max_header_bytes
        Longer headers (with the request line) are answered with 431.
    admits
        Asked once for each connection; one that is not admitted is closed without an answer.
    """

    def __init__(
        self,
        handler: Handler,
        *,
        max_body_bytes: int = 64 * 1024 * 1024,
        max_header_bytes: int = 64 * 1024,
        admits: Callable[[Connection], bool] | None = None,
    ) -> None:
        self.handler = handler
        self.max_body_bytes = max_body_bytes
        self.max_header_bytes = max_header_bytes
        self.admits = admits
        self._connections: set[_Connection] = set()
        self._server: asyncio.Server | None = None

    async def start(self, port: int, *, host: str = "127.0.0.1", option: str = "--port") -> int:
        """Listen, and return the port (the system's choice when ``port`` is 0).

        Raises
        ------
        PortTakenError
            The port is in use; ``option`` is the command-line option named to the user.
        """
        loop = asyncio.get_running_loop()
        try:
            self._server = await loop.create_server(
                lambda: _Connection(self), host, port, backlog=_BACKLOG
            )
        except OSError as error:
            raise PortTakenError(port, option) from error
        return cast("int", self._server.sockets[0].getsockname()[1])

    async def stop(self, *, grace_s: float = 1.0) -> None:
        """Stop listening, let running requests finish for ``grace_s``, then cut them off."""
        if self._server is None:
            return
        self._server.close()
        running = [c.task for c in self._connections if c.task is not None]
        if running:
            await asyncio.wait(running, timeout=grace_s)
        for connection in list(self._connections):
            connection.abort()

    def attach(self, connection: _Connection) -> None:
        self._connections.add(connection)

    def detach(self, connection: _Connection) -> None:
        self._connections.discard(connection)


class _Connection(asyncio.Protocol):
    """One client connection; answers its requests in the order they came."""

    def __init__(self, server: HttpServer) -> None:
        self._server = server
        self._parser = httptools.HttpRequestParser(self)
        self._transport: asyncio.Transport | None = None
        self._connection: Connection | None = None
        self._waiting: deque[tuple[Request, bool]] = deque()
        self._refusal: Response | None = None
        self._linger_timer: asyncio.TimerHandle | None = None
        self._linger_until_s = 0.0
        self._refused_status, self._refused_reason = 400, "Malformed request"
        self.task: asyncio.Task[None] | None = None
        self._reset()

    def _reset(self) -> None:
        self._target = b""
        self._headers: list[tuple[str, str]] = []
        self._head_bytes = 0
        self._unparsed_bytes = 0
        self._in_head = False
        self._body: list[bytes] = []
        self._body_bytes = 0

    # asyncio.Protocol

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        self._server.attach(self)
        client, server = map(transport.get_extra_info, ("peername", "sockname"))
        connection = self._connection = Connection(client[:2], server[:2]) if client else None
        admits = self._server.admits
        if admits is not None and (connection is None or not admits(connection)):
            self.abort()

    def connection_lost(self, _error: Exception | None) -> None:
        self._server.detach(self)
        self._transport = None
        if self._linger_timer is not None:
            self._linger_timer.cancel()
        if self.task is not None:
            self.task.cancel()

    def data_received(self, data: bytes) -> None:
        if self._refusal is not None:
            self._linger()
            return
        headers, in_head = self._headers, self._in_head
        try:
            self._parser.feed_data(data)
            if in_head and self._in_head and headers is self._headers:
                self._count_unparsed(len(data))
        except httptools.HttpParserUpgrade:
            self._end_with_this_request()
        except httptools.HttpParserError:
            self._refuse(self._refused_status, self._refused_reason)

    # httptools callbacks

    def on_message_begin(self) -> None:
        self._reset()
        self._in_head = True

    def on_url(self, url: bytes) -> None:
        self._target += url
        self._count_head(len(url))

    def on_header(self, name: bytes, value: bytes) -> None:
        self._count_head(len(name) + len(value) + 4)
        if not self._in_head:
            # A trailer of a chunked body; taken for a header it could forge one.
            return
        self._headers.append((name.decode("latin-1"), value.decode("latin-1")))

    def on_headers_complete(self) -> None:
        self._in_head = False
        expects_continue = False
        for name, value in self._headers:
            lowered = name.lower()
            if lowered == "content-length":
                if int(value) > self._server.max_body_bytes:
                    self._stop_parsing(413, "Request body is too large")
            elif lowered == "expect" and value.lower() == "100-continue":
                expects_continue = True
        if expects_continue and self._transport is not None:
            self._transport.write(_CONTINUE)

    def on_body(self, body: bytes) -> None:
        self._body_bytes += len(body)
        if self._body_bytes > self._server.max_body_bytes:
            self._stop_parsing(413, "Request body is too large")
        self._body.append(body)

    def on_message_complete(self) -> None:
        request = Request(
            self._parser.get_method().decode("ascii"),
            self._target.decode("latin-1"),
            self._headers,
            b"".join(self._body),
            self._connection.client[0] if self._connection else "",
            self._connection,
        )
        self._waiting.append((request, self._parser.should_keep_alive()))
        self._reset()
        if len(self._waiting) >= _MOST_WAITING and self._transport is not None:
            self._transport.pause_reading()
        if self.task is None:
            self.task = asyncio.get_running_loop().create_task(self._answer_waiting())

    def _end_with_this_request(self) -> None:
        """An upgrade may be ignored, but what follows is then no HTTP that we can read."""
        if self._waiting:
            request, _ = self._waiting.pop()
            self._waiting.append((request, False))
        else:
            self._refuse(400, "Malformed request")

    def _count_head(self, size: int) -> None:
        self._head_bytes += size
        if self._head_bytes > self._server.max_header_bytes:
            self._stop_parsing(431, "Request headers are too large")

    def _count_unparsed(self, size: int) -> None:
        """The parser keeps a line to itself until it ends, however long it gets."""
        self._unparsed_bytes += size
        if self._unparsed_bytes > self._server.max_header_bytes:
            self._stop_parsing(431, "Request headers are too large")

    def _stop_parsing(self, status: int, reason: str) -> None:
        """Leave the parser: an exception in a callback ends ``feed_data``."""
        self._refused_status, self._refused_reason = status, reason
        raise httptools.HttpParserError(reason)

    def _refuse(self, status: int, reason: str) -> None:
        body = f'{{"message":"{reason}"}}'.encode()
        self._refusal = Response(status, [("Content-Type", "application/json")], body)
        if self.task is None:
            self._write_refusal(self._refusal)

    # answering

    async def _answer_waiting(self) -> None:
        try:
            while self._waiting:
                request, keep_alive = self._waiting.popleft()
                if self._transport is not None and len(self._waiting) < _MOST_WAITING:
                    self._transport.resume_reading()
                response = await self._handle(request)
                self._write(response, request.method, keep_alive=keep_alive)
                if response.lost or not keep_alive:
                    return
            if self._refusal is not None:
                self._write_refusal(self._refusal)
        finally:
            self.task = None

    async def _handle(self, request: Request) -> Response:
        try:
            return await self._server.handler(request)
        except Exception:  # noqa: BLE001 - the outermost frame of a request
            _log.exception("%s %s failed in the runtime itself", request.method, request.path)
            body = b'{"message":"Internal server error"}'
            return Response(500, [("Content-Type", "application/json")], body)

    def _write(self, response: Response, method: str, *, keep_alive: bool) -> None:
        if self._transport is None:
            return
        if not response.lost:
            self._transport.write(serialize_response(response, method, keep_alive=keep_alive))
        if response.lost or not keep_alive:
            self._transport.close()

    def _write_refusal(self, refusal: Response) -> None:
        """Answer, and stay until the client has read it.

        Closing while the client still sends would reset the connection, and the reset can
        overtake the answer.
        """
        if self._transport is None:
            return
        self._transport.write(serialize_response(refusal, "GET", keep_alive=False))
        self._transport.write_eof()
        self._linger_until_s = asyncio.get_running_loop().time() + _LONGEST_LINGER_S
        self._linger()

    def _linger(self) -> None:
        if self._linger_timer is not None:
            self._linger_timer.cancel()
        loop = asyncio.get_running_loop()
        if self._linger_until_s:
            ends_s = min(loop.time() + _LINGER_S, self._linger_until_s)
            self._linger_timer = loop.call_at(ends_s, self.abort)

    def abort(self) -> None:
        if self._transport is not None:
            self._transport.abort()


@lru_cache(maxsize=1)
def _date(epoch_s: int) -> str:
    """The header, made once a second."""
    return formatdate(epoch_s, usegmt=True)


def serialize_response(response: Response, method: str, *, keep_alive: bool) -> bytes:
    """The bytes of a response; the length is always stated, never chunked."""
    names = set()
    lines = [f"HTTP/1.1 {response.status} {_REASONS.get(response.status, 'Unknown')}"]
    for name, value in response.headers:
        names.add(name.lower())
        lines.append(f"{name}: {value}")
    if "content-length" not in names and response.status not in _BODILESS:
        lines.append(f"Content-Length: {len(response.body)}")
    if "date" not in names:
        lines.append(f"Date: {_date(int(time.time()))}")
    if "connection" not in names:
        lines.append(f"Connection: {'keep-alive' if keep_alive else 'close'}")
    head = encoded_head(lines)
    if method == "HEAD" or response.status in _BODILESS:
        return head
    return head + response.body
