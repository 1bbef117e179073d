"""Wires the parts of the local runtime; every decision is in one of them."""

from __future__ import annotations

import asyncio
import os
import random
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cloudworthy.local.api_plane import ApiPlane
from cloudworthy.local.apigateway.quota import SqliteQuotaStore
from cloudworthy.local.data_planes import Built, DataPlanes
from cloudworthy.local.deploy_functions import DeployTimeFunctions
from cloudworthy.local.endpoint.api_keys import ApiKeysApi
from cloudworthy.local.endpoint.stack_api import StackApi
from cloudworthy.local.faults.active import StackFaults
from cloudworthy.local.faults.fault import Fault
from cloudworthy.local.function_plane import FunctionPlane
from cloudworthy.local.gateway_services import GatewayServices
from cloudworthy.local.gateway_signatures import GatewaySignatures
from cloudworthy.local.lambda_.aws_call import RoleCaller
from cloudworthy.local.lambda_.bucket_code import BucketCode
from cloudworthy.local.lambda_.concurrency import ACCOUNT_CONCURRENCY
from cloudworthy.local.lambda_.confinement import NOT_CONFINED, Confiner, can_confine
from cloudworthy.local.lambda_.environment import WorkerEnvironments
from cloudworthy.local.lambda_.launcher import Launcher
from cloudworthy.local.lambda_.layers import LocalLayers
from cloudworthy.local.local_aws import EngineOptions, LocalAws
from cloudworthy.local.model.clock import SystemClock
from cloudworthy.local.model.errors import CloudworthyError
from cloudworthy.local.model.functions import Function
from cloudworthy.local.model.progress import Progress
from cloudworthy.local.model.records import Telemetry
from cloudworthy.local.model.resources import Deployment, Stack
from cloudworthy.local.monitoring import Monitoring
from cloudworthy.local.observe.alarms.definition import Alarm
from cloudworthy.local.observe.alarms.deployment import build_alarms
from cloudworthy.local.observe.logs import LogStore
from cloudworthy.local.observe.metrics.clock import MetricClock
from cloudworthy.local.observe.sampling import DefaultSamplingRule
from cloudworthy.local.observe.traces import TraceDaemon, TraceStore
from cloudworthy.local.permissions.decider import Mode
from cloudworthy.local.permissions.service import Permissions
from cloudworthy.local.process.guard import ProcessGuard
from cloudworthy.local.process.workers import WorkerProcesses
from cloudworthy.local.provision.deployer import Deployer
from cloudworthy.local.provision.plan import Plan


@dataclass(frozen=True, slots=True)
class RuntimeOptions:
    """What the person may choose.

    ``cache`` holds what can be made again. Port 0 lets the system choose.
    """

    engines: EngineOptions
    cache: Path
    port: int = 8080
    endpoint_port: int = 4566
    may_lose_data: bool = False
    clock_speed: float = 1
    """How many seconds pass in one of the machine's where AWS counts in minutes.

    That is for metrics, alarms, provisioned capacity and retries of asynchronous events.
    """
    enforce_capacity: bool = False
    """Whether tables with provisioned capacity throttle."""
    account_concurrency: int = ACCOUNT_CONCURRENCY
    """How many events all functions together run at once."""
    iam: Mode = Mode.ENFORCE
    """What becomes of calls of AWS APIs that no policy allows."""
    faults: tuple[Fault, ...] | None = None
    """What to start with in the place of the faults that there were, if not with those."""


class DataLossError(CloudworthyError):
    """A change would replace resources together with what is in them."""


@dataclass(frozen=True, slots=True)
class _Version:
    """A deployment that is ready to be served."""

    built: Built
    alarms: Sequence[Alarm]


