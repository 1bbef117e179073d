"""Functions that custom resources call while their stack is still being deployed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from cloudworthy.local.lambda_.bucket_code import BucketCode
from cloudworthy.local.lambda_.definition import build_functions
from cloudworthy.local.lambda_.launcher import Launcher
from cloudworthy.local.lambda_.pool import WorkerPool
from cloudworthy.local.model.backends import Backend
from cloudworthy.local.model.clock import Clock
from cloudworthy.local.model.errors import UnsupportedError
from cloudworthy.local.model.functions import InvocationRequest, InvocationResult
from cloudworthy.local.model.records import LogSink, TraceSink
from cloudworthy.local.model.resources import Deployment

_LAYER = "AWS::Lambda::LayerVersion"


class DeployTimeFunctions:
    """Runs one function for one event, in a worker of its own.

    Parameters
    ----------
    launcher
        Leaves the functions' credentials as they are: the same function may be served too.
    directory
        Where copies of code from buckets are kept.
    permit
        Told of what has been made before each run: the functions' roles are in it.
    """

    def __init__(
        self,
        launcher: Launcher,
        *,
        directory: Path,
        code_cache: Path,
        s3: Backend,
        logs: LogSink,
        traces: TraceSink,
        clock: Clock,
        permit: Callable[[Deployment], None],
    ) -> None:
        self._launcher = launcher
        self._directory = directory
        self._code_cache = code_cache
        self._s3 = s3
        self._logs = logs
        self._traces = traces
        self._clock = clock
        self._permit = permit

    async def run(self, deployment: Deployment, payload: bytes) -> InvocationResult:
        """See ``FunctionRunner``."""
        self._permit(deployment)
        needed = _with_its_layers_only(deployment)
        (name,) = (it.logical_id for it in needed.of_type("AWS::Lambda::Function"))
        code = await BucketCode(self._directory / name, self._s3).collect(needed)
        functions = build_functions(needed, code_cache=self._code_cache, bucket_code=code)
        if not functions:
            raise UnsupportedError(
                "AWS::Lambda::Function",
                name,
                found="a function that the CDK brings",
                supported="a function of one's own as the provider of a custom resource",
            )
        (function,) = functions.values()
        await self._launcher.prepare(function)
        pool = WorkerPool(
            {function.name: function},
            self._launcher,
            log_sink=self._logs,
            trace_sink=self._traces,
            clock=self._clock,
        )
        try:
            return await pool.invoke(InvocationRequest(function.name, payload))
        finally:
            await pool.stop()


def _with_its_layers_only(deployment: Deployment) -> Deployment:
    """Without the layers of other functions, whose code may not be there yet."""
    functions = deployment.of_type("AWS::Lambda::Function")
    layers = {arn for it in functions for arn in it.properties.get("Layers") or ()}
    resources = {
        name: it
        for name, it in deployment.resources.items()
        if it.type != _LAYER or it.physical_id in layers
    }
    return replace(deployment, resources=resources)
