"""Amazon SQS.

Sources: SQS developer guide, "Message quotas"; SQS API reference, ``SendMessage``,
``SetQueueAttributes``, ``ChangeMessageVisibility``, ``ReceiveMessage`` (documented). The texts are
those that other emulators of SQS and their tests against AWS have recorded.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from cloudworthy.local.endpoint.call import AwsError
from cloudworthy.local.endpoint.limits.documents import document_of, entries, mapping, size
from cloudworthy.local.model.http import Request

MOST_MESSAGE_BYTES: Final = 1_048_576
"""Source: SQS developer guide, as of August 2025 (documented)."""
_MOST_ATTRIBUTES: Final = 10
_MOST_ENTRIES: Final = 10
_INVALID: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_INVALID_TEXT: Final = (
    "Invalid characters found. Valid unicode characters are #x9 | #xA | #xD | #x20 to #xD7FF | "
    "#xE000 to #xFFFD | #x10000 to #x10FFFF"
)
_PARAMETERS: Final = {
    "DelaySeconds": (0, 900, "DelaySeconds must be >= 0 and <= 900."),
    "MaxNumberOfMessages": (1, 10, "Must be between 1 and 10, if provided."),
    "VisibilityTimeout": (0, 43_200, "Must be >= 0 and <= 43200, if provided."),
    "WaitTimeSeconds": (0, 20, "Must be >= 0 and <= 20, if provided."),
}
_QUEUE_ATTRIBUTES: Final = {
    "DelaySeconds": (0, 900),
    "MaximumMessageSize": (1_024, MOST_MESSAGE_BYTES),
    "MessageRetentionPeriod": (60, 1_209_600),
    "ReceiveMessageWaitTimeSeconds": (0, 20),
    "VisibilityTimeout": (0, 43_200),
}
_BATCHES: Final = frozenset(
    {"ChangeMessageVisibilityBatch", "DeleteMessageBatch", "SendMessageBatch"}
)


def check_sqs(request: Request, operation: str) -> None:
    """Requests of the JSON protocol; see ``check_limits``."""
    if request.header("x-amz-target") is None:
        return
    document = document_of(request)
    if operation in ("CreateQueue", "SetQueueAttributes"):
        _check_queue(mapping(document.get("Attributes")))
    elif operation in _BATCHES:
        _check_batch(document)
    else:
        _check_parameters(document)
        if operation == "SendMessage":
            _check_message(document)


def _check_queue(attributes: Mapping[str, Any]) -> None:
    for name, (least, most) in _QUEUE_ATTRIBUTES.items():
        value = attributes.get(name)
        if value is not None and not _is_within(value, least, most):
            message = f"Invalid value for the parameter {name}."
            raise AwsError("InvalidAttributeValue", message, 400)
    policy = attributes.get("RedrivePolicy")
    count = _receive_count(policy)
    if count is not None and not _is_within(count, 1, 1_000):
        raise _invalid(
            f"Value {policy} for parameter RedrivePolicy is invalid. Reason: Invalid value for "
            f"maxReceiveCount: {count}, valid values are from 1 to 1000 both inclusive."
        )


def _receive_count(policy: object) -> object:
    try:
        return mapping(json.loads(str(policy))).get("maxReceiveCount")
    except ValueError:
        return None


def _check_batch(document: Mapping[str, Any]) -> None:
    """What is wrong with one entry is told in its own result, by the engine."""
    found = entries(document.get("Entries"))
    if len(found) > _MOST_ENTRIES:
        raise AwsError(
            "AWS.SimpleQueueService.TooManyEntriesInBatchRequest",
            f"Maximum number of entries per request are {_MOST_ENTRIES}. "
            f"You have sent {len(found)}.",
            400,
        )
    total = sum(_message_bytes(entry) for entry in found)
    if total > MOST_MESSAGE_BYTES:
        raise AwsError(
            "AWS.SimpleQueueService.BatchRequestTooLong",
            f"Batch requests cannot be longer than {MOST_MESSAGE_BYTES} bytes. "
            f"You have sent {total} bytes.",
            400,
        )


def _check_parameters(document: Mapping[str, Any]) -> None:
    for name, (least, most, reason) in _PARAMETERS.items():
        value = document.get(name)
        if value is not None and not _is_within(value, least, most):
            raise _invalid(f"Value {value} for parameter {name} is invalid. Reason: {reason}")


def _check_message(document: Mapping[str, Any]) -> None:
    body, attributes = document.get("MessageBody"), mapping(document.get("MessageAttributes"))
    if body == "":
        message = "The request must contain the parameter MessageBody."
        raise AwsError("MissingParameter", message, 400)
    if isinstance(body, str) and _INVALID.search(body):
        raise AwsError("InvalidMessageContents", _INVALID_TEXT, 400)
    if len(attributes) > _MOST_ATTRIBUTES:
        raise _invalid(
            f"Number of message attributes [{len(attributes)}] exceeds the allowed maximum "
            f"[{_MOST_ATTRIBUTES}]."
        )
    if _message_bytes(document) > MOST_MESSAGE_BYTES:
        raise _invalid(
            "One or more parameters are invalid. Reason: Message must be shorter than "
            f"{MOST_MESSAGE_BYTES} bytes."
        )


def _message_bytes(message: Mapping[str, Any]) -> int:
    """Body and attributes: their names, types and values."""
    return size(message.get("MessageBody")) + sum(
        _attribute_bytes(message.get("MessageAttributes"))
    )


def _attribute_bytes(attributes: object) -> Iterator[int]:
    for name, attribute in mapping(attributes).items():
        binary = attribute.get("BinaryValue") if isinstance(attribute, dict) else None
        values = mapping(attribute)
        yield size(name) + size(values.get("DataType")) + size(values.get("StringValue"))
        yield len(binary) * 3 // 4 if isinstance(binary, str) else 0


def _is_within(value: object, least: int, most: int) -> bool:
    try:
        return least <= int(str(value)) <= most
    except ValueError:
        return False


def _invalid(message: str) -> AwsError:
    return AwsError("InvalidParameterValue", message, 400)
