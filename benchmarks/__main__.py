"""Measure, print, write the report: ``python -m benchmarks``."""

from __future__ import annotations

import signal
import sys
from collections.abc import Callable, Sequence
from datetime import UTC, datetime

import click
from rich.console import Console

from benchmarks import machine, report
from benchmarks.endurance.command import load
from benchmarks.load import Bounds
from benchmarks.measurements import bare_loop, cold_start, enforcement, pages, requests, start
from benchmarks.project import Project
from benchmarks.results import (
    ColdStart,
    EnforcementRow,
    PageRow,
    Results,
    StartResult,
    TargetResult,
)
from benchmarks.shell import TABLE_WIDTH, command_line, repository
from benchmarks.tables import tables
from benchmarks.targets.cloudworthy import Cloudworthy
from benchmarks.targets.ministack import MiniStack
from benchmarks.targets.null import NullServer
from benchmarks.targets.serverless_offline import ServerlessOffline
from benchmarks.targets.target import Target
from benchmarks.workspace import Workspace

PARTS = ("requests", "start", "cold-start", "pages", "enforcement")
TARGETS = (
    NullServer.name,
    bare_loop.NAME,
    Cloudworthy.name,
    ServerlessOffline.name,
    MiniStack.name,
)
_SIZES = (1_000, 100_000, 1_000_000)
_COLD_STARTS = 15
_STARTS = 5


class Run:
    """One run with its choices."""

    def __init__(self, workspace: Workspace, bounds: Bounds, say: Callable[[str], None]) -> None:
        self._workspace = workspace
        self._bounds = bounds
        self._say = say

    def measure(
        self, parts: Sequence[str], targets: Sequence[str], sizes: Sequence[int]
    ) -> Results:
        return Results(
            targets=[self._target(name) for name in targets] if "requests" in parts else (),
            start=self._start() if "start" in parts else None,
            cold_starts=self._cold_starts() if "cold-start" in parts else (),
            pages=self._pages(sizes) if "pages" in parts else (),
            enforcement=self._enforcement() if "enforcement" in parts else (),
        )

    def _target(self, name: str) -> TargetResult:
        self._say(f"{name}: starting")
        if name == bare_loop.NAME:
            return bare_loop.measure(self._workspace, self._bounds)
        return requests.measure(self._served(name), self._bounds, self._say)

    def _served(self, name: str) -> Target:
        if name == NullServer.name:
            return NullServer(self._workspace)
        if name == ServerlessOffline.name:
            return ServerlessOffline(self._workspace)
        if name == MiniStack.name:
            return MiniStack(self._workspace)
        return self._unthrottled("requests")

    def _start(self) -> StartResult:
        self._say("cloudworthy: first start, second starts, reloads")
        return start.measure(self._workspace, _STARTS)

    def _cold_starts(self) -> list[ColdStart]:
        self._say("handler cold starts")
        return cold_start.measure(self._workspace, _COLD_STARTS)

    def _pages(self, sizes: Sequence[int]) -> list[PageRow]:
        target = self._unthrottled("pages")
        return pages.measure(self._workspace, target, sizes, self._bounds, self._say)

    def _enforcement(self) -> list[EnforcementRow]:
        self._say("cloudworthy: --iam enforce and --iam off")
        enforced, off = (self._unthrottled(mode, "--iam", mode) for mode in ("enforce", "off"))
        return enforcement.measure(enforced, off, self._bounds, self._say)

    def _unthrottled(self, name: str, *options: str) -> Cloudworthy:
        project = Project.copy(self._workspace, name)
        stack = project.assembly("web-app", throttled=False)
        return Cloudworthy(self._workspace, project, [*stack, *options])


@click.group(invoke_without_command=True)
@click.option("--part", "parts", multiple=True, type=click.Choice(PARTS), help="Only this.")
@click.option("--target", "targets", multiple=True, type=click.Choice(TARGETS), help="Only this.")
@click.option("--warm-up", default=2.0, show_default=True, help="Seconds before each measurement.")
@click.option("--seconds", default=5.0, show_default=True, help="Seconds of each measurement.")
@click.option("--skip-million", is_flag=True, help="Leave out the table of a million items.")
@click.pass_context
def main(
    context: click.Context,
    parts: Sequence[str],
    targets: Sequence[str],
    warm_up: float,
    seconds: float,
    skip_million: bool,  # noqa: FBT001 - how click hands over a flag
) -> None:
    """Measure the local runtime beside its peers.

    A whole run writes docs/benchmarks.md; with --part or --target it only prints.
    """
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    if context.invoked_subcommand is not None:
        return
    console = Console(stderr=True)
    workspace = Workspace(repository())
    run = Run(workspace, Bounds(warm_up, seconds), console.log)
    console.log("installing the peers, unless that was done before")
    workspace.install()
    sizes = _SIZES[:-1] if skip_million else _SIZES
    facts = machine.facts(workspace)
    try:
        made = tables(run.measure(parts or PARTS, targets or TARGETS, sizes))
    finally:
        workspace.clear()
    output = Console(width=None if sys.stdout.isatty() else TABLE_WIDTH)
    for table in made:
        output.print(table.to_rich())
    if not parts and not targets:
        document = workspace.repository / "docs" / "benchmarks.md"
        text = report.generated(made, facts, datetime.now(UTC).date(), command_line())
        report.write(document, report.BENCHMARKS, text)
        console.log("written: docs/benchmarks.md")


main.add_command(load)

if __name__ == "__main__":
    main()
