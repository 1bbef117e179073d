"""Who may import whom; the picture is in the README and in STYLE's words: arrows point down."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
SOURCES = {"cloudworthy": ROOT / "src", "": ROOT / "services"}

# A room may import itself, and these.
ROOMS = {
    "cloudworthy.local.model": set[str](),
    "cloudworthy.local.wire": {"cloudworthy.local.model"},
    "cloudworthy.local.process": {"cloudworthy.local.model"},
    "cloudworthy.local.template": {"cloudworthy.local.model"},
    "cloudworthy.local.iam": {"cloudworthy.local.model"},
    "cloudworthy.local.observe": {"cloudworthy.local.model"},
    "cloudworthy.local.synth": {
        "cloudworthy.local.model",
        "cloudworthy.local.process",
        "cloudworthy.local.template",
        "cloudworthy.node",
    },
    "cloudworthy.local.engines": {
        "cloudworthy.local.model",
        "cloudworthy.local.process",
        "cloudworthy.local.wire",
        "cloudworthy.node",
    },
    "cloudworthy.local.endpoint": {
        "cloudworthy.local.iam",
        "cloudworthy.local.model",
        "cloudworthy.local.wire",
    },
    "cloudworthy.local.provision": {"cloudworthy.local.model", "cloudworthy.local.template"},
    "cloudworthy.local.apigateway": {"cloudworthy.local.model"},
    "cloudworthy.local.cloudfront": {"cloudworthy.local.model"},
    "cloudworthy.local.lambda_": {
        "cloudworthy.local.model",
        "cloudworthy.local.process",
        "cloudworthy.local.wire",
    },
    "cloudworthy.local": {"cloudworthy.local"},
    "cloudworthy.proof": {"cloudworthy.local.model", "cloudworthy.local.template"},
    "cloudworthy.cli": {
        "cloudworthy",
        "cloudworthy.local",
        "cloudworthy.node",
        "cloudworthy.proof",
    },
    "cloudworthy.constructs": {"cloudworthy.node"},
    "cloudworthy.blueprints": {"cloudworthy.constructs", "cloudworthy.node"},
    "cloudworthy.node": set[str](),
    "cloudworthy": set[str](),
}
VAGUE = {"utils", "util", "helpers", "helper", "common", "misc", "shared"}


def modules() -> dict[str, Path]:
    found = {}
    for package, source in SOURCES.items():
        for path in sorted((source / package).rglob("*.py")):
            parts = path.relative_to(source).with_suffix("").parts
            found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


MODULES = modules()


def imports_of(module: str) -> Iterator[str]:
    """Modules of ours that a module imports anywhere in its text."""
    for node in ast.walk(ast.parse(MODULES[module].read_text())):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{module}: imports are absolute here"
            origin = node.module or ""
            names = [f"{origin}.{alias.name}" for alias in node.names]
            names = [name if name in MODULES else origin for name in names]
        else:
            continue
        yield from (name for name in names if name in MODULES)


def room_of(module: str) -> str | None:
    within = [room for room in ROOMS if module == room or module.startswith(f"{room}.")]
    return max(within, key=len, default=None)


@pytest.mark.parametrize("module", [m for m in MODULES if room_of(m)])
def test_a_module_imports_only_what_its_room_may(module: str) -> None:
    room = room_of(module)
    assert room is not None
    for imported in imports_of(module):
        target = room_of(imported)
        allowed = {room} | ROOMS[room]
        assert target in allowed or (
            room in ("cloudworthy.local", "cloudworthy.cli")
            and imported.startswith("cloudworthy.local.")
        ), f"{module} imports {imported}"


def test_the_toolkit_has_no_module_outside_of_a_room() -> None:
    assert [m for m in MODULES if m.startswith("cloudworthy") and not room_of(m)] == []


def test_there_is_no_cycle() -> None:
    graph = {module: set(imports_of(module)) - {module} for module in MODULES}
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        pytest.fail(f"import cycle: {' -> '.join(error.args[1])}")


@pytest.mark.parametrize("module", [m for m in MODULES if not m.startswith("cloudworthy")])
def test_deployed_code_knows_nothing_of_the_toolkit(module: str) -> None:
    text = MODULES[module].read_text()
    assert "cloudworthy.local" not in text
    assert "import cloudworthy" not in text


def test_deployed_code_goes_from_handlers_to_logic_to_data() -> None:
    order = ["handlers", "systems", "operations", "logic", "data"]
    for module in MODULES:
        parts = module.split(".")
        if len(parts) < 2 or parts[0] not in ("items", "objects") or parts[1] not in order:
            continue
        above = set(order[: order.index(parts[1])])
        for imported in imports_of(module):
            assert imported.split(".")[1:2] not in [[a] for a in above], f"{module}: {imported}"


def test_only_constructs_and_blueprints_know_the_cdk() -> None:
    for module, path in MODULES.items():
        if not module.startswith(("cloudworthy.constructs", "cloudworthy.blueprints")):
            assert "import aws_cdk" not in path.read_text(), module
            assert "from aws_cdk" not in path.read_text(), module


def test_no_file_has_a_name_that_says_nothing() -> None:
    assert [m for m in MODULES if m.rpartition(".")[2] in VAGUE] == []


def test_files_stay_short() -> None:
    long = {m: n for m, p in MODULES.items() if (n := len(p.read_text().splitlines())) > 350}
    assert long == {}
