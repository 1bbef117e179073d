"""The response cache of a stage."""

from __future__ import annotations

import json
from typing import Any

import pytest

from cloudworthy.local.apigateway.definition import (
    CacheKey,
    Method,
    MethodSettings,
    RestApi,
    Stage,
    build_rest_apis,
)
from cloudworthy.local.apigateway.metrics import RequestMetrics
from cloudworthy.local.apigateway.response_cache import MAX_RESPONSE_BYTES
from cloudworthy.local.model.errors import TemplateError
from cloudworthy.local.model.records import MetricDatum
from local.apigateway.authorizing import answer, asking, authorized_method, policy
from local.apigateway.deploying import PROXY_INTEGRATION, deployment, stage
from local.apigateway.serving import FUNCTION, Served, proxy_method, rest_api, serving

EVERYTHING = MethodSettings("/*", "*", caching=True)
TOKEN = ("Authorization", "token")
FRESH = ("Cache-Control", "no-transform, max-age=0")
KEYS = CacheKey(parameters=("method.request.path.id", "method.request.querystring.q"))


def cached(*settings: MethodSettings, **changes: Any) -> RestApi:
    """An API whose stage has a cache, with an ``ANY`` and a ``POST`` method."""
    methods = (proxy_method(), proxy_method("POST"))
    stages = (Stage("Stage", "stage", settings=settings or (EVERYTHING,), cache_cluster=True),)
    return rest_api("/x", "/items/{id}", **{"methods": methods, "stages": stages, **changes})


def counting() -> Any:
    """A function that answers with the number of its calls."""
    calls: list[Any] = []

    def function(event: Any) -> dict[str, Any]:
        calls.append(event)
        return {"statusCode": 201, "headers": {"X-Call": str(len(calls))}, "body": "body"}

    return function


async def numbers(served: Served, *targets: str, verb: str = "GET") -> list[str | None]:
    responses = [await served.send(verb, f"/stage{target}") for target in targets]
    assert {response.status for response in responses} == {201}
    return [response.header("x-call") for response in responses]


async def test_an_answer_is_given_again_until_its_time_is_over() -> None:
    async with serving(cached(), counting()) as served:
        first = await numbers(served, "/x", "/x?q=2")
        served.clock.seconds += 299
        second = await numbers(served, "/x")
        served.clock.seconds += 1
        third = await numbers(served, "/x")
    assert [*first, *second, *third] == ["1", "1", "1", "2"]
    assert [record.cache_hit for record in served.observer.records] == [False, True, True, False]


async def test_each_answer_has_its_own_request_id() -> None:
    async with serving(cached(), counting()) as served:
        ids = [(await served.get("/stage/x")).header("x-amzn-requestid") for _ in range(3)]
        response = await served.get("/stage/x")
    assert len(set(ids)) == 3
    assert [name for name, _ in response.headers].count("x-amzn-RequestId") == 1


async def test_parameters_of_the_key_tell_answers_apart() -> None:
    api = cached(methods=(proxy_method(cache_key=KEYS),))
    async with serving(api, counting()) as served:
        found = await numbers(
            served, "/items/1", "/items/2", "/items/1?q=a", "/items/1?z=a", "/items/1?q=a&z=1"
        )
    assert found == ["1", "2", "3", "1", "3"]


async def test_without_parameters_a_resource_has_one_answer() -> None:
    async with serving(cached(), counting()) as served:
        assert await numbers(served, "/items/1", "/items/2?q=1", "/x") == ["1", "1", "2"]


async def test_only_get_is_cached_unless_a_setting_names_the_verb() -> None:
    async with serving(cached(), counting()) as served:
        assert await numbers(served, "/x", "/x", verb="POST") == ["1", "2"]
        assert await numbers(served, "/x", "/x", verb="PUT") == ["3", "4"]
    posts = MethodSettings("/x", "POST", caching=True)
    async with serving(cached(EVERYTHING, posts), counting()) as served:
        assert await numbers(served, "/x", "/x", verb="POST") == ["1", "1"]
        assert await numbers(served, "/items/1", "/items/1", verb="POST") == ["2", "3"]


@pytest.mark.parametrize(
    "api",
    [
        cached(MethodSettings("/*", "*", caching=True, cache_ttl_s=0)),
        cached(EVERYTHING, MethodSettings("/x", "*", caching=False)),
        cached(MethodSettings("/*", "*", cache_ttl_s=60)),
        cached(stages=(Stage("Stage", "stage", settings=(EVERYTHING,)),)),
    ],
)
async def test_settings_that_cache_nothing(api: RestApi) -> None:
    async with serving(api, counting()) as served:
        assert await numbers(served, "/x", "/x") == ["1", "2"]


async def test_an_answer_that_is_too_large_is_not_kept() -> None:
    body = "x" * (MAX_RESPONSE_BYTES + 1)
    async with serving(cached(), lambda _: {"body": body}) as served:
        for _ in range(2):
            await served.get("/stage/x")
        assert len(served.functions.requests) == 2


