"""The end of a stack: its resources, then its state."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import time

from cloudworthy.local.iam.decision import AllowAll
from cloudworthy.local.instance import Instance
from cloudworthy.local.local_aws import EngineOptions, LocalAws
from cloudworthy.local.model.clock import SystemClock
from cloudworthy.local.model.errors import CloudworthyError
from cloudworthy.local.process.guard import ProcessGuard
from cloudworthy.local.provision.deployer import Deployer, Removed
from cloudworthy.local.provision.state import StackState, StateFile

_STOP_TIMEOUT_S = 30


async def destroy_stack(instance: Instance, options: EngineOptions) -> list[Removed]:
    """Remove every resource of a stack that does not run, and its state directory.

    What is in engines of the stack's own goes with their files, also when they would not start.
    """
    with instance:
        state = StateFile(instance.directory).load()
        if state is None:
            removed = []
        elif options.services_endpoint is None:
            removed = [Removed.of(record) for record in state.from_last_to_first()]
        else:
            removed = await _remove_elsewhere(instance, state, options)
        instance.remove()
    return removed


async def _remove_elsewhere(
    instance: Instance, state: StackState, options: EngineOptions
) -> list[Removed]:
    """Remove the resources from another's server, which goes on running."""
    guard = ProcessGuard()
    aws = LocalAws(
        instance.directory,
        options,
        guard,
        account=state.account,
        region=state.region,
        decider=AllowAll(),
        clock=SystemClock(),
    )
    try:
        url = await aws.listen(0)
        await aws.start_engines()
        return await Deployer(instance.directory, dynamodb_url=url, services_url=url).destroy()
    finally:
        await aws.stop()
        await guard.close()


async def stop_running(instance: Instance) -> None:
    """End the runtime that holds the stack, as Ctrl-C would.

    Raises
    ------
    CloudworthyError
        It does not end.
    """
    deadline = time.monotonic() + _STOP_TIMEOUT_S
    told = None
    while instance.running:
        holder = instance.holder()
        if holder is not None and holder != told:
            _end(holder)
            told = holder
        if time.monotonic() > deadline:
            raise CloudworthyError(
                f"{instance.directory.name} does not end. "
                f"Stop {f'process {told}' if told else 'it where it was started'} first."
            )
        await asyncio.sleep(0.05)


def _end(pid: int) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.kill(pid, signal.SIGTERM)
