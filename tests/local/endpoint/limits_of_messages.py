"""Calls of SQS and SNS at their limits and beyond."""

from __future__ import annotations

import json
from typing import Any

from local.endpoint.limits_clients import Call, Refused

MIB = 1_048_576


def sqs(operation: str, **parameters: Any) -> Call:
    return lambda c: getattr(c.sqs, operation)(QueueUrl=c.queue, **parameters)


def new_queue(**attributes: str) -> Call:
    name = "-".join([*attributes, *attributes.values()])[:80]
    return lambda c: c.sqs.create_queue(QueueName=name, Attributes=attributes)


def redrive(count: int) -> Call:
    arn = "arn:aws:sqs:eu-central-1:000000000000:limits"
    policy = json.dumps({"deadLetterTargetArn": arn, "maxReceiveCount": count})
    return lambda c: c.sqs.create_queue(
        QueueName=f"redrive-{count}", Attributes={"RedrivePolicy": policy}
    )


def publish(**parameters: Any) -> Call:
    return lambda c: c.sns.publish(TopicArn=c.topic, **parameters)


def publish_batch(*messages: str) -> Call:
    entries = [{"Id": f"{number}", "Message": it} for number, it in enumerate(messages)]
    return lambda c: c.sns.publish_batch(TopicArn=c.topic, PublishBatchRequestEntries=entries)


def attributes(number: int, length: int = 1) -> dict[str, Any]:
    return {
        f"a{each:02}": {"DataType": "String", "StringValue": "y" * length} for each in range(number)
    }


def batch(number: int, **of_each: Any) -> list[dict[str, Any]]:
    return [{"Id": f"{each}", **of_each} for each in range(number)]


WITHIN: dict[str, Call] = {
    "sqs-message": sqs("send_message", MessageBody="x" * MIB),
    "sqs-attributes": sqs("send_message", MessageBody="x", MessageAttributes=attributes(10)),
    "sqs-delay": sqs("send_message", MessageBody="x", DelaySeconds=900),
    "sqs-batch": sqs("send_message_batch", Entries=batch(10, MessageBody="x")),
    "sqs-receive": sqs("receive_message", MaxNumberOfMessages=10, VisibilityTimeout=0),
    "sqs-redrive": redrive(1000),
    "sqs-queue": new_queue(VisibilityTimeout="43200", MaximumMessageSize="1048576"),
    "sns-message": publish(Message="x" * 262_144, Subject="s" * 100),
    "sns-batch": publish_batch("x" * 131_072, "x" * 131_072),
}
BEYOND: dict[str, Refused] = {
    "sqs-message": (
        sqs("send_message", MessageBody="x" * (MIB + 1)),
        "InvalidParameterValue",
        "Reason: Message must be shorter than 1048576 bytes.",
    ),
    "sqs-message-with-attributes": (
        sqs("send_message", MessageBody="x" * (MIB - 9), MessageAttributes=attributes(1)),
        "InvalidParameterValue",
        "Reason: Message must be shorter than 1048576 bytes.",
    ),
    "sqs-empty": (sqs("send_message", MessageBody=""), "MissingParameter", "MessageBody"),
    "sqs-characters": (
        sqs("send_message", MessageBody="a\x01"),
        "InvalidMessageContents",
        "Invalid characters found.",
    ),
    "sqs-attributes": (
        sqs("send_message", MessageBody="x", MessageAttributes=attributes(11)),
        "InvalidParameterValue",
        "Number of message attributes [11] exceeds the allowed maximum [10].",
    ),
    "sqs-delay": (
        sqs("send_message", MessageBody="x", DelaySeconds=901),
        "InvalidParameterValue",
        "Value 901 for parameter DelaySeconds is invalid.",
    ),
    "sqs-delay-below": (
        sqs("send_message", MessageBody="x", DelaySeconds=-1),
        "InvalidParameterValue",
        "Value -1 for parameter DelaySeconds is invalid.",
    ),
    "sqs-batch": (
        sqs("send_message_batch", Entries=batch(11, MessageBody="x")),
        "AWS.SimpleQueueService.TooManyEntriesInBatchRequest",
        "Maximum number of entries per request are 10. You have sent 11.",
    ),
    "sqs-batch-size": (
        sqs("send_message_batch", Entries=batch(4, MessageBody="x" * 300_000)),
        "AWS.SimpleQueueService.BatchRequestTooLong",
        "You have sent 1200000 bytes.",
    ),
    "sqs-delete-batch": (
        sqs("delete_message_batch", Entries=batch(11, ReceiptHandle="h")),
        "AWS.SimpleQueueService.TooManyEntriesInBatchRequest",
        "You have sent 11.",
    ),
    "sqs-visibility-batch": (
        sqs(
            "change_message_visibility_batch",
            Entries=batch(11, ReceiptHandle="h", VisibilityTimeout=1),
        ),
        "AWS.SimpleQueueService.TooManyEntriesInBatchRequest",
        "You have sent 11.",
    ),
    "sqs-receive": (
        sqs("receive_message", MaxNumberOfMessages=11),
        "InvalidParameterValue",
        "Value 11 for parameter MaxNumberOfMessages is invalid. Reason: Must be between 1 and 10",
    ),
    "sqs-wait": (
        sqs("receive_message", WaitTimeSeconds=21),
        "InvalidParameterValue",
        "Value 21 for parameter WaitTimeSeconds is invalid.",
    ),
    "sqs-visibility": (
        sqs("change_message_visibility", ReceiptHandle="h", VisibilityTimeout=43_201),
        "InvalidParameterValue",
        "Value 43201 for parameter VisibilityTimeout is invalid.",
    ),
    "sqs-visibility-below": (
        sqs("change_message_visibility", ReceiptHandle="h", VisibilityTimeout=-1),
        "InvalidParameterValue",
        "Value -1 for parameter VisibilityTimeout is invalid.",
    ),
    "sqs-redrive": (redrive(1001), "InvalidParameterValue", "from 1 to 1000 both inclusive"),
    "sqs-redrive-0": (redrive(0), "InvalidParameterValue", "from 1 to 1000 both inclusive"),
    **{
        f"sqs-queue-{name}": (
            new_queue(**{name: value}),
            "InvalidAttributeValue",
            f"Invalid value for the parameter {name}.",
        )
        for name, value in (
            ("DelaySeconds", "901"),
            ("MaximumMessageSize", "1048577"),
            ("MessageRetentionPeriod", "59"),
            ("ReceiveMessageWaitTimeSeconds", "21"),
            ("VisibilityTimeout", "43201"),
        )
    },
    "sqs-set-attributes": (
        sqs("set_queue_attributes", Attributes={"VisibilityTimeout": "43201"}),
        "InvalidAttributeValue",
        "Invalid value for the parameter VisibilityTimeout.",
    ),
    "sns-message": (
        publish(Message="x" * 262_145),
        "InvalidParameter",
        "Invalid parameter: Message too long",
    ),
    "sns-message-with-attributes": (
        publish(Message="x" * 262_135, MessageAttributes=attributes(1)),
        "InvalidParameter",
        "Invalid parameter: Message too long",
    ),
    "sns-empty": (publish(Message=""), "InvalidParameter", "Invalid parameter: Empty message"),
    "sns-subject": (publish(Message="x", Subject="s" * 101), "InvalidParameter", "Subject"),
    "sns-batch": (
        publish_batch("x" * 131_072, "x" * 131_073),
        "BatchRequestTooLong",
        "more than the limit",
    ),
}
