"""An HTTP/1.1 client for one local peer, with kept-alive connections."""

from __future__ import annotations

import asyncio
import ssl
from typing import cast

import httptools

from cloudworthy.local.model.http import Response, header_value
from cloudworthy.local.wire.head import encoded_head


class PeerUnavailableError(Exception):
    """The peer refused the connection, or closed it before its answer was complete."""


class PeerRefusedError(PeerUnavailableError):
    """No connection came about, so nothing was sent."""


_OF_ONE_HOP = frozenset({"connection", "expect", "keep-alive", "te", "transfer-encoding"})
"""Headers about a connection, not about the message: they end with the hop they came on."""


class HttpClient:
    """Sends requests to one host and port; connections are reused, without an upper bound.

    The peers are the runtime's own child processes, whose number of concurrent requests
    the worker pool bounds already.

    Parameters
    ----------
    tls
        How to check a peer that is spoken to over TLS; without it, there is none.
    shows_connection
        Whether an answer has its ``Connection`` header, for who tells about it.
    """

    def __init__(
        self,
        host: str,
        port: int,
        *,
        tls: ssl.SSLContext | None = None,
        shows_connection: bool = False,
    ) -> None:
        self.host = host
        self.port = port
        self._tls = tls
        self._left_out = _OF_ONE_HOP - {"connection"} if shows_connection else _OF_ONE_HOP
        self._idle: list[_ClientConnection] = []

    async def request(
        self, method: str, target: str, headers: list[tuple[str, str]], body: bytes = b""
    ) -> Response:
        """Send one request and return the whole answer.

        ``Host`` and ``Content-Length`` are added when missing; headers that only concern
        the connection a message came on are left out.

        Raises
        ------
        PeerUnavailableError
            The request may or may not have been carried out.
        """
        connection = await self._connection()
        try:
            data = self._serialize(method, target, headers, body)
            response = await connection.exchange(data, bodiless=method == "HEAD")
        except BaseException:
            connection.close()
            raise
        if connection.reusable:
            self._idle.append(connection)
        else:
            connection.close()
        return response

    def close(self) -> None:
        for connection in self._idle:
            connection.close()
        self._idle.clear()

    async def _connection(self) -> _ClientConnection:
        while self._idle:
            connection = self._idle.pop()
            if connection.reusable:
                return connection
        loop = asyncio.get_running_loop()
        try:
            _, protocol = await loop.create_connection(
                lambda: _ClientConnection(self._left_out), self.host, self.port, ssl=self._tls
            )
        except OSError as error:
            raise PeerRefusedError(f"{self.host}:{self.port}: {error}") from error
        return protocol

    def _serialize(
        self, method: str, target: str, headers: list[tuple[str, str]], body: bytes
    ) -> bytes:
        names = {name.lower() for name, _ in headers}
        lines = [f"{method} {target} HTTP/1.1"]
        if "host" not in names:
            lines.append(f"Host: {self.host}:{self.port}")
        if names.isdisjoint(_OF_ONE_HOP):
            lines += [f"{name}: {value}" for name, value in headers]
        else:
            lines += [f"{k}: {v}" for k, v in headers if k.lower() not in _OF_ONE_HOP]
        if "content-length" not in names:
            lines.append(f"Content-Length: {len(body)}")
        return encoded_head(lines) + body


class _ClientConnection(asyncio.Protocol):
    """One connection, one exchange at a time."""

    def __init__(self, left_out: frozenset[str]) -> None:
        self._left_out = left_out
        self._transport: asyncio.Transport | None = None
        self._answer: asyncio.Future[Response] | None = None
        self._parser = httptools.HttpResponseParser(self)
        self._headers: list[tuple[str, str]] = []
        self._body: list[bytes] = []
        self._keep_alive = True
        self._bodiless = False
        self._ends_with_connection = False

    @property
    def reusable(self) -> bool:
        return self._keep_alive and self._transport is not None

    async def exchange(self, data: bytes, *, bodiless: bool) -> Response:
        if self._transport is None:
            raise PeerUnavailableError("the connection was closed")
        self._bodiless = bodiless
        self._ends_with_connection = False
        self._answer = asyncio.get_running_loop().create_future()
        self._transport.write(data)
        return await self._answer

    def close(self) -> None:
        if self._transport is not None:
            self._transport.abort()

    # asyncio.Protocol

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)

    def connection_lost(self, error: Exception | None) -> None:
        self._transport = None
        if self._ends_with_connection and error is None:
            self._deliver()
        self._fail(f"the connection was closed before the answer was complete ({error})")

    def data_received(self, data: bytes) -> None:
        if self._is_answered():
            # Whoever came next would take what nobody asked for as an answer.
            self._keep_alive = False
            self.close()
            return
        try:
            self._parser.feed_data(data)
        except (httptools.HttpParserError, httptools.HttpParserUpgrade) as error:
            self._keep_alive = False
            self._fail(f"the answer was not HTTP: {error}")
        if self._bodiless and self._is_answered():
            # llhttp would wait for the body that the answer's Content-Length only describes.
            self._parser = httptools.HttpResponseParser(self)

    def _is_answered(self) -> bool:
        """Whether nobody waits for an answer."""
        return self._answer is None or self._answer.done()

    @property
    def _is_interim(self) -> bool:
        """Whether the status is one that the answer is still to come after, as 103 is."""
        return self._parser.get_status_code() < 200

    def _fail(self, reason: str) -> None:
        if self._answer is not None and not self._answer.done():
            self._answer.set_exception(PeerUnavailableError(reason))

    # httptools callbacks

    def on_message_begin(self) -> None:
        if self._is_answered():
            self._keep_alive = False
        self._headers, self._body = [], []

    def on_header(self, name: bytes, value: bytes) -> None:
        self._headers.append((name.decode("latin-1"), value.decode("latin-1")))

    def on_headers_complete(self) -> None:
        if self._is_interim:
            return
        names = {name.lower() for name, _ in self._headers}
        connection = header_value(self._headers, "connection")
        if not names.isdisjoint(self._left_out):
            self._headers = [(k, v) for k, v in self._headers if k.lower() not in self._left_out]
        if self._bodiless:
            self._keep_alive = self._keep_alive and (connection or "").lower() != "close"
            self._deliver()
        else:
            self._ends_with_connection = not names & {"content-length", "transfer-encoding"}

    def on_body(self, body: bytes) -> None:
        if self._bodiless:
            self._keep_alive = False
        self._body.append(body)

    def on_message_complete(self) -> None:
        if self._is_interim:
            return
        self._keep_alive = self._keep_alive and self._parser.should_keep_alive()
        self._deliver()

    def _deliver(self) -> None:
        if self._answer is not None and not self._answer.done():
            status = self._parser.get_status_code()
            self._answer.set_result(Response(status, self._headers, b"".join(self._body)))
