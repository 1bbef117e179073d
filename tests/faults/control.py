"""Faults of a running system, put on and taken off as `cloudworthy fault` does: by their file."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

from cloudworthy.local.faults.fault import Fault
from cloudworthy.local.faults.file import FaultFile
from cloudworthy.local.faults.hits import HitCounter
from cloudworthy.local.model.faults import Effect

Hits = Callable[[], int]
"""How many calls a fault has hit."""


class Faults:
    """The faults of one system."""

    def __init__(self, state: Path) -> None:
        self._file = FaultFile(state)
        self._counter = HitCounter(state)
        self._numbers = count(1)

    @contextmanager
    def on(
        self,
        target: str,
        effect: str,
        *,
        operation: str = "",
        resource: str = "",
        rate: float = 1,
        delay_ms: int = 0,
    ) -> Iterator[Hits]:
        """Have one more fault for a while."""
        fault = Fault(
            f"f{next(self._numbers)}",
            target,
            Effect(effect),
            resource=resource,
            operation=operation,
            rate=rate,
            delay_ms=delay_ms,
        )
        self._file.change(lambda active: (*active, fault))
        try:
            yield lambda: self._counter.totals().get(fault.fault_id, 0)
        finally:
            self._file.change(lambda active: tuple(it for it in active if it != fault))
