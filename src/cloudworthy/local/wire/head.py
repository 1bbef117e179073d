"""What stands before the body of an HTTP message: its first line and its headers."""

from __future__ import annotations

from collections.abc import Sequence


def encoded_head(lines: Sequence[str]) -> bytes:
    """The lines as they go over a connection, with the empty one after them.

    A line break in a line becomes a space: it would let whoever chose it write headers of
    their own. Signs that Latin-1 does not have become ``?``.
    """
    text = "\r\n".join(lines)
    if not text.count("\r") == text.count("\n") == len(lines) - 1:
        text = "\r\n".join(line.replace("\r", " ").replace("\n", " ") for line in lines)
    return (text + "\r\n\r\n").encode("latin-1", "replace")
