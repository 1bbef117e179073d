"""Names and limits that callers send, checked."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from caller_text import readable
from gateway.errors import BadRequestError

if TYPE_CHECKING:
    from collections.abc import Iterable

_WHOLE_NUMBER = re.compile(r"[1-9][0-9]{0,8}")


def check_names(kind: str, names: Iterable[str], known: set[str]) -> None:
    """Refuse a misspelt name, which would otherwise mean something else without a word.

    A misspelt page token would mean the first page for ever. `kind` says what the names are of.
    """
    unknown = sorted(set(names) - known)
    if unknown:
        raise BadRequestError((readable(name), f"unknown {kind}") for name in unknown)


def limit_of(text: str | None, *, default: int, most: int) -> int:
    """How many a page is to hold at most, as the parameter `limit` says it."""
    if text is None:
        return default
    if not _WHOLE_NUMBER.fullmatch(text) or int(text) > most:
        raise BadRequestError.of("limit", f"expected a whole number from 1 to {most}")
    return int(text)
