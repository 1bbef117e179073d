"""The form of a file of faults: read with an error that says where, written whole."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import count
from typing import Any

import orjson

from cloudworthy.local.faults.fault import Fault
from cloudworthy.local.faults.targets import check_operation, check_target
from cloudworthy.local.model.errors import CloudworthyError
from cloudworthy.local.model.faults import Effect

LONGEST_DELAY_MS = 900_000
"""As long as the longest timeout of a function."""

_REQUIRED = ("target", "effect")
_KEYS = frozenset({"id", "target", "resource", "operation", "caller", "effect", "delay_ms", "rate"})


class FaultFileError(CloudworthyError):
    """A file of faults, or one of its entries, has not the form it must have."""


@dataclass(frozen=True, slots=True)
class _Place:
    """Where in a file something stands."""

    source: str
    entry: str = ""
    key: str = ""

    def of(self, key: str) -> _Place:
        return _Place(self.source, self.entry, key)

    def error(self, found: object, expected: str) -> FaultFileError:
        where = ".".join(part for part in (self.entry, self.key) if part)
        place = f"{self.source}, {where}" if where else self.source
        return FaultFileError(f"{place}: found {_shown(found)}, expected {expected}.")


def parse_faults(text: bytes, source: str, *, before_start: bool = False) -> tuple[Fault, ...]:
    """The faults of a file.

    Parameters
    ----------
    text
        What the file holds.
    source
        How errors name the file.
    before_start
        Whether it is a file for ``up``: how long a fault lasts is then counted from the start.

    Raises
    ------
    FaultFileError
        It has not the form; the message names the entry, the key and what is expected.
    """
    try:
        document = orjson.loads(text)
    except orjson.JSONDecodeError as error:
        where = f"{source}, line {error.lineno} column {error.colno}"
        raise FaultFileError(f"{where}: found {error.msg}, expected JSON.") from error
    place = _Place(source)
    if not isinstance(document, dict) or set(document) != {"faults"}:
        raise place.error(document, 'an object with the one key "faults"')
    entries = document["faults"]
    if not isinstance(entries, list):
        raise place.of("faults").error(entries, "a list")
    named = [entry.get("id") for entry in entries if isinstance(entry, dict)]
    faults: dict[str, Fault] = {}
    for index, entry in enumerate(entries):
        here = _Place(source, f"faults[{index}]")
        fault = _fault(entry, here, free_id([*named, *faults]), before_start=before_start)
        if fault.fault_id in faults:
            raise here.of("id").error(fault.fault_id, "an id of its own")
        faults[fault.fault_id] = fault
    return tuple(faults.values())


def written(faults: Iterable[Fault]) -> dict[str, Any]:
    """The content of a file with these faults."""
    return {"faults": [fault.as_json() for fault in faults]}


def free_id(taken: Iterable[object]) -> str:
    """``f1`` or the next that nobody has."""
    known = {it for it in taken if isinstance(it, str)}
    return next(it for number in count(1) if (it := f"f{number}") not in known)


def _fault(entry: object, place: _Place, fresh_id: str, *, before_start: bool) -> Fault:
    if not isinstance(entry, dict):
        raise place.error(entry, "an object")
    lasts = "for_s" if before_start else "until"
    for key in entry:
        if key not in _KEYS | {lasts}:
            raise place.of(key).error("an unknown key", f"one of {_listed({*_KEYS, lasts})}")
    for key in _REQUIRED:
        if key not in entry:
            raise place.of(key).error("nothing", "a value: it is required")
    read = _Reader(entry, place)
    fault = Fault(
        fault_id=read.text("id") or fresh_id,
        target=read.text("target"),
        effect=read.effect(),
        resource=read.text("resource"),
        operation=read.text("operation"),
        caller=read.text("caller"),
        rate=read.number("rate", lambda it: 0 < it <= 1, "a number above 0 and at most 1", 1.0),
        delay_ms=read.delay_ms(),
        until=read.moment("until"),
        for_s=read.optional_number("for_s"),
    )
    _check_meaning(fault, place)
    return fault


def _check_meaning(fault: Fault, place: _Place) -> None:
    """What each value is right for, but not with the others."""
    check_target(fault.target, lambda expected: place.of("target").error(fault.target, expected))
    if fault.operation:
        check_operation(
            fault.target,
            fault.operation,
            lambda expected: place.of("operation").error(fault.operation, expected),
        )
    if fault.caller and fault.target == "lambda":
        expected = "none: an invocation is hit whoever asks for it"
        raise place.of("caller").error(fault.caller, expected)


class _Reader:
    """Takes values out of one entry, each of the type it must have."""

    def __init__(self, entry: Mapping[str, Any], place: _Place) -> None:
        self._entry = entry
        self._place = place

    def text(self, key: str) -> str:
        value = self._entry.get(key, "")
        if not isinstance(value, str) or (key in self._entry and not value):
            raise self._place.of(key).error(value, "a text that is not empty")
        return value

    def effect(self) -> Effect:
        value = self._entry["effect"]
        if not isinstance(value, str) or value not in set(Effect):
            raise self._place.of("effect").error(value, f"one of {_listed(Effect)}")
        return Effect(value)

    def number(
        self, key: str, holds: Callable[[float], bool], expected: str, default: float
    ) -> float:
        value = self._entry.get(key, default)
        if not _is_number(value) or not holds(value):
            raise self._place.of(key).error(value, expected)
        return float(value)

    def optional_number(self, key: str) -> float | None:
        if key not in self._entry:
            return None
        return self.number(key, lambda it: 0 < it < 10**9, "seconds, more than 0", 0.0)

    def delay_ms(self) -> int:
        """Of a slow call it is required, and of others it would say nothing."""
        place = self._place.of("delay_ms")
        value = self._entry.get("delay_ms")
        if self._entry["effect"] != Effect.SLOW:
            if value is not None:
                raise place.error(value, f"none: only {Effect.SLOW} takes it")
            return 0
        if (
            not isinstance(value, int)
            or isinstance(value, bool)
            or not (0 < value <= LONGEST_DELAY_MS)
        ):
            found = "nothing" if value is None else value
            raise place.error(found, f"milliseconds from 1 to {LONGEST_DELAY_MS}")
        return value

    def moment(self, key: str) -> datetime | None:
        if key not in self._entry:
            return None
        value = self._entry[key]
        try:
            moment = datetime.fromisoformat(value)
            # What bears no offset would be taken for the machine's local time.
            in_utc = moment.astimezone(UTC) if moment.tzinfo else None
        except (OverflowError, TypeError, ValueError):
            in_utc = None
        if in_utc is None:
            raise self._place.of(key).error(value, "a time as 2026-01-31T12:00:00Z")
        return in_utc


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _listed(values: Iterable[str]) -> str:
    return ", ".join(sorted(values))


def _shown(value: object) -> str:
    text = value if isinstance(value, str) else orjson.dumps(value).decode()
    return text if len(text) <= 100 else text[:100] + "…"
