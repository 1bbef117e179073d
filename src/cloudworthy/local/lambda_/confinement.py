"""Which files a worker may use, and whether this machine can hold it to that.

On Lambda a function reads its code, its layers and a system image, and writes ``/tmp``. Here
the system's directories stand for the image; a directory at the top of the file system that
holds something of the person's - their home, the state of the stack - is left out whole, but
for what the function is made of.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

_ROOT = Path("/")
_HOMES = (Path("/home"), Path("/root"))
_SCRATCH = Path("/tmp")  # noqa: S108 - Lambda's own
_DEVICES = Path("/dev")

NOT_CONFINED = (
    "This system has no Landlock: a function can read the files of whoever started Cloudworthy, "
    "and look into other processes of theirs."
)


@dataclass(frozen=True, slots=True)
class Confinement:
    """The directories of one worker; what may be written may be read as well."""

    readable: tuple[Path, ...]
    writable: tuple[Path, ...]

    def arguments(self) -> tuple[str, str]:
        """As ``run_awslambdaric`` takes them."""
        return os.pathsep.join(map(str, self.readable)), os.pathsep.join(map(str, self.writable))


class Confiner:
    """Says what a worker may use.

    Parameters
    ----------
    private
        Directories that are nobody's business but the person's at the machine. One below
        ``/tmp`` cannot be kept from functions, which have ``/tmp`` as they have it on Lambda.
    """

    def __init__(self, private: Iterable[Path]) -> None:
        hidden = {_top_of(path.resolve()) for path in (*_HOMES, *private)}
        self._system = tuple(top for top in _tops() if top not in hidden)

    def confine(self, own: Sequence[Path], writable: Sequence[Path]) -> Confinement:
        """A process that is made of ``own`` and may also write ``writable``."""
        return Confinement((*self._system, *own), (_SCRATCH, _DEVICES, *writable))


def can_confine() -> bool:
    """Whether the kernel has Landlock, which also keeps confined processes apart."""
    return landlock_version() > 0


def landlock_version() -> int:
    """Of the kernel's interface; 0 without one. From the 6th on, signals are kept in as well."""
    if not sys.platform.startswith("linux"):
        return 0
    import ctypes  # noqa: PLC0415 - not on other systems

    create_ruleset, version = 444, 1
    found = int(ctypes.CDLL(None, use_errno=True).syscall(create_ruleset, None, 0, version))
    return max(found, 0)


def _tops() -> list[Path]:
    return sorted(path for path in _ROOT.iterdir() if path.is_dir())


def _top_of(path: Path) -> Path:
    return _ROOT.joinpath(*path.parts[1:2])
