"""SQS and SNS through the runtime's AWS endpoint, compared with what AWS answered."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from facts.facts import fact, ids_of_areas
from local.endpoint.served import PERSON, Served, served

NOT_COVERED = {
    "sns-001": "a topic that calls a function: event sources are not there yet",
    "sns-009": "a topic that calls a function: event sources are not there yet",
}


@pytest.fixture(scope="module")
def aws(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with served(tmp_path_factory.mktemp("aws")) as system:
        yield system


@pytest.fixture(scope="module")
def sqs(aws: Served) -> Any:
    return aws.client("sqs", PERSON)


@pytest.fixture(scope="module")
def sns(aws: Served) -> Any:
    return aws.client("sns", PERSON)


@pytest.fixture
def queue(sqs: Any) -> str:
    return str(sqs.create_queue(QueueName=f"queue-{uuid.uuid4()}")["QueueUrl"])


@pytest.fixture
def fifo(sqs: Any) -> str:
    attributes = {"FifoQueue": "true", "ContentBasedDeduplication": "true"}
    made = sqs.create_queue(QueueName=f"queue-{uuid.uuid4()}.fifo", Attributes=attributes)
    return str(made["QueueUrl"])


@pytest.fixture
def topic(sns: Any) -> str:
    return str(sns.create_topic(Name=f"topic-{uuid.uuid4()}")["TopicArn"])


def assert_refused(raised: pytest.ExceptionInfo[ClientError], expect: Any) -> None:
    error: Any = raised.value.response
    assert error["Error"]["Code"] == expect["error"]
    assert error["ResponseMetadata"]["HTTPStatusCode"] == expect.get("status", 400)
    assert error["Error"]["Message"] == expect.get("message", error["Error"]["Message"])


def test_a_batch_of_too_many_messages(sqs: Any, queue: str) -> None:
    entries = [{"Id": str(number), "MessageBody": "x"} for number in range(20)]
    with pytest.raises(ClientError) as raised:
        sqs.send_message_batch(QueueUrl=queue, Entries=entries)
    assert_refused(raised, fact("sqs-003").expect)


def test_a_message_of_no_group(sqs: Any, fifo: str) -> None:
    with pytest.raises(ClientError) as raised:
        sqs.send_message(QueueUrl=fifo, MessageBody="x")
    assert_refused(raised, fact("sqs-005").expect)


def test_a_message_that_is_to_wait_in_a_queue_that_keeps_the_order(sqs: Any, fifo: str) -> None:
    with pytest.raises(ClientError) as raised:
        sqs.send_message(QueueUrl=fifo, MessageBody="x", MessageGroupId="g", DelaySeconds=2)
    assert_refused(raised, fact("sqs-006").expect)


def test_a_name_that_a_queue_of_other_attributes_has(sqs: Any) -> None:
    name = f"queue-{uuid.uuid4()}"
    sqs.create_queue(QueueName=name, Attributes={"VisibilityTimeout": "10"})
    with pytest.raises(ClientError) as raised:
        sqs.create_queue(QueueName=name, Attributes={"VisibilityTimeout": "20"})
    assert_refused(raised, fact("sqs-008").expect)


def test_an_empty_queue(sqs: Any, queue: str) -> None:
    assert fact("sqs-009").expect["Messages"].startswith("key absent")
    assert "Messages" not in sqs.receive_message(QueueUrl=queue)


def test_what_a_topic_sends_to_a_queue(sqs: Any, sns: Any, queue: str, topic: str) -> None:
    expect = fact("sns-002").expect
    asked = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])
    arn = asked["Attributes"]["QueueArn"]
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn)
    sns.publish(TopicArn=topic, Message="hello")
    (message,) = sqs.receive_message(QueueUrl=queue, WaitTimeSeconds=5)["Messages"]
    # The engine sorts the keys; to a reader of JSON their order says nothing.
    assert set(json.loads(message["Body"])) == set(expect["sqs_body_keys_in_order"])


def test_an_empty_message(sns: Any, topic: str) -> None:
    with pytest.raises(ClientError) as raised:
        sns.publish(TopicArn=topic, Message="")
    assert_refused(raised, fact("sns-005").expect)


def test_a_message_for_each_protocol_without_a_default(sns: Any, topic: str) -> None:
    message = json.dumps({"sqs": "x"})
    with pytest.raises(ClientError) as raised:
        sns.publish(TopicArn=topic, Message=message, MessageStructure="json")
    assert_refused(raised, fact("sns-007").expect)


def test_a_topic_that_is_not_there(sns: Any, topic: str) -> None:
    with pytest.raises(ClientError) as raised:
        sns.publish(TopicArn=f"{topic}-not", Message="x")
    assert_refused(raised, fact("sns-008").expect)


def test_every_fact_is_tested_or_has_a_reason() -> None:
    text = Path(__file__).read_text("utf-8").partition("@pytest")[2]
    left = {each for each in ids_of_areas(["sqs", "sns"]) if f'"{each}"' not in text}
    assert left == set(NOT_COVERED)
