"""The Node that comes with the toolkit."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from cloudworthy.node import NodeMissingError, jsii_environment, node_binary, npm_command


def test_node_and_npm_run() -> None:
    version = _output(str(node_binary()), "--version")
    assert version.startswith("v2")
    assert _output(*npm_command(), "--version")


def test_jsii_is_pointed_at_that_node() -> None:
    environment = jsii_environment()
    assert environment["JSII_NODE"] == str(node_binary())
    assert environment["JSII_SILENCE_WARNING_UNTESTED_NODE_VERSION"]


def test_a_node_of_ones_own_is_used(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    own = tmp_path / "node"
    own.touch()
    monkeypatch.setenv("JSII_NODE", str(own))
    assert node_binary() == own


def test_a_node_that_is_not_there_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("JSII_NODE", str(tmp_path / "nowhere"))
    with pytest.raises(NodeMissingError, match=r"found nothing at .*nowhere"):
        node_binary()


def _output(*command: str) -> str:
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
