"""What must outlive a restart: states, their history, actions that are due, alarms by API."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cloudworthy.local.observe.alarms.definition import Alarm, MetricAlarm, State

ALARMS_FILE = "alarms.sqlite"
"""In a stack's state directory."""

UNCHECKED = "Unchecked: Initial alarm creation"
_HISTORY_S = 14 * 24 * 3600
"""Source: CloudWatch user guide, "Common features of alarms": two weeks (documented)."""

_SCHEMA = """
CREATE TABLE IF NOT EXISTS state (
    name TEXT PRIMARY KEY, value TEXT NOT NULL, reason TEXT NOT NULL, data TEXT NOT NULL,
    since_s REAL NOT NULL, configured_s REAL NOT NULL
);
CREATE TABLE IF NOT EXISTS history (
    id INTEGER PRIMARY KEY, name TEXT NOT NULL, at_s REAL NOT NULL, kind TEXT NOT NULL,
    summary TEXT NOT NULL, data TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS due (
    id INTEGER PRIMARY KEY, name TEXT NOT NULL, target TEXT NOT NULL, notice TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS created (
    name TEXT PRIMARY KEY, type TEXT NOT NULL, properties TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS deployed (name TEXT PRIMARY KEY, properties TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS kind (name TEXT PRIMARY KEY, type TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS muted (name TEXT PRIMARY KEY, enabled INTEGER NOT NULL);
"""


@dataclass(frozen=True, slots=True)
class AlarmState:
    """The state an alarm is in, why, and since when by the metric clock."""

    value: State
    reason: str
    data: str
    since_s: float
    configured_s: float
    """When the alarm was made."""


@dataclass(frozen=True, slots=True)
class HistoryItem:
    name: str
    at_s: float
    kind: str
    """``StateUpdate``, ``Action`` or ``ConfigurationUpdate``."""
    summary: str
    data: str


@dataclass(frozen=True, slots=True)
class DueAction:
    """An action that a transition called for and that has not been carried out."""

    due_id: int
    name: str
    target: str
    notice: Mapping[str, Any]


