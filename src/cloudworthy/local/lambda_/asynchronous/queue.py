"""The events that wait to be run, on disk."""

from __future__ import annotations

import sqlite3
from collections.abc import Collection
from pathlib import Path

from cloudworthy.local.lambda_.asynchronous.event import Answer, Condition, Event

_SCHEMA = """
CREATE TABLE IF NOT EXISTS event (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    request_id TEXT NOT NULL,
    function_name TEXT NOT NULL,
    qualifier TEXT NOT NULL,
    payload BLOB NOT NULL,
    client_context TEXT,
    trace_header TEXT NOT NULL,
    accepted_ms INTEGER NOT NULL,
    due_ms INTEGER NOT NULL,
    attempts INTEGER NOT NULL,
    refusals INTEGER NOT NULL,
    condition TEXT,
    answer BLOB,
    function_error TEXT,
    executed_version TEXT,
    answer_trace_header TEXT,
    taken INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX IF NOT EXISTS event_due ON event (taken, function_name, due_ms);
"""
_FIXED = (
    "request_id",
    "function_name",
    "qualifier",
    "payload",
    "client_context",
    "trace_header",
    "accepted_ms",
)
_CHANGING = (
    "due_ms",
    "attempts",
    "refusals",
    "condition",
    "answer",
    "function_error",
    "executed_version",
    "answer_trace_header",
)
_FIELDS = _FIXED + _CHANGING
_ADD = f"INSERT INTO event ({', '.join(_FIELDS)}) VALUES ({', '.join('?' * len(_FIELDS))})"  # noqa: S608 - constants
_CHANGE = (
    f"UPDATE event SET {', '.join(f'{it} = ?' for it in _CHANGING)}, taken = ? WHERE number = ?"  # noqa: S608 - constants
)
_DUE = (
    f"SELECT number, {', '.join(_FIELDS)} FROM event "  # noqa: S608 - constants
    "WHERE taken = 0 AND function_name = ? AND due_ms <= ? ORDER BY due_ms, number LIMIT ?"
)
_FUNCTIONS = """
WITH RECURSIVE waiting (name) AS (
    SELECT min(function_name) FROM event WHERE taken = 0
    UNION ALL
    SELECT (SELECT min(function_name) FROM event WHERE taken = 0 AND function_name > name)
    FROM waiting WHERE name IS NOT NULL
)
SELECT name FROM waiting WHERE name IS NOT NULL
"""
# From name to name in the index: however many events wait, there are few functions.


class EventQueue:
    """Keeps events in a file; what ``add`` has returned from is kept.

    An event is taken, and then put back, kept as ended, or removed. One that was taken when
    the process ended, kill -9 included, can be taken again from the next one.

    A commit is handed to the operating system (``synchronous = NORMAL``), which keeps it
    when the process dies; only a power cut may take the last ones with it.
    """

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._connection = sqlite3.connect(path, isolation_level=None)
        self._connection.row_factory = sqlite3.Row
        self._connection.execute("PRAGMA journal_mode = WAL")
        self._connection.execute("PRAGMA synchronous = NORMAL")
        self._connection.executescript(_SCHEMA)
        self._connection.execute("UPDATE event SET taken = 0 WHERE taken")

    def __len__(self) -> int:
        return int(self._connection.execute("SELECT count(*) FROM event").fetchone()[0])

    def set_back(self, now_ms: int) -> None:
        """Events of a clock that was ahead of this time have just been accepted."""
        self._connection.execute(
            "UPDATE event SET due_ms = due_ms - (accepted_ms - :now), accepted_ms = :now "
            "WHERE accepted_ms > :now",
            {"now": now_ms},
        )

    def add(self, event: Event) -> None:
        """Keep a new event."""
        self._connection.execute(_ADD, (*_fixed(event), *_changing(event)))

    def functions(self) -> set[str]:
        """The names of the functions that events wait for."""
        return {str(name) for (name,) in self._connection.execute(_FUNCTIONS)}

    def take(self, function_name: str, now_ms: int, most: int) -> list[Event]:
        """Take the events of a function that are due, oldest first."""
        rows = self._connection.execute(_DUE, (function_name, now_ms, most)).fetchall()
        events = [_event(row) for row in rows]
        self._connection.executemany(
            "UPDATE event SET taken = 1 WHERE number = ?", [(it.number,) for it in events]
        )
        return events

    def next_due_ms(self, besides: Collection[str]) -> int | None:
        """When the next event of any other function than these is due."""
        first = [self._first_due_ms(name) for name in self.functions().difference(besides)]
        return min(first, default=None)

    def put_back(self, event: Event) -> None:
        """Let an event wait until it is due again, as it is now."""
        self._change(event, taken=False)

    def keep_ended(self, event: Event) -> None:
        """Remember how a taken event ended until it is removed."""
        self._change(event, taken=True)

    def remove(self, event: Event) -> None:
        self._connection.execute("DELETE FROM event WHERE number = ?", (event.number,))

    def close(self) -> None:
        self._connection.close()

    def _first_due_ms(self, function_name: str) -> int:
        query = "SELECT min(due_ms) FROM event WHERE taken = 0 AND function_name = ?"
        return int(self._connection.execute(query, (function_name,)).fetchone()[0])

    def _change(self, event: Event, *, taken: bool) -> None:
        self._connection.execute(_CHANGE, (*_changing(event), taken, event.number))


def _fixed(event: Event) -> tuple[object, ...]:
    return (
        event.request_id,
        event.function_name,
        event.qualifier,
        event.payload,
        event.client_context,
        event.trace_header,
        event.accepted_ms,
    )


def _changing(event: Event) -> tuple[object, ...]:
    answer = event.answer
    return (
        event.due_ms,
        event.attempts,
        event.refusals,
        event.condition,
        answer and answer.payload,
        answer and answer.function_error,
        answer and answer.executed_version,
        answer and answer.trace_header,
    )


def _event(row: sqlite3.Row) -> Event:
    return Event(
        number=row["number"],
        request_id=row["request_id"],
        function_name=row["function_name"],
        qualifier=row["qualifier"],
        payload=row["payload"],
        client_context=row["client_context"],
        trace_header=row["trace_header"],
        accepted_ms=row["accepted_ms"],
        due_ms=row["due_ms"],
        attempts=row["attempts"],
        refusals=row["refusals"],
        condition=row["condition"] and Condition(row["condition"]),
        answer=None if row["answer"] is None else _answer(row),
    )


def _answer(row: sqlite3.Row) -> Answer:
    return Answer(
        row["answer"],
        row["function_error"],
        row["executed_version"],
        row["answer_trace_header"],
    )
