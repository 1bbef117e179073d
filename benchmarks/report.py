"""Writes the generated part of ``docs/benchmarks.md``."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path

from benchmarks.tables import Table

BEGIN = "<!-- begin: written by make bench -->"
END = "<!-- end: written by make bench -->"


def generated(
    tables: Sequence[Table], facts: Sequence[tuple[str, str]], day: date, command: str
) -> str:
    """The text between the markers."""
    lines = [f"Measured on {day.isoformat()} with `{command}`.", ""]
    lines += ["| | |", "|---|---|", *(f"| {name} | {value} |" for name, value in facts)]
    return "\n".join(lines) + "\n\n" + "\n".join(table.to_markdown() for table in tables)


def write(document: Path, text: str) -> None:
    """Put ``text`` between the markers of the document.

    Raises
    ------
    ValueError
        The document has no such place.
    """
    found = document.read_text()
    before, begin, rest = found.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"{document.name}: expected the lines {BEGIN} and {END}. Restore them.")
    document.write_text(f"{before}{BEGIN}\n\n{text}\n{END}{after}")