class AlarmStore:
    """The file of a stack's alarms. What lies in the future of the clock is moved to now."""

    def __init__(self, path: Path, now_s: float) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._db = sqlite3.connect(path)
        self._db.execute("PRAGMA journal_mode=WAL")
        self._db.execute("PRAGMA synchronous=NORMAL")
        self._db.executescript(_SCHEMA)
        with self._db:
            self._db.execute(
                "UPDATE state SET since_s = min(since_s, ?1), configured_s = min(configured_s, ?1) "
                "WHERE max(since_s, configured_s) > ?1",
                (now_s,),
            )
            self._db.execute("UPDATE history SET at_s = ?1 WHERE at_s > ?1", (now_s,))

    def close(self) -> None:
        self._db.close()

    def state(self, name: str, now_s: float) -> AlarmState:
        """The state of an alarm; a new one has not been checked."""
        query = "SELECT value, reason, data, since_s, configured_s FROM state WHERE name = ?"
        row = self._db.execute(query, (name,)).fetchone()
        if row is not None:
            value, *others = row
            return AlarmState(State(value), *others)
        new = AlarmState(State.INSUFFICIENT_DATA, UNCHECKED, "", now_s, now_s)
        with self._db:
            self._write(name, new)
            summary = f'Alarm "{name}" created'
            self._remember(HistoryItem(name, now_s, "ConfigurationUpdate", summary, "{}"))
        return new

    def transition(
        self, name: str, state: AlarmState, history: HistoryItem, due: Sequence[DueAction]
    ) -> None:
        """Write a new state together with what it calls for."""
        with self._db:
            self._write(name, state)
            self._remember(history)
            self._db.executemany(
                "INSERT INTO due (name, target, notice) VALUES (?, ?, ?)",
                [(it.name, it.target, json.dumps(it.notice)) for it in due],
            )
            self._db.execute("DELETE FROM history WHERE at_s < ?", (state.since_s - _HISTORY_S,))

    def due(self) -> list[DueAction]:
        rows = self._db.execute("SELECT id, name, target, notice FROM due ORDER BY id")
        return [DueAction(i, name, target, json.loads(it)) for i, name, target, it in rows]

    def done(self, action: DueAction, history: HistoryItem) -> None:
        """The action was carried out, or will never be."""
        with self._db:
            self._db.execute("DELETE FROM due WHERE id = ?", (action.due_id,))
            self._remember(history)

    def history(self, name: str | None = None) -> list[HistoryItem]:
        """Newest first."""
        rows = self._db.execute(
            "SELECT name, at_s, kind, summary, data FROM history "
            "WHERE ?1 IS NULL OR name = ?1 ORDER BY id DESC",
            (name,),
        )
        return [HistoryItem(*row) for row in rows]

    def forget(self, name: str) -> None:
        """The alarm was deleted."""
        with self._db:
            for table in ("state", "due", "created", "deployed", "muted"):
                self._db.execute(f"DELETE FROM {table} WHERE name = ?", (name,))  # noqa: S608

    def names(self) -> list[str]:
        """Every alarm that has a state."""
        return [name for (name,) in self._db.execute("SELECT name FROM state ORDER BY name")]

    def alarm_type(self, name: str) -> str:
        """Of an alarm that there is or was."""
        row = self._db.execute("SELECT type FROM kind WHERE name = ?", (name,)).fetchone()
        return MetricAlarm.__name__ if row is None else str(row[0])

    # configurations

    def deploy(self, alarms: Mapping[str, Alarm]) -> None:
        """Take what the template says now; where that is new, it replaces what a call has put."""
        known = dict(self._db.execute("SELECT name, properties FROM deployed"))
        for name in known.keys() - alarms.keys():
            self.forget(name)
        with self._db:
            for alarm in alarms.values():
                properties = json.dumps(alarm.properties, sort_keys=True, default=str)
                if known.get(alarm.name) != properties:
                    self._configure(alarm)
                    row = (alarm.name, properties)
                    self._db.execute("INSERT OR REPLACE INTO deployed VALUES (?, ?)", row)

    def create(self, alarm: Alarm, kind: str) -> None:
        """Take what a call configures."""
        row = (alarm.name, kind, json.dumps(alarm.properties, default=str))
        with self._db:
            self._configure(alarm)
            self._db.execute("INSERT INTO created VALUES (?, ?, ?)", row)

    def _configure(self, alarm: Alarm) -> None:
        """The configuration before is overwritten, also whether actions are enabled.

        Source: CloudWatch API reference, "PutMetricAlarm" (documented).
        """
        for table in ("created", "muted"):
            self._db.execute(f"DELETE FROM {table} WHERE name = ?", (alarm.name,))  # noqa: S608
        row = (alarm.name, type(alarm).__name__)
        self._db.execute("INSERT OR REPLACE INTO kind VALUES (?, ?)", row)

    def created(self) -> list[tuple[str, dict[str, Any]]]:
        """Type and properties of each alarm that a call has put."""
        rows = self._db.execute("SELECT type, properties FROM created ORDER BY name")
        return [(kind, json.loads(properties)) for kind, properties in rows]

    def enable_actions(self, name: str, *, enabled: bool) -> None:
        """From now on this holds, whatever the alarm's configuration says."""
        with self._db:
            self._db.execute("INSERT OR REPLACE INTO muted VALUES (?, ?)", (name, enabled))

    def actions_enabled(self, name: str, *, configured: bool) -> bool:
        row = self._db.execute("SELECT enabled FROM muted WHERE name = ?", (name,)).fetchone()
        return configured if row is None else bool(row[0])

    def _write(self, name: str, state: AlarmState) -> None:
        row = (name, state.value, state.reason, state.data, state.since_s, state.configured_s)
        self._db.execute("INSERT OR REPLACE INTO state VALUES (?, ?, ?, ?, ?, ?)", row)

    def _remember(self, item: HistoryItem) -> None:
        self._db.execute(
            "INSERT INTO history (name, at_s, kind, summary, data) VALUES (?, ?, ?, ?, ?)",
            (item.name, item.at_s, item.kind, item.summary, item.data),
        )
