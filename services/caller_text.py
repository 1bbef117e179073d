"""Texts that a caller chose, where they are sent back or logged."""

from __future__ import annotations

_MOST_CHARACTERS = 100


def readable(name: str) -> str:
    """A name, short and encodable enough for an answer."""
    return name[:_MOST_CHARACTERS].encode("utf-8", "replace").decode("utf-8")
