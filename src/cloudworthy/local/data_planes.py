"""What answers for a deployment: functions, APIs and sites, swapped together."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from cloudworthy.local.apigateway.definition import RestApi, build_rest_apis
from cloudworthy.local.apigateway.quota import QuotaStore
from cloudworthy.local.apigateway.rest import RestApiGateway
from cloudworthy.local.cloudfront.definition import Site, build_sites
from cloudworthy.local.cloudfront.edge import Edge
from cloudworthy.local.lambda_.api import LambdaApi
from cloudworthy.local.lambda_.definition import build_functions
from cloudworthy.local.lambda_.launcher import Launcher
from cloudworthy.local.lambda_.pool import WorkerPool
from cloudworthy.local.listeners import Listeners
from cloudworthy.local.model.backends import Backend
from cloudworthy.local.model.clock import Clock
from cloudworthy.local.model.functions import Function
from cloudworthy.local.model.http import Handler, Request, Response
from cloudworthy.local.model.records import LogSink, Sampler, TraceSink
from cloudworthy.local.model.resources import Deployment, Stack
from cloudworthy.local.provision.addresses import local_outputs, localized


class DataPlanes:
    """Serves the functions, APIs and sites of one stack.

    Parameters
    ----------
    stack
        For account and region.
    s3
        Where sites read their buckets.
    first_port
        Of the first API or site.
    """

    def __init__(
        self,
        stack: Stack,
        launcher: Launcher,
        *,
        code_cache: Path,
        first_port: int,
        s3: Backend,
        logs: LogSink,
        traces: TraceSink,
        sampler: Sampler,
        quotas: QuotaStore,
        clock: Clock,
    ) -> None:
        self._launcher = launcher
        self._code_cache = code_cache
        self._s3 = s3
        self._listeners = Listeners(first_port)
        self._pool = WorkerPool(
            {}, launcher, log_sink=logs, trace_sink=traces, clock=clock, sampler=sampler
        )
        self._gateway = RestApiGateway(
            [], self._pool, logs, clock, trace_sink=traces, sampler=sampler, quotas=quotas
        )
        self._apis: list[RestApi] = []
        self._edges: dict[str, Edge] = {}
        self._deployment: Deployment | None = None
        self.lambda_api = LambdaApi(
            lambda: self._pool.functions, self._pool, region=stack.region, account=stack.account
        )

    @property
    def functions(self) -> Mapping[str, Function]:
        return self._pool.functions

    async def serve(self, deployment: Deployment) -> None:
        """Serve this deployment from the next request on; running requests end as they began.

        Raises
        ------
        CloudworthyError
            What was served before goes on.
        """
        functions = build_functions(deployment, code_cache=self._code_cache)
        apis = build_rest_apis(deployment)
        sites = build_sites(deployment)
        for function in functions.values():
            await self._launcher.prepare(function)
        if self._deployment is None:
            await self._pool.start()
        await self._listeners.serve(self._handlers(apis, sites))
        # Nothing is awaited from here on: a request sees all of one version or of the other.
        self._deployment = deployment
        self._pool.update({name: self._localized(f) for name, f in functions.items()})
        self._gateway.update(apis)
        self._apis = apis
        self._update_edges(sites)
        self._pool.warm(functions)

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
        await self._listeners.stop()
        await self._pool.stop()

    def address(self) -> dict[str, Any]:
        """Outputs, URLs and keys of what is served."""
        if self._deployment is None:
            raise RuntimeError("nothing is served yet")
        entries = [
            {
                "logical_id": api.logical_id,
                "type": "REST",
                "stage": stage.name,
                "url": f"{self._origin(api.logical_id)}/{stage.name}",
            }
            for api in self._apis
            for stage in api.stages
        ]
        entries += [
            {"logical_id": name, "type": "SITE", "stage": "", "url": f"{self._origin(name)}/"}
            for name in self._edges
        ]
        return {
            "outputs": local_outputs(self._deployment, self._origins()),
            "apis": entries,
            "api_keys": {
                key.logical_id: str(key.data["value"])
                for key in self._deployment.of_type("AWS::ApiGateway::ApiKey")
            },
        }

    def _handlers(self, apis: Iterable[RestApi], sites: Iterable[Site]) -> dict[str, Handler]:
        handlers = {api.logical_id: self._gateway.handler(api.api_id) for api in apis}
        return handlers | {site.logical_id: self._site_handler(site.logical_id) for site in sites}

    def _site_handler(self, logical_id: str) -> Handler:
        async def handle(request: Request) -> Response:
            return await self._edges[logical_id].handle(request)

        return handle

    def _update_edges(self, sites: Iterable[Site]) -> None:
        before, self._edges = self._edges, {}
        for site in sites:
            edge = before.get(site.logical_id) or Edge(site, self._s3, self._handler_of_api)
            edge.update(site)
            self._edges[site.logical_id] = edge

    def _handler_of_api(self, api_id: str) -> Handler | None:
        known = any(api.api_id == api_id for api in self._apis)
        return self._gateway.handler(api_id) if known else None

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
