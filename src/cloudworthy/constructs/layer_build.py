"""Building a dependency layer from pinned wheels: no container, and the same bytes each time.

uv installs the wheels of the deployed runtime and processor, whatever this machine runs. The
result lies in a directory named after everything it was made from, and appears there whole or
not at all.
"""

import hashlib
import os
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from uv import find_uv_bin

# Raised when the same inputs would give another directory.
_RECIPE: Final = "1"
_PLATFORMS: Final = {"arm64": "aarch64-manylinux2014", "x86_64": "x86_64-manylinux2014"}
_NOT_DEPLOYED: Final = ("bin", "__pycache__", ".lock")


class LayerBuildError(RuntimeError):
    """The layer could not be built from its lock."""


@dataclass(frozen=True)
class LayerSource:
    """What a layer is made from."""

    lock: Path
    python_version: str
    architecture: str

    def fingerprint(self) -> str:
        """A name for everything that decides what the layer holds.

        Raises
        ------
        LayerBuildError
            There is no lock.
        """
        digest = hashlib.sha256()
        for part in (_RECIPE, self.python_version, self.architecture):
            digest.update(f"{part}\n".encode())
        digest.update(self._read_lock())
        return digest.hexdigest()[:32]

    def _read_lock(self) -> bytes:
        try:
            return self.lock.read_bytes()
        except FileNotFoundError:
            raise LayerBuildError(
                f"layer: found no lock at {self.lock}, expected pinned and hashed requirements. "
                f"Compile {self.lock.with_suffix('.in').name} with uv pip compile "
                "--generate-hashes."
            ) from None


def build_layer(source: LayerSource, cache: Path) -> Path:
    """Build a layer, or find the one that was built from the same lock before.

    Returns
    -------
    Path
        A directory with `python/`, as Lambda wants it, and the lock beside it.

    Raises
    ------
    LayerBuildError
        No lock, a wrong hash, or no wheel for the platform.
    """
    target = cache / source.fingerprint()
    if target.is_dir():
        return target
    cache.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=cache, prefix="building-") as scratch:
        staging = Path(scratch) / "layer"
        _install(source, staging / "python")
        _strip(staging / "python")
        shutil.copyfile(source.lock, staging / "requirements.txt")
        _move_into_place(staging, target)
    return target


def _install(source: LayerSource, target: Path) -> None:
    platform = _PLATFORMS[source.architecture]
    command = [
        *(find_uv_bin(), "pip", "install", "--quiet", "--no-deps", "--require-hashes"),
        *("--only-binary", ":all:", "--no-compile-bytecode", "--link-mode", "copy"),
        *("--python-platform", platform, "--python-version", source.python_version),
        *("--target", str(target), "--requirements", str(source.lock)),
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise LayerBuildError(
            f"layer ({source.lock}): found no way to install it for Python "
            f"{source.python_version} on {platform}, expected a wheel with the locked hash for "
            f"each pin. uv said:\n{done.stderr.strip()}"
        )


def _strip(packages: Path) -> None:
    """Take out what does not run in Lambda and what differs from build to build.

    Scripts name this machine's interpreter, and RECORD lists the scripts and their hashes.
    """
    for path in sorted(packages.rglob("*"), reverse=True):
        if path.is_dir() and path.name == "__pycache__":
            shutil.rmtree(path)
    for name in _NOT_DEPLOYED:
        path = packages / name
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)
    for info in packages.glob("*.dist-info"):
        for name in ("RECORD", "INSTALLER", "REQUESTED", "direct_url.json", "uv_cache.json"):
            (info / name).unlink(missing_ok=True)


def _move_into_place(staging: Path, target: Path) -> None:
    """Rename, unless another process has built the same layer in the meantime."""
    try:
        os.rename(staging, target)  # noqa: PTH104 - the atomic rename is the point
    except OSError:
        if not target.is_dir():
            raise
