"""Changed files of an app, sorted into code of functions and everything else."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass
from pathlib import Path

from watchfiles import Change, awatch

from cloudworthy.local.synth.inputs import is_dependency_manifest, is_ignored

# A change must be live in 300 ms, so what editors write in one go is collected only briefly.
_DEBOUNCE_MS = 60
_STEP_MS = 20


@dataclass(frozen=True, slots=True)
class Changes:
    """Files that changed together."""

    code: frozenset[Path]
    """Inside the code or the layers of functions: new workers are enough."""
    app: frozenset[Path]
    """Anything else the app is made from: it has to be synthesized again."""


def sort_changes(paths: Iterable[Path], *, root: Path, code_directories: Iterable[Path]) -> Changes:
    """Tell code from app; what neither runs nor is synthesized is left out."""
    directories = [d for d in code_directories if d != root]
    code, app = set(), set()
    for path in paths:
        within = next((d for d in directories if path.is_relative_to(d)), None)
        if is_ignored(path, within or root):
            continue
        if within is not None and not is_dependency_manifest(path):
            code.add(path)
        else:
            app.add(path)
    return Changes(frozenset(code), frozenset(app))


async def watch(
    root: Path, code_directories: Iterable[Path], stop: asyncio.Event
) -> AsyncIterator[Changes]:
    """The changes below an app's directory and its functions' code, until ``stop`` is set."""
    directories = list(code_directories)
    found: asyncio.Queue[set[Path]] = asyncio.Queue()
    # A watch on the root itself would take one for every directory of its virtual environment.
    below = [d for d in root.iterdir() if d.is_dir() and not is_ignored(d, root)]
    outside = [d for d in directories if not d.is_relative_to(root)]
    async with asyncio.TaskGroup() as watchers:
        watchers.create_task(_collect(found, [root], stop, recursive=False))
        watchers.create_task(_collect(found, [*below, *outside], stop, recursive=True))
        stopped = watchers.create_task(stop.wait())
        while not stop.is_set():
            batch = watchers.create_task(found.get())
            await asyncio.wait({batch, stopped}, return_when=asyncio.FIRST_COMPLETED)
            if not batch.done():
                batch.cancel()
                break
            changes = sort_changes(batch.result(), root=root, code_directories=directories)
            if changes.code or changes.app:
                yield changes


async def _collect(
    found: asyncio.Queue[set[Path]], paths: list[Path], stop: asyncio.Event, *, recursive: bool
) -> None:
    watched = awatch(
        *paths,
        debounce=_DEBOUNCE_MS,
        step=_STEP_MS,
        stop_event=stop,
        recursive=recursive,
        watch_filter=_no_byte_code,
    )
    async for batch in watched:
        found.put_nowait({Path(path) for _, path in batch})


def _no_byte_code(_change: Change, path: str) -> bool:
    return "__pycache__" not in path
