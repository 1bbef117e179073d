"""The end of a stack: its resources, then its state."""

from __future__ import annotations

import asyncio
import os
import shutil
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

    The engines are started for it, because the resources are theirs.
    """
    with instance:
        state = StateFile(instance.directory).load()
        removed = [] if state is None else await _remove(instance, state, options)
        shutil.rmtree(instance.directory)
    return removed


async def _remove(instance: Instance, state: StackState, options: EngineOptions) -> list[Removed]:
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
    os.kill(instance.holder(), signal.SIGTERM)
    deadline = time.monotonic() + _STOP_TIMEOUT_S
    while instance.running:
        if time.monotonic() > deadline:
            raise CloudworthyError(
                f"{instance.directory.name} does not end. Stop process {instance.holder()} first."
            )
        await asyncio.sleep(0.05)
