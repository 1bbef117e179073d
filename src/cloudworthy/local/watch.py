"""Changed files of an app, sorted into code of functions and everything else."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Coroutine, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from watchfiles import Change, awatch

from cloudworthy.local.synth.inputs import is_dependency_manifest, is_ignored

# A change must be live in 300 ms, so what editors write in one go is collected only briefly.
_DEBOUNCE_MS = 60
_STEP_MS = 20
_POLL_S = 0.1


@dataclass(frozen=True, slots=True)
class Changes:
    """Files that changed together."""

    code: frozenset[Path]
    """Inside the code of functions: new workers are enough."""
    app: frozenset[Path]
    """Anything else the app is made from: it has to be synthesized again."""


def sort_changes(
    paths: Iterable[Path],
    *,
    root: Path,
    code_directories: Iterable[Path],
    assets: Collection[Path] = (),
    ignored: Collection[Path] = (),
) -> Changes:
    """Tell code from app; what neither runs nor is synthesized is left out.

    Code that lies beside the app, in its root, is both.
    """
    directories = list(code_directories)
    code, app = set(), set()
    for path in paths:
        within = _innermost(directories, path)
        of_asset = _is_below(path, assets)
        if _is_below(path, ignored) or (not of_asset and is_ignored(path, within or root)):
            continue
        if within is not None and not is_dependency_manifest(path):
            code.add(path)
        if of_asset or within in (None, root) or is_dependency_manifest(path):
            app.add(path)
    return Changes(frozenset(code), frozenset(app))


def _is_below(path: Path, directories: Iterable[Path]) -> bool:
    return any(path.is_relative_to(directory) for directory in directories)


def _innermost(directories: Iterable[Path], path: Path) -> Path | None:
    around = [directory for directory in directories if path.is_relative_to(directory)]
    return max(around, key=lambda directory: len(directory.parts), default=None)


class Watch:
    """Sees changes below an app's directory and its functions' code from ``start`` on.

    Changes that come while nobody waits for them are kept.

    Parameters
    ----------
    assets
        Directories that are watched wherever they lie, also among what is generated.
    ignored
        Directories inside the app's that are no part of it, such as the runtime's state.
    """

    def __init__(
        self,
        root: Path,
        code_directories: Iterable[Path],
        *,
        assets: Iterable[Path] = (),
        ignored: Collection[Path] = (),
    ) -> None:
        self._root = root
        self._code = list(code_directories)
        self._assets = list(assets)
        self._ignored = ignored
        self._found: asyncio.Queue[set[Path]] = asyncio.Queue()
        self._stop = asyncio.Event()
        self._below: set[Path] = set()
        self._stop_below = asyncio.Event()
        self._watchers: list[asyncio.Task[None]] = []
        self._awaits_missing = False

    def start(self) -> None:
        # A watch on the root itself would take one for every directory of its virtual
        # environment.
        self._begin(self._collect_root())
        self.follow(self._code, self._assets)

    def follow(self, code_directories: Iterable[Path], assets: Iterable[Path]) -> None:
        """Watch this code and these assets from now on, and the directories the app has now."""
        self._code, self._assets = list(code_directories), list(assets)
        self._watch_all()

    def _watch_all(self) -> None:
        if self._stop.is_set():
            return
        wanted = set(self._directories())
        if wanted != self._below:
            before = self._stop_below
            self._below, self._stop_below = wanted, asyncio.Event()
            self._begin(self._collect(wanted, self._stop_below, recursive=True))
            # Once those begun have begun: no change falls between.
            asyncio.get_running_loop().call_soon(before.set)
        if not self._awaits_missing and self._missing():
            self._awaits_missing = True
            self._begin(self._await_missing())

    def _watch_again(self, remade: Iterable[Path]) -> None:
        """A directory that was removed, and perhaps made again, is no longer the one watched."""
        self._below.difference_update(remade)
        self._watch_all()

    def _missing(self) -> list[Path]:
        return [path for path in (*self._code, *self._assets) if not path.exists()]

    async def _await_missing(self) -> None:
        """Nothing tells of a directory that is made in one that is not watched."""
        while (missing := self._missing()) and not self._stop.is_set():
            await asyncio.sleep(_POLL_S)
            made = {path for path in missing if path.exists()}
            if made:
                self._found.put_nowait(made)
                self._watch_again(made)
        self._awaits_missing = False

    async def next(self) -> Changes:
        """The next changes that concern the app or the code of its functions."""
        while True:
            paths = await self._found.get()
            changes = sort_changes(
                paths,
                root=self._root,
                code_directories=self._code,
                assets=self._assets,
                ignored=self._ignored,
            )
            if changes.code or changes.app:
                return changes

    async def stop(self) -> None:
        self._stop.set()
        self._stop_below.set()
        await asyncio.gather(*self._watchers)

    def _directories(self) -> Iterator[Path]:
        entries = self._root.iterdir() if self._root.is_dir() else ()
        below = [
            directory
            for directory in entries
            if directory.is_dir()
            and not is_ignored(directory, self._root)
            and directory not in self._ignored
        ]
        yield from below
        for directory in (*self._code, *self._assets):
            covered = _is_below(directory, below)
            if directory != self._root and not covered and directory.is_dir():
                yield directory

    def _begin(self, watching: Coroutine[Any, Any, None]) -> None:
        watcher = asyncio.create_task(watching)
        self._watchers = [it for it in self._watchers if not it.done()] + [watcher]

    def _code_below(self, changed: Collection[Path]) -> set[Path]:
        """What came with a directory that was made anew is not told of one by one."""
        return {directory for directory in self._code if _is_below(directory, changed)}

    async def _collect_root(self) -> None:
        """A root that is removed and made again, as an assembly may be, is watched again."""
        while not self._stop.is_set():
            await self._collect([self._root], self._stop, recursive=False)
            while not (self._root.is_dir() or self._stop.is_set()):  # noqa: ASYNC110 - a file
                await asyncio.sleep(_POLL_S)
            self._found.put_nowait({self._root})

    async def _collect(
        self, paths: Iterable[Path], stop: asyncio.Event, *, recursive: bool
    ) -> None:
        watched = awatch(
            *paths,
            debounce=_DEBOUNCE_MS,
            step=_STEP_MS,
            stop_event=stop,
            recursive=recursive,
            watch_filter=_no_byte_code,
            ignore_permission_denied=True,
        )
        async for batch in watched:
            changed = {Path(path) for _, path in batch}
            self._found.put_nowait(changed | self._code_below(changed))
            self._watch_again(changed)
            if (Change.deleted, str(self._root)) in batch:
                return


def _no_byte_code(_change: Change, path: str) -> bool:
    return "__pycache__" not in path