class Runtime:
    """Runs one stack whose state is in ``directory``.

    ``start`` it once, then ``update`` it with newer versions of the stack, ``reload_code``
    when files of its functions changed, and ``stop`` it in the end, also when ``start`` failed.
    """

    def __init__(
        self, directory: Path, stack: Stack, options: RuntimeOptions, progress: Progress
    ) -> None:
        self._clock = SystemClock()
        self._fast_clock = MetricClock(self._clock, options.clock_speed)
        self._directory = directory
        self._stack = stack
        self._options = options
        self._progress = progress
        self._guard = ProcessGuard()
        self._workers = WorkerProcesses()
        self._logs = LogStore(directory / "logs")
        self._traces = TraceStore(directory)
        self._daemon = TraceDaemon(self._traces)
        self._permissions = Permissions(options.iam, directory, stack.account, self._clock)
        self._faults = StackFaults(
            directory, clock=self._clock, random=random.random, progress=progress
        )
        self._aws = LocalAws(
            directory,
            options.engines,
            self._guard,
            account=stack.account,
            region=stack.region,
            clock=self._clock,
            decider=self._permissions.decider,
            workers=self._workers,
            capacity_clock=self._fast_clock if options.enforce_capacity else None,
            faults=self._faults,
        )
        self._permissions.follow(self._aws, self._aws.services, self._aws.tables, stack.region)
        self._monitoring = Monitoring(
            directory,
            self._aws,
            self._clock,
            self._fast_clock,
            account=stack.account,
            region=stack.region,
        )
        self._xray_address = ""
        self._planes: DataPlanes | None = None

    async def start(self) -> None:
        """Bring everything up; returns when every address answers.

        Raises
        ------
        CloudworthyError
            Something is missing or taken, or the template asks for what is not supported.
        """
        await self._aws.listen(self._options.endpoint_port)
        self._xray_address = await self._daemon.start()
        planes = self._planes = self._data_planes()
        self._aws.serve("lambda", planes.lambda_api.handle)
        self._aws.serve("cloudformation", StackApi(planes.running).handle)
        self._aws.serve("apigateway", ApiKeysApi(planes.running).handle)
        with self._progress.step("start engines"):
            await self._aws.start_engines()
        version = await self._deploy(self._stack)
        deployment = version.built.deployment
        if self._options.faults is not None:
            self._faults.begin(self._options.faults, deployment)
        await self._serve(version)
        self._announce(deployment)

    async def update(self, stack: Stack) -> None:
        """Apply a newer version of the stack and serve it.

        Raises
        ------
        CloudworthyError
            The version before goes on serving.
        """
        await self._serve(await self._deploy(stack))

    async def _build(self, deployment: Deployment) -> _Version:
        with self._progress.step("prepare functions and listeners"):
            alarms = build_alarms(deployment)
            return _Version(await self._serving.build(deployment), alarms)

    async def _serve(self, version: _Version) -> None:
        deployment = version.built.deployment
        # Functions of both versions run for a while.
        self._permissions.add(deployment)
        self._faults.use(deployment)
        await self._serving.serve(version.built)
        self._permissions.replace(deployment)
        self._monitoring.update(version.alarms)
        self._aws.serves(deployment)

    async def reload_code(self, paths: Iterable[Path]) -> None:
        """Run the functions that these files belong to with their new code."""
        names = await self._serving.reload_code(paths)
        if names:
            self._progress.say(f"code reloaded: {', '.join(names)}")

    async def stop(self) -> None:
        """End everything; what was acknowledged is on disk."""
        if self._planes is not None:
            await self._planes.stop()
        await self._monitoring.stop()
        await self._aws.stop()
        self._monitoring.close()
        self._daemon.stop()
        self._logs.close()
        self._traces.close()
        self._permissions.close()
        self._faults.close()
        await self._guard.close()

    def address(self) -> dict[str, Any]:
        """How the stack is reached: the content of the ready file."""
        return {
            "stack": self._stack.name,
            "region": self._stack.region,
            **self._serving.address(),
            "endpoint": self._aws.url,
            "state": str(self._directory),
        }

    def functions(self) -> list[dict[str, str]]:
        """The functions that can be invoked."""
        return [
            {
                "logical_id": function.logical_id,
                "path": function.construct_path,
                "name": function.name,
                "log_group": function.log_group,
            }
            for function in self._serving.functions.values()
        ]

    @property
    def _serving(self) -> DataPlanes:
        if self._planes is None:
            raise RuntimeError("the runtime has not been started")
        return self._planes

    def _launcher(self, *, revoke: Callable[[Function], None] | None = None) -> Launcher:
        shell, cache = dict(os.environ), self._options.cache
        return Launcher(
            self._guard,
            WorkerEnvironments(cache / "workers", shell=shell, notice=self._progress.warn),
            LocalLayers(cache / "layers", shell=shell),
            home=self._directory / "home",
            credentials_of=self._aws.credentials.credentials_of,
            endpoint_url=self._aws.url,
            xray_address=self._xray_address,
            confiner=Confiner([Path.home(), self._directory]),
            workers=self._workers,
            revoke=revoke,
        )

    def _deploy_functions(self) -> DeployTimeFunctions:
        return DeployTimeFunctions(
            self._launcher(),
            directory=self._directory / "deploy-code",
            code_cache=self._options.cache / "code",
            s3=self._aws.services,
            logs=self._monitoring.log(self._logs),
            traces=self._traces,
            clock=self._clock,
            permit=self._permissions.add,
        )

    def _data_planes(self) -> DataPlanes:
        telemetry = Telemetry(
            self._monitoring.log(self._logs),
            self._traces,
            self._monitoring.metrics,
            DefaultSamplingRule(self._clock, random.random),
        )
        functions = self._function_plane(telemetry)
        apis = ApiPlane(
            functions.invoker,
            telemetry,
            s3=self._aws.services,
            buckets=self._aws.call,
            quotas=SqliteQuotaStore(self._directory / "quotas.sqlite"),
            signatures=GatewaySignatures(
                self._aws.credentials,
                region=self._stack.region,
                clock=self._clock,
                decider=self._permissions.decider,
            ),
            services=GatewayServices(self._aws.call, self._aws.credentials),
            clock=self._clock,
        )
        return DataPlanes(functions, apis, first_port=self._options.port)

    def _function_plane(self, telemetry: Telemetry) -> FunctionPlane:
        return FunctionPlane(
            self._stack,
            self._launcher(revoke=self._aws.credentials.revoke_of),
            telemetry,
            code_cache=self._options.cache / "code",
            bucket_code=BucketCode(self._directory / "code", self._aws.services),
            event_queue=self._directory / "async.sqlite",
            caller=RoleCaller(self._aws.call, self._aws.credentials.credentials_of),
            account_concurrency=self._options.account_concurrency,
            faults=self._faults,
            clock=self._clock,
            event_clock=self._fast_clock,
        )

    # deploying

    async def _deploy(self, stack: Stack) -> _Version:
        """Bring the resources to what the stack asks for.

        What it no longer has is deleted only when the rest can be served: what is served in its
        place otherwise, needs it.
        """
        deployer = Deployer(
            self._directory,
            dynamodb_url=self._aws.url,
            services_url=self._aws.url,
            functions=self._deploy_functions(),
        )
        plan = await asyncio.to_thread(deployer.plan, stack)
        current = deployer.current(stack)
        if plan.is_unchanged and current is not None:
            version = await self._build(current)
        else:
            self._refuse_data_loss(plan)
            with self._progress.step(f"apply {plan.summary}"):
                version = await deployer.apply(plan, self._build)
        self._stack = stack
        return version

    def _refuse_data_loss(self, plan: Plan) -> None:
        losses = [change.loss for change in plan.data_loss]
        if losses and not self._options.may_lose_data:
            raise DataLossError(
                "This change would lose data:\n    "
                + "\n    ".join(losses)
                + "\n  Start with --replace to apply it all the same."
            )
        for loss in losses:
            self._progress.warn(loss)

    def _announce(self, deployment: Deployment) -> None:
        self._progress.say(self._aws.decider.description)
        if not can_confine():
            self._progress.warn(NOT_CONFINED)
        if deployment.declared_only:
            types = sorted({deployment.resources[r].type for r in deployment.declared_only})
            self._progress.say(
                f"Declared only, without effect on one machine: {len(deployment.declared_only)} "
                f"resources ({', '.join(types)})"
            )
