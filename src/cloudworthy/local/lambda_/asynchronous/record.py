"""What Lambda tells others about an event that is over."""

from __future__ import annotations

import json
from datetime import datetime

from cloudworthy.local.lambda_.asynchronous.event import Event
from cloudworthy.local.model.functions import Function

_ERROR_MESSAGE_BYTES = 1024
_THROTTLED = ("429", "Rate Exceeded.")


def invocation_record(event: Event, function: Function, now: datetime) -> bytes:
    """The JSON document that destinations get.

    Payloads stand in it as they are, so that no number changes on the way.

    Source: recorded on AWS 2024-03-21 and 2025-11-25 (lambda-async-006, lambda-invoke-017).
    """
    context = {
        "requestId": event.request_id,
        "functionArn": f"{function.arn}:{event.qualifier or '$LATEST'}",
        "condition": event.condition,
        "approximateInvokeCount": event.attempts,
    }
    members = [
        ("version", b'"1.0"'),
        ("timestamp", _json(f"{now:%Y-%m-%dT%H:%M:%S}.{now.microsecond // 1000:03d}Z")),
        ("requestContext", _json(context)),
        ("requestPayload", event.payload),
    ]
    answer = event.answer
    if answer is not None:
        response = {"statusCode": 200, "executedVersion": answer.executed_version}
        if answer.function_error:
            response["functionError"] = answer.function_error
        members += [("responseContext", _json(response)), ("responsePayload", answer.payload)]
    return b"{" + b",".join(_json(name) + b":" + value for name, value in members) + b"}"


def dead_letter_attributes(event: Event) -> dict[str, tuple[str, str]]:
    """Name to data type and value of what goes with the event to a dead-letter queue.

    Source: developer guide, "Dead-letter queue message attributes" (documented); code and
    types recorded on AWS 2024-03-21. What an event that never ran gets is assumed.
    """
    code, message = _THROTTLED if event.answer is None else ("200", _error_message(event))
    attributes = {"RequestID": ("String", event.request_id), "ErrorCode": ("Number", code)}
    if message:
        attributes["ErrorMessage"] = ("String", message)
    return attributes


def _error_message(event: Event) -> str:
    try:
        error = json.loads(event.answer.payload) if event.answer else {}
    except ValueError:
        return ""
    message = str(error.get("errorMessage", "")) if isinstance(error, dict) else ""
    return message.encode()[:_ERROR_MESSAGE_BYTES].decode(errors="ignore")


def _json(value: object) -> bytes:
    return json.dumps(value, separators=(",", ":")).encode()
