"""What becomes of asynchronous invocations, compared with what AWS did."""

from __future__ import annotations

import asyncio
import json
import re
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from cloudworthy.local.lambda_.asynchronous.configuration import EventInvokeConfig
from cloudworthy.local.model.functions import MAX_EVENT_BYTES, Invoker, TooManyRequestsError
from cloudworthy.local.model.http import Request, Response
from cloudworthy.local.wire.client import HttpClient
from facts.facts import fact
from local.endpoint.served import ACCOUNT, REGION, Served
from local.lambda_.api_client import client_of
from local.lambda_.events import Bench, PacedClock, Script, Services, accepting, settled, until
from local.lambda_.running import running

FAILURE = b'{"errorMessage":"no","errorType":"Exception","requestId":"1","stackTrace":["a"]}'
FAILING = """
    def handler(event, context):
        raise Exception("intentional failure")
"""
UUID = r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"


@asynccontextmanager
async def sending(
    directory: Path, aws: Served, invoker: Invoker, **options: Any
) -> AsyncIterator[Bench]:
    """Events whose records go through the endpoint's port, signed as the function's role."""
    client = HttpClient("127.0.0.1", aws.port)

    async def call(request: Request) -> Response:
        return await client.request(request.method, request.target, request.headers, request.body)

    options.setdefault("role_arn", f"arn:aws:iam::{ACCOUNT}:role/function-role")
    async with accepting(
        directory, invoker, call, credentials_of=aws.credentials.credentials_of, **options
    ) as bench:
        yield bench
    client.close()


class Queue:
    """A queue of its own for a test."""

    def __init__(self, aws: Served) -> None:
        self.name = f"queue-{uuid.uuid4().hex}"
        self.arn = f"arn:aws:sqs:{REGION}:{ACCOUNT}:{self.name}"
        self.client = aws.client("sqs")
        self.url = self.client.create_queue(QueueName=self.name)["QueueUrl"]

    async def message(self) -> dict[str, Any]:
        """The next message, with all its attributes."""

        def receive() -> dict[str, Any]:
            response = self.client.receive_message(
                QueueUrl=self.url,
                WaitTimeSeconds=10,
                MessageAttributeNames=["All"],
                MessageSystemAttributeNames=["All"],
            )
            (message,) = response["Messages"]
            return dict(message)

        return await asyncio.to_thread(receive)

    async def record(self) -> dict[str, Any]:
        record = json.loads((await self.message())["Body"])
        assert isinstance(record, dict)
        return record


async def test_an_accepted_event(tmp_path: Path) -> None:
    expect = fact("lambda-invoke-003").expect
    async with (
        running("def handler(event, context): return 1") as served,
        accepting(tmp_path, served.pool, Services().handle) as bench,
        client_of(served, bench.service.invoker) as client,
    ):
        response = await asyncio.to_thread(
            client.invoke, FunctionName="function", InvocationType="Event"
        )
        await until(lambda: any(it.startswith("REPORT") for it in served.logs.messages))
    assert response["StatusCode"] == expect["StatusCode"]
    assert response["Payload"].read().decode() == expect["Payload"]
    assert not set(expect["absent"]) & response.keys()
    request_id = response["ResponseMetadata"]["RequestId"]
    assert f"START RequestId: {request_id} Version: $LATEST\n" in served.logs.messages


async def test_the_largest_event(tmp_path: Path) -> None:
    async with (
        running("def handler(event, context): return 1") as served,
        accepting(tmp_path, Script([b"1"]), Services().handle) as bench,
        client_of(served, bench.service.invoker) as client,
    ):

        def send(size: int) -> int:
            payload = b'"' + b"x" * (size - 2) + b'"'
            response = client.invoke(
                FunctionName="function", InvocationType="Event", Payload=payload
            )
            return int(response["StatusCode"])

        assert await asyncio.to_thread(send, MAX_EVENT_BYTES) == 202
        with pytest.raises(
            client.exceptions.ClientError,
            match=f"must be smaller than {MAX_EVENT_BYTES} bytes for the InvokeFunction operation",
        ):
            await asyncio.to_thread(send, MAX_EVENT_BYTES + 1)


