"""Every limit on the page of limits has a test, and every case of a limit is on the page."""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path

import pytest

from local.endpoint import limits_of_messages, limits_of_storage
from running_system import ROOT

PAGE = (ROOT / "docs" / "fidelity" / "limits.md").read_text("utf-8")
TESTS = sorted(set(re.findall(r"`([\w/]+\.py)::(\w+)`", PAGE)))
CELL = re.compile(r"(?<!\\)\|")


@cache
def named_in(path: str) -> set[str]:
    tree = ast.parse((ROOT / "tests" / path).read_text("utf-8"))
    functions = (ast.FunctionDef, ast.AsyncFunctionDef)
    return {it.name for it in tree.body if isinstance(it, functions)}


@pytest.mark.parametrize(("path", "name"), TESTS)
def test_a_test_that_the_page_names_is_there(path: str, name: str) -> None:
    assert name in named_in(path)


def test_cases_of_the_page_are_those_of_the_tests() -> None:
    cases = {case for line in PAGE.splitlines() for case in _cases(line)}
    beyond = limits_of_messages.BEYOND | limits_of_storage.BEYOND
    assert cases == beyond.keys()


def test_every_command_of_the_page_runs_tests_that_are_there() -> None:
    (command,) = re.findall(r"pytest (.+)", PAGE)
    assert all((ROOT / Path(path)).is_file() for path in command.split())


def _cases(line: str) -> list[str]:
    """The names in the last column of the tables that have cases."""
    cells = [cell.strip() for cell in CELL.split(line)]
    if len(cells) != 5 or "::" in cells[3]:
        return []
    return re.findall(r"`([\w-]+)`", cells[3])
