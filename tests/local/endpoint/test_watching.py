"""What the endpoint's watchers make of calls: metrics of tables, publications, queues."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from cloudworthy.local.endpoint.dynamodb_metrics import DynamoDbMetrics
from cloudworthy.local.endpoint.publications import (
    EmailSubscriptions,
    Publication,
    publications,
)
from cloudworthy.local.endpoint.queue_metrics import QueueMetrics
from cloudworthy.local.endpoint.watching import AnsweredCall
from cloudworthy.local.model.clock import SystemClock
from cloudworthy.local.model.records import MetricDatum
from local.endpoint.served import REGION, Served, make_table


class Kept:
    """Keeps what was put, by name and dimensions."""

    def __init__(self) -> None:
        self.data: list[MetricDatum] = []

    def put(self, datum: MetricDatum) -> None:
        self.data.append(datum)

    def sums(self) -> dict[tuple[str, ...], float]:
        found: dict[tuple[str, ...], float] = {}
        for datum in self.data:
            key = (datum.name, *(value for _, value in datum.dimensions))
            found[key] = found.get(key, 0) + datum.value
        return found


@pytest.fixture(scope="module")
def dynamodb(aws: Served) -> Any:
    client = aws.client("dynamodb")
    make_table(client, "measured")
    return client


def watched(aws: Served, work: Callable[[], object]) -> Kept:
    """The metrics of the calls that some work makes."""
    kept = Kept()
    aws.endpoint.watch("dynamodb", DynamoDbMetrics(kept))
    work()
    return kept


def test_reads_and_writes_of_a_table(aws: Served, dynamodb: Any) -> None:
    def work() -> None:
        dynamodb.put_item(TableName="measured", Item={"pk": {"S": "a"}, "x": {"S": "y" * 1500}})
        dynamodb.get_item(TableName="measured", Key={"pk": {"S": "a"}}, ConsistentRead=True)
        dynamodb.scan(TableName="measured", ReturnConsumedCapacity="TOTAL")

    sums = watched(aws, work).sums()
    assert sums["ConsumedWriteCapacityUnits", "measured"] == 2
    assert sums["ConsumedReadCapacityUnits", "measured"] == 1.5
    assert sums["ReturnedItemCount", "Scan", "measured"] == 1
    assert sums["SuccessfulRequestLatency", "PutItem", "measured"] > 0


def test_errors_of_the_caller(aws: Served, dynamodb: Any) -> None:
    dynamodb.put_item(TableName="measured", Item={"pk": {"S": "a"}})

    def work() -> None:
        for expression in ("attribute_not_exists(pk)", "nonsense ("):
            with pytest.raises(ClientError):
                dynamodb.put_item(
                    TableName="measured", Item={"pk": {"S": "a"}}, ConditionExpression=expression
                )

    sums = watched(aws, work).sums()
    assert sums == {("ConditionalCheckFailedRequests", "measured"): 1, ("UserErrors",): 1}


def test_a_transaction_counts_for_each_of_its_tables(aws: Served, dynamodb: Any) -> None:
    make_table(dynamodb, "other")

    def work() -> None:
        items = [
            {"Put": {"TableName": name, "Item": {"pk": {"S": "t"}}}}
            for name in ("measured", "other")
        ]
        dynamodb.transact_write_items(TransactItems=items)

    sums = watched(aws, work).sums()
    tables = {key[-1] for key in sums if key[0] == "SuccessfulRequestLatency"}
    assert tables == {"measured", "other"}
    assert sums["ConsumedWriteCapacityUnits", "other"] == 1


def test_a_watcher_that_fails_does_not_fail_the_call(
    aws: Served, dynamodb: Any, caplog: pytest.LogCaptureFixture
) -> None:
    async def fail(_call: AnsweredCall) -> None:
        raise RuntimeError("on purpose")

    aws.endpoint.watch("dynamodb", fail)
    dynamodb.get_item(TableName="measured", Key={"pk": {"S": "a"}})
    assert "a watcher failed" in caplog.text


def test_publications_and_who_gets_them_by_mail(aws: Served) -> None:
    seen: list[Publication] = []

    async def see(call: AnsweredCall) -> None:
        seen.extend(publications(call))

    aws.endpoint.watch("sns", see)
    sns = aws.client("sns")
    arn = sns.create_topic(Name="news")["TopicArn"]
    for protocol, endpoint in (("email", "a@example.com"), ("email-json", "b@example.com")):
        sns.subscribe(TopicArn=arn, Protocol=protocol, Endpoint=endpoint)
    answer = sns.publish(TopicArn=arn, Subject="S", Message="plain & ä")
    structured = '{"default": "for all", "email": "for people"}'
    sns.publish_batch(
        TopicArn=arn,
        PublishBatchRequestEntries=[
            {"Id": "x", "Message": "one"},
            {"Id": "y", "Message": structured, "MessageStructure": "json", "Subject": "two"},
        ],
    )
    with pytest.raises(ClientError):
        sns.publish(TopicArn=f"{arn}-unknown", Message="lost")
    assert seen[0] == Publication(arn, answer["MessageId"], "S", {"default": "plain & ä"})
    assert [(it.subject, it.messages.get("email")) for it in seen[1:]] == [
        ("", None),
        ("two", "for people"),
    ]
    subscriptions = aws.run(EmailSubscriptions(aws.services.send, REGION).of(arn))
    assert [(it.protocol, it.endpoint) for it in subscriptions] == [
        ("email", "a@example.com"),
        ("email-json", "b@example.com"),
    ]
    assert all(it.arn.startswith(arn) for it in subscriptions)


def test_queues_are_measured(aws: Served) -> None:
    sqs = aws.client("sqs")
    url = sqs.create_queue(QueueName="measured")["QueueUrl"]
    metrics = QueueMetrics(aws.services.send, REGION, SystemClock())

    def measured() -> dict[str, float]:
        data = aws.run(metrics.measure())
        return {it.name: it.value for it in data if it.dimensions == (("QueueName", "measured"),)}

    assert measured()["ApproximateNumberOfMessagesVisible"] == 0
    for body in "ab":
        sqs.send_message(QueueUrl=url, MessageBody=body)
    sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=1)
    first = measured()
    assert first["ApproximateNumberOfMessagesVisible"] == 1
    assert first["ApproximateNumberOfMessagesNotVisible"] == 1
    assert measured()["ApproximateAgeOfOldestMessage"] > first["ApproximateAgeOfOldestMessage"]
    sqs.purge_queue(QueueUrl=url)
    assert measured()["ApproximateAgeOfOldestMessage"] == 0