async def test_all_attempts_of_a_failing_function(tmp_path: Path, aws: Served) -> None:
    expect, delays_s = fact("lambda-async-001").expect, fact("lambda-async-002").expect["delays_s"]
    record_of = fact("lambda-async-006").expect
    queue, clock = Queue(aws), PacedClock()
    config = EventInvokeConfig(on_failure=queue.arn)
    async with (
        running(FAILING) as served,
        sending(tmp_path, aws, served.pool, config=config, clock=clock) as bench,
    ):

        def attempts() -> int:
            return sum(it.startswith("REPORT") for it in served.logs.messages)

        request_id = await bench.send(b'{"a": 1.10}')
        for number, delay_s in enumerate(delays_s, 1):
            await until(lambda number=number: attempts() == number)  # type: ignore[misc]
            await settled()
            await clock.advance(delay_s - 1)
            assert attempts() == number
            await clock.advance(1)
        await until(lambda: attempts() == expect["attempts"])
        message = await queue.message()
    record = json.loads(message["Body"])
    context = record["requestContext"]
    assert expect["destination.requestContext"].items() <= context.items()
    assert context["requestId"] == request_id
    assert context["functionArn"].endswith(":function:function:$LATEST")
    assert list(record) == [
        "version",
        "timestamp",
        "requestContext",
        "requestPayload",
        "responseContext",
        "responsePayload",
    ]
    assert (record["version"], record["timestamp"]) == ("1.0", "2026-01-02T03:07:05.678Z")
    assert '"requestPayload":{"a": 1.10}' in message["Body"]
    assert record["responseContext"] == record_of["responseContext"]
    assert list(record["responsePayload"]) == list(record_of["responsePayload"])
    assert record["responsePayload"]["requestId"] == request_id
    assert list(fact("lambda-async-007").expect) == ["AWSTraceHeader"]
    assert re.fullmatch(
        r"Root=1-[0-9a-f]{8}-[0-9a-f]{24};Parent=[0-9a-f]{16};Sampled=0",
        message["Attributes"]["AWSTraceHeader"],
    )
    assert fact("lambda-invoke-021").expect["aws_request_id"].startswith("identical")
    starts = [it for it in served.logs.messages if it.startswith("START")]
    assert starts == [f"START RequestId: {request_id} Version: $LATEST\n"] * expect["attempts"]


async def test_no_retries(tmp_path: Path, aws: Served) -> None:
    expect, queue = fact("lambda-async-003").expect, Queue(aws)
    config = EventInvokeConfig(maximum_retry_attempts=0, on_failure=queue.arn)
    async with sending(tmp_path, aws, Script([FAILURE]), config=config) as bench:
        await bench.send()
        record = await queue.record()
    assert expect.items() <= record["requestContext"].items()


async def test_the_next_attempt_would_be_too_late(tmp_path: Path, aws: Served) -> None:
    """Recorded on AWS 2023-03-22: over at once, not when the age is reached."""
    queue, clock = Queue(aws), PacedClock()
    config = EventInvokeConfig(maximum_event_age_s=100, on_failure=queue.arn)
    async with sending(tmp_path, aws, Script([FAILURE]), config=config, clock=clock) as bench:
        await bench.send()
        await clock.advance(60)
        record = await queue.record()
    context = record["requestContext"]
    assert (context["condition"], context["approximateInvokeCount"]) == ("EventAgeExceeded", 2)
    assert record["responseContext"]["functionError"] == "Unhandled"


async def test_a_success(tmp_path: Path, aws: Served) -> None:
    queue = Queue(aws)
    config = EventInvokeConfig(on_success=queue.arn)
    async with sending(tmp_path, aws, Script([b'{"b": 2}']), config=config) as bench:
        await bench.send(b'{"a": 1}')
        record = await queue.record()
    assert record["requestContext"]["condition"] == "Success"
    assert record["requestContext"]["approximateInvokeCount"] == 1
    assert record["requestPayload"] == {"a": 1}
    assert record["responseContext"] == {"statusCode": 200, "executedVersion": "$LATEST"}
    assert record["responsePayload"] == {"b": 2}


async def test_no_concurrency_at_all(tmp_path: Path, aws: Served) -> None:
    expect, queue = fact("lambda-invoke-017").expect, Queue(aws)
    config, script = EventInvokeConfig(on_failure=queue.arn), Script([b"1"])
    async with sending(tmp_path, aws, script, config=config, reserved_concurrency=0) as bench:
        await bench.send()
        record = await queue.record()
    assert script.requests == []
    assert expect["destination"]["requestContext"].items() <= record["requestContext"].items()
    assert not set(expect["destination"]["absent"]) & record.keys()


async def test_throttled_events_wait(tmp_path: Path) -> None:
    behaviour = fact("lambda-async-011").expect["behaviour"]
    assert "1 s → 5 min for up to 6 h" in behaviour
    assert "not counted as retry attempts" in behaviour
    clock = PacedClock()
    script = Script([TooManyRequestsError("ConcurrentInvocationLimitExceeded")], clock=clock)
    config = EventInvokeConfig()
    async with accepting(tmp_path, script, Services().handle, clock=clock, config=config) as bench:
        await bench.send()
        while not bench.metrics.of("AsyncEventsDropped"):
            due_s = script.times_s[-1] + min(2 ** (len(script.times_s) - 1), 300)
            await clock.advance(due_s - clock.seconds)
        assert script.times_s[:4] == [0, 1, 3, 7]
    assert 6 * 3600 - 300 < script.times_s[-1] <= 6 * 3600


