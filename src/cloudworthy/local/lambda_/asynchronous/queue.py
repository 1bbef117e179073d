"""The events that wait to be run, on disk."""

from __future__ import annotations

import json
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
    buried INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX IF NOT EXISTS event_waiting ON event (function_name, due_ms);
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
    "buried",
)
_FIELDS = _FIXED + _CHANGING
_ADD = f"INSERT INTO event ({', '.join(_FIELDS)}) VALUES ({', '.join('?' * len(_FIELDS))})"  # noqa: S608 - constants
_CHANGE = f"UPDATE event SET {', '.join(f'{it} = ?' for it in _CHANGING)} WHERE number = ?"  # noqa: S608 - constants
_NOT_TAKEN = "number NOT IN (SELECT value FROM json_each(?))"
_DUE = (
    f"SELECT number, {', '.join(_FIELDS)} FROM event "  # noqa: S608 - constants
    f"WHERE function_name = ? AND due_ms <= ? AND {_NOT_TAKEN} ORDER BY due_ms, number LIMIT ?"
)
_FIRST = f"SELECT min(due_ms) FROM event WHERE function_name = ? AND {_NOT_TAKEN}"  # noqa: S608
_FUNCTIONS = """
WITH RECURSIVE waiting (name) AS (
    SELECT min(function_name) FROM event
    UNION ALL
    SELECT (SELECT min(function_name) FROM event WHERE function_name > name)
    FROM waiting WHERE name IS NOT NULL
)
SELECT name FROM waiting WHERE name IS NOT NULL
"""
# From name to name in the index: however many events wait, there are few functions.


class QueueError(Exception):
    """The file cannot be written: what was asked for has not been done."""


class EventQueue:
    """Keeps events in a file; what ``add`` has returned from is kept.

    An event is taken, and then put back, or kept as ended and removed. One that was taken when
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
        self._add_new_columns()
        self._taken: set[int] = set()

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
        """Keep a new event.

        Raises
        ------
        QueueError
            It is not kept.
        """
        self._write(_ADD, (*_fixed(event), *_changing(event)))

    def functions(self) -> set[str]:
        """The names of the functions that events wait for."""
        return {str(name) for (name,) in self._connection.execute(_FUNCTIONS)}

    def take(self, function_name: str, now_ms: int, most: int) -> list[Event]:
        """Take the events of a function that are due, oldest first."""
        values = (function_name, now_ms, self._taken_ones(), most)
        events = [_event(row) for row in self._connection.execute(_DUE, values)]
        self._taken.update(it.number for it in events)
        return events

    def next_due_ms(self, besides: Collection[str]) -> int | None:
        """When the next event of any other function than these is due."""
        first = [self._first_due_ms(name) for name in self.functions().difference(besides)]
        return min((due_ms for due_ms in first if due_ms is not None), default=None)

    def put_back(self, event: Event) -> None:
        """Let a taken event wait until it is due again, as it is now; raises QueueError."""
        self._change(event)
        self._taken.discard(event.number)

    def postpone(self, event: Event, due_ms: int) -> None:
        """Let a taken event wait until then, as it was last kept; raises QueueError."""
        statement = "UPDATE event SET due_ms = ?, refusals = refusals + 1 WHERE number = ?"
        self._write(statement, (due_ms, event.number))
        self._taken.discard(event.number)

    def keep_ended(self, event: Event) -> None:
        """Remember how a taken event ended until it is removed; raises QueueError."""
        self._change(event)

    def remove(self, event: Event) -> None:
        """Forget a taken event; raises QueueError."""
        self._write("DELETE FROM event WHERE number = ?", (event.number,))
        self._taken.discard(event.number)

    def close(self) -> None:
        self._connection.close()

    def _add_new_columns(self) -> None:
        """To a file of a version that did not have them yet."""
        columns = {row["name"] for row in self._connection.execute("PRAGMA table_info(event)")}
        if "buried" not in columns:
            self._connection.execute("ALTER TABLE event ADD COLUMN buried NOT NULL DEFAULT 0")

    def _first_due_ms(self, function_name: str) -> int | None:
        values = (function_name, self._taken_ones())
        (due_ms,) = self._connection.execute(_FIRST, values).fetchone()
        return None if due_ms is None else int(due_ms)

    def _taken_ones(self) -> str:
        return json.dumps([*self._taken])

    def _change(self, event: Event) -> None:
        self._write(_CHANGE, (*_changing(event), event.number))

    def _write(self, statement: str, values: tuple[object, ...]) -> None:
        try:
            self._connection.execute(statement, values)
        except sqlite3.Error as error:
            raise QueueError(str(error)) from error


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
        event.buried,
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
        buried=bool(row["buried"]),
    )


def _answer(row: sqlite3.Row) -> Answer:
    return Answer(
        row["answer"],
        row["function_error"],
        row["executed_version"],
        row["answer_trace_header"],
    )
