"""The data plane of HTTP APIs: the stages of a request, in the order they happen."""

from __future__ import annotations

import asyncio
import base64
import logging
import os
from collections.abc import Awaitable, Callable, Sequence

from cloudworthy.local.apigateway.authorizers.iam import Signatures
from cloudworthy.local.apigateway.authorizers.user_pool_keys import UserPoolKeys
from cloudworthy.local.apigateway.http.authorizers.issuer_keys import IssuerKeys
from cloudworthy.local.apigateway.http.authorizers.jwt_authorizer import JwtAuthorizers
from cloudworthy.local.apigateway.http.authorizers.lambda_authorizer import LambdaAuthorizers
from cloudworthy.local.apigateway.http.authorizers.routes import RouteAuthorization
from cloudworthy.local.apigateway.http.compilation import compile_http_api
from cloudworthy.local.apigateway.http.cors import add_cors_headers, preflight_answer
from cloudworthy.local.apigateway.http.definition import HttpApi
from cloudworthy.local.apigateway.http.errors import INTERNAL, NOT_FOUND, HttpApiError
from cloudworthy.local.apigateway.http.exchange import HttpExchange, LiveHttpApi
from cloudworthy.local.apigateway.http.integration import Integrations
from cloudworthy.local.apigateway.http.parse import parse_request
from cloudworthy.local.apigateway.http.report import Reporter
from cloudworthy.local.apigateway.http.routing import route_request
from cloudworthy.local.apigateway.http.throttling import RouteThrottling
from cloudworthy.local.apigateway.token_bucket import TokenBuckets
from cloudworthy.local.apigateway.trace import start_trace
from cloudworthy.local.model.clock import Clock
from cloudworthy.local.model.functions import Invoker
from cloudworthy.local.model.http import Handler, Outbound, Request, Response
from cloudworthy.local.model.records import LogSink, MetricSink

_log = logging.getLogger(__name__)

_BODILESS = (204, 304)
Step = Callable[[HttpExchange], Awaitable[None]]


class HttpApiGateway:
    """Serves HTTP APIs.

    Parameters
    ----------
    outbound
        Reaches the backends of HTTP integrations and the issuers of tokens.
    signatures
        Checks who signed a request to a route with IAM authorization.
    user_pools
        Knows the keys of the user pools on this machine.
    """

    def __init__(
        self,
        invoker: Invoker,
        log_sink: LogSink,
        clock: Clock,
        *,
        outbound: Outbound,
        metric_sink: MetricSink,
        signatures: Signatures,
        user_pools: UserPoolKeys,
    ) -> None:
        self._clock = clock
        self._apis: dict[str, LiveHttpApi] = {}
        self._reporter = Reporter(log_sink, metric_sink)
        keys = IssuerKeys(outbound, user_pools, clock)
        authorization = RouteAuthorization(
            JwtAuthorizers(keys, clock),
            LambdaAuthorizers(invoker, clock),
            signatures,
        )
        self._steps: tuple[Step, ...] = (
            parse_request,
            route_request,
            authorization.authorize,
            RouteThrottling(TokenBuckets(clock)).throttle,
            Integrations(invoker, outbound, clock).answer,
        )

    def update(self, http_apis: Sequence[HttpApi]) -> None:
        """Serve these from the next request on, as ``build_http_apis`` makes them; no others.

        Running requests end as they began; throttles of limits that did not change go on
        counting, answers of authorizers that did not change are kept.
        """
        self._apis = {
            definition.api_id: self._current(definition) or compile_http_api(definition)
            for definition in http_apis
        }

    def _current(self, definition: HttpApi) -> LiveHttpApi | None:
        live = self._apis.get(definition.api_id)
        return live if live is not None and live.definition == definition else None

    def handler(self, api_id: str) -> Handler:
        """The handler for the listener of an API."""

        async def handle(request: Request) -> Response:
            return await self.handle(api_id, request)

        return handle

    async def handle(self, api_id: str, request: Request) -> Response:
        """Answer one request, by the host's custom domain or the path as on AWS."""
        api = self._apis.get(api_id)
        if api is None:
            return HttpApiError(NOT_FOUND).response()
        exchange = self._start(api, request)
        error = await self._run(exchange)
        if error is not None:
            exchange.response = _gateway_answer(error, exchange)
        return self._finish(exchange)

    async def _run(self, exchange: HttpExchange) -> HttpApiError | None:
        """Take the request through the stages; the error that it ended with, if it did."""
        try:
            for step in self._steps:
                await step(exchange)
        except HttpApiError as error:
            return error
        except Exception as error:  # noqa: BLE001 - callers, logs and alarms learn of it too
            request = exchange.request
            _log.exception("%s %s failed in the runtime itself", request.method, request.path)
            return HttpApiError(INTERNAL, f"Execution failed: {error}")
        return None

    def _start(self, api: LiveHttpApi, request: Request) -> HttpExchange:
        now = self._clock.now()
        headers: dict[str, str] = {}
        for name, value in request.headers:
            lowered = name.lower()
            headers[lowered] = f"{headers[lowered]},{value}" if lowered in headers else value
        return HttpExchange(
            api=api,
            request=request,
            headers=headers,
            request_id=base64.urlsafe_b64encode(os.urandom(11)).decode("ascii"),
            started_at=now,
            started_s=self._clock.monotonic_s(),
            trace=start_trace(headers.get("x-amzn-trace-id"), int(now.timestamp())),
        )

    def _finish(self, exchange: HttpExchange) -> Response:
        response = exchange.known_response
        if response.status in _BODILESS:
            response.body = b""
        add_cors_headers(exchange, response)
        response.headers.append(("Apigw-Requestid", exchange.request_id))
        exchange.latency_ms = round((self._clock.monotonic_s() - exchange.started_s) * 1000)
        # Logs and metrics are made while the client reads its answer already.
        asyncio.get_running_loop().call_soon(self._reporter.report, exchange)
        return response


def _gateway_answer(error: HttpApiError, exchange: HttpExchange) -> Response:
    """The answer for an error; where there is no route, a preflight is answered instead."""
    preflight = preflight_answer(exchange) if error.error_type is NOT_FOUND else None
    if preflight is not None and exchange.stage is not None:
        return preflight
    exchange.error = error
    return error.response()
