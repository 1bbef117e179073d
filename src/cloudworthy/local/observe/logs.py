"""CloudWatch Logs on disk: one file of JSON lines for each log group."""

from __future__ import annotations

import hashlib
from collections import defaultdict, deque
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

from cloudworthy.local.observe.follow import Tail
from cloudworthy.local.observe.jsonlines import Batch, JsonLinesFile, render_line, waiting

_FLUSH_S = 0.05
_LONGEST_NAME = 180


@dataclass(frozen=True, slots=True)
class LogEvent:
    """One line of a log."""

    timestamp_ms: int
    stream: str
    message: str
    request_id: str


class LogStore:
    """Takes log events in and gives them back, also to another process.

    Parameters
    ----------
    directory
        One file for each log group.
    max_bytes
        How long a file gets before it is put aside.
    generations
        How many older files of a group are kept.
    """

    def __init__(
        self, directory: Path, *, max_bytes: int = 10 * 1024 * 1024, generations: int = 3
    ) -> None:
        self._directory = directory
        self._max_bytes = max_bytes
        self._generations = generations
        self._files: dict[str, JsonLinesFile] = {}
        self._waiting: deque[tuple[int, str, str, str, str]] = waiting()
        self._batch = Batch(_FLUSH_S, "logs")

    # writing

    def put(
        self, group: str, stream: str, message: str, *, timestamp_ms: int, request_id: str = ""
    ) -> None:
        """Append one event; it is in the file within 50 ms."""
        # A request makes some 15 events: their lines are made when it has been answered.
        self._waiting.append((timestamp_ms, group, stream, message, request_id))
        self._batch.schedule(self.flush)

    def flush(self) -> None:
        """Write what is waiting."""
        lines: defaultdict[str, list[bytes]] = defaultdict(list)
        for timestamp_ms, group, stream, message, request_id in self._waiting:
            record = {"t": timestamp_ms, "group": group, "stream": stream, "message": message}
            if request_id:
                record["request_id"] = request_id
            lines[group].append(render_line(record))
        written: set[str] = set()
        try:
            for group in lines:
                self._file(group).append(lines[group])
                written.add(group)
        finally:
            self._waiting = waiting(it for it in self._waiting if it[1] not in written)

    def close(self) -> None:
        self._batch.cancel()
        self._batch.write_now(self.flush)
        for file in self._files.values():
            file.close()
        self._files.clear()

    def _file(self, group: str) -> JsonLinesFile:
        if group not in self._files:
            self._files[group] = JsonLinesFile(
                self._directory / file_name(group),
                max_bytes=self._max_bytes,
                generations=self._generations,
            )
        return self._files[group]

    # reading

    def follow(self, group: str) -> Iterator[LogEvent | None]:
        """All events, then those that come; None whenever there is none at the moment."""
        tail = Tail(self._directory / file_name(group))
        try:
            while True:
                for record in tail.new_records():
                    yield _event(record)
                yield None
        finally:
            tail.close()


def file_name(group: str) -> str:
    """A name that any file system takes; long ones are cut and told apart by a hash."""
    safe = quote(group, safe="")
    if len(safe) > _LONGEST_NAME:
        digest = hashlib.sha256(group.encode()).hexdigest()[:16]
        safe = f"{safe[:_LONGEST_NAME]}-{digest}"
    return f"{safe}.jsonl"


def _event(record: dict[str, Any]) -> LogEvent:
    return LogEvent(record["t"], record["stream"], record["message"], record.get("request_id", ""))
