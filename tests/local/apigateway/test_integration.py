from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from typing import Any

import pytest

from cloudworthy.local.apigateway.definition import (
    AccessLog,
    GatewayResponse,
    MethodSettings,
    Stage,
)
from cloudworthy.local.model.functions import (
    InvocationResult,
    ServiceError,
    TooManyRequestsError,
)
from local.apigateway.authorizing import AUTHORIZER, answer, authorized_api, lambda_authorizer
from local.apigateway.serving import PROXY, echo, proxy_method, rest_api, serving

API = rest_api("/x")
INTERNAL = b'{"message": "Internal server error"}'


async def test_an_integration_that_takes_too_long() -> None:
    async def slow(_event: Any) -> dict[str, Any]:
        await asyncio.sleep(5)
        return {}

    method = proxy_method(integration=replace(PROXY, timeout_s=0.02))
    async with serving(rest_api("/x", methods=(method,)), slow) as served:
        response = await served.get("/stage/x")
    assert (response.status, response.body) == (504, b'{"message": "Endpoint request timed out"}')
    assert response.header("x-amzn-errortype") == "InternalServerErrorException"


async def test_a_function_without_room_for_another_invocation() -> None:
    def throttled(_event: Any) -> None:
        raise TooManyRequestsError("ReservedFunctionConcurrentInvocationLimitExceeded")

    async with serving(API, throttled) as served:
        response = await served.get("/stage/x")
    assert (response.status, response.body) == (500, INTERNAL)


async def test_a_function_that_is_missing() -> None:
    async with serving(API) as served:
        served.functions.functions.clear()
        response = await served.get("/stage/x")
    assert (response.status, response.body) == (500, INTERNAL)


GONE = ServiceError("the code is gone")
FULL = OSError(28, "No space left on device")


@pytest.mark.parametrize("error", [GONE, FULL])
@pytest.mark.parametrize("failing", ["function", "authorizer"])
async def test_what_cannot_be_run_is_an_error_of_the_api(error: Exception, failing: str) -> None:
    def fail(_event: Any) -> None:
        raise error

    cors = GatewayResponse("DEFAULT_5XX", header_values={"Access-Control-Allow-Origin": "'*'"})
    stage = Stage("Stage", "stage", access_log=AccessLog("access", "$context.status"))
    api = replace(
        authorized_api(authorizer=lambda_authorizer()),
        stages=(replace(stage, settings=(MethodSettings("/*", "*", "ERROR"),)),),
        gateway_responses={"DEFAULT_5XX": cors},
    )
    function = fail if failing == "function" else echo
    authorize = fail if failing == "authorizer" else (lambda _: answer())
    async with serving(api, function, others={AUTHORIZER: authorize}) as served:
        response = await served.get("/stage/x", ("Authorization", "token"))
        logs = served.logs.groups
    assert (response.status, response.header("access-control-allow-origin")) == (500, "*")
    assert response.header("x-amzn-requestid")
    assert logs["access"] == ["500"]
    assert str(error) in "".join(logs["API-Gateway-Execution-Logs_abcde12345/stage"])
    assert [record.status for record in served.observer.records] == [500]


async def test_a_function_that_fails() -> None:
    failure = InvocationResult("r", b'{"errorMessage": "boom"}', "Unhandled")
    async with serving(API, lambda _: failure) as served:
        response = await served.get("/stage/x")
    assert (response.status, response.body) == (502, INTERNAL)


async def test_line_ends_make_no_other_header() -> None:
    answer = {"headers": {"X-A": "1\r\nSet-Cookie: a=b"}}
    async with serving(API, lambda _: answer) as served:
        response = await served.get("/stage/x")
    assert response.header("x-a") == "1  Set-Cookie: a=b"
    assert response.header("set-cookie") is None


async def test_requests_are_served_at_the_same_time() -> None:
    running = asyncio.Barrier(3)

    async def together(_event: Any) -> dict[str, Any]:
        await running.wait()
        return {"statusCode": 200}

    async with serving(API, together) as served:
        responses = await asyncio.gather(*(served.get("/stage/x") for _ in range(3)))
    assert [response.status for response in responses] == [200] * 3


async def test_an_update_does_not_touch_running_requests() -> None:
    started, go_on = asyncio.Event(), asyncio.Event()

    async def waiting(event: dict[str, Any]) -> dict[str, Any]:
        started.set()
        await go_on.wait()
        return {"body": event["resource"]}

    async with serving(API, waiting) as served:
        running = asyncio.create_task(served.get("/stage/x"))
        await started.wait()
        served.gateway.update([])
        go_on.set()
        response = await running
    assert (response.status, response.body) == (200, b"/x")


async def test_headers_of_the_front_door() -> None:
    async with serving(API) as served:
        await served.get("/stage/x", ("X-Forwarded-For", "10.0.0.1"), ("Host", "127.0.0.1:8080"))
        headers = served.functions.event["headers"]
    assert headers["X-Forwarded-For"] == "10.0.0.1, 127.0.0.1"
    assert (headers["X-Forwarded-Port"], headers["X-Forwarded-Proto"]) == ("8080", "http")
    assert headers["X-Amzn-Trace-Id"].startswith("Root=1-695735a5-")


async def test_headers_sent_twice() -> None:
    async with serving(API) as served:
        await served.get("/stage/x", ("X-A", "1"), ("X-A", "2"))
        event = served.functions.event
    assert (event["headers"]["X-A"], event["multiValueHeaders"]["X-A"]) == ("2", ["1", "2"])


async def test_a_body_that_is_not_text_arrives_with_replacements() -> None:
    async with serving(API) as served:
        await served.send("POST", "/stage/x", [], b"a\xffb")
        assert served.functions.event["body"] == "a\ufffdb"


async def test_a_head_request_gets_the_headers_only() -> None:
    async with serving(API, lambda _: {"body": "12345"}) as served:
        response = await served.send("HEAD", "/stage/x")
    assert (response.status, response.header("content-length")) == (200, "5")


async def test_an_answer_of_204_has_no_body() -> None:
    async with serving(API, lambda _: {"statusCode": 204, "body": "ignored"}) as served:
        response = await served.get("/stage/x")
    assert (response.status, response.header("content-length")) == (204, None)


async def test_the_whole_of_unicode_comes_through() -> None:
    text = json.dumps({"a": "üñ\u2028🎉"}, ensure_ascii=False)
    async with serving(API, lambda event: {"body": event["body"]}) as served:
        response = await served.send("POST", "/stage/x", [], text.encode())
    assert response.body.decode() == text


@pytest.mark.parametrize("host", ["localhost:8080", "127.0.0.1:8080", "api.example.com:80"])
async def test_domain_names_of_this_machine(host: str) -> None:
    async with serving(API) as served:
        await served.get("/stage/x", ("Host", host))
        context = served.functions.event["requestContext"]
    assert context["domainName"] == host
    assert context["domainPrefix"] == ("api" if host.startswith("api") else API.api_id)
