"""``cloudworthy outputs``: the outputs of a running stack, with local addresses."""

from __future__ import annotations

import json
from pathlib import Path

import click

from cloudworthy.cli.options import json_option, stack_option, state_option
from cloudworthy.local.instance import find_instance


@click.command()
@stack_option
@state_option
@json_option
def outputs(stack_name: str | None, state_root: Path, *, as_json: bool) -> None:
    """Print the stack's outputs; URLs are those of this machine."""
    values = find_instance(state_root, stack_name).address()["outputs"]
    if as_json:
        click.echo(json.dumps(values, indent=2))
        return
    width = max((len(name) for name in values), default=0)
    for name, value in values.items():
        click.echo(f"{name:{width}}  {value}")
