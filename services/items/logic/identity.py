"""Ids that carry the time of their making: UUID version 7.

Source: RFC 9562, section 5.7. (`uuid.uuid7` comes with Python 3.14.)
"""

from __future__ import annotations

import os
import re
from datetime import UTC, datetime, timedelta

_VERSION_7 = re.compile(
    r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}", re.ASCII
)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_LAST_MS = (datetime(9999, 12, 31, 23, 59, 59, 999000, tzinfo=UTC) - _EPOCH) // timedelta(
    milliseconds=1
)


def new_item_id(now_ms: int, chance: bytes | None = None) -> str:
    """Make an id from a point in time and 10 random bytes."""
    value = int.from_bytes(now_ms.to_bytes(6) + (chance or os.urandom(10)))
    value = value & ~(0xF << 76) | 0x7 << 76
    value = value & ~(0x3 << 62) | 0x2 << 62
    text = f"{value:032x}"
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"


def is_item_id(text: str) -> bool:
    """Whether a text is an id as this service writes them, in that one spelling."""
    return _VERSION_7.fullmatch(text) is not None and _milliseconds(text) <= _LAST_MS


def created_at(item_id: str) -> str:
    """The time in an id, as `2026-01-02T03:04:05.678Z`."""
    return iso_time(_milliseconds(item_id))


def iso_time(now_ms: int) -> str:
    moment = _EPOCH + timedelta(milliseconds=now_ms)
    return moment.strftime("%Y-%m-%dT%H:%M:%S") + f".{moment.microsecond // 1000:03}Z"


def _milliseconds(item_id: str) -> int:
    return int(item_id[:8] + item_id[9:13], 16)
