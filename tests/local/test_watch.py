"""Watching real files in a real directory."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from cloudworthy.local.watch import Changes, Watch, sort_changes

_SETTLED_S = 0.3


@pytest.fixture
def app(tmp_path: Path) -> Path:
    root = tmp_path / "app"
    for directory in ("services", "stacks", ".venv/lib", "build"):
        (root / directory).mkdir(parents=True)
    return root


async def first_changes(root: Path, code: list[Path], *files: Path) -> Changes:
    watch = Watch(root, code)
    watch.start()
    await asyncio.sleep(_SETTLED_S)
    for file in files:
        file.write_text("changed")
    try:
        return await asyncio.wait_for(watch.next(), 10)
    finally:
        await watch.stop()


async def test_a_file_of_a_function_is_code(app: Path) -> None:
    file = app / "services" / "handler.py"
    changes = await first_changes(app, [app / "services"], file)
    assert changes == Changes(frozenset({file}), frozenset())


async def test_code_outside_of_the_app_is_watched(app: Path, tmp_path: Path) -> None:
    code = tmp_path / ".elsewhere"
    code.mkdir()
    changes = await first_changes(app, [code], code / "handler.py")
    assert changes.code == {code / "handler.py"}


async def test_a_file_at_the_root_or_below_is_of_the_app(app: Path) -> None:
    assert (await first_changes(app, [], app / "cdk.json")).app == {app / "cdk.json"}
    assert (await first_changes(app, [], app / "stacks" / "a.py")).app == {app / "stacks" / "a.py"}


async def test_what_is_generated_or_installed_is_not_seen(app: Path) -> None:
    seen = app / "app.py"
    quiet = [app / ".venv" / "lib" / "x.py", app / "build" / "y.py"]
    assert await first_changes(app, [], *quiet, seen) == Changes(frozenset(), frozenset({seen}))


def test_dependencies_of_a_function_belong_to_the_app() -> None:
    root, services = Path("/app"), Path("/app/services")
    paths = [services / "requirements.txt", services / "a.py", services / "__pycache__" / "a.pyc"]
    changes = sort_changes(paths, root=root, code_directories=[services])
    assert changes.app == {services / "requirements.txt"}
    assert changes.code == {services / "a.py"}
