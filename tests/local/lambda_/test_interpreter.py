"""Finding interpreters on the machine the tests run on."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from cloudworthy.local.lambda_.environment import LOCK, WorkerEnvironments
from cloudworthy.local.lambda_.interpreter import find_interpreter, runtime_version

OURS = f"python{sys.version_info[0]}.{sys.version_info[1]}"


@pytest.mark.parametrize(
    ("runtime", "version"),
    [
        ("python3.13", (3, 13)),
        ("python3.11", (3, 11)),
        ("python3.10", None),
        ("nodejs22.x", None),
        ("python3", None),
    ],
)
def test_runtimes(runtime: str, version: tuple[int, int] | None) -> None:
    assert runtime_version(runtime) == version


async def test_the_version_that_is_named_is_taken() -> None:
    found = await find_interpreter(OURS, os.environ)
    assert found.exact
    assert found.version == sys.version_info[:3]


async def test_otherwise_the_nearest_is_taken() -> None:
    found = await find_interpreter("python3.99", os.environ)
    assert not found.exact
    assert found.version >= (3, 11)


async def test_a_file_of_that_name_that_is_no_python_is_passed_over(tmp_path: Path) -> None:
    shim = tmp_path / "bin" / OURS
    shim.parent.mkdir()
    shim.write_text("#!/bin/sh\necho 'command not found' >&2\nexit 127\n")
    shim.chmod(0o755)
    environment = {"PATH": str(shim.parent), "HOME": str(tmp_path)}
    found = await find_interpreter(OURS, environment)
    assert found.path != shim


async def test_an_interpreter_in_pyenvs_directory_is_found(tmp_path: Path) -> None:
    version = ".".join(map(str, sys.version_info[:3]))
    directory = tmp_path / "versions" / version / "bin"
    directory.mkdir(parents=True)
    (directory / OURS).symlink_to(Path(sys.executable).resolve())
    found = await find_interpreter(OURS, {"PATH": "", "PYENV_ROOT": str(tmp_path)})
    assert found.exact


async def test_an_environment_is_built_once_and_what_stands_in_is_said_once(
    tmp_path: Path,
) -> None:
    """With a lock that installs nothing, so that only the machinery is tested."""
    lock = tmp_path / "lock.txt"
    lock.write_text("")
    said: list[str] = []

    def environments() -> WorkerEnvironments:
        return WorkerEnvironments(
            tmp_path / "cache", shell=os.environ, notice=said.append, lock=lock
        )

    first = environments()
    python = await first.python_for("python3.99")
    assert await first.python_for("python3.99") == python
    assert len(said) == 1
    assert "python3.99 is not installed on this machine" in said[0]
    assert python.executable.exists()
    assert await environments().python_for("python3.99") == python
    assert [p.name for p in (tmp_path / "cache").iterdir() if p.name.startswith("building-")] == []


def test_the_lock_pins_the_runtime_client_with_hashes() -> None:
    text = LOCK.read_text()
    assert "awslambdaric==4.2.2 \\\n    --hash=sha256:" in text
    assert "boto3==" in text
