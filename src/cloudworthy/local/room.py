"""Telling the person that the state directory has no room, or cannot be written."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

from cloudworthy.local.instance import ROOM_BYTES
from cloudworthy.local.model.clock import Clock
from cloudworthy.local.model.progress import Progress

_LOOK_S = 1.0


class RoomWatch:
    """Looks at the disk of the state directory once a second while the stack runs."""

    def __init__(self, directory: Path, progress: Progress, clock: Clock) -> None:
        self._directory = directory
        self._progress = progress
        self._clock = clock
        self._task: asyncio.Task[None] | None = None
        self._told = ""
        """What the person was asked to do, which is not over yet."""

    def start(self) -> None:
        self._task = asyncio.create_task(self._run())

    async def stop(self) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def _run(self) -> None:
        while True:
            self._look()
            await self._clock.sleep(_LOOK_S)

    def _look(self) -> None:
        """Say each thing that is wrong once, and once that all is over."""
        trouble, advice = trouble_of(self._directory)
        if advice not in ("", self._told):
            self._progress.warn(
                f"The state directory {self._directory} {trouble}. Calls that change something "
                f"fail until that is over. {advice}; nothing has to be started again."
            )
        elif self._told and not advice:
            self._progress.say(f"The state directory {self._directory} can be written again.")
        self._told = advice


def trouble_of(directory: Path) -> tuple[str, str]:
    """What is wrong with a directory and what to do about it; empty when it can be written."""
    try:
        disk = os.statvfs(directory)
    except OSError as error:
        return f"cannot be read: {error.strerror}", "Bring it back"
    if disk.f_flag & os.ST_RDONLY or not os.access(directory, os.W_OK):
        return "cannot be written", "Make it writable"
    free = disk.f_bavail * disk.f_frsize
    return (f"has {free // 1024} kB left", "Make room") if free < ROOM_BYTES else ("", "")
