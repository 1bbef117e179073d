"""What a worker writes, cut into log events the way Lambda cuts it."""

from __future__ import annotations

import asyncio
import contextlib
import os
from collections.abc import Callable
from dataclasses import dataclass

_CHUNK_BYTES = 256 * 1024
_FRAME_MARK = 0xA55A
_HEADER_BYTES = 16

_LEVELS = ("", "TRACE", "DEBUG", "INFO", "WARN", "ERROR", "FATAL")
"""In the order of the runtime client's frame types."""


@dataclass(frozen=True, slots=True)
class LogEvent:
    """One event, with its level when the runtime client knew it."""

    message: str
    level: str = ""
    timestamp_ms: int | None = None


class LineSplitter:
    r"""Standard output and error: each line, newline included, is an event.

    Source: recorded on AWS 2025-11-25, ``print`` of several lines (``\r`` does not split).
    """

    def __init__(self) -> None:
        self._rest = b""

    def feed(self, data: bytes) -> list[LogEvent]:
        *lines, self._rest = (self._rest + data).split(b"\n")
        return [LogEvent(line.decode("utf-8", "replace") + "\n") for line in lines]

    def flush(self) -> list[LogEvent]:
        """The line that was begun and not ended."""
        rest, self._rest = self._rest, b""
        return [LogEvent(rest.decode("utf-8", "replace"))] if rest else []


class FrameSplitter:
    """The runtime client's framed channel: one frame, however many lines, is an event.

    A frame is a type (4 bytes: a mark and the level), a length (4), a time in microseconds
    (8) and the message.

    Source: awslambdaric 4.2.2, ``FramedTelemetryLogSink``.
    """

    def __init__(self) -> None:
        self._rest = b""

    def feed(self, data: bytes) -> list[LogEvent]:
        buffer, position, events = self._rest + data, 0, []
        while len(buffer) - position >= _HEADER_BYTES:
            start = position + _HEADER_BYTES
            end = start + int.from_bytes(buffer[position + 4 : position + 8], "big")
            if len(buffer) < end:
                break
            events.append(_event(buffer[position:start], buffer[start:end]))
            position = end
        self._rest = buffer[position:]
        return events

    def flush(self) -> list[LogEvent]:
        """A frame cut short by the end of its writer is no event."""
        self._rest = b""
        return []


def _event(header: bytes, message: bytes) -> LogEvent:
    mark, kind = int.from_bytes(header[:2], "big"), int.from_bytes(header[2:4], "big")
    level = (kind >> 2) if mark == _FRAME_MARK else 0
    return LogEvent(
        message.decode("utf-8", "replace"),
        _LEVELS[level] if level < len(_LEVELS) else "",
        int.from_bytes(header[8:16], "big") // 1000,
    )


class OutputPipe:
    """A pipe that a worker writes into.

    Parameters
    ----------
    splitter
        Cuts its bytes into events.
    emit
        Called with each event, in order.
    """

    def __init__(
        self, splitter: LineSplitter | FrameSplitter, emit: Callable[[LogEvent], None]
    ) -> None:
        self._splitter = splitter
        self._emit = emit
        self._read_end, self.write_end = os.pipe()
        os.set_blocking(self._read_end, False)
        self._reading = False
        self._started = False

    def start(self) -> None:
        """Read from now on; the worker holds the write end, so ours is closed."""
        os.close(self.write_end)
        self._started = True
        asyncio.get_running_loop().add_reader(self._read_end, self.drain)
        self._reading = True

    def drain(self) -> None:
        """Take what is there, without waiting."""
        if not self._reading:
            return
        with contextlib.suppress(BlockingIOError):
            while data := os.read(self._read_end, _CHUNK_BYTES):
                for event in self._splitter.feed(data):
                    self._emit(event)
            self._stop_reading()

    def flush(self) -> None:
        """Take what is there, and the line that has no end yet."""
        self.drain()
        for event in self._splitter.flush():
            self._emit(event)

    def close(self) -> None:
        if self._started:
            self.flush()
            self._stop_reading()
        else:
            os.close(self.write_end)
            os.close(self._read_end)

    def _stop_reading(self) -> None:
        if self._reading:
            asyncio.get_running_loop().remove_reader(self._read_end)
            os.close(self._read_end)
            self._reading = False
