"""``AWS::Lambda::EventInvokeConfig``: how the events of a function are treated."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from cloudworthy.local.lambda_.asynchronous.delivery import service_of
from cloudworthy.local.model.errors import TemplateError
from cloudworthy.local.model.resources import Deployment, ProvisionedResource, TemplateValue

_TYPE = "AWS::Lambda::EventInvokeConfig"
_LATEST = "$LATEST"
_ON_SUCCESS = frozenset({"sqs", "sns", "lambda", "events"})
_ON_FAILURE = _ON_SUCCESS | {"s3"}
_RETRIES = range(3)
_AGE_S = range(60, 21_601)


@dataclass(frozen=True, slots=True)
class EventInvokeConfig:
    """Retries and destinations; what Lambda does when nothing is configured.

    Source: AWS Lambda API reference, ``PutFunctionEventInvokeConfig`` (documented).
    """

    maximum_retry_attempts: int = 2
    maximum_event_age_s: int = 21_600
    on_success: str = ""
    """The ARN of the destination; empty when there is none."""
    on_failure: str = ""


class EventInvokeConfigs:
    """The configurations of a stack's functions, versions and aliases."""

    def __init__(self, by_name: Mapping[str, EventInvokeConfig] | None = None) -> None:
        self._by_name = by_name or {}

    def of(self, function_name: str, qualifier: str) -> EventInvokeConfig:
        """What holds for an event that was sent to this qualifier; empty means ``$LATEST``."""
        name = f"{function_name}:{qualifier or _LATEST}"
        return self._by_name.get(name) or EventInvokeConfig()


def build_event_invoke_configs(deployment: Deployment) -> EventInvokeConfigs:
    """Every configuration of the stack.

    Raises
    ------
    TemplateError
        A value that AWS would refuse.
    """
    return EventInvokeConfigs(dict(_named(it) for it in deployment.of_type(_TYPE)))


def _named(resource: ProvisionedResource) -> tuple[str, EventInvokeConfig]:
    properties, logical_id = resource.properties, resource.logical_id
    parts = str(properties.get("FunctionName", "")).split(":")
    name = parts[parts.index("function") + 1] if "function" in parts else parts[0]
    qualifier = str(properties.get("Qualifier") or _LATEST)
    destinations = properties.get("DestinationConfig") or {}
    retries = _number(properties, "MaximumRetryAttempts", 2, _RETRIES, logical_id)
    config = EventInvokeConfig(
        maximum_retry_attempts=retries,
        maximum_event_age_s=_number(
            properties, "MaximumEventAgeInSeconds", 21_600, _AGE_S, logical_id
        ),
        on_success=_destination(destinations, "OnSuccess", _ON_SUCCESS, logical_id),
        on_failure=_destination(destinations, "OnFailure", _ON_FAILURE, logical_id),
    )
    return f"{name}:{qualifier}", config


def _destination(
    destinations: Mapping[str, TemplateValue],
    condition: str,
    services: frozenset[str],
    logical_id: str,
) -> str:
    arn = str((destinations.get(condition) or {}).get("Destination") or "")
    if arn and service_of(arn) not in services:
        raise TemplateError(
            f"{_TYPE}.DestinationConfig.{condition}",
            logical_id,
            found=repr(arn),
            expected=f"an ARN of one of {', '.join(sorted(services))}",
            action="Name a queue, topic, function, event bus or (on failure) bucket",
        )
    return arn


def _number(
    properties: Mapping[str, TemplateValue],
    name: str,
    default: int,
    allowed: range,
    logical_id: str,
) -> int:
    value = str(properties.get(name, default))
    if not value.isdecimal() or int(value) not in allowed:
        raise TemplateError(
            f"{_TYPE}.{name}",
            logical_id,
            found=value,
            expected=f"{allowed.start} to {allowed.stop - 1}",
            action="Choose a value that Lambda has",
        )
    return int(value)
