"""Layers on this machine: a local twin of one that was built for another platform.

A layer for arm64 and Python 3.13 holds compiled extensions that an x86 machine, or another
Python, cannot load. Its twin has the same packages in the same versions, installed for the
local interpreter, and everything else the layer holds.
"""

from __future__ import annotations

import asyncio
import hashlib
import platform
import re
import shutil
import sys
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from cloudworthy.local.lambda_.environment import (
    EnvironmentBuildError,
    WorkerPython,
    move_into_place,
    run_uv,
)
from cloudworthy.local.model.errors import CloudworthyError

_ELF_MAGIC = b"\x7fELF"
_ELF_MACHINES = {"x86_64": 62, "aarch64": 183, "arm64": 183}
_CPYTHON_TAG = re.compile(r"\.cpython-(\d+)-")
_DIST_INFO = re.compile(r"(?P<name>.+)-(?P<version>[^-]+)\.dist-info")
_LOCK_NAME = "requirements.txt"


class LayerError(CloudworthyError):
    """A layer that cannot be made to run on this machine."""


_State = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class _Contents:
    """What a layer holds, as far as its twin is concerned."""

    pins: str
    """A requirements file: the layer's own lock, or its packages' names and versions."""
    extras: tuple[Path, ...]
    """Files that no package brought, relative to the layer."""


class LocalLayers:
    """Finds or makes the directory that a layer is on this machine."""

    def __init__(self, cache: Path, *, shell: Mapping[str, str]) -> None:
        self._cache = cache
        self._shell = shell
        self._looking = asyncio.Lock()
        self._known: dict[Path, tuple[_State, Path]] = {}

    async def local(self, layer: Path, python: WorkerPython) -> Path:
        """The layer itself when the interpreter can load all of it, otherwise its twin.

        Looked into once, and again when something was added at its top: every start of a
        worker asks.

        Raises
        ------
        LayerError
            A package has no build for this machine in the version the layer has.
        """
        state = await asyncio.to_thread(_state, layer, python)
        async with self._looking:
            known = self._known.get(layer)
            if known is None or known[0] != state:
                known = self._known[layer] = (state, await self._look(layer, python))
            return known[1]

    async def _look(self, layer: Path, python: WorkerPython) -> Path:
        if await asyncio.to_thread(_all_loadable, layer, python):
            return layer
        contents = await asyncio.to_thread(_contents, layer)
        twin = self._cache / _fingerprint(layer, contents, python)
        if not twin.is_dir():
            await self._build(layer, contents, python, twin)
        return twin

    async def _build(
        self, layer: Path, contents: _Contents, python: WorkerPython, twin: Path
    ) -> None:
        self._cache.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix="building-", dir=self._cache) as scratch:
            pins = Path(scratch) / _LOCK_NAME
            pins.write_text(contents.pins)
            built = Path(scratch) / "layer"
            await self._install(layer, pins, python, built / "python")
            await asyncio.to_thread(_copy, layer, built, contents.extras)
            move_into_place(built, twin)

    async def _install(self, layer: Path, pins: Path, python: WorkerPython, target: Path) -> None:
        hashes = "--require-hashes" if "--hash=" in pins.read_text() else "--no-deps"
        try:
            await run_uv(
                (
                    *("pip", "install", "--python", str(python.executable), "--target"),
                    *(str(target), "--only-binary", ":all:", hashes, "-r", str(pins)),
                ),
                self._shell,
            )
        except EnvironmentBuildError as error:
            version = ".".join(map(str, python.version))
            raise LayerError(
                f"Layer {layer}: found packages built for another platform that cannot be "
                f"installed for {sys.platform} {platform.machine()}, Python {version}. "
                f"Choose versions with a wheel for this machine too. {error}"
            ) from error


def _state(layer: Path, python: WorkerPython) -> _State:
    """What tells whether a layer was changed, without reading all of it."""
    places = (layer, layer / "python", layer / _LOCK_NAME)
    return (python.fingerprint, *(p.stat().st_mtime_ns for p in places if p.exists()))


def _all_loadable(layer: Path, python: WorkerPython) -> bool:
    return all(
        _loadable(extension, python)
        for pattern in ("*.so", "*.so.*", "*.pyd", "*.dylib")
        for extension in (layer / "python").rglob(pattern)
    )


def _loadable(extension: Path, python: WorkerPython) -> bool:
    tag = _CPYTHON_TAG.search(extension.name)
    if tag is not None and tag[1] != f"{python.version[0]}{python.version[1]}":
        return False
    with extension.open("rb") as file:
        header = file.read(20)
    if not header.startswith(_ELF_MAGIC):
        return sys.platform != "linux"
    machine = int.from_bytes(header[18:20], "little")
    return sys.platform == "linux" and machine == _ELF_MACHINES.get(platform.machine())


def _contents(layer: Path) -> _Contents:
    owned: set[Path] = set()
    names: list[str] = []
    for info in sorted((layer / "python").rglob("*.dist-info")):
        match = _DIST_INFO.fullmatch(info.name)
        if match is not None and info.is_dir():
            names.append(f"{match['name']}=={match['version']}")
            owned.update(_recorded(info))
    lock = layer / _LOCK_NAME
    pins = lock.read_text() if lock.is_file() else "\n".join(names) + "\n"
    if not names and not lock.is_file():
        raise LayerError(
            f"Layer {layer}: found compiled extensions for another platform and neither "
            f"{_LOCK_NAME} nor *.dist-info directories, expected one of them to know the "
            f"packages by. Build the layer with pip or uv"
        )
    files = (path for path in sorted(layer.rglob("*")) if path.is_file())
    return _Contents(pins, tuple(p.relative_to(layer) for p in files if not _is_owned(p, owned)))


def _recorded(info: Path) -> Iterator[Path]:
    """The files a package says it installed."""
    record = info / "RECORD"
    if record.is_file():
        for line in record.read_text().splitlines():
            yield info.parent / line.rsplit(",", 2)[0].strip('"')


def _is_owned(path: Path, owned: set[Path]) -> bool:
    """Whether a package brought the file, its compiled code and metadata included."""
    in_info = any(part.endswith(".dist-info") for part in path.parts)
    return path in owned or in_info or "__pycache__" in path.parts


def _fingerprint(layer: Path, contents: _Contents, python: WorkerPython) -> str:
    digest = hashlib.sha256(contents.pins.encode())
    digest.update(python.fingerprint.encode())
    for extra in contents.extras:
        data = (layer / extra).read_bytes()
        digest.update(f"{extra}\0{len(data)}\0".encode() + data)
    return digest.hexdigest()[:32]


def _copy(layer: Path, twin: Path, extras: tuple[Path, ...]) -> None:
    """What was installed stays: without a RECORD nothing else tells that a package owns a file."""
    for extra in extras:
        target = twin / extra
        if target.exists():
            continue
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(layer / extra, target)
