"""Whatever a client sends, the gateway itself does not fail."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from cloudworthy.local.apigateway.definition import AccessLog, MethodSettings, Stage
from cloudworthy.local.apigateway.quota import SqliteQuotaStore
from cloudworthy.local.apigateway.rest import RestApiGateway
from cloudworthy.local.model.http import Request, Response
from cloudworthy.local.wire.server import serialize_response
from local.apigateway.serving import Functions, proxy_method, rest_api, rest_gateway

QUOTAS = SqliteQuotaStore(Path(":memory:"))  # nobody has any here
TEXT = st.text(st.characters(codec="latin-1", exclude_characters="\r\n"), max_size=40)
TARGETS = st.lists(
    st.sampled_from(
        ["/", "stage", "a", "%", "%2F", "..", "?", "&", "=", ";", "+", "é", "{id}", "#"]
    ),
    max_size=12,
).map(lambda parts: "/" + "".join(parts))
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=8,
)
ANSWERS = JSON | st.fixed_dictionaries(
    {},
    optional={
        "statusCode": JSON,
        "headers": JSON,
        "multiValueHeaders": JSON,
        "body": JSON,
        "isBase64Encoded": JSON,
    },
)


def gateway_for(answer: Any) -> RestApiGateway:
    log = AccessLog("access", '{"id":"$context.requestId","agent":"$context.identity.userAgent"}')
    verbose = (MethodSettings("/*", "*", "INFO", data_trace=True),)
    stage = Stage("Stage", "stage", access_log=log, settings=verbose, tracing=True)
    api = rest_api("/", "/{id}", "/a/{p+}", methods=(proxy_method(),), stages=(stage,))
    return rest_gateway(api, Functions({"echo": lambda _: answer}), QUOTAS)


async def answered(gateway: RestApiGateway, request: Request) -> Response:
    failures: list[dict[str, Any]] = []
    loop = asyncio.get_running_loop()
    loop.set_exception_handler(lambda _, context: failures.append(context))
    response = await gateway.handle("abcde12345", request)
    await asyncio.sleep(0)  # the logs are written after the answer
    assert failures == []
    return response


@settings(max_examples=150, deadline=None)
@given(TARGETS, st.lists(st.tuples(st.sampled_from(["Host", "X-Amzn-Trace-Id", "Accept"]), TEXT)))
def test_targets_and_headers(target: str, headers: list[tuple[str, str]]) -> None:
    request = Request("GET", target, headers)
    response = asyncio.run(answered(gateway_for({"statusCode": 200}), request))
    assert response.status in (200, 403)


@settings(max_examples=150, deadline=None)
@given(ANSWERS)
def test_answers(answer: Any) -> None:
    response = asyncio.run(answered(gateway_for(answer), Request("GET", "/stage/x", [])))
    if response.status == 502:
        assert json.loads(response.body) == {"message": "Internal server error"}
    assert 200 <= response.status <= 599
    head = serialize_response(response, "HEAD", keep_alive=True)
    assert len(head.splitlines()) <= len(response.headers) + 5
