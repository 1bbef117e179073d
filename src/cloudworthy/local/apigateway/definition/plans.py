"""``AWS::ApiGateway::ApiKey``, ``UsagePlan`` and ``UsagePlanKey``."""

from __future__ import annotations

from cloudworthy.local.apigateway.definition.properties import Properties
from cloudworthy.local.apigateway.definition.types import (
    ApiKey,
    Quota,
    Throttle,
    UsagePlan,
    UsagePlanStage,
)
from cloudworthy.local.model.resources import Deployment, ProvisionedResource

_PERIODS = ("DAY", "WEEK", "MONTH")
_LARGEST_OFFSET = {"DAY": 0, "WEEK": 6, "MONTH": 27}


def build_usage_plans(api_id: str, deployment: Deployment) -> tuple[UsagePlan, ...]:
    """The plans that give access to a stage of this API, with their keys.

    Raises
    ------
    UnsupportedError
    """
    keys = {
        resource.physical_id: build_api_key(resource)
        for resource in deployment.of_type("AWS::ApiGateway::ApiKey")
    }
    plans = []
    for resource in deployment.of_type("AWS::ApiGateway::UsagePlan"):
        stages = _stages(api_id, Properties.of(resource))
        if stages:
            plans.append(_plan(resource, stages, _keys_of(resource.physical_id, keys, deployment)))
    return tuple(plans)


def build_api_key(resource: ProvisionedResource) -> ApiKey:
    """A key; its secret value is what provisioning generated, or the template's own.

    Source: CloudFormation, ``AWS::ApiGateway::ApiKey.Enabled``: a key is disabled unless it
    says otherwise (documented).
    """
    properties = Properties.of(resource)
    return ApiKey(
        logical_id=resource.logical_id,
        key_id=resource.physical_id,
        value=str(resource.data.get("value") or properties.text("Value")),
        enabled=properties.flag("Enabled"),
    )


def _keys_of(plan_id: str, keys: dict[str, ApiKey], deployment: Deployment) -> dict[str, ApiKey]:
    found = {}
    for resource in deployment.of_type("AWS::ApiGateway::UsagePlanKey"):
        properties = Properties.of(resource)
        if properties.text("UsagePlanId") == plan_id:
            key = keys.get(properties.text("KeyId"))
            if key is None:
                raise properties.invalid(
                    "KeyId",
                    found=repr(properties.text("KeyId")),
                    expected="an API key of this stack",
                    action="Refer to an AWS::ApiGateway::ApiKey",
                )
            found[key.value] = key
    return found


def _plan(
    resource: ProvisionedResource, stages: dict[str, UsagePlanStage], keys: dict[str, ApiKey]
) -> UsagePlan:
    properties = Properties.of(resource)
    return UsagePlan(
        logical_id=resource.logical_id,
        plan_id=resource.physical_id,
        stages=stages,
        keys=keys,
        throttle=_throttle(properties.child("Throttle")),
        quota=_quota(properties.child("Quota")),
    )


def _stages(api_id: str, plan: Properties) -> dict[str, UsagePlanStage]:
    stages = {}
    for entry in plan.children("ApiStages"):
        if entry.text("ApiId") == api_id:
            limits = entry.child("Throttle")
            throttles = {
                method: throttle
                for method in entry.mapping("Throttle")
                if (throttle := _throttle(limits.child(method))) is not None
            }
            stages[entry.text("Stage")] = UsagePlanStage(entry.text("Stage"), throttles)
    return stages


def _throttle(properties: Properties) -> Throttle | None:
    return Throttle.of(properties.number("RateLimit"), properties.number("BurstLimit"))


def _quota(properties: Properties) -> Quota | None:
    limit = properties.number("Limit")
    if limit is None:
        return None
    period = properties.text("Period")
    if period not in _PERIODS:
        raise properties.invalid(
            "Period",
            found=repr(period),
            expected=" or ".join(_PERIODS),
            action="Choose the period of the quota",
        )
    return Quota(int(limit), period, _offset(properties, period))


def _offset(properties: Properties, period: str) -> int:
    """Source: the messages with which API Gateway refuses other offsets (captured)."""
    offset, largest = int(properties.number("Offset") or 0), _LARGEST_OFFSET[period]
    if not 0 <= offset <= largest:
        raise properties.invalid(
            "Offset",
            found=str(offset),
            expected=f"0 to {largest} for a {period}",
            action="Choose an offset that API Gateway accepts",
        )
    return offset
