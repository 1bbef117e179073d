"""Items in bulk, put into the runtime's own database file while it does not run.

``dynoxide import`` turns a DynamoDB export into rows of a new file, 20,000 items a second
against 2,000 through BatchWriteItem; these rows are then copied into the tables that the
runtime has made. The stream's records are left out.
"""

from __future__ import annotations

import contextlib
import gzip
import json
import shutil
import sqlite3
import subprocess
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime
from hashlib import blake2b
from pathlib import Path

from benchmarks.dynamodb import ITEMS, ITEMS_SCHEMA, STATUS_INDEX
from benchmarks.workspace import Workspace

STATUSES = ("pending", "active", "done")
_FIRST_MS = 1_767_225_600_000


def add(workspace: Workspace, database: Path, numbers: range) -> None:
    """Add the items of these numbers; the database must not be in use."""
    directory = workspace.fresh("dataset")
    _write_export(directory / "export", numbers)
    schema = directory / "schema.json"
    schema.write_text(json.dumps([{"Table": ITEMS_SCHEMA}]))
    imported = directory / "imported.sqlite"
    command = [str(workspace.dynoxide), "import", "--source", str(directory / "export")]
    command += ["--schema", str(schema), "--output", str(imported)]
    subprocess.run(command, check=True, capture_output=True)
    _copy(imported, database)
    shutil.rmtree(directory)


def _write_export(directory: Path, numbers: range) -> None:
    data = directory / ITEMS / "data"
    data.mkdir(parents=True)
    with gzip.open(data / "items.json.gz", "wt", compresslevel=1) as file:
        file.writelines(json.dumps({"Item": item}) + "\n" for item in _items(numbers))


def _items(numbers: range) -> Iterator[dict[str, object]]:
    """One item a millisecond, its id a UUIDv7 of that moment, its status in turn."""
    for number in numbers:
        milliseconds = _FIRST_MS + number
        moment = datetime.fromtimestamp(milliseconds / 1000, UTC)
        created_at = moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
        yield {
            "item_id": {"S": str(_uuid7(milliseconds, number))},
            "created_at": {"S": created_at},
            "updated_at": {"S": created_at},
            "status": {"S": STATUSES[number % len(STATUSES)]},
            "name": {"S": f"Item {number}"},
            "description": {"S": "Forty characters of text, more or less."},
            "metadata": {"M": {"colour": {"S": "blue"}, "size": {"N": "3"}}},
            "version": {"N": "1"},
        }


def _uuid7(milliseconds: int, number: int) -> uuid.UUID:
    chance = int.from_bytes(blake2b(number.to_bytes(8, "big"), digest_size=10).digest(), "big")
    value = milliseconds << 80 | chance
    value = value & ~(0xF << 76) | 0x7 << 76
    return uuid.UUID(int=value & ~(0x3 << 62) | 0x2 << 62)


def _copy(imported: Path, database: Path) -> None:
    with contextlib.closing(sqlite3.connect(database)) as connection, connection:
        connection.execute("ATTACH DATABASE ? AS imported", (str(imported),))
        for suffix in ("", f"::gsi::{STATUS_INDEX}"):
            table = f'"{_items_table(connection)}{suffix}"'
            source = f'imported."{ITEMS}{suffix}"'
            connection.execute(f"INSERT INTO main.{table} SELECT * FROM {source}")  # noqa: S608


def _items_table(connection: sqlite3.Connection) -> str:
    """The table that has the index; its name is the stack's choice."""
    rows = connection.execute("SELECT table_name, gsi_definitions FROM main._tables").fetchall()
    (name,) = (name for name, indexes in rows if indexes and STATUS_INDEX in indexes)
    return str(name)
