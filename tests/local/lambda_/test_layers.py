"""Layers built for another platform, and their local twins."""

from __future__ import annotations

import os
import platform
from pathlib import Path

import pytest

from cloudworthy.local.lambda_.environment import WorkerPython
from cloudworthy.local.lambda_.layers import LayerError, LocalLayers
from local.lambda_.running import CACHE, RUNTIME, environments, running

# One small package with a compiled extension, which Lambda's own image has, too.
PIN = "simplejson==4.3.0"
OTHER_MACHINE = {"x86_64": 183}.get(platform.machine(), 62)


def elf(machine: int) -> bytes:
    return b"\x7fELF\x02\x01\x01".ljust(18, b"\0") + machine.to_bytes(2, "little")


@pytest.fixture
async def python() -> WorkerPython:
    return await environments().python_for(RUNTIME)


@pytest.fixture
def layers() -> LocalLayers:
    return LocalLayers(CACHE / "layers", shell=os.environ)


@pytest.fixture
def foreign(tmp_path: Path) -> Path:
    """A layer with an extension for another machine, module files and a file of its own."""
    packages = tmp_path / "layer" / "python"
    info = packages / f"{PIN.replace('==', '-')}.dist-info"
    info.mkdir(parents=True)
    package = packages / "simplejson"
    package.mkdir()
    (package / "__init__.py").write_text("raise ImportError('of another platform')")
    (package / "_speedups.abi3.so").write_bytes(elf(OTHER_MACHINE))
    (info / "RECORD").write_text(
        "simplejson/__init__.py,sha256=x,1\nsimplejson/_speedups.abi3.so,sha256=y,2\n"
    )
    (packages / "own.py").write_text("VALUE = 'own'")
    (tmp_path / "layer" / "data.txt").write_text("data")
    return tmp_path / "layer"


async def test_a_layer_of_pure_python_is_used_as_it_is(
    tmp_path: Path, layers: LocalLayers, python: WorkerPython
) -> None:
    (tmp_path / "python").mkdir()
    (tmp_path / "python" / "module.py").write_text("VALUE = 1")
    assert await layers.local(tmp_path, python) == tmp_path


async def test_an_extension_for_this_machine_is_used_as_it_is(
    tmp_path: Path, layers: LocalLayers, python: WorkerPython
) -> None:
    (tmp_path / "python").mkdir()
    here = 62 if OTHER_MACHINE == 183 else 183
    (tmp_path / "python" / "module.abi3.so").write_bytes(elf(here))
    assert await layers.local(tmp_path, python) == tmp_path


async def test_a_foreign_layer_has_a_twin_with_the_same_pins_and_files(
    foreign: Path, layers: LocalLayers, python: WorkerPython
) -> None:
    twin = await layers.local(foreign, python)
    assert twin != foreign
    assert (twin / "python" / "own.py").read_text() == "VALUE = 'own'"
    assert (twin / "data.txt").read_text() == "data"
    assert "of another platform" not in (twin / "python" / "simplejson" / "__init__.py").read_text()
    assert await layers.local(foreign, python) == twin
    (foreign / "data.txt").write_text("changed")
    layers = LocalLayers(CACHE / "layers", shell=os.environ)
    assert await layers.local(foreign, python) != twin


async def test_a_layer_without_records_of_its_files_has_a_twin_all_the_same(
    foreign: Path, layers: LocalLayers, python: WorkerPython
) -> None:
    """Its files cannot be told from those of its packages, and must not take their places."""
    (record,) = foreign.rglob("RECORD")
    record.unlink()
    twin = await layers.local(foreign, python)
    assert "of another platform" not in (twin / "python" / "simplejson" / "__init__.py").read_text()
    assert (twin / "python" / "own.py").read_text() == "VALUE = 'own'"


async def test_a_function_imports_from_the_twin_and_later_layers_win(
    foreign: Path, tmp_path: Path
) -> None:
    later = tmp_path / "later" / "python"
    later.mkdir(parents=True)
    (later / "own.py").write_text("VALUE = 'later'")
    source = """
        import own, simplejson
        def handler(event, context): return [own.VALUE, simplejson.__version__, simplejson.__file__]
    """
    async with running(source, layers=(foreign, tmp_path / "later")) as served:
        value, version, file = await served.answer()
    assert (value, f"simplejson=={version}") == ("later", PIN)
    assert str(CACHE / "layers") in file


async def test_the_layers_own_lock_is_installed_with_its_hashes(
    foreign: Path, layers: LocalLayers, python: WorkerPython
) -> None:
    (foreign / "requirements.txt").write_text(f"{PIN} --hash=sha256:{'0' * 64}\n")
    with pytest.raises(LayerError, match="Hash mismatch") as raised:
        await layers.local(foreign, python)
    assert str(raised.value).startswith(f"Layer {foreign}: found packages built for another")


async def test_an_extension_nobody_knows_the_package_of_is_an_error(
    tmp_path: Path, layers: LocalLayers, python: WorkerPython
) -> None:
    (tmp_path / "python").mkdir()
    (tmp_path / "python" / "module.cpython-27-other.so").write_bytes(elf(OTHER_MACHINE))
    with pytest.raises(LayerError, match=r"requirements\.txt"):
        await layers.local(tmp_path, python)
