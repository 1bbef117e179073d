"""``faults.json`` in the state directory of a stack: changed by commands, followed by the runtime.

It is the one way in which faults reach a running stack. There is no port that a function could
call, and its owner alone may write to the directory.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from cloudworthy.local.faults.document import FaultFileError, parse_faults, written
from cloudworthy.local.faults.fault import Fault
from cloudworthy.local.instance import write_private_json

_NAME = "faults.json"
_NOWHERE = (0, 0, 0)

Version = tuple[int, int, int]
"""Another one whenever the file has been written or replaced."""


class FaultFile:
    """The faults of one stack."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._path = directory / _NAME
        self._text_path = str(self._path)

    def version(self) -> Version:
        """What to compare before each call; costs a ``stat``."""
        try:
            found = os.stat(self._text_path)  # noqa: PTH116 - a third of the time of Path.stat
        except OSError:
            return _NOWHERE
        return (found.st_mtime_ns, found.st_size, found.st_ino)

    def read(self) -> tuple[Fault, ...]:
        """The faults as they are now; none when there is no file.

        Raises
        ------
        FaultFileError
            The file cannot be read, or has not the form.
        """
        try:
            text = self._path.read_bytes()
        except FileNotFoundError:
            return ()
        except OSError as error:
            raise FaultFileError(f"{self._path}: {error.strerror}.") from error
        return parse_faults(text, str(self._path))

    def change(self, edit: Callable[[tuple[Fault, ...]], tuple[Fault, ...]]) -> None:
        """Replace the faults by what ``edit`` makes of them; two commands do so in turn.

        Raises
        ------
        FaultFileError
            What is there cannot be read; it stays as it is.
        """
        with self._locked():
            write_private_json(self._path, written(edit(self.read())))

    def replace(self, faults: tuple[Fault, ...]) -> None:
        """Write these faults, whatever is there."""
        with self._locked():
            write_private_json(self._path, written(faults))

    @contextmanager
    def _locked(self) -> Iterator[None]:
        """The lock is on the directory: the file itself is another one after each change."""
        descriptor = os.open(self._directory, os.O_RDONLY)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            yield
        finally:
            os.close(descriptor)


def read_starting_faults(path: Path) -> tuple[Fault, ...]:
    """The faults of a file that is given to ``up``.

    Raises
    ------
    FaultFileError
        It cannot be read, or has not the form.
    """
    try:
        text = path.read_bytes()
    except OSError as error:
        raise FaultFileError(f"{path}: {error.strerror}.") from error
    return parse_faults(text, str(path), before_start=True)
