"""How much memory a worker uses, against the setting of its function.

``RLIMIT_AS`` counts address space, which has little to do with memory in use, and makes
the handler see ``MemoryError`` where Lambda kills the process. So the resident set is
measured instead: while an invocation runs at intervals, and its peak once at the end.
"""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

SAMPLE_INTERVAL_S = 0.05

_PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")
_MIB = 1024 * 1024


class ProcessMemory:
    """Reads one process's memory from ``/proc``; 0 everywhere on a system without it."""

    def __init__(self, pid: int) -> None:
        self._status = _open(Path(f"/proc/{pid}/status"))
        self._statm = _open(Path(f"/proc/{pid}/statm"))

    def resident_mib(self) -> int:
        """What it holds now."""
        fields = _read(self._statm).split()
        return int(fields[1]) * _PAGE_BYTES // _MIB if len(fields) > 1 else 0

    def peak_mib(self) -> int:
        """The most it has held since it began."""
        _, _, rest = _read(self._status).partition(b"VmHWM:")
        return int(rest.split(None, 1)[0]) // 1024 if rest else 0

    def close(self) -> None:
        for descriptor in (self._status, self._statm):
            if descriptor is not None:
                os.close(descriptor)
        self._status = self._statm = None


def _open(path: Path) -> int | None:
    with suppress(OSError):
        return os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    return None


def _read(descriptor: int | None) -> bytes:
    """Nothing once the process is gone."""
    if descriptor is None:
        return b""
    with suppress(OSError):
        return os.pread(descriptor, 4096, 0)
    return b""
