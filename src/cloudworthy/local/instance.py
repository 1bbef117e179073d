"""One stack's place on this machine: its state directory, who runs it, and how to reach it."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import shutil
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import psutil

from cloudworthy.local.model.errors import CloudworthyError

STATE_ROOT = Path(".cloudworthy")
CACHE = STATE_ROOT / "cache"
"""What can be made again: assemblies, worker environments, layers for this machine."""


ROOM_BYTES = 4 * 1024 * 1024
"""With less than that left on its disk, no stack is started and a running one says so."""


_REMOVED = ".removed-"
"""Before the name of a stack whose files are being removed."""


class AlreadyRunningError(CloudworthyError):
    """Another process runs this stack from the same state directory."""


class Instance:
    """The state directory of one stack.

    ``with instance:`` holds its lock; the system drops the lock when the process dies,
    however it dies.
    """

    def __init__(self, directory: Path) -> None:
        self.directory = directory.absolute()
        self._lock: int | None = None

    @property
    def _lock_file(self) -> Path:
        return self.directory / "lock"

    @property
    def _address_file(self) -> Path:
        return self.directory / "runtime.json"

    def __enter__(self) -> Self:
        self._refuse_foreign_files()
        try:
            self.directory.mkdir(parents=True, exist_ok=True)
            descriptor = os.open(self._lock_file, os.O_RDWR | os.O_CREAT, 0o600)
        except OSError as error:
            raise CloudworthyError(
                f"The state directory {self.directory} cannot be written: {error.strerror}. "
                "Make it writable or choose another with --state."
            ) from error
        while not _locked(descriptor, fcntl.LOCK_EX):
            if _locked(descriptor, fcntl.LOCK_SH):
                continue  # Others only looked whether it runs, which takes them a moment.
            os.close(descriptor)
            raise AlreadyRunningError(
                f"{self.directory.name} is running already (process {self.holder() or 'unknown'}). "
                "Stop it with Ctrl-C where it was started, or choose another --state."
            )
        with contextlib.suppress(OSError):  # A full disk must not keep a stack from its end.
            os.pwrite(descriptor, f"{os.getpid()}\n".encode(), 0)
        self._lock = descriptor
        return self

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    def _refuse_foreign_files(self) -> None:
        """A directory that holds something else would be removed with the stack."""
        directory = self.directory
        if directory.is_dir() and any(directory.iterdir()) and not self._lock_file.is_file():
            raise CloudworthyError(
                f"The state directory {directory} holds files that are no stack's state. "
                "Choose another with --state."
            )

    @property
    def running(self) -> bool:
        """Whether some process holds the lock."""
        if not self._lock_file.is_file():
            return False
        descriptor = os.open(self._lock_file, os.O_RDWR)
        try:
            return not _locked(descriptor, fcntl.LOCK_SH)
        finally:
            os.close(descriptor)

    def holder(self) -> int | None:
        """The process that runs the stack; None when nobody does, or it cannot be told.

        The file may name one that was killed, whose number another process has by now.
        """
        try:
            pid = int(self._lock_file.read_text().partition("\n")[0])
            opened = psutil.Process(pid).open_files()
            has_it = any(self._lock_file.samefile(it.path) for it in opened)
        except (OSError, ValueError, psutil.Error):
            return None
        return pid if has_it else None

    def require_room(self) -> None:
        """Refuse to start where nothing could be kept.

        Raises
        ------
        CloudworthyError
        """
        free = shutil.disk_usage(self.directory).free
        if free < ROOM_BYTES:
            raise CloudworthyError(
                f"The state directory {self.directory} has {free // 1024} kB left. "
                "Make room or choose another with --state."
            )

    def remove(self) -> None:
        """Remove the directory: at once for everybody else, so that a kill leaves all or none."""
        removed = self.directory.with_name(f"{_REMOVED}{self.directory.name}")
        shutil.rmtree(removed, ignore_errors=True)
        self.directory.rename(removed)
        shutil.rmtree(removed)

    def publish(self, address: Mapping[str, Any]) -> None:
        """Tell other commands how to reach the runtime; the file holds API keys."""
        write_private_json(self._address_file, address)

    def address(self) -> dict[str, Any]:
        """What the running runtime published.

        Raises
        ------
        CloudworthyError
            The stack is not running.
        """
        if not self.running:
            raise CloudworthyError(
                f"{self.directory.name} is not running. "
                f"Start it with: cloudworthy up {self.directory.name}"
            )
        return self.last_address()

    def last_address(self) -> dict[str, Any]:
        """What was published last, also when it no longer runs.

        Raises
        ------
        CloudworthyError
            The stack has never come up.
        """
        if not self._address_file.is_file():
            raise CloudworthyError(f"{self.directory.name} has not come up yet.")
        content: dict[str, Any] = json.loads(self._address_file.read_text())
        return content


def _locked(descriptor: int, kind: int) -> bool:
    """Whether the lock could be had at once."""
    try:
        fcntl.flock(descriptor, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def write_private_json(path: Path, content: Mapping[str, Any]) -> None:
    """Write a file at once and whole, readable by its owner only."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}.new")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        with os.fdopen(descriptor, "w") as file:
            json.dump(content, file, indent=2)
            file.write("\n")
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def find_instance(root: Path, stack: str | None) -> Instance:
    """The stack that a command means: the one named, or the only one there is.

    Raises
    ------
    CloudworthyError
        There is no such stack, or there are several and none was named.
    """
    names = sorted(p.parent.name for p in root.glob("[!.]*/lock"))
    if stack is None and len(names) == 1:
        stack = names[0]
    if stack is None and len(names) > 1:
        running = [name for name in names if Instance(root / name).running]
        stack = running[0] if len(running) == 1 else None
    if stack in names:
        return Instance(root / str(stack))
    if not names:
        raise CloudworthyError(f"No stack has been started in {root}. Start one: cloudworthy up")
    wanted = f"There is no stack {stack!r}" if stack else "There are several stacks"
    raise CloudworthyError(f"{wanted} in {root}. Name one with --stack: {', '.join(names)}.")
