"""Patterns of policies and permissions: ``*`` and ``?`` over the whole text."""

from __future__ import annotations

import re
from functools import lru_cache


@lru_cache(maxsize=1024)
def _compiled(pattern: str) -> re.Pattern[str]:
    parts = (".*" if c == "*" else "." if c == "?" else re.escape(c) for c in pattern)
    return re.compile("".join(parts), re.DOTALL)


def matches(pattern: str, text: str) -> bool:
    """Whether a pattern covers a text; a wildcard crosses ``/`` and ``:``.

    Source: rest-authorizers-016 (documented).
    """
    return _compiled(pattern).fullmatch(text) is not None
