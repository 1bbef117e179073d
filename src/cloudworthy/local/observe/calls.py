"""The calls that passed the AWS endpoint, for who audits them."""

from __future__ import annotations

from collections import deque
from pathlib import Path

from cloudworthy.local.model.records import CallRecord
from cloudworthy.local.observe.jsonlines import Batch, JsonLinesFile, render_line, waiting

_FLUSH_S = 0.25


class CallLog:
    """Keeps call records in ``calls.jsonl``; they are written in batches, off the hot path."""

    def __init__(
        self, directory: Path, *, max_bytes: int = 10 * 1024 * 1024, generations: int = 3
    ) -> None:
        path = directory / "calls.jsonl"
        self._file = JsonLinesFile(path, max_bytes=max_bytes, generations=generations)
        self._waiting: deque[CallRecord] = waiting()
        self._batch = Batch(_FLUSH_S, "records of calls")

    def put(self, record: CallRecord) -> None:
        self._waiting.append(record)
        self._batch.schedule(self.flush)

    def flush(self) -> None:
        if self._waiting:
            self._file.append([render_line(it) for it in self._waiting])
            self._waiting.clear()

    def close(self) -> None:
        self._batch.cancel()
        self._batch.write_now(self.flush)
        self._file.close()
