"""The guardian: a program that kills the runtime's children once the runtime is gone.

It runs as a process of its own, reads ``+<pgid>`` and ``-<pgid>`` lines from its standard
input, and takes the end of that input - which comes however the runtime ended, kill -9
included - as the order to kill every process group it still knows.
"""

from __future__ import annotations

import contextlib
import os
import signal
import sys
from collections.abc import Iterable


def watch(lines: Iterable[bytes]) -> set[int]:
    """The process groups that are left when the runtime is gone."""
    groups: set[int] = set()
    for line in lines:
        pgid = int(line[1:])
        if line.startswith(b"+"):
            groups.add(pgid)
        else:
            groups.discard(pgid)
    return groups


def main() -> None:
    # A terminal's Ctrl-C or a polite kill is for the runtime, which stops its children itself.
    for ignored in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(ignored, signal.SIG_IGN)
    for pgid in watch(sys.stdin.buffer):
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(pgid, signal.SIGKILL)


if __name__ == "__main__":
    main()
