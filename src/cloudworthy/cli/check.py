"""``cloudworthy check``: every static check of some stacks, in one table."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from cloudworthy.cli.options import json_option
from cloudworthy.cli.progress import StderrProgress
from cloudworthy.local.instance import CACHE
from cloudworthy.local.model.errors import CloudworthyError
from cloudworthy.local.synth.app import find_app
from cloudworthy.local.synth.synthesizer import Synthesizer
from cloudworthy.local.template.assembly import DEFAULT_REGION, LOCAL_ACCOUNT, template_files
from cloudworthy.proof.checks import CHECKS, check_stacks
from cloudworthy.proof.finding import Finding, Synthesized
from cloudworthy.proof.sarif import as_sarif

_WIDEST = 60


@click.command()
@click.argument("system", required=False)
@click.option(
    "--assembly",
    type=click.Path(path_type=Path, file_okay=False, exists=True),
    help="Check a synthesized assembly (cdk.out) instead of the app in this directory.",
)
@click.option(
    "--skip",
    "skipped",
    multiple=True,
    type=click.Choice(CHECKS),
    help="Leave a check out; may be given several times.",
)
@click.option(
    "--sarif",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Write the findings here as SARIF, for a code host to show.",
)
@json_option
def check(
    system: str | None,
    assembly: Path | None,
    skipped: Collection[str],
    sarif: Path | None,
    *,
    as_json: bool,
) -> int:
    """Check SYSTEM, or all stacks: cfn-lint, cdk-nag, checkov, and checks of our own.

    Ours are: functions in a VPC that cannot reach what they are granted, wildcards in
    policies, functions without log retention or alarms, alarms without actions. Exits with 0
    when nothing is found that its resource does not accept with a reason.
    """
    progress = StderrProgress()
    directory = assembly or asyncio.run(_synthesize(progress))
    stacks = _chosen(directory, system)
    with progress.step(f"check {', '.join(stack.name for stack in stacks)}"):
        found = check_stacks(stacks, cache=CACHE.absolute(), skipped=skipped)
    if sarif is not None:
        files = {stack.name: stack.file.name for stack in stacks}
        sarif.write_text(json.dumps(as_sarif(found, files), indent=2) + "\n")
    click.echo(_as_json(found) if as_json else _as_table(found))
    return int(any(found.values()))


async def _synthesize(progress: StderrProgress) -> Path:
    app = find_app(Path.cwd())
    synthesizer = Synthesizer(
        app, CACHE.absolute() / "synth", account=LOCAL_ACCOUNT, region=DEFAULT_REGION
    )
    with progress.step(f"synthesize {app.command}"):
        return (await synthesizer.synthesize()).assembly


def _chosen(directory: Path, system: str | None) -> list[Synthesized]:
    """The named stack, or all of the assembly."""
    files = template_files(directory)
    if system is not None and system not in files:
        raise CloudworthyError(
            f"{directory}: found no stack {system}, expected one of: {', '.join(files)}."
        )
    return [
        Synthesized(name, file, json.loads(file.read_bytes()))
        for name, file in files.items()
        if system in (None, name)
    ]


def _as_json(found: Mapping[str, Sequence[Finding]]) -> str:
    stacks = {name: [asdict(each) for each in findings] for name, findings in found.items()}
    return json.dumps({"stacks": stacks}, indent=2)


def _as_table(found: Mapping[str, Sequence[Finding]]) -> str:
    rows: list[tuple[str, ...]] = [
        (name, each.check, each.rule, each.severity, each.resource, each.message)
        for name, findings in found.items()
        for each in findings
    ]
    if not rows:
        return f"{', '.join(found)}: no findings."
    heads = ("STACK", "CHECK", "RULE", "SEVERITY", "RESOURCE")
    widths = [
        min(_WIDEST, max(len(head), *(len(row[n]) for row in rows))) for n, head in enumerate(heads)
    ]
    lines = [_line(heads, widths, "MESSAGE")]
    lines += [_line(row, widths, row[-1]) for row in rows]
    return "\n".join([*lines, f"\n{len(rows)} findings."])


def _line(cells: Sequence[Any], widths: Sequence[int], message: str) -> str:
    padded = [f"{cell:{width}}" for cell, width in zip(cells, widths, strict=False)]
    return "  ".join([*padded, message])
