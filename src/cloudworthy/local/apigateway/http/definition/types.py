"""HTTP APIs as the template configures them, in API Gateway's own words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from cloudworthy.local.apigateway.definition import AccessLog, Throttle
from cloudworthy.local.model.functions import invocation_target

DEFAULT_STAGE = "$default"
DEFAULT_ROUTE = "$default"


class PayloadFormat(StrEnum):
    """``PayloadFormatVersion`` of an integration or an authorizer."""

    V1 = "1.0"
    V2 = "2.0"


@dataclass(frozen=True, slots=True)
class LambdaIntegration:
    """``AWS_PROXY`` to a function; ``permitted_sources`` as its permissions name them."""

    function_arn: str
    payload_format: PayloadFormat
    timeout_s: float = 30.0
    permitted_sources: tuple[str, ...] = ()
    invocable_by_role: bool = False
    """Whether the role that the integration names may invoke the function."""

    @property
    def function_name(self) -> str:
        return invocation_target(self.function_arn)


@dataclass(frozen=True, slots=True)
class HttpIntegration:
    """``HTTP_PROXY``: ``url`` may hold ``{name}`` of the route; method ANY passes it on."""

    url: str
    method: str = "ANY"
    timeout_s: float = 30.0


Integration = LambdaIntegration | HttpIntegration


@dataclass(frozen=True, slots=True)
class JwtAuthorizer:
    logical_id: str
    issuer: str
    audience: tuple[str, ...]
    identity_source: str


@dataclass(frozen=True, slots=True)
class LambdaAuthorizer:
    logical_id: str
    authorizer_id: str
    function_arn: str
    payload_format: PayloadFormat
    simple_responses: bool = False
    identity_sources: tuple[str, ...] = ()
    ttl_s: float = 0.0
    invocable: bool = True
    """Whether a permission or the authorizer's role lets API Gateway invoke the function."""

    @property
    def function_name(self) -> str:
        return invocation_target(self.function_arn)


@dataclass(frozen=True, slots=True)
class IamAuthorization:
    """``AWS_IAM``: the request is signed with Signature Version 4."""


Authorization = JwtAuthorizer | LambdaAuthorizer | IamAuthorization | None
"""None lets everybody in."""


@dataclass(frozen=True, slots=True)
class Route:
    """``GET /items/{id}`` or ``$default``."""

    logical_id: str
    route_key: str
    integration: Integration
    authorization: Authorization = None
    scopes: tuple[str, ...] = ()

    @property
    def is_default(self) -> bool:
        return self.route_key == DEFAULT_ROUTE

    @property
    def verb(self) -> str:
        return self.route_key.partition(" ")[0]

    @property
    def path(self) -> str:
        return self.route_key.partition(" ")[2]


@dataclass(frozen=True, slots=True)
class RouteSettings:
    """Settings of a stage, for one route or for all of them; None keeps the default."""

    throttling_rate_per_s: float | None = None
    throttling_burst: int | None = None
    detailed_metrics: bool | None = None

    def throttle(self) -> Throttle | None:
        """The limit that the settings make, if any."""
        return Throttle.of(self.throttling_rate_per_s, self.throttling_burst)


@dataclass(frozen=True, slots=True)
class Stage:
    """A stage; one without automatic deployment and without a deployment has no routes."""

    logical_id: str
    name: str
    deployed: bool = True
    variables: Mapping[str, str] = field(default_factory=dict)
    default_settings: RouteSettings = RouteSettings()
    route_settings: Mapping[str, RouteSettings] = field(default_factory=dict)
    access_log: AccessLog | None = None

    @property
    def base_path(self) -> str:
        """Where the stage begins under the API's own address."""
        return "" if self.name == DEFAULT_STAGE else f"/{self.name}"


@dataclass(frozen=True, slots=True)
class Cors:
    """``CorsConfiguration``; what is empty is not sent."""

    allow_origins: tuple[str, ...] = ()
    allow_methods: tuple[str, ...] = ()
    allow_headers: tuple[str, ...] = ()
    expose_headers: tuple[str, ...] = ()
    max_age_s: int | None = None
    allow_credentials: bool = False


@dataclass(frozen=True, slots=True)
class DomainMapping:
    """Which stage a custom domain serves under a path, ``""`` being the whole domain."""

    domain_name: str
    key: str
    stage: str


@dataclass(frozen=True, slots=True)
class HttpApi:
    """An HTTP API with all that serves its requests."""

    logical_id: str
    api_id: str
    name: str
    account: str
    region: str
    routes: tuple[Route, ...] = ()
    stages: tuple[Stage, ...] = ()
    cors: Cors | None = None
    domains: tuple[DomainMapping, ...] = ()
    execute_api_endpoint: bool = True
    """Whether the API answers under its own address, not only under custom domains."""
