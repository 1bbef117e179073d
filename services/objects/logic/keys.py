"""Which keys an object may have.

S3 takes any 1,024 bytes. Others that come across a key do not: a path on a disk, a URL that a
client tidies up, a line in a terminal.

Source: Amazon S3 user guide, "Naming Amazon S3 objects" (documented).
"""

from __future__ import annotations

import re
import unicodedata

from objects.logic.errors import InvalidInputError

MAX_BYTES = 1024
_SEPARATORS = re.compile(r"[/\\]")


def checked_key(key: object) -> str:
    """The key, if it can be one.

    Raises
    ------
    InvalidInputError
        It cannot.
    """
    if not isinstance(key, str):
        raise InvalidInputError("key", "expected a string")
    reason = _unusable(key) or _bad_path(key)
    if reason:
        raise InvalidInputError("key", reason)
    return key


def checked_prefix(prefix: str) -> str:
    """The start of keys, if it can be one; it may end anywhere in them, or be empty."""
    reason = _unusable(prefix) if prefix else None
    if reason:
        raise InvalidInputError("prefix", reason)
    return prefix


def _unusable(text: str) -> str | None:
    try:
        size = len(text.encode("utf-8"))
    except UnicodeEncodeError:
        return "half a surrogate pair"
    if not 1 <= size <= MAX_BYTES:
        return f"expected 1 to {MAX_BYTES} bytes of UTF-8, found {size}"
    if any(unicodedata.category(character) == "Cc" for character in text):
        return "has a control character"
    return None


def _bad_path(key: str) -> str | None:
    """What a path is made of cannot lead out of where it starts: not on Windows either."""
    segments = _SEPARATORS.split(key)
    if "" in segments:
        return "has an empty segment: at the start, at the end or between two separators"
    return "has a segment . or .." if {".", ".."} & set(segments) else None
