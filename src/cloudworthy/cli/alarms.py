"""``cloudworthy alarms``: the alarms of a running stack, and why they are as they are."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click

from cloudworthy.cli.options import json_option, stack_option, state_option
from cloudworthy.local.instance import find_instance
from cloudworthy.local.observe.alarms.listing import list_alarms
from cloudworthy.local.observe.alarms.store import ALARMS_FILE


@click.command()
@stack_option
@state_option
@json_option
def alarms(stack_name: str | None, state_root: Path, *, as_json: bool) -> None:
    """Print each alarm's state, why, and since when (by the clock of the alarms)."""
    directory = find_instance(state_root, stack_name).directory
    listed = list_alarms(directory / ALARMS_FILE)
    if as_json:
        click.echo(json.dumps(listed, indent=2))
        return
    width = max((len(it["name"]) for it in listed), default=0)
    for it in listed:
        click.echo(_line(it, width))


def _line(alarm: dict[str, Any], width: int) -> str:
    color = {"OK": "green", "ALARM": "red"}.get(alarm["state"])
    state = click.style(f"{alarm['state']:17}", fg=color)
    return f"{alarm['name']:{width}}  {state}  {alarm['since']}  {alarm['reason']}"
