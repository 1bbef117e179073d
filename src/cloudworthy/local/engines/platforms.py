"""Which package of the dynoxide binary belongs to the machine we run on."""

from __future__ import annotations

import platform
import sys
from pathlib import Path

from cloudworthy.local.model.errors import CloudworthyError

_SYSTEMS = {"linux": "linux", "darwin": "darwin", "win32": "win32"}
_MACHINES = {"x86_64": "x64", "amd64": "x64", "arm64": "arm64", "aarch64": "arm64"}
_PUBLISHED = frozenset({"linux-x64", "linux-arm64", "darwin-arm64", "darwin-x64", "win32-x64"})


class UnsupportedPlatformError(CloudworthyError):
    """There is no dynoxide binary for this operating system and processor."""


def platform_key(system: str = sys.platform, machine: str | None = None) -> str:
    """Name the platform as npm packages do, e.g. ``linux-x64``.

    Raises
    ------
    UnsupportedPlatformError
        dynoxide is not published for it.
    """
    machine = platform.machine() if machine is None else machine
    key = f"{_SYSTEMS.get(system, system)}-{_MACHINES.get(machine.lower(), machine)}"
    if key not in _PUBLISHED:
        expected = ", ".join(sorted(_PUBLISHED))
        raise UnsupportedPlatformError(
            f"dynoxide: found the platform {key}, expected one of {expected}. "
            "Run Cloudworthy on one of those."
        )
    return key


def binary_name(key: str) -> str:
    return "dynoxide.exe" if key.startswith("win32") else "dynoxide"


def default_tools() -> Path:
    """Where the engines' binaries are: in the virtual environment that runs this."""
    return Path(sys.prefix) / "share" / "cloudworthy"
