"""Writes to a table with a stream do not read all of the stream."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from local.endpoint.served import served

HIGHEST = """
EXPLAIN QUERY PLAN
SELECT COALESCE(MAX(CAST(sequence_number AS INTEGER)), 0) + 1 FROM _stream_records
WHERE table_name = 'any'
"""
"""What dynoxide asks with each write."""


def test_the_highest_number_of_a_stream_is_looked_up(tmp_path: Path) -> None:
    for _ in range(2):
        with served(tmp_path), closing(sqlite3.connect(tmp_path / "dynamodb.sqlite")) as database:
            ((*_, plan),) = database.execute(HIGHEST).fetchall()
            assert "USING INDEX cloudworthy_sequence" in plan
