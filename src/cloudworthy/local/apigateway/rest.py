"""The data plane of REST APIs: the stages of a request, in the order they happen."""

from __future__ import annotations

import asyncio
import base64
import logging
import os
import uuid
from collections.abc import Awaitable, Callable, Sequence

from cloudworthy.local.apigateway.authorizers.iam import Signatures
from cloudworthy.local.apigateway.authorizers.methods import MethodAuthorizers
from cloudworthy.local.apigateway.authorizers.user_pool_keys import UserPoolKeys
from cloudworthy.local.apigateway.compilation import compile_api
from cloudworthy.local.apigateway.definition import IntegrationType, RestApi
from cloudworthy.local.apigateway.errors import DEFAULT_5XX, THROTTLED, GatewayError
from cloudworthy.local.apigateway.exchange import Exchange, LiveApi
from cloudworthy.local.apigateway.front_door import refusal
from cloudworthy.local.apigateway.integration import Integrations
from cloudworthy.local.apigateway.integrations.service_calls import ServiceCalls
from cloudworthy.local.apigateway.observer import RequestObserver
from cloudworthy.local.apigateway.parse import is_health_check, parse_request
from cloudworthy.local.apigateway.quota import SqliteQuotaStore
from cloudworthy.local.apigateway.report import Reporter
from cloudworthy.local.apigateway.response_cache import ResponseCache
from cloudworthy.local.apigateway.routing import route_request
from cloudworthy.local.apigateway.sampling import Sampling
from cloudworthy.local.apigateway.throttling import StageThrottling
from cloudworthy.local.apigateway.token_bucket import TokenBuckets
from cloudworthy.local.apigateway.trace import HEADER as TRACE_HEADER
from cloudworthy.local.apigateway.trace import start_trace
from cloudworthy.local.apigateway.usage import UsagePlans
from cloudworthy.local.apigateway.validation import validate_request
from cloudworthy.local.model.clock import Clock
from cloudworthy.local.model.functions import Invoker
from cloudworthy.local.model.http import Handler, Outbound, Request, Response
from cloudworthy.local.model.records import LogSink, Sampler, TraceSink

_log = logging.getLogger(__name__)

_BODILESS = (204, 304)
Step = Callable[[Exchange], Awaitable[None]]


