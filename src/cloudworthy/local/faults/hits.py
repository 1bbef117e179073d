"""How many calls each fault has hit, on disk at once, so that whoever asks next sees the last."""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import Iterable
from contextlib import closing
from pathlib import Path

_log = logging.getLogger(__name__)

_NAME = "fault-hits.sqlite"
_SCHEMA = """
CREATE TABLE IF NOT EXISTS hits (fault_id TEXT PRIMARY KEY, total INTEGER NOT NULL) WITHOUT ROWID
"""


class HitCounter:
    """Counts the hits of the faults of one stack; there is no file before the first."""

    def __init__(self, directory: Path) -> None:
        self._path = directory / _NAME
        self._db: sqlite3.Connection | None = None
        self._works = True

    def count(self, fault_id: str) -> None:
        """One more. A full disk ends the counting, never the call that was hit."""
        if not self._works:
            return
        try:
            self._open().execute(
                "INSERT INTO hits VALUES (?, 1) ON CONFLICT DO UPDATE SET total = total + 1",
                (fault_id,),
            )
        except sqlite3.Error as error:
            self._works = False
            _log.warning("Hits of faults are not counted any more: %s", error)

    def forget(self, fault_ids: Iterable[str]) -> None:
        """Start again from nothing for these."""
        if self._path.exists():
            self._open().executemany(
                "DELETE FROM hits WHERE fault_id = ?", [(it,) for it in fault_ids]
            )

    def totals(self) -> dict[str, int]:
        """By fault; one that has hit nothing is missing."""
        if not self._path.exists():
            return {}
        with closing(sqlite3.connect(self._path)) as database:
            database.execute(_SCHEMA)
            return dict(database.execute("SELECT fault_id, total FROM hits").fetchall())

    def close(self) -> None:
        if self._db is not None:
            self._db.close()
            self._db = None

    def _open(self) -> sqlite3.Connection:
        if self._db is None:
            self._db = sqlite3.connect(self._path, isolation_level=None)
            self._db.execute("PRAGMA journal_mode=WAL")
            # It outlives the process, and that is enough for a count.
            self._db.execute("PRAGMA synchronous=OFF")
            self._db.execute(_SCHEMA)
        return self._db
