"""The requests that changed state, in the order in which they did."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from cloudworthy.local.engines.moto_child.repeatable import Circumstances
from cloudworthy.local.model.http import Request

_LOCK_WAIT_S = 10.0


@dataclass(frozen=True, slots=True)
class Entry:
    number: int
    circumstances: Circumstances
    request: Request


class Journal:
    """An append-only table in a SQLite file.

    ``synchronous=NORMAL`` in WAL mode: a commit is in the operating system's hands when
    ``append`` returns, so it survives the death of any process, though not a power cut.
    The file is locked, so that the next process waits until the last one is really gone.
    """

    def __init__(self, path: Path) -> None:
        self._database = sqlite3.connect(path, timeout=_LOCK_WAIT_S, isolation_level=None)
        for pragma in (
            "auto_vacuum = FULL",
            "locking_mode = EXCLUSIVE",
            "journal_mode = WAL",
            "synchronous = NORMAL",
        ):
            self._database.execute(f"PRAGMA {pragma}")
        self._database.execute(
            "CREATE TABLE IF NOT EXISTS entry (number INTEGER PRIMARY KEY AUTOINCREMENT,"
            " time_ms INTEGER, seed BLOB, head TEXT, body BLOB)"
        )
        self.length, self.size_bytes = 0, 0
        self._measure()

    def append(self, circumstances: Circumstances, request: Request) -> int:
        """Keep one request; returns its number."""
        head = json.dumps([request.method, request.target, request.headers, request.client_ip])
        row = (circumstances.time_ms, circumstances.seed, head, request.body)
        cursor = self._database.execute(
            "INSERT INTO entry (time_ms, seed, head, body) VALUES (?, ?, ?, ?)", row
        )
        self.length += 1
        self.size_bytes += len(request.body)
        return int(cursor.lastrowid or 0)

    def entries_after(self, number: int) -> Iterator[Entry]:
        rows = self._database.execute(
            "SELECT number, time_ms, seed, head, body FROM entry WHERE number > ? ORDER BY number",
            (number,),
        )
        for row_number, time_ms, seed, head, body in rows:
            method, target, headers, client_ip = json.loads(head)
            pairs = [(name, value) for name, value in headers]
            request = Request(method, target, pairs, body, client_ip)
            yield Entry(row_number, Circumstances(time_ms, seed), request)

    def drop_through(self, number: int) -> None:
        """Forget what a snapshot holds."""
        self._database.execute("DELETE FROM entry WHERE number <= ?", (number,))
        self._database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        self._measure()

    def _measure(self) -> None:
        self.length, self.size_bytes = self._database.execute(
            "SELECT count(*), coalesce(sum(length(body)), 0) FROM entry"
        ).fetchone()

    def close(self) -> None:
        self._database.close()
