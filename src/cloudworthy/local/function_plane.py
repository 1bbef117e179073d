"""The functions of one stack: built from a deployment, then swapped for those before."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from cloudworthy.local.lambda_.api import LambdaApi
from cloudworthy.local.lambda_.asynchronous.configuration import (
    EventInvokeConfigs,
    build_event_invoke_configs,
)
from cloudworthy.local.lambda_.asynchronous.service import AsynchronousInvocation
from cloudworthy.local.lambda_.aws_call import RoleCaller
from cloudworthy.local.lambda_.bucket_code import BucketCode
from cloudworthy.local.lambda_.concurrency import check_reserved
from cloudworthy.local.lambda_.definition import build_functions
from cloudworthy.local.lambda_.launcher import Launcher
from cloudworthy.local.lambda_.pool import WorkerPool
from cloudworthy.local.lambda_.versions import Versions, build_versions
from cloudworthy.local.model.clock import Clock
from cloudworthy.local.model.faults import InvocationFaults
from cloudworthy.local.model.functions import Function, Invoker
from cloudworthy.local.model.records import Telemetry
from cloudworthy.local.model.resources import Deployment, Stack


@dataclass(frozen=True, slots=True)
class BuiltFunctions:
    """What a deployment has of Lambda, ready to be served."""

    functions: Mapping[str, Function]
    versions: Versions
    event_invoke_configs: EventInvokeConfigs


class FunctionPlane:
    """Runs functions, for callers that wait and for those that do not.

    Parameters
    ----------
    stack
        For account and region.
    code_cache
        Where functions' code is unpacked.
    bucket_code
        Brings the code that is in buckets.
    event_queue
        The file that events of asynchronous invocations are kept in.
    caller
        Makes the calls of AWS that Lambda makes for a function.
    account_concurrency
        How many events all functions together run at once.
    faults
        What becomes of events.
    event_clock
        By which asynchronous events grow old and are tried again.
    """

    def __init__(
        self,
        stack: Stack,
        launcher: Launcher,
        telemetry: Telemetry,
        *,
        code_cache: Path,
        bucket_code: BucketCode,
        event_queue: Path,
        caller: RoleCaller,
        account_concurrency: int,
        faults: InvocationFaults,
        clock: Clock,
        event_clock: Clock,
    ) -> None:
        self._launcher = launcher
        self._code_cache = code_cache
        self._bucket_code = bucket_code
        self._account_concurrency = account_concurrency
        self._pool = WorkerPool(
            {},
            launcher,
            log_sink=telemetry.logs,
            trace_sink=telemetry.traces,
            metrics=telemetry.metrics,
            clock=clock,
            sampler=telemetry.sampler,
            account_concurrency=account_concurrency,
            faults=faults,
        )
        self._asynchronous = AsynchronousInvocation(
            event_queue,
            self._pool,
            caller,
            self._pool.find,
            metrics=telemetry.metrics,
            clock=clock,
            event_clock=event_clock,
        )
        self.invoker: Invoker = self._asynchronous.invoker
        self.api = LambdaApi(self._pool, self.invoker, region=stack.region, account=stack.account)
        self._is_started = False

    @property
    def functions(self) -> Mapping[str, Function]:
        """What is served, by name."""
        return self._pool.functions

    async def build(self, deployment: Deployment) -> BuiltFunctions:
        """Prepare the functions of a deployment; what is served stays as it is.

        Raises
        ------
        CloudworthyError
            The template asks for what is not supported or is beyond a limit, or code is missing.
        """
        code = await self._bucket_code.collect(deployment)
        functions = build_functions(deployment, code_cache=self._code_cache, bucket_code=code)
        check_reserved(functions.values(), self._account_concurrency)
        versions = build_versions(deployment, functions)
        configs = build_event_invoke_configs(deployment)
        for function in functions.values():
            await self._launcher.prepare(function)
        return BuiltFunctions(functions, versions, configs)

    async def start(self) -> None:
        """Be able to run functions; nothing the second time."""
        if not self._is_started:
            await self._pool.start()

    def swap(self, built: BuiltFunctions, change: Callable[[Function], Function]) -> None:
        """Serve these from the next event on, each as ``change`` makes it."""
        self._pool.update(
            {name: change(it) for name, it in built.functions.items()},
            built.versions.with_functions(change),
        )
        self._asynchronous.update(built.event_invoke_configs)

    def warm(self, built: BuiltFunctions) -> None:
        """Start workers ahead of the first events, and take up events that wait."""
        self._pool.warm(built.functions)
        if not self._is_started:
            self._asynchronous.start()
            self._is_started = True

    async def reload_code(self, paths: Iterable[Path]) -> list[str]:
        """Give the functions that these files belong to new workers; returns their names."""
        changed = list(paths)
        names = [
            function.name
            for function in self._pool.functions.values()
            if any(path.is_relative_to(function.code) for path in changed)
        ]
        await self._pool.reload(names)
        return names

    async def stop(self) -> None:
        await self._asynchronous.stop()
        await self._pool.stop()