async def test_anybody_may_ask_for_a_fresh_answer_and_is_told_that_it_was_in_vain() -> None:
    async with serving(cached(), counting()) as served:
        await served.get("/stage/x")
        response = await served.get("/stage/x", FRESH)
        later = await served.get("/stage/x")
    assert response.header("x-call") == "1"
    assert (response.header("warning") or "").startswith("199 Cache-control headers were ignored")
    assert later.header("warning") is None


@pytest.mark.parametrize(("action", "expected"), [("InvalidateCache", "2"), ("Invoke", "1")])
async def test_an_authorizer_may_let_its_caller_refresh(action: str, expected: str) -> None:
    document = policy()
    document["Statement"][0]["Action"] = ["execute-api:Invoke", f"execute-api:{action}"]
    api = cached(methods=(authorized_method(),))
    function = counting()
    async with asking(lambda _: answer(policyDocument=document), api) as served:
        served.functions.functions[FUNCTION] = function
        await served.get("/stage/x", TOKEN)
        refreshed = await served.get("/stage/x", TOKEN, FRESH)
        later = await served.get("/stage/x", TOKEN)
    assert [refreshed.header("x-call"), later.header("x-call")] == [expected, expected]
    assert (refreshed.header("warning") is None) is (expected == "2")


async def test_the_resource_policy_may_let_everybody_refresh() -> None:
    statement = {
        "Effect": "Allow", "Principal": "*", "Action": "execute-api:*", "Resource": "*"
    }  # fmt: skip
    (api,) = build_rest_apis(
        deployment(
            {"/x": {"GET": {}}},
            stage(
                CacheClusterEnabled=True,
                MethodSettings=[{"HttpMethod": "*", "ResourcePath": "/*", "CachingEnabled": True}],
            ),
            Policy=json.dumps({"Statement": [statement]}),
        )
    )
    async with serving(api, counting()) as served:
        await served.get("/stage/x")
        assert (await served.get("/stage/x", FRESH)).header("x-call") == "2"


def method_of(integration: dict[str, Any], *parameters: str) -> Method:
    whole = {
        "Integration": PROXY_INTEGRATION | integration,
        "RequestParameters": dict.fromkeys(parameters, False),
    }
    (api,) = build_rest_apis(deployment({"/{id}": {"GET": whole}}))
    return next(m for r in api.resources for m in r.methods)


def test_the_key_of_a_template() -> None:
    name = "method.request.path.id"
    method = method_of({"CacheKeyParameters": [name], "CacheNamespace": "shared"}, name)
    assert method.cache_key == CacheKey("shared", (name,))


@pytest.mark.parametrize(
    ("name", "expression"),
    [
        ("method.request.querystring.q", ""),
        ("method.request.multivaluequerystring.q", ""),
        ("integration.request.header.X-Q", "method.request.querystring.q"),
        ("integration.request.querystring.q", "method.request.multivaluequerystring.q"),
    ],
)
async def test_every_kind_of_parameter_tells_answers_apart(name: str, expression: str) -> None:
    mapped = {"RequestParameters": {name: expression}} if expression else {}
    cache_key = method_of({"CacheKeyParameters": [name], **mapped}, name).cache_key
    api = cached(methods=(proxy_method(cache_key=cache_key),))
    async with serving(api, counting()) as served:
        found = await numbers(served, "/x?q=a", "/x?q=b", "/x?q=a", "/x", "/x?r=a")
    assert found == ["1", "2", "1", "3", "3"]


@pytest.mark.parametrize("place", ["querystring", "multivaluequerystring"])
async def test_all_values_count_where_the_key_has_all(place: str) -> None:
    key = CacheKey(parameters=(f"method.request.{place}.q",))
    async with serving(cached(methods=(proxy_method(cache_key=key),)), counting()) as served:
        found = await numbers(served, "/x?q=a&q=c", "/x?q=b&q=c")
    assert found == (["1", "1"] if place == "querystring" else ["1", "2"])


@pytest.mark.parametrize(
    "name", ["method.request.querystring.other", "integration.request.header.q", "nonsense"]
)
def test_a_key_of_what_is_not_declared_is_refused(name: str) -> None:
    with pytest.raises(TemplateError, match="CacheKeyParameters"):
        method_of({"CacheKeyParameters": [name]}, "method.request.querystring.q")


def test_a_lifetime_that_is_too_long_is_refused() -> None:
    settings = {"HttpMethod": "*", "ResourcePath": "/*", "CacheTtlInSeconds": 3601}
    with pytest.raises(TemplateError, match="CacheTtlInSeconds"):
        build_rest_apis(deployment({}, stage(MethodSettings=[settings])))


async def test_hits_and_misses_are_metrics() -> None:
    data: list[MetricDatum] = []

    class Sink:
        def put(self, datum: MetricDatum) -> None:
            data.append(datum)

    async with serving(cached(), counting()) as served:
        await numbers(served, "/x", "/x")
        for record in served.observer.records:
            RequestMetrics(Sink()).observe(record)
    names = [datum.name for datum in data if len(datum.dimensions) == 2]
    assert (names.count("CacheHitCount"), names.count("CacheMissCount")) == (1, 1)
