"""Options that several verbs share."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from cloudworthy.local.instance import STATE_ROOT

_Decorator = Callable[[Callable[..., Any]], Callable[..., Any]]

state_option: _Decorator = click.option(
    "--state",
    "state_root",
    type=click.Path(path_type=Path, file_okay=False),
    default=STATE_ROOT,
    show_default=True,
    help="Directory in which each stack keeps its state.",
)

stack_option: _Decorator = click.option(
    "--stack", "stack_name", help="The stack, when there are several."
)

json_option: _Decorator = click.option(
    "--json", "as_json", is_flag=True, help="Print the result as JSON."
)

services_endpoint_option: _Decorator = click.option(
    "--services-endpoint", help="Another AWS-compatible endpoint in the place of moto."
)
