"""Requests into moto, with the promise that what was answered is kept."""

from __future__ import annotations

import gc
import logging
import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from cloudworthy.local.engines.moto_child import dead_letters, effects, snapshot
from cloudworthy.local.engines.moto_child.journal import Entry, Journal
from cloudworthy.local.engines.moto_child.repeatable import (
    Circumstances,
    CircumstancesSource,
    under,
)
from cloudworthy.local.model.http import Request, Response

_log = logging.getLogger(__name__)

_WORTH_A_SNAPSHOT = 200
_DUE_ENTRIES = 500
_DUE_BYTES = 64 * 1024 * 1024
_SHORTEST_PAUSE_S = 1.0
"""Between two snapshots, so that a disk that is full is not written without end."""


class NotKeptError(Exception):
    """Memory holds what the disk cannot give back: this process must not answer any more."""


Application = Callable[[Request], Response]


@dataclass(frozen=True, slots=True)
class _Running:
    """A snapshot being written by another process."""

    process_id: int
    number: int
    started_s: float


class DurableApplication:
    """moto with a journal and snapshots.

    Parameters
    ----------
    application
        Carries requests out, in memory.
    state
        The directory for the journal and the snapshot.
    """

    def __init__(self, application: Application, state: Path) -> None:
        state.mkdir(parents=True, exist_ok=True)
        self._application = application
        self._snapshot_file = state / "snapshot.pickle"
        self._journal = Journal(state / "journal.sqlite")
        self._source = CircumstancesSource()
        self._last = snapshot.Snapshot(0, 0)
        self._running: _Running | None = None
        self._snapshots_work = True
        self._not_before_s = 0.0

    def restore(self) -> int:
        """Bring back what was acknowledged; returns how many requests were repeated."""
        # Nearly all that is made here stays, so looking for garbage would only cost time.
        gc.disable()
        try:
            return self._restore()
        finally:
            gc.freeze()
            gc.enable()

    def _restore(self) -> int:
        self._last = snapshot.load(self._snapshot_file)
        self._journal.drop_through(self._last.number)
        self._journal.resume_after(self._last.number)
        repeated = 0
        for entry in self._journal.entries_after(self._last.number):
            self._repeat(entry)
            self._last = snapshot.Snapshot(entry.number, entry.circumstances.time_ms)
            self._journal.resume_after(entry.number)
            repeated += 1
        self._source.resume_after(self._last.time_ms)
        return repeated

    def _repeat(self, entry: Entry) -> None:
        try:
            response = self._carry_out(entry.circumstances, entry.request)
        except Exception as error:  # noqa: BLE001 - it may have failed the first time, too
            outcome = repr(error)
        else:
            if response.status < 400:
                return
            outcome = f"status {response.status}"
        method, target = entry.request.method, entry.request.target
        _log.warning("entry %d, %s %s: repeated with %s", entry.number, method, target, outcome)

    def __call__(self, request: Request) -> Response:
        """Carry a request out.

        Raises
        ------
        JournalError
            It could not be written down, and has not been carried out.
        NotKeptError
            It has been, but what it made cannot be kept: this process must end.
        """
        if not effects.may_change_state(request):
            return self._application(request)
        circumstances = self._source.next()
        self._journal.write(circumstances, request)
        buried = dead_letters.count(request)
        try:
            response = self._carry_out(circumstances, request)
        except Exception:
            # Part of it may have taken effect, and will again.
            self._journal.keep()
            raise
        if effects.has_changed_state(request, response) or dead_letters.count(request) != buried:
            self._keep(request, circumstances)
        return response

    def _keep(self, request: Request, circumstances: Circumstances) -> None:
        self._last = snapshot.Snapshot(self._journal.keep(), circumstances.time_ms)
        if not effects.is_repeatable(request):
            if not self.take_snapshot(wait=True):
                raise NotKeptError("what cannot be repeated could not be written down")
        elif self._is_due():
            self.take_snapshot()

    def rest(self) -> None:
        """Called now and then when nothing is going on."""
        self._collect(wait=False)
        if self._journal.length >= _WORTH_A_SNAPSHOT and time.monotonic() >= self._not_before_s:
            self.take_snapshot()

    def close(self) -> None:
        if self._journal.length:
            self.take_snapshot(wait=True)
        self._collect(wait=True)
        self._journal.close()

    def take_snapshot(self, *, wait: bool = False) -> bool:
        """Write the state down, and shorten the journal when that is done.

        One that is under way already is enough, unless ``wait`` asks for the present state;
        then the answer is whether it is in place.
        """
        self._collect(wait=wait)
        if self._running is not None or not self._snapshots_work:
            return False
        process_id = snapshot.save_in_background(self._snapshot_file, self._last)
        self._running = _Running(process_id, self._last.number, time.monotonic())
        return self._collect(wait=wait)

    def _collect(self, *, wait: bool) -> bool:
        """See whether the running snapshot is finished; True when it is in place."""
        running = self._running
        if running is None:
            return False
        process_id, status = os.waitpid(running.process_id, 0 if wait else os.WNOHANG)
        if process_id == 0:
            return False
        self._running = None
        now_s = time.monotonic()
        self._not_before_s = now_s + max(now_s - running.started_s, _SHORTEST_PAUSE_S)
        if status == 0:
            self._journal.drop_through(running.number)
        elif os.waitstatus_to_exitcode(status) == snapshot.NO_ROOM:
            _log.warning("there was no room for a snapshot of moto's state; it is tried again")
        elif os.WIFEXITED(status):
            # The state has something that cannot be pickled; trying again would not help.
            self._snapshots_work = False
            _log.error("no snapshot can be made of moto's state; the journal is kept in full")
        return status == 0

    def _carry_out(self, circumstances: Circumstances, request: Request) -> Response:
        with under(circumstances):
            return self._application(request)

    def _is_due(self) -> bool:
        if self._journal.length < _DUE_ENTRIES and self._journal.size_bytes < _DUE_BYTES:
            return False
        # A snapshot costs as much as there is state, so it has to become rarer with it: the
        # pause between two is as long as the last one took.
        return time.monotonic() >= self._not_before_s
