"""One ``up``: load the stack, run it, follow the changes of its files until told to stop."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Collection, Coroutine
from pathlib import Path
from typing import Any, TypeVar

from cloudworthy.local.instance import Instance
from cloudworthy.local.model.clock import SystemClock
from cloudworthy.local.model.errors import CloudworthyError
from cloudworthy.local.model.progress import Progress
from cloudworthy.local.reload import Reload
from cloudworthy.local.room import RoomWatch
from cloudworthy.local.runtime import Runtime, RuntimeOptions
from cloudworthy.local.synth.source import StackSource
from cloudworthy.local.watch import Watch

T = TypeVar("T")


class InterruptedStartError(CloudworthyError):
    """The person ended the start before everything answered."""

    def __init__(self) -> None:
        super().__init__("The start was interrupted. What was made is kept; start again to go on.")


class Session:
    """Runs the stack of a source.

    Parameters
    ----------
    source
        Where the stack comes from.
    state_root
        The stack's own state goes to the directory of its name below it.
    options
        What the person chose.
    ignored
        Files and directories inside the app's directory whose changes do not concern it.
    """

    def __init__(
        self,
        source: StackSource,
        state_root: Path,
        options: RuntimeOptions,
        progress: Progress,
        *,
        ignored: Collection[Path] = (),
    ) -> None:
        self._source = source
        self._state_root = state_root.absolute()
        self._options = options
        self._progress = progress
        self._ignored = ignored

    async def run(self, stop: asyncio.Event, on_ready: Callable[[dict[str, Any]], None]) -> None:
        """Start, call ``on_ready`` with the addresses, and serve until ``stop`` is set.

        Raises
        ------
        CloudworthyError
            The stack could not be started; nothing of it runs any more.
        """
        stack = await _unless(stop, self._source.load(self._progress))
        with Instance(self._state_root / stack.name) as instance:
            instance.require_room()
            runtime = Runtime(instance.directory, stack, self._options, self._progress)
            watch = self._watch()
            room = RoomWatch(instance.directory, self._progress, SystemClock())
            room.start()
            try:
                await _unless(stop, runtime.start())
                self._publish(instance, runtime)
                on_ready(runtime.address())
                reload = Reload(
                    self._source,
                    runtime,
                    self._progress,
                    lambda: self._publish(instance, runtime),
                )
                with contextlib.suppress(InterruptedStartError):
                    await _unless(stop, reload.follow(watch))
            finally:
                await room.stop()
                await runtime.stop()
                await watch.stop()

    def _watch(self) -> Watch:
        """Begun before the start, so that no change made during it is missed."""
        watch = Watch(
            self._source.watched,
            self._source.code_directories(),
            assets=self._source.assets(),
            ignored=self._ignored,
        )
        watch.start()
        return watch

    def _publish(self, instance: Instance, runtime: Runtime) -> None:
        instance.publish({**runtime.address(), "functions": runtime.functions()})


async def _unless(stop: asyncio.Event, work: Coroutine[Any, Any, T]) -> T:
    """Do the work, or end it when ``stop`` is set first.

    Raises
    ------
    InterruptedStartError
        It was ended.
    """
    working = asyncio.create_task(work)
    stopping = asyncio.create_task(stop.wait())
    try:
        await asyncio.wait({working, stopping}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        stopping.cancel()
        if not working.done():
            working.cancel()
            await asyncio.wait({working})
    if working.cancelled():
        raise InterruptedStartError
    return working.result()
