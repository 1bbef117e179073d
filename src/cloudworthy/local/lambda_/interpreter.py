"""Finding the Python that a function's runtime names on this machine."""

from __future__ import annotations

import asyncio
import os
import re
import shutil
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from uv import find_uv_bin

from cloudworthy.local.model.errors import CloudworthyError

Version = tuple[int, int]

_OLDEST: Version = (3, 11)
_NEWEST: Version = (3, 14)
_RUNTIME = re.compile(r"python(\d+)\.(\d+)")
_PROBE = "import sys; print(*sys.version_info[:3], sys.implementation.name)"


class InterpreterMissingError(CloudworthyError):
    """No Python that could stand in for Lambda's is installed."""


@dataclass(frozen=True, slots=True)
class Interpreter:
    """A Python that was run once and answered.

    ``exact`` tells whether it has the version the runtime names.
    """

    path: Path
    version: tuple[int, int, int]
    exact: bool


def runtime_version(runtime: str) -> Version | None:
    """``(3, 13)`` for ``python3.13``; None for a runtime that is not a supported Python."""
    match = _RUNTIME.fullmatch(runtime)
    if match is None:
        return None
    version = (int(match[1]), int(match[2]))
    return version if version >= _OLDEST else None


async def find_interpreter(runtime: str, environment: Mapping[str, str]) -> Interpreter:
    """The interpreter that ``runtime`` names, otherwise the one nearest to it.

    Looked for in ``PATH``, in pyenv's versions and among uv's Pythons, in this order.
    ``environment`` is the shell's.

    Raises
    ------
    InterpreterMissingError
        Neither that version nor another one from 3.11 on is installed.
    """
    wanted = runtime_version(runtime)
    if wanted is None:
        raise ValueError(runtime)
    for version in _nearest_first(wanted):
        for candidate in _candidates(version, environment):
            found = await _probe(candidate)
            if found is not None and found[:2] == version:
                return Interpreter(candidate, found, exact=version == wanted)
        managed = await _managed_by_uv(version)
        if managed is not None:
            return Interpreter(managed[0], managed[1], exact=version == wanted)
    raise InterpreterMissingError(
        f"Runtime {runtime}: found no Python from 3.11 on, expected {runtime}. "
        f"Install it, for example with: uv python install {wanted[0]}.{wanted[1]}"
    )


def _nearest_first(wanted: Version) -> list[Version]:
    """Every version that could run the function; of two equally near, the newer one first."""
    minors = {*range(_OLDEST[1], _NEWEST[1] + 1), wanted[1]}
    return sorted(
        ((3, minor) for minor in minors),
        key=lambda version: (abs(version[1] - wanted[1]), -version[1]),
    )


def _candidates(version: Version, environment: Mapping[str, str]) -> Iterator[Path]:
    name = f"python{version[0]}.{version[1]}"
    if sys.version_info[:2] == version:
        # The real interpreter behind the virtual environment Cloudworthy runs in.
        yield Path(sys.base_prefix) / "bin" / name
    for directory in environment.get("PATH", os.defpath).split(os.pathsep):
        found = shutil.which(name, path=directory)
        if found is not None:
            yield Path(found)
    home = environment.get("HOME", "")
    pyenv = Path(environment.get("PYENV_ROOT") or Path(home) / ".pyenv")
    yield from sorted(pyenv.glob(f"versions/{version[0]}.{version[1]}.*/bin/{name}"), reverse=True)


async def _probe(path: Path) -> tuple[int, int, int] | None:
    """The version of an interpreter; None when it cannot run or is not CPython.

    A file named ``python3.13`` may be a shim of pyenv that only prints an error.
    """
    if not path.exists():
        return None
    output = await _output_of(str(path), "-I", "-S", "-c", _PROBE)
    words = output.split()
    if len(words) != 4 or words[3] != "cpython":
        return None
    return int(words[0]), int(words[1]), int(words[2])


async def _managed_by_uv(version: Version) -> tuple[Path, tuple[int, int, int]] | None:
    wanted = f"{version[0]}.{version[1]}"
    options = ("--managed-python", "--no-python-downloads", "--no-project", "--no-config")
    output = await _output_of(find_uv_bin(), "python", "find", *options, wanted)
    path = Path(output.strip())
    if not output.strip():
        return None
    found = await _probe(path)
    return (path, found) if found is not None and found[:2] == version else None


async def _output_of(*command: str) -> str:
    process = await asyncio.create_subprocess_exec(
        *command,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
    )
    output, _ = await process.communicate()
    return output.decode(errors="replace") if process.returncode == 0 else ""
