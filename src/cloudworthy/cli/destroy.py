"""``cloudworthy destroy``: remove a stack from this machine."""

from __future__ import annotations

import asyncio
import json
from dataclasses import asdict
from pathlib import Path

import click

from cloudworthy.cli.options import (
    json_option,
    services_endpoint_option,
    stack_option,
    state_option,
)
from cloudworthy.local.engines.platforms import default_tools
from cloudworthy.local.instance import Instance, find_instance
from cloudworthy.local.local_aws import EngineOptions
from cloudworthy.local.provision.deployer import Removed
from cloudworthy.local.teardown import destroy_stack, stop_running


@click.command()
@stack_option
@state_option
@json_option
@services_endpoint_option
@click.option("--yes", is_flag=True, help="Do not ask.")
def destroy(
    stack_name: str | None,
    state_root: Path,
    services_endpoint: str | None,
    *,
    as_json: bool,
    yes: bool,
) -> None:
    """Remove the stack's resources and state from this machine, and list what was removed.

    A running stack is stopped first.
    """
    instance = find_instance(state_root, stack_name)
    name = instance.directory.name
    if not yes:
        click.confirm(f"Remove {name} with all its data from this machine?", abort=True, err=True)
    options = EngineOptions(default_tools(), services_endpoint)
    removed = asyncio.run(_destroy(instance, options))
    if as_json:
        click.echo(json.dumps([asdict(r) for r in removed], indent=2))
        return
    for resource in removed:
        click.echo(f"removed {resource.type} {resource.logical_id} ({resource.physical_id})")
    click.echo(f"removed {instance.directory}")


async def _destroy(instance: Instance, options: EngineOptions) -> list[Removed]:
    if instance.running:
        await stop_running(instance)
    return await destroy_stack(instance, options)
