"""Facts about AWS's behaviour, kept with the date and place they were recorded at.

A test of a fact names it by its id and compares with the fact's own values.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

_FILE = Path(__file__).with_name("aws-facts.json")


@dataclass(frozen=True, slots=True)
class Fact:
    """One behaviour of AWS: under a precondition, a request is answered so."""

    fact_id: str
    area: str
    precondition: str
    request: Any
    expect: Any
    note: str
    source: str


@cache
def all_facts() -> dict[str, Fact]:
    """Every fact by its id, in the order of the file."""
    return {entry["id"]: _fact(entry) for entry in json.loads(_FILE.read_text("utf-8"))}


def fact(fact_id: str) -> Fact:
    """The fact of that id; a KeyError names an id that does not exist."""
    return all_facts()[fact_id]


def ids_of_areas(areas: Iterable[str]) -> list[str]:
    """The ids of all facts of some areas, in the order of the file."""
    wanted = set(areas)
    return [fact_id for fact_id, entry in all_facts().items() if entry.area in wanted]


def _fact(entry: dict[str, Any]) -> Fact:
    return Fact(
        fact_id=entry["id"],
        area=entry["area"],
        precondition=entry.get("precondition", ""),
        request=entry.get("request"),
        expect=entry.get("expect"),
        note=entry.get("note", ""),
        source=entry.get("source", ""),
    )
