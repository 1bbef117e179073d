"""Building dependency layers: the same bytes each time, or a clear error."""

from __future__ import annotations

import os
import struct
import subprocess
import sys
from pathlib import Path

import pytest

from cloudworthy.constructs.layer_build import LayerBuildError, LayerSource, build_layer
from wheels import Wheel, write_wheel

SERVICES_LOCK = Path(__file__).parents[2] / "services" / "requirements.txt"
AARCH64 = 183  # e_machine of ELF files for 64-bit Arm
FILES = {
    "greeting/__init__.py": "def greet():\n    return 'hello'\n",
    "greeting/data.txt": "x" * 1000,
    "greeting-1.0.dist-info/entry_points.txt": "[console_scripts]\ngreet = greeting:greet\n",
}


@pytest.fixture
def wheel(tmp_path: Path) -> Wheel:
    return write_wheel(tmp_path / "wheels", "greeting", FILES)


def test_two_builds_in_two_places_are_the_same_asset(tmp_path: Path, wheel: Wheel) -> None:
    """What the CDK would name them after is compared, in a process of its own."""
    built = []
    for place in ("here", "there/below"):
        directory = tmp_path / place
        directory.mkdir(parents=True)
        lock = directory / "requirements.txt"
        lock.write_text(wheel.pin)
        built.append(build_layer(LayerSource(lock, "3.13", "arm64"), directory / "cache"))
    first, second = built
    assert first != second
    assert _content(first) == _content(second)
    assert _asset_hash(first) == _asset_hash(second)


def test_layer_holds_packages_and_lock_and_nothing_else(tmp_path: Path, wheel: Wheel) -> None:
    lock = _lock(tmp_path, wheel.pin)
    layer = build_layer(LayerSource(lock, "3.13", "arm64"), tmp_path / "cache")
    assert set(_content(layer)) == {
        "requirements.txt",
        "python/greeting/__init__.py",
        "python/greeting/data.txt",
        "python/greeting-1.0.dist-info/METADATA",
        "python/greeting-1.0.dist-info/WHEEL",
        "python/greeting-1.0.dist-info/entry_points.txt",
    }
    assert (layer / "requirements.txt").read_text() == wheel.pin


def test_a_layer_is_built_once(tmp_path: Path, wheel: Wheel) -> None:
    source = LayerSource(_lock(tmp_path, wheel.pin), "3.13", "arm64")
    first = build_layer(source, tmp_path / "cache")
    wheel.path.unlink()
    assert build_layer(source, tmp_path / "cache") == first
    assert [path.name for path in (tmp_path / "cache").iterdir()] == [source.fingerprint()]


def test_everything_a_layer_is_made_from_is_in_its_name(tmp_path: Path, wheel: Wheel) -> None:
    lock = _lock(tmp_path, wheel.pin)
    names = {
        LayerSource(lock, version, architecture).fingerprint()
        for version in ("3.13", "3.14")
        for architecture in ("arm64", "x86_64")
    }
    lock.write_text(wheel.pin + "# changed\n")
    names.add(LayerSource(lock, "3.13", "arm64").fingerprint())
    assert len(names) == 5


def test_a_missing_lock_is_named(tmp_path: Path) -> None:
    missing = tmp_path / "requirements.txt"
    with pytest.raises(LayerBuildError, match=f"found no lock at {missing}.*requirements.in"):
        build_layer(LayerSource(missing, "3.13", "arm64"), tmp_path / "cache")


def test_a_wheel_for_another_platform_is_refused(tmp_path: Path) -> None:
    other = write_wheel(tmp_path, "greeting", FILES, platform="cp313-cp313-win_amd64")
    source = LayerSource(_lock(tmp_path, other.pin), "3.13", "arm64")
    with pytest.raises(LayerBuildError, match="aarch64-manylinux2014, expected a wheel"):
        build_layer(source, tmp_path / "cache")
    assert list((tmp_path / "cache").iterdir()) == []


def test_a_wheel_that_was_changed_is_refused(tmp_path: Path, wheel: Wheel) -> None:
    source = LayerSource(_lock(tmp_path, wheel.pin), "3.13", "arm64")
    write_wheel(wheel.path.parent, "greeting", {"greeting/__init__.py": "changed"})
    with pytest.raises(LayerBuildError, match="locked hash"):
        build_layer(source, tmp_path / "cache")


def test_a_lock_without_hashes_is_refused(tmp_path: Path, wheel: Wheel) -> None:
    pin = wheel.pin.partition(" --hash")[0] + "\n"
    source = LayerSource(_lock(tmp_path, pin), "3.13", "arm64")
    with pytest.raises(LayerBuildError, match="hash"):
        build_layer(source, tmp_path / "cache")


@pytest.mark.timeout(300)
def test_the_layer_of_the_services_is_for_the_deployed_processor(tmp_path: Path) -> None:
    """Built twice, without what an earlier build left in this repository."""
    source = LayerSource(SERVICES_LOCK, "3.13", "arm64")
    first = build_layer(source, tmp_path / "first")
    second = build_layer(source, tmp_path / "second")
    assert _content(first) == _content(second)
    machines = {_machine(path) for path in first.rglob("*.so")}
    assert machines == {AARCH64}


def _lock(directory: Path, text: str) -> Path:
    lock = directory / "requirements.txt"
    lock.write_text(text)
    return lock


def _content(directory: Path) -> dict[str, tuple[bytes, int]]:
    """Path to bytes and permissions."""
    return {
        path.relative_to(directory).as_posix(): (path.read_bytes(), path.stat().st_mode)
        for path in directory.rglob("*")
        if path.is_file()
    }


def _asset_hash(directory: Path) -> str:
    script = (
        "import os, sys\n"
        "from cloudworthy.node import jsii_environment\n"
        "os.environ.update(jsii_environment())\n"
        "from aws_cdk import FileSystem\n"
        "print(FileSystem.fingerprint(sys.argv[1]))\n"
    )
    command = [sys.executable, "-c", script, str(directory)]
    done = subprocess.run(command, capture_output=True, text=True, check=True, env=os.environ)
    return done.stdout.strip()


def _machine(path: Path) -> int:
    header = path.read_bytes()[:20]
    assert header.startswith(b"\x7fELF")
    (machine,) = struct.unpack_from("<H", header, 18)
    return int(machine)
