"""What answers for a deployment: functions, APIs and sites, swapped together."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from cloudworthy.local.api_plane import ApiPlane, BuiltApis
from cloudworthy.local.endpoint.stack_api import RunningStack
from cloudworthy.local.function_plane import BuiltFunctions, FunctionPlane
from cloudworthy.local.listeners import Listeners
from cloudworthy.local.model.functions import Function
from cloudworthy.local.model.resources import Deployment
from cloudworthy.local.provision.addresses import local_outputs, localized


@dataclass(frozen=True, slots=True)
class Built:
    """A deployment with all that is needed to serve it."""

    deployment: Deployment
    functions: BuiltFunctions
    apis: BuiltApis


class DataPlanes:
    """Serves the functions, APIs and sites of one stack.

    Parameters
    ----------
    first_port
        Of the first API or site.
    """

    def __init__(self, functions: FunctionPlane, apis: ApiPlane, *, first_port: int) -> None:
        self._functions = functions
        self._apis = apis
        self._listeners = Listeners(first_port)
        self._deployment: Deployment | None = None
        self.lambda_api = functions.api

    @property
    def functions(self) -> Mapping[str, Function]:
        return self._functions.functions

    async def build(self, deployment: Deployment) -> Built:
        """Do all that can fail before this deployment can be served.

        Raises
        ------
        CloudworthyError
            What was served before goes on.
        """
        functions = await self._functions.build(deployment)
        apis = self._apis.build(deployment)
        await self._functions.start()
        await self._listeners.open(self._apis.handlers(apis))
        return Built(deployment, functions, apis)

    async def serve(self, built: Built) -> None:
        """Serve this from the next request on; running requests end as they began."""
        await self._listeners.serve(self._apis.handlers(built.apis))
        # Nothing is awaited from here on: a request sees all of one version or of the other.
        self._deployment = built.deployment
        self._functions.swap(built.functions, self._localized)
        self._apis.swap(built.apis)
        self._functions.warm(built.functions)

    async def reload_code(self, paths: Iterable[Path]) -> list[str]:
        """Give the functions that these files belong to new workers; returns their names."""
        return await self._functions.reload_code(paths)

    async def stop(self) -> None:
        await self._listeners.stop()
        await self._functions.stop()
        self._apis.close()

    def running(self) -> RunningStack | None:
        """What is served, as CloudFormation would describe it; None before anything is."""
        deployment = self._deployment
        if deployment is None:
            return None
        return RunningStack(deployment, local_outputs(deployment, self._origins()))

    def address(self) -> dict[str, Any]:
        """Outputs, URLs and keys of what is served."""
        deployment = self._deployment
        if deployment is None:
            raise RuntimeError("nothing is served yet")
        return {
            "outputs": local_outputs(deployment, self._origins()),
            "apis": [
                {
                    "logical_id": entry.logical_id,
                    "type": entry.type,
                    "stage": entry.stage,
                    "url": self._origin(entry.logical_id) + entry.path,
                }
                for entry in self._apis.entries()
            ],
            "api_keys": {
                key.logical_id: str(key.data["value"])
                for key in deployment.of_type("AWS::ApiGateway::ApiKey")
            },
            "secrets": {
                secret.logical_id: secret.physical_id
                for secret in deployment.of_type("AWS::SecretsManager::Secret")
            },
        }

    def _localized(self, function: Function) -> Function:
        """A function calls the stack's own APIs on this machine."""
        if self._deployment is None:
            return function
        environment = localized(dict(function.environment), self._deployment, self._origins())
        return replace(function, environment=environment)

    def _origin(self, logical_id: str) -> str:
        return f"http://127.0.0.1:{self._listeners.ports[logical_id]}"

    def _origins(self) -> dict[str, str]:
        return {logical_id: self._origin(logical_id) for logical_id in self._listeners.ports}
