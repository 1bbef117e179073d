"""A worker's log stream: what the function wrote and what Lambda added, in one order."""

from __future__ import annotations

import uuid
from collections import deque
from datetime import datetime

import orjson

from cloudworthy.local.lambda_.output import LogEvent
from cloudworthy.local.model.clock import Clock
from cloudworthy.local.model.functions import Function
from cloudworthy.local.model.records import LogSink

_TAIL_BYTES = 4096
_RANKS = {
    "TRACE": 0,
    "DEBUG": 1,
    "INFO": 2,
    "WARN": 3,
    "WARNING": 3,
    "ERROR": 4,
    "FATAL": 5,
    "CRITICAL": 5,
}


def stream_name(function: Function, now: datetime) -> str:
    """The name of a new worker's log stream.

    A group that the template chose may be shared by functions, so its streams carry the
    function's name.

    Source: developer guide, "Configuring CloudWatch log groups" (documented).
    """
    default = function.log_group == f"/aws/lambda/{function.name}"
    owner = "" if default else function.name
    return f"{now:%Y/%m/%d}/{owner}[{function.version}]{uuid.uuid4().hex}"


class WorkerLog:
    """Writes to one log stream, and keeps the tail of the current invocation."""

    def __init__(self, function: Function, sink: LogSink, clock: Clock) -> None:
        self.stream = stream_name(function, clock.now())
        self._group = function.log_group
        self._sink = sink
        self._clock = clock
        self._json = function.log_format == "JSON"
        self._minimum = _RANKS.get(function.application_log_level, 0) if self._json else 0
        self._request_id = ""
        self._tail: deque[bytes] = deque()
        self._tail_bytes = 0

    def begin(self, request_id: str) -> None:
        """From now on events belong to this invocation."""
        self._request_id = request_id
        self._tail.clear()
        self._tail_bytes = 0

    def end(self) -> bytes:
        """The last 4 KiB of the invocation's events."""
        self._request_id = ""
        return b"".join(self._tail)[-_TAIL_BYTES:]

    def platform(self, messages: list[str]) -> None:
        for message in messages:
            self._put(message, int(self._clock.now().timestamp() * 1000))

    def output(self, event: LogEvent) -> None:
        """An event of the function's own, unless its level is too low."""
        if self._minimum and _rank(event) < self._minimum:
            return
        timestamp_ms = event.timestamp_ms
        if timestamp_ms is None:
            timestamp_ms = int(self._clock.now().timestamp() * 1000)
        self._put(event.message, timestamp_ms)

    def _remember(self, message: str) -> None:
        line = (message if message.endswith("\n") else message + "\n").encode()
        self._tail.append(line)
        self._tail_bytes += len(line)
        while self._tail_bytes - len(self._tail[0]) >= _TAIL_BYTES:
            self._tail_bytes -= len(self._tail.popleft())

    def _put(self, message: str, timestamp_ms: int) -> None:
        self._remember(message)
        self._sink.put(
            self._group,
            self.stream,
            message,
            timestamp_ms=timestamp_ms,
            request_id=self._request_id,
        )


def _rank(event: LogEvent) -> int:
    """The level of an event; what has none of its own is never held back.

    Source: developer guide, "Log-level filtering": a JSON line with ``level`` and
    ``timestamp`` is filtered by its level (documented).
    """
    level = event.level
    if not level and event.message.startswith("{"):
        try:
            record = orjson.loads(event.message)
        except ValueError:
            record = {}
        level = str(record.get("level", "")).upper() if "timestamp" in record else ""
    return _RANKS.get(level, max(_RANKS.values()))
