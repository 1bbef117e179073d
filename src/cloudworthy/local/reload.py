"""Serving what changed, while the version before goes on serving."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from cloudworthy.local.model.errors import CloudworthyError
from cloudworthy.local.model.progress import Progress
from cloudworthy.local.runtime import Runtime
from cloudworthy.local.synth.source import StackSource
from cloudworthy.local.watch import Watch

_log = logging.getLogger(__name__)


class Reload:
    """Brings the changes of a source's files into a runtime.

    A synth takes seconds; changed code does not wait for it.

    Parameters
    ----------
    on_update
        Called when a newer version of the stack is served.
    """

    def __init__(
        self,
        source: StackSource,
        runtime: Runtime,
        progress: Progress,
        on_update: Callable[[], None],
    ) -> None:
        self._source = source
        self._runtime = runtime
        self._progress = progress
        self._on_update = on_update
        self._outdated = asyncio.Event()
        self._runtime_is_free = asyncio.Lock()

    async def follow(self, watch: Watch) -> None:
        """Serve every change until cancelled."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._follow_files(watch))
            group.create_task(self._follow_app(watch))

    async def _follow_files(self, watch: Watch) -> None:
        while True:
            changes = await watch.next()
            concerned = [path for path in changes.app if self._source.concerns(path)]
            if concerned:
                self._outdated.set()
            if changes.code:
                async with self._runtime_is_free, self._guarded():
                    await self._runtime.reload_code(changes.code)

    async def _follow_app(self, watch: Watch) -> None:
        while True:
            await self._outdated.wait()
            self._outdated.clear()
            # What the load reads is watched before it is read.
            watch.follow(self._source.code_directories(), self._source.assets())
            async with self._guarded():
                await self._serve_newer()
            watch.follow(self._source.code_directories(), self._source.assets())

    async def _serve_newer(self) -> None:
        stack = await self._source.load(self._progress)
        async with self._runtime_is_free:
            await self._runtime.update(stack)
            self._on_update()

    @asynccontextmanager
    async def _guarded(self) -> AsyncIterator[None]:
        """Whatever is wrong with a change, the version before goes on serving."""
        try:
            yield
        except CloudworthyError as error:
            self._progress.warn(f"{error}\n  The version before goes on serving.")
        except Exception:  # noqa: BLE001 - a change must never end what is served
            _log.exception("The change could not be applied; the version before goes on serving")
