"""What answers for a deployment: functions, APIs and sites, swapped together."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from cloudworthy.local.apigateway.authorizers.iam import Signatures
from cloudworthy.local.apigateway.authorizers.user_pool_keys import BackendUserPools
from cloudworthy.local.apigateway.definition import RestApi, build_rest_apis
from cloudworthy.local.apigateway.http.definition import HttpApi, build_http_apis
from cloudworthy.local.apigateway.http.gateway import HttpApiGateway
from cloudworthy.local.apigateway.integrations.service_calls import ServiceCalls
from cloudworthy.local.apigateway.metrics import RequestMetrics
from cloudworthy.local.apigateway.quota import QuotaStore
from cloudworthy.local.apigateway.rest import RestApiGateway
from cloudworthy.local.cloudfront.definition import Site, build_sites
from cloudworthy.local.cloudfront.edge import Edge
from cloudworthy.local.endpoint.stack_api import RunningStack
from cloudworthy.local.lambda_.api import LambdaApi
from cloudworthy.local.lambda_.asynchronous.configuration import build_event_invoke_configs
from cloudworthy.local.lambda_.asynchronous.service import AsynchronousInvocation
from cloudworthy.local.lambda_.aws_call import RoleCaller
from cloudworthy.local.lambda_.bucket_code import BucketCode
from cloudworthy.local.lambda_.definition import build_functions
from cloudworthy.local.lambda_.launcher import Launcher
from cloudworthy.local.lambda_.pool import WorkerPool
from cloudworthy.local.lambda_.versions import build_versions
from cloudworthy.local.listeners import Listeners
from cloudworthy.local.model.backends import Backend
from cloudworthy.local.model.clock import Clock
from cloudworthy.local.model.functions import Function
from cloudworthy.local.model.http import Handler, Request, Response
from cloudworthy.local.model.records import LogSink, MetricSink, Sampler, TraceSink
from cloudworthy.local.model.resources import Deployment, Stack
from cloudworthy.local.provision.addresses import local_outputs, localized
from cloudworthy.local.wire.outbound import OutboundHttp


class DataPlanes:
    """Serves the functions, APIs and sites of one stack.

    Parameters
    ----------
    stack
        For account and region.
    deployed_code
        Where copies of code from buckets are kept.
    s3
        Where sites and functions read their buckets, and APIs the keys of user pools.
    first_port
        Of the first API or site.
    event_queue
        The file that events of asynchronous invocations are kept in.
    caller
        Makes the calls of AWS that Lambda makes for a function.
    signatures
        Checks who signed a request to an API.
    services
        Makes the calls of AWS services that REST APIs integrate with.
    account_concurrency
        How many events all functions together run at once.
    event_clock
        By which asynchronous events grow old and are tried again.
    """

    def __init__(
        self,
        stack: Stack,
        launcher: Launcher,
        *,
        code_cache: Path,
        deployed_code: Path,
        first_port: int,
        s3: Backend,
        logs: LogSink,
        traces: TraceSink,
        sampler: Sampler,
        quotas: QuotaStore,
        signatures: Signatures,
        metrics: MetricSink,
        event_queue: Path,
        caller: RoleCaller,
        services: ServiceCalls,
        account_concurrency: int,
        clock: Clock,
        event_clock: Clock,
    ) -> None:
        self._launcher = launcher
        self._code_cache = code_cache
        self._bucket_code = BucketCode(deployed_code, s3)
        self._s3 = s3
        self._listeners = Listeners(first_port)
        self._pool = WorkerPool(
            {},
            launcher,
            log_sink=logs,
            trace_sink=traces,
            metrics=metrics,
            clock=clock,
            sampler=sampler,
            account_concurrency=account_concurrency,
        )
        self._asynchronous = AsynchronousInvocation(
            event_queue,
            self._pool,
            caller,
            self._pool.find,
            metrics=metrics,
            clock=clock,
            event_clock=event_clock,
        )
        invoker = self._asynchronous.invoker
        user_pools = BackendUserPools(s3, clock)
        self._outbound = OutboundHttp()
        # Answers of these servers show a client what their connections were.
        self._behind_rest = OutboundHttp(shows_connection=True)
        self._gateway = RestApiGateway(
            [],
            invoker,
            logs,
            clock,
            trace_sink=traces,
            observer=RequestMetrics(metrics),
            sampler=sampler,
            quotas=quotas,
            signatures=signatures,
            user_pools=user_pools,
            outbound=self._behind_rest,
            services=services,
        )
        self._http_gateway = HttpApiGateway(
            [],
            invoker,
            logs,
            clock,
            outbound=self._outbound,
            metric_sink=metrics,
            signatures=signatures,
            user_pools=user_pools,
        )
        self._apis: list[RestApi] = []
        self._http_apis: list[HttpApi] = []
        self._edges: dict[str, Edge] = {}
        self._deployment: Deployment | None = None
        self.lambda_api = LambdaApi(self._pool, invoker, region=stack.region, account=stack.account)

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
        code = await self._bucket_code.collect(deployment)
        functions = build_functions(deployment, code_cache=self._code_cache, bucket_code=code)
        versions = build_versions(deployment, functions)
        event_invoke_configs = build_event_invoke_configs(deployment)
        apis, http_apis = build_rest_apis(deployment), build_http_apis(deployment)
        sites = build_sites(deployment)
        for function in functions.values():
            await self._launcher.prepare(function)
        is_first = self._deployment is None
        if is_first:
            await self._pool.start()
        await self._listeners.serve(self._handlers(apis, http_apis, sites))
        # Nothing is awaited from here on: a request sees all of one version or of the other.
        self._deployment = deployment
        self._pool.update(
            {name: self._localized(it) for name, it in functions.items()},
            versions.with_functions(self._localized),
        )
        self._asynchronous.update(event_invoke_configs)
        self._gateway.update(apis)
        self._http_gateway.update(http_apis)
        self._apis, self._http_apis = apis, http_apis
        self._update_edges(sites)
        self._pool.warm(functions)
        if is_first:
            self._asynchronous.start()

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
        await self._asynchronous.stop()
        await self._pool.stop()
        self._outbound.close()
        self._behind_rest.close()

    def running(self) -> RunningStack | None:
        """What is served, as CloudFormation would describe it; None before anything is."""
        deployment = self._deployment
        if deployment is None:
            return None
        return RunningStack(deployment, local_outputs(deployment, self._origins()))

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
            {
                "logical_id": api.logical_id,
                "type": "HTTP",
                "stage": stage.name,
                "url": self._origin(api.logical_id) + stage.base_path,
            }
            for api in self._http_apis
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
            "secrets": {
                secret.logical_id: secret.physical_id
                for secret in self._deployment.of_type("AWS::SecretsManager::Secret")
            },
        }

    def _handlers(
        self, apis: Iterable[RestApi], http_apis: Iterable[HttpApi], sites: Iterable[Site]
    ) -> dict[str, Handler]:
        handlers = {api.logical_id: self._gateway.handler(api.api_id) for api in apis}
        handlers |= {api.logical_id: self._http_gateway.handler(api.api_id) for api in http_apis}
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
        if any(api.api_id == api_id for api in self._apis):
            return self._gateway.handler(api_id)
        if any(api.api_id == api_id for api in self._http_apis):
            return self._http_gateway.handler(api_id)
        return None

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
