"""What a worker writes, cut into log events the way Lambda cuts it."""

from __future__ import annotations

import asyncio
import contextlib
import os
from collections.abc import Callable
from dataclasses import dataclass

_CHUNK_BYTES = 256 * 1024
_MARK = b"\xa5\x5a\x00"
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


class OutputSplitter:
    """What a worker writes: lines of its standard streams, and frames of the runtime client.

    The runtime client frames what it logs itself, so that an event may have several lines.
    A frame is a type (4 bytes: a mark and the level), a length (4), a time in microseconds
    (8) and the message. Frames share one pipe with the standard streams, because only then
    are printed and logged events in the order they were written in; the mark is not UTF-8,
    so no text can be taken for it.

    Source: awslambdaric 4.2.2, ``FramedTelemetryLogSink``.
    """

    def __init__(self) -> None:
        self._lines = LineSplitter()
        self._rest = b""

    def feed(self, data: bytes) -> list[LogEvent]:
        buffer, events = self._rest + data, []
        while (start := buffer.find(_MARK)) >= 0:
            events += self._lines.feed(buffer[:start])
            buffer = buffer[start:]
            end = _HEADER_BYTES + int.from_bytes(buffer[4:8], "big")
            if len(buffer) < max(end, _HEADER_BYTES):
                self._rest = buffer
                return events
            events.append(_event(buffer[:_HEADER_BYTES], buffer[_HEADER_BYTES:end]))
            buffer = buffer[end:]
        text = buffer[: len(buffer) - _begun_mark(buffer)]
        self._rest = buffer[len(text) :]
        return events + self._lines.feed(text)

    def flush(self) -> list[LogEvent]:
        """The line that was begun and not ended."""
        rest, self._rest = self._rest, b""
        return self._lines.feed(rest) + self._lines.flush()


def _begun_mark(buffer: bytes) -> int:
    """How many bytes at the end may be the beginning of a mark."""
    return next((size for size in (2, 1) if buffer.endswith(_MARK[:size])), 0)


def _event(header: bytes, message: bytes) -> LogEvent:
    level = header[3] >> 2
    return LogEvent(
        message.decode("utf-8", "replace"),
        _LEVELS[level] if level < len(_LEVELS) else "",
        int.from_bytes(header[8:16], "big") // 1000,
    )


class OutputPipe:
    """The pipe that a worker writes into.

    Parameters
    ----------
    emit
        Called with each event, in order.
    """

    def __init__(self, emit: Callable[[LogEvent], None]) -> None:
        self._splitter = OutputSplitter()
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
                if len(data) < _CHUNK_BYTES:
                    return  # The pipe is empty: asking again would cost as much as reading.
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
