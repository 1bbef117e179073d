"""Reading on in a file of JSON lines while another process writes it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

from cloudworthy.local.observe.jsonlines import generation, parse_line


class Tail:
    """Gives the records that were added since the last time, also across put-aside files.

    The first time that is all there are, so that none is missed between then and now.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file: IO[bytes] | None = None

    def new_records(self) -> Iterator[dict[str, Any]]:
        """Everything that is new by now."""
        if self._file is not None:
            # It may have been put aside meanwhile: what is open is read to its end first.
            newer = self._newer_files(os.fstat(self._file.fileno()).st_ino)
            yield from _records(self._file)
        else:
            newer = self._newer_files(None)
        for path in newer:
            self.close()
            self._file = path.open("rb")
            yield from _records(self._file)

    def close(self) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None

    def _newer_files(self, inode: int | None) -> list[Path]:
        """The files that follow the one with this inode, oldest first; all of them without it."""
        newer: list[Path] = []
        number = 0
        while (path := generation(self._path, number)).exists() or number == 0:
            if path.exists():
                if path.stat().st_ino == inode:
                    break
                newer.insert(0, path)
            number += 1
        return newer


def _records(file: IO[bytes]) -> Iterator[dict[str, Any]]:
    """Whole lines up to the end; one that is still being written is left for the next time."""
    while line := file.readline():
        if not line.endswith(b"\n"):
            file.seek(-len(line), os.SEEK_CUR)
            return
        record = parse_line(line)
        if record is not None:
            yield record