async def test_an_event_bus(tmp_path: Path, aws: Served) -> None:
    expect, queue = fact("lambda-async-008").expect, Queue(aws)
    events = aws.client("events")
    bus = events.create_event_bus(Name=f"bus-{uuid.uuid4().hex}")["EventBusArn"]
    rule = {"Name": "all", "EventBusName": bus}
    events.put_rule(EventPattern='{"detail-type": [{"prefix": "Lambda"}]}', **rule)
    events.put_targets(Rule="all", EventBusName=bus, Targets=[{"Id": "queue", "Arn": queue.arn}])
    config = EventInvokeConfig(maximum_retry_attempts=0, on_success=bus, on_failure=bus)
    seen = []
    async with sending(tmp_path, aws, Script([b"1", FAILURE]), config=config) as bench:
        for _ in range(2):
            await bench.send(b'{"a": 1}')
            seen.append(await queue.record())
    assert [event["detail-type"] for event in seen] == expect["detail-type"]
    for event in seen:
        assert event["source"] == expect["source"]
        assert event["resources"] == [bus, f"{bench.function.arn}:$LATEST"]
        assert event["detail"]["requestPayload"] == {"a": 1}


async def test_a_dead_letter_queue(tmp_path: Path, aws: Served) -> None:
    """Recorded on AWS 2024-03-21."""
    queue, config = Queue(aws), EventInvokeConfig(maximum_retry_attempts=0)
    answer = json.dumps({"errorMessage": "ö" * 2000, "errorType": "E"}).encode()
    async with sending(
        tmp_path, aws, Script([answer]), config=config, dead_letter_arn=queue.arn
    ) as bench:
        request_id = await bench.send(b'{"raise_error": 1}')
        message = await queue.message()
    attributes = message["MessageAttributes"]
    assert message["Body"] == '{"raise_error": 1}'
    assert attributes["RequestID"] == {"DataType": "String", "StringValue": request_id}
    assert attributes["ErrorCode"] == {"DataType": "Number", "StringValue": "200"}
    assert attributes["ErrorMessage"] == {"DataType": "String", "StringValue": "ö" * 512}


async def test_a_dead_letter_topic(tmp_path: Path, aws: Served) -> None:
    expect, queue = fact("lambda-async-010").expect, Queue(aws)
    sns = aws.client("sns")
    topic = sns.create_topic(Name=f"topic-{uuid.uuid4().hex}")["TopicArn"]
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=queue.arn)
    config = EventInvokeConfig(maximum_retry_attempts=0)
    async with sending(
        tmp_path, aws, Script([FAILURE]), config=config, dead_letter_arn=topic
    ) as bench:
        request_id = await bench.send(b'{"raise_error": 1}')
        notification = await queue.record()
    attributes = notification["MessageAttributes"]
    assert sorted(attributes) == expect["Sns.MessageAttributes"]
    assert attributes["RequestID"]["Value"] == request_id
    assert attributes["ErrorMessage"]["Value"] == "no"
    assert notification["Message"] == '{"raise_error": 1}'


async def test_a_bucket(tmp_path: Path, aws: Served) -> None:
    s3, name = aws.client("s3"), f"bucket-{uuid.uuid4().hex}"
    s3.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": REGION})
    config = EventInvokeConfig(maximum_retry_attempts=0, on_failure=f"arn:aws:s3:::{name}")
    arn = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:function"
    async with sending(tmp_path, aws, Script([FAILURE]), config=config, arn=arn) as bench:
        await bench.send()
        await until(lambda: len(bench.service) == 0)
        assert bench.metrics.of("DestinationDeliveryFailures") == []
    (entry,) = s3.list_objects_v2(Bucket=name)["Contents"]
    assert re.fullmatch(
        rf"aws/lambda/async/function/2026/01/02/2026-01-02T03\.04\.05-{UUID}", entry["Key"]
    )
    record = json.loads(s3.get_object(Bucket=name, Key=entry["Key"])["Body"].read())
    assert record["requestContext"]["condition"] == "RetriesExhausted"


async def test_another_function(tmp_path: Path, aws: Served) -> None:
    other = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:other"
    config = EventInvokeConfig(on_success=other)
    aws.lambda_requests.clear()
    async with sending(tmp_path, aws, Script([b"1"]), config=config) as bench:
        await bench.send()
        await until(lambda: len(aws.lambda_requests) == 1)
    (request,) = aws.lambda_requests
    assert request.header("X-Amz-Invocation-Type") == "Event"
    assert "other/invocations" in request.path
    assert json.loads(request.body)["requestContext"]["condition"] == "Success"
    call = aws.calls.records[-1]
    assert call.principal_arn == f"arn:aws:sts::{ACCOUNT}:assumed-role/function-role/function"
