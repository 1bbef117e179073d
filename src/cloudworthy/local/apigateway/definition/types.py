"""REST APIs as the template configures them, in API Gateway's own words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from cloudworthy.local.apigateway.definition.authorization import OPEN, MethodAuthorization
from cloudworthy.local.apigateway.definition.domains import BasePathMapping
from cloudworthy.local.apigateway.definition.resource_policy import PolicyStatement


class IntegrationType(StrEnum):
    AWS = "AWS"
    AWS_PROXY = "AWS_PROXY"
    HTTP = "HTTP"
    HTTP_PROXY = "HTTP_PROXY"
    MOCK = "MOCK"


@dataclass(frozen=True, slots=True)
class IntegrationResponse:
    """How an answer of an integration becomes the method's answer.

    ``header_values`` maps a header's name to a mapping expression: ``'text'`` or
    ``integration.response.header.<name>`` and so on, without the ``method.response.header.``
    of the template.
    """

    status: int
    selection_pattern: str = ""
    header_values: Mapping[str, str] = field(default_factory=dict)
    templates: Mapping[str, str] = field(default_factory=dict)
    content_handling: str = ""
    """``CONVERT_TO_BINARY``, ``CONVERT_TO_TEXT``, or empty."""


@dataclass(frozen=True, slots=True)
class AwsService:
    """An AWS service that a method calls with the rights of a role.

    ``action`` is empty when the integration names a path of the service instead;
    ``assumable`` tells whether API Gateway may take the role on.
    """

    name: str
    """Its signing name."""
    region: str
    role_arn: str
    action: str = ""
    assumable: bool = True


@dataclass(frozen=True, slots=True)
class Integration:
    """What a method calls.

    ``function_arn`` and ``address`` may still hold ``${stageVariables.<name>}``;
    ``permitted_sources`` are the ``SourceArn`` patterns of the function's permissions for API
    Gateway, and ``invocable_by_role`` whether the integration's role may invoke it.
    ``address`` is the URL of a web server, or the path of an AWS service.
    """

    type: IntegrationType
    function_arn: str = ""
    http_method: str = "POST"
    timeout_s: float = 29.0
    permitted_sources: tuple[str, ...] = ()
    invocable_by_role: bool = False
    address: str = ""
    service: AwsService | None = None
    request_parameters: Mapping[str, str] = field(default_factory=dict)
    """Mapping expressions by ``header.<name>``, ``querystring.<name>`` or ``path.<name>``."""
    content_handling: str = ""
    """``CONVERT_TO_BINARY``, ``CONVERT_TO_TEXT``, or empty."""
    passthrough: str = "WHEN_NO_MATCH"
    """What happens to a body whose content type has no request template."""
    request_templates: Mapping[str, str] = field(default_factory=dict)
    responses: tuple[IntegrationResponse, ...] = ()


@dataclass(frozen=True, slots=True)
class CacheKey:
    """What tells cached answers of a method apart.

    ``parameters`` are mapping expressions, ``method.request.path.<name>`` and the like; without
    any, every request of the method has the same answer. ``namespace`` is shared by methods that
    name the same.
    """

    namespace: str = ""
    parameters: tuple[str, ...] = ()


NO_CACHE_KEY = CacheKey()


@dataclass(frozen=True, slots=True)
class RequestValidation:
    """What is checked before the integration is called.

    ``required`` holds pairs of a place (``path``, ``querystring``, ``header``) and a name;
    ``body_models`` the JSON schemas by content type when the body is validated.
    """

    required: tuple[tuple[str, str], ...] = ()
    validates_body: bool = False
    body_models: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Method:
    """One verb, or ``ANY``, of a resource."""

    logical_id: str
    http_method: str
    integration: Integration
    authorization: MethodAuthorization = OPEN
    api_key_required: bool = False
    validation: RequestValidation = RequestValidation()
    cache_key: CacheKey = NO_CACHE_KEY


@dataclass(frozen=True, slots=True)
class Resource:
    """One node of the path tree; ``path`` is ``/`` or ``/items/{id}``."""

    resource_id: str
    path: str
    methods: tuple[Method, ...] = ()


@dataclass(frozen=True, slots=True)
class Throttle:
    """A token bucket: ``burst`` tokens at most, ``rate_per_s`` new ones a second."""

    rate_per_s: float
    burst: int

    @classmethod
    def of(cls, rate_per_s: float | None, burst: float | None) -> Throttle | None:
        """The limit that two settings make, if any.

        Without a rate, tokens come back at once; without a burst, it is what the rate gives in
        a second. Both are assumed.
        """
        if rate_per_s is None and burst is None:
            return None
        return cls(
            rate_per_s=float("inf") if rate_per_s is None else rate_per_s,
            burst=max(1, int(rate_per_s or 1)) if burst is None else int(burst),
        )


@dataclass(frozen=True, slots=True)
class MethodSettings:
    """Settings of a stage for a method; ``*`` and ``/*`` mean all of them.

    A value that is None is taken from the less specific settings.
    """

    resource_path: str
    http_method: str
    logging_level: str | None = None
    """``OFF``, ``ERROR`` or ``INFO``."""
    data_trace: bool | None = None
    metrics: bool | None = None
    throttling_rate_per_s: float | None = None
    throttling_burst: int | None = None
    caching: bool | None = None
    cache_ttl_s: int | None = None


@dataclass(frozen=True, slots=True)
class AccessLog:
    """Where and how a stage logs who called it."""

    log_group: str
    format: str


@dataclass(frozen=True, slots=True)
class Stage:
    """A named version of the API; locally it always serves the newest one."""

    logical_id: str
    name: str
    deployment_id: str = ""
    variables: Mapping[str, str] = field(default_factory=dict)
    settings: tuple[MethodSettings, ...] = ()
    access_log: AccessLog | None = None
    tracing: bool = False
    cache_cluster: bool = False
    """Whether answers may be cached; the settings say of which methods."""


@dataclass(frozen=True, slots=True)
class GatewayResponse:
    """A customised answer of the gateway itself; None keeps the default."""

    response_type: str
    status: int | None = None
    header_values: Mapping[str, str] = field(default_factory=dict)
    templates: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ApiKey:
    logical_id: str
    key_id: str
    value: str
    enabled: bool = True


@dataclass(frozen=True, slots=True)
class Quota:
    """At most ``limit`` requests a ``period`` (``DAY``, ``WEEK`` or ``MONTH``) and key.

    ``offset`` requests fewer in the first period of the plan.
    """

    limit: int
    period: str
    offset: int = 0


@dataclass(frozen=True, slots=True)
class UsagePlanStage:
    """A stage a plan gives access to.

    ``method_throttles`` is by ``/path/VERB``, as CloudFormation writes it.
    """

    stage: str
    method_throttles: Mapping[str, Throttle] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class UsagePlan:
    """Who may call a stage, how fast and how often; ``keys`` is by the key's secret value."""

    logical_id: str
    plan_id: str
    stages: Mapping[str, UsagePlanStage]
    keys: Mapping[str, ApiKey]
    throttle: Throttle | None = None
    quota: Quota | None = None


@dataclass(frozen=True, slots=True)
class RestApi:
    """A REST API with all that serves its requests."""

    logical_id: str
    api_id: str
    name: str
    account: str
    region: str
    resources: tuple[Resource, ...] = ()
    stages: tuple[Stage, ...] = ()
    usage_plans: tuple[UsagePlan, ...] = ()
    gateway_responses: Mapping[str, GatewayResponse] = field(default_factory=dict)
    binary_media_types: tuple[str, ...] = ()
    endpoint_type: str = "EDGE"
    api_key_source: str = "HEADER"
    """``HEADER``, or ``AUTHORIZER`` when a Lambda authorizer names the key."""
    policy: tuple[PolicyStatement, ...] | None = None
    base_path_mappings: tuple[BasePathMapping, ...] = ()
    execute_api_endpoint: bool = True
    """Whether the API answers under its own address, not only under custom domains."""
