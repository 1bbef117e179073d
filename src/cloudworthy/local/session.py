"""One ``up``: load the stack, run it, follow the changes of its files until told to stop."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any

from cloudworthy.local.instance import Instance
from cloudworthy.local.model.errors import CloudworthyError
from cloudworthy.local.model.progress import Progress
from cloudworthy.local.runtime import Runtime, RuntimeOptions
from cloudworthy.local.synth.source import StackSource
from cloudworthy.local.watch import Changes, Watch

_log = logging.getLogger(__name__)


class Session:
    """Runs the stack of a source.

    Parameters
    ----------
    source
        Where the stack comes from.
    state_root
        The stack's own state goes to the directory of its name below it.
    options
        Ports and engines.
    """

    def __init__(
        self, source: StackSource, state_root: Path, options: RuntimeOptions, progress: Progress
    ) -> None:
        self._source = source
        self._state_root = state_root
        self._options = options
        self._progress = progress

    async def run(self, stop: asyncio.Event, on_ready: Callable[[dict[str, Any]], None]) -> None:
        """Start, call ``on_ready`` with the addresses, and serve until ``stop`` is set.

        Raises
        ------
        CloudworthyError
            The stack could not be started; nothing of it runs any more.
        """
        stack = await self._source.load(self._progress)
        with Instance(self._state_root / stack.name) as instance:
            runtime = Runtime(instance.directory, stack, self._options, self._progress)
            watch = self._watch()
            try:
                await runtime.start()
                self._publish(instance, runtime)
                on_ready(runtime.address())
                await self._serve(runtime, instance, watch, stop)
            finally:
                await runtime.stop()
                await watch.stop()

    def _watch(self) -> Watch:
        """Begun before the start, so that no change made during it is missed."""
        root = self._source.watched
        watch = Watch(root, self._source.code_directories())
        watch.start()
        return watch

    async def _serve(
        self, runtime: Runtime, instance: Instance, watch: Watch, stop: asyncio.Event
    ) -> None:
        stopped = asyncio.create_task(stop.wait())
        while not stop.is_set():
            changes = asyncio.create_task(watch.next())
            await asyncio.wait({changes, stopped}, return_when=asyncio.FIRST_COMPLETED)
            if stop.is_set():
                changes.cancel()
                return
            await self._apply(changes.result(), runtime, instance)

    async def _apply(self, changes: Changes, runtime: Runtime, instance: Instance) -> None:
        """Serve what changed; whatever is wrong with it, the version before goes on serving."""
        try:
            if changes.code:
                await runtime.reload_code(changes.code)
            if changes.app:
                await runtime.update(await self._source.load(self._progress))
                self._publish(instance, runtime)
        except CloudworthyError as error:
            self._progress.warn(f"{error}\n  The version before goes on serving.")
        except Exception:  # noqa: BLE001 - a change must never end what is served
            _log.exception("The change could not be applied; the version before goes on serving")

    def _publish(self, instance: Instance, runtime: Runtime) -> None:
        instance.publish({**runtime.address(), "functions": runtime.functions()})
