"""Fetching the DynamoDB engine: what is pinned, nothing else, once."""

from __future__ import annotations

import base64
import hashlib
import json
import subprocess
import time
from importlib.resources import files
from pathlib import Path

import pytest

from cloudworthy.local.engines.dynoxide import DynoxideMissingError, find_binary
from cloudworthy.local.engines.install import InstallError, Pin, install, main, pin_for, verify
from cloudworthy.local.engines.platforms import (
    UnsupportedPlatformError,
    binary_name,
    platform_key,
)


@pytest.mark.parametrize(
    ("system", "machine", "key"),
    [
        ("linux", "x86_64", "linux-x64"),
        ("linux", "aarch64", "linux-arm64"),
        ("darwin", "arm64", "darwin-arm64"),
        ("darwin", "x86_64", "darwin-x64"),
        ("win32", "AMD64", "win32-x64"),
    ],
)
def test_platforms(system: str, machine: str, key: str) -> None:
    assert platform_key(system, machine) == key
    assert binary_name(key) == ("dynoxide.exe" if system == "win32" else "dynoxide")


def test_a_platform_without_a_package_is_named() -> None:
    with pytest.raises(UnsupportedPlatformError, match="found the platform sunos-sparc, expected"):
        platform_key("sunos", "sparc")


def test_a_missing_binary_says_make_setup(tmp_path: Path) -> None:
    with pytest.raises(DynoxideMissingError, match="Run make setup") as caught:
        find_binary(tmp_path)
    assert str(tmp_path) in str(caught.value)


def test_a_platform_without_a_hash_is_an_error_that_names_it(tmp_path: Path) -> None:
    with pytest.raises(InstallError, match="found no integrity for @dynoxide/win32-x64@"):
        install(tmp_path, key="win32-x64")
    assert list(tmp_path.iterdir()) == []


def test_another_archive_than_the_pinned_one_is_refused(tmp_path: Path) -> None:
    archive = tmp_path / "a.tgz"
    archive.write_bytes(b"content")
    digest = base64.b64encode(hashlib.sha512(b"content").digest()).decode()
    verify(archive, Pin("p", "1", f"sha512-{digest}"))
    with pytest.raises(InstallError, match=r"found an archive with sha512-.*Do not use it"):
        verify(archive, Pin("p", "1", "sha512-other"))


def test_the_command_fetches_once_and_the_binary_runs(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["--tools", str(tmp_path)]) == 0
    assert "fetched" in capsys.readouterr().err
    binary = find_binary(tmp_path)
    version = pin_for(platform_key()).version
    shown = subprocess.run([binary, "--version"], capture_output=True, text=True, check=True)
    assert version in shown.stdout
    started_s = time.monotonic()
    assert main(["--tools", str(tmp_path)]) == 0
    assert time.monotonic() - started_s < 0.2
    assert "already there" in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["node_modules"]


def test_no_registry_is_named_in_the_pins() -> None:
    pins = files("cloudworthy.local.engines").joinpath("dynoxide_pins.json").read_text("utf-8")
    assert "://" not in pins
    assert all(value.startswith("sha512-") for value in json.loads(pins)["integrity"].values())
