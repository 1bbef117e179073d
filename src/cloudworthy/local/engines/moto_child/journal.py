"""The requests that change state, in the order in which they do."""

from __future__ import annotations

import json
import logging
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from cloudworthy.local.engines.moto_child.repeatable import Circumstances
from cloudworthy.local.model.http import Request

_log = logging.getLogger(__name__)

_LOCK_WAIT_S = 10.0
_FULL = 1
_WRITE = "INSERT OR REPLACE INTO entry (number, time_ms, seed, head, body) VALUES (?, ?, ?, ?, ?)"


class JournalError(Exception):
    """A request could not be written down, so it must not be carried out."""


@dataclass(frozen=True, slots=True)
class Entry:
    number: int
    circumstances: Circumstances
    request: Request


class Journal:
    """A table in a SQLite file, in which a request is written down before it is carried out.

    When there is no room for it, nothing has happened yet. What then changed nothing is
    overwritten by the next; one that a kill leaves is repeated, and changes nothing again.

    ``synchronous=NORMAL`` in WAL mode: a commit is in the operating system's hands when
    ``write`` returns, so it survives the death of any process, though not a power cut.
    The file is locked, so that the next process waits until the last one is really gone.
    """

    def __init__(self, path: Path) -> None:
        self._database = sqlite3.connect(path, timeout=_LOCK_WAIT_S, isolation_level=None)
        # First: the index of the log is then in memory, and needs no room on the disk.
        self._pragma("locking_mode = EXCLUSIVE")
        if self._pragma("auto_vacuum") != _FULL:
            # Only for a new file, because this writes, too.
            self._pragma("auto_vacuum = FULL")
        self._pragma("journal_mode = WAL")
        self._pragma("synchronous = NORMAL")
        self._database.execute(
            "CREATE TABLE IF NOT EXISTS entry (number INTEGER PRIMARY KEY AUTOINCREMENT,"
            " time_ms INTEGER, seed BLOB, head TEXT, body BLOB)"
        )
        self._number = 0
        self._bytes = 0
        self.length, self.size_bytes = 0, 0
        self._measure()

    def _pragma(self, pragma: str) -> object:
        row = self._database.execute(f"PRAGMA {pragma}").fetchone()
        return row[0] if row else None

    def resume_after(self, number: int) -> None:
        """The next request gets the number after this one."""
        self._number = number

    def write(self, circumstances: Circumstances, request: Request) -> None:
        """Write a request down, over the last one unless that was kept.

        Raises
        ------
        JournalError
            There is no room, or the file cannot be written.
        """
        head = json.dumps([request.method, request.target, request.headers, request.client_ip])
        row = (self._number + 1, circumstances.time_ms, circumstances.seed, head, request.body)
        try:
            self._database.execute(_WRITE, row)
        except sqlite3.Error as error:
            raise JournalError(str(error)) from error
        self._bytes = len(request.body)

    def keep(self) -> int:
        """What was written last has changed something; returns its number."""
        self._number += 1
        self.length += 1
        self.size_bytes += self._bytes
        return self._number

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
        """Forget what a snapshot holds; on a full disk that waits for the next time."""
        try:
            self._database.execute("DELETE FROM entry WHERE number <= ?", (number,))
            self._database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        except sqlite3.Error as error:
            _log.warning("the journal could not be shortened: %s", error)
        self._measure()

    def _measure(self) -> None:
        self.length, self.size_bytes = self._database.execute(
            "SELECT count(*), coalesce(sum(length(body)), 0) FROM entry"
        ).fetchone()

    def close(self) -> None:
        self._database.close()
