from __future__ import annotations

from dataclasses import replace
from typing import Any

from cloudworthy.local.apigateway.definition import (
    ApiKey,
    Quota,
    RestApi,
    Throttle,
    UsagePlan,
    UsagePlanStage,
)
from local.apigateway.serving import Served, proxy_method, rest_api, serving

KEY = ApiKey("Key", "key-id", "the-value-of-the-first-key")
OTHER = ApiKey("Other", "other-id", "the-value-of-the-other-key")


def api_with(plan: UsagePlan) -> RestApi:
    method = proxy_method(api_key_required=True)
    return rest_api("/a", "/b", methods=(method,), usage_plans=(plan,))


def plan_of(*keys: ApiKey, stage: UsagePlanStage | None = None, **limits: Any) -> UsagePlan:
    stages = {"stage": stage or UsagePlanStage("stage")}
    return UsagePlan("Plan", "plan", stages, {key.value: key for key in keys}, **limits)


async def statuses(served: Served, *calls: tuple[str, ApiKey]) -> list[int]:
    return [
        (await served.get(f"/stage{path}", ("X-API-Key", key.value))).status for path, key in calls
    ]


async def test_a_disabled_key_is_forbidden() -> None:
    async with serving(api_with(plan_of(replace(KEY, enabled=False)))) as served:
        assert await statuses(served, ("/a", KEY)) == [403]


async def test_a_key_whose_plan_has_another_stage_is_forbidden() -> None:
    plan = replace(plan_of(KEY), stages={"other": UsagePlanStage("other")})
    async with serving(api_with(plan)) as served:
        assert await statuses(served, ("/a", KEY)) == [403]


async def test_each_key_has_its_own_bucket_for_all_methods() -> None:
    async with serving(api_with(plan_of(KEY, OTHER, throttle=Throttle(1, 1)))) as served:
        calls = (("/a", KEY), ("/b", KEY), ("/a", OTHER))
        assert await statuses(served, *calls) == [200, 429, 200]


async def test_a_method_may_have_a_limit_of_its_own() -> None:
    stage = UsagePlanStage("stage", {"/a/ANY": Throttle(1, 1)})
    plan = plan_of(KEY, stage=stage, throttle=Throttle(100, 100))
    async with serving(api_with(plan)) as served:
        calls = (("/a", KEY), ("/a", KEY), ("/b", KEY))
        assert await statuses(served, *calls) == [200, 429, 200]


async def test_counters_outlive_a_swap_of_the_definition() -> None:
    plan = plan_of(KEY, throttle=Throttle(0.1, 5), quota=Quota(2, "DAY"))
    async with serving(api_with(plan)) as served:
        first = await statuses(served, ("/a", KEY))
        served.gateway.update([replace(api_with(plan), name="renamed")])
        assert first + await statuses(served, ("/a", KEY), ("/a", KEY)) == [200, 200, 429]


async def test_a_key_in_the_query_does_not_count() -> None:
    async with serving(api_with(plan_of(KEY))) as served:
        assert (await served.get(f"/stage/a?x-api-key={KEY.value}")).status == 403


async def test_an_offset_makes_the_first_period_shorter() -> None:
    async with serving(api_with(plan_of(KEY, quota=Quota(3, "WEEK", offset=2)))) as served:
        first = await statuses(served, ("/a", KEY), ("/a", KEY))
        served.clock.seconds += 7 * 24 * 3600
        later = await statuses(served, *[("/a", KEY)] * 4)
    assert first == [200, 429]
    assert later == [200, 200, 200, 429]
