"""Files of JSON lines that are written in batches and do not grow without bound."""

from __future__ import annotations

import asyncio
import json
import logging
import os
import sqlite3
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from io import FileIO
from pathlib import Path
from typing import Any, TypeVar

import orjson

from cloudworthy.local.model.records import CallRecord

_log = logging.getLogger(__name__)

_RETRY_S = 1.0
_T = TypeVar("_T")

MOST_WAITING = 50_000
"""Records that may wait for room on the disk."""


def waiting(records: Iterable[_T] = ()) -> deque[_T]:
    """Records that are to be written; without room on the disk the oldest are given up."""
    return deque(records, maxlen=MOST_WAITING)


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
        self._file: FileIO | None = None

    def append(self, lines: Iterable[bytes]) -> None:
        """Write all lines or, on a full disk, none of them.

        Raises
        ------
        OSError
            They are not in the file, and may be appended once more.
        """
        file = self._open()
        before = os.fstat(file.fileno()).st_size
        unwritten = memoryview(b"".join(lines))
        try:
            while unwritten:
                unwritten = unwritten[file.write(unwritten) :]
        except OSError:
            file.truncate(before)
            raise
        if file.tell() >= self._max_bytes:
            self._put_aside()

    def close(self) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None

    def _open(self) -> FileIO:
        if self._file is None:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            file = self.path.open("ab", buffering=0)
            _end_torn_line(self.path, file)
            self._file = file
        return self._file

    def _put_aside(self) -> None:
        self.close()
        generation(self.path, self._generations).unlink(missing_ok=True)
        for number in range(self._generations, 0, -1):
            older = generation(self.path, number - 1)
            if older.exists():
                older.replace(generation(self.path, number))


def _end_torn_line(path: Path, file: FileIO) -> None:
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
    """Calls a function that writes, a little after something was first put off for it.

    Where it cannot write it is called again and again: what it keeps must still be there.
    Outside of an event loop, where there is no later, it is called at once.

    Parameters
    ----------
    what
        What is written, for the log.
    """

    def __init__(self, delay_s: float, what: str) -> None:
        self._delay_s = delay_s
        self._what = what
        self._timer: asyncio.TimerHandle | None = None
        self._fails = False

    def schedule(self, flush: Callable[[], None]) -> None:
        if self._timer is not None:
            return
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:
            flush()
            return
        delay_s = max(self._delay_s, _RETRY_S) if self._fails else self._delay_s
        self._timer = loop.call_later(delay_s, self._run, flush)

    def write_now(self, flush: Callable[[], None]) -> bool:
        """Call it at once; False when it cannot write, which is logged the first time."""
        try:
            flush()
        except (OSError, sqlite3.Error) as error:
            if not self._fails:
                _log.warning("%s cannot be written and wait: %s", self._what, error)
            self._fails = True
        else:
            self._fails = False
        return not self._fails

    def cancel(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _run(self, flush: Callable[[], None]) -> None:
        self._timer = None
        if not self.write_now(flush):
            self.schedule(flush)
