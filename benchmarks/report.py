"""Writes the generated parts of documents."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from benchmarks.tables import Table


@dataclass(frozen=True, slots=True)
class Place:
    """Where in a document generated text goes: between two lines that name the ``writer``."""

    writer: str

    @property
    def begin(self) -> str:
        return f"<!-- begin: written by {self.writer} -->"

    @property
    def end(self) -> str:
        return f"<!-- end: written by {self.writer} -->"


BENCHMARKS = Place("make bench")
LOAD = Place("python -m benchmarks load")


def generated(
    tables: Sequence[Table], facts: Sequence[tuple[str, str]], day: date, command: str
) -> str:
    """The text between the markers."""
    lines = [f"Measured on {day.isoformat()} with `{command}`.", ""]
    lines += ["| | |", "|---|---|", *(f"| {name} | {value} |" for name, value in facts)]
    return "\n".join(lines) + "\n\n" + "\n".join(table.to_markdown() for table in tables)


def write(document: Path, place: Place, text: str) -> None:
    """Put ``text`` there.

    Raises
    ------
    ValueError
        The document has no such place.
    """
    found = document.read_text()
    before, begin, rest = found.partition(place.begin)
    _, end, after = rest.partition(place.end)
    if not begin or not end:
        lines = f"{place.begin} and {place.end}"
        raise ValueError(f"{document.name}: expected the lines {lines}. Restore them.")
    document.write_text(f"{before}{place.begin}\n\n{text}\n{place.end}{after}")
