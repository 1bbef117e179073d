"""Telling the workers of functions from the person at the machine."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from weakref import WeakKeyDictionary, WeakSet

import psutil

from cloudworthy.local.model.http import Connection
from cloudworthy.local.process.connections import Held, members_of
from cloudworthy.local.process.guard import Child

_CONFINED = "NoNewPrivs:\t1"


class WorkerProcesses:
    """The workers that run, and whose connections are theirs.

    What a worker starts is in its session, unless it leaves that; then it still cannot get rid
    of the mark that confinement leaves on it and on all it starts. Where the runtime itself
    bears the mark, or the system knows none, only the session tells.
    """

    def __init__(self) -> None:
        self._children: WeakSet[Child] = WeakSet()
        self._answers: WeakKeyDictionary[Connection, bool] = WeakKeyDictionary()
        self._mark_tells = not _is_confined("self")

    def add(self, child: Child) -> None:
        """A worker has been started."""
        self._children.add(child)

    def has(self, connection: Connection) -> bool:
        """Whether a worker, or what it started, has the client's end of a connection.

        Also when nobody has it any more: who hangs up at once must not be taken for the person.
        """
        known = self._answers.get(connection)
        if known is None:
            known = self._answers[connection] = self._find(connection)
        return known

    def _find(self, connection: Connection) -> bool:
        held = Held(connection)
        return not held.is_open or held.by_any(self._suspects(), unreadable=True)

    def _suspects(self) -> Iterator[int]:
        sessions = {child.pid for child in self._children if child.returncode is None}
        yield from members_of(sessions)
        if self._mark_tells:
            yield from (pid for pid in psutil.pids() if _is_ours(pid) and _is_confined(pid))


def _is_ours(pid: int) -> bool:
    """Whether it runs as the same user; a process that hides its files belongs to root."""
    with suppress(OSError):
        return os.stat(f"/proc/{pid}/status").st_uid in (os.geteuid(), 0)  # noqa: PTH116 - many
    return False


def _is_confined(pid: int | str) -> bool:
    with suppress(OSError):
        return _CONFINED in Path(f"/proc/{pid}/status").read_text()
    return False
