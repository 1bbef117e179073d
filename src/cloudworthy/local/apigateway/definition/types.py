"""REST APIs as the template configures them, in API Gateway's own words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class IntegrationType(StrEnum):
    AWS_PROXY = "AWS_PROXY"
    MOCK = "MOCK"


@dataclass(frozen=True, slots=True)
class IntegrationResponse:
    """How an answer of a MOCK integration becomes the method's answer.

    ``header_values`` maps a header's name to a mapping expression: ``'text'`` or
    ``context.<variable>`` and so on, without the ``method.response.header.`` of the template.
    """

    status: int
    selection_pattern: str = ""
    header_values: Mapping[str, str] = field(default_factory=dict)
    templates: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Integration:
    """What a method calls.

    ``function_arn`` may still hold ``${stageVariables.<name>}``; ``permitted_sources`` are
    the ``SourceArn`` patterns of the function's permissions for API Gateway.
    """

    type: IntegrationType
    function_arn: str = ""
    http_method: str = "POST"
    timeout_s: float = 29.0
    permitted_sources: tuple[str, ...] = ()
    passthrough: str = "WHEN_NO_MATCH"
    """What happens to a body whose content type has no request template."""
    request_templates: Mapping[str, str] = field(default_factory=dict)
    responses: tuple[IntegrationResponse, ...] = ()


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
    api_key_required: bool = False
    validation: RequestValidation = RequestValidation()


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
    """At most ``limit`` requests a ``period`` (``DAY``, ``WEEK`` or ``MONTH``) and key."""

    limit: int
    period: str


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
