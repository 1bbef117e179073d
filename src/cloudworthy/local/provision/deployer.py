"""Plan, apply and destroy a stack on this machine."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeVar, overload

from cloudworthy.local.model.errors import CloudworthyError
from cloudworthy.local.model.resources import Deployment, Stack
from cloudworthy.local.provision.engine_work import delete_record
from cloudworthy.local.provision.engines import Engines
from cloudworthy.local.provision.plan import Plan, make_plan
from cloudworthy.local.provision.program import Program, StateLookup
from cloudworthy.local.provision.registry import type_named
from cloudworthy.local.provision.resource_type import Site
from cloudworthy.local.provision.rollout import Rollout, Tools
from cloudworthy.local.provision.stack_functions import FunctionRunner, StackFunctions
from cloudworthy.local.provision.state import Record, StackState, StateFile, Status
from cloudworthy.local.provision.values import EngineValues

T = TypeVar("T")

_CONCURRENT_CALLS = 8


@dataclass(frozen=True, slots=True)
class Removed:
    """A resource that ``destroy`` removed."""

    logical_id: str
    type: str
    physical_id: str

    @classmethod
    def of(cls, record: Record) -> Removed:
        return cls(record.logical_id, record.resource.type, record.resource.physical_id)


async def _itself(deployment: Deployment) -> Deployment:
    return deployment


class Deployer:
    """Deploys one stack, whose state is in one directory.

    Parameters
    ----------
    directory
        The stack's state directory, ``.cloudworthy/<stack>``.
    dynamodb_url, services_url
        Where the engines listen. They are called only when something has to change.
    functions
        Runs the functions of custom resources.
    """

    def __init__(
        self,
        directory: Path,
        *,
        dynamodb_url: str,
        services_url: str,
        functions: FunctionRunner | None = None,
    ) -> None:
        self._file = StateFile(directory)
        self._dynamodb_url = dynamodb_url
        self._services_url = services_url
        self._functions = functions
        self._engines: Engines | None = None

    def plan(self, stack: Stack) -> Plan:
        """What applying a stack would do; nothing is changed.

        An engine is asked for the values of SSM parameters that the template refers to, so a
        loop that serves the engine calls this in a thread.

        Raises
        ------
        TemplateError
            The template is wrong, or asks for what is not supported: nothing has been made.
        """
        state = self._state(stack)
        site = self._site(state, stack)
        program = self._program(stack, state, site)
        return make_plan(program, state, site)

    @overload
    async def apply(self, plan: Plan) -> Deployment: ...

    @overload
    async def apply(self, plan: Plan, ready: Callable[[Deployment], Awaitable[T]]) -> T: ...

    async def apply(
        self, plan: Plan, ready: Callable[[Deployment], Awaitable[object]] = _itself
    ) -> object:
        """Carry out a plan, its ``data_loss`` included.

        As CloudFormation does, what is no longer wanted is deleted last: when ``ready`` has
        made what is returned of the deployment, and not raised.

        Raises
        ------
        CloudworthyError
            Names the resource that failed. What was made stays, and the next apply goes on
            from there.
        """
        stack = plan.stack
        state = self._state(stack)
        site = self._site(state, stack)
        program = await asyncio.to_thread(self._program, stack, state, site)
        site = self._with_functions(site, stack, state)
        agreed = frozenset(change.logical_id for change in plan.data_loss)
        executor = ThreadPoolExecutor(_CONCURRENT_CALLS, "provision")
        tools = Tools(site, EngineValues(site.engines), executor, self._file.save)
        try:
            rollout = Rollout(program, state, tools, agreed)
            return await rollout.run(lambda: ready(deployment_of(stack, state)))
        finally:
            # Not waited for: what is left after a second Ctrl-C calls this very loop.
            executor.shutdown(wait=False, cancel_futures=True)
            self._file.save(state, durable=True)

    def current(self, stack: Stack) -> Deployment | None:
        """The stack as it was last applied; None when it never was."""
        state = self._file.load()
        return None if state is None else deployment_of(stack, state)

    async def destroy(self) -> list[Removed]:
        """Remove every resource, retained ones included, and the state.

        A policy to retain protects data on AWS from the end of a stack. Here the person who
        asks for the end means all of it. Custom resources hear nothing of it: what their
        functions made on this machine goes too.
        """
        state = self._file.load()
        if state is None:
            return []
        site = self._site(state)
        removed = []
        with ThreadPoolExecutor(1, "provision") as executor:
            for record in state.from_last_to_first():
                await delete_record(record, site, executor)
                state.forget(record)
                kind = type_named(record.resource.type)
                if kind is not None and kind.in_engine:
                    self._file.save(state)
                removed.append(Removed.of(record))
        self._file.remove()
        return removed

    def _state(self, stack: Stack) -> StackState:
        state = self._file.load()
        if state is None:
            return StackState(stack.name, stack.account, stack.region)
        if (state.account, state.region) != (stack.account, stack.region):
            raise CloudworthyError(
                f"{stack.name}: found a stack for {stack.account}/{stack.region}, expected "
                f"{state.account}/{state.region} as it was made for. Destroy it first."
            )
        return state

    def _site(self, state: StackState, stack: Stack | None = None) -> Site:
        if self._engines is None:
            self._engines = Engines(self._dynamodb_url, self._services_url, state.region)
        assets = stack.assets if stack else {}
        return Site(state.stack_name, state.account, state.region, self._engines, assets)

    def _with_functions(self, site: Site, stack: Stack, state: StackState) -> Site:
        if self._functions is None:
            return site
        loop = asyncio.get_running_loop()
        return replace(site, functions=StackFunctions(self._functions, stack, state, loop))

    def _program(self, stack: Stack, state: StackState, site: Site) -> Program:
        return Program(stack, StateLookup(state), EngineValues(site.engines))


def deployment_of(stack: Stack, state: StackState) -> Deployment:
    """The resources that are complete, in the order of the template."""
    complete = {
        name: state.resources[name]
        for name in stack.template["Resources"]
        if name in state.resources and state.resources[name].status is Status.COMPLETE
    }
    return Deployment(
        stack=stack,
        resources={name: record.resource for name, record in complete.items()},
        outputs=dict(state.outputs),
        declared_only=tuple(name for name, it in complete.items() if it.declared_only),
    )
