"""boto3's Lambda client against the API, over a socket."""

from __future__ import annotations

import asyncio
import base64
import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from local.lambda_.api_client import client_of
from local.lambda_.running import running

NOT_FOUND = "ResourceNotFoundException"
ECHO = """
    def handler(event, context):
        custom = context.client_context.custom if context.client_context else None
        return {"event": event, "custom": custom, "request_id": context.aws_request_id}
"""


def call(operation: Any, **parameters: Any) -> dict[str, Any]:
    response = operation(**parameters)
    if "Payload" in response:
        with response["Payload"] as payload:
            response["Payload"] = payload.read()
    return dict(response)


async def test_invoke_by_name_partial_arn_and_full_arn() -> None:
    async with running(ECHO) as served, client_of(served) as client:
        arn = served.pool.functions["function"].arn
        names = ["function", "function:$LATEST", f"{arn.split(':')[4]}:function:function", arn]
        for name in names:
            response = await asyncio.to_thread(
                call, client.invoke, FunctionName=name, Payload=b'{"a": 1}'
            )
            answer = json.loads(response["Payload"])
            assert answer["event"] == {"a": 1}
            assert answer["request_id"] == response["ResponseMetadata"]["RequestId"]
            assert response["ExecutedVersion"] == "$LATEST"
            assert "FunctionError" not in response


async def test_no_payload_is_an_empty_object_and_the_client_context_arrives() -> None:
    context = base64.b64encode('{"custom": {"who": "Ünal"}}'.encode()).decode()
    async with running(ECHO) as served, client_of(served) as client:
        response = await asyncio.to_thread(
            call, client.invoke, FunctionName="function", ClientContext=context
        )
    answer = json.loads(response["Payload"])
    assert (answer["event"], answer["custom"]) == ({}, {"who": "Ünal"})


async def test_what_describes_functions() -> None:
    async with (
        running(ECHO, memory_mib=256, reserved_concurrency=2) as served,
        client_of(served) as client,
    ):
        one = await asyncio.to_thread(client.get_function, FunctionName="function")
        same = await asyncio.to_thread(client.get_function_configuration, FunctionName="function")
        listed = await asyncio.to_thread(client.list_functions)
    assert one["Configuration"]["MemorySize"] == 256
    assert one["Concurrency"]["ReservedConcurrentExecutions"] == 2
    assert same["Handler"] == "app.handler"
    assert [entry["FunctionName"] for entry in listed["Functions"]] == ["function"]


@pytest.mark.parametrize(("name", "arn_end"), [("nobody", "nobody"), ("function:1", "function:1")])
async def test_a_function_or_version_that_does_not_exist(name: str, arn_end: str) -> None:
    async with running(ECHO) as served, client_of(served) as client:
        with pytest.raises(ClientError) as raised:
            await asyncio.to_thread(client.invoke, FunctionName=name)
    assert raised.value.response["Error"] == {
        "Code": "ResourceNotFoundException",
        "Message": f"Function not found: arn:aws:lambda:us-east-1:000000000000:function:{arn_end}",
    }
    assert raised.value.response["ResponseMetadata"]["HTTPStatusCode"] == 404


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        ({"FunctionName": "arn:aws:lambda:eu-west-1:000000000000:function:function"}, NOT_FOUND),
        ({"FunctionName": "arn:aws:lambda:us-east-1:111111111111:function:function"}, NOT_FOUND),
        ({"FunctionName": "arn:aws-cn:lambda:us-east-1:000000000000:function:function"}, NOT_FOUND),
        ({"FunctionName": "111111111111:function:function"}, NOT_FOUND),
        (
            {"FunctionName": "function:$LATEST", "Qualifier": "1"},
            "InvalidParameterValueException",
        ),
    ],
)
async def test_what_names_another_function_does_not_run_this_one(
    asked: dict[str, str], code: str
) -> None:
    async with running(ECHO) as served, client_of(served) as client:
        for operation in (client.invoke, client.get_function):
            with pytest.raises(ClientError) as raised:
                await asyncio.to_thread(operation, **asked)
            assert raised.value.response["Error"]["Code"] == code


async def test_an_operation_that_is_not_there_says_so() -> None:
    async with running(ECHO) as served, client_of(served) as client:
        with pytest.raises(ClientError) as raised:
            await asyncio.to_thread(client.delete_function, FunctionName="function")
    assert raised.value.response["Error"]["Code"] == "UnsupportedOperationException"
