"""Compiled code that is older than its source."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path


def drop_stale(bytecode: Path, code: Path) -> None:
    """Delete compiled modules of a directory whose sources were written after them.

    Python itself compares whole seconds and the size, and would run the old code of a file
    that was saved twice within a second.

    Parameters
    ----------
    bytecode
        The interpreter's ``pycache_prefix``, below which it repeats the path of the sources.
    code
        The directory of the sources.
    """
    code = code.resolve()
    mirror = bytecode / str(code).lstrip("/")
    for compiled in mirror.rglob("*.pyc"):
        module = compiled.name.partition(".")[0]
        source = code / compiled.relative_to(mirror).with_name(f"{module}.py")
        with suppress(FileNotFoundError):
            if source.stat().st_mtime_ns >= compiled.stat().st_mtime_ns:
                compiled.unlink()
