"""Which bodies are binary.

Sources: rest-proxy-response-018 to -026 (recorded), rest-proxy-event-021 (captured),
rest-proxy-response-038 (documented).
"""

from __future__ import annotations

from collections.abc import Iterable


class BinaryMediaTypes:
    """The ``binaryMediaTypes`` of an API: exact ones, ``type/*`` and ``*/*``.

    A wildcard on the left alone never matches.
    """

    def __init__(self, media_types: Iterable[str]) -> None:
        self._types = frozenset(media_type.lower() for media_type in media_types)
        self._all = "*/*" in self._types

    def matches(self, header: str | None) -> bool:
        """Whether the first media type of a Content-Type or Accept header is binary."""
        if self._all:
            return True
        if not self._types or not header:
            return False
        media_type = header.partition(",")[0].partition(";")[0].strip().lower()
        major = media_type.partition("/")[0]
        return media_type in self._types or (major != "*" and f"{major}/*" in self._types)
