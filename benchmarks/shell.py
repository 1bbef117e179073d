"""What every command of the benchmarks needs to know of where it runs."""

from __future__ import annotations

import shlex
import sys
from pathlib import Path

TABLE_WIDTH = 120
"""Of a table in a file or a pipe, where there is no terminal to ask."""


def repository() -> Path:
    return Path(__file__).resolve().parent.parent


def command_line() -> str:
    """How this was started, for the document that says what produced its figures."""
    return shlex.join(["python", "-m", "benchmarks", *sys.argv[1:]])
