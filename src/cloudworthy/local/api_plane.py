"""The APIs and sites of one stack: built from a deployment, then swapped for those before."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from cloudworthy.local.apigateway.authorizers.iam import Signatures
from cloudworthy.local.apigateway.authorizers.user_pool_keys import BackendUserPools
from cloudworthy.local.apigateway.definition import RestApi, build_rest_apis
from cloudworthy.local.apigateway.http.definition import HttpApi, build_http_apis
from cloudworthy.local.apigateway.http.gateway import HttpApiGateway
from cloudworthy.local.apigateway.integrations.service_calls import ServiceCalls
from cloudworthy.local.apigateway.metrics import RequestMetrics
from cloudworthy.local.apigateway.quota import SqliteQuotaStore
from cloudworthy.local.apigateway.rest import RestApiGateway
from cloudworthy.local.cloudfront.definition import Site, build_sites
from cloudworthy.local.cloudfront.edge import BucketReader, Edge
from cloudworthy.local.model.backends import Backend
from cloudworthy.local.model.clock import Clock
from cloudworthy.local.model.functions import Invoker
from cloudworthy.local.model.http import Handler, Request, Response
from cloudworthy.local.model.records import Telemetry
from cloudworthy.local.model.resources import Deployment
from cloudworthy.local.wire.outbound import OutboundHttp


@dataclass(frozen=True, slots=True)
class BuiltApis:
    """What a deployment has of API Gateway and CloudFront, ready to be served."""

    rest: Sequence[RestApi] = ()
    http: Sequence[HttpApi] = ()
    sites: Sequence[Site] = ()


class Entry(NamedTuple):
    """Where a stage or a site begins, below the origin of its API."""

    logical_id: str
    type: str
    stage: str
    path: str


class ApiPlane:
    """Answers for REST APIs, HTTP APIs and sites.

    Parameters
    ----------
    invoker
        Runs the functions that APIs integrate with.
    s3
        Where APIs read the keys of user pools.
    buckets
        Answers sites that read their buckets.
    quotas
        Keeps the used requests of usage plans; closed with the plane.
    signatures
        Checks who signed a request to an API.
    services
        Makes the calls of AWS services that REST APIs integrate with.
    """

    def __init__(
        self,
        invoker: Invoker,
        telemetry: Telemetry,
        *,
        s3: Backend,
        buckets: BucketReader,
        quotas: SqliteQuotaStore,
        signatures: Signatures,
        services: ServiceCalls,
        clock: Clock,
    ) -> None:
        self._buckets = buckets
        self._quotas = quotas
        user_pools = BackendUserPools(s3, clock)
        self._outbound = OutboundHttp()
        # Answers of these servers show a client what their connections were.
        self._behind_rest = OutboundHttp(shows_connection=True)
        self._rest = RestApiGateway(
            invoker,
            telemetry.logs,
            clock,
            trace_sink=telemetry.traces,
            observer=RequestMetrics(telemetry.metrics),
            sampler=telemetry.sampler,
            quotas=quotas,
            signatures=signatures,
            user_pools=user_pools,
            outbound=self._behind_rest,
            services=services,
        )
        self._http = HttpApiGateway(
            invoker,
            telemetry.logs,
            clock,
            outbound=self._outbound,
            metric_sink=telemetry.metrics,
            signatures=signatures,
            user_pools=user_pools,
        )
        self._edges: dict[str, Edge] = {}
        self._served = BuiltApis()

    def build(self, deployment: Deployment) -> BuiltApis:
        """Prepare the APIs and sites of a deployment; what is served stays as it is.

        Raises
        ------
        CloudworthyError
            The template asks for what is not supported.
        """
        return BuiltApis(
            build_rest_apis(deployment), build_http_apis(deployment), build_sites(deployment)
        )

    def handlers(self, built: BuiltApis) -> dict[str, Handler]:
        """Who answers for each API and site, by logical id, once it is served."""
        handlers = {api.logical_id: self._rest.handler(api.api_id) for api in built.rest}
        handlers |= {api.logical_id: self._http.handler(api.api_id) for api in built.http}
        return handlers | {it.logical_id: self._site_handler(it.logical_id) for it in built.sites}

    def swap(self, built: BuiltApis) -> None:
        """Serve these from the next request on."""
        self._rest.update(built.rest)
        self._http.update(built.http)
        self._served = built
        self._update_edges(built.sites)

    def entries(self) -> Iterator[Entry]:
        """Every stage and site that is served."""
        for api in self._served.rest:
            for stage in api.stages:
                yield Entry(api.logical_id, "REST", stage.name, f"/{stage.name}")
        for http_api in self._served.http:
            for http_stage in http_api.stages:
                path = http_stage.base_path
                yield Entry(http_api.logical_id, "HTTP", http_stage.name, path)
        for logical_id in self._edges:
            yield Entry(logical_id, "SITE", "", "/")

    def close(self) -> None:
        self._outbound.close()
        self._behind_rest.close()
        self._quotas.close()

    def _site_handler(self, logical_id: str) -> Handler:
        async def handle(request: Request) -> Response:
            return await self._edges[logical_id].handle(request)

        return handle

    def _update_edges(self, sites: Iterable[Site]) -> None:
        before, self._edges = self._edges, {}
        for site in sites:
            edge = before.get(site.logical_id) or Edge(site, self._buckets, self._handler_of_api)
            edge.update(site)
            self._edges[site.logical_id] = edge

    def _handler_of_api(self, api_id: str) -> Handler | None:
        if any(api.api_id == api_id for api in self._served.rest):
            return self._rest.handler(api_id)
        if any(api.api_id == api_id for api in self._served.http):
            return self._http.handler(api_id)
        return None
