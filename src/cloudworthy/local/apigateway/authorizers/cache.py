"""Answers of authorizers, kept for as long as the authorizer's TTL says."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Hashable
from typing import Generic, TypeVar

from cloudworthy.local.model.clock import Clock

_V = TypeVar("_V")


class TtlCache(Generic[_V]):
    """Values with an end; the one that was not used for the longest time goes first.

    Parameters
    ----------
    max_entries
        How many values are kept at most, so that callers who make up tokens fill no memory.
    """

    def __init__(self, clock: Clock, *, max_entries: int = 10_000) -> None:
        self._clock = clock
        self._max_entries = max_entries
        self._entries: OrderedDict[Hashable, tuple[float, _V]] = OrderedDict()

    def get(self, key: Hashable) -> _V | None:
        """The value, unless there is none or its time is over."""
        entry = self._entries.get(key)
        if entry is None:
            return None
        ends_s, value = entry
        if self._clock.monotonic_s() >= ends_s:
            del self._entries[key]
            return None
        self._entries.move_to_end(key)
        return value

    def put(self, key: Hashable, value: _V, ttl_s: float) -> None:
        """Keep a value; a TTL of 0 means that nothing is kept."""
        if ttl_s <= 0:
            return
        self._entries[key] = (self._clock.monotonic_s() + ttl_s, value)
        self._entries.move_to_end(key)
        while len(self._entries) > self._max_entries:
            self._entries.popitem(last=False)
