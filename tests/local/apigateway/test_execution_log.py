from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from cloudworthy.local.apigateway.definition import (
    ApiKey,
    MethodSettings,
    Stage,
    UsagePlan,
    UsagePlanStage,
)
from cloudworthy.local.model.functions import InvocationResult
from local.apigateway.serving import Served, echo, proxy_method, rest_api, serving

KEY = ApiKey("Key", "key-id", "a-secret-value-ABCDEF")
GROUP = "API-Gateway-Execution-Logs_abcde12345/stage"


async def logged(
    level: str,
    target: str = "/stage/x",
    function: Callable[[Any], Any] = echo,
    *,
    data_trace: bool = False,
    with_key: bool = False,
) -> tuple[list[str], Served]:
    """The log lines of one request, without their request id."""
    stage = Stage("Stage", "stage", settings=(MethodSettings("/*", "*", level, data_trace),))
    plan = UsagePlan("Plan", "plan", {"stage": UsagePlanStage("stage")}, {KEY.value: KEY})
    api = rest_api("/x", methods=(proxy_method("GET", api_key_required=with_key),))
    async with serving(replace(api, stages=(stage,), usage_plans=(plan,)), function) as served:
        response = await served.get(target, ("x-api-key", KEY.value))
    prefix = f"({response.header('x-amzn-requestid')}) "
    lines = served.logs.groups.get(GROUP, [])
    assert all(line.startswith(prefix) for line in lines)
    return [line.removeprefix(prefix) for line in lines], served


def beginnings(lines: list[str]) -> list[str]:
    return [line.partition(":")[0].partition(" because")[0] for line in lines]


async def test_off() -> None:
    lines, _ = await logged("OFF")
    assert lines == []


async def test_info() -> None:
    lines, _ = await logged("INFO")
    assert beginnings(lines) == [
        "Extended Request Id",
        "Verifying Usage Plan for request",
        "API Key authorized",
        "Usage Plan check succeeded for API Key and API Stage abcde12345/stage",
        "Starting execution for request",
        "HTTP Method",
        "Sending request to https",
        "Received response. Status",
        "Successfully completed execution",
        "Method completed with status",
        "AWS Integration Endpoint RequestId ",
    ]


async def test_an_api_key_is_masked() -> None:
    lines, _ = await logged("INFO", data_trace=True, with_key=True)
    text = "\n".join(lines)
    assert "Usage Plan check succeeded for API Key ***************ABCDEF and API Stage" in text
    assert KEY.value not in text.partition("Endpoint request body")[0]


async def test_data_trace_shows_the_messages() -> None:
    lines, _ = await logged("INFO", "/stage/x?a=1", data_trace=True)
    assert "Method request query string: {a=1}" in lines
    assert "Method request path: {}" in lines
    assert "Method response body after transformations: {}" in lines


async def test_errors_only() -> None:
    lines, _ = await logged("ERROR")
    assert lines == []
    lines, _ = await logged("ERROR", function=lambda _: "malformed")
    assert lines == ["Execution failed due to configuration error: Malformed Lambda proxy response"]


async def test_a_function_error_names_its_message() -> None:
    failure = InvocationResult("function-id", b'{"errorMessage": "boom"}', "Unhandled")
    lines, _ = await logged("INFO", function=lambda _: failure)
    assert (
        "Lambda execution failed with status 200 due to customer function error: boom. "
        "Lambda request id: function-id" in lines
    )
    assert "Method completed with status: 502" in lines


async def test_a_request_that_matches_no_method() -> None:
    lines, _ = await logged("INFO", "/stage/nowhere")
    assert beginnings(lines) == [
        "Extended Request Id",
        "Verifying Usage Plan for request",
        "Method completed with status",
    ]
