"""Which function a person means."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from cloudworthy.local.model.errors import CloudworthyError


def find_function(functions: Sequence[Mapping[str, Any]], wanted: str) -> Mapping[str, Any]:
    """A function by construct path, logical id or name.

    A construct path may leave out the stack at its start and ``Resource`` at its end, and
    any part that no other function shares: ``Api`` for ``web-app/Api/Function/Resource``.

    Raises
    ------
    CloudworthyError
        None is meant, or several are; the message lists the valid ones.
    """
    exact = [f for f in functions if wanted in (f["logical_id"], f["name"], f["path"])]
    matches = exact or [f for f in functions if _within(wanted, f["path"])]
    if len(matches) == 1:
        return matches[0]
    problem = "is ambiguous" if matches else "does not exist"
    known = "\n".join(f"    {f['path']}  ({f['logical_id']})" for f in matches or functions)
    raise CloudworthyError(f"The function {wanted!r} {problem}. Give one of:\n{known}")


def _within(wanted: str, path: str) -> bool:
    """Whether the wanted parts stand in the path, one behind the other."""
    return f"/{wanted.strip('/')}/" in f"/{path}/"
