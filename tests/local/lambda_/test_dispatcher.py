"""Which events run when, and what becomes of them."""

from __future__ import annotations

import asyncio
from functools import partial
from pathlib import Path

import pytest

from cloudworthy.local.lambda_.asynchronous.configuration import EventInvokeConfig
from cloudworthy.local.model.errors import CloudworthyError
from cloudworthy.local.model.functions import (
    FunctionNotFoundError,
    InvocationRequest,
    InvocationResult,
    TooManyRequestsError,
)
from cloudworthy.local.model.http import Request, Response
from local.lambda_.events import PacedClock, Script, Services, accepting, until
from local.lambda_.running import function

FAILURE = b'{"errorMessage": "no", "errorType": "Exception"}'
QUEUE = "arn:aws:sqs:us-east-1:000000000000:queue"
TOPIC = "arn:aws:sns:us-east-1:000000000000:topic"
THROTTLED = TooManyRequestsError("ReservedFunctionConcurrentInvocationLimitExceeded")
UNAVAILABLE = CloudworthyError("no worker can be started")


async def test_an_event_is_run_once_and_forgotten(tmp_path: Path) -> None:
    script, services = Script([b"1"]), Services()
    async with accepting(tmp_path, script, services.handle) as bench:
        request_id = await bench.send(b'{"a": 1}', client_context="{}")
        await bench.clock.advance(100_000)
    (request,) = script.requests
    assert (request.payload, request.client_context) == (b'{"a": 1}', "{}")
    assert request.request_id == request_id
    assert services.requests == []
    assert bench.metrics.of("AsyncEventsReceived") == [1]
    assert bench.metrics.of("AsyncEventAge") == [0]
    assert bench.metrics.of("AsyncEventsDropped") == []


async def test_a_failure_is_retried_until_a_success(tmp_path: Path) -> None:
    clock = PacedClock()
    script = Script([FAILURE, b"1"], clock=clock)
    async with accepting(tmp_path, script, Services().handle, clock=clock) as bench:
        await bench.send()
        for _ in range(10):
            await clock.advance(60)
    assert script.times_s == [0, 60]
    assert {request.request_id for request in script.requests} == {script.requests[0].request_id}
    roots = {request.trace_header.partition(";")[0] for request in script.requests}
    assert len(roots) == 1
    assert bench.metrics.of("AsyncEventAge") == [0, 60_000]


@pytest.mark.parametrize("refusal", [THROTTLED, UNAVAILABLE])
async def test_what_is_not_the_functions_fault_is_no_attempt(
    tmp_path: Path, refusal: Exception
) -> None:
    clock = PacedClock()
    script = Script([refusal] * 11 + [FAILURE, b"1"], clock=clock)
    async with accepting(tmp_path, script, Services().handle, clock=clock) as bench:
        await bench.send()
        while len(script.requests) < 13:
            await clock.advance(1)
    gaps = [b - a for a, b in zip(script.times_s, script.times_s[1:], strict=False)]
    assert gaps == [1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300, 60]


async def test_an_event_that_is_only_throttled_expires(tmp_path: Path) -> None:
    clock, services = PacedClock(), Services()
    config = EventInvokeConfig(maximum_event_age_s=60, on_failure=QUEUE)
    script = Script([THROTTLED], clock=clock)
    async with accepting(
        tmp_path, script, services.handle, clock=clock, config=config, dead_letter_arn=QUEUE
    ) as bench:
        await bench.send()
        while not bench.metrics.of("AsyncEventsDropped"):
            await clock.advance(1)
        await until(lambda: len(services.requests) == 2)
    assert len(script.requests) == 6
    letter, record = (request.body.decode() for request in services.requests)
    assert '"429"' in letter
    assert "EventAgeExceeded" in record
    assert "responseContext" not in record


async def test_an_event_of_a_removed_function_is_dropped(tmp_path: Path) -> None:
    functions = {"function": function(tmp_path)}
    script = Script([THROTTLED, FunctionNotFoundError("function")])
    async with accepting(tmp_path, script, Services().handle, functions=functions) as bench:
        await bench.send()
        await bench.clock.advance(1)
        assert bench.metrics.of("AsyncEventsDropped") == [1]
        script.outcomes = [THROTTLED]
        await bench.send()
        del functions["function"]
        await bench.clock.advance(2)
        assert bench.metrics.of("AsyncEventsDropped") == [1, 1]
        with pytest.raises(FunctionNotFoundError):
            await bench.send()


async def test_what_ran_when_the_runtime_stopped_runs_again(tmp_path: Path) -> None:
    class Hanging:
        async def invoke(self, request: InvocationRequest) -> InvocationResult:
            started.append(request)
            await asyncio.Event().wait()
            raise AssertionError

    started: list[InvocationRequest] = []
    async with accepting(tmp_path, Hanging(), Services().handle) as bench:
        request_id = await bench.send(b"7")
        assert [request.request_id for request in started] == [request_id]
    script = Script([b"1"])
    async with accepting(tmp_path, script, Services().handle):
        await until(lambda: len(script.requests) == 1)
    assert script.requests[0].request_id == request_id
    assert script.requests[0].payload == b"7"


