"""Functions of a stack that is still being made, for the custom resources they carry out."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Protocol

from cloudworthy.local.model.functions import InvocationResult
from cloudworthy.local.model.resources import (
    Asset,
    Deployment,
    ProvisionedResource,
    Stack,
    TemplateValue,
)
from cloudworthy.local.provision.state import Record, StackState, Status

_TYPE = "AWS::Lambda::Function"


class FunctionRunner(Protocol):
    """Runs one function of what has been made so far; nothing is served yet."""

    async def run(self, deployment: Deployment, payload: bytes) -> InvocationResult:
        """Start a worker of the deployment's only function, for one event, and end it.

        Raises
        ------
        CloudworthyError
            The function cannot run here.
        """
        ...


class StackFunctions:
    """Finds and runs functions in the state of a rollout, which goes on changing.

    Parameters
    ----------
    loop
        Where the runner is at home. ``invoke`` is called in other threads.
    """

    def __init__(
        self,
        runner: FunctionRunner,
        stack: Stack,
        state: StackState,
        loop: asyncio.AbstractEventLoop,
    ) -> None:
        self._runner = runner
        self._stack = stack
        self._state = state
        self._loop = loop

    def find(self, function_arn: str) -> ProvisionedResource | None:
        """A function that exists, replaced and removed ones included."""
        for record in self._records():
            resource = record.resource
            if resource.type == _TYPE and resource.attributes.get("Arn") == function_arn:
                return resource
        return None

    def invoke(
        self,
        function: ProvisionedResource,
        event: Mapping[str, TemplateValue],
        assets: Mapping[str, Asset],
    ) -> InvocationResult:
        """Run a function and wait; ``assets`` are further ones its code may be in."""
        work = self._runner.run(self._deployment(function, assets), json.dumps(event).encode())
        return asyncio.run_coroutine_threadsafe(work, self._loop).result()

    def assets_of(self, function: ProvisionedResource) -> dict[str, Asset]:
        """The files of the assembly that a function and its layers are made of."""
        parts = [function.properties.get("Code") or {}]
        layers = function.properties.get("Layers") or ()
        parts += [
            it.resource.properties.get("Content") or {}
            for it in self._records()
            if it.resource.physical_id in layers
        ]
        keys = [str(part.get("S3Key")) for part in parts]
        return {key: self._stack.assets[key] for key in keys if key in self._stack.assets}

    def _records(self) -> list[Record]:
        """Read on the loop, where the state is changed."""

        async def read() -> list[Record]:
            return list(self._state.all_records())

        return asyncio.run_coroutine_threadsafe(read(), self._loop).result()

    def _deployment(self, function: ProvisionedResource, assets: Mapping[str, Asset]) -> Deployment:
        """Everything but the other functions; what stands now hides what it replaced."""
        records = [it for it in self._records() if it.status is Status.COMPLETE]
        resources = {
            it.logical_id: it.resource for it in reversed(records) if it.resource.type != _TYPE
        }
        stack = replace(self._stack, assets={**assets, **self._stack.assets})
        return Deployment(stack, {**resources, function.logical_id: function}, {})
