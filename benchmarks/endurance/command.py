"""``python -m benchmarks load``."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime

import click
from rich.console import Console

from benchmarks import machine, report
from benchmarks.endurance import start
from benchmarks.endurance.journeys import JOURNEYS
from benchmarks.endurance.run import Endurance, Traffic, run
from benchmarks.endurance.tables import tables
from benchmarks.endurance.verdicts import verdicts
from benchmarks.shell import TABLE_WIDTH, command_line, repository
from benchmarks.workspace import Workspace

_THROTTLED_CONNECTIONS = 8
_THROTTLED_PART = 10
"""As declared, a system answers so little that a tenth of the time shows it."""


def _numbers(_context: click.Context, _option: click.Parameter, text: str) -> list[int]:
    try:
        found = [int(number) for number in text.split(",")]
    except ValueError:
        found = []
    if not found or min(found) < 1:
        raise click.BadParameter(f"found {text!r}, expected numbers of connections, as 8,64.")
    return found


@click.command()
@click.option("--minutes", default=10.0, show_default=True, help="For each number of connections.")
@click.option(
    "--connections", default="8,64", show_default=True, callback=_numbers, help="How many at once."
)
@click.option(
    "--system",
    "systems",
    multiple=True,
    default=["web-app"],
    show_default=True,
    type=click.Choice(list(JOURNEYS)),
    help="What to load.",
)
@click.option("--write", is_flag=True, help="Write the section of docs/reliability.md.")
def load(
    minutes: float,
    connections: Sequence[int],
    systems: Sequence[str],
    write: bool,  # noqa: FBT001 - how click hands over a flag
) -> None:
    """Mixed traffic for minutes: does the end look like the beginning, and does anything pile up?

    Each number of connections is answered as fast as the machine can, with the throttles of the
    template lifted; then, for a tenth of the time, as the template declares. Ends with 1 if a
    promise is not kept.
    """
    console = Console(stderr=True)
    workspace = Workspace(repository())
    facts = machine.facts(workspace)
    try:
        runs = [
            found
            for system in systems
            for found in _runs(workspace, system, minutes * 60, connections, console.log)
        ]
    finally:
        workspace.clear()
    made = tables(runs)
    output = Console(width=None if sys.stdout.isatty() else TABLE_WIDTH)
    for table in made:
        output.print(table.to_rich())
    for error in [error for found in runs for error in found.record.first_errors]:
        console.log(error)
    if write:
        text = report.generated(made, facts, datetime.now(UTC).date(), command_line())
        report.write(workspace.repository / "docs" / "reliability.md", report.LOAD, text)
    if not all(verdict.met for found in runs for verdict in verdicts(found)):
        sys.exit(1)


def _runs(
    workspace: Workspace,
    system: str,
    seconds: float,
    connections: Sequence[int],
    say: Callable[[str], None],
) -> Iterator[Endurance]:
    for number in connections:
        say(f"{system}: {number} connections for {seconds:.0f} s")
        with start.started(workspace, system, throttled=False) as running:
            yield run(running, Traffic(number, seconds))
    part_s = seconds / _THROTTLED_PART
    say(f"{system}: {_THROTTLED_CONNECTIONS} connections for {part_s:.0f} s, throttled as declared")
    with start.started(workspace, system, throttled=True) as running:
        yield run(running, Traffic(_THROTTLED_CONNECTIONS, part_s, throttled=True))
