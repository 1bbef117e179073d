"""JSON values where only a text can stand."""

from __future__ import annotations

import orjson


def as_text(value: object) -> str:
    """The value itself when it is a text, else its JSON."""
    return value if isinstance(value, str) else orjson.dumps(value).decode()