async def test_what_was_to_be_delivered_when_the_runtime_stopped_does_not_run_again(
    tmp_path: Path,
) -> None:
    config = EventInvokeConfig(on_success=QUEUE)
    unreachable, services = Services([503]), Services()
    first, second = Script([b'"answer"']), Script([b"0"])
    async with accepting(tmp_path, first, unreachable.handle, config=config) as bench:
        await bench.send()
        await until(lambda: len(unreachable.requests) == 1)
    async with accepting(tmp_path, second, services.handle, config=config):
        await until(lambda: len(services.requests) == 1)
    assert second.requests == []
    assert r"\"responsePayload\":\"answer\"" in services.requests[0].body.decode()


async def test_a_function_gets_ten_events_at_a_time_and_holds_up_no_other(tmp_path: Path) -> None:
    class Gate:
        def __init__(self) -> None:
            self.open = asyncio.Event()
            self.inside: list[str] = []
            self.done = 0

        async def invoke(self, request: InvocationRequest) -> InvocationResult:
            self.inside.append(request.function_name)
            if request.function_name == "function":
                await self.open.wait()
            self.done += 1
            return InvocationResult(request.request_id, b"1")

    gate = Gate()
    functions = {name: function(tmp_path, name) for name in ("function", "other")}
    async with accepting(tmp_path, gate, Services().handle, functions=functions) as bench:
        for _ in range(25):
            await bench.send()
        await bench.send(function_name="other")
        assert gate.inside == ["function"] * 10 + ["other"]
        gate.open.set()
        await until(lambda: gate.done == 26)


async def test_a_delivery_is_tried_again_where_the_service_is_at_fault(tmp_path: Path) -> None:
    config, services = EventInvokeConfig(on_success=QUEUE), Services([503, 500, 200])
    async with accepting(tmp_path, Script([b"1"]), services.handle, config=config) as bench:
        await bench.send()
        for tries in (1, 2, 3):
            await until(lambda tries=tries: len(services.requests) == tries)  # type: ignore[misc]
            await bench.clock.advance(tries)
    assert bench.metrics.of("DestinationDeliveryFailures") == []


async def test_a_dead_letter_is_sent_once_however_often_the_record_is(tmp_path: Path) -> None:
    config = EventInvokeConfig(maximum_retry_attempts=0, on_failure=TOPIC)
    clock, failing, mended = PacedClock(), Services([200] + [503] * 7), Services()
    accepting_again = partial(
        accepting,
        tmp_path,
        Script([FAILURE]),
        clock=clock,
        config=config,
        dead_letter_arn=QUEUE,
    )
    async with accepting_again(failing.handle) as bench:
        await bench.send()
        async with asyncio.timeout(20):
            while len(failing.requests) < 8:
                await asyncio.sleep(0.002)
                await clock.advance(1)
    async with accepting_again(mended.handle) as bench:
        await clock.advance(1000)
        await until(lambda: len(bench.service) == 0)
    letters = [it for it in failing.requests + mended.requests if b"ErrorCode" in it.body]
    assert len(letters) == 1
    assert len(mended.requests) == 1


async def test_an_event_that_is_over_does_not_run_again_and_ends(tmp_path: Path) -> None:
    async def broken(_request: Request) -> Response:
        raise RuntimeError("a defect")

    config = EventInvokeConfig(maximum_event_age_s=60, on_success=QUEUE)
    script = Script([b"1"])
    async with accepting(tmp_path, script, broken, config=config) as bench:
        await bench.send()
        async with asyncio.timeout(20):
            while len(bench.service):
                await asyncio.sleep(0.002)
                await bench.clock.advance(1)
    assert len(script.requests) == 1
    assert 30 < bench.clock.seconds < 60


async def test_a_record_waits_for_a_service_that_fails_for_longer(tmp_path: Path) -> None:
    config, services = EventInvokeConfig(on_success=QUEUE), Services([503] * 10 + [200])
    async with accepting(tmp_path, Script([b"1"]), services.handle, config=config) as bench:
        await bench.send()
        async with asyncio.timeout(20):
            while len(services.requests) < 11:
                await asyncio.sleep(0.002)
                await bench.clock.advance(1)
    assert bench.metrics.of("DestinationDeliveryFailures") == []


@pytest.mark.parametrize(("status", "age_s"), [(400, 21_600), (403, 21_600), (500, 60)])
async def test_a_failed_delivery_is_counted_and_said(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, status: int, age_s: int
) -> None:
    config = EventInvokeConfig(
        maximum_retry_attempts=0, maximum_event_age_s=age_s, on_failure=QUEUE
    )
    services = Services([status])
    async with accepting(
        tmp_path, Script([FAILURE]), services.handle, config=config, dead_letter_arn=QUEUE
    ) as bench:
        await bench.send()
        async with asyncio.timeout(20):
            while not bench.metrics.of("DestinationDeliveryFailures"):
                await asyncio.sleep(0.002)
                await bench.clock.advance(1)
    assert bench.metrics.of("DeadLetterErrors") == [1]
    assert bench.metrics.of("DestinationDeliveryFailures") == [1]
    assert f"(Function): the dead-letter queue {QUEUE} did not take an event: {status}" in (
        caplog.text
    )
