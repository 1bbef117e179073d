"""Telling the workers of functions from the person at the machine."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from weakref import WeakKeyDictionary, WeakSet

import psutil

from cloudworthy.local.model.http import Connection
from cloudworthy.local.process.connections import Held, members_of
from cloudworthy.local.process.guard import Child

_RLIMIT_LOCKS = 10
_MARK = (0, 0)


class WorkerProcesses:
    """The workers that run, and whose connections are theirs.

    What a worker starts is in its session, unless it leaves that. Then it, and all it starts,
    still has the mark that ``run_awslambdaric`` sets before a function is imported: no
    locks, a limit that Linux has not looked at since 2.4 and that nobody else lowers. Who has
    no privileges cannot raise a limit again, whoever its parent becomes. Other systems have no
    such limit: there only the session tells.

    Source: Linux manual pages getrlimit(2), prlimit(2).
    """

    def __init__(self) -> None:
        self._children: WeakSet[Child] = WeakSet()
        self._answers: WeakKeyDictionary[Connection, bool] = WeakKeyDictionary()

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
        yield from filter(_is_marked, psutil.pids())


def _is_marked(pid: int) -> bool:
    """Whether the process bears the mark; one of another user does not."""
    if sys.platform != "linux":
        return False
    import resource  # noqa: PLC0415 - prlimit is Linux's alone

    try:
        return resource.prlimit(pid, _RLIMIT_LOCKS) == _MARK
    except OSError:
        return False
