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
    outside = [d for d in directories if not d.is_relative_to(root)]
    watched = awatch(
        root,
        *outside,
        watch_filter=lambda _change, path: not is_ignored(Path(path), root),
        debounce=_DEBOUNCE_MS,
        step=_STEP_MS,
        stop_event=stop,
    )
    async for batch in watched:
        changes = sort_changes(_paths(batch), root=root, code_directories=directories)
        if changes.code or changes.app:
            yield changes


def _paths(batch: set[tuple[Change, str]]) -> Iterable[Path]:
    return (Path(path) for _, path in batch)
