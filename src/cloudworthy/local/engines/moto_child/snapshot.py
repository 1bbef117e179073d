"""moto's whole state as one file.

The state of moto is what hangs on its ``BackendDict`` objects. They are pickled together,
so that an object that two services share stays one object.
"""

from __future__ import annotations

import errno
import importlib
import io
import os
import pickle
import shutil
import sys
import traceback
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

from cloudworthy.local.engines.moto_child.pickling import (
    MotoPickler,
    MotoUnpickler,
    used_registries,
)
from cloudworthy.local.model.errors import CloudworthyError

NO_ROOM = 2
"""The exit status of a process that could not write the file."""
_LEFT_FREE_BYTES = 1024 * 1024
_UNFINISHED = ".unfinished"
_OWN_TO_REGISTRY = frozenset({"backend", "service_name", "_id"})


class SnapshotVersionError(CloudworthyError):
    """The state was written by other versions, whose objects cannot be relied on."""


class UnfaithfulSnapshotError(Exception):
    """What was read back is not what was written."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """State after the journal's entry ``number``, which took effect at ``time_ms``."""

    number: int
    time_ms: int


def written_by() -> str:
    return f"moto {version('moto')}, Python {sys.version_info.major}.{sys.version_info.minor}"


def save_in_background(path: Path, snapshot: Snapshot) -> int:
    """Write the state as it is now from a forked process, and return that process's id.

    The fork has the memory as it is at this moment, so nobody waits meanwhile. This process
    has one thread, so the fork is a whole one. It ends with status 0 when the file is in
    place and was found to be faithful.
    """
    parent_id = os.getpid()
    process_id = os.fork()
    if process_id:
        return process_id
    status = 1
    try:
        save(path, snapshot, parent_id)
        status = 0
    except OSError:
        traceback.print_exc()
        status = NO_ROOM
    except BaseException:  # noqa: BLE001 - nothing of the parent's may run in the fork
        traceback.print_exc()
    finally:
        os._exit(status)


def save(path: Path, snapshot: Snapshot, parent_id: int) -> None:
    """Write the state; the file is replaced in one step, so a kill leaves the old one.

    When the parent has died, its successor may have gone on and written a newer snapshot,
    which must not be replaced.

    Raises
    ------
    UnfaithfulSnapshotError
        Reading it back gave other objects. The file was not replaced.
    OSError
        There is no room. The file was not replaced.
    """
    content = checked_pickle(_state())
    _require_room(path.parent, len(content))
    unfinished = path.with_suffix(f".{os.getpid()}{_UNFINISHED}")
    try:
        with unfinished.open("wb") as file:
            pickle.dump((written_by(), snapshot.number, snapshot.time_ms), file)
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        if os.getppid() == parent_id:
            unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)


def _require_room(directory: Path, size_bytes: int) -> None:
    """Leave what is left on a disk that is nearly full to those who acknowledge something."""
    if shutil.disk_usage(directory).free < size_bytes + _LEFT_FREE_BYTES:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(directory))


def load(path: Path) -> Snapshot:
    """Bring the state back into moto; the zeroth snapshot when there is no file.

    Raises
    ------
    SnapshotVersionError
    """
    for unfinished in path.parent.glob(f"*{_UNFINISHED}"):
        unfinished.unlink()
    if not path.exists():
        return Snapshot(0, 0)
    with path.open("rb") as file:
        author, number, time_ms = pickle.load(file)  # noqa: S301 - our own file
        if author != written_by():
            raise SnapshotVersionError(
                f"{path}: found state written by {author}, expected {written_by()}. "
                "Use the versions it was written with, or run cloudworthy destroy."
            )
        _restore(MotoUnpickler(file).load())
    return Snapshot(number, time_ms)


State = list[tuple[str, str, dict[str, Any], dict[str, dict[str, Any]]]]
"""Module and name of each registry, its further attributes, and its backends by account
and region."""


def _state() -> State:
    return [
        (
            module,
            name,
            {k: v for k, v in vars(registry).items() if k not in _OWN_TO_REGISTRY},
            {account: dict(dict.items(regions)) for account, regions in dict.items(registry)},
        )
        for module, name, registry in used_registries()
    ]


def _restore(state: State) -> None:
    for module, name, attributes, accounts in state:
        registry = getattr(importlib.import_module(module), name)
        vars(registry).update(attributes)
        for account, regions in accounts.items():
            for region, backend in regions.items():
                dict.__setitem__(registry[account], region, backend)


def checked_pickle(state: State) -> bytes:
    """Pickle, read back and pickle again: the classes must come out in the same numbers."""
    buffer = io.BytesIO()
    first = MotoPickler(buffer)
    first.dump(state)
    buffer.seek(0)
    again = MotoPickler(io.BytesIO())
    again.dump(MotoUnpickler(buffer).load())
    if first.census != again.census:
        difference = (first.census - again.census) + (again.census - first.census)
        raise UnfaithfulSnapshotError(f"not restored as they were: {dict(difference)}")
    return buffer.getvalue()
