"""What a worker is started with: interpreter, layers, credentials, addresses."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from cloudworthy.local.lambda_.environment import WorkerEnvironments, WorkerPython
from cloudworthy.local.lambda_.layers import LocalLayers
from cloudworthy.local.lambda_.variables import worker_variables
from cloudworthy.local.model.errors import CloudworthyError
from cloudworthy.local.model.functions import Function
from cloudworthy.local.model.identity import Credentials
from cloudworthy.local.process.guard import Child, ProcessGuard

_TELEMETRY_FD = "_LAMBDA_TELEMETRY_LOG_FD"
"""Taken out of the environment by the runtime client before the handler is loaded."""

_RUN = """
import os, sys
sys.path[0] = os.getcwd()
from awslambdaric.bootstrap import run
from awslambdaric.lambda_runtime_client import LambdaRuntimeClient
run(sys.argv[1], LambdaRuntimeClient(os.environ["AWS_LAMBDA_RUNTIME_API"]))
"""
# What ``python -m awslambdaric`` does, but for one thing: from Python 3.12 on it would poll
# from a new thread for each event, so that a handler's SIGTERM hook can run while it waits.
# That thread costs 0.2 ms an event, and a worker here is never sent SIGTERM.


@dataclass(frozen=True, slots=True)
class Prepared:
    """A function's interpreter and layers, ready on this machine."""

    python: WorkerPython
    layers: tuple[Path, ...]

    @property
    def runtime_version(self) -> str:
        major, minor, micro = self.python.version
        return f"python:{major}.{minor}.v{micro}"


class CodeMissingError(CloudworthyError):
    """The directory a function's code is in has gone."""

    def __init__(self, function: Function) -> None:
        super().__init__(
            f"AWS::Lambda::Function.Code ({function.logical_id}): found no directory "
            f"{function.code}, expected the function's code. Run the synth again."
        )


class Launcher:
    """Starts worker processes.

    Parameters
    ----------
    home
        An empty directory that workers take for their home.
    credentials_of
        Called for each worker, with its function.
    endpoint_url
        The AWS endpoint the SDK in the function calls.
    xray_address
        ``host:port`` of the X-Ray daemon; empty when there is none.
    revoke
        Called when a function will have no worker any more.
    """

    def __init__(
        self,
        guard: ProcessGuard,
        environments: WorkerEnvironments,
        layers: LocalLayers,
        *,
        home: Path,
        credentials_of: Callable[[Function], Credentials],
        endpoint_url: str,
        xray_address: str = "",
        revoke: Callable[[Function], None] | None = None,
    ) -> None:
        self._guard = guard
        self._environments = environments
        self._layers = layers
        self._home = home
        self._credentials_of = credentials_of
        self._endpoint_url = endpoint_url
        self._xray_address = xray_address
        self._revoke = revoke

    async def prepare(self, function: Function) -> Prepared:
        """Build what the function needs and the machine does not have yet."""
        self._home.mkdir(mode=0o555, parents=True, exist_ok=True)
        python = await self._environments.python_for(function.runtime)
        layers = [await self._layers.local(layer, python) for layer in function.layers]
        return Prepared(python, tuple(layers))

    def forget(self, function: Function) -> None:
        """The function is gone; its last worker has ended."""
        if self._revoke is not None:
            self._revoke(function)

    async def launch(
        self,
        function: Function,
        prepared: Prepared,
        *,
        runtime_api: str,
        log_stream: str,
        output_fd: int,
    ) -> Child:
        """Start the runtime client with the function's handler.

        Raises
        ------
        CodeMissingError
            The function's code is no longer where it was.
        """
        if not function.code.is_dir():
            raise CodeMissingError(function)
        variables = worker_variables(
            function,
            python=prepared.python,
            layers=prepared.layers,
            credentials=self._credentials_of(function),
            runtime_api=runtime_api,
            log_stream=log_stream,
            endpoint_url=self._endpoint_url,
            xray_address=self._xray_address,
            home=self._home,
        )
        return await self._guard.spawn(
            prepared.python.command("-c", _RUN, function.handler),
            env={**variables, _TELEMETRY_FD: str(output_fd)},
            cwd=function.code,
            stdout=output_fd,
            stderr=output_fd,
            pass_fds=(output_fd,),
        )
