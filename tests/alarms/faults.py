"""Real faults of a running system: processes that stand still or die, capacity used up."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from typing import Any

import psutil
import pytest
from botocore.config import Config

from alarms.listener import SPEED
from running_system import RunningSystem, wait_until

Request = Callable[[], int]
"""Makes a request and tells the status of its answer."""

_ONCE = Config(retries={"total_max_attempts": 1})
_LARGE = "x" * 390_000
_MOST_CALLS = 500
_PERIOD_S = 300 / int(SPEED)
ENOUGH = 5
"""How many requests end in three periods, whenever the first of them ends; see
``free_one_by_one``."""


@contextmanager
def standing_still(process: psutil.Process) -> Iterator[None]:
    """A process is there, and answers nobody."""
    process.suspend()
    try:
        yield
    finally:
        process.resume()


def in_background(request: Request) -> Future[int]:
    """Make a request without waiting for its answer."""
    executor = ThreadPoolExecutor(max_workers=1)
    answer = executor.submit(request)
    executor.shutdown(wait=False)
    return answer


class StuckRequest:
    """A request whose function stands still."""

    def __init__(self, workers: list[psutil.Process], answer: Future[int]) -> None:
        self._workers = workers
        self._answer = answer
        self.since_s = time.monotonic()

    def free_after(self, seconds: float) -> int:
        """Let it go on once it has been stuck for so long."""
        return self.free_at(self.since_s + seconds)

    def free_at(self, monotonic_s: float) -> int:
        """Let it go on at this time, or now."""
        time.sleep(max(0.0, monotonic_s - time.monotonic()))
        for worker in self._workers:
            with suppress(psutil.NoSuchProcess):  # Its function's time may be up.
                worker.resume()
        return self._answer.result()

    def crash(self) -> int:
        """Kill the process that has it."""
        for worker in self._workers:
            worker.kill()
        return self._answer.result()


def free_one_by_one(requests: Sequence[StuckRequest], seconds: float) -> None:
    """Let them go on, from when the last has been stuck for so long.

    So many end in a period that none of three periods is without one.
    """
    begin_s = max(it.since_s for it in requests) + seconds
    for number, request in enumerate(requests):
        request.free_at(begin_s + number * _PERIOD_S * 0.6)


class FaultyFunction:
    """A function of a running system, and what can happen to its processes.

    Parameters
    ----------
    request
        Has the function invoked, and waits for it.
    """

    def __init__(self, system: RunningSystem, construct_id: str, request: Request) -> None:
        self._system = system
        self._request = request
        self._lambda = system.client("lambda", _ONCE)
        self._cloudwatch = system.client("cloudwatch")
        names = [it["FunctionName"] for it in self._lambda.list_functions()["Functions"]]
        (self.name,) = [it for it in names if construct_id in it]

    def get_stuck(self) -> StuckRequest:
        """Make a request that the function does not end by itself.

        The same request is made before, so that there is a process that only waits for it.
        """
        self._request()
        idle = [it for it in self._workers() if it.status() != psutil.STATUS_STOPPED]
        for worker in idle:
            worker.suspend()
        before = self._invocations()
        answer = in_background(self._request)
        wait_until(lambda: self._invocations() > before)
        return StuckRequest(idle, answer)

    def is_refused(self) -> bool:
        """Whether there is no free concurrency for an invocation."""
        try:
            self._lambda.invoke(FunctionName=self.name, Payload=b'{"httpMethod": "GET"}')
        except self._lambda.exceptions.TooManyRequestsException:
            return True
        return False

    def send_event(self, payload: bytes) -> None:
        """Invoke it asynchronously."""
        self._lambda.invoke(FunctionName=self.name, InvocationType="Event", Payload=payload)

    def _workers(self) -> list[psutil.Process]:
        return [it for it in self._system.children() if _function_of(it) == self.name]

    def _invocations(self) -> float:
        """How many have begun, by the clock of the metrics, which is ahead."""
        now = datetime.now(UTC)
        found = self._cloudwatch.get_metric_statistics(
            Namespace="AWS/Lambda",
            MetricName="Invocations",
            Dimensions=[{"Name": "FunctionName", "Value": self.name}],
            StartTime=now - timedelta(days=1),
            EndTime=now + timedelta(days=30),
            Period=86_400,
            Statistics=["Sum"],
        )
        return sum(float(it["Sum"]) for it in found["Datapoints"])


class BusyTable:
    """A table with provisioned capacity that somebody uses up."""

    def __init__(self, system: RunningSystem, construct_id: str, key: Sequence[str]) -> None:
        self._client = system.client("dynamodb", _ONCE)
        names = self._client.list_tables()["TableNames"]
        (self.name,) = [it for it in names if construct_id in it]
        self._key = key

    def exhaust_writes(self) -> None:
        """Write large items, one after the other."""

        def write(number: int) -> None:
            item = {**self._item(number), "payload": {"S": _LARGE}}
            self._client.put_item(TableName=self.name, Item=item)

        self._until_refused(write)

    def exhaust_reads(self, **index: str) -> None:
        """Read what large items there are again and again."""
        self._until_refused(
            lambda _: self._client.scan(TableName=self.name, Select="COUNT", **index)
        )

    def exhaust_index_writes(self, index_key: str) -> None:
        """Move large items in an index: each is taken out and put in, which costs twice."""
        self._until_refused(
            lambda number: self._client.update_item(
                TableName=self.name,
                Key=self._item(number % 2),
                UpdateExpression="SET #key = :value, #payload = :payload",
                ExpressionAttributeNames={"#key": index_key, "#payload": "payload"},
                ExpressionAttributeValues={
                    ":value": {"S": f"value {number}"},
                    ":payload": {"S": _LARGE},
                },
            )
        )

    def _item(self, number: int) -> dict[str, Any]:
        return {name: {"S": f"large {number}"} for name in self._key}

    def _until_refused(self, call: Callable[[int], object]) -> None:
        refused = self._client.exceptions.ProvisionedThroughputExceededException
        for number in range(_MOST_CALLS):
            try:
                call(number)
            except refused:
                return
        pytest.fail(f"{self.name} let {_MOST_CALLS} large requests through")


def _function_of(process: psutil.Process) -> str:
    """The function that a process runs; none for one that has just ended."""
    try:
        return process.environ().get("AWS_LAMBDA_FUNCTION_NAME", "")
    except psutil.NoSuchProcess:
        return ""
