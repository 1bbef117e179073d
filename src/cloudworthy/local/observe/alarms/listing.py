"""The states of alarms, read from their file by another process."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any


def list_alarms(path: Path) -> list[dict[str, Any]]:
    """Name, state, reason and time of the last transition of each alarm, by name."""
    if not path.is_file():
        return []
    query = "SELECT name, value, reason, since_s FROM state ORDER BY name"
    with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as db:
        return [
            {
                "name": name,
                "state": value,
                "reason": reason,
                "since": f"{datetime.fromtimestamp(since_s, UTC):%Y-%m-%dT%H:%M:%SZ}",
            }
            for name, value, reason, since_s in db.execute(query)
        ]
