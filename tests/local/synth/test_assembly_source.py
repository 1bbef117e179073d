"""An assembly whose assets are kept for as long as they run."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from cloudworthy.cli.progress import StderrProgress
from cloudworthy.local.model.resources import Stack
from cloudworthy.local.synth.source import AssemblySource
from small_app import write_assembly


def test_runs_that_keep_the_same_asset_at_once_all_get_it(tmp_path: Path) -> None:
    code = tmp_path / "cdk.out" / "asset.one"
    code.mkdir(parents=True)
    for number in range(200):
        (code / f"module_{number}.py").write_text("x = 1\n")
    write_assembly(tmp_path / "cdk.out", {"One": code})

    def load(_: Any) -> Stack:
        source = AssemblySource(tmp_path / "cdk.out", None, {}, kept=tmp_path / "kept")
        return asyncio.run(source.load(StderrProgress()))

    with ThreadPoolExecutor(8) as runs:
        stacks = list(runs.map(load, range(8)))
    paths = {asset.path for stack in stacks for asset in stack.assets.values()}
    (kept,) = paths
    assert len(list(kept.iterdir())) == 200
    assert list((tmp_path / "kept").iterdir()) == [kept]
