"""Files of JSON lines that are written in batches and do not grow without bound."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import IO, Any

import orjson

from cloudworthy.local.model.records import CallRecord


class JsonLinesFile:
    """An append-only file with older generations ``NAME.1``, ``NAME.2`` beside it.

    Parameters
    ----------
    path
        The newest generation.
    max_bytes
        A file this long is put aside before the next batch.
    generations
        How many older files are kept.
    """

    def __init__(
        self, path: Path, *, max_bytes: int = 10 * 1024 * 1024, generations: int = 3
    ) -> None:
        self.path = path
        self._max_bytes = max_bytes
        self._generations = generations
        self._file: IO[bytes] | None = None

    def append(self, lines: list[bytes]) -> None:
        """Write whole lines in one go, so that a reader never sees the lines of two mixed."""
        file = self._open()
        file.write(b"".join(lines))
        file.flush()
        if file.tell() >= self._max_bytes:
            self._put_aside()

    def close(self) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None

    def _open(self) -> IO[bytes]:
        if self._file is None:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            self._file = self.path.open("ab")
            _end_torn_line(self.path, self._file)
        return self._file

    def _put_aside(self) -> None:
        self.close()
        generation(self.path, self._generations).unlink(missing_ok=True)
        for number in range(self._generations, 0, -1):
            older = generation(self.path, number - 1)
            if older.exists():
                older.replace(generation(self.path, number))


def _end_torn_line(path: Path, file: IO[bytes]) -> None:
    """A kill may have cut the last line off: the next one must not be glued to it."""
    if file.tell() == 0:
        return
    with path.open("rb") as reader:
        reader.seek(-1, os.SEEK_END)
        if reader.read(1) != b"\n":
            file.write(b"\n")


def generation(path: Path, number: int) -> Path:
    """The file itself for 0, the older ones for 1 and up."""
    return path if number == 0 else path.with_name(f"{path.name}.{number}")


def read_lines(path: Path) -> Iterator[dict[str, Any]]:
    """All records, oldest first; a line that is not complete is left out."""
    older = 0
    while generation(path, older + 1).exists():
        older += 1
    for number in range(older, -1, -1):
        file = generation(path, number)
        if not file.exists():
            continue
        with file.open("rb") as lines:
            for line in lines:
                record = parse_line(line)
                if record is not None:
                    yield record


def parse_line(line: bytes) -> dict[str, Any] | None:
    try:
        record = json.loads(line)
    except ValueError:
        return None
    return record if isinstance(record, dict) else None


def render_line(record: Mapping[str, Any] | CallRecord) -> bytes:
    """One record as a line; what orjson refuses, as half a surrogate pair, is escaped."""
    try:
        return orjson.dumps(record, option=orjson.OPT_APPEND_NEWLINE)
    except TypeError:
        return json.dumps(record, separators=(",", ":")).encode() + b"\n"


class Batch:
    """Calls a function a little after something was first put off for it.

    Outside of an event loop, where there is no later, it is called at once.
    """

    def __init__(self, delay_s: float) -> None:
        self._delay_s = delay_s
        self._timer: asyncio.TimerHandle | None = None

    def schedule(self, flush: Callable[[], None]) -> None:
        if self._timer is not None:
            return
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:
            flush()
            return
        self._timer = loop.call_later(self._delay_s, self._run, flush)

    def cancel(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _run(self, flush: Callable[[], None]) -> None:
        self._timer = None
        flush()
