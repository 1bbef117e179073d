"""Watching real files in a real directory."""

from __future__ import annotations

import asyncio
import contextlib
import shutil
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from cloudworthy.local.watch import Changes, Watch, sort_changes

_AGAIN_S = 0.2
_LONGEST_S = 10


@pytest.fixture
def app(tmp_path: Path) -> Path:
    root = tmp_path / "app"
    for directory in ("services", "stacks", ".venv/lib", "build", "web/dist"):
        (root / directory).mkdir(parents=True)
    return root


@asynccontextmanager
async def watching(
    root: Path, code: Sequence[Path] = (), assets: Sequence[Path] = ()
) -> AsyncIterator[Watch]:
    watch = Watch(root, code, assets=assets)
    watch.start()
    try:
        yield watch
    finally:
        await watch.stop()


async def changes_of(watch: Watch, *files: Path) -> Changes:
    """Write the files, again and again as nothing says when a watch has begun, and all that is
    told until the last of them is."""
    code: set[Path] = set()
    app: set[Path] = set()
    async with asyncio.timeout(_LONGEST_S):
        while files[-1] not in code | app:
            for file in files:
                file.write_text("changed")
            with contextlib.suppress(TimeoutError):
                changes = await asyncio.wait_for(watch.next(), _AGAIN_S)
                code |= changes.code
                app |= changes.app
    return Changes(frozenset(code), frozenset(app))


async def test_a_file_of_a_function_is_code(app: Path) -> None:
    file = app / "services" / "handler.py"
    async with watching(app, [app / "services"]) as watch:
        assert await changes_of(watch, file) == Changes(frozenset({file}), frozenset())


async def test_code_outside_of_the_app_is_watched(app: Path, tmp_path: Path) -> None:
    code = tmp_path / ".elsewhere"
    code.mkdir()
    async with watching(app, [code]) as watch:
        assert (await changes_of(watch, code / "handler.py")).code == {code / "handler.py"}


async def test_a_file_at_the_root_or_below_is_of_the_app(app: Path) -> None:
    async with watching(app) as watch:
        for file in (app / "cdk.json", app / "stacks" / "a.py"):
            assert file in (await changes_of(watch, file)).app


async def test_what_is_generated_or_installed_is_not_seen(app: Path) -> None:
    seen = app / "app.py"
    quiet = [app / ".venv" / "lib" / "x.py", app / "build" / "y.py", app / "web" / "dist" / "z.js"]
    async with watching(app) as watch:
        assert await changes_of(watch, *quiet, seen) == Changes(frozenset(), frozenset({seen}))


@pytest.mark.parametrize("asset", ["web/dist", "build", "../elsewhere/dist"])
async def test_what_is_generated_and_deployed_is_of_the_app(app: Path, asset: str) -> None:
    directory = (app / asset).resolve()
    directory.mkdir(parents=True, exist_ok=True)
    file = directory / "index.html"
    async with watching(app, assets=[directory]) as watch:
        assert await changes_of(watch, file) == Changes(frozenset(), frozenset({file}))


async def test_a_directory_that_is_made_again_is_watched_again(app: Path) -> None:
    services = app / "services"
    async with watching(app, [services / "one"]) as watch:
        (services / "one").mkdir()
        await changes_of(watch, services / "one" / "a.py")
        shutil.rmtree(services)
        (services / "one").mkdir(parents=True)
        async with asyncio.timeout(_LONGEST_S):
            while services / "one" not in (await watch.next()).code:
                pass  # The code may be another by now.
        file = services / "one" / "b.py"
        assert (await changes_of(watch, file)).code >= {file}


async def test_a_deployed_directory_is_watched_when_it_is_made(app: Path) -> None:
    directory = app / "build" / "site"
    async with watching(app, assets=[directory]) as watch:
        await changes_of(watch, app / "app.py")
        for _ in range(2):
            directory.mkdir()
            await changes_of(watch, directory / "index.html")
            shutil.rmtree(directory)


def test_dependencies_of_a_function_belong_to_the_app() -> None:
    root, services = Path("/app"), Path("/app/services")
    paths = [services / "requirements.txt", services / "a.py", services / "__pycache__" / "a.pyc"]
    changes = sort_changes(paths, root=root, code_directories=[services])
    assert changes.app == {services / "requirements.txt"}
    assert changes.code == {services / "a.py"}
