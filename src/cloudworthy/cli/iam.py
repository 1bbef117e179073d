"""``cloudworthy iam``: what functions may do, and what they were seen to do."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path

import click

from cloudworthy.cli.options import json_option, stack_option, state_option
from cloudworthy.local.instance import find_instance
from cloudworthy.local.permissions.report import FunctionPermissions, read_report


@click.command()
@stack_option
@state_option
@click.option("--since-start", is_flag=True, help="Only calls since the stack was last started.")
@json_option
def iam(stack_name: str | None, state_root: Path, *, since_start: bool, as_json: bool) -> None:
    """Print what each function was granted and used, never used, and was denied.

    Calls are not seen while the stack runs with --iam off.
    """
    directory = find_instance(state_root, stack_name).directory
    found = read_report(directory, since_start=since_start)
    if as_json:
        click.echo(json.dumps([it.as_json() for it in found], indent=2))
        return
    for it in found:
        _print(it)


def _print(it: FunctionPermissions) -> None:
    click.secho(it.function, bold=True)
    _section("denied", it.denied, "red")
    _section("granted and used", it.used, "green")
    _section("granted and never used", it.unused, "yellow")
    _section("granted for Lambda", [f"{k}: {why}" for k, why in it.used_by_lambda.items()])
    _section("wildcards", it.wildcards)
    click.echo(f"  smallest policy: {json.dumps(it.smallest_policy)}\n")


def _section(title: str, lines: Iterable[str], color: str | None = None) -> None:
    listed = list(lines)
    if listed:
        click.secho(f"  {title}", fg=color)
        click.echo("\n".join(f"    {line}" for line in listed))
