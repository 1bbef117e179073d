"""A closed-loop load generator: each connection sends its next request on the answer.

Requests are serialized beforehand and answers are only parsed as far as their end and
status, so that the generator costs a small part of what it measures; the row of the null
server in the report shows how small.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import cycle
from typing import cast

import httptools
import uvloop

from benchmarks.results import Latencies
from benchmarks.targets.target import Endpoint


class LoadError(Exception):
    """An answer was not the expected one: figures of errors are not figures of the API."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """How long one measurement may take."""

    warm_up_s: float = 2.0
    measure_s: float = 5.0
    most_requests: int = 50_000


@dataclass(frozen=True, slots=True)
class Operation:
    """Requests of one kind, sent in turn."""

    name: str
    method: str
    paths: Sequence[str]
    body: bytes = b""
    status: int = 200

    def serialized(self, endpoint: Endpoint) -> list[bytes]:
        headers = {
            "Host": f"{endpoint.host}:{endpoint.port}",
            "Accept": "application/json",
            **endpoint.headers,
        }
        if self.body:
            headers["Content-Type"] = "application/json"
            headers["Content-Length"] = str(len(self.body))
        lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        return [
            f"{self.method} {endpoint.base_path}{path} HTTP/1.1\r\n{lines}\r\n".encode() + self.body
            for path in self.paths
        ]


def run(endpoint: Endpoint, operation: Operation, connections: int, bounds: Bounds) -> Latencies:
    """Send requests over ``connections``, warm up, and measure.

    Raises
    ------
    LoadError
        An answer had another status than the operation's.
    """
    return uvloop.run(_run(endpoint, operation, connections, bounds))


async def _run(
    endpoint: Endpoint, operation: Operation, connections: int, bounds: Bounds
) -> Latencies:
    requests = cycle(operation.serialized(endpoint))
    await _phase(endpoint, operation, requests, connections, bounds.warm_up_s, bounds.most_requests)
    started = time.perf_counter()
    each_ms = await _phase(
        endpoint, operation, requests, connections, bounds.measure_s, bounds.most_requests
    )
    return Latencies(each_ms, time.perf_counter() - started)


async def _phase(
    endpoint: Endpoint,
    operation: Operation,
    requests: Iterator[bytes],
    connections: int,
    seconds: float,
    most_requests: int,
) -> list[float]:
    loop = asyncio.get_running_loop()
    phase = _Phase(operation, requests, time.perf_counter() + seconds, most_requests)
    opened = [
        await loop.create_connection(lambda: _Connection(phase), endpoint.host, endpoint.port)
        for _ in range(connections)
    ]
    try:
        for _, connection in opened:
            connection.send()
        await asyncio.gather(*(connection.ended for _, connection in opened))
    finally:
        for transport, _ in opened:
            transport.abort()
    return phase.each_ms


@dataclass
class _Phase:
    operation: Operation
    requests: Iterator[bytes]
    deadline: float
    most_requests: int

    def __post_init__(self) -> None:
        self.each_ms: list[float] = []


class _Connection(asyncio.Protocol):
    """One connection; no task or future is made for a request."""

    def __init__(self, phase: _Phase) -> None:
        self._phase = phase
        self._parser = httptools.HttpResponseParser(self)
        self._transport: asyncio.Transport | None = None
        self._sent_at = 0.0
        self._body: list[bytes] = []
        self.ended: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)

    def connection_lost(self, error: Exception | None) -> None:
        if not self.ended.done():
            reason = f"{self._phase.operation.name}: the server closed the connection ({error})"
            self.ended.set_exception(LoadError(reason))

    def data_received(self, data: bytes) -> None:
        self._parser.feed_data(data)

    def on_body(self, body: bytes) -> None:
        self._body.append(body)

    def on_message_complete(self) -> None:
        now = time.perf_counter()
        phase = self._phase
        status = self._parser.get_status_code()
        if status != phase.operation.status:
            self._refuse(status)
            return
        phase.each_ms.append((now - self._sent_at) * 1000)
        self._body.clear()
        if now < phase.deadline and len(phase.each_ms) < phase.most_requests:
            self.send()
        else:
            self.ended.set_result(None)

    def send(self) -> None:
        if self._transport is None:
            return
        self._sent_at = time.perf_counter()
        self._transport.write(next(self._phase.requests))

    def _refuse(self, status: int) -> None:
        expected = self._phase.operation
        answer = b"".join(self._body)[:300].decode(errors="replace")
        self.ended.set_exception(
            LoadError(
                f"{expected.name}: found status {status}, expected {expected.status}: {answer}"
            )
        )
