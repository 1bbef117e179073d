"""The Runtime API over a socket, as another runtime client would use it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from cloudworthy.local.lambda_.invocation import Invocation, Outcome
from cloudworthy.local.lambda_.runtime_api import RuntimeApi
from cloudworthy.local.wire.client import HttpClient

ARN = "arn:aws:lambda:us-east-1:000000000000:function:function"
NEXT = "/2018-06-01/runtime/invocation/next"


@asynccontextmanager
async def served() -> AsyncIterator[tuple[RuntimeApi, HttpClient, list[object]]]:
    said: list[object] = []
    api = RuntimeApi(
        admits=lambda _: True,
        on_ready=lambda: said.append("ready"),
        on_init_error=said.append,
        on_outcome=said.append,
    )
    client = HttpClient("127.0.0.1", await api.start())
    try:
        yield api, client, said
    finally:
        client.close()
        await api.stop()


def invocation(request_id: str = "id-1") -> Invocation:
    trace_header = "Root=1-0-0;Parent=0;Sampled=1"
    return Invocation(request_id, b'{"a":1}', trace_header, ARN, '{"custom":{}}')


async def test_an_event_is_waited_for_and_comes_with_its_headers() -> None:
    async with served() as (api, client, said):
        waiting = asyncio.create_task(client.request("GET", NEXT, []))
        await asyncio.sleep(0.05)
        assert said == ["ready"]
        assert not waiting.done()
        api.submit(invocation(), deadline_ms=1234)
        response = await waiting
    assert (response.status, response.body) == (200, b'{"a":1}')
    assert response.headers[:6] == [
        ("Content-Type", "application/json"),
        ("Lambda-Runtime-Aws-Request-Id", "id-1"),
        ("Lambda-Runtime-Deadline-Ms", "1234"),
        ("Lambda-Runtime-Invoked-Function-Arn", ARN),
        ("Lambda-Runtime-Trace-Id", "Root=1-0-0;Parent=0;Sampled=1"),
        ("Lambda-Runtime-Client-Context", '{"custom":{}}'),
    ]


async def test_only_the_event_that_is_running_can_be_answered_and_only_once() -> None:
    async with served() as (api, client, said):
        api.submit(invocation(), deadline_ms=1)
        await client.request("GET", NEXT, [])
        answer = "/2018-06-01/runtime/invocation/{}/response"
        other = await client.request("POST", answer.format("id-2"), [], b"1")
        first = await client.request("POST", answer.format("id-1"), [], b'"ok"')
        second = await client.request("POST", answer.format("id-1"), [], b'"again"')
    assert (other.status, first.status, second.status) == (400, 202, 400)
    assert json.loads(other.body)["errorType"] == "InvalidRequestID"
    assert first.body == b'{"status":"OK"}\n'
    (outcome,) = [entry for entry in said if isinstance(entry, Outcome)]
    assert outcome.payload == b'"ok"'


async def test_errors_carry_their_type() -> None:
    async with served() as (api, client, said):
        body = b'{"errorType":"InBody"}'
        typed = [("Lambda-Runtime-Function-Error-Type", "Extension.Failed")]
        await client.request("POST", "/2018-06-01/runtime/init/error", typed, body)
        api.submit(invocation(), deadline_ms=1)
        await client.request("GET", NEXT, [])
        await client.request("POST", "/2018-06-01/runtime/invocation/id-1/error", [], body)
    errors = [entry.error_type for entry in said if isinstance(entry, Outcome)]
    assert errors == ["Extension.Failed", "InBody"]


async def test_other_paths_do_not_exist() -> None:
    async with served() as (_, client, _said):
        response = await client.request("GET", "/2018-06-01/runtime/restore/next", [])
    assert response.status == 404
