"""One client of a system: its kept connections, and how it takes what it is answered."""

from __future__ import annotations

import asyncio
import json
import random
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self, cast

import httptools

from benchmarks.endurance.record import THROTTLED, Record
from benchmarks.targets.target import Endpoint

_LONGEST_ANSWER_S = 35.0
_MOST_ATTEMPTS = 200


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> dict[str, Any]:
        document: dict[str, Any] = json.loads(self.body)
        return document


class UnexpectedError(Exception):
    """An answer was none of those that the visitor had to expect."""


class Visitor:
    """Asks, one request after the other, over one kept connection for each origin.

    Leaving the ``with`` block closes the connections.
    """

    def __init__(self, record: Record) -> None:
        self._record = record
        self._connections: dict[tuple[str, int], _Connection] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for connection in self._connections.values():
            connection.close()

    async def ask(
        self,
        endpoint: Endpoint,
        method: str,
        path: str,
        body: object = None,
        *,
        operation: str,
        expected: int,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """The answer, which has the expected status.

        A throttled request is sent again a moment later, as a client of AWS does.

        Raises
        ------
        UnexpectedError
            It has another status, or there was none. It has been recorded.
        """
        data = _serialized(endpoint, method, path, body, headers or {})
        for _ in range(_MOST_ATTEMPTS):
            answer = await self._answer(endpoint, data, operation)
            if answer.status == THROTTLED and self._record.throttles_expected:
                self._record.throttled += 1
                await asyncio.sleep(random.uniform(0.05, 0.5))  # noqa: S311 - a pause
                continue
            if answer.status != expected:
                shown = answer.body[:300].decode(errors="replace")
                raise self._fail(
                    f"{operation}: found {answer.status}, expected {expected}: {shown}"
                )
            return answer
        raise self._fail(f"{operation}: throttled {_MOST_ATTEMPTS} times")

    async def _answer(self, endpoint: Endpoint, data: bytes, operation: str) -> Answer:
        sent_s = time.perf_counter()
        try:
            connection = await self._connection(endpoint)
            answer = await asyncio.wait_for(connection.exchange(data), _LONGEST_ANSWER_S)
        except (OSError, TimeoutError, httptools.HttpParserError) as error:
            raise self._fail(f"{operation}: {type(error).__name__}: {error}") from error
        now_s = time.perf_counter()
        self._record.answered(operation, now_s, (now_s - sent_s) * 1000, answer.status)
        return answer

    def _fail(self, what: str) -> UnexpectedError:
        self._record.failed(what)
        return UnexpectedError(what)

    async def _connection(self, endpoint: Endpoint) -> _Connection:
        origin = (endpoint.host, endpoint.port)
        found = self._connections.get(origin)
        if found is None or not found.is_open:
            loop = asyncio.get_running_loop()
            _, found = await loop.create_connection(_Connection, *origin)
            self._connections[origin] = found
        return found


def _serialized(
    endpoint: Endpoint, method: str, path: str, body: object, headers: Mapping[str, str]
) -> bytes:
    data = b"" if body is None else json.dumps(body, separators=(",", ":")).encode()
    sent = {"Host": f"{endpoint.host}:{endpoint.port}", **endpoint.headers, **headers}
    if body is not None:
        sent |= {"Content-Type": "application/json", "Content-Length": str(len(data))}
    lines = "".join(f"{name}: {value}\r\n" for name, value in sent.items())
    return f"{method} {endpoint.base_path}{path} HTTP/1.1\r\n{lines}\r\n".encode() + data


class _Connection(asyncio.Protocol):
    def __init__(self) -> None:
        self._parser = httptools.HttpResponseParser(self)
        self._transport: asyncio.Transport | None = None
        self._answer: asyncio.Future[Answer] | None = None
        self._headers: dict[str, str] = {}
        self._body: list[bytes] = []

    @property
    def is_open(self) -> bool:
        return self._transport is not None and not self._transport.is_closing()

    async def exchange(self, data: bytes) -> Answer:
        if self._transport is None:
            raise ConnectionResetError("the server had closed the connection")
        self._answer = asyncio.get_running_loop().create_future()
        self._transport.write(data)
        return await self._answer

    def close(self) -> None:
        if self._transport is not None:
            self._transport.close()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)

    def connection_lost(self, error: Exception | None) -> None:
        self._transport = None
        self._fail(ConnectionResetError(f"the server closed the connection ({error})"))

    def data_received(self, data: bytes) -> None:
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserError as error:
            self._fail(error)
            self.close()

    def on_message_begin(self) -> None:
        self._headers, self._body = {}, []

    def on_header(self, name: bytes, value: bytes) -> None:
        self._headers[name.decode("latin-1").lower()] = value.decode("latin-1")

    def on_body(self, body: bytes) -> None:
        self._body.append(body)

    def on_message_complete(self) -> None:
        if self._answer is not None and not self._answer.done():
            status = self._parser.get_status_code()
            self._answer.set_result(Answer(status, self._headers, b"".join(self._body)))
        if not self._parser.should_keep_alive():
            self.close()

    def _fail(self, error: Exception) -> None:
        if self._answer is not None and not self._answer.done():
            self._answer.set_exception(error)
