from __future__ import annotations

from typing import Any

import pytest

from cloudworthy.local.apigateway.definition import Quota, Throttle, UsagePlan, build_rest_apis
from cloudworthy.local.model.errors import TemplateError
from cloudworthy.local.model.resources import ProvisionedResource
from local.apigateway.deploying import API_ID, deployment, resource


def plans_of(key_data: dict[str, Any] | None = None, **properties: Any) -> tuple[UsagePlan, ...]:
    values = {"ApiStages": [{"ApiId": API_ID, "Stage": "stage"}], **properties}
    key = ProvisionedResource(
        "Key", "AWS::ApiGateway::ApiKey", "key-id", {"Enabled": True}, data=key_data or {}
    )
    member = resource("UsagePlanKey", "Member", KeyId="key-id", UsagePlanId="Plan")
    (api,) = build_rest_apis(deployment({}, key, member, resource("UsagePlan", "Plan", **values)))
    return api.usage_plans


def test_a_plan_with_its_key_and_limits() -> None:
    (plan,) = plans_of(
        {"value": "generated"},
        Throttle={"RateLimit": 100, "BurstLimit": "200"},
        Quota={"Limit": 10_000, "Period": "DAY"},
    )
    assert plan.throttle == Throttle(100.0, 200)
    assert plan.quota == Quota(10_000, "DAY")
    assert plan.keys["generated"].key_id == "key-id"


def test_throttles_of_single_methods() -> None:
    limits = {"/items/GET": {"RateLimit": 1, "BurstLimit": 2}}
    (plan,) = plans_of(ApiStages=[{"ApiId": API_ID, "Stage": "stage", "Throttle": limits}])
    assert plan.stages["stage"].method_throttles == {"/items/GET": Throttle(1.0, 2)}


def test_a_plan_of_another_api_is_not_this_ones() -> None:
    assert plans_of(ApiStages=[{"ApiId": "other", "Stage": "stage"}]) == ()


def test_a_key_is_disabled_unless_it_says_otherwise() -> None:
    key = ProvisionedResource("Key", "AWS::ApiGateway::ApiKey", "key-id", {"Value": "x" * 20})
    member = resource("UsagePlanKey", "Member", KeyId="key-id", UsagePlanId="Plan")
    plan = resource("UsagePlan", "Plan", ApiStages=[{"ApiId": API_ID, "Stage": "stage"}])
    (api,) = build_rest_apis(deployment({}, key, member, plan))
    assert api.usage_plans[0].keys["x" * 20].enabled is False


@pytest.mark.parametrize(
    "quota",
    [
        {"Limit": 1, "Period": "HOUR"},
        {"Limit": 9, "Period": "DAY", "Offset": 5},
        {"Limit": 9, "Period": "WEEK", "Offset": 7},
        {"Limit": "many", "Period": "DAY"},
    ],
)
def test_quotas_that_cannot_be_kept(quota: dict[str, Any]) -> None:
    with pytest.raises(TemplateError, match="Plan"):
        plans_of(Quota=quota)


def test_the_offset_of_a_quota() -> None:
    (plan,) = plans_of(Quota={"Limit": 9, "Period": "WEEK", "Offset": 6})
    assert plan.quota is not None
    assert plan.quota.offset == 6


def test_a_member_that_is_no_key_of_the_stack() -> None:
    member = resource("UsagePlanKey", "Member", KeyId="elsewhere", UsagePlanId="Plan")
    plan = resource("UsagePlan", "Plan", ApiStages=[{"ApiId": API_ID, "Stage": "stage"}])
    with pytest.raises(TemplateError, match="Member"):
        build_rest_apis(deployment({}, member, plan))
