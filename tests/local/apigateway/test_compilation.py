from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from cloudworthy.local.apigateway.compilation import compile_api
from cloudworthy.local.apigateway.definition import MethodSettings, Stage, Throttle
from cloudworthy.local.apigateway.exchange import Route
from local.apigateway.serving import PROXY, proxy_method, rest_api


def route_of(*settings: MethodSettings, sources: tuple[str, ...] = ("*",)) -> Route:
    method = proxy_method("GET", integration=replace(PROXY, permitted_sources=sources))
    stage = Stage("Stage", "stage", settings=settings)
    api = compile_api(rest_api("/items/{id}", methods=(method,), stages=(stage,)))
    found = api.stages["stage"].match("/items/7", "GET")
    assert found is not None
    return found[0]


def test_the_more_specific_setting_wins_value_by_value() -> None:
    route = route_of(
        MethodSettings("/*", "*", logging_level="INFO", throttling_rate_per_s=50),
        MethodSettings("/items/{id}", "GET", throttling_burst=3, throttling_rate_per_s=1),
        MethodSettings("/items/{id}", "PUT", logging_level="OFF"),
    )
    assert route.throttle == Throttle(1, 3)
    assert route.logging_level == "INFO"


@pytest.mark.parametrize("settings", [(), (MethodSettings("/*", "*", None, None, None, -1, -1),)])
def test_no_limit_of_the_stage(settings: Any) -> None:
    assert route_of(*settings).throttle is None


@pytest.mark.parametrize(
    ("pattern", "allowed"),
    [
        ("*", True),
        ("arn:aws:execute-api:us-east-1:000000000000:abcde12345/stage/GET/items/*", True),
        ("arn:aws:execute-api:us-east-1:000000000000:abcde12345/*/*/items/{id}", True),
        ("arn:aws:execute-api:us-east-1:000000000000:abcde12345/stage/POST/items/*", False),
        ("arn:aws:execute-api:us-east-1:000000000000:abcde12345/test-invoke-stage/*", False),
        ("arn.aws:execute-api:us-east-1:000000000000:abcde12345/stage/GET/items/*", False),
    ],
)
def test_permissions_of_the_function(pattern: str, *, allowed: bool) -> None:
    assert route_of(sources=(pattern,)).may_invoke is allowed
