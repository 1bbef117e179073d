"""What Invoke answers, compared with what AWS answered."""

from __future__ import annotations

import asyncio
import base64
import json
import re
from typing import Any

import pytest
from botocore.exceptions import ClientError

from cloudworthy.local.lambda_.definition import MAX_ENVIRONMENT_BYTES, MAX_LAYERS
from cloudworthy.local.model.functions import MAX_PAYLOAD_BYTES
from facts.facts import fact
from local.lambda_.api_client import client_of
from local.lambda_.running import running

ECHO = "def handler(event, context): return event"


async def invoke(client: Any, **parameters: Any) -> dict[str, Any]:
    def call() -> dict[str, Any]:
        response = client.invoke(FunctionName="function", **parameters)
        with response["Payload"] as payload:
            return {**response, "Payload": payload.read()}

    return await asyncio.to_thread(call)


async def refused(client: Any, **parameters: Any) -> dict[str, Any]:
    with pytest.raises(ClientError) as raised:
        await invoke(client, **parameters)
    return dict(raised.value.response)


async def test_a_dry_run_has_no_answer() -> None:
    expect = fact("lambda-invoke-004").expect
    async with running(ECHO) as served, client_of(served) as client:
        response = await invoke(client, InvocationType="DryRun")
    assert response["StatusCode"] == expect["StatusCode"]
    assert response["Payload"].decode() == expect["Payload"]
    assert served.logs.lines == []


async def test_an_exception_of_the_handler() -> None:
    expect = fact("lambda-invoke-005").expect
    source = """
        def handler(event, context):
            raise Exception("Handler fails")
    """
    async with running(source) as served, client_of(served) as client:
        response = await invoke(client)
        code = served.code
    assert response["StatusCode"] == expect["StatusCode"]
    assert response["FunctionError"] == expect["FunctionError"]
    body: dict[str, Any] = json.loads(response["Payload"])
    wanted = expect["Payload"]
    assert list(body) == list(wanted)
    assert body["errorMessage"] == wanted["errorMessage"]
    assert body["errorType"] == wanted["errorType"]
    assert body["requestId"] == response["ResponseMetadata"]["RequestId"]
    frame = body["stackTrace"][0].replace(f"{code}/app.py", "/var/task/lambda_handler_error.py")
    assert frame.replace("line 3", "line 2") == wanted["stackTrace"][0]


async def test_an_exception_during_import() -> None:
    wanted = fact("lambda-invoke-006").expect["Payload"]
    async with running('raise Exception("Runtime startup fails")') as served:
        error = await served.error()
    assert list(error) == list(wanted)
    assert {**error, "stackTrace": ""} == {**wanted, "stackTrace": ""}
    assert any("importlib" in frame for frame in error["stackTrace"])
    assert "app.py" in error["stackTrace"][-1]


async def test_a_timeout() -> None:
    wanted = fact("lambda-invoke-007").expect["Payload"]
    source = """
        import time
        def handler(event, context): time.sleep(30)
    """
    async with running(source, timeout_s=1) as served:
        result = await served.invoke()
    assert result.function_error == "Unhandled"
    expected = wanted["errorMessage"].replace("<id>", result.request_id)
    assert result.payload.decode() == (
        f'{{"errorType":"{wanted["errorType"]}","errorMessage":"{expected}"}}'
    )


@pytest.mark.parametrize(
    ("fact_id", "source"),
    [
        ("lambda-invoke-009", "import sys; sys.exit()"),
        ("lambda-invoke-010", "import sys\ndef handler(event, context): sys.exit()"),
    ],
)
async def test_an_exit(fact_id: str, source: str) -> None:
    wanted = fact(fact_id).expect["Payload"]
    async with running(source) as served:
        result = await served.invoke()
        error = await served.error()
    assert result.function_error == "Unhandled"
    expected = wanted["errorMessage"].replace("<id>", result.request_id)
    assert result.payload.decode() == (
        f'{{"errorType":"{wanted["errorType"]}","errorMessage":"{expected}"}}'
    )
    assert error["errorType"] == wanted["errorType"]


async def test_a_crash_during_init_ends_as_a_timeout() -> None:
    wanted = fact("lambda-invoke-012").expect["Payload"]
    source = "import os, signal; os.kill(os.getpid(), signal.SIGSEGV)"
    async with running(source, timeout_s=1) as served:
        error = await served.error()
        status_lines = [m for m in served.logs.messages if m.startswith("INIT_REPORT")]
    assert error["errorType"] == wanted["errorType"]
    assert error["errorMessage"].endswith("Task timed out after 1.00 seconds")
    assert len(status_lines) == 1


@pytest.mark.parametrize("body", [b"n\x87r\x9e\xe9\xb5\xd7I\xee\x9bmt", b"{not json"])
async def test_a_payload_that_is_not_json(body: bytes) -> None:
    expect = fact("lambda-invoke-014").expect
    async with running(ECHO) as served, client_of(served) as client:
        response = await refused(client, Payload=body)
    assert response["ResponseMetadata"]["HTTPStatusCode"] == expect["status"]
    assert response["Error"]["Code"] == expect["Error.Code"]
    assert response["Type"] == expect["Type"]
    assert response["message"].startswith(expect["message_prefix"])


async def test_no_reserved_concurrency_left() -> None:
    expect = fact("lambda-invoke-016").expect
    async with running(ECHO, reserved_concurrency=0) as served, client_of(served) as client:
        response = await refused(client)
    assert response["ResponseMetadata"]["HTTPStatusCode"] == expect["status"]
    assert response["Error"]["Code"] == expect["Error.Code"]
    assert response["message"] == expect["message"]
    assert (response["Reason"], response["Type"]) == (expect["Reason"], expect["Type"])


async def test_the_tail_of_the_log() -> None:
    assert fact("lambda-invoke-018").expect["LogResult"] == "base64 of last 4 KB of log"
    source = """
        def handler(event, context):
            for number in range(event): print("line", number)
    """
    async with running(source) as served, client_of(served) as client:
        short = await invoke(client, LogType="Tail", Payload=b"1")
        long = await invoke(client, LogType="Tail", Payload=b"5000")
        without = await invoke(client, Payload=b"1")
    log = base64.b64decode(short["LogResult"]).decode()
    request_id = short["ResponseMetadata"]["RequestId"]
    assert log.startswith(f"START RequestId: {request_id} Version: $LATEST\nline 0\n")
    assert f"END RequestId: {request_id}\nREPORT RequestId: {request_id}\t" in log
    tail = base64.b64decode(long["LogResult"])
    assert len(tail) == 4096
    assert b"line 4999\nEND RequestId" in tail
    assert "LogResult" not in without


async def test_a_payload_that_is_too_large() -> None:
    expect = fact("lambda-invoke-023").expect
    async with running(ECHO) as served, client_of(served) as client:
        response = await refused(client, Payload=b'"' + b"x" * MAX_PAYLOAD_BYTES + b'"')
    assert response["ResponseMetadata"]["HTTPStatusCode"] == expect["status"]
    assert response["Error"] == {"Code": expect["Error.Code"], "Message": expect["message"]}


def test_the_limits() -> None:
    expect = fact("lambda-invoke-024").expect
    assert expect["sync_payload_bytes"] == MAX_PAYLOAD_BYTES
    assert expect["env_vars_bytes"] == MAX_ENVIRONMENT_BYTES
    assert expect["layers"] == MAX_LAYERS
    assert re.fullmatch(r"128-10240", expect["memory_mb"])