class RestApiGateway:
    """Serves REST APIs.

    Parameters
    ----------
    sampler
        Decides for stages with tracing which requests are traced.
    quotas
        Keeps the used requests of usage plans.
    signatures
        Checks who signed a request to a method of the type AWS_IAM.
    user_pools
        Gives the keys of user pools.
    outbound
        Reaches the web servers of HTTP integrations.
    services
        Carries out the calls of integrations with AWS services.
    """

    def __init__(
        self,
        invoker: Invoker,
        log_sink: LogSink,
        clock: Clock,
        *,
        trace_sink: TraceSink,
        sampler: Sampler,
        observer: RequestObserver,
        quotas: SqliteQuotaStore,
        signatures: Signatures,
        user_pools: UserPoolKeys,
        outbound: Outbound,
        services: ServiceCalls,
    ) -> None:
        self._clock = clock
        self._apis: dict[str, LiveApi] = {}
        self._reporter = Reporter(log_sink, trace_sink, observer)
        buckets = TokenBuckets(clock)
        authorizers = MethodAuthorizers(
            invoker, clock, signatures=signatures, user_pools=user_pools
        )
        integrations = Integrations(invoker, clock, outbound=outbound, services=services)
        self._steps: tuple[Step, ...] = (
            parse_request,
            Sampling(sampler).decide,
            route_request,
            # Source: rest-authorizers-019 (documented): before API keys are looked at.
            authorizers.authorize,
            UsagePlans(buckets, quotas).check,
            StageThrottling(buckets).throttle,
            validate_request,
            ResponseCache(integrations.answer, clock, signatures).answer,
        )

    def update(self, rest_apis: Sequence[RestApi]) -> None:
        """Serve these from the next request on, as ``build_rest_apis`` makes them; no others.

        Running requests end as they began; throttles and quotas of limits that did not
        change go on counting.
        """
        self._apis = {
            definition.api_id: self._current(definition) or compile_api(definition)
            for definition in rest_apis
        }

    def _current(self, definition: RestApi) -> LiveApi | None:
        live = self._apis.get(definition.api_id)
        return live if live is not None and live.definition == definition else None

    def handler(self, api: str) -> Handler:
        """The handler for the listener of an API, by its id."""

        async def handle(request: Request) -> Response:
            return await self.handle(api, request)

        return handle

    async def handle(self, api_id: str, request: Request) -> Response:
        """Answer one request; ``/<stage>/<path>`` as on AWS, or a custom domain's path."""
        api = self._apis.get(api_id)
        if api is None:
            return Response(403, [("Content-Type", "application/json")], b'{"message":"Forbidden"}')
        if (refused := refusal(request, api.definition.endpoint_type)) is not None:
            return refused
        if is_health_check(request, api.definition):
            return Response(200, [("Content-Type", "text/plain")], b"healthy")
        exchange = self._start(api, request)
        exchange.error = await self._run(exchange)
        if exchange.error is not None:
            exchange.response = api.render_error(exchange.error, exchange)
        return self._finish(exchange)

    async def _run(self, exchange: Exchange) -> GatewayError | None:
        """Take the request through the stages; the error that it ended with, if it did."""
        try:
            for step in self._steps:
                await step(exchange)
        except GatewayError as error:
            return error
        except Exception as error:  # noqa: BLE001 - callers, logs and alarms learn of it too
            request = exchange.request
            _log.exception("%s %s failed in the runtime itself", request.method, request.path)
            return GatewayError(DEFAULT_5XX, reason=f"Execution failed: {error}")
        return None

    def _start(self, api: LiveApi, request: Request) -> Exchange:
        now = self._clock.now()
        # Of a header sent twice the last value counts, which is the one that functions see:
        # a credential that was checked must not stand beside another that was not.
        headers = {name.lower(): value for name, value in request.headers}
        return Exchange(
            api=api,
            request=request,
            headers=headers,
            request_id=str(uuid.uuid4()),
            extended_request_id=base64.urlsafe_b64encode(os.urandom(11)).decode("ascii"),
            started_at=now,
            started_s=self._clock.monotonic_s(),
            trace=start_trace(headers.get("x-amzn-trace-id"), int(now.timestamp())),
        )

    def _finish(self, exchange: Exchange) -> Response:
        response = exchange.known_response
        if response.status in _BODILESS:
            response.body = b""
        response.headers += [
            ("x-amzn-RequestId", exchange.request_id),
            ("x-amz-apigw-id", exchange.extended_request_id),
        ]
        if _shows_trace(exchange):
            header = exchange.trace.to_client(tracing=exchange.tracing)
            response.headers.append((TRACE_HEADER, header))
        exchange.latency_ms = round((self._clock.monotonic_s() - exchange.started_s) * 1000)
        # Logs, metrics and traces are made while the client reads its answer already.
        asyncio.get_running_loop().call_soon(self._reporter.report, exchange)
        return response


def _shows_trace(exchange: Exchange) -> bool:
    """Whether the answer carries the trace header.

    Answers of a backend do, unless a web server's is passed on as it is, and answers of a
    MOCK do not; of the gateway's own, only the one for throttling does.

    Sources: rest-mock-cors-003, rest-aws-http-integrations-005 (recorded), rest-errors-005
    (captured), rest-errors-025.
    """
    if exchange.error is not None:
        return exchange.error.response_type is THROTTLED
    if exchange.integration_latency_ms is None:
        return False
    return exchange.known_route.method.integration.type is not IntegrationType.HTTP_PROXY
