"""Fetch the dynoxide binary for this machine: ``python -m cloudworthy.local.engines.install``.

One package for one platform, at a pinned version with a pinned hash. ``npm ci`` would not
do: it refuses a lock in which the packages of other platforms cannot be fetched.
"""

from __future__ import annotations

import argparse
import base64
import hashlib
import json
import shutil
import subprocess
import sys
import tarfile
import tempfile
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

from cloudworthy.local.engines.platforms import binary_name, default_tools, platform_key
from cloudworthy.local.model.errors import CloudworthyError
from cloudworthy.node import NodeMissingError, npm_command

_PINS = "dynoxide_pins.json"
_NPM_TIMEOUT_S = 300


class InstallError(CloudworthyError):
    """The binary could not be fetched, or is not the one that is pinned."""


@dataclass(frozen=True, slots=True)
class Pin:
    """One package at one version, with the hash its archive must have."""

    package: str
    version: str
    integrity: str


def pin_for(key: str) -> Pin:
    """The pinned package of a platform.

    Raises
    ------
    InstallError
        No hash is known for that platform.
    """
    pins = json.loads(files(__package__).joinpath(_PINS).read_text(encoding="utf-8"))
    integrity = pins["integrity"].get(key)
    package = f"{pins['package']}/{key}"
    if integrity is None:
        raise InstallError(
            f"{_PINS} ({key}): found no integrity for {package}@{pins['version']}, expected a "
            "sha512 hash. Add the one that the package's publisher states."
        )
    return Pin(package, pins["version"], integrity)


def install(tools: Path, *, key: str | None = None) -> bool:
    """Put the binary below ``tools/node_modules``; False when it was there already.

    Raises
    ------
    InstallError, UnsupportedPlatformError
    """
    key = key or platform_key()
    pin = pin_for(key)
    directory = tools / "node_modules" / pin.package
    receipt = directory / "integrity"
    if receipt.is_file() and receipt.read_text(encoding="utf-8") == pin.integrity:
        return False
    tools.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".dynoxide-", dir=tools) as scratch:
        archive = _fetch(pin, Path(scratch))
        verify(archive, pin)
        unpacked = Path(scratch) / "unpacked"
        _unpack(archive, unpacked, binary_name(key))
        (unpacked / "integrity").write_text(pin.integrity, encoding="utf-8")
        _put_in_place(unpacked, directory)
    return True


def verify(archive: Path, pin: Pin) -> None:
    """Compare an archive with its pin.

    Raises
    ------
    InstallError
        It is another archive.
    """
    digest = hashlib.sha512(archive.read_bytes()).digest()
    found = "sha512-" + base64.b64encode(digest).decode("ascii")
    if found != pin.integrity:
        raise InstallError(
            f"{pin.package}@{pin.version}: found an archive with {found}, expected "
            f"{pin.integrity}. Do not use it; find out where npm got it from."
        )


def _fetch(pin: Pin, scratch: Path) -> Path:
    """Download the archive with npm, so that the user's registry and proxy settings hold."""
    command = [*_npm(), "pack", "--silent", f"{pin.package}@{pin.version}"]
    try:
        done = subprocess.run(
            command,
            cwd=scratch,
            capture_output=True,
            text=True,
            timeout=_NPM_TIMEOUT_S,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise InstallError(
            f"{pin.package}@{pin.version}: found no answer from npm within {_NPM_TIMEOUT_S} s, "
            "expected the package. Check the network and run make setup again."
        ) from error
    archives = list(scratch.glob("*.tgz"))
    if done.returncode != 0 or len(archives) != 1:
        reason = " ".join(done.stderr.split()) or f"status {done.returncode}"
        raise InstallError(
            f"{pin.package}@{pin.version}: found that npm could not fetch it ({reason}), expected "
            "the package. Check the network and npm's registry setting, and run make setup again."
        )
    return archives[0]


def _npm() -> tuple[str, ...]:
    try:
        return npm_command()
    except NodeMissingError as error:
        raise InstallError(str(error)) from error


def _unpack(archive: Path, target: Path, binary: str) -> None:
    target.mkdir()
    with tarfile.open(archive) as tar:
        for name in (binary, "package.json"):
            member = tar.extractfile(f"package/{name}")
            if member is None:
                raise InstallError(
                    f"{archive.name}: found no {name} in it, expected one. "
                    "Check the pinned version."
                )
            with (target / name).open("wb") as file:
                shutil.copyfileobj(member, file)
    (target / binary).chmod(0o755)


def _put_in_place(unpacked: Path, directory: Path) -> None:
    directory.parent.mkdir(parents=True, exist_ok=True)
    if directory.exists():
        shutil.rmtree(directory)
    unpacked.rename(directory)


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description="Fetch the DynamoDB engine for this machine.")
    parser.add_argument("--tools", type=Path, default=default_tools(), help="where to put it")
    tools: Path = parser.parse_args(arguments).tools
    try:
        fetched = install(tools.resolve())
    except CloudworthyError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    state = "fetched" if fetched else "already there"
    sys.stderr.write(f"dynoxide {pin_for(platform_key()).version}: {state}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
