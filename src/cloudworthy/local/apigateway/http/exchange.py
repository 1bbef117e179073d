"""One request to an HTTP API on its way, and the prepared API that serves it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import TypeVar
from urllib.parse import unquote

from cloudworthy.local.apigateway.definition import Throttle
from cloudworthy.local.apigateway.host import port_of, prefix_of
from cloudworthy.local.apigateway.http.caller import Caller
from cloudworthy.local.apigateway.http.definition import Cors, HttpApi, Route, Stage
from cloudworthy.local.apigateway.http.errors import HttpApiError
from cloudworthy.local.apigateway.route_tree import RouteTree
from cloudworthy.local.apigateway.trace import Trace
from cloudworthy.local.model.arns import arn_of
from cloudworthy.local.model.http import Request, Response

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class LiveRoute:
    """A route in a stage, with the settings that hold for it."""

    definition: Route
    may_invoke: Callable[[str], bool]
    """Whether the function lets this source invoke it."""
    throttle: Throttle | None
    detailed_metrics: bool


@dataclass(frozen=True, slots=True)
class LiveStage:
    """A stage prepared for serving."""

    definition: Stage
    routes: RouteTree[LiveRoute]
    default_route: LiveRoute | None
    access_log_group: str
    access_log_line: Callable[[HttpExchange], str] | None


@dataclass(frozen=True, slots=True)
class LiveHttpApi:
    """An API prepared for serving."""

    definition: HttpApi
    stages: Mapping[str, LiveStage]


@dataclass
class HttpExchange:
    """The mutable state of one request.

    Each stage of ``gateway.py`` fills in its part; what is None was not reached. Every
    exchange keeps the API it began with, whatever is swapped in meanwhile.
    """

    api: LiveHttpApi
    request: Request
    headers: Mapping[str, str]
    """All values of each header, joined by commas, by its name in lower case."""
    request_id: str
    started_at: datetime
    started_s: float
    trace: Trace

    # parse
    stage: LiveStage | None = None
    path: str = "/"
    """Below the stage, as it was sent."""
    base_path_matched: str | None = None
    """The mapping of the custom domain that was called."""
    # routing
    route: LiveRoute | None = None
    path_parameters: dict[str, str] = field(default_factory=dict)
    # authorization
    caller: Caller | None = None
    authorizer_error: str = ""
    # integration
    integration_latency_ms: int | None = None
    integration_status: int | None = None
    function_status: int | None = None
    function_request_id: str = ""
    # answer
    response: Response | None = None
    error: HttpApiError | None = None
    latency_ms: int = 0

    @property
    def known_stage(self) -> LiveStage:
        """The stage, for all that comes after parsing."""
        return _known(self.stage)

    @property
    def known_route(self) -> LiveRoute:
        """The route, for all that comes after routing."""
        return _known(self.route)

    @property
    def known_response(self) -> Response:
        """The response, for all that comes after it."""
        return _known(self.response)

    @property
    def cors(self) -> Cors | None:
        return self.api.definition.cors

    @property
    def method(self) -> str:
        return self.request.method

    @property
    def stage_name(self) -> str:
        return self.known_stage.definition.name

    @property
    def route_key(self) -> str:
        return self.known_route.definition.route_key

    @cached_property
    def raw_path(self) -> str:
        """The whole path, a named stage included.

        Source: httpapi-event-018 (recorded 2025-04-14): despite AWS's name for it, decoded.
        """
        return unquote(self.request.path)

    @property
    def host(self) -> str:
        """The Host header as it was sent, so that links made from it work."""
        return self.headers.get("host", "")

    @property
    def domain_prefix(self) -> str:
        return prefix_of(self.host, self.api.definition.api_id)

    @property
    def port(self) -> str:
        return port_of(self.host)

    @property
    def method_arn(self) -> str:
        """The request as policies name it: the path that was called, not the route's."""
        return self._arn(self.method, unquote(self.path))

    @property
    def source_arn(self) -> str:
        """What the gateway names as the caller of a function.

        Source: AWS Lambda developer guide, "Invoking a Lambda function using an Amazon API
        Gateway endpoint" (documented in examples): the route, ``*`` for ANY, and
        ``$default`` for the route of that name.
        """
        route = self.known_route.definition
        if route.is_default:
            return self._arn("$default", "")
        return self._arn("*" if route.verb == "ANY" else route.verb, route.path)

    def _arn(self, verb: str, path: str) -> str:
        api = self.api.definition
        resource = f"{api.api_id}/{self.stage_name}/{verb}{path}"
        return arn_of("execute-api", api.region, api.account, resource)


def _known(value: _T | None) -> _T:
    if value is None:
        raise RuntimeError("a stage of the request came before the one that it builds on")
    return value
