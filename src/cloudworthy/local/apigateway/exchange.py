"""One request on its way through the stages, and the prepared API that serves it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeVar

from cloudworthy.local.apigateway.caller import AuthorizerCall, Caller
from cloudworthy.local.apigateway.definition import (
    ApiKey,
    Method,
    Resource,
    RestApi,
    Stage,
    Throttle,
)
from cloudworthy.local.apigateway.errors import GatewayError
from cloudworthy.local.apigateway.integrations.messages import IntegrationAnswer, IntegrationRequest
from cloudworthy.local.apigateway.media_types import BinaryMediaTypes
from cloudworthy.local.apigateway.trace import Trace
from cloudworthy.local.model.arns import arn_of
from cloudworthy.local.model.functions import invocation_target
from cloudworthy.local.model.http import Request, Response

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class MethodCaching:
    """How answers of a method are cached.

    ``only_get`` is for methods whose caching no setting of their own verb asks for.
    """

    ttl_s: int
    only_get: bool


@dataclass(frozen=True, slots=True)
class Route:
    """A method of a resource in a stage, with the settings that hold for it."""

    resource: Resource
    method: Method
    source_arn: str
    """What API Gateway names as the caller of the integration."""
    function_arn: str
    """Stage variables filled in; empty when one of them is missing."""
    may_invoke: bool
    """Whether a permission of the function lets this method invoke it."""
    validate: Callable[[Exchange], None]
    mock: Callable[[Exchange], Response] | None
    mapped: Callable[[Exchange, Send], Awaitable[Response]] | None
    """The integration when it is neither a MOCK nor a proxy to a function."""
    throttle: Throttle | None
    logging_level: str
    data_trace: bool
    metrics: bool
    caching: MethodCaching | None = None
    """None for answers that are not cached."""

    @property
    def function_name(self) -> str:
        return invocation_target(self.function_arn)


Match = tuple[Route, dict[str, str]]
"""A route and its path parameters."""


@dataclass(frozen=True, slots=True)
class LiveStage:
    """A stage prepared for serving."""

    definition: Stage
    match: Callable[[str, str], Match | None]
    """By the path below the stage, and the verb."""
    access_log_group: str
    access_log_line: Callable[[Exchange], str] | None
    default_logging_level: str
    """For requests that match no method."""


@dataclass(frozen=True, slots=True)
class LiveApi:
    """An API prepared for serving: all that can be worked out before a request comes."""

    definition: RestApi
    stages: Mapping[str, LiveStage]
    binary: BinaryMediaTypes
    render_error: Callable[[GatewayError, Exchange], Response]


@dataclass(slots=True)
class Exchange:
    """The mutable state of one request.

    Each stage of ``rest.py`` fills in its part; what is None was not reached. Every
    exchange keeps the API it began with, whatever is swapped in meanwhile.
    """

    api: LiveApi
    request: Request
    headers: Mapping[str, str]
    """The last value of each header, by its name in lower case."""
    request_id: str
    extended_request_id: str
    started_at: datetime
    started_s: float
    trace: Trace

    # parse
    method: str = ""
    full_path: str = ""
    """With the stage: ``$context.path``."""
    path: str = ""
    base_path: str = ""
    """What a custom domain has before the path: empty, or with a slash at its beginning."""
    stage: LiveStage | None = None
    # routing
    route: Route | None = None
    path_parameters: dict[str, str] = field(default_factory=dict)
    # authorization
    caller: Caller | None = None
    authorizer_call: AuthorizerCall | None = None
    # usage
    api_key: ApiKey | None = None
    # cache
    cache_hit: bool | None = None
    """None when there is no cache for the request."""
    # integration
    integration_started_s: float = 0.0
    integration_latency_ms: int | None = None
    integration_status: int | None = None
    integration_url: str = ""
    """Where the request went; empty for a proxy to a function."""
    integration_body: bytes = b""
    """What a backend got that is no proxy to a function."""
    function_status: int | None = None
    function_request_id: str = ""
    # answer
    response: Response | None = None
    error: GatewayError | None = None
    latency_ms: int = 0

    @property
    def known_stage(self) -> LiveStage:
        """The stage, for all that comes after parsing."""
        return _known(self.stage)

    @property
    def known_route(self) -> Route:
        """The route, for all that comes after routing."""
        return _known(self.route)

    @property
    def method_arn(self) -> str:
        """The method and path that are called, as policies name them."""
        api = self.api.definition
        stage = f"{api.api_id}/{self.known_stage.definition.name}"
        return arn_of("execute-api", api.region, api.account, f"{stage}/{self.method}{self.path}")

    @property
    def known_response(self) -> Response:
        """The response, for all that comes after it."""
        return _known(self.response)

    @property
    def tracing(self) -> bool:
        """Whether the stage traces."""
        return self.stage is not None and self.stage.definition.tracing

    @property
    def sampled(self) -> bool:
        """Whether this request is traced."""
        return self.trace.is_sampled(tracing=self.tracing)


Send = Callable[[IntegrationRequest, Exchange], Awaitable[IntegrationAnswer]]
"""Has a backend answer the request of an exchange."""


def _known(value: _T | None) -> _T:
    if value is None:
        raise RuntimeError("a stage of the request came before the one that it builds on")
    return value
