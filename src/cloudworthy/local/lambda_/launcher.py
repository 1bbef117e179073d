"""What a worker is started with: interpreter, layers, credentials, addresses."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from cloudworthy.local.lambda_.confinement import Confinement, Confiner
from cloudworthy.local.lambda_.environment import WorkerEnvironments, WorkerPython
from cloudworthy.local.lambda_.layers import LocalLayers
from cloudworthy.local.lambda_.variables import worker_variables
from cloudworthy.local.model.errors import CloudworthyError
from cloudworthy.local.model.functions import Function
from cloudworthy.local.model.identity import Credentials
from cloudworthy.local.process.guard import Child, ProcessGuard
from cloudworthy.local.process.workers import WorkerProcesses

_TELEMETRY_FD = "_LAMBDA_TELEMETRY_LOG_FD"
"""Taken out of the environment by the runtime client before the handler is loaded."""

_PROGRAM = Path(__file__).with_name("run_awslambdaric.py")


@dataclass(frozen=True, slots=True)
class Prepared:
    """A function's interpreter and layers, ready on this machine."""

    python: WorkerPython
    layers: tuple[Path, ...]

    @property
    def runtime_version(self) -> str:
        major, minor, micro = self.python.version
        return f"python:{major}.{minor}.v{micro}"

    def bytecode_of(self, function: Function) -> list[Path]:
        """Where the compiled code of the function and its layers goes, made if need be."""
        mirrors = [
            self.python.bytecode / str(directory.resolve()).lstrip("/")
            for directory in (function.code, *self.layers)
        ]
        for mirror in mirrors:
            mirror.mkdir(parents=True, exist_ok=True)
        return mirrors


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
    confiner
        Says which files a worker may use.
    workers
        Told of every worker, so that others can tell them from the person at the machine.
    revoke
        Called when a function will have no worker any more, if its credentials end then.
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
        xray_address: str,
        confiner: Confiner,
        workers: WorkerProcesses,
        revoke: Callable[[Function], None] | None = None,
    ) -> None:
        self._guard = guard
        self._environments = environments
        self._layers = layers
        self._home = home
        self._credentials_of = credentials_of
        self._endpoint_url = endpoint_url
        self._xray_address = xray_address
        self._confiner = confiner
        self._workers = workers
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
        confined = self._confinement(function, prepared)
        child = await self._guard.spawn(
            prepared.python.command(str(_PROGRAM), function.handler, *confined.arguments()),
            env={**variables, _TELEMETRY_FD: str(output_fd)},
            cwd=function.code,
            stdout=output_fd,
            stderr=output_fd,
            pass_fds=(output_fd,),
        )
        self._workers.add(child)
        return child

    def _confinement(self, function: Function, prepared: Prepared) -> Confinement:
        python = prepared.python
        own = (function.code, *prepared.layers, self._home, python.bytecode)
        return self._confiner.confine(own, prepared.bytecode_of(function))
