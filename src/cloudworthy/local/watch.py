"""Changed files of an app, sorted into code of functions and everything else."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
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


class Watch:
    """Sees changes below an app's directory and its functions' code from ``start`` on.

    Changes that come while nobody waits for them are kept.
    """

    def __init__(self, root: Path, code_directories: Iterable[Path]) -> None:
        self._root = root
        self._code = list(code_directories)
        self._found: asyncio.Queue[set[Path]] = asyncio.Queue()
        self._stop = asyncio.Event()
        self._watchers: list[asyncio.Task[None]] = []

    def start(self) -> None:
        # A watch on the root itself would take one for every directory of its virtual
        # environment.
        root = self._root
        below = [d for d in root.iterdir() if d.is_dir() and not is_ignored(d, root)]
        outside = [d for d in self._code if not d.is_relative_to(root)]
        self._watchers = [
            asyncio.create_task(self._collect([root], recursive=False)),
            asyncio.create_task(self._collect([*below, *outside], recursive=True)),
        ]

    async def next(self) -> Changes:
        """The next changes that concern the app or the code of its functions."""
        while True:
            paths = await self._found.get()
            changes = sort_changes(paths, root=self._root, code_directories=self._code)
            if changes.code or changes.app:
                return changes

    async def stop(self) -> None:
        self._stop.set()
        await asyncio.gather(*self._watchers)

    async def _collect(self, paths: list[Path], *, recursive: bool) -> None:
        watched = awatch(
            *paths,
            debounce=_DEBOUNCE_MS,
            step=_STEP_MS,
            stop_event=self._stop,
            recursive=recursive,
            watch_filter=_no_byte_code,
        )
        async for batch in watched:
            self._found.put_nowait({Path(path) for _, path in batch})


def _no_byte_code(_change: Change, path: str) -> bool:
    return "__pycache__" not in path
