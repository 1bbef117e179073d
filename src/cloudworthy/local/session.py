"""One ``up``: load the stack, run it, follow the changes of its files until told to stop."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

from cloudworthy.local.instance import Instance
from cloudworthy.local.model.errors import CloudworthyError
from cloudworthy.local.model.progress import Progress
from cloudworthy.local.model.resources import Stack
from cloudworthy.local.runtime import Runtime, RuntimeOptions
from cloudworthy.local.synth.source import StackSource
from cloudworthy.local.watch import Changes, watch


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
        with Instance(self._state_root.absolute() / stack.name) as instance:
            runtime = Runtime(instance.directory, stack, self._options, self._progress)
            try:
                await runtime.start()
                self._publish(instance, runtime)
                on_ready(runtime.address())
                await self._serve(runtime, instance, stop)
            finally:
                await runtime.stop()

    async def _serve(self, runtime: Runtime, instance: Instance, stop: asyncio.Event) -> None:
        root = self._source.watched
        if root is None:
            await stop.wait()
            return
        directories = list(self._source.code_directories())
        async for changes in watch(root.absolute(), directories, stop):
            await self._apply(changes, runtime, instance)

    async def _apply(self, changes: Changes, runtime: Runtime, instance: Instance) -> None:
        if changes.code:
            await runtime.reload_code(changes.code)
        if not changes.app:
            return
        try:
            stack: Stack = await self._source.load(self._progress)
            await runtime.update(stack)
        except CloudworthyError as error:
            self._progress.warn(f"{error}\n  The version before goes on serving.")
            return
        self._publish(instance, runtime)

    def _publish(self, instance: Instance, runtime: Runtime) -> None:
        instance.publish({**runtime.address(), "functions": runtime.functions()})
