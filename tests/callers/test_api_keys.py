"""Every way to come without a good key to a method that wants one.

Source of the answer: facts rest-errors-001 to -007.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest
import pytest_asyncio
from hypothesis import given, settings

from callers.tokens import GARBAGE, MUTATIONS, mutations
from cloudworthy.local.apigateway.definition import ApiKey, Stage, UsagePlan, UsagePlanStage
from local.apigateway.serving import Served, proxy_method, rest_api, serving

pytestmark = pytest.mark.asyncio(loop_scope="module")
KEY = ApiKey("Key", "key-id", "kWcV0Qf6aT3rY9pZ1sX2uB4nM5dG7hJ8")
DISABLED = ApiKey("Disabled", "disabled-id", "d" * 32, enabled=False)
OF_OTHER_STAGE = ApiKey("Other", "other-id", "o" * 32)
WITHOUT_STAGE = ApiKey("Without", "without-id", "w" * 32)
FORBIDDEN = (403, b'{"message":"Forbidden"}', "ForbiddenException")


def plan(plan_id: str, stages: tuple[str, ...], *keys: ApiKey) -> UsagePlan:
    by_value = {key.value: key for key in keys}
    return UsagePlan("Plan", plan_id, {it: UsagePlanStage(it) for it in stages}, by_value)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def served() -> AsyncIterator[Served]:
    api = rest_api(
        "/x",
        methods=(proxy_method(api_key_required=True),),
        stages=(Stage("Stage", "stage"), Stage("OtherStage", "other")),
        usage_plans=(
            plan("plan", ("stage",), KEY, DISABLED),
            plan("other", ("other",), OF_OTHER_STAGE),
            plan("none", (), WITHOUT_STAGE),
        ),
    )
    async with serving(api) as found:
        yield found


async def refused(served: Served, target: str, *headers: tuple[str, str]) -> tuple[int, bytes, str]:
    """The answer, when the function was not invoked for it."""
    before = len(served.functions.requests)
    response = await served.get(target, *headers)
    assert len(served.functions.requests) == before
    return response.status, response.body, response.header("x-amzn-ErrorType") or ""


@pytest.mark.parametrize(
    "headers",
    [
        [],
        [("x-api-key", "")],
        [("x-api-key", KEY.key_id)],
        [("x-api-key", KEY.value.lower())],
        [("x-api-key", KEY.value + "x")],
        [("x-api-key", f'"{KEY.value}"')],
        [("x-api-key", f"{KEY.value},{KEY.value}")],
        [("x-api-key", f"Bearer {KEY.value}")],
        [("x-api-key", GARBAGE)],
        [("x-api-key", "*")],
        [("x-api-key", DISABLED.value)],
        [("x-api-key", OF_OTHER_STAGE.value)],
        [("x-api-key", WITHOUT_STAGE.value)],
        [("Authorization", KEY.value)],
        [("api-key", KEY.value)],
        [("Cookie", f"x-api-key={KEY.value}")],
        [("x-api-key", KEY.value), ("x-api-key", "unknown")],
    ],
)
async def test_refused(served: Served, headers: list[tuple[str, str]]) -> None:
    for target in ("/stage/x", f"/stage/x?x-api-key={KEY.value}"):
        assert await refused(served, target, *headers) == FORBIDDEN


async def test_a_key_is_for_the_stages_of_its_plan(served: Served) -> None:
    assert await refused(served, "/other/x", ("x-api-key", KEY.value)) == FORBIDDEN
    for stage, key in (("stage", KEY), ("other", OF_OTHER_STAGE)):
        for name in ("x-api-key", "X-API-Key", "X-API-KEY"):
            assert (await served.get(f"/{stage}/x", (name, key.value))).status == 200


async def test_of_two_keys_the_one_that_counts_is_the_one_that_is_shown(served: Served) -> None:
    response = await served.get("/stage/x", ("x-api-key", "unknown"), ("x-api-key", KEY.value))
    assert response.status == 200
    assert served.functions.event["headers"]["x-api-key"] == KEY.value
    assert served.functions.event["requestContext"]["identity"]["apiKey"] == KEY.value


async def test_a_key_that_is_taken_away_is_unknown_from_then_on() -> None:
    header = ("x-api-key", KEY.value)
    api = rest_api("/x", methods=(proxy_method(api_key_required=True),))
    async with serving(replace(api, usage_plans=(plan("plan", ("stage",), KEY),))) as own:
        assert (await own.get("/stage/x", header)).status == 200
        own.gateway.update([api])
        assert await refused(own, "/stage/x", header) == FORBIDDEN


@settings(max_examples=MUTATIONS, deadline=None)
@given(mutated=mutations(KEY.value).filter(lambda it: it != KEY.value))
async def test_no_mutation_of_a_key_gets_through(served: Served, mutated: str) -> None:
    assert await refused(served, "/stage/x", ("x-api-key", mutated)) == FORBIDDEN
