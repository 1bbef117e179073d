"""Provisioned capacity: used up, refilled by the clock, told to callers and to metrics."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

from cloudworthy.local.endpoint.dynamodb_metrics import DynamoDbMetrics
from cloudworthy.local.model.records import MetricDatum
from local.endpoint.provisioned import ARN, INDEX, ONCE, enforce, make_table
from local.endpoint.served import PERSON, Served, served
from local.observe.manual_clock import ManualClock

BURST = 300
"""Units that a rate of one a second saves up."""
LARGE = "x" * 49_000
"""The payload of an item of 48 to 49 KB."""


@pytest.fixture(scope="module")
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture(scope="module")
def aws(tmp_path_factory: pytest.TempPathFactory, clock: ManualClock) -> Iterator[Served]:
    with served(tmp_path_factory.mktemp("aws"), capacity_clock=clock) as system:
        yield system


@pytest.fixture(scope="module")
def dynamodb(aws: Served) -> Any:
    return aws.client("dynamodb", PERSON, config=ONCE)


@pytest.fixture
def table(request: pytest.FixtureRequest, aws: Served, dynamodb: Any) -> str:
    """A table with an index and one unit a second of everything."""
    return make_table(aws, dynamodb, re.sub(r"\W", "-", request.node.name))


def item(number: int = 0, **attributes: str) -> dict[str, Any]:
    values = {"id": f"{number}", "payload": LARGE, **attributes}
    return {name: {"S": value} for name, value in values.items()}


def used_until_refused(call: Callable[[], dict[str, Any]]) -> tuple[float, dict[str, Any]]:
    """The units that a call may use until it is refused, and the one reason that is given."""
    used = 0.0
    for _ in range(1000):
        try:
            consumed = call()["ConsumedCapacity"]
        except ClientError as error:
            return used, reason_of(error)
        of_one = consumed if isinstance(consumed, dict) else consumed[0]
        used += float(of_one["CapacityUnits"])
    raise AssertionError("it was never refused")


def reason_of(error: ClientError) -> dict[str, Any]:
    response: Any = error.response
    assert response["Error"]["Code"] == "ProvisionedThroughputExceededException"
    assert response["ResponseMetadata"]["HTTPStatusCode"] == 400
    (reason,) = response["ThrottlingReasons"]
    assert isinstance(reason, dict)
    return reason


def test_what_was_saved_up_is_used_and_then_only_what_comes_in(
    dynamodb: Any, table: str, clock: ManualClock
) -> None:
    def write() -> dict[str, Any]:
        answer: dict[str, Any] = dynamodb.put_item(
            TableName=table, Item=item(), ReturnConsumedCapacity="TOTAL"
        )
        return answer

    one = float(write()["ConsumedCapacity"]["CapacityUnits"])
    used, reason = used_until_refused(write)
    assert BURST <= used + one < BURST + one
    assert reason == {
        "reason": "TableWriteProvisionedThroughputExceeded",
        "resource": f"{ARN}/{table}",
    }
    clock.advance(used + one - BURST)
    assert used_until_refused(write)[0] == 0
    clock.advance(1)
    assert used_until_refused(write)[0] == one
    clock.advance(100_000)
    assert BURST <= used_until_refused(write)[0] < BURST + one


@pytest.mark.parametrize("consistent", [True, False])
def test_reads_of_a_table_leave_its_writes_alone(
    dynamodb: Any, table: str, *, consistent: bool
) -> None:
    dynamodb.put_item(TableName=table, Item=item())

    used, reason = used_until_refused(
        lambda: dynamodb.get_item(
            TableName=table,
            Key={"id": {"S": "0"}},
            ConsistentRead=consistent,
            ReturnConsumedCapacity="TOTAL",
        )
    )
    assert BURST <= used < BURST + 13
    assert reason["reason"] == "TableReadProvisionedThroughputExceeded"
    dynamodb.put_item(TableName=table, Item=item())


def test_reads_of_an_index_are_its_own(dynamodb: Any, table: str) -> None:
    dynamodb.put_item(TableName=table, Item=item(kind="a"))
    used, reason = used_until_refused(
        lambda: dynamodb.query(
            TableName=table,
            IndexName=INDEX,
            KeyConditionExpression="kind = :kind",
            ExpressionAttributeValues={":kind": {"S": "a"}},
            ReturnConsumedCapacity="TOTAL",
        )
    )
    assert BURST <= used < BURST + 13
    assert reason == {
        "reason": "IndexReadProvisionedThroughputExceeded",
        "resource": f"{ARN}/{table}/index/{INDEX}",
    }
    dynamodb.scan(TableName=table)


def test_an_index_that_is_full_stops_writes_before_the_table_is(dynamodb: Any, table: str) -> None:
    kinds = iter(range(1000))
    _, reason = used_until_refused(
        lambda: dynamodb.put_item(
            TableName=table, Item=item(kind=f"{next(kinds)}"), ReturnConsumedCapacity="TOTAL"
        )
    )
    assert reason == {
        "reason": "IndexWriteProvisionedThroughputExceeded",
        "resource": f"{ARN}/{table}/index/{INDEX}",
    }
    # Each but the first was taken out of the index and put in again.
    assert next(kinds) - 1 == 4


def test_batches_use_what_their_parts_use(dynamodb: Any, table: str) -> None:
    before = dynamodb.put_item(TableName=table, Item=item(), ReturnConsumedCapacity="TOTAL")
    one = before["ConsumedCapacity"]["CapacityUnits"]
    requests = [{"PutRequest": {"Item": item(number)}} for number in (1, 2)]
    used, reason = used_until_refused(
        lambda: dynamodb.batch_write_item(
            RequestItems={table: requests}, ReturnConsumedCapacity="TOTAL"
        )
    )
    assert BURST <= used + one < BURST + 2 * one
    assert used % one == 0
    assert reason["resource"] == f"{ARN}/{table}"


def test_the_caller_is_told_as_much_as_it_asked_for(dynamodb: Any, table: str) -> None:
    def told(mode: str) -> Any:
        answer = dynamodb.update_item(
            TableName=table,
            Key={"id": {"S": mode}},
            UpdateExpression="SET kind = :kind",
            ExpressionAttributeValues={":kind": {"S": "a"}},
            ReturnConsumedCapacity=mode,
        )
        return answer.get("ConsumedCapacity")

    assert told("NONE") is None
    assert told("TOTAL") == {"TableName": table, "CapacityUnits": 2.0}
    assert told("INDEXES") == {
        "TableName": table,
        "CapacityUnits": 2.0,
        "Table": {"CapacityUnits": 1.0},
        "GlobalSecondaryIndexes": {INDEX: {"CapacityUnits": 1.0}},
    }


def test_an_answer_without_capacity_is_as_the_engine_gave_it(dynamodb: Any, table: str) -> None:
    dynamodb.put_item(TableName=table, Item=item(kind="a"))
    read = dynamodb.batch_get_item(RequestItems={table: {"Keys": [{"id": {"S": "0"}}]}})
    assert "ConsumedCapacity" not in read
    assert read["Responses"] == {table: [item(kind="a")]}
    with pytest.raises(dynamodb.exceptions.ConditionalCheckFailedException):
        dynamodb.put_item(
            TableName=table, Item=item(), ConditionExpression="attribute_not_exists(id)"
        )


def test_a_table_that_is_billed_by_request_is_never_throttled(aws: Served, dynamodb: Any) -> None:
    name = make_table(aws, dynamodb, "by_request", units=None)
    for number in range(20):
        dynamodb.put_item(TableName=name, Item=item(number))
    assert dynamodb.scan(TableName=name, Select="COUNT")["Count"] == 20


def test_more_capacity_is_there_at_once(aws: Served, dynamodb: Any, table: str) -> None:
    def write() -> dict[str, Any]:
        answer: dict[str, Any] = dynamodb.put_item(
            TableName=table, Item=item(), ReturnConsumedCapacity="TOTAL"
        )
        return answer

    rates = {"ReadCapacityUnits": 1, "WriteCapacityUnits": 1}
    used_until_refused(write)
    enforce(aws, {table: {"ProvisionedThroughput": rates}})
    assert used_until_refused(write)[0] == 0
    enforce(aws, {table: {"ProvisionedThroughput": {**rates, "WriteCapacityUnits": 2}}})
    assert used_until_refused(write)[0] >= 2 * BURST


def test_throttles_and_capacity_are_metrics_of_what_they_belong_to(
    aws: Served, dynamodb: Any, table: str
) -> None:
    kept: list[MetricDatum] = []

    class Sink:
        def put(self, datum: MetricDatum) -> None:
            kept.append(datum)

    aws.endpoint.watch("dynamodb", DynamoDbMetrics(Sink()))
    kinds = iter(range(1000))
    used_until_refused(
        lambda: dynamodb.put_item(
            TableName=table, Item=item(kind=f"{next(kinds)}"), ReturnConsumedCapacity="INDEXES"
        )
    )
    sums: dict[tuple[str, ...], float] = {}
    for datum in kept:
        key = (datum.name, *(value for _, value in datum.dimensions))
        sums[key] = sums.get(key, 0) + datum.value
    assert sums["WriteThrottleEvents", INDEX, table] == 1
    assert ("WriteThrottleEvents", table) not in sums
    assert sums["ThrottledRequests", "PutItem", table] == 1
    of_table = sums["ConsumedWriteCapacityUnits", table]
    assert sums["ConsumedWriteCapacityUnits", INDEX, table] > of_table >= 4 * 48
